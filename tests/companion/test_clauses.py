"""The clause splitter: what comes out, and that nothing is lost however the text arrives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxelle.companion.clauses import FIRST_MAX, LATER_MAX, ClauseSplitter, width


def split(*pieces: str) -> list[str]:
    """Return all clauses of a reply that arrived in pieces."""
    splitter = ClauseSplitter()
    clauses = [clause for piece in pieces for clause in splitter.push(piece)]
    return clauses + splitter.flush()


@pytest.mark.parametrize(
    "text,clauses",
    [
        ("Aww, Tom, I am so sorry. Give that cat a blanket, okay?", ["Aww, Tom, I am so sorry.", "Give that cat a blanket, okay?"]),
        ("Well hello there, my friend. How are you, really?", ["Well hello there,", "my friend.", "How are you, really?"]),
        ("Hi! Good to see you again. Sit down.", ["Hi! Good to see you again.", "Sit down."]),
        ("The price is 3.50 at Dr. Foo's place. Really.", ["The price is 3.50 at Dr. Foo's place.", "Really."]),
        ("I met J. K. Smith, e.g. yesterday. Nice!", ["I met J. K. Smith,", "e.g. yesterday.", "Nice!"]),
        ("It costs 1,000,000 coins in total. Wow.", ["It costs 1,000,000 coins in total.", "Wow."]),
        ("Look at https://a.b/c.d?e=f,g for more. Bye now.", ["Look at https://a.b/c.d?e=f,g for more.", "Bye now."]),
        ('She said "run!" and then left. So I ran.', ['She said "run!"', "and then left.", "So I ran."]),
        ("今日はとても楽しいですね。一緒に遊びましょう!", ["今日はとても楽しいですね。", "一緒に遊びましょう!"]),
        ("First line without a stop\nSecond line", ["First line without a stop", "Second line"]),
        ("Wait... what is going on here? Hm.", ["Wait... what is going on here?", "Hm."]),
        (
            "I was thinking a lot about ramen today and then I fell asleep.",
            ["I was thinking a lot about ramen today", "and then I fell asleep."],
        ),
        ("... !!! ???", []),
        ("", []),
    ],
)
def test_a_reply_is_cut_where_a_speaker_would_breathe(text: str, clauses: list[str]) -> None:
    assert split(text) == clauses


def test_a_first_clause_without_any_mark_ends_at_a_word_border() -> None:
    clauses = split("Seventeen enormous purple elephants marched slowly through beautiful downtown Springfield yesterday")
    assert len(clauses) == 2
    assert width(clauses[0]) <= FIRST_MAX
    assert not clauses[0].endswith("Spring")


def test_a_long_later_sentence_is_cut_at_its_last_comma() -> None:
    sentence = "and " + "word, " * 60
    clauses = split("This is the first one. ", sentence)
    assert all(width(clause) <= LATER_MAX for clause in clauses)
    assert clauses[1].endswith(",")


def test_an_endless_scream_waits_for_its_end_and_wide_text_does_not() -> None:
    assert split("A" * 500) == ["A" * 500]
    assert all(width(clause) <= LATER_MAX for clause in split("あ" * 500))


def test_a_stall_lets_only_a_long_enough_first_clause_go() -> None:
    splitter = ClauseSplitter()
    assert splitter.push("I was just thi") == []
    assert splitter.stall() == []
    assert splitter.push("nking about ra") == []
    assert splitter.stall() == ["I was just thinking about"]
    assert splitter.push("men and soup") == []
    assert splitter.stall() == []
    assert splitter.flush() == ["ramen and soup"]


def test_a_stall_after_a_whole_word_takes_it_along() -> None:
    splitter = ClauseSplitter()
    assert splitter.push("I was just thinking ") == []
    assert splitter.stall() == ["I was just thinking"]


def test_after_a_flush_the_next_reply_begins_anew() -> None:
    splitter = ClauseSplitter()
    splitter.push("This is the first reply, really")
    splitter.flush()
    assert splitter.push("This is the second, right now") == ["This is the second,"]


@given(st.text(max_size=300), st.lists(st.integers(1, 9), min_size=1, max_size=9))
def test_no_word_is_lost_however_the_text_arrives(text: str, sizes: list[int]) -> None:
    pieces, at, number = [], 0, 0
    while at < len(text):
        size = sizes[number % len(sizes)]
        pieces.append(text[at : at + size])
        at, number = at + size, number + 1
    said = "".join("".join(clause.split()) for clause in split(*pieces))
    kept = "".join(char for char in text if not char.isspace())
    assert [char for char in said if char.isalnum()] == [char for char in kept if char.isalnum()]
