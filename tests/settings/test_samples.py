"""The shipped characters, and what is wrong with a file that is not one."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from voxelle.domain.avatar import Emotion
from voxelle.domain.errors import SetupError
from voxelle.domain.persona import Character
from voxelle.kernel.paths import resource
from voxelle.settings.samples import LARGEST_FILE, load_samples
from voxelle.settings.schema import GeneralSettings

SHIPPED = resource("characters")
GOOD: dict[str, Any] = json.loads((SHIPPED / "mira.json").read_text(encoding="utf-8"))


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_three_characters_ship_and_one_of_them_is_on_stage_by_default() -> None:
    samples = load_samples(SHIPPED)
    assert [sample.name for sample in samples] == ["Bolt", "Mira", "Sage"]
    assert GeneralSettings().character_id in {sample.id for sample in samples}
    assert all(sample.is_sample for sample in samples)


@pytest.mark.parametrize("sample", load_samples(SHIPPED), ids=lambda sample: sample.id)
def test_a_shipped_character_is_complete(sample: Character) -> None:
    lines = sample.examples.splitlines()
    assert len(lines) >= 10
    assert len(lines) % 2 == 0
    tags = {line.removeprefix("her: [").partition("]")[0] for line in lines[1::2]}
    assert tags <= set(Emotion)
    assert len(tags) >= 4
    assert len(set(sample.prepared_lines)) >= 8
    assert sum("{viewer}" not in line for line in sample.prepared_lines) >= 8
    assert sample.aliases


def test_each_shipped_character_sounds_and_looks_different() -> None:
    samples = load_samples(SHIPPED)
    pitches = sorted(sample.voice.pitch for sample in samples)
    assert all(high / low > 1.15 for low, high in pairwise(pitches))
    assert len({sample.accent for sample in samples}) == len(samples)


@pytest.mark.parametrize("sample", load_samples(SHIPPED), ids=lambda sample: sample.id)
@pytest.mark.parametrize("surface", ["#ffffff", "#1b1a24"])
def test_a_shipped_colour_can_be_seen_on_light_and_dark(sample: Character, surface: str) -> None:
    assert contrast(sample.accent, surface) >= 3.0


@pytest.mark.parametrize(
    "change, words",
    [
        ({"id": "other"}, "both have to be the same"),
        ({"name": " "}, "at name"),
        ({"accent": "red"}, "at accent"),
        ({"voice": {"pitch": 9}}, "at voice.pitch"),
        ({"examples": [{"text": "hi", "reply": "hello"}]}, "emotion in brackets"),
        ({"examples": [{"text": "hi", "reply": "[smug] hello"}]}, "emotion in brackets"),
        ({"examples": [{"viewer": "her", "text": "hi", "reply": "[joy] hello"}]}, "at examples.0.viewer"),
        ({"prepared_lines": []}, "at prepared_lines"),
        ({"prepared_lines": ["one\ntwo"]}, "at prepared_lines.0"),
        ({"hobby": "maps"}, "at hobby"),
    ],
)
def test_a_wrong_file_is_named_with_the_place(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    (tmp_path / "mira.json").write_text(json.dumps(GOOD | change), encoding="utf-8")
    with pytest.raises(SetupError, match=words) as caught:
        load_samples(tmp_path)
    assert "mira.json" in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff\xfe", b"{" * 500, b" " * (LARGEST_FILE + 1)])
def test_what_is_no_character_is_a_setup_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.json").write_bytes(content)
    with pytest.raises(SetupError, match=r"x\.json"):
        load_samples(tmp_path)


def test_a_file_that_cannot_be_read_is_a_setup_error(tmp_path: Path) -> None:
    (tmp_path / "x.json").mkdir()
    with pytest.raises(SetupError, match="can't be read"):
        load_samples(tmp_path)


def test_no_characters_at_all_is_a_setup_error(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="No characters"):
        load_samples(tmp_path)
