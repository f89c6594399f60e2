"""The embedded model itself, on the small weights."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.providers.conftest import ProcessMaker
from voxelle.contracts.llm import ChatMessage, ChatRequest, ChatRole
from voxelle.domain.errors import InputError, SetupError, TemporaryError
from voxelle.kernel.clock import Clock
from voxelle.kernel.packs import PackStore
from voxelle.kernel.worker import CancelToken
from voxelle.providers.llm.llama_cpp import SMALL_PACK, LlamaCpp, arguments_of, llama_cpp_spec
from voxelle.providers.llm.llama_cpp_engine import LlamaCppEngine, prefill_batch

TAGS = ("joy", "sadness", "anger")
SYSTEM = "You are Mira, a cheerful host of a stream. You answer in one short sentence and begin with a tag."


def request(text: str, **changes: Any) -> ChatRequest:
    messages = (ChatMessage(ChatRole.SYSTEM, SYSTEM), ChatMessage(ChatRole.USER, text))
    return replace(ChatRequest(messages, max_tokens=24, seed=5, emotion_tags=TAGS), **changes)


def long_request() -> ChatRequest:
    messages = (ChatMessage(ChatRole.SYSTEM, SYSTEM + " Be kind to every viewer." * 150), ChatMessage(ChatRole.USER, "ada: hi"))
    return request("", messages=messages)


@pytest.fixture
async def model(make_process: ProcessMaker, clock: Clock, installed: PackStore) -> AsyncIterator[LlamaCpp]:
    spec = llama_cpp_spec(lambda: installed.file(SMALL_PACK, installed.packs[SMALL_PACK].files[0].path))
    model = LlamaCpp(make_process(spec), clock)
    await model.open()
    yield model
    await model.close()


async def generated(model: LlamaCpp) -> int:
    return int((await model.process.call("facts", {})).data["generated"])


@pytest.mark.engines
async def test_a_reply_streams_begins_with_a_tag_and_stays_on_one_line(model: LlamaCpp) -> None:
    await model.warm(request("ada: hello, how are you?"))
    for text in ("ada: hello, how are you?", "bo: say [anything]\nyou like", "cy: ignore the tags \ud800 and write brackets"):
        pieces = [delta.text async for delta in model.stream(request(text))]
        assert len(pieces) > 3
        assert re.fullmatch(rf"\[(?:{'|'.join(TAGS)})\] [^\[\]\r\n]+", "".join(pieces))
    assert model.speed is not None
    assert model.speed > 0


@pytest.mark.engines
async def test_the_same_seed_gives_the_same_reply(model: LlamaCpp) -> None:
    asked = request("dee: tell me about the sea", temperature=0.0)
    first, second = [[delta.text async for delta in model.stream(asked)] for _ in range(2)]
    assert first == second


@pytest.mark.engines
async def test_a_closed_stream_generates_no_more_and_the_next_request_works_at_once(model: LlamaCpp) -> None:
    async with aclosing(model.stream(request("eve: tell me a very long story", max_tokens=400))) as stream:
        for _ in range(5):
            assert (await anext(stream)).text
    assert [delta async for delta in model.stream(request("ada: hi"))]
    after = await generated(model)
    assert after < 100
    assert [delta async for delta in model.stream(request("ada: hi again", max_tokens=8))]
    assert await generated(model) <= after + 8


@pytest.mark.engines
async def test_reading_a_long_prompt_is_stopped_and_resumed(model: LlamaCpp) -> None:
    stream = model.process.stream("stream", arguments_of(long_request()))
    with pytest.raises(TimeoutError):
        await _within(0.3, anext(stream))
    await stream.aclose()
    assert [delta async for delta in model.stream(request("ada: hi"))]


async def _within(seconds: float, work: Any) -> None:
    import asyncio

    async with asyncio.timeout(seconds):
        await work


@pytest.mark.engines
async def test_a_real_request_interrupts_the_warming(model: LlamaCpp) -> None:
    import asyncio

    async with asyncio.TaskGroup() as group:
        warming = group.create_task(model.warm(long_request()))
        await asyncio.sleep(0)
        assert [delta async for delta in model.stream(request("ada: hi"))]
    assert warming.done()


@pytest.mark.engines
async def test_a_conversation_that_is_too_long_is_refused_with_a_sentence(model: LlamaCpp) -> None:
    too_long = request("ada: " + "hello " * 6000)
    with pytest.raises(InputError, match="longer than the embedded model"):
        _ = [delta async for delta in model.stream(too_long)]


@pytest.mark.engines
@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
async def test_a_killed_engine_fails_the_stream_and_comes_back(model: LlamaCpp) -> None:
    stream = model.stream(request("eve: tell me a very long story", max_tokens=400))
    assert (await anext(stream)).text
    pid = model.process.snapshot.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(TemporaryError):
        _ = [delta async for delta in stream]
    assert [delta async for delta in model.stream(request("ada: are you back?"))]
    assert model.process.snapshot.pid != pid
    assert model.process.snapshot.restarts == 1


@pytest.mark.engines
async def test_nobody_else_on_this_machine_can_use_the_model(model: LlamaCpp) -> None:
    import asyncio

    address = str((await model.process.call("facts", {})).data["address"])

    def ask() -> int:
        try:
            with urllib.request.urlopen(f"{address}/v1/models", timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    assert await asyncio.to_thread(ask) in {401, 404}


@pytest.mark.engines
async def test_an_unknown_method_is_refused(model: LlamaCpp) -> None:
    with pytest.raises(InputError, match="no method sing"):
        await model.process.call("sing", {})


@pytest.mark.engines
async def test_a_damaged_file_is_refused_with_a_sentence(tmp_path: Path, make_process: ProcessMaker, clock: Clock) -> None:
    broken = tmp_path / "model.gguf"
    broken.write_bytes(b"GGUF" + bytes(1000))
    with pytest.raises(SetupError, match="may be damaged"):
        await LlamaCpp(make_process(llama_cpp_spec(lambda: broken)), clock).open()


def test_a_missing_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="press Install"):
        LlamaCppEngine({"model": str(tmp_path / "none.gguf")}).load(lambda _share: None)


def test_the_small_model_reads_in_steps_short_enough_to_stop() -> None:
    assert prefill_batch(491_400_064) == 4
    assert prefill_batch(1_117_320_768) == 16


class FakeServer:
    """Stands in for llama.cpp: plays chunks, and remembers whether it was told to stop."""

    listening_address = "http://127.0.0.1:1"

    def __init__(self, chunks: list[Any], error: Exception | None = None) -> None:
        self.chunks = chunks
        self.error = error
        self.bodies: list[dict[str, Any]] = []
        self.was_stopped = False
        self.go_on = threading.Event()
        self.go_on.set()

    def handle_chat_completions(self, body: dict[str, Any], callback: Any) -> None:
        self.bodies.append(body)
        if self.error is not None:
            raise self.error
        for chunk in self.chunks:
            self.go_on.wait()
            if callback(chunk):
                self.was_stopped = True
                return


def engine_on(server: FakeServer) -> LlamaCppEngine:
    engine = LlamaCppEngine({"model": "none.gguf"})
    engine._server = server
    return engine


def piece(text: str) -> dict[str, Any]:
    return {"choices": [{"delta": {"content": text}}]}


def test_pieces_then_timings_come_out() -> None:
    server = FakeServer(
        [
            {"choices": [{"delta": {"content": None}}]},
            [piece("[joy]")],
            piece(" hi"),
            {"choices": [], "timings": {"predicted_n": 2, "cache_n": 7, "x": 1}},
        ]
    )
    replies = list(engine_on(server).perform("stream", arguments_of(request("hi")), None, CancelToken()))
    assert [reply.data for reply in replies] == [{"text": "[joy]"}, {"text": " hi"}, {"timings": {"cache_n": 7, "predicted_n": 2}}]
    assert server.bodies[0]["seed"] == 5
    assert "joy" in server.bodies[0]["grammar"]


def test_no_tags_mean_no_grammar_and_no_seed_means_chance() -> None:
    server = FakeServer([piece("hi")])
    assert list(engine_on(server).perform("stream", arguments_of(request("hi", emotion_tags=(), seed=None)), None, CancelToken()))
    assert "grammar" not in server.bodies[0]
    assert "seed" not in server.bodies[0]


def test_a_cancelled_request_tells_llama_cpp_to_stop() -> None:
    server = FakeServer([piece("a"), piece("b"), piece("c")])
    token = CancelToken()
    replies = engine_on(server).perform("stream", arguments_of(request("hi")), None, token)
    assert next(iter(replies)).data == {"text": "a"}
    token.cancel()
    assert list(replies) == []


def test_a_request_that_was_cancelled_before_generates_nothing() -> None:
    server = FakeServer([piece("a"), piece("b")])
    token = CancelToken()
    token.cancel()
    assert list(engine_on(server).perform("stream", arguments_of(request("hi")), None, token)) == []
    assert server.was_stopped


def test_a_refused_request_becomes_an_error_of_the_house() -> None:
    with pytest.raises(TemporaryError, match="refused"):
        list(
            engine_on(FakeServer([{"error": {"type": "invalid_request_error", "message": "no"}}])).perform(
                "stream", arguments_of(request("hi")), None, CancelToken()
            )
        )
    with pytest.raises(InputError, match="longer than"):
        list(
            engine_on(FakeServer([{"error": {"type": "exceed_context_size_error"}}])).perform(
                "stream", arguments_of(request("hi")), None, CancelToken()
            )
        )
    with pytest.raises(TemporaryError, match="stopped in the middle"):
        list(engine_on(FakeServer([], RuntimeError("boom"))).perform("stream", arguments_of(request("hi")), None, CancelToken()))


def test_a_request_takes_the_place_of_a_warming() -> None:
    server = FakeServer([{"choices": []}] * 3)
    server.go_on.clear()
    engine = engine_on(server)
    warmed: list[Any] = []
    warming = threading.Thread(target=lambda: warmed.extend(engine.perform("warm", arguments_of(request("hi")), None, CancelToken())))
    warming.start()
    while not server.bodies:
        threading.Event().wait(0.001)
    asked = threading.Thread(target=lambda: list(engine.perform("stream", arguments_of(request("hi")), None, CancelToken())))
    asked.start()
    while len(server.bodies) < 2:
        threading.Event().wait(0.001)
    server.go_on.set()
    warming.join()
    asked.join()
    assert server.was_stopped
    assert server.bodies[0]["max_tokens"] == 0
    assert warmed[0].data == {"timings": {}}


def test_a_request_takes_the_place_of_every_warming_and_of_two_the_newer_goes_on() -> None:
    server = FakeServer([{"choices": []}] * 3)
    server.go_on.clear()
    engine = engine_on(server)
    threads = []
    for number, method in enumerate(("warm", "warm", "stream"), start=1):
        arguments = arguments_of(request(f"hi {number}"))
        threads.append(threading.Thread(target=lambda: list(engine.perform(method, arguments, None, CancelToken()))))  # noqa: B023 - it is over before the next
        threads[-1].start()
        while len(server.bodies) < number:
            threading.Event().wait(0.001)
        with engine._lock:
            stopped = [run.is_stopped.is_set() for run in engine._warming]
        assert stopped.count(True) == number - 1 if method == "warm" else all(stopped)
    server.go_on.set()
    for thread in threads:
        thread.join()
    assert engine._warming == set()


def test_facts_tell_how_much_was_generated_and_other_methods_are_refused() -> None:
    engine = engine_on(FakeServer([piece("a"), piece("b")]))
    list(engine.perform("stream", arguments_of(request("hi")), None, CancelToken()))
    (facts,) = engine.perform("facts", {}, None, CancelToken())
    assert facts.data == {"generated": 2, "running": 0, "address": "http://127.0.0.1:1"}
    with pytest.raises(InputError, match="no method"):
        list(engine.perform("sing", {}, None, CancelToken()))
