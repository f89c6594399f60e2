"""Which language is being spoken."""

from __future__ import annotations

from voxelle.providers.stt.languages import SpokenLanguages

SURELY_GERMAN = {"de": 0.95, "nl": 0.04, "th": 0.01}
UNCLEAR = {"th": 0.5, "de": 0.3, "nl": 0.2}
SURELY_FRENCH = {"fr": 0.96, "de": 0.02, "th": 0.02}


def test_the_first_sentence_speaks_for_itself() -> None:
    assert SpokenLanguages().likeliest(UNCLEAR) == "th"


def test_an_unclear_sentence_is_of_the_language_spoken_before() -> None:
    languages = SpokenLanguages()
    languages.note(SURELY_GERMAN, 2.0)
    assert languages.likeliest(UNCLEAR) == "de"


def test_a_sentence_that_is_sure_changes_the_language_at_once() -> None:
    languages = SpokenLanguages()
    for _ in range(50):
        languages.note(SURELY_GERMAN, 5.0)
    assert languages.likeliest(SURELY_FRENCH) == "fr"


def test_what_was_spoken_long_ago_is_forgotten() -> None:
    languages = SpokenLanguages()
    languages.note(SURELY_GERMAN, 5.0)
    for _ in range(20):
        languages.note(SURELY_FRENCH, 2.0)
    assert languages.likeliest({"de": 0.5, "fr": 0.4}) == "fr"
