"""The safety gate: what it holds back, what it lets pass, and that it fails closed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxelle.companion.safety import SafetyGate, WordList, fold, read_words
from voxelle.domain.errors import SetupError
from voxelle.kernel.paths import resource
from voxelle.settings.schema import SafetySettings

SETTINGS = SafetySettings(blocked_words=("pineapple",), private_words=("Jane Doe", "Elm Street"), allowed_words=("cock",))
GATE = SafetyGate(read_words(resource("safety", "words.rot13")), SETTINGS)


@pytest.mark.parametrize(
    "text,rule",
    [
        ("You should kill yourself.", "word_list"),
        ("k i l l y o u r s e l f", "word_list"),
        ("kіll yоurself", "word_list"),
        ("K1ll  yours3lf!!", "word_list"),
        ("kiiiill yourself", "word_list"),
        ("ki\u200bll your\u00adself", "word_list"),
        ("Kïll ÿourself", "word_list"),
        ("ｋｉｌｌ yourself", "word_list"),
        ("I love pineapple on it", "own_words"),
        ("p1neapple", "own_words"),
        ("Jané  Doe lives here", "private_words"),
        ("on elm street", "private_words"),
        ("write to ada@example.org please", "email"),
        ("ada at example dot com", "email"),
        ("call +1 (555) 123-4567 now", "phone"),
        ("five five five one two three four five six seven", "phone"),
        ("4111 1111 1111 1111", "card_number"),
        ("DE89 3704 0044 0532 0130 00", "iban"),
        ("my address is 10.0.0.1", "ip_address"),
        ("2001:db8:0:0:0:0:0:1 is mine", "ip_address"),
        ("I live at 12 Baker Street", "address"),
        ("the key is sk-abcdefghijklmnop1234", "secret"),
        ("go to foo.com now", "link"),
        ("https://bad.example/x", "link"),
        ("join discord.gg/abc", "link"),
    ],
)
def test_what_must_not_be_said_is_held_back(text: str, rule: str) -> None:
    verdict = GATE.judge(3, text, "")
    assert not verdict.is_allowed
    assert verdict.rule == rule
    assert verdict.clause_index == 3


@pytest.mark.parametrize(
    "text",
    [
        "Kill the dragon already!",
        "The Scunthorpe cocktail class was a great success.",
        "A raccoon ate my grapes, said the therapist.",
        "I scored 1234567 points with 300 viewers in 2024.",
        "Pi is about 3.14159265358979.",
        "Dick van Dyke was great in that film.",
        "One, two, three, go!",
        "Mr. Smith said e.g. that is fine.",
        "The cock crows at dawn.",
        "こんにちは、みんな!",
        "",
    ],
)
def test_what_is_harmless_passes(text: str) -> None:
    assert GATE.judge(0, text, "").is_allowed


def test_what_is_split_over_two_clauses_is_seen_together() -> None:
    assert GATE.judge(0, "You should just kill", "").is_allowed
    assert not GATE.judge(1, "yourself, okay?", "You should just kill").is_allowed
    assert not GATE.judge(1, "one two three four", "My number is five five five five five five").is_allowed


def test_links_pass_when_the_streamer_allows_them() -> None:
    assert SafetyGate((), SafetySettings(block_links=False)).judge(0, "go to foo.com", "").is_allowed


def test_without_the_shipped_list_nothing_can_be_said(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="stays silent"):
        read_words(tmp_path / "missing")


def test_an_empty_list_finds_nothing() -> None:
    assert not WordList(()).find("anything")


@given(st.text(max_size=200))
def test_folded_text_is_plain_words_apart_by_one_space(text: str) -> None:
    folded = fold(text)
    assert folded == " ".join(folded.split())
    assert all(char.isalnum() or char == " " for char in folded)


@given(st.text(max_size=400), st.text(max_size=400))
def test_any_text_gets_a_verdict(text: str, before: str) -> None:
    verdict = GATE.judge(0, text, before)
    assert verdict.is_allowed == (verdict.rule == "")
