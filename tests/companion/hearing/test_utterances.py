"""The samples of an utterance, with what came just before."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from voxelle.companion.hearing.endpointing import FRAME_S, LONGEST_UTTERANCE_S
from voxelle.companion.hearing.utterances import UtteranceBuffer
from voxelle.contracts.audio import INPUT_FRAMES, INPUT_RATE


def frame(value: float) -> npt.NDArray[np.float32]:
    return np.full(INPUT_FRAMES, value, np.float32)


def values(buffer: UtteranceBuffer) -> list[int]:
    return [round(float(value)) for value in buffer.samples()[::INPUT_FRAMES]]


def test_an_utterance_holds_300_ms_from_before_it_began() -> None:
    buffer = UtteranceBuffer()
    for value in range(100):
        buffer.push(frame(value))
    buffer.begin()
    for value in range(100, 103):
        buffer.push(frame(value))
    assert values(buffer) == list(range(88, 103))
    assert 0.3 <= 10 * FRAME_S < 0.3 + 2 * FRAME_S


def test_the_first_utterance_has_what_there_is() -> None:
    buffer = UtteranceBuffer()
    buffer.push(frame(1))
    buffer.begin()
    assert values(buffer) == [1]


def test_the_next_utterance_repeats_nothing_of_the_one_before() -> None:
    buffer = UtteranceBuffer()
    for value in range(1, 20):
        buffer.push(frame(value))
        if value == 12:
            buffer.begin()
    buffer.end()
    buffer.push(frame(20))
    buffer.begin()
    assert values(buffer) == [17, 18, 19, 20]
    buffer.end()
    buffer.begin(is_following=True)
    buffer.push(frame(21))
    assert values(buffer) == [21]


def test_an_utterance_is_bounded() -> None:
    buffer = UtteranceBuffer()
    buffer.push(frame(1))
    buffer.begin()
    for _ in range(round(60 / FRAME_S)):
        buffer.push(frame(2))
    assert LONGEST_UTTERANCE_S * INPUT_RATE <= buffer.samples().size <= (LONGEST_UTTERANCE_S + 2) * INPUT_RATE


def test_forgetting_leaves_nothing() -> None:
    buffer = UtteranceBuffer()
    buffer.push(frame(1))
    buffer.begin()
    buffer.forget()
    buffer.begin()
    assert buffer.samples().size == 0


def test_samples_handed_out_stay_as_they_were() -> None:
    buffer = UtteranceBuffer()
    buffer.push(frame(1))
    buffer.begin()
    handed_out = buffer.samples()
    buffer.end()
    buffer.begin(is_following=True)
    buffer.push(frame(5))
    assert float(handed_out[0]) == 1.0
