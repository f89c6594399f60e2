"""How a text ends, in several languages."""

from __future__ import annotations

import pytest

from voxelle.companion.hearing.tails import is_open_ended, is_whole


@pytest.mark.parametrize(
    "text, language",
    [
        ("So I was thinking,", "en"),
        ("I like it, but", "en"),
        ("and then, um.", "en"),
        ("because...", "en"),
        ("it is so", ""),
        ("what about the", "en"),
        ("Ich glaube, dass", "de"),
        ("Ja, äh", "de"),
        ("je pense que", "fr"),
        ("me gusta pero", "es"),
        ("それで、", "ja"),
        ("行きたいんだけど", "ja"),
        ("я думаю что", "ru"),
    ],
)
def test_nobody_ends_like_this(text: str, language: str) -> None:
    assert is_open_ended(text, language)
    assert not is_whole(text, language)


@pytest.mark.parametrize(
    "text, language",
    [
        ("How are you?", "en"),
        ("I think so.", "en"),
        ("What for?", "en"),
        ("Das glaube ich auch.", "de"),
        ("¿Por qué?", "es"),
        ("元気ですか？", "ja"),
    ],
)
def test_this_may_be_all(text: str, language: str) -> None:
    assert not is_open_ended(text, language)
    assert is_whole(text, language)


def test_an_unknown_language_and_no_text_keep_nobody_waiting() -> None:
    assert not is_open_ended("", "en")
    assert not is_open_ended("olen kotona ja", "fi")
    assert not is_open_ended("?!", "en")
    assert not is_whole("how are you", "en")
