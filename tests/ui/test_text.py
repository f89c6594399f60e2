"""Text from outside can't hide, climb or turn around."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxelle.ui.text import ELLIPSIS, isolated, neutral, one_line, tooltip, utf16_position

_ANY = st.text(st.characters(exclude_categories=()), max_size=200)
_BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"


@given(_ANY)
def test_neutral_text_keeps_every_position(text: str) -> None:
    assert len(neutral(text)) == len(text)


@given(_ANY)
def test_neither_form_lets_controls_or_direction_marks_through(text: str) -> None:
    for shown in (neutral(text), one_line(text)):
        assert not any(unicodedata.category(each) in {"Cc", "Cs", "Co"} for each in shown.replace("\ufffd", ""))
        assert not set(shown) & set(_BIDI)


@given(_ANY, st.integers(1, 50))
def test_one_line_is_one_bounded_line(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert len(line) <= limit + len(ELLIPSIS)
    assert len(line.splitlines()) <= 1


@given(_ANY)
def test_qt_positions_count_like_utf16(text: str) -> None:
    clean = neutral(text)
    for index in (0, len(clean) // 2, len(clean)):
        assert utf16_position(clean, index) == len(clean[:index].encode("utf-16-le")) // 2


@pytest.mark.parametrize(
    "given_text, shown",
    [
        ("plain words", "plain words"),
        ("two\nlines\tand\x00null", "two lines and null"),
        ("\u202eevil\u202c", "evil"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("a\u0300\u0301\u0302\u0303\u0304\u0305\u0306", "a\u0300\u0301\u0302"),
        ("👩\u200d🚀 🏳️\u200d🌈", "👩\u200d🚀 🏳️\u200d🌈"),
        ("🏴\U000e0067\U000e0062\U000e007f", "🏴\U000e0067\U000e0062\U000e007f"),
        ("hidden\U000e0041\U000e0042", "hidden"),
        ("\u3164", ""),
        ("\ud800", "\ufffd"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_what_chat_writes_is_shown_without_its_tricks(given_text: str, shown: str) -> None:
    assert one_line(given_text) == shown


def test_a_long_line_ends_in_an_ellipsis() -> None:
    assert one_line("x" * 2_000_000, 10) == "x" * 10 + ELLIPSIS


def test_a_name_keeps_its_direction_to_itself() -> None:
    assert isolated("سارة") == "\u2068سارة\u2069"


def test_markup_in_a_tooltip_stays_letters() -> None:
    assert tooltip("<b>&") == "<qt>&lt;b&gt;&amp;</qt>"
