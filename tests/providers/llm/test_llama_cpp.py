"""The host's side of the embedded model."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.providers.conftest import ProcessMaker
from voxelle.contracts.llm import ChatMessage, ChatRequest, ChatRole
from voxelle.domain.errors import SetupError
from voxelle.kernel.clock import Clock
from voxelle.providers.llm.llama_cpp import LlamaCpp, arguments_of, choose_pack, llama_cpp_spec, threads_for
from voxelle.providers.process import EngineSpec

REQUEST = ChatRequest(
    (ChatMessage(ChatRole.SYSTEM, "You are Mira."), ChatMessage(ChatRole.USER, "ada: hi")), max_tokens=9, seed=3, emotion_tags=("joy",)
)
ECHO = EngineSpec("The echo", "tests.fakes.worker_engines:EchoEngine", dict)


async def test_the_reply_comes_piece_by_piece_and_its_speed_is_measured(make_process: ProcessMaker, clock: Clock) -> None:
    model = LlamaCpp(make_process(ECHO), clock)
    assert [delta.text async for delta in model.stream(REQUEST)] == ["[joy]", " hi"]
    assert model.speed == 12.5


async def test_the_speed_of_a_few_tokens_is_not_told(make_process: ProcessMaker, clock: Clock) -> None:
    model = LlamaCpp(make_process(ECHO), clock)
    assert [delta.text async for delta in model.stream(ChatRequest(REQUEST.messages, max_tokens=1))]
    assert model.speed is None


async def test_opening_warming_and_closing_reach_the_process(make_process: ProcessMaker, clock: Clock) -> None:
    model = LlamaCpp(make_process(ECHO), clock)
    await model.open()
    await model.warm(REQUEST)
    await model.close()
    assert model.process.rss_mb() is None


async def test_a_missing_pack_is_told_in_a_sentence(make_process: ProcessMaker, clock: Clock) -> None:
    def find() -> Path:
        msg = "It is missing: open Engines and press Install."
        raise SetupError(msg)

    model = LlamaCpp(make_process(llama_cpp_spec(find)), clock)
    with pytest.raises(SetupError, match="press Install"):
        await model.open()


def test_the_request_travels_as_plain_data() -> None:
    assert arguments_of(REQUEST) == {
        "messages": [["system", "You are Mira."], ["user", "ada: hi"]],
        "max_tokens": 9,
        "temperature": 0.8,
        "top_p": 0.9,
        "seed": 3,
        "emotion_tags": ["joy"],
    }


def test_low_impact_means_one_thread_at_low_priority() -> None:
    spec = llama_cpp_spec(lambda: Path("model.gguf"), threads=6, low_impact=True, priority=3, context_tokens=2048)
    assert spec.configure() == {"model": "model.gguf", "threads": 1, "context_tokens": 2048, "prefill_batch": 0}
    assert spec.limits().nice == 15
    assert llama_cpp_spec(lambda: Path("model.gguf"), priority=3).limits().nice == 3


@pytest.mark.parametrize("wanted, processors, threads", [(0, 1, 1), (0, 2, 2), (0, 4, 2), (0, 8, 4), (0, 32, 6), (3, 8, 3), (20, 8, 8)])
def test_threads_leave_room_for_the_game(wanted: int, processors: int, threads: int) -> None:
    assert threads_for(wanted, low_impact=False, processors=processors) == threads


@pytest.mark.parametrize(
    "wanted, there, pack",
    [
        ("auto", {"llm-default", "llm-small"}, "llm-default"),
        ("auto", {"llm-small"}, "llm-small"),
        ("auto", set(), "llm-default"),
        ("llm-small", {"llm-default"}, "llm-small"),
    ],
)
def test_auto_takes_the_larger_model_that_is_installed(wanted: str, there: set[str], pack: str) -> None:
    assert choose_pack(wanted, there.__contains__) == pack
