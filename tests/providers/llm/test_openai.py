"""The OpenAI chat interface against a real server on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import pytest

from tests.fakes.http_server import Answer, Call, HttpServer, Move, Step, json_answer, sse
from voxelle.contracts.llm import ChatMessage, ChatRequest, ChatRole
from voxelle.contracts.provider import Limits
from voxelle.domain.errors import AuthError, SetupError, TemporaryError
from voxelle.kernel.clock import SystemClock
from voxelle.kernel.tasks import TaskScope
from voxelle.providers.llm.openai import OpenAiModel
from voxelle.providers.remote import RemoteServer

STREAM = "text/event-stream"
ONCE = Limits(attempts=1)
HELLO = ChatRequest((ChatMessage(ChatRole.SYSTEM, "You are Mira."), ChatMessage(ChatRole.USER, "pete: hi")))


def piece(content: Any, finish: str | None = None, **more: Any) -> dict[str, Any]:
    return {
        "id": "x",
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": {"content": content, **more}, "finish_reason": finish}],
    }


def stream(*steps: Step, **options: Any) -> Answer:
    return Answer(steps, content_type=STREAM, **options)


@asynccontextmanager
async def model_at(server: HttpServer, key: str = "", path: str = "/v1", limits: Limits = ONCE) -> AsyncGenerator[OpenAiModel, None]:
    async def get_key() -> str:
        return key

    model = OpenAiModel(SystemClock(), lambda: RemoteServer(server.url + path, "small-model"), get_key, limits)
    try:
        yield model
    finally:
        await model.close()


async def text_of(model: OpenAiModel, request: ChatRequest = HELLO) -> str:
    return "".join([delta.text async for delta in model.stream(request)])


async def test_a_reply_streams_through_split_characters_comments_and_keep_alives() -> None:
    whole = b"".join(
        [*sse(piece("[joy] Kon"), done=False), b": keep-alive\n\n", b"\n", *sse(piece("nichiwa こん🎮 \u2028end"), piece("", "stop"))]
    )
    # Every byte is a chunk of its own, so each multi-byte character arrives torn apart.
    steps = [bytes([byte]) for byte in whole]
    async with HttpServer(stream(*steps)) as server, model_at(server) as model:
        assert await text_of(model) == "[joy] Konnichiwa こん🎮 \u2028end"


async def test_reasoning_usage_and_empty_choices_are_not_said() -> None:
    events = sse(
        {"id": "x", "choices": []},
        piece(None, role="assistant"),
        piece(None, reasoning_content="Let me think."),
        piece("", reasoning="Hm."),
        {"id": "x", "choices": [{"index": 0, "delta": {}}]},
        {"id": "x", "choices": [{"index": 0, "delta": None}]},
        {"id": "x"},
        piece([{"type": "thinking", "thinking": "secret"}, {"type": "text", "text": "Hi"}, {"type": "text", "text": None}]),
        piece(" there."),
        piece(None, "stop"),
        {"id": "x", "choices": [], "usage": {"total_tokens": 3}},
    )
    async with HttpServer(stream(*events)) as server, model_at(server) as model:
        assert await text_of(model) == "Hi there."


async def test_the_request_carries_the_model_the_prompt_and_the_key() -> None:
    request = ChatRequest(HELLO.messages, max_tokens=33, temperature=0.5, top_p=0.7, seed=9)
    async with HttpServer(stream(*sse(piece("Hi", "stop")))) as server, model_at(server, key="sk-very-secret") as model:
        await text_of(model, request)
        (call,) = server.calls
    assert (call.method, call.path) == ("POST", "/v1/chat/completions")
    assert call.headers["authorization"] == "Bearer sk-very-secret"
    assert call.json() == {
        "model": "small-model",
        "messages": [{"role": "system", "content": "You are Mira."}, {"role": "user", "content": "pete: hi"}],
        "stream": True,
        "max_tokens": 33,
        "temperature": 0.5,
        "top_p": 0.7,
        "seed": 9,
    }


async def test_without_a_key_nothing_of_the_environment_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-somebody-else")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-somebody-else")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project-of-somebody-else")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with HttpServer(stream(*sse(piece("Hi", "stop")))) as server, model_at(server) as model:
        assert await text_of(model) == "Hi"
    assert "authorization" not in server.calls[0].headers
    assert "somebody-else" not in str(server.calls[0].headers)


@pytest.mark.parametrize("path", ["", "/", "/v1/", "/v1/chat/completions"])
async def test_an_address_as_people_paste_it_is_understood(path: str) -> None:
    async with HttpServer(stream(*sse(piece("Hi", "stop")))) as server, model_at(server, path=path) as model:
        assert await text_of(model) == "Hi"
        assert server.calls[0].path == "/v1/chat/completions"


@pytest.mark.parametrize(
    "status, body, kind, words",
    [
        (401, {"error": {"message": "bad key"}}, AuthError, "refused the key"),
        (403, {"error": {"message": "no"}}, AuthError, "refused the key"),
        (402, {}, AuthError, "no credit"),
        (429, {"error": {"message": "x", "code": "insufficient_quota"}}, AuthError, "no credit"),
        (404, {"error": {"message": "The model `small-model` does not exist"}}, SetupError, "no model called “small-model”"),
        (404, {"detail": "Not Found"}, SetupError, "ends in /v1"),
        (400, {"error": {"message": "maximum context length is 512 tokens"}}, SetupError, "too long"),
        (418, {}, SetupError, "does not accept"),
        (500, {}, TemporaryError, "fault of its own"),
        (503, {}, TemporaryError, "fault of its own"),
    ],
)
async def test_a_refusal_says_what_helps(status: int, body: dict[str, Any], kind: type[Exception], words: str) -> None:
    async with HttpServer(json_answer(body, status)) as server, model_at(server, key="sk-very-secret") as model:
        with pytest.raises(kind, match=words) as caught:
            await text_of(model)
    assert "sk-very-secret" not in str(caught.value)
    assert "Mira" not in str(caught.value)


@pytest.mark.parametrize(
    "headers, expected", [({"retry_after": "7"}, 7.0), ({"retry_after_ms": "1500"}, 1.5), ({}, None), ({"retry_after": "soon"}, None)]
)
async def test_a_busy_server_says_how_long_to_wait_and_is_not_asked_again(headers: dict[str, str], expected: float | None) -> None:
    async with HttpServer(json_answer({}, 429, **headers)) as server, model_at(server) as model:
        with pytest.raises(TemporaryError, match="busy") as caught:
            await text_of(model)
        assert len(server.calls) == 1
    assert caught.value.retry_after_s == expected


async def test_nobody_there_is_temporary() -> None:
    async with HttpServer() as server:
        url = server.url

    async def no_key() -> str:
        return ""

    model = OpenAiModel(SystemClock(), lambda: RemoteServer(url, "m"), no_key, ONCE)
    with pytest.raises(TemporaryError, match="is it running"):
        await text_of(model)
    with pytest.raises(TemporaryError, match="is it running"):
        await model.probe()
    await model.close()


async def test_no_model_is_a_setup_error_and_nothing_is_sent() -> None:
    async def no_key() -> str:
        return ""

    model = OpenAiModel(SystemClock(), lambda: RemoteServer("http://127.0.0.1:9", ""), no_key)
    with pytest.raises(SetupError, match="name of the"):
        await model.open()
    await model.close()


def strict(*, refuses: str) -> Any:
    """A server that accepts only one form of a prompt."""

    def respond(call: Call) -> Answer:
        body = call.json()
        roles = [message["role"] for message in body["messages"]]
        texts = [message["content"] for message in body["messages"]]
        is_odd = "" in texts or "system" in roles[1:] or any(a == b for a, b in pairwise(roles))
        if refuses == "odd" and is_odd:
            return json_answer({"error": {"message": "roles must alternate"}}, 400)
        if refuses == "template" and is_odd:
            return json_answer({"error": {"message": "Jinja template: raise_exception"}}, 500)
        if refuses == "system" and "system" in roles:
            return json_answer({"error": {"message": "System role not supported"}}, 400)
        if refuses == "reasoning" and ("max_tokens" in body or "temperature" in body):
            said = "Use 'max_completion_tokens' instead" if "max_tokens" in body else "'temperature' does not support 0.8"
            return json_answer({"error": {"message": said}}, 400)
        return stream(*sse(piece("Hi", "stop")))

    return respond


@pytest.mark.parametrize("refuses, tries", [("odd", 2), ("template", 2), ("system", 3), ("reasoning", 3)])
async def test_a_refused_form_is_changed_once_and_the_form_that_worked_is_remembered(refuses: str, tries: int) -> None:
    request = ChatRequest(
        (
            ChatMessage(ChatRole.SYSTEM, "You are Mira."),
            ChatMessage(ChatRole.USER, "a"),
            ChatMessage(ChatRole.ASSISTANT, ""),
            ChatMessage(ChatRole.SYSTEM, "A raid happened."),
            ChatMessage(ChatRole.USER, "b"),
        )
    )
    async with HttpServer(respond=strict(refuses=refuses)) as server, model_at(server) as model:
        assert await text_of(model, request) == "Hi"
        assert len(server.calls) == tries
        assert await text_of(model, request) == "Hi"
        assert len(server.calls) == tries + 1
    words = json.dumps(server.calls[-1].json()["messages"])
    assert all(text in words for text in ("You are Mira.", "A raid happened."))


async def test_a_server_that_refuses_every_form_is_asked_a_bounded_number_of_times() -> None:
    async with HttpServer(json_answer({"error": {"message": "no system please"}}, 400)) as server, model_at(server) as model:
        with pytest.raises(SetupError, match="does not accept"):
            await text_of(model)
        assert len(server.calls) == 2


async def test_a_drop_in_the_middle_is_raised_after_what_was_said() -> None:
    said: list[str] = []
    async with HttpServer(stream(*sse(piece("Hello "), done=False), Move.DROP)) as server, model_at(server) as model:

        async def listen() -> None:
            async for delta in model.stream(HELLO):
                said.append(delta.text)  # noqa: PERF401 -- kept up to the error

        with pytest.raises(TemporaryError):
            await listen()
    assert said == ["Hello "]


async def test_a_drop_before_the_first_piece_is_tried_once_more() -> None:
    answers = (stream(Move.DROP), stream(*sse(piece("Hi", "stop"))))
    async with HttpServer(*answers) as server, model_at(server, limits=Limits(attempts=2)) as model:
        assert await text_of(model) == "Hi"
        assert len(server.calls) == 2


@pytest.mark.parametrize("line", ["{not json", '{"error": {"message": "out of memory"}}', "[1]", "null", "7"])
async def test_what_cannot_be_read_is_no_bug_of_ours(line: str) -> None:
    async with HttpServer(stream(*sse(piece("Hi"), line, piece("!", "stop")))) as server, model_at(server) as model:
        try:
            assert await text_of(model) == "Hi!"
        except TemporaryError as error:
            assert "broke off" in str(error)  # noqa: PT017 -- both endings are right: passing over and breaking off


async def test_an_end_without_a_reason_is_an_end() -> None:
    async with HttpServer(stream(*sse(piece("Hi."), done=False), is_chunked=False)) as server, model_at(server) as model:
        assert await text_of(model) == "Hi."


async def test_a_reply_of_reasoning_alone_says_what_to_do() -> None:
    async with HttpServer(stream(*sse(piece(None, reasoning_content="Hm"), piece(None, "length")))) as server, model_at(server) as model:
        with pytest.raises(SetupError, match="Longest reply"):
            await text_of(model)


async def test_closing_the_stream_closes_the_connection() -> None:
    async with HttpServer(stream(*sse(piece("One "), done=False), Move.HANG)) as server, model_at(server) as model:
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


@pytest.mark.parametrize("status, is_alive", [(200, True), (404, True), (403, True), (401, False), (503, False)])
async def test_a_probe_tells_whether_the_server_would_serve(status: int, is_alive: bool) -> None:
    async with HttpServer(json_answer({"object": "list", "data": []}, status)) as server, model_at(server) as model:
        if is_alive:
            await model.probe()
        else:
            with pytest.raises((TemporaryError, AuthError)):
                await model.probe()
        assert (server.calls[0].method, server.calls[0].path) == ("GET", "/v1/models")


async def test_another_address_and_a_new_key_apply_to_the_next_request() -> None:
    keys = ["old", "old", "new"]

    async def get_key() -> str:
        return keys.pop(0)

    def respond(call: Call) -> Answer:
        if call.headers["authorization"] != "Bearer new" and call.json()["model"] == "second":
            return json_answer({}, 401)
        return stream(*sse(piece(call.json()["model"], "stop")))

    async with HttpServer(respond=respond) as server:
        current = RemoteServer(server.url, "first")
        model = OpenAiModel(SystemClock(), lambda: current, get_key, ONCE)
        assert await text_of(model) == "first"
        current = RemoteServer(server.url, "second")
        with pytest.raises(AuthError):
            await text_of(model)
        assert await text_of(model) == "second"
        await model.close()


async def test_a_reply_goes_on_while_the_address_is_changed() -> None:
    async def no_key() -> str:
        return ""

    async with HttpServer(stream(*sse(piece("a"), piece("b"), piece("c", "stop")))) as server:
        current = RemoteServer(server.url, "first")
        model = OpenAiModel(SystemClock(), lambda: current, no_key, ONCE)
        reply = model.stream(HELLO)
        text = (await anext(reply)).text
        current = RemoteServer(server.url, "second")
        assert await text_of(model) == "abc"
        text += "".join([delta.text async for delta in reply])
        assert text == "abc"
        await model.close()


async def test_the_connection_is_used_again_for_the_next_reply() -> None:
    async with HttpServer(stream(*sse(piece("Hi"), piece("", "stop")))) as server, model_at(server) as model:
        for _ in range(3):
            assert await text_of(model) == "Hi"
        assert server.connections == 1


async def test_a_server_that_keeps_the_line_open_after_the_end_is_not_waited_for() -> None:
    async with HttpServer(stream(*sse(piece("Hi", "stop")), Move.HANG)) as server, model_at(server) as model:
        assert await text_of(model) == "Hi"
        await server.abandoned.wait()


@pytest.mark.parametrize("code, kind", [(429, TemporaryError), (401, AuthError), ("x", TemporaryError), (7, TemporaryError)])
async def test_an_error_inside_the_stream_is_understood(code: Any, kind: type[Exception]) -> None:
    async with HttpServer(stream(*sse({"error": {"code": code, "message": "x"}}))) as server, model_at(server) as model:
        with pytest.raises(kind):
            await text_of(model)


async def test_a_server_with_ever_new_wishes_is_given_up() -> None:
    wishes = ["use max_completion_tokens", "no temperature", "roles must alternate", "no system", "still no"]

    def respond(_: Call) -> Answer:
        return json_answer({"error": {"message": wishes.pop(0)}}, 400)

    request = ChatRequest((ChatMessage(ChatRole.SYSTEM, "a"), ChatMessage(ChatRole.USER, "")))
    async with HttpServer(respond=respond) as server, model_at(server) as model:
        with pytest.raises(SetupError, match="in any form"):
            await text_of(model, request)
    assert wishes == ["still no"]
