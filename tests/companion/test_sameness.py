"""Whether two transcripts mean the same."""

from __future__ import annotations

import pytest

from voxelle.companion.sameness import means_same, spoken_words


@pytest.mark.parametrize(
    "one, other",
    [
        ("What is your name?", "what is your name"),
        ("Um, what is, uh, your name", "What is your name?"),
        ("What what is your name?", "What is your name?"),
        ("I have twenty-five coins.", "I have 25 coins"),
        ("It costs one thousand", "It costs 1,000."),
        ("two hundred and five dragons", "205 dragons"),
        ("Don’t stop", "don't stop!"),
        ("ÜBER alles", "über alles"),
    ],
)
def test_the_same_words_mean_the_same(one: str, other: str) -> None:
    assert means_same(one, other)
    assert means_same(other, one)


@pytest.mark.parametrize(
    "one, other",
    [
        ("What is your name", "What is your game"),
        ("Stop", "Do not stop"),
        ("I have five five", "I have five"),
        ("one two three", "6"),
        ("twenty coins", "two coins"),
        ("", ""),
        ("um", "uh"),
    ],
)
def test_other_words_do_not(one: str, other: str) -> None:
    assert not means_same(one, other)


@pytest.mark.parametrize(
    "text, words",
    [
        ("ten thousand three hundred twenty one", ("10321",)),
        ("one two", ("1", "2")),
        ("zero hundred", ("0", "hundred")),
        ("a million", ("a", "million")),
        ("twenty and a half", ("20", "and", "a", "half")),
        ("3.5 and 1,5", ("3.5", "and", "1,5")),
    ],
)
def test_numbers_are_read_as_they_are_spoken(text: str, words: tuple[str, ...]) -> None:
    assert spoken_words(text) == words
