"""Keeps out what nobody said: texts that a recogniser invents from noise, loops, and her own voice.

Pure. Reasons are for the streamer and never hold a word of what was heard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voxelle.companion.hearing.words import words_of

if TYPE_CHECKING:
    from voxelle.contracts.stt import Transcript

NOTHING = "nothing was understood"
TOO_SHORT = "too short to be speech"
TOO_UNCLEAR = "too unclear to be understood"
LEAST_VOICE_S = 0.25
_LEAST_LOG_PROBABILITY = -1.0
_FOR_FEW_WORDS = 0.4
"""A single word may be so much less certain, two may by half of it: there is nothing around that helps the recogniser."""
_MOST_NO_SPEECH = 0.6
_UNSURE_LOG_PROBABILITY = -0.7
_UNSURE_NO_SPEECH = 0.4
_FASTEST_LETTERS_PER_S = 35.0
"""Nobody speaks faster."""
_LONGEST_LOOP_WORDS = 8
_LOOPS = {1: 8}
_LOOP = 5
"""So often a group of words stands in a row in a loop; people repeat themselves, but not so long."""
_ECHO_SHARE = 0.8
_ECHO_WHOLE = 2
"""Up to so many words must stand in what she says exactly as they are."""

_INVENTED = (
    "you",
    "bye",
    "bye bye",
    "thank you",
    "thanks",
    "okay",
    "so",
    "oh",
    "the end",
    "music",
    "applause",
    "silence",
    "thank you for watching",
    "thanks for watching",
    "thank you so much for watching",
    "thank you very much",
    "please subscribe",
    "like and subscribe",
    "see you next time",
    "see you in the next video",
    "i'll see you in the next one",
    "vielen dank",
    "danke",
    "tschüss",
    "bis zum nächsten mal",
    "vielen dank fürs zuschauen",
    "merci",
    "merci d'avoir regardé cette vidéo",
    "abonnez vous",
    "gracias",
    "gracias por ver el video",
    "suscríbete",
    "obrigado",
    "obrigado por assistir",
    "grazie",
    "grazie per la visione",
    "dank u wel",
    "bedankt voor het kijken",
    "dziękuję",
    "dziękuję za oglądanie",
    "tack för att ni tittade",
    "спасибо",
    "спасибо за просмотр",
    "продолжение следует",
    "ご視聴ありがとうございました",
    "ありがとうございました",
    "おやすみなさい",
    "谢谢观看",
    "请不吝点赞订阅转发打赏支持明镜与点点栏目",
    "시청해주셔서 감사합니다",
    "감사합니다",
)
_CREDITS = (
    "subtitles by",
    "subtitled by",
    "captions by",
    "transcribed by",
    "transcription by",
    "amara org",
    "untertitel im auftrag",
    "untertitel der",
    "untertitelung",
    "untertitel von",
    "sous titres",
    "sous titrage",
    "subtitulos",
    "subtitulado por",
    "legendas pela comunidade",
    "sottotitoli",
    "ondertiteld door",
    "ondertiteling",
    "napisy stworzone przez",
    "субтитры",
    "редактор субтитров",
    "字幕",
    "자막",
)
_WHOLE = frozenset(" ".join(words_of(text)) for text in _INVENTED)
_PARTS = tuple(" ".join(words_of(text)) for text in _CREDITS)


def objection(transcript: Transcript, voiced_s: float, spoken_lately: str = "") -> str:
    """Return why an utterance is not what somebody said to her, or an empty text.

    `voiced_s` is how much of it was voice, `spoken_lately` what she herself said while it was heard.
    """
    words = words_of(transcript.text)
    if not words:
        return NOTHING
    is_unsure = _is_unsure(transcript, voiced_s)
    rules = (
        (voiced_s < LEAST_VOICE_S, TOO_SHORT),
        (transcript.no_speech > _MOST_NO_SPEECH, "most likely nobody spoke"),
        (transcript.log_probability < _LEAST_LOG_PROBABILITY - _FOR_FEW_WORDS / len(words), TOO_UNCLEAR),
        (is_unsure and _is_invented(words), "a sentence that recognisers invent from noise"),
        (_is_loop(words), "the recogniser repeated itself"),
        (echoes(transcript.text, spoken_lately), "her own voice"),
    )
    return next((reason for applies, reason in rules if applies), "")


def echoes(text: str, spoken_lately: str) -> bool:
    """Whether a text holds nothing but what she says herself, with a word lost or misheard here and there."""
    heard, spoken = words_of(text), words_of(spoken_lately)
    if not heard or not spoken:
        return False
    if len(heard) <= _ECHO_WHOLE:
        return any(spoken[start : start + len(heard)] == heard for start in range(len(spoken)))
    return _in_order(heard, spoken) >= _ECHO_SHARE * len(heard)


def _is_unsure(transcript: Transcript, voiced_s: float) -> bool:
    letters = len(transcript.text.strip())
    return (
        transcript.log_probability < _UNSURE_LOG_PROBABILITY
        or transcript.no_speech > _UNSURE_NO_SPEECH
        or letters > voiced_s * _FASTEST_LETTERS_PER_S
    )


def _is_invented(words: list[str]) -> bool:
    text = " ".join(words)
    return text in _WHOLE or any(part in text for part in _PARTS)


def _is_loop(words: list[str]) -> bool:
    """Whether a group of words is repeated over and over."""
    for size in range(1, min(_LONGEST_LOOP_WORDS, len(words) // 2) + 1):
        run = 0
        for index in range(size, len(words)):
            run = run + 1 if words[index] == words[index - size] else 0
            if run + size >= size * _LOOPS.get(size, _LOOP):
                return True
    return False


def _in_order(heard: list[str], spoken: list[str]) -> int:
    """Return how many of the heard words stand in what was spoken, in the same order."""
    row = [0] * (len(spoken) + 1)
    for word in heard:
        before = 0
        for column, other in enumerate(spoken, start=1):
            before, row[column] = row[column], before + 1 if word == other else max(row[column], row[column - 1])
    return row[-1]
