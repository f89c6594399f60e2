"""Which deed an emotion asks for."""

from __future__ import annotations

import itertools

import pytest

from tests.integrations.vtube_studio.faces import expression, hotkey, pose, row, small_model
from voxelle.domain.avatar import Emotion, Feeling
from voxelle.integrations.vtube_studio.mapping import Memory, choose, find, missing, row_for
from voxelle.integrations.vtube_studio.model import Model
from voxelle.integrations.vtube_studio.settings import Deed, DeedKind, EmotionRow, ModelMapping
from voxelle.kernel.clock import Randomness

JOY = Feeling(Emotion.JOY, 0.8)


def words(
    mapping: ModelMapping, model: Model, feeling: Feeling = JOY, *, now: float = 0.0, memory: Memory | None = None, seed: int = 1
) -> str:
    return choose(mapping, model, feeling, now, memory or Memory(), Randomness(seed)).words


def test_the_first_row_that_fits_serves() -> None:
    mapping = ModelMapping(
        rows=(row(Emotion.ANGER, hotkey("a")), row((Emotion.LOVE, Emotion.JOY), hotkey("b")), row(Emotion.JOY, hotkey("c")))
    )
    assert words(mapping, small_model("a", "b", "c")) == "hotkey b"


def test_emotions_without_a_row_have_the_row_of_all_others_but_a_neutral_clause_has_not() -> None:
    mapping = ModelMapping(rows=(row(Emotion.ANGER, hotkey("a")),), default=row((), hotkey("b")))
    model = small_model("a", "b")
    assert words(mapping, model) == "hotkey b"
    assert words(mapping, model, Feeling(Emotion.NEUTRAL, 1.0)) == "nothing: neutral"
    assert words(ModelMapping(), model) == "nothing: no row has it"


def test_a_neutral_clause_may_have_a_row_of_its_own() -> None:
    assert words(ModelMapping(rows=(row(Emotion.NEUTRAL, hotkey("a")),)), small_model("a"), Feeling(Emotion.NEUTRAL, 0.0)) == "hotkey a"


def test_a_row_that_is_off_does_nothing_unless_another_one_fits() -> None:
    off, on = row(Emotion.JOY, hotkey("a"), is_on=False), row(Emotion.JOY, hotkey("b"))
    model = small_model("a", "b")
    assert words(ModelMapping(rows=(off,), default=row((), hotkey("b"))), model) == "nothing: switched off"
    assert words(ModelMapping(rows=(off, on)), model) == "hotkey b"
    assert row_for(ModelMapping(rows=(off, on)), Emotion.JOY) is on


@pytest.mark.parametrize("intensity, expected", [(0.29, "nothing: below the threshold"), (0.3, "hotkey a"), (1.0, "hotkey a")])
def test_weaker_feelings_than_the_threshold_do_nothing(intensity: float, expected: str) -> None:
    mapping = ModelMapping(rows=(row(Emotion.JOY, hotkey("a"), threshold=0.3),))
    assert words(mapping, small_model("a"), Feeling(Emotion.JOY, intensity)) == expected


def test_a_row_rests_after_it_did_something_and_others_do_not() -> None:
    mapping = ModelMapping(rows=(row(Emotion.JOY, hotkey("a"), cooldown_s=4.0), row(Emotion.ANGER, hotkey("b"))))
    model, memory = small_model("a", "b"), Memory()
    told = [words(mapping, model, now=now, memory=memory) for now in (0.0, 3.9, 4.0)]
    assert told == ["hotkey a", "nothing: too soon again", "hotkey a"]
    assert words(mapping, model, Feeling(Emotion.ANGER, 1.0), now=4.1, memory=memory) == "hotkey b"


def test_what_did_nothing_starts_no_rest() -> None:
    mapping = ModelMapping(rows=(row(Emotion.JOY, hotkey("a"), cooldown_s=100.0, threshold=0.5),))
    model, memory = small_model("a"), Memory()
    assert words(mapping, model, Feeling(Emotion.JOY, 0.1), memory=memory).startswith("nothing")
    assert words(mapping, model, now=1.0, memory=memory) == "hotkey a"


def test_twice_the_weight_is_chosen_twice_as_often() -> None:
    mapping = ModelMapping(rows=(row(Emotion.JOY, hotkey("a", weight=2.0), hotkey("b"), hotkey("never", weight=0.0)),))
    model = small_model("a", "b", "never")
    randomness = Randomness(5)
    told = [choose(mapping, model, JOY, 0.0, Memory(), randomness).words for _ in range(3000)]
    assert 1850 < told.count("hotkey a") < 2150
    assert "hotkey never" not in told


def test_no_deed_comes_twice_in_a_row_while_there_is_a_choice() -> None:
    mapping = ModelMapping(rows=(row(Emotion.JOY, hotkey("a", weight=90.0), hotkey("b"), hotkey("c")),))
    model, memory, randomness = small_model("a", "b", "c"), Memory(), Randomness(5)
    told = [choose(mapping, model, JOY, 0.0, memory, randomness).words for _ in range(50)]
    assert all(first != second for first, second in itertools.pairwise(told))
    alone = ModelMapping(rows=(row(Emotion.JOY, hotkey("a")),))
    assert {words(alone, model, memory=memory) for _ in range(3)} == {"hotkey a"}


def test_what_the_model_lacks_is_passed_over_and_named_when_nothing_is_left() -> None:
    mapping = ModelMapping(rows=(row(Emotion.JOY, hotkey("lost"), hotkey("here")),))
    assert words(mapping, small_model("here")) == "hotkey here"
    assert words(mapping, small_model("other")) == "nothing: hotkey lost is not in this model"
    assert words(ModelMapping(rows=(row(Emotion.JOY),)), small_model("a")) == "nothing: the row is empty"


def test_a_hotkey_is_found_by_its_id_before_its_name_and_by_its_name_in_another_model() -> None:
    model = small_model("Smile", "k0")
    by_id = find(model, Deed(kind=DeedKind.HOTKEY, target="k0", name="Other"))
    by_name = find(model, Deed(kind=DeedKind.HOTKEY, target="of another model", name=" smile "))
    assert by_id is not None
    assert by_name is not None
    assert (by_id.id, by_id.name, by_id.file, by_id.is_toggle) == ("k0", "Smile", "Smile.exp3.json", True)
    assert by_name.id == "k0"
    assert find(model, Deed(kind=DeedKind.HOTKEY)) is None


def test_an_expression_is_found_by_its_file_or_name() -> None:
    model = small_model(expressions=("sad.exp3.json",))
    for deed in (expression("sad.exp3.json"), expression("SAD"), Deed(kind=DeedKind.EXPRESSION, target="x", name="Sad.exp3.json")):
        target = find(model, deed)
        assert target is not None
        assert (target.file, target.id, target.words) == ("sad.exp3.json", "sad.exp3.json", "expression sad")
    assert find(model, expression("glad.exp3.json")) is None


def test_a_pose_needs_one_input_that_is_there() -> None:
    model = Model("m", "M", parameters=frozenset({"FaceAngleX"}))
    assert find(model, pose(FaceAngleX=1.0, Lost=1.0)) is not None
    assert find(model, pose(Lost=1.0)) is None
    assert find(model, Deed(kind=DeedKind.POSE)) is None
    assert find(Model("m", "M"), pose(FaceAngleX=1.0)) is not None


def test_the_same_expression_has_one_key_whether_set_or_pressed() -> None:
    model = small_model("Smile", expressions=("Smile.exp3.json",))
    pressed, put = find(model, hotkey("Smile")), find(model, expression("Smile.exp3.json"))
    assert pressed is not None
    assert put is not None
    assert pressed.key == put.key == "expression:Smile.exp3.json"


def test_what_a_mapping_asks_for_in_vain_is_told_once() -> None:
    mapping = ModelMapping(
        rows=(row(Emotion.JOY, hotkey("lost"), hotkey("here")), EmotionRow(emotions=(Emotion.ANGER,), deeds=(hotkey("lost"),))),
        default=row((), expression("gone.exp3.json")),
        idle=(hotkey("wave"),),
        thinking=hotkey("here"),
    )
    assert missing(mapping, small_model("here")) == (
        "Hotkey lost is not in this model.",
        "Expression gone.exp3.json is not in this model.",
        "Hotkey wave is not in this model.",
    )


def test_where_all_of_a_row_has_vanished_the_row_of_all_others_serves() -> None:
    rows = (row(Emotion.JOY, hotkey("gone")), row(Emotion.ANGER), row(Emotion.NEUTRAL, hotkey("gone")))
    mapping = ModelMapping(rows=rows, default=row((), hotkey("b"), threshold=0.5))
    model = small_model("b")
    assert words(mapping, model) == "hotkey b"
    assert words(mapping, model, Feeling(Emotion.JOY, 0.4)) == "nothing: below the threshold"
    assert words(mapping, model, Feeling(Emotion.ANGER, 0.8)) == "nothing: the row is empty"
    assert words(mapping, model, Feeling(Emotion.NEUTRAL, 0.8)) == "nothing: hotkey gone is not in this model"
    assert words(mapping, small_model("c")) == "nothing: hotkey b is not in this model"
