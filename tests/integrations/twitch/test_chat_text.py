"""Texts for the chat."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxelle.integrations.twitch.chat_text import has_link, is_command, is_visible, one_line, split

FAMILY = "👨\u200d👩\u200d👧\u200d👦"
_WORDS = st.text(st.sampled_from("ab !/.é🎉\u0301\u200d\u200b🏽🇩🇪\ue000\n\u2028한"), max_size=120)
_ANYTHING = st.text(st.characters(), max_size=60) | _WORDS


@pytest.mark.parametrize(
    "text",
    [
        "see example.com",
        "Example.Com/path?x=1",
        "http://a",
        "www.something",
        "exam\u200bple.com",
        "e\u00adxample.com",
        "example。com",
        "example․com",
        "ｅｘａｍｐｌｅ．ｃｏｍ",
        "discord.gg/abc",
        "clips.twitch.tv/X",
        "пример.рф",
        "xn--e1afmkfd.xn--p1ai",
        "mailto:ada@b.c",
        "irc://x",
        "(bit.ly/x)",
    ],
)
def test_a_link_is_seen(text: str) -> None:
    assert has_link(text)


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "wait...what",
        "Well.I think",
        "e.g. this",
        "3.5 is more than v1.2.3",
        "at 5 p.m.",
        "Node.js",
        "U.S. rocks",
        "No! Yes.",
        "a/b",
    ],
)
def test_plain_texts_are_no_links(text: str) -> None:
    assert not has_link(text)


@pytest.mark.parametrize(
    "text",
    [
        "/ban x",
        "  /ban x",
        "\u200b/ban",
        "\U000e0000/me",
        "\u3164/x",
        "／ban",
        "/",
        ".ban x",
        ".\u200bban",
        "!so x",
        "! so",
        "！so",
        "!8ball",
        "\n!so",
    ],
)
def test_a_command_is_seen_behind_anything(text: str) -> None:
    assert is_command(text)


@pytest.mark.parametrize("text", ["...hm", ".5 is half", "!!! wow", "!?", "hi /ban", "", "…!so", "no !so"])
def test_other_texts_are_no_commands(text: str) -> None:
    assert not is_command(text)


@pytest.mark.parametrize("text", ["", " ", "\n", "\u200b", "\u2060\ufeff", "\U000e0000", "\u3164"])
def test_nothing_to_see_is_empty(text: str) -> None:
    assert not is_visible(text)


def test_a_text_becomes_one_line() -> None:
    assert one_line("a\n\tb \x00 c\u2028d\ud800") == "a b c d?"


def test_words_stay_whole_where_there_are_borders() -> None:
    text = " ".join(f"word{number}" for number in range(200))
    pieces = split(text)
    assert " ".join(pieces) == text
    assert all(len(piece) <= 500 for piece in pieces)
    assert len(pieces) == 3


def test_exactly_five_hundred_fit_and_one_more_does_not() -> None:
    assert split("x" * 500) == ("x" * 500,)
    assert [len(piece) for piece in split("x" * 501)] == [500, 1]
    assert split("x" * 500 + " y") == ("x" * 500, "y")


def test_a_long_word_after_a_short_one_begins_a_piece_of_its_own() -> None:
    assert split("a " + "b" * 499) == ("a", "b" * 499)


@pytest.mark.parametrize("sign", [FAMILY, "e\u0301\u0302", "👍🏽", "🇩🇪", "🏴\U000e0067\U000e0062\U000e007f", "한", "❤️"])
def test_a_sign_is_never_torn_apart(sign: str) -> None:
    text = sign * 300
    pieces = split(text)
    assert "".join(pieces) == text
    assert all(len(piece) % len(sign) == 0 for piece in pieces)


def test_a_sign_longer_than_a_message_is_cut_all_the_same() -> None:
    text = "a" + "\u0301" * 1200
    assert "".join(split(text)) == text


def test_no_later_piece_begins_like_a_command() -> None:
    pieces = split("a " * 250 + "/ban everyone " + "b" * 500 + " !so x")
    assert pieces[1].startswith("… /ban")
    assert pieces[-1] == "… !so x"


def _joined(pieces: tuple[str, ...]) -> str:
    return "".join(piece.removeprefix("… ") if index else piece for index, piece in enumerate(pieces)).replace(" ", "")


@given(_ANYTHING, st.integers(8, 40))
def test_nothing_is_lost_nothing_is_too_long_and_no_piece_is_a_command(text: str, limit: int) -> None:
    pieces = split(text, limit)
    assert all(piece and len(piece) <= limit for piece in pieces)
    assert all(piece == one_line(piece) for piece in pieces)
    assert not any(is_command(piece) for piece in pieces[1:])
    assert _joined(pieces) == one_line(text).replace(" ", "").replace("… ", "") or "…" in text
    assert not any(unicodedata.category(sign) == "Cs" for piece in pieces for sign in piece)


@given(_ANYTHING)
def test_any_text_can_be_judged(text: str) -> None:
    assert has_link(text + " example.com")
    assert is_command("/" + text)
