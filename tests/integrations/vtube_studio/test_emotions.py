"""What is felt in a clause reaches the model at the moment the clause is heard."""

from __future__ import annotations

import pytest

from tests.fakes.vtube_studio.models import AKARI, HIYORI, Expression
from tests.integrations.vtube_studio.faces import expression, hotkey, model_of, pose, row, stage_of
from voxelle.domain.avatar import Emotion
from voxelle.integrations.vtube_studio.settings import ModelMapping
from voxelle.kernel.clock import Clock

pytestmark = pytest.mark.virtual_time

MAPPING = ModelMapping(
    rows=(
        row(Emotion.JOY, hotkey("Smile"), hold_s=4.0),
        row(Emotion.SADNESS, expression("EyesCry.exp3.json", fade_s=1.5), hold_s=3.0),
        row(Emotion.ANGER, hotkey("Angry"), hold_s=0.0),
        row(Emotion.SURPRISE, hotkey("Surprised")),
        row(Emotion.LOVE, expression("Love.exp3.json"), returns=False),
        row(Emotion.PRIDE, pose(FaceAngleY=10.0), hold_s=2.0),
        row(Emotion.EMBARRASSMENT, hotkey("Blush"), threshold=0.5, cooldown_s=2.0, hold_s=3.0),
    ),
)


async def test_the_first_message_goes_in_the_moment_the_clause_is_heard(clock: Clock) -> None:
    async with stage_of(clock, MAPPING) as stage, stage.playing():
        await clock.sleep(1.0)
        for emotion in (Emotion.JOY, Emotion.SADNESS, Emotion.SURPRISE, Emotion.PRIDE):
            before, heard_at = len(stage.fake.requests), clock.monotonic()
            stage.hear(emotion)
            await clock.sleep(2.0)
            assert stage.fake.requests[before].at - heard_at < 0.001


async def test_the_emotion_of_each_clause_is_told_as_it_was_with_what_was_done(clock: Clock) -> None:
    async with stage_of(clock, MAPPING) as stage, stage.playing():
        for emotion, intensity in ((Emotion.JOY, 0.7), (Emotion.EMBARRASSMENT, 0.2), (Emotion.GRIEF, 0.9), (Emotion.NEUTRAL, 0.0)):
            stage.hear(emotion, intensity)
            await clock.sleep(1.0)
        assert [(cue.emotion, cue.intensity, cue.deed, cue.is_done) for cue in stage.cues] == [
            (Emotion.JOY, 0.7, "hotkey Smile", True),
            (Emotion.EMBARRASSMENT, 0.2, "nothing: below the threshold", False),
            (Emotion.GRIEF, 0.9, "nothing: no row has it", False),
            (Emotion.NEUTRAL, 0.0, "nothing: neutral", False),
        ]
        assert (stage.cues[1].at - stage.cues[0].at).total_seconds() == pytest.approx(1.0, abs=0.001)


async def test_a_toggle_is_pressed_and_cleared_after_its_hold(clock: Clock) -> None:
    async with stage_of(clock, MAPPING) as stage, stage.playing():
        stage.hear(Emotion.JOY)
        await clock.sleep(3.9)
        assert stage.active() == ("Smile",)
        await clock.sleep(0.2)
        assert stage.active() == ()
        assert stage.pressed() == ["Smile"]


async def test_an_expression_is_set_with_its_fade_and_cleared(clock: Clock) -> None:
    async with stage_of(clock, MAPPING) as stage, stage.playing():
        stage.hear(Emotion.SADNESS)
        await clock.sleep(0.1)
        assert stage.active() == ("EyesCry",)
        assert stage.sent("ExpressionActivationRequest")[0]["fadeTime"] == 1.5
        await clock.sleep(3.0)
        assert stage.active() == ()


async def test_the_newest_emotion_takes_the_place_of_the_one_before(clock: Clock) -> None:
    async with stage_of(clock, MAPPING) as stage, stage.playing():
        stage.hear(Emotion.SADNESS)
        await clock.sleep(1.0)
        stage.hear(Emotion.JOY)
        await clock.sleep(0.2)
        assert stage.active() == ("Smile",)


async def test_many_emotions_at_once_end_in_the_last_one(clock: Clock) -> None:
    async with stage_of(clock, MAPPING) as stage, stage.playing():
        for emotion in (Emotion.JOY, Emotion.SURPRISE, Emotion.SADNESS, Emotion.ANGER, Emotion.JOY, Emotion.SADNESS) * 5:
            stage.hear(emotion)
        await clock.sleep(2.0)
        assert stage.active() == ("EyesCry",)
        assert len(stage.cues) == 30
        assert any(cue.deed.endswith("a newer one came") for cue in stage.cues)
        assert stage.fake.violations == []


async def test_an_emotion_that_goes_on_is_held_longer_and_not_pressed_twice(clock: Clock) -> None:
    async with stage_of(clock, MAPPING) as stage, stage.playing():
        for _ in range(3):
            stage.hear(Emotion.JOY)
            await clock.sleep(3.0)
        assert stage.active() == ("Smile",)
        assert stage.pressed() == ["Smile"]
        assert [cue.deed for cue in stage.cues] == ["hotkey Smile", "hotkey Smile: on already", "hotkey Smile: on already"]
        await clock.sleep(1.5)
        assert stage.active() == ()


async def test_within_its_rest_an_emotion_that_goes_on_is_held_longer_too(clock: Clock) -> None:
    async with stage_of(clock, MAPPING) as stage, stage.playing():
        stage.hear(Emotion.EMBARRASSMENT)
        await clock.sleep(1.5)
        stage.hear(Emotion.EMBARRASSMENT)
        await clock.sleep(2.5)
        assert stage.cues[-1].deed == "nothing: too soon again"
        assert stage.active() == ("Blush",)
        await clock.sleep(1.0)
        assert stage.active() == ()


async def test_without_a_hold_it_lasts_until_the_next_one_or_a_neutral_clause(clock: Clock) -> None:
    async with stage_of(clock, MAPPING) as stage, stage.playing():
        stage.hear(Emotion.ANGER)
        await clock.sleep(300.0)
        assert stage.active() == ("Angry",)
        stage.hear(Emotion.NEUTRAL)
        await clock.sleep(1.0)
        assert stage.active() == ()


async def test_what_is_not_to_return_stays(clock: Clock) -> None:
    async with stage_of(clock, MAPPING) as stage:
        async with stage.playing():
            stage.hear(Emotion.JOY)
            await clock.sleep(1.0)
            stage.hear(Emotion.LOVE)
            await clock.sleep(20.0)
            assert stage.active() == ("Love",)
        assert stage.active() == ("Love",)


async def test_a_pose_moves_its_inputs_by_the_intensity_and_gives_them_back(clock: Clock) -> None:
    async with stage_of(clock, MAPPING) as stage, stage.playing():
        stage.hear(Emotion.PRIDE, 0.5)
        await clock.sleep(1.0)
        assert stage.value("FaceAngleY") == pytest.approx(5.0)
        stage.hear(Emotion.PRIDE, 1.0)
        await clock.sleep(1.0)
        assert stage.value("FaceAngleY") == pytest.approx(10.0)
        await clock.sleep(2.0)
        assert stage.value("FaceAngleY") == 0.0


async def test_the_mood_moves_an_input_of_its_own_and_fades(clock: Clock) -> None:
    async with stage_of(clock, MAPPING) as stage, stage.playing():
        stage.hear(Emotion.JOY, 0.5)
        await clock.sleep(1.0)
        assert stage.value("VoxelleMood") == pytest.approx(0.5)
        stage.hear(Emotion.SADNESS, 1.0)
        await clock.sleep(1.0)
        assert stage.value("VoxelleMood") == pytest.approx(-0.9)
        await clock.sleep(10.0)
        assert stage.value("VoxelleMood") == 0.0


async def test_what_the_streamer_set_himself_is_left_alone(clock: Clock) -> None:
    async with stage_of(clock, MAPPING) as stage, stage.playing():
        stage.fake.hotkeys.press("Smile")
        stage.fake.hotkeys.press("Eyes Cry")
        stage.hear(Emotion.JOY)
        await clock.sleep(1.0)
        stage.hear(Emotion.SADNESS)
        await clock.sleep(10.0)
        assert stage.active() == ("Smile", "EyesCry")
        assert [cue.deed for cue in stage.cues] == ["hotkey Smile: on already", "expression EyesCry: on already"]
        assert all(cue.is_done for cue in stage.cues)


async def test_what_the_streamer_took_off_himself_is_not_flipped_on_again(clock: Clock) -> None:
    async with stage_of(clock, MAPPING) as stage, stage.playing():
        stage.hear(Emotion.JOY)
        await clock.sleep(1.0)
        stage.fake.hotkeys.press("Smile")
        await clock.sleep(10.0)
        assert stage.active() == ()


async def test_a_hotkey_that_vanished_is_told_and_she_goes_on(clock: Clock) -> None:
    async with stage_of(clock, MAPPING) as stage, stage.playing():
        akari = stage.fake.stage.library[AKARI]
        akari.hotkeys = [each for each in akari.hotkeys if each.name != "Smile"]
        stage.hear(Emotion.JOY)
        await clock.sleep(1.0)
        assert (stage.cues[-1].deed, stage.cues[-1].is_done) == ("hotkey Smile: refused", False)
        assert stage.problems == ["Hotkey Smile is not in this model any more: choose another one in its row."]
        stage.hear(Emotion.SADNESS)
        await clock.sleep(1.0)
        assert stage.active() == ("EyesCry",)


async def test_another_model_has_its_own_mapping(clock: Clock) -> None:
    async with stage_of(clock, MAPPING) as stage, stage.playing():
        stage.map(ModelMapping(rows=(row(Emotion.JOY, hotkey("dance")),)), HIYORI)
        stage.hear(Emotion.JOY)
        await clock.sleep(1.0)
        stage.fake.stage.load(HIYORI)
        stage.face.use_model(model_of(stage.fake))
        stage.hear(Emotion.JOY)
        await clock.sleep(1.0)
        stage.hear(Emotion.SADNESS)
        await clock.sleep(10.0)
        assert stage.pressed() == ["Smile", "dance"]
        assert stage.cues[-1].deed == "nothing: no row has it"
        assert stage.problems == []


async def test_a_model_without_a_mapping_has_the_one_its_names_suggest(clock: Clock) -> None:
    async with stage_of(clock) as stage, stage.playing():
        stage.hear(Emotion.JOY)
        await clock.sleep(1.0)
        assert stage.active() == ("Smile",)


async def test_without_a_model_nothing_is_done(clock: Clock) -> None:
    async with stage_of(clock, MAPPING) as stage, stage.playing():
        stage.fake.stage.load("")
        stage.face.use_model(model_of(stage.fake))
        stage.hear(Emotion.JOY)
        assert stage.cues[-1].deed == "nothing: no model is loaded"


async def test_switched_off_no_emotion_is_shown(clock: Clock) -> None:
    async with stage_of(clock, MAPPING, shows_emotions=False) as stage, stage.playing():
        stage.hear(Emotion.JOY)
        await clock.sleep(1.0)
        assert stage.pressed() == []
        assert stage.cues == []
        assert stage.value("VoxelleMood") == 0.0


async def test_what_reached_the_next_model_by_mistake_is_cleared_there(clock: Clock) -> None:
    async with stage_of(clock, MAPPING) as stage, stage.playing():
        stage.fake.stage.library[HIYORI].expressions.append(Expression("EyesCry.exp3.json"))
        stage.fake.stage.load(HIYORI)
        # Nobody told the face yet.
        stage.hear(Emotion.SADNESS)
        await clock.sleep(0.1)
        assert stage.active() == ("EyesCry",)
        stage.face.use_model(model_of(stage.fake))
        await clock.sleep(0.1)
        assert stage.active() == ()
