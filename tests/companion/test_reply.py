"""The reply cleaner: nothing unspeakable comes out, and cutting the input elsewhere changes nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxelle.companion.reply import FeelingTag, ReplyCleaner, feeling_of, without_emoji
from voxelle.domain.avatar import Emotion


def clean(text: str, size: int = 0, speaker: str = "Mira") -> tuple[str, list[str]]:
    """Return the speakable text and the feelings of a reply that arrived in pieces of a size (0: whole)."""
    cleaner = ReplyCleaner(speaker)
    pieces = [text[at : at + size] for at in range(0, len(text), size)] if size else [text]
    out = [piece for part in pieces for piece in cleaner.push(part)] + cleaner.flush()
    said = "".join(piece for piece in out if isinstance(piece, str))
    return " ".join(said.split()), [piece.feeling.emotion.value for piece in out if isinstance(piece, FeelingTag)]


CASES = [
    ("[joy] Hi there!", "Hi there!", ["joy"]),
    ("[happy] Hi! [sad] Oh no.", "Hi! Oh no.", ["joy", "sadness"]),
    ("[face:anger] Grr.", "Grr.", ["anger"]),
    ("[laughs] Hi [door opens] you.", "Hi you.", []),
    ("[see this](https://a.b) now", "see this now", []),
    ("[see this](broken now", "see this(broken now", []),
    ("<think>secret\nplan</think>Hello.", "Hello.", []),
    ("<THINKING>a</THINKING> Mira: Hello.", "Hello.", []),
    ("<think>never closed", "", []),
    ("```py\nprint(1)\n```\nDone.", "Done.", []),
    ("Done. ```never closed", "Done.", []),
    ("Use `print` here.", "Use print here.", []),
    ("**Bold** and __strong__ words.", "Bold and strong words.", []),
    ("*smiles warmly* Hello.", "Hello.", []),
    ("You are *so* good.", "You are so good.", []),
    ("It is fun. *waves*", "It is fun.", []),
    ("This *star is alone", "This star is alone", []),
    ("5 * 3 is 15", "5 3 is 15", []),
    ("3*4 and snake_case", "3*4 and snake_case", []),
    ("_really_ good", "really good", []),
    ("~~old~~ new~", "old new", []),
    ("Hello (sighs) you (my friend).", "Hello you (my friend).", []),
    ("An open (bracket stays", "An open (bracket stays", []),
    ("An open [bracket goes", "An open bracket goes", []),
    ("# Title\n- one\n2. two\n> three", "Title one two three", []),
    ("Mira: Hello.", "Hello.", []),
    ("mira : Hello Mira: you", "Hello Mira: you", []),
    ("[joy] Mira: Hello.", "Hello.", ["joy"]),
    ("Miranda is here.", "Miranda is here.", []),
    ("I <3 you <b>so</b> much<|im_end|>", "I you so much", []),
    ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2", []),
    ("Great 😀👍🏽 job ❤️!", "Great job !", []),
    ("Tab\x00\x07red", "Tabred", []),
]


@pytest.mark.parametrize("text,said,feelings", CASES)
@pytest.mark.parametrize("size", [0, 1, 2, 3, 7])
def test_only_what_can_be_said_comes_out(text: str, said: str, feelings: list[str], size: int) -> None:
    assert clean(text, size) == (said, feelings)


def test_a_bracket_that_grows_too_long_was_none() -> None:
    text = "[" + "very " * 30 + "long] end"
    assert clean(text)[0].endswith("long] end")
    assert clean(text, 1) == clean(text)


@given(st.text(alphabet="ab [](){}<>*_~`#-1.\n:/|thinkjoyM", max_size=120), st.integers(1, 8))
def test_cutting_the_text_elsewhere_changes_nothing(text: str, size: int) -> None:
    assert clean(text, size, "") == clean(text, 0, "")


@given(st.text(max_size=200), st.integers(1, 8))
def test_no_emoji_and_no_control_character_survives(text: str, size: int) -> None:
    said, _ = clean(text, size)
    assert said == " ".join(without_emoji(said).split())


def test_all_28_labels_and_common_synonyms_are_understood() -> None:
    assert all(feeling_of(emotion.value) is not None for emotion in Emotion)
    shy = feeling_of(" Shy ")
    assert shy is not None
    assert shy.emotion is Emotion.EMBARRASSMENT
    assert feeling_of("dance") is None
