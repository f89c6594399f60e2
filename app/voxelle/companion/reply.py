"""Turns what a model writes into what can be said: tags become feelings, everything unspeakable goes.

Reasoning blocks, markdown, code, stage directions, emoji and markup are never spoken. `ReplyCleaner`
is pure: pieces of any size are pushed in, the same text comes out however it was cut.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from voxelle.domain.avatar import Emotion, Feeling, FeelingSource

TAG_INTENSITY = 0.8
"""Intensity of a feeling that the model named itself: tags carry no degree."""
_HOLD = 80
"""An opened bracket or asterisk longer than this was not markup after all."""

_SYNONYMS = {
    "happy": Emotion.JOY,
    "sad": Emotion.SADNESS,
    "angry": Emotion.ANGER,
    "surprised": Emotion.SURPRISE,
    "excited": Emotion.EXCITEMENT,
    "scared": Emotion.FEAR,
    "shy": Emotion.EMBARRASSMENT,
    "embarrassed": Emotion.EMBARRASSMENT,
    "smug": Emotion.PRIDE,
    "proud": Emotion.PRIDE,
    "amused": Emotion.AMUSEMENT,
    "curious": Emotion.CURIOSITY,
    "grateful": Emotion.GRATITUDE,
    "confused": Emotion.CONFUSION,
    "annoyed": Emotion.ANNOYANCE,
    "disgusted": Emotion.DISGUST,
    "nervous": Emotion.NERVOUSNESS,
    "disappointed": Emotion.DISAPPOINTMENT,
    "relieved": Emotion.RELIEF,
}
_EMOTIONS = {**_SYNONYMS, **{emotion.value: emotion for emotion in Emotion}}
_REASONING = ("think", "thinking", "thought", "reasoning", "reflection", "analysis", "scratchpad")
_STAGE_VERB = re.compile(
    r"^(?:\w+ly )?(?:laugh|giggl|sigh|smil|wink|grin|chuckl|gasp|blush|nod|shrug|cough|clap|cheer|whisper|yawn|pout|wav|cries|cry|sob"
    r"|snort|pause)\w*\b",
    re.IGNORECASE,
)
_MARKUP_START = "<[*`(_~"
_LINE_MARK = re.compile(r"[ \t]*(?:#{1,6}|[-•>+*]|\d{1,2}[.)])[ \t]+")
_MAYBE_LINE_MARK = re.compile(r"[ \t]*(?:#{1,6}|[-•>+*]|\d{1,2}[.)]?)?[ \t]*")
_VARIATION = {"\u200d", "\ufe0e", "\ufe0f", "\u20e3", "\u200b", "\u2060", "\ufeff"}


@dataclass(frozen=True, slots=True)
class FeelingTag:
    """The model said how the words that follow feel."""

    feeling: Feeling


Piece = str | FeelingTag


def feeling_of(tag: str) -> Feeling | None:
    """Return the feeling that a tag's word names, or None."""
    word = tag.strip().lower().removeprefix("face:").removeprefix("emotion:").strip()
    emotion = _EMOTIONS.get(word)
    return None if emotion is None else Feeling(emotion, TAG_INTENSITY, FeelingSource.TAG)


def without_emoji(text: str) -> str:
    """Return the text without emoji, pictographs and control characters; line breaks stay."""
    return "".join(
        char
        for char in text
        if char in "\n\t"
        or not (
            char in _VARIATION or unicodedata.category(char) in ("So", "Cc", "Cf", "Co", "Cs", "Cn") or "\U0001f3fb" <= char <= "\U0001f3ff"
        )
    )


class ReplyCleaner:
    """Push the model's text in, get speakable text and feelings out."""

    def __init__(self, speaker: str = "") -> None:
        self._speaker = speaker
        self._reset()

    def _reset(self) -> None:
        self._buffer = ""
        self._reasoning = ""
        self._is_fenced = False
        self._said = ""
        self._has_spoken = False
        self._is_line_start = True

    def push(self, text: str) -> list[Piece]:
        """Take the next piece; return what is certain by now."""
        self._buffer += text
        return self._drain(is_last=False)

    def flush(self) -> list[Piece]:
        """The reply is over: return the rest; an unclosed block of reasoning or code is dropped."""
        pieces = self._drain(is_last=True)
        self._reset()
        return pieces

    def _drain(self, *, is_last: bool) -> list[Piece]:
        pieces: list[Piece] = []
        while self._buffer:
            if self._reasoning:
                if not self._skip_reasoning():
                    break
            elif self._is_fenced:
                if not self._skip_fence():
                    break
            elif not self._step(pieces, is_last=is_last):
                break
        return pieces

    def _skip_reasoning(self) -> bool:
        end = re.search(rf"</{self._reasoning}\s*>", self._buffer, re.IGNORECASE)
        if end is None:
            self._buffer = self._buffer[-(len(self._reasoning) + 4) :]
            return False
        self._buffer, self._reasoning = self._buffer[end.end() :].lstrip(), ""
        self._is_line_start = self._is_line_start or not self._has_spoken
        return True

    def _skip_fence(self) -> bool:
        end = self._buffer.find("```")
        if end < 0:
            self._buffer = self._buffer[-2:]
            return False
        self._buffer, self._is_fenced = self._buffer[end + 3 :], False
        self._is_line_start = self._is_line_start or not self._has_spoken
        return True

    def _step(self, pieces: list[Piece], *, is_last: bool) -> bool:
        """Handle plain text up to the next markup, or the markup itself; False if more text is needed."""
        if self._is_line_start:
            return self._begin_line(is_last=is_last)
        start = next((index for index, char in enumerate(self._buffer) if char in _MARKUP_START or char == "\n"), len(self._buffer))
        if start or self._buffer[0] == "\n":
            end = start + 1 if self._buffer[start : start + 1] == "\n" else start
            self._is_line_start = self._buffer[end - 1] == "\n"
            self._say(self._buffer[:end], pieces)
            self._buffer = self._buffer[end:]
            return True
        opener = self._buffer[0]
        if opener == "<":
            return self._angle(pieces, is_last=is_last)
        if opener == "`":
            return self._ticks(is_last=is_last)
        if opener in "*_~":
            return self._emphasis(opener, pieces, is_last=is_last)
        return self._bracket("]" if opener == "[" else ")", pieces, is_last=is_last)

    def _begin_line(self, *, is_last: bool) -> bool:
        """Drop a list mark, and her own name before the first words; False while it may still become one."""
        name = f"{self._speaker.lower()}:"
        head = self._buffer.lstrip().lower()
        is_name_possible = bool(self._speaker) and not self._has_spoken and name.startswith(re.sub(r"\s+:?$", "", head) or "\0")
        if not is_last and (_MAYBE_LINE_MARK.fullmatch(self._buffer) or (is_name_possible and not head.startswith(name))):
            return False
        if mark := _LINE_MARK.match(self._buffer):
            self._buffer = self._buffer[mark.end() :]
        if (
            self._speaker
            and not self._has_spoken
            and (own := re.match(rf"\s*{re.escape(self._speaker)}\s*:\s*", self._buffer, re.IGNORECASE))
        ):
            self._buffer = self._buffer[own.end() :]
        self._is_line_start = False
        return True

    def _say(self, text: str, pieces: list[Piece]) -> None:
        text = without_emoji(text)
        if text:
            self._has_spoken = self._has_spoken or bool(text.strip())
            self._said = (self._said + text)[-64:]
            pieces.append(text)

    def _angle(self, pieces: list[Piece], *, is_last: bool) -> bool:
        reasoning = re.match(r"<(\w+)\s*>", self._buffer)
        if reasoning and reasoning[1].lower() in _REASONING:
            self._reasoning, self._buffer = reasoning[1].lower(), self._buffer[reasoning.end() :]
            return True
        special = re.match(r"<\|[^|>\n]{0,60}\|>|</?[a-zA-Z][^<>\n]{0,60}>", self._buffer)
        if special:
            self._buffer = self._buffer[special.end() :]
            return True
        if self._buffer.startswith("<3"):
            self._buffer = self._buffer[2:]
            return True
        is_possible = re.match(r"<(?:\|[^|>\n]{0,60}\|?|/?[a-zA-Z][^<>\n]{0,60}|/?)$", self._buffer)
        return self._literal(pieces) if is_last or not is_possible else False

    def _ticks(self, *, is_last: bool) -> bool:
        if self._buffer.startswith("```"):
            self._is_fenced, self._buffer = True, self._buffer[3:]
            return True
        if not is_last and self._buffer in ("`", "``"):
            return False
        self._buffer = self._buffer[1:]
        return True

    def _emphasis(self, mark: str, pieces: list[Piece], *, is_last: bool) -> bool:
        following = self._buffer[1:2]
        if not following and not is_last:
            return False
        is_glued = self._said[-1:].isalnum() and following.isalnum()
        if following == mark:
            self._buffer = self._buffer[2:]
            return True
        if mark == "~" or following.isspace():
            return self._drop()
        if is_glued:
            return self._literal(pieces)
        window = self._buffer[1 : 2 + _HOLD].partition("\n")[0]
        close = window.find(mark)
        if close < 0:
            is_open = not is_last and len(window) <= _HOLD and "\n" not in self._buffer
            return False if is_open else self._drop()
        inside = window[:close]
        has_words_before = bool(self._said.strip()) and self._said.rstrip()[-1] not in ".!?…"
        if mark == "_" or (" " not in inside and has_words_before):
            self._buffer = inside + self._buffer[close + 2 :]
        else:
            self._buffer = self._buffer[close + 2 :]
        return True

    def _bracket(self, closer: str, pieces: list[Piece], *, is_last: bool) -> bool:
        close = self._buffer.find(closer, 1)
        inside = self._buffer[1:close] if close > 0 else self._buffer[1:]
        if close < 0 and not is_last and len(inside) <= _HOLD and "\n" not in inside:
            return False
        if close < 0 or len(inside) > _HOLD or "\n" in inside:
            return self._literal(pieces) if closer == ")" else self._drop()
        rest = self._buffer[close + 1 :]
        if closer == ")":
            if _STAGE_VERB.match(inside.strip()):
                self._buffer = rest
                return True
            return self._literal(pieces)
        if not rest and not is_last:
            return False
        if rest.startswith("("):
            link = re.match(r"\([^()\n]{0,300}\)", rest)
            if link is None and not is_last and len(rest) < 300:  # noqa: PLR2004 - as in the pattern above
                return False
            self._buffer = inside + (rest[link.end() :] if link else rest)
            return True
        feeling = feeling_of(inside)
        if feeling is not None:
            pieces.append(FeelingTag(feeling))
            self._is_line_start = not self._has_spoken
        self._buffer = rest.lstrip(" ") if not self._said or self._said[-1].isspace() else rest
        return True

    def _literal(self, pieces: list[Piece]) -> bool:
        self._say(self._buffer[0], pieces)
        self._buffer = self._buffer[1:]
        return True

    def _drop(self) -> bool:
        self._buffer = self._buffer[1:]
        return True
