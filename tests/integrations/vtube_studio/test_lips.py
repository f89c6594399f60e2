"""The mouth moves with the sound that is really playing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.integrations.vtube_studio.faces import PLAYHEAD_S, Stage, stage_of
from voxelle.domain.avatar import CLOSED_MOUTH, MOUTH_RATE, MouthShape, MouthTrack
from voxelle.domain.events import ClauseHeard, MouthTrackGrown, PlayheadMoved, TurnStateChanged
from voxelle.domain.speech import Clause, TurnState
from voxelle.integrations.vtube_studio.lips import STALE_S, LipSync
from voxelle.integrations.vtube_studio.settings import MouthRoute, VTubeStudioSettings
from voxelle.kernel.clock import Clock, Randomness


def ramp(seconds: float) -> list[MouthShape]:
    """Return shapes that tell the time: the openness grows by one tenth a second."""
    return [MouthShape(place / MOUTH_RATE / 10) for place in range(round(seconds * MOUTH_RATE))]


class Lips:
    """Lips alone, and what they tell."""

    def __init__(self, **settings: Any) -> None:
        self.settings = VTubeStudioSettings(**settings)
        self.problems: list[str] = []
        self.sync = LipSync(lambda: self.settings, self.problems.append)

    def track(self, shapes: Sequence[MouthShape], index: int = 0, first: int = 0, turn_id: str = "t") -> None:
        self.sync.on_track(MouthTrackGrown(MouthTrack(turn_id, index, first, tuple(shapes), "spectrum")))

    def play(self, position_s: float, at_s: float, index: int = 0, turn_id: str = "t") -> None:
        self.sync.on_playhead(PlayheadMoved(turn_id, index, position_s, at_s))

    def state(self, state: TurnState, now: float) -> None:
        self.sync.on_state(TurnStateChanged(state, "" if state is TurnState.IDLE else "t"), now)

    def openness(self, now: float) -> float:
        return self.sync.shape(now).openness


def test_between_two_playheads_the_position_goes_on() -> None:
    lips = Lips()
    lips.track(ramp(10))
    lips.play(1.0, 100.0)
    assert lips.openness(100.0) == pytest.approx(0.1)
    assert lips.openness(100.05) == pytest.approx(0.105)


def test_shapes_between_two_places_are_mixed() -> None:
    lips = Lips()
    lips.track([MouthShape(0.0, a=1.0), MouthShape(1.0, i=1.0)])
    lips.play(0.0, 0.0)
    shape = lips.sync.shape(0.25 / MOUTH_RATE)
    assert (shape.openness, shape.a, shape.i) == pytest.approx((0.25, 0.75, 0.25))


def test_a_playhead_that_is_told_late_does_not_move_the_mouth() -> None:
    lips = Lips()
    lips.track(ramp(10))
    lips.play(1.0, 100.0)
    lips.play(1.04, 100.06)
    assert lips.openness(100.06) == pytest.approx(0.106)


def test_a_playhead_that_tells_of_an_earlier_begin_is_believed_at_once() -> None:
    lips = Lips()
    lips.track(ramp(10))
    lips.play(0.0, 100.015)
    lips.play(0.04, 100.04)
    assert lips.openness(100.04) == pytest.approx(0.004)


def test_a_sound_that_fell_behind_for_good_is_followed_after_a_few_playheads() -> None:
    lips = Lips()
    lips.track(ramp(10))
    lips.play(1.0, 100.0)
    for step in range(1, 6):
        lips.play(1.0 + step * 0.04, 100.03 + step * 0.04)
    assert lips.openness(100.23) == pytest.approx(0.12)


def test_a_playhead_that_jumped_is_followed_at_once() -> None:
    lips = Lips()
    lips.track(ramp(10))
    lips.play(1.0, 100.0)
    lips.play(1.04, 100.2)
    assert lips.openness(100.2) == pytest.approx(0.104)


def test_when_the_playhead_stops_so_does_the_mouth() -> None:
    lips = Lips()
    lips.track(ramp(10))
    lips.play(1.0, 100.0)
    assert lips.sync.is_live(100.0 + STALE_S - 0.001)
    assert lips.openness(100.0 + STALE_S - 0.001) > 0
    assert not lips.sync.is_live(100.0 + STALE_S)
    assert lips.sync.shape(100.0 + STALE_S) == CLOSED_MOUTH


def test_past_the_known_end_the_mouth_is_closed() -> None:
    lips = Lips()
    lips.track([MouthShape(1.0)] * 30)
    lips.play(0.48, 10.0)
    assert lips.openness(10.0) == 1.0
    assert lips.openness(10.06) == 0.0


def test_more_of_a_clause_joins_what_is_known_of_it_and_gaps_are_closed() -> None:
    lips = Lips()
    lips.track([MouthShape(0.5)] * 6)
    lips.track([MouthShape(0.8)] * 6, first=12)
    lips.track([MouthShape(0.6)] * 2, first=4)
    found = []
    for place in (0, 4, 5, 6, 9, 12, 17):
        lips.play(place / MOUTH_RATE, place / MOUTH_RATE)
        found.append(round(lips.openness(place / MOUTH_RATE), 2))
    assert found == [0.5, 0.6, 0.6, 0, 0, 0.8, 0.8]


def test_the_offset_lets_the_mouth_go_ahead_or_behind() -> None:
    for offset_ms, expected in ((100, 0.11), (-100, 0.09)):
        lips = Lips(mouth_offset_ms=offset_ms)
        lips.track(ramp(10))
        lips.play(1.0, 100.0)
        assert lips.openness(100.0) == pytest.approx(expected)
    behind = Lips(mouth_offset_ms=-500)
    behind.track([MouthShape(1.0)] * 60)
    behind.play(0.1, 0.0)
    assert behind.openness(0.0) == 0.0


def test_the_gain_opens_the_mouth_wider_but_no_wider_than_it_goes() -> None:
    lips = Lips(mouth_gain=2.0)
    lips.track([MouthShape(0.3, a=0.9, energy=0.4)] * 60)
    lips.play(0.1, 0.0)
    shape = lips.sync.shape(0.0)
    assert (shape.openness, shape.a, shape.energy) == pytest.approx((0.6, 1.0, 0.4))


@pytest.mark.parametrize(
    "route, has, has_not",
    [
        (MouthRoute.OWN, {"VoxelleMouthOpen", "VoxelleVowelA"}, {"MouthOpen", "VoiceA"}),
        (MouthRoute.DEFAULT, {"MouthOpen", "MouthSmile", "VoiceA", "VoiceVolumePlusMouthOpen"}, {"VoxelleMouthOpen"}),
        (MouthRoute.BOTH, {"MouthOpen", "VoiceA", "VoxelleMouthOpen", "VoxelleVowelO"}, set()),
    ],
)
def test_the_streamer_chooses_which_inputs_move(route: MouthRoute, has: set[str], has_not: set[str]) -> None:
    lips = Lips(mouth_route=route)
    lips.track([MouthShape(0.5, a=0.4, energy=0.2)] * 60)
    lips.play(0.1, 0.0)
    wishes = lips.sync.wishes(0.0)
    assert has | {"VoxelleEnergy"} <= set(wishes)
    assert not has_not & set(wishes)
    for name in has & {"MouthOpen", "VoxelleMouthOpen"}:
        assert wishes[name].value == 0.5


@pytest.mark.parametrize("vowel, is_wide", [("i", True), ("e", True), ("u", False), ("o", False)])
def test_the_form_of_the_mouth_follows_the_vowel(vowel: str, is_wide: bool) -> None:
    lips = Lips()
    lips.track([MouthShape(0.5)._replace(**{vowel: 1.0})] * 60)
    lips.play(0.1, 0.0)
    assert (lips.sync.wishes(0.0)["MouthSmile"].value > 0.5) is is_wide


def test_switched_off_nothing_moves() -> None:
    lips = Lips(moves_mouth=False)
    lips.track([MouthShape(0.5)] * 60)
    lips.play(0.1, 0.0)
    assert lips.sync.wishes(0.0) == {}
    assert not lips.sync.is_live(0.0)
    assert lips.sync.shape(0.0) == CLOSED_MOUTH


def test_the_mouth_is_taken_hold_of_before_the_sound_comes() -> None:
    lips = Lips()
    assert lips.sync.wishes(0.0) == {}
    lips.track([MouthShape(0.5)] * 60)
    assert lips.sync.wishes(0.0)["MouthOpen"].value == 0.0


def test_a_clause_that_was_cut_is_not_shown_by_what_comes_late() -> None:
    lips = Lips()
    lips.track(ramp(10))
    lips.play(1.0, 100.0)
    lips.state(TurnState.INTERRUPTED, 100.0)
    lips.track(ramp(10), index=1)
    lips.play(1.04, 100.04)
    assert lips.sync.shape(100.04) == CLOSED_MOUTH
    assert lips.sync.wishes(100.05)["MouthOpen"].value == 0.0
    assert lips.sync.next_change(100.05) == pytest.approx(100.1)
    assert lips.sync.wishes(100.11) == {}


def test_the_next_clause_begins_at_its_own_first_sample() -> None:
    lips = Lips()
    lips.track(ramp(1))
    lips.track([MouthShape(0.9)] * 60, index=1)
    lips.play(1.2, 100.0)
    assert lips.openness(100.0) == 0.0
    lips.play(0.0, 100.04, index=1)
    assert lips.openness(100.04) == pytest.approx(0.9)


def test_without_any_shapes_the_mouth_stays_closed_and_says_so_once() -> None:
    lips = Lips()
    lips.sync.on_clause(ClauseHeard(Clause("t", 0, "Hello."), 2.0))
    for step in range(20):
        lips.play(step * 0.04, step * 0.04)
    assert lips.sync.wishes(0.8) == {}
    assert lips.problems == ["No mouth shapes come with her voice: the mouth stays closed."]


def test_a_caption_without_a_voice_is_no_reason_to_complain() -> None:
    lips = Lips()
    lips.sync.on_clause(ClauseHeard(Clause("t", 0, "Hello."), 0.0))
    for step in range(20):
        lips.play(step * 0.04, step * 0.04)
    assert lips.problems == []


def test_an_endless_turn_keeps_no_endless_memory() -> None:
    lips = Lips()
    for index in range(500):
        lips.track([MouthShape(0.5)] * 60, index=index)
    lips.track([MouthShape(0.5)], index=499, first=10**9)
    assert len(lips.sync._tracks.shapes) <= 64
    assert max(len(shapes) for shapes in lips.sync._tracks.shapes.values()) <= 120 * MOUTH_RATE


@pytest.mark.virtual_time
async def test_at_every_frame_the_mouth_is_where_the_sound_is(clock: Clock) -> None:
    randomness = Randomness(3)
    async with stage_of(clock) as stage, stage.playing():
        stage.track(ramp(9.5))
        await clock.sleep(0.3)
        began = clock.monotonic()
        for step in range(round(9 / PLAYHEAD_S)):
            # A playhead is told up to 8 ms late.
            await clock.sleep(began + step * PLAYHEAD_S + randomness.uniform(0.0, 0.008) - clock.monotonic())
            stage.playhead(clock.monotonic() - began - randomness.uniform(0.0, 0.004), at_s=clock.monotonic())
        frames = _frames(stage, began)
        assert len(frames) >= 9 * 58
        errors = [abs(value * 10 - at) for at, value in frames if at > 0.05]
        on_time = sum(error <= 0.010 for error in errors) / len(errors)
        assert on_time >= 0.99
        assert stage.fake.violations == []


def _frames(stage: Stage, began: float) -> list[tuple[float, float]]:
    found = []
    for each in stage.fake.log("InjectParameterDataRequest"):
        values = {row["id"]: row["value"] for row in each.data["parameterValues"]}
        if each.at >= began and "MouthOpen" in values:
            found.append((each.at - began, values["MouthOpen"]))
    return found


@pytest.mark.virtual_time
async def test_cut_off_the_mouth_is_closed_within_a_frame(clock: Clock) -> None:
    async with stage_of(clock) as stage, stage.playing():
        stage.state(TurnState.SPEAKING)
        stage.track([MouthShape(0.9, a=0.9)] * 600)
        await stage.sound(1.01)
        assert stage.value("MouthOpen") == pytest.approx(0.9)
        cut_at = clock.monotonic()
        stage.state(TurnState.INTERRUPTED)
        await clock.sleep(0.002)
        assert stage.value("MouthOpen") == 0.0
        assert stage.value("VoiceA") == 0.0
        stage.playhead(1.05)
        await clock.sleep(2.0)
        late = [each for each in stage.fake.log("InjectParameterDataRequest") if each.at > cut_at + 0.4]
        assert late == []


@pytest.mark.virtual_time
async def test_at_the_end_the_mouth_is_given_back_and_nothing_more_is_sent(clock: Clock) -> None:
    async with stage_of(clock) as stage, stage.playing():
        stage.track([MouthShape(0.9)] * 30)
        await stage.sound(0.6)
        stage.state(TurnState.IDLE)
        await clock.sleep(1.0)
        sent = len(stage.sent("InjectParameterDataRequest"))
        await clock.sleep(5.0)
        assert len(stage.sent("InjectParameterDataRequest")) == sent
        assert stage.fake.face().is_neutral


@pytest.mark.virtual_time
async def test_the_meter_is_told_twenty_times_a_second_at_most_and_ends_closed(clock: Clock) -> None:
    async with stage_of(clock) as stage, stage.playing():
        stage.track(ramp(2.5))
        await stage.sound(2.0)
        stage.state(TurnState.IDLE)
        await clock.sleep(0.5)
        assert 30 <= len(stage.shapes) <= 42
        assert stage.shapes[-1] == CLOSED_MOUTH
