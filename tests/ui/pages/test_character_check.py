"""What keeps a character from being saved, as sentences."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.companion_pages import MIRA
from voxelle.companion.prompt import exchanges
from voxelle.domain.persona import VoiceDesign
from voxelle.ui.models.character_check import problems


@pytest.mark.parametrize(
    "changes, field, sentence",
    [
        ({"name": " "}, "name", "She needs a name."),
        ({"name": "x" * 41}, "name", "A name has at most 40 characters."),
        ({"name": "a\x07b"}, "name", "The name contains a character that can't be shown."),
        ({"aliases": ("mira",)}, "aliases", "“mira” is there twice."),
        ({"aliases": ("x" * 41,)}, "aliases", "“xxxxxxxxxxxx…” is too long for a name."),
        ({"persona": "\n"}, "persona", "Tell who she is: without this text she has no character."),
        ({"scene": "x" * 20_001}, "scene", "This text is longer than 20,000 characters."),
        ({"scene": "\x00"}, "scene", "The text contains a character that can't be stored."),
        ({"examples": "hello"}, "examples", "Line 1: begin with who says it, “viewer:” or “her:”."),
        ({"examples": "viewer:"}, "examples", "Line 1: nothing is said."),
        ({"examples": "viewer: hi"}, "examples", "Line 1: has no answer. Put a “her:” line after it."),
        ({"examples": "viewer: hi\n\nviewer: ho\nher: hm"}, "examples", "Line 1: has no answer. Put a “her:” line after it."),
        ({"examples": "her: hi"}, "examples", "Line 1: she answers nobody. Put a “viewer:” line before it."),
        (
            {"examples": "viewer: hi\nher: [smug] yes"},
            "examples",
            "Line 2: “smug” is no emotion she can show. Try joy, surprise, curiosity …",
        ),
        ({"greeting": "x" * 401}, "greeting", "A greeting has at most 400 characters."),
        ({"prepared_lines": ("ok", "x" * 401)}, "prepared_lines", "Line 2 is longer than 400 characters."),
        ({"prepared_lines": ("hi {user}",)}, "prepared_lines", "Line 1: only {viewer} is filled in, not {user}."),
        ({"accent": "red"}, "accent", "A colour looks like #7c5cff."),
        ({"voice": VoiceDesign(pitch_range=3)}, "voice", "Pitch range goes from 0 to 2."),
    ],
)
def test_a_wrong_field_gets_a_sentence(changes: dict[str, Any], field: str, sentence: str) -> None:
    assert problems(replace(MIRA, **changes)) == {field: sentence}


def test_a_good_character_has_no_problem() -> None:
    assert problems(MIRA) == {}
    assert problems(replace(MIRA, examples="Kai: hi\nMira: [Joy] hey\n\nviewer: yo\nHER: hm: well")) == {}


@given(st.text(max_size=200))
def test_examples_without_a_problem_are_all_read_by_the_prompt(text: str) -> None:
    character = replace(MIRA, examples=text)
    if "examples" not in problems(character):
        lines = [line for line in text.splitlines() if line.strip()]
        assert len(exchanges(character)) * 2 == len(lines)
