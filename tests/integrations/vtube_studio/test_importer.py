"""Hotkey files of other programs."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.integrations.vtube_studio.faces import small_model
from voxelle.domain.avatar import Emotion
from voxelle.domain.errors import InputError
from voxelle.integrations.vtube_studio.importer import LARGEST, Found, ImportReport, read_hotkeys_file
from voxelle.integrations.vtube_studio.settings import DeedKind, EmotionRow, ModelMapping

MODEL = small_model("Smile", "Angry", "http://x", expressions=("cry.exp3.json",))


def read(value: Any) -> ImportReport:
    return read_hotkeys_file(value if isinstance(value, str) else json.dumps(value), MODEL)


def row_of(report: ImportReport, emotion: Emotion) -> EmotionRow:
    return next(row for row in report.mapping.rows if emotion in row.emotions)


def test_comments_trailing_commas_and_a_byte_order_mark_are_taken() -> None:
    report = read(
        '\ufeff{\n  // what she does\n  "joy": "Smile", /* over\n two lines */ "anger": ["Angry",],\n'
        '  "love": "http://x", // not a comment above\n}'
    )
    assert [(each.emotion, each.target, each.found) for each in report.rows] == [
        ("joy", "Smile", Found.MATCHED),
        ("anger", "Angry", Found.MATCHED),
        ("love", "http://x", Found.MATCHED),
    ]
    assert row_of(report, Emotion.LOVE).deeds[0].target == "k2"


def test_what_looks_like_a_comment_in_a_string_survives() -> None:
    report = read(r'{"joy": "a // b, ] /* c */ \" // d", "anger": "Angry"} // end')
    assert report.rows[0].target == 'a // b, ] /* c */ " // d'


@pytest.mark.parametrize(
    "value",
    [
        {"joy": "Smile"},
        {"Joy": ["Smile"]},
        {"joy": {"hotkey": "Smile"}},
        {"joy": {"hotkeyID": "k0"}},
        {"joy": {"hotkeys": ["Smile"]}},
        {"joy": [{"name": "Smile"}]},
        {"hotkeys": {"joy": "Smile"}},
        {"version": 1, "mapping": {"emotions": {"joy": "Smile"}}},
        [{"emotion": "joy", "hotkey": "Smile"}],
        {"hotkeys": [{"emotion": "joy", "name": "Smile"}]},
        {"hotkeys": [{"emotions": ["joy"], "id": "k0"}]},
        {"Smile": "joy"},
        {"Smile": ["joy"]},
        {"Smile": {"emotion": "joy", "cooldown": 1}},
        {"happy": "smile"},
        {"Akari": {"joy": "Smile"}},
    ],
    ids=json.dumps,
)
def test_every_usual_shape_is_understood(value: Any) -> None:
    report = read(value)
    assert row_of(report, Emotion.JOY).deeds[0].target == "k0"
    assert report.rows[-1].found is Found.MATCHED
    assert report.rows[-1].sentence == "Found: hotkey Smile."


def test_several_hotkeys_and_several_emotions_share_a_row() -> None:
    report = read({"joy, love": ["Smile", {"name": "Angry", "weight": 3}], "joy,love": "cry.exp3.json"})
    (only,) = report.mapping.rows
    assert only.emotions == (Emotion.JOY, Emotion.LOVE)
    assert [(deed.kind, deed.target, deed.weight) for deed in only.deeds] == [
        (DeedKind.HOTKEY, "k0", 1.0),
        (DeedKind.HOTKEY, "k1", 3.0),
        (DeedKind.EXPRESSION, "cry.exp3.json", 1.0),
    ]


def test_figures_come_along_within_their_bounds() -> None:
    report = read(
        {
            "joy": {"hotkey": "Smile", "intensity": 0.6, "cooldown": 10, "duration": 3},
            "anger": {"hotkey": "Angry", "threshold": 40, "cooldown": 99999, "hold": True},
        }
    )
    joy, anger = row_of(report, Emotion.JOY), row_of(report, Emotion.ANGER)
    assert (joy.threshold, joy.cooldown_s, joy.hold_s) == (0.6, 10.0, 3.0)
    assert (anger.threshold, anger.cooldown_s, anger.hold_s) == (0.4, 600.0, 4.0)


def test_an_expression_is_found_where_no_hotkey_has_the_name() -> None:
    report = read({"sad": "cry", "anger": {"expression": "cry.exp3.json"}})
    assert {deed.kind for row in report.mapping.rows for deed in row.deeds} == {DeedKind.EXPRESSION}


def test_all_others_have_a_row_of_their_own() -> None:
    report = read({"joy": "Smile", "default": "Angry"})
    assert report.mapping.default is not None
    assert report.mapping.default.deeds[0].name == "Angry"
    assert len(report.mapping.rows) == 1


def test_what_the_model_lacks_is_kept_and_told() -> None:
    report = read({"joy": "Grin"})
    assert report.rows[0].found is Found.MISSING
    assert row_of(report, Emotion.JOY).deeds[0].name == "Grin"


def test_what_is_not_understood_is_told_line_by_line() -> None:
    report = read({"joy": "Smile", "hungry": "Angry", "anger": [7, None], "love": "", "x": {"y": {"z": 1}}, "sad": {"hotkey": 5}})
    puzzled = {(each.emotion, each.target) for each in report.rows if each.found is Found.NOT_UNDERSTOOD}
    assert puzzled == {("hungry", "Angry"), ("anger", "7"), ("love", ""), ("x", ""), ("sad", "{'hotkey': 5}")}
    assert [row.emotions for row in report.mapping.rows] == [(Emotion.JOY,)]


@pytest.mark.parametrize(
    "text",
    [
        "", "hello", "{", "[]", "{}", "7", '"joy"', "null", '{"joy": }', '{"a": "b"}', "[1, 2]", "<html></html>", "[" * 100_000,
        '{"joy": ""}', '{"emotions": []}', "{" + '"a":{' * 5000, "/* never ends",
    ],
    ids=lambda text: text[:20],
)  # fmt: skip
def test_a_file_that_is_no_mapping_is_a_sentence(text: str) -> None:
    with pytest.raises(InputError, match=r"no hotkey mapping.*\."):
        read_hotkeys_file(text, MODEL)


def test_a_broken_line_is_named() -> None:
    with pytest.raises(InputError, match="line 3"):
        read_hotkeys_file('{\n"joy": "Smile",\n"anger" "Angry"}', MODEL)


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(InputError, match="too large"):
        read_hotkeys_file(" " * (LARGEST + 1), MODEL)


def test_a_large_file_stays_within_what_settings_take() -> None:
    value = {"joy": [f"key {number}" for number in range(1000)], **{f"odd {number}": "x" for number in range(2000)}}
    report = read(value)
    assert len(report.mapping.rows[0].deeds) == 20
    assert len(report.rows) == 500


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["joy", "Smile", "hotkey", "emotion"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["joy", "anger", "emotion", "hotkey", "hotkeys", "x", "intensity", "weight"]), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(_JSON)
def test_any_json_gives_a_valid_mapping_or_a_sentence(value: Any) -> None:
    with contextlib.suppress(InputError):
        mapping = read(value).mapping
        assert ModelMapping.model_validate(mapping.model_dump()) == mapping
