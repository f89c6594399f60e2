"""Further devices: the same sound, and nothing of theirs disturbs the main one."""

from __future__ import annotations

import queue
import threading

import numpy as np
import pytest

from voxelle.audio.further import CUSHION_BLOCKS, MANY_BLOCKS, MOST_BLOCKS, FurtherOutput, FurtherOutputs, copies
from voxelle.audio.sinks import BLOCK_FRAMES
from voxelle.contracts.tts import Samples
from voxelle.domain.errors import SetupError, TemporaryError

SILENCE = np.zeros(BLOCK_FRAMES, np.float32)


def sound(value: float = 1.0) -> Samples:
    return np.full(BLOCK_FRAMES, value, np.float32)


class SlowSink:
    """A device that takes a block only when it is let; `taken` tells what it took."""

    title = "Cable"

    def __init__(self, latency_frames: int = 0) -> None:
        self.latency_frames = latency_frames
        self.taken: queue.SimpleQueue[str | float] = queue.SimpleQueue()
        self.may_write = threading.Semaphore(10_000)
        self.is_lost = False

    def write(self, block: Samples) -> bool:
        self.may_write.acquire()
        if self.is_lost:
            msg = "Cable was lost."
            raise TemporaryError(msg)
        self.taken.put(float(block[0]))
        return False

    def flush(self) -> None:
        self.taken.put("flush")

    def pause(self) -> None:
        self.taken.put("pause")

    def resume(self) -> None:
        self.taken.put("resume")

    def close(self) -> None:
        self.taken.put("close")

    def take(self, count: int) -> list[str | float]:
        return [self.taken.get(timeout=10) for _ in range(count)]


@pytest.fixture
def news() -> threading.Event:
    return threading.Event()


def started(sink: SlowSink, news: threading.Event) -> FurtherOutput:
    output = FurtherOutput("cable", lambda _name, _latency_s: sink, news.set)
    output.start()
    assert output.is_settled.wait(10)
    return output


BEGINNING = ["pause", "resume", *[0.0] * CUSHION_BLOCKS]


def test_it_plays_what_it_gets_after_a_cushion_of_silence(news: threading.Event) -> None:
    sink = SlowSink()
    output = started(sink, news)
    output.put(sound(1))
    output.put(sound(2))
    assert sink.take(len(BEGINNING) + 2) == [*BEGINNING, 1.0, 2.0]
    assert output.title == "Cable"
    assert news.is_set()
    output.close()
    assert sink.take(1) == ["close"]


def test_it_rests_when_nothing_comes_and_goes_on(news: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voxelle.audio.further._REST_S", 0.01)
    sink = SlowSink()
    output = started(sink, news)
    for value in (1.0, 2.0):
        assert sink.take(1) == ["pause"]
        output.put(sound(value))
        assert sink.take(len(BEGINNING)) == [*BEGINNING[1:], value]
    output.close()


def test_one_that_hangs_loses_blocks_and_nobody_waits_for_it(news: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voxelle.audio.further._CLOSING_S", 0.01)
    sink = SlowSink()
    sink.may_write = threading.Semaphore(0)
    output = started(sink, news)
    for _ in range(MOST_BLOCKS + 10):
        output.put(sound())
    assert output.lost_blocks >= 9
    output.close()
    sink.may_write.release(1_000)
    output._thread.join(10)


def test_one_that_is_lost_says_why_and_takes_no_more(news: threading.Event) -> None:
    sink = SlowSink()
    output = started(sink, news)
    sink.is_lost = True
    output.put(sound())
    output._thread.join(10)
    assert output.refusal == "Cable was lost."
    news.clear()
    for _ in range(MOST_BLOCKS * 2):
        output.put(sound())
    assert output.lost_blocks == 0
    output.close()


def test_a_slow_one_is_flushed_by_a_cut_and_a_quick_one_plays_the_fade(news: threading.Event) -> None:
    for latency_frames, expected in ((48_000, ["flush", 3.0]), (960, [2.0, 3.0])):
        sink = SlowSink(latency_frames)
        sink.may_write = threading.Semaphore(0)
        output = started(sink, news)
        output.flush()
        for value in (2, 3):
            output.put(sound(value))
        output._offer(None)
        sink.may_write.release(100)
        taken = sink.take(len(BEGINNING) + len(expected))
        assert [each for each in taken if each not in BEGINNING] == expected
        output.close()


def test_two_clocks_are_kept_together_in_silence_alone() -> None:
    assert copies(sound(), MANY_BLOCKS * 2) == 1
    assert copies(sound(), 0) == 1
    assert copies(SILENCE, 0) == 2
    assert copies(SILENCE, 1) == 1
    assert copies(SILENCE, MANY_BLOCKS) == 0


def refuse(_name: str, _latency_s: float) -> SlowSink:
    msg = "The chosen output device is not there."
    raise SetupError(msg)


def test_all_of_them_are_told_of_together() -> None:
    sinks = {"cable": SlowSink(), "ears": SlowSink()}
    sinks["ears"].title = "Headphones"
    outputs = FurtherOutputs(["cable", "ears", "cable"], lambda name, _latency_s: sinks[name])
    assert outputs.sentence == ""
    outputs.open()
    assert outputs.sentence == "It goes to Cable and Headphones as well."
    assert outputs.has_news()
    assert not outputs.has_news()
    assert not outputs.is_missing
    outputs.put(sound(7))
    for sink in sinks.values():
        assert sink.take(len(BEGINNING) + 1)[-1] == 7.0
    outputs.flush()
    outputs.close()
    assert outputs.sentence == ""


def test_one_that_is_not_there_is_told() -> None:
    outputs = FurtherOutputs(["cable"], refuse)
    outputs.open()
    assert outputs.is_missing
    assert outputs.sentence == "A further output does not play: The chosen output device is not there."
    outputs.close()
