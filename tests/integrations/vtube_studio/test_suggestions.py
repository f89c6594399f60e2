"""A first mapping from the names of a model's own things."""

from __future__ import annotations

import pytest

from tests.fakes.vtube_studio.models import sample_models
from tests.integrations.vtube_studio.faces import small_model
from voxelle.domain.avatar import AvatarExpression, AvatarHotkey, Emotion
from voxelle.integrations.vtube_studio.mapping import missing
from voxelle.integrations.vtube_studio.model import Model
from voxelle.integrations.vtube_studio.settings import DeedKind, ModelMapping, VTubeStudioSettings
from voxelle.integrations.vtube_studio.suggestions import mapping_of, suggest


def served(model: Model) -> set[Emotion]:
    return {emotion for row in suggest(model).rows for emotion in row.emotions}


@pytest.mark.parametrize(
    "name, emotion",
    [
        ("Smile", Emotion.JOY), ("笑顔", Emotion.JOY), ("にっこり", Emotion.JOY), ("HappyFace", Emotion.JOY), ("lächeln_1", Emotion.JOY),
        ("微笑", Emotion.JOY), ("exp_laughing", Emotion.AMUSEMENT), ("ANGRY!!", Emotion.ANGER), ("怒り", Emotion.ANGER),
        ("wütend", Emotion.ANGER), ("злость", Emotion.ANGER), ("sad", Emotion.SADNESS), ("泣き", Emotion.SADNESS),
        ("Tears 2", Emotion.GRIEF),
        ("Eyes Cry", Emotion.SADNESS), ("눈물", Emotion.SADNESS), ("blush-toggle", Emotion.EMBARRASSMENT), ("照れ", Emotion.EMBARRASSMENT),
        ("Surprised", Emotion.SURPRISE), ("驚き", Emotion.SURPRISE), ("びっくり", Emotion.SURPRISE), ("sparkleEyes", Emotion.EXCITEMENT),
        ("キラキラ", Emotion.EXCITEMENT), ("dark", Emotion.FEAR), ("kowai", Emotion.FEAR), ("青ざめ", Emotion.FEAR),
        ("Heart eyes", Emotion.LOVE),
        ("ハート", Emotion.LOVE), ("ジト目", Emotion.DISGUST), ("question mark", Emotion.CONFUSION), ("グルグル目", Emotion.CONFUSION),
    ],
)  # fmt: skip
def test_a_name_that_speaks_is_understood(name: str, emotion: Emotion) -> None:
    assert emotion in served(small_model(name))


@pytest.mark.parametrize("name", ["F1", "Made in", "start", "Hat", "exp_03", "No blush", "Smile off", "笑顔解除", "", "toggle 2"])
def test_nothing_is_guessed_where_no_name_fits(name: str) -> None:
    assert suggest(small_model(name)).rows == ()


def test_the_file_speaks_where_the_name_does_not() -> None:
    model = Model("m", "M", (AvatarHotkey("k", "F1", "ToggleExpression", "smile.exp3.json"),))
    assert Emotion.JOY in served(model)


@pytest.mark.parametrize("kind", ["ChangeVTSModel", "ChangeBackground", "ToggleTracker", "RemoveAllExpressions", "Unset"])
def test_hotkeys_that_do_something_else_are_left_alone(kind: str) -> None:
    assert suggest(small_model("Smile", kind=kind)).rows == ()


def test_all_that_fits_one_group_shares_a_row_and_a_hotkey_comes_before_its_own_expression() -> None:
    model = small_model("Smile", "笑顔", expressions=("Smile.exp3.json", "happy.exp3.json"))
    (only,) = suggest(model).rows
    assert [(deed.kind, deed.name) for deed in only.deeds] == [
        (DeedKind.HOTKEY, "Smile"),
        (DeedKind.HOTKEY, "笑顔"),
        (DeedKind.EXPRESSION, "happy"),
    ]


def test_love_has_its_own_row_before_joy_and_is_joy_where_there_is_no_heart() -> None:
    both = suggest(small_model("Smile", "Heart"))
    assert [row.emotions[0] for row in both.rows] == [Emotion.LOVE, Emotion.JOY]
    assert Emotion.LOVE in served(small_model("Smile"))


def test_motions_are_suggested_for_silence_and_thinking() -> None:
    hotkeys = (
        AvatarHotkey("1", "Wave", "TriggerAnimation", "wave.motion3.json"),
        AvatarHotkey("2", "待機モーション", "TriggerAnimation", "a.motion3.json"),
        AvatarHotkey("3", "Thinking", "ToggleExpression", "think.exp3.json"),
        AvatarHotkey("4", "listening", "ToggleExpression", "listen.exp3.json"),
        AvatarHotkey("5", "idle glasses", "ToggleExpression", "glasses.exp3.json"),
    )
    mapping = suggest(Model("m", "M", hotkeys))
    assert [deed.target for deed in mapping.idle] == ["1", "2"]
    assert mapping.thinking is not None
    assert mapping.listening is not None
    assert (mapping.thinking.target, mapping.listening.target) == ("3", "4")


def test_what_is_suggested_is_in_the_model() -> None:
    for loaded in sample_models():
        hotkeys = tuple(AvatarHotkey(each.id, each.name, each.type, each.file) for each in loaded.hotkeys)
        expressions = tuple(AvatarExpression(each.file, each.name) for each in loaded.expressions)
        model = Model(loaded.id, loaded.name, hotkeys, expressions)
        assert missing(suggest(model), model) == ()


def test_odd_names_of_a_model_never_spoil_the_mapping() -> None:
    hotkeys = (AvatarHotkey("i\x00d", "Smile\n" + "x" * 500, "ToggleExpression", "f" * 500),)
    mapping = suggest(Model("m", "M\x07" * 300, hotkeys, (AvatarExpression("sad" * 200, "sad\t"),)))
    assert ModelMapping.model_validate(mapping.model_dump()) == mapping


def test_a_saved_mapping_serves_by_id_then_by_the_models_name() -> None:
    mine, other = ModelMapping(model_name="Akari"), ModelMapping(model_name="Hiyori")
    settings = VTubeStudioSettings(mappings={"a": mine, "h": other})
    assert mapping_of(settings, Model("h", "Akari")) is other
    assert mapping_of(settings, Model("new id", "Akari")) is mine
    assert mapping_of(settings, Model("new id", "")) is None
    assert mapping_of(settings, Model("new id", "Mao")) is None
