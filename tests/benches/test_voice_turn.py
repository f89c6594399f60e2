"""The bench of spoken turns measures what it says, and would see a lie."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from voxelle.benches import voice_turn
from voxelle.benches.voice_script import WRONG_ENDS, lines, understood
from voxelle.benches.voice_stubs import FRAME_S, Speaker, StubMicrophone
from voxelle.benches.voice_turn import voice_orchestration, voice_turns
from voxelle.companion.hearing.endpointing import Endpointer
from voxelle.kernel.clock import LoopClock


def test_the_same_seed_says_the_same_and_all_kinds_are_there() -> None:
    assert lines(50, 1) == lines(50, 1)
    assert lines(50, 1) != lines(50, 2)
    assert {line.kind for line in lines(500, 1)} == {"plain", "pause", "false_end", "correction", "misheard", "barge_in", WRONG_ENDS}


def test_people_talk_as_fast_as_people_talk() -> None:
    words = [word for line in lines(200, 3) for word in line.words]
    seconds = sum(line.ends_s for line in lines(200, 3))
    assert 130 < len(words) / seconds * 60 < 190


def test_a_word_is_understood_once_most_of_it_was_heard() -> None:
    speaker = Speaker()
    line = next(line for line in lines(20, 1) if line.kind == "plain")
    speaker.say(line, 1.0)
    first, last = line.words[0], line.words[-1]
    assert speaker.heard(0.5, 1.0 + 0.5 * first.end_s)[0] == []
    assert len(speaker.heard(0.5, 1.0 + 0.7 * first.end_s)[0]) == 1
    words, is_all = speaker.heard(0.5, 1.0 + last.begin_s)
    assert (len(words), is_all) == (len(line.words) - 1, False)
    words, is_all = speaker.heard(0.5, 1.0 + line.ends_s)
    assert is_all
    assert understood(words, is_all=is_all, chance=0.0) == line.text
    assert speaker.heard(1.0 + line.words[1].begin_s, 1.0 + line.ends_s)[0] == words[1:]
    assert speaker.is_voiced(1.0, 1.0 + first.end_s)
    assert not speaker.is_voiced(1.0 + line.ends_s, 2.0 + line.ends_s)
    assert speaker.sure(1.0 + line.ends_s + 0.1) == line.sureness[-1]
    assert speaker.sure(0.5) == 0.0


@pytest.mark.virtual_time
async def test_a_frame_tells_when_it_was_heard() -> None:
    microphone = StubMicrophone(LoopClock())
    heard: list[Any] = []
    microphone.listen(heard.append)
    microphone.hear(1.0)
    await microphone.open()
    microphone.hear(2.0)
    assert [frame.at_s for frame in heard] == [2.0]
    assert microphone.number == 3
    assert math.isclose(FRAME_S, 0.032)


@pytest.mark.virtual_time
async def test_every_spoken_turn_is_answered_once_and_none_too_soon(tmp_path: Path) -> None:
    found = await voice_turns(tmp_path, 16)
    assert len(found.first_audio_s) == 16
    assert max(found.first_audio_s) < 1.0
    assert min(found.first_audio_s) > 0.15
    assert (found.speculated_heard, found.misunderstood) == (0, 0)


@pytest.mark.virtual_time
async def test_an_answer_while_the_speaker_goes_on_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # An ear that takes every pause for the end.
    monkeypatch.setattr(Endpointer, "wait_s", property(lambda _ear: 0.1))
    monkeypatch.setattr(
        voice_turn, "lines", lambda _count, _seed: [line for line in lines(200, 5) if line.kind in ("pause", "false_end")][:6]
    )
    found = await voice_turns(tmp_path, 6)
    assert found.speculated_heard > 0


@pytest.mark.virtual_time
async def test_an_answer_to_something_else_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voxelle.benches.voice_stubs.understood", lambda *_, **__: "Somebody said something else.")
    found = await voice_turns(tmp_path, 2)
    assert found.misunderstood == 2


async def test_the_share_of_every_spoken_turn_is_a_number(tmp_path: Path) -> None:
    shares = await voice_orchestration(tmp_path, 4)
    assert len(shares) == 4
    assert all(share > 0 for share in shares)


@pytest.mark.virtual_time
async def test_the_engines_time_is_not_the_roads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voice_turn, "SystemClock", LoopClock)
    shares = await voice_orchestration(tmp_path, 6)
    assert shares == pytest.approx([0.0] * 6, abs=1e-6)
