"""Anthropic's interface against a real server on loopback."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.fakes.http_server import Answer, HttpServer, Move, Step, json_answer
from voxelle.contracts.llm import ChatMessage, ChatRequest, ChatRole
from voxelle.contracts.provider import Limits
from voxelle.domain.errors import AuthError, SetupError, TemporaryError
from voxelle.kernel.clock import SystemClock
from voxelle.providers.llm.anthropic import AnthropicModel
from voxelle.providers.remote import RemoteServer

ONCE = Limits(attempts=1)
HELLO = ChatRequest(
    (
        ChatMessage(ChatRole.SYSTEM, "You are Mira."),
        ChatMessage(ChatRole.ASSISTANT, "[joy] Hello!"),
        ChatMessage(ChatRole.USER, "pete: hi"),
        ChatMessage(ChatRole.SYSTEM, "A raid happened."),
        ChatMessage(ChatRole.USER, " "),
        ChatMessage(ChatRole.ASSISTANT, "Hey."),
    )
)


def events(*texts: str, is_whole: bool = True) -> list[Step]:
    found: list[dict[str, Any]] = [
        {"type": "message_start", "message": {"id": "m", "type": "message", "role": "assistant", "content": [], "model": "m", "usage": {}}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "secret"}},
        {"type": "ping"},
        {"type": "something_new", "index": 0},
        *({"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": text}} for text in texts),
    ]
    if is_whole:
        found += [{"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {}}, {"type": "message_stop"}]
    return [f"event: {each['type']}\ndata: {json.dumps(each, ensure_ascii=False)}\n\n".encode() for each in found]


def stream(*steps: Step) -> Answer:
    return Answer(steps, content_type="text/event-stream")


@asynccontextmanager
async def model_at(server: HttpServer, key: str = "key-1") -> AsyncGenerator[AnthropicModel, None]:
    async def get_key() -> str:
        return key

    model = AnthropicModel(SystemClock(), lambda: RemoteServer(server.url + "/v1/", "large-model"), get_key, ONCE)
    try:
        yield model
    finally:
        await model.close()


async def text_of(model: AnthropicModel) -> str:
    return "".join([delta.text async for delta in model.stream(HELLO)])


async def test_a_reply_streams_without_its_reasoning() -> None:
    whole = b"".join(step for step in events("[joy] こん", "", "にちは 🎮") if isinstance(step, bytes))
    async with HttpServer(stream(*(bytes([byte]) for byte in whole))) as server, model_at(server) as model:
        assert await text_of(model) == "[joy] こんにちは 🎮"


async def test_the_system_text_goes_apart_and_the_turns_alternate() -> None:
    async with HttpServer(stream(*events("Hi"))) as server, model_at(server) as model:
        await text_of(model)
        (call,) = server.calls
    assert call.path == "/v1/messages"
    assert call.headers["authorization"] == "Bearer key-1"
    body = call.json()
    assert body["system"] == "You are Mira."
    assert [message["role"] for message in body["messages"]] == ["user", "assistant", "user", "assistant", "user"]
    assert body["messages"][2]["content"] == "pete: hi\nA raid happened."
    assert not {"temperature", "top_p"} & set(body)


@pytest.mark.parametrize(
    "status, body, kind, words",
    [
        (401, {"type": "error", "error": {"type": "authentication_error", "message": "x"}}, AuthError, "refused the key"),
        (403, {"type": "error", "error": {"type": "permission_error", "message": "x"}}, AuthError, "refused the key"),
        (400, {"type": "error", "error": {"message": "Your credit balance is too low"}}, AuthError, "no credit"),
        (404, {"type": "error", "error": {"type": "not_found_error", "message": "model: large-model"}}, SetupError, "large-model"),
        (529, {"type": "error", "error": {"type": "overloaded_error", "message": "x"}}, TemporaryError, "fault"),
        (429, {"type": "error", "error": {"type": "rate_limit_error", "message": "x"}}, TemporaryError, "busy"),
    ],
)
async def test_a_refusal_says_what_helps(status: int, body: dict[str, Any], kind: type[Exception], words: str) -> None:
    async with HttpServer(json_answer(body, status, retry_after="3")) as server, model_at(server) as model:
        with pytest.raises(kind, match=words) as caught:
            await text_of(model)
        assert len(server.calls) == 1
    if isinstance(caught.value, TemporaryError):
        assert caught.value.retry_after_s == 3.0


async def test_an_error_in_the_middle_of_the_stream_is_temporary() -> None:
    error = b'event: error\ndata: {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}\n\n'
    async with HttpServer(stream(*events("Hi ", is_whole=False), error)) as server, model_at(server) as model:
        with pytest.raises(TemporaryError):
            await text_of(model)


async def test_a_drop_in_the_middle_is_temporary() -> None:
    async with HttpServer(stream(*events("Hi ", is_whole=False), Move.DROP)) as server, model_at(server) as model:
        with pytest.raises(TemporaryError):
            await text_of(model)


async def test_an_end_without_a_goodbye_is_an_end() -> None:
    async with HttpServer(stream(*events("Hi.", is_whole=False))) as server, model_at(server) as model:
        assert await text_of(model) == "Hi."


async def test_closing_the_stream_closes_the_connection() -> None:
    async with HttpServer(stream(*events("One ", is_whole=False), Move.HANG)) as server, model_at(server) as model:
        reply = model.stream(HELLO)
        assert (await anext(reply)).text == "One "
        await server.reached.wait()
        await reply.aclose()
        await server.abandoned.wait()


async def test_a_probe_asks_for_the_models() -> None:
    async with HttpServer(json_answer({"data": [], "has_more": False}), json_answer({}, 401)) as server, model_at(server) as model:
        await model.probe()
        assert server.calls[0].path == "/v1/models?limit=1"
        with pytest.raises(AuthError):
            await model.probe()


async def test_the_public_address_needs_a_key_and_one_of_your_own_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "of-somebody-else")

    async def no_key() -> str:
        return ""

    public = AnthropicModel(SystemClock(), lambda: RemoteServer("https://api.anthropic.com", "large-model"), no_key)
    with pytest.raises(AuthError, match="needs a key"):
        await public.open()
    await public.close()
    async with HttpServer(stream(*events("Hi"))) as server, model_at(server, key="") as model:
        assert await text_of(model) == "Hi"
        assert "somebody-else" not in str(server.calls[0].headers)


async def test_no_model_is_a_setup_error() -> None:
    async def get_key() -> str:
        return "key"

    model = AnthropicModel(SystemClock(), lambda: RemoteServer("http://127.0.0.1:9", ""), get_key)
    with pytest.raises(SetupError, match="name of the"):
        await model.open()
    await model.close()
