"""A face over its connections: what is due comes back, what is not is cleared, and in the end it is neutral."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from tests.fakes.vtube_studio.memory import MemoryApi
from tests.fakes.vtube_studio.models import AKARI, HIYORI, Hotkey
from tests.integrations.vtube_studio.faces import Stage, expression, hotkey, model_of, pose, row, small_model, stage_of
from voxelle.domain.avatar import Emotion, MouthShape
from voxelle.domain.errors import InputError, TemporaryError
from voxelle.domain.speech import TurnState
from voxelle.integrations.vtube_studio.settings import ModelMapping
from voxelle.kernel.clock import Clock

pytestmark = pytest.mark.virtual_time

GONE_S = 1.1
MAPPING = ModelMapping(
    rows=(
        row(Emotion.JOY, hotkey("Smile"), hold_s=10.0),
        row(Emotion.SADNESS, expression("EyesCry.exp3.json"), hold_s=10.0),
        row(Emotion.PRIDE, pose(FaceAngleY=10.0), hold_s=10.0),
        row(Emotion.FEAR, hotkey("Tracker"), hold_s=10.0),
        row(Emotion.ANGER, hotkey("Angry"), hold_s=0.3),
    )
)


async def start(stage: Stage) -> tuple[MemoryApi, asyncio.Task[None]]:
    api = await stage.connect()
    task = stage.scope.start(stage.face.run(api, model_of(stage.fake)), name="face", is_awaited=True)
    await stage.clock.sleep(0)
    return api, task


async def lose(stage: Stage, api: MemoryApi, task: asyncio.Task[None], *, is_noticed_first: bool) -> None:
    """Lose the line; the service may notice it before the face does."""
    stage.fake.drop(api.session)
    if is_noticed_first:
        task.cancel()
    with suppress(TemporaryError, asyncio.CancelledError):
        await task


async def stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_cancelled_it_leaves_a_neutral_face_and_quickly(clock: Clock) -> None:
    async with stage_of(clock, MAPPING) as stage:
        _, task = await start(stage)
        stage.hear(Emotion.JOY)
        stage.hear(Emotion.PRIDE)
        stage.track([MouthShape(0.9)] * 600)
        await stage.sound(1.0)
        assert stage.value("MouthOpen") > 0
        began = clock.monotonic()
        await stop(task)
        assert clock.monotonic() - began < 2.1
        assert stage.active() == ()
        assert stage.value("MouthOpen") == 0.0
        await clock.sleep(GONE_S)
        assert stage.fake.face().is_neutral
        assert stage.fake.violations == []


async def test_a_toggle_pressed_a_moment_before_the_end_is_cleared_once_it_was_executed(clock: Clock) -> None:
    async with stage_of(clock, MAPPING) as stage:
        _, task = await start(stage)
        # The streamer's other plugins keep the queue over there busy.
        other = MemoryApi(stage.fake, plugin="Other Plugin")
        for name in ("Wave", "Nod", "Surprised"):
            await other.ask("HotkeyTriggerRequest", {"hotkeyID": name})
        stage.hear(Emotion.JOY)
        await clock.sleep(0.01)
        await stop(task)
        await clock.sleep(1.0)
        assert stage.pressed()[-1] == "Smile"
        assert stage.active() == ()


async def test_a_short_hold_waits_until_a_press_was_executed(clock: Clock) -> None:
    async with stage_of(clock, MAPPING) as stage, stage.playing():
        other = MemoryApi(stage.fake, plugin="Other Plugin")
        for name in ("Wave", "Nod", "Surprised", "Clear face"):
            await other.ask("HotkeyTriggerRequest", {"hotkeyID": name})
        stage.hear(Emotion.ANGER)
        await clock.sleep(2.0)
        assert "Angry" in stage.pressed()
        assert stage.active() == ()


@pytest.mark.parametrize("is_noticed_first", [False, True])
@pytest.mark.parametrize("emotion, file", [(Emotion.JOY, "Smile"), (Emotion.SADNESS, "EyesCry")])
async def test_after_a_reconnect_what_is_still_due_is_shown_again(
    clock: Clock, emotion: Emotion, file: str, is_noticed_first: bool
) -> None:
    async with stage_of(clock, MAPPING) as stage:
        api, task = await start(stage)
        stage.hear(emotion)
        await clock.sleep(1.0)
        await lose(stage, api, task, is_noticed_first=is_noticed_first)
        # VTube Studio was started anew: nothing is on.
        stage.fake.start_again(AKARI)
        _, task = await start(stage)
        await clock.sleep(1.0)
        assert stage.active() == (file,)
        await clock.sleep(9.0)
        assert stage.active() == ()
        await stop(task)


@pytest.mark.parametrize("is_noticed_first", [False, True])
async def test_after_a_reconnect_what_is_no_longer_due_is_cleared(clock: Clock, is_noticed_first: bool) -> None:
    async with stage_of(clock, MAPPING) as stage:
        api, task = await start(stage)
        stage.hear(Emotion.JOY)
        await clock.sleep(1.0)
        await lose(stage, api, task, is_noticed_first=is_noticed_first)
        assert stage.active() == ("Smile",)
        await clock.sleep(30.0)
        _, task = await start(stage)
        await clock.sleep(0.1)
        assert stage.active() == ()
        await stop(task)


@pytest.mark.parametrize("is_noticed_first", [False, True])
async def test_a_pose_comes_back_after_a_reconnect(clock: Clock, is_noticed_first: bool) -> None:
    async with stage_of(clock, MAPPING) as stage:
        api, task = await start(stage)
        stage.hear(Emotion.PRIDE, 1.0)
        await clock.sleep(1.0)
        await lose(stage, api, task, is_noticed_first=is_noticed_first)
        await clock.sleep(3.0)
        assert stage.value("FaceAngleY") == 0.0
        _, task = await start(stage)
        await clock.sleep(1.0)
        assert stage.value("FaceAngleY") == 10.0
        await stop(task)


async def test_what_was_under_way_when_the_line_dropped_is_cleared_in_the_end(clock: Clock) -> None:
    async with stage_of(clock, MAPPING) as stage:
        api, task = await start(stage)
        stage.fake.faults.delay_s = 0.5
        stage.hear(Emotion.SADNESS)
        await clock.sleep(0.7)
        # It was taken over there, but the answer never came.
        await lose(stage, api, task, is_noticed_first=False)
        assert stage.active() == ("EyesCry",)
        stage.fake.faults.clear()
        await clock.sleep(20.0)
        _, task = await start(stage)
        await clock.sleep(0.5)
        assert stage.active() == ()
        await stop(task)


async def test_after_a_reconnect_to_another_model_nothing_of_the_old_one_is_left(clock: Clock) -> None:
    async with stage_of(clock, MAPPING) as stage:
        api, task = await start(stage)
        stage.hear(Emotion.JOY)
        await clock.sleep(1.0)
        await lose(stage, api, task, is_noticed_first=False)
        stage.fake.stage.load(HIYORI)
        _, task = await start(stage)
        await clock.sleep(20.0)
        assert stage.pressed() == ["Smile"]
        assert stage.problems == []
        await stop(task)


async def test_a_toggle_without_an_expression_is_pressed_again_but_never_after_a_reconnect(clock: Clock) -> None:
    async with stage_of(clock, MAPPING) as stage:
        stage.fake.stage.library[AKARI].hotkeys.append(Hotkey("tracker", "Tracker", "ToggleTracker"))
        api, task = await start(stage)
        stage.hear(Emotion.FEAR)
        await clock.sleep(11.0)
        assert stage.pressed() == ["Tracker", "Tracker"]
        stage.hear(Emotion.FEAR)
        await clock.sleep(1.0)
        await lose(stage, api, task, is_noticed_first=False)
        _, task = await start(stage)
        await clock.sleep(20.0)
        await stop(task)
        assert stage.pressed() == ["Tracker"] * 3


async def test_a_lost_line_ends_the_face_with_a_sentence(clock: Clock) -> None:
    async with stage_of(clock, MAPPING) as stage:
        api, task = await start(stage)
        stage.fake.drop(api.session)
        stage.hear(Emotion.JOY)
        with pytest.raises(TemporaryError):
            await task
        assert stage.cues[-1].deed == "hotkey Smile: the line dropped"
        stage.hear(Emotion.JOY)
        assert len(stage.cues) == 1


async def test_signed_out_the_face_ends_at_once_and_asks_nothing_more(clock: Clock) -> None:
    async with stage_of(clock, MAPPING) as stage:
        api, task = await start(stage)
        stage.fake.sign_in.revoke()
        stage.hear(Emotion.JOY)
        stage.track([MouthShape(0.9)] * 60)
        with pytest.raises(TemporaryError):
            await task
        assert len([each for each in stage.fake.requests if each.error_id is not None]) <= 2
        assert stage.fake.violations == []
        stage.fake.drop(api.session)


async def test_when_vtube_studio_stops_answering_the_end_is_still_bounded(clock: Clock) -> None:
    async with stage_of(clock, MAPPING) as stage:
        _, task = await start(stage)
        stage.hear(Emotion.SADNESS)
        await clock.sleep(1.0)
        stage.fake.faults.swallow_next("ExpressionActivationRequest", 10)
        began = clock.monotonic()
        await stop(task)
        assert clock.monotonic() - began < 2.2
        # Next time it is made good.
        stage.fake.faults.clear()
        _, task = await start(stage)
        await clock.sleep(20.0)
        await stop(task)
        assert stage.active() == ()


async def test_a_mistake_of_ours_is_not_swallowed(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    async with stage_of(clock, MAPPING) as stage:
        monkeypatch.setattr(stage.face._meter, "step", lambda *_: 1 / 0)
        _, task = await start(stage)
        with pytest.raises(ZeroDivisionError):
            await task


async def test_asleep_it_costs_next_to_nothing(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    async with stage_of(clock, MAPPING) as stage, stage.playing():
        looks: list[float] = []
        monkeypatch.setattr(stage.face._meter, "step", lambda now, *_: looks.append(now))
        before = len(stage.fake.requests)
        await clock.sleep(100.0)
        assert len(stage.fake.requests) == before
        assert len(looks) <= 55


async def test_nobody_listens_to_the_show_once_the_face_ended(clock: Clock) -> None:
    async with stage_of(clock, MAPPING) as stage:
        async with stage.playing():
            assert len(stage.bus._subscriptions) == 6
        assert len(stage.bus._subscriptions) == 1


async def test_no_camera_is_told_while_she_is_silent_too(clock: Clock) -> None:
    async with stage_of(clock, MAPPING, face_found=True) as stage:
        async with stage.playing():
            await clock.sleep(10.0)
            assert stage.fake.parameters.is_face_found
            assert 15 <= len(stage.sent("InjectParameterDataRequest")) <= 30
        await clock.sleep(GONE_S)
        assert stage.fake.face().is_neutral


async def test_settings_that_change_are_noticed_while_asleep(clock: Clock) -> None:
    async with stage_of(clock, MAPPING) as stage, stage.playing():
        await clock.sleep(10.0)
        stage.set(face_found=True)
        await clock.sleep(3.0)
        assert stage.fake.parameters.is_face_found


async def test_a_row_can_be_tried_and_is_taken_back(clock: Clock) -> None:
    async with stage_of(clock, MAPPING) as stage, stage.playing():
        for deed, file in ((hotkey("Smile"), "Smile"), (expression("Love.exp3.json"), "Love")):
            await stage.face.play(deed)
            await clock.sleep(0.1)
            assert stage.active() == (file,)
            await clock.sleep(4.0)
            assert stage.active() == ()
        await stage.face.play(hotkey("Wave"))
        assert stage.pressed()[-1] == "Wave"
        await stage.face.play(pose(FaceAngleX=8.0))
        await clock.sleep(1.0)
        assert stage.value("FaceAngleX") == 8.0
        assert stage.cues == []


async def test_what_can_not_be_tried_is_a_sentence(clock: Clock) -> None:
    async with stage_of(clock, MAPPING) as stage:
        with pytest.raises(InputError, match="not connected"):
            await stage.face.play(hotkey("Smile"))
        async with stage.playing() as api:
            with pytest.raises(InputError, match="Hotkey Nowhere is not in this model"):
                await stage.face.play(hotkey("Nowhere"))
            stage.fake.stage.has_windows_open = True
            with pytest.raises(InputError, match="settings window is open"):
                await stage.face.play(hotkey("Smile"))
            stage.fake.drop(api.session)
            with pytest.raises(TemporaryError, match="dropped"):
                await stage.face.play(hotkey("Wave"))


async def test_a_test_that_gives_way_to_another_says_so(clock: Clock) -> None:
    async with stage_of(clock, MAPPING) as stage, stage.playing():
        stage.fake.faults.delay_s = 0.3
        tries = []
        for name in ("Wave", "Nod", "Surprised"):
            tries.append(stage.scope.start(stage.face.play(hotkey(name)), name=name, is_awaited=True))
            await clock.sleep(0.01)
        with pytest.raises(InputError, match="something newer came"):
            await tries[1]
        await tries[0]
        await tries[2]
        assert stage.pressed() == ["Wave", "Surprised"]


async def test_hotkeys_that_changed_end_what_they_held_and_leave_the_rest(clock: Clock) -> None:
    async with stage_of(clock, MAPPING) as stage, stage.playing():
        stage.hear(Emotion.JOY)
        await clock.sleep(1.0)
        stage.face.use_model(model_of(stage.fake))
        await clock.sleep(1.0)
        assert stage.active() == ("Smile",)
        akari = stage.fake.stage.library[AKARI]
        akari.hotkeys = [each for each in akari.hotkeys if each.name != "Smile"]
        stage.face.use_model(model_of(stage.fake))
        await clock.sleep(1.0)
        assert stage.active() == ()


async def test_a_model_may_change_while_no_line_stands(clock: Clock) -> None:
    async with stage_of(clock, MAPPING) as stage:
        stage.face.use_model(small_model("Smile"))
        async with stage.playing():
            stage.hear(Emotion.SADNESS)
            await clock.sleep(1.0)
            assert stage.active() == ("EyesCry",)


async def test_the_state_of_the_show_reaches_the_model(clock: Clock) -> None:
    async with stage_of(clock, MAPPING) as stage, stage.playing():
        stage.state(TurnState.THINKING)
        await clock.sleep(1.0)
        assert stage.value("VoxelleThinking") == 1.0
        stage.state(TurnState.SPEAKING)
        await clock.sleep(1.0)
        assert stage.value("VoxelleThinking") == 0.0
