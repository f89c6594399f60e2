"""The bench of the echo at small scale, with a voice and a judge that are made up; and it would see an echo."""

from __future__ import annotations

import math
from pathlib import Path
from random import Random
from types import SimpleNamespace

import numpy as np
import pytest

from voxelle.benches import echo
from voxelle.benches.echo import Devices, Outcome, evenings, rehearse
from voxelle.benches.echo_room import ECHO_DB, PIECE_FRAMES, Line, Piece, Room, Scene, level, speak
from voxelle.contracts.audio import OUTPUT_RATE
from voxelle.contracts.tts import Samples
from voxelle.domain.errors import SetupError
from voxelle.providers.tts.hibari_engine import HibariEngine
from voxelle.providers.vad.silero_engine import SileroNetwork


class LoudnessJudge:
    """Takes whatever is loud for a voice."""

    def __init__(self) -> None:
        self.forgotten = 0

    def judge(self, _speaker: str, samples: Samples) -> float:
        return 0.9 if level(samples) > 0.01 else 0.1

    def forget(self, _speaker: str) -> None:
        self.forgotten += 1


def voice(seconds: float, rhythm_hz: float, seed: int) -> Samples:
    size = round(seconds * OUTPUT_RATE)
    band = np.convolve(np.random.default_rng(seed).standard_normal(size), np.hanning(12), "same")
    rhythm = np.maximum(0.0, np.sin(2 * np.pi * rhythm_hz * np.arange(size) / OUTPUT_RATE))
    return np.asarray(0.1 * band * rhythm / np.sqrt(np.mean(band * band)), np.float32)


HERS = [voice(3.0, 2.0, 1), voice(4.0, 2.3, 2)]
GUESTS = [voice(1.2, 3.1, 3)]


def judge() -> SileroNetwork:
    return LoudnessJudge()  # type: ignore[return-value] # judges as the network does


def test_an_echo_that_is_not_cancelled_is_seen() -> None:
    outcome = rehearse(judge(), Scene(HERS, (), 0.0, Random(1)), 10.0, Devices(1, cancels=False))
    assert outcome.turns >= 1
    assert outcome.ducks >= 1
    assert outcome.reduction_db == pytest.approx(0.0, abs=0.1)
    assert math.isnan(outcome.heard_percent)


def test_evenings_are_counted_together_and_a_guest_is_heard_over_her(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(echo, "EVENING_S", 20.0)
    outcome = evenings(judge(), HERS, GUESTS, 0.3, count=2)
    assert len(outcome.heard) == len(outcome.interruptions) >= 4
    assert outcome.heard_percent >= 50
    assert outcome.stopped_percent >= 50


def test_only_what_falls_into_an_interruption_counts_for_it() -> None:
    outcome = Outcome(interruptions=[Line(0, OUTPUT_RATE), Line(OUTPUT_RATE * 5, OUTPUT_RATE * 6)], began_s=[0.5, 3.0], paused_s=[7.0])
    outcome.judge()
    assert (outcome.heard, outcome.stopped) == ([True, False], [False, False])


def test_the_room_gives_back_what_is_played_later_and_quieter() -> None:
    room = Room(3)
    sound = voice(10.0, 2.0, 4)[:PIECE_FRAMES]
    heard = room.hear(Piece(sound, np.zeros(PIECE_FRAMES, np.float32)))
    assert abs(heard.size - PIECE_FRAMES) < 500
    assert 20 * np.log10(level(heard) / level(sound)) == pytest.approx(ECHO_DB, abs=2)
    assert level(heard[: OUTPUT_RATE // 20]) < level(heard) / 10
    for _ in range(3):
        room.hear(Piece(sound, sound))


def test_without_its_weights_the_bench_says_what_it_needs(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="ears"):
        echo.measure(SimpleNamespace(packs=tmp_path))  # type: ignore[arg-type] # all it asks for


def test_the_figures_come_from_the_evenings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "ears").mkdir()
    (tmp_path / "ears" / "silero_vad.onnx").touch()
    monkeypatch.setattr(echo, "SileroNetwork", lambda _path: LoudnessJudge())
    monkeypatch.setattr(echo, "HibariEngine", lambda _config: SimpleNamespace(load=lambda _progress: None))
    monkeypatch.setattr(echo, "speak", lambda _engine, _text, **prosody: GUESTS[0] if prosody else HERS[0])
    for name, value in (("EVENINGS", 1), ("EVENING_S", 10.0), ("UNCANCELLED_S", 10.0)):
        monkeypatch.setattr(echo, name, value)
    figures = {each.name: each.value for each in echo.measure(SimpleNamespace(packs=tmp_path))}  # type: ignore[arg-type] # as above
    assert figures["simulated_s"] == 10.0
    assert figures["lines"] >= 2
    assert figures["uncancelled_turns"] >= 1


@pytest.mark.engines
def test_the_real_ears_take_her_own_voice_for_nobody(packs_dir: Path) -> None:
    engine = HibariEngine({})
    engine.load(lambda _share: None)
    hers = [speak(engine, "The boss is asleep, and I intend to keep it that way for ten more seconds.")]
    network = SileroNetwork(packs_dir / "ears" / "silero_vad.onnx")
    assert rehearse(network, Scene(hers, (), 0.0, Random(5)), 10.0, Devices(5)).turns == 0
    assert rehearse(network, Scene(hers, (), 0.0, Random(5)), 10.0, Devices(5, cancels=False)).ducks >= 1
