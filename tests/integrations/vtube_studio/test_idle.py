"""She is alive when silent, and still when she speaks."""

from __future__ import annotations

import itertools

import pytest

from tests.fakes.vtube_studio.models import HIYORI
from tests.integrations.vtube_studio.faces import Stage, expression, hotkey, model_of, stage_of
from voxelle.domain.events import ShowChanged, ShowSnapshot
from voxelle.domain.speech import TurnState
from voxelle.integrations.vtube_studio.idle import Blinking, Gaze
from voxelle.integrations.vtube_studio.settings import ModelMapping
from voxelle.kernel.clock import Clock, Randomness

MOTIONS = ModelMapping(idle=(hotkey("Wave", weight=5.0), hotkey("Nod"), expression("Blush.exp3.json")))
POSES = ModelMapping(listening=expression("Love.exp3.json"), thinking=hotkey("Blush"))


def listen(stage: Stage, *, is_listening: bool) -> None:
    stage.announce(ShowChanged(ShowSnapshot(is_listening=is_listening)))


def deeds(stage: Stage) -> list[tuple[float, str]]:
    """Return what was done when: hotkeys, and expressions that were set."""
    found = [(each.at, each.hotkey.name) for each in stage.fake.hotkeys.played]
    found += [(each.at, each.data["expressionFile"]) for each in stage.fake.log("ExpressionActivationRequest") if each.data["active"]]
    return sorted(found)


@pytest.mark.virtual_time
async def test_in_silence_something_moves_now_and_then_with_variety(clock: Clock) -> None:
    async with stage_of(clock, MOTIONS, moves_when_silent=True, idle_every_s=20.0) as stage, stage.playing():
        await clock.sleep(1000.0)
        done = deeds(stage)
        assert 42 <= len(done) <= 60
        assert {name for _, name in done} == {"Wave", "Nod", "Blush.exp3.json"}
        pauses = [second - first for (first, _), (second, _) in itertools.pairwise(done)]
        assert all(11.9 <= pause <= 28.2 for pause in pauses)
        assert len({round(pause, 1) for pause in pauses}) > 20
        assert all(first != second for (_, first), (_, second) in itertools.pairwise(done))
        assert stage.fake.violations == []


@pytest.mark.virtual_time
@pytest.mark.parametrize("state", [TurnState.THINKING, TurnState.SPEAKING])
async def test_while_she_thinks_or_speaks_nothing_moves_by_itself(clock: Clock, state: TurnState) -> None:
    async with stage_of(clock, MOTIONS, moves_when_silent=True, idle_every_s=5.0) as stage, stage.playing():
        stage.state(state)
        await clock.sleep(200.0)
        assert deeds(stage) == []
        stage.state(TurnState.IDLE)
        began = clock.monotonic()
        await clock.sleep(20.0)
        assert deeds(stage)[0][0] - began >= 3.0


@pytest.mark.virtual_time
async def test_what_idle_life_set_is_taken_back_when_she_begins(clock: Clock) -> None:
    mapping = ModelMapping(idle=(expression("Blush.exp3.json"),))
    async with stage_of(clock, mapping, moves_when_silent=True, idle_every_s=5.0) as stage, stage.playing():
        while not stage.active():
            await clock.sleep(0.1)
        stage.state(TurnState.THINKING)
        await clock.sleep(0.1)
        assert stage.active() == ()
        stage.state(TurnState.IDLE)
        while not stage.active():
            await clock.sleep(0.1)
        listen(stage, is_listening=True)
        await clock.sleep(0.1)
        assert stage.active() == ()


@pytest.mark.virtual_time
async def test_switched_off_nothing_moves_in_silence(clock: Clock) -> None:
    async with stage_of(clock, MOTIONS, moves_when_silent=False) as stage, stage.playing():
        await clock.sleep(500.0)
        assert deeds(stage) == []


@pytest.mark.virtual_time
async def test_motions_that_this_model_lacks_are_passed_over(clock: Clock) -> None:
    mapping = ModelMapping(idle=(hotkey("Lost"),))
    async with stage_of(clock, mapping, moves_when_silent=True, idle_every_s=5.0) as stage, stage.playing():
        await clock.sleep(50.0)
        assert deeds(stage) == []
        assert stage.problems == []


@pytest.mark.virtual_time
async def test_she_looks_different_while_she_listens_and_while_she_thinks(clock: Clock) -> None:
    async with stage_of(clock, POSES) as stage, stage.playing():
        listen(stage, is_listening=True)
        listen(stage, is_listening=True)
        await clock.sleep(5.0)
        assert stage.active() == ("Love",)
        assert stage.value("VoxelleListening") == 1.0
        stage.state(TurnState.THINKING)
        await clock.sleep(5.0)
        assert set(stage.active()) == {"Love", "Blush"}
        listen(stage, is_listening=False)
        stage.state(TurnState.SPEAKING)
        await clock.sleep(1.0)
        assert stage.active() == ()
        assert stage.value("VoxelleListening") == 0.0


@pytest.mark.virtual_time
async def test_another_model_that_comes_while_she_thinks_thinks_too(clock: Clock) -> None:
    async with stage_of(clock, POSES) as stage, stage.playing():
        stage.map(ModelMapping(thinking=hotkey("sad")), HIYORI)
        stage.state(TurnState.THINKING)
        await clock.sleep(1.0)
        stage.fake.stage.load(HIYORI)
        stage.face.use_model(model_of(stage.fake))
        await clock.sleep(1.0)
        assert stage.active() == ("sad",)
        stage.state(TurnState.IDLE)
        await clock.sleep(1.0)
        assert stage.active() == ()


def test_eyes_close_now_and_then_and_open_again() -> None:
    blinking = Blinking(Randomness(1))
    assert blinking.additions(0.0, is_on=False) == {}
    assert blinking.next_change(0.0) is None
    now, closed, blinks = 0.0, False, 0
    while now < 300.0:
        added = blinking.additions(now, is_on=True)
        assert set(added) in (set(), {"EyeOpenLeft", "EyeOpenRight"})
        value = added.get("EyeOpenLeft", 0.0)
        assert -1.0 <= value <= 0.0
        blinks += value < -0.5 and not closed
        closed = value < -0.5
        due = blinking.next_change(now)
        assert due is not None
        now = max(now + 1 / 60, due)
    assert 50 <= blinks <= 110


def test_the_gaze_wanders_a_little_and_comes_back_when_it_is_switched_off() -> None:
    gaze = Gaze(Randomness(1))
    assert gaze.additions(0.0, is_on=False) == {}
    now, before, seen = 0.0, 0.0, set()
    while now < 100.0:
        added = gaze.additions(now, is_on=True)
        value = added.get("EyeLeftX", 0.0)
        assert value == added.get("EyeRightX", 0.0)
        assert abs(value) <= 0.35
        assert abs(added.get("FaceAngleX", 0.0)) <= 4.0
        assert abs(value - before) < 0.06
        before = value
        seen.add(round(value, 2))
        now += 1 / 60
    assert len(seen) > 20
    gaze.additions(now, is_on=False)
    assert gaze.additions(now + 0.6, is_on=False) == {}
    assert gaze.next_change(now + 0.6) is None


@pytest.mark.virtual_time
async def test_blinking_and_gaze_are_added_and_given_back(clock: Clock) -> None:
    async with stage_of(clock, blinks=True, drifts=True) as stage:
        async with stage.playing():
            await clock.sleep(30.0)
            assert {each["mode"] for each in stage.sent("InjectParameterDataRequest")} == {"add"}
            stage.set(blinks=False, drifts=False)
            await clock.sleep(5.0)
            assert stage.fake.face().is_neutral
            stage.set(drifts=True)
            await clock.sleep(5.0)
        await clock.sleep(1.1)
        assert stage.fake.face().is_neutral
        assert stage.fake.violations == []
