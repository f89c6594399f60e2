"""What nobody said is kept out; what somebody said gets through."""

from __future__ import annotations

import pytest

from voxelle.companion.hearing.guard import echoes, objection
from voxelle.contracts.stt import Transcript


@pytest.mark.parametrize(
    "transcript, voiced_s, reason",
    [
        (Transcript(""), 1.0, "nothing was understood"),
        (Transcript(" ... "), 1.0, "nothing was understood"),
        (Transcript("♪ ♪"), 1.0, "nothing was understood"),
        (Transcript("Hello."), 0.2, "too short"),
        (Transcript("Hello there.", no_speech=0.7), 1.0, "nobody spoke"),
        (Transcript("Hello there.", log_probability=-1.25), 1.0, "too unclear"),
        (Transcript("Hello there, how are you?", log_probability=-1.1), 1.0, "too unclear"),
        (Transcript("Thank you for watching!", log_probability=-0.8), 1.0, "invent"),
        (Transcript("you", log_probability=-0.8), 1.0, "invent"),
        (Transcript("Subtitles by the Amara.org community", no_speech=0.45), 2.0, "invent"),
        (Transcript("Untertitel im Auftrag des ZDF, 2021", log_probability=-0.8), 2.0, "invent"),
        (Transcript("ご視聴ありがとうございました", log_probability=-0.8), 2.0, "invent"),
        (Transcript("감사합니다.", log_probability=-0.8), 2.0, "invent"),
        (Transcript("Sous-titrage ST' 501", log_probability=-0.9), 2.0, "invent"),
        (Transcript("Thank you for watching, see you next time, bye bye, please subscribe"), 1.0, ""),
        (Transcript("I'll see you in the next one"), 0.5, "invent"),
        (Transcript("no " * 9), 3.0, "repeated"),
        (Transcript("and I think " * 6), 5.0, "repeated"),
        (Transcript("wir sehen uns dann morgen früh " * 5), 9.0, "repeated"),
    ],
)
def test_a_text_that_nobody_said_is_dropped_with_the_reason(transcript: Transcript, voiced_s: float, reason: str) -> None:
    found = objection(transcript, voiced_s)
    assert (reason in found) if reason else (found == "")


@pytest.mark.parametrize(
    "transcript",
    [
        Transcript("Thank you.", log_probability=-0.6, no_speech=0.33),
        Transcript("Yes", log_probability=-1.28),
        Transcript("Thanks for watching!", log_probability=-0.2, no_speech=0.02),
        Transcript("no no no no no, stop it", log_probability=-0.3),
        Transcript("What did you do yesterday?", log_probability=-0.9),
        Transcript("Was hast du gestern gemacht?", log_probability=-0.5),
        Transcript("你今天好吗", log_probability=-0.5),
        Transcript("go go go", log_probability=-0.3),
    ],
)
def test_what_somebody_said_gets_through(transcript: Transcript) -> None:
    assert objection(transcript, 1.5) == ""


def test_her_own_voice_is_no_speaker() -> None:
    spoken = "Oh, I love that game! The last boss took me three evenings."
    assert echoes("I love that game, the last boss took me", spoken)
    assert echoes("the last boss took knee three evenings", spoken)
    assert echoes("that game", spoken)
    assert echoes("evenings", spoken)
    assert objection(Transcript("The last boss."), 1.0, spoken) == "her own voice"


@pytest.mark.parametrize("text", ["Which boss was that?", "Stop, wait.", "I love you", "game that", "", "…"])
def test_other_words_are_not_her_own_voice(text: str) -> None:
    assert not echoes(text, "Oh, I love that game! The last boss took me three evenings.")


def test_nothing_is_an_echo_while_she_is_silent() -> None:
    assert not echoes("hello", "")
    assert objection(Transcript("hello"), 1.0) == ""
