"""Ollama's own interface against a real server on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.fakes.http_server import Answer, Call, HttpServer, Move, Step, json_answer
from voxelle.contracts.llm import ChatMessage, ChatRequest, ChatRole
from voxelle.contracts.provider import Limits
from voxelle.domain.errors import SetupError, TemporaryError
from voxelle.kernel.clock import SystemClock
from voxelle.kernel.tasks import TaskScope
from voxelle.providers.llm import lines as lines_module
from voxelle.providers.llm.ollama import OllamaModel
from voxelle.providers.remote import RemoteServer

ONCE = Limits(attempts=1)
HELLO = ChatRequest((ChatMessage(ChatRole.SYSTEM, "You are Mira."), ChatMessage(ChatRole.USER, "hi")), max_tokens=40, seed=3)


def lines(*texts: str, is_whole: bool = True) -> list[Step]:
    parts: list[dict[str, Any]] = [{"message": {"role": "assistant", "content": "", "thinking": "secret"}, "done": False}]
    parts += [{"message": {"role": "assistant", "content": text}, "done": False} for text in texts]
    if is_whole:
        parts.append({"message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "stop"})
    return [(json.dumps(part, ensure_ascii=False) + "\n").encode() for part in parts]


def stream(*steps: Step, **options: Any) -> Answer:
    return Answer(steps, content_type="application/x-ndjson", **options)


@asynccontextmanager
async def model_at(server: HttpServer, path: str = "", limits: Limits = ONCE) -> AsyncGenerator[OllamaModel, None]:
    model = OllamaModel(SystemClock(), lambda: RemoteServer(server.url + path, "qwen:1b"), limits)
    try:
        yield model
    finally:
        await model.close()


async def text_of(model: OllamaModel) -> str:
    return "".join([delta.text async for delta in model.stream(HELLO)])


@pytest.mark.parametrize("path", ["", "/", "/v1", "/v1/", "/api/"])
async def test_a_reply_streams_through_torn_characters_from_an_address_as_people_paste_it(path: str) -> None:
    whole = b"\n".join(step for step in lines("[joy] こん", "にちは\u2028🎮") if isinstance(step, bytes))
    async with HttpServer(stream(*(bytes([byte]) for byte in whole))) as server, model_at(server, path) as model:
        assert await text_of(model) == "[joy] こんにちは\u2028🎮"
        (call,) = server.calls
    assert call.path == "/api/chat"
    body = call.json()
    assert body["think"] is False
    assert body["options"] == {"num_predict": 40, "temperature": 0.8, "top_p": 0.9, "seed": 3}


async def test_a_last_line_without_an_end_is_read_too() -> None:
    whole = b"".join(step for step in lines("Hi") if isinstance(step, bytes)).rstrip()
    async with HttpServer(stream(whole)) as server, model_at(server) as model:
        assert await text_of(model) == "Hi"


async def test_a_model_that_knows_no_reasoning_is_asked_without_from_then_on() -> None:
    def respond(call: Call) -> Answer:
        if "think" in call.json():
            return json_answer({"error": '"qwen:1b" does not support thinking'}, 400)
        return stream(*lines("Hi"))

    async with HttpServer(respond=respond) as server, model_at(server) as model:
        assert await text_of(model) == "Hi"
        assert await text_of(model) == "Hi"
        assert len(server.calls) == 3


@pytest.mark.parametrize(
    "answer, kind, words",
    [
        (json_answer({"error": "model 'qwen:1b' not found"}, 404), SetupError, "ollama pull qwen:1b"),
        (json_answer({"error": "thinking value is wrong"}, 400), SetupError, "does not accept"),
        (json_answer({"error": "model requires more system memory"}, 500), TemporaryError, "not enough memory"),
        (json_answer({}, 503), TemporaryError, "fault of its own"),
        (stream('{"error": "model \'qwen:1b\' not found"}\n'), SetupError, "ollama pull"),
        (stream('{"error": "an error was encountered"}\n'), TemporaryError, "fault of its own"),
        (stream("<html>\n"), TemporaryError, "broke off"),
        (stream("[1]\n"), TemporaryError, "broke off"),
        (stream(*lines("Hi", is_whole=False)), TemporaryError, "broke off"),
        (stream(*lines("Hi", is_whole=False), Move.DROP), TemporaryError, "broke off"),
        (stream(*lines("Hi", is_whole=False), is_chunked=False), TemporaryError, "broke off"),
    ],
)
async def test_a_failure_says_what_helps(answer: Answer, kind: type[Exception], words: str) -> None:
    async with HttpServer(answer) as server, model_at(server) as model:
        with pytest.raises(kind, match=words):
            await text_of(model)


async def test_a_line_without_end_is_not_kept_in_memory_forever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines_module, "LONGEST_LINE", 100)
    async with HttpServer(stream("x" * 80, "x" * 80, Move.HANG)) as server, model_at(server) as model:
        with pytest.raises(TemporaryError, match="without an end"):
            await text_of(model)


async def test_nobody_there_is_temporary_and_no_model_a_setup_error() -> None:
    async with HttpServer() as server:
        url = server.url
    for name, kind in (("m", TemporaryError), ("", SetupError)):
        model = OllamaModel(SystemClock(), lambda name=name: RemoteServer(url, name), ONCE)  # type: ignore[misc]
        with pytest.raises(kind):
            await text_of(model)
        with pytest.raises(kind):
            await model.probe()
        await model.close()


async def test_closing_the_stream_closes_the_connection() -> None:
    async with HttpServer(stream(*lines("One ", is_whole=False), Move.HANG)) as server, model_at(server) as model:
        reply = model.stream(HELLO)
        assert (await anext(reply)).text == "One "
        await server.reached.wait()
        await reply.aclose()
        await server.abandoned.wait()


async def test_a_slow_server_is_given_up() -> None:
    limits = Limits(first_item_s=0.05, attempts=1)
    async with HttpServer(stream(Move.HANG)) as server, model_at(server, limits=limits) as model:
        with pytest.raises(TemporaryError, match="did not answer within"):
            await text_of(model)


async def test_cancelling_before_the_first_piece_closes_the_connection() -> None:
    async with HttpServer(stream(Move.HANG)) as server, model_at(server) as model, TaskScope("test") as scope:
        task = scope.start(text_of(model), name="reply", is_awaited=True)
        await server.reached.wait()
        task.cancel()
        await server.abandoned.wait()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_warming_asks_for_one_token_and_a_probe_for_the_model() -> None:
    async with (
        HttpServer(stream(*lines("H")), json_answer({"details": {}}), json_answer({"error": "not found"}, 404)) as server,
        model_at(server) as model,
    ):
        await model.warm(HELLO)
        assert server.calls[0].json()["options"]["num_predict"] == 1
        await model.probe()
        assert (server.calls[1].path, server.calls[1].json()) == ("/api/show", {"model": "qwen:1b"})
        with pytest.raises(SetupError, match="ollama pull"):
            await model.probe()


async def test_another_address_applies_to_the_next_request() -> None:
    async with HttpServer(stream(*lines("first"))) as one, HttpServer(stream(*lines("second"))) as two:
        current = RemoteServer(one.url, "m")
        model = OllamaModel(SystemClock(), lambda: current, ONCE)
        assert await text_of(model) == "first"
        current = RemoteServer(two.url, "m")
        assert await text_of(model) == "second"
        await model.close()
