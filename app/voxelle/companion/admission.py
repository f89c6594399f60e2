"""Which lines of the chat may be answered at all: the streamer's switches, and what keeps one viewer from filling the show."""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from typing import TYPE_CHECKING

from voxelle.companion.scoring import PERSONAL, is_question
from voxelle.domain.chat import Role, Stimulus, StimulusKind, StreamEvent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voxelle.settings.schema import TurnSettings

_FLOOD_LINES = 5
_FLOOD_WINDOW_S = 10.0
_VIEWERS_REMEMBERED = 5_000
_LEAST_LETTERS = 2
"""One letter says nothing."""
_LINK_ONLY = re.compile(r"^(?:https?://|www\.)\S+$", re.IGNORECASE)
_SUPPORTERS = {Role.SUBSCRIBER, Role.VIP, Role.MODERATOR, Role.BROADCASTER}
_WIDE = "\u2e80"
"""From here on scripts put no space between words."""


def viewer_of(stimulus: Stimulus) -> str:
    """Return who wrote it, across platforms."""
    return f"{stimulus.author.platform}:{stimulus.author.id}"


class Keywords:
    """The streamer's keywords, found as whole words in any case."""

    def __init__(self, words: Iterable[str]) -> None:
        patterns = [_bordered(folded) for word in words if (folded := _folded(word).strip())]
        self._pattern = re.compile("|".join(patterns)) if patterns else None

    def find(self, text: str) -> bool:
        """Whether one of them stands in the text."""
        return self._pattern is not None and self._pattern.search(_folded(text)) is not None


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _bordered(word: str) -> str:
    before = r"(?<!\w)" if word[0] < _WIDE else ""
    after = r"(?!\w)" if word[-1] < _WIDE else ""
    return f"{before}{re.escape(word)}{after}"


class Admission:
    """Says of a stimulus why it is not answered. Remembers who wrote and who was answered lately, bounded."""

    def __init__(self, settings: TurnSettings) -> None:
        self.is_paused = False
        self.use(settings)
        self._answered_at: dict[str, float] = {}
        self._lines: dict[str, deque[float]] = {}
        """When each viewer wrote; who was silent for longest comes first."""

    def use(self, settings: TurnSettings) -> None:
        """Take over the streamer's switches."""
        self._settings = settings
        self._keywords = Keywords(settings.answer_keywords)

    def has_keyword(self, stimulus: Stimulus) -> bool:
        """Whether one of the streamer's keywords stands in a chat line."""
        return stimulus.kind is StimulusKind.CHAT and self._keywords.find(stimulus.text)

    def refusal(self, stimulus: Stimulus, now_s: float) -> str:
        """Return why a stimulus is not answered at all, or an empty string."""
        if not stimulus.is_answerable:
            return "only shown, never answered"
        if stimulus.kind in PERSONAL or stimulus.kind in (StimulusKind.EVENT, StimulusKind.IDLE):
            return "" if stimulus.text or stimulus.kind not in (StimulusKind.TYPED, StimulusKind.VOICE) else "it is empty"
        settings = self._settings
        rules = (
            (self.is_paused, "chat is paused"),
            (not settings.answer_chat, "answering chat is switched off"),
            (Role.BOT in stimulus.author.roles, "from a bot"),
            (stimulus.is_shared and not settings.answer_shared_chat, "from another channel's chat"),
            (self._is_flood(stimulus, now_s), "too many lines from one viewer"),
            (not stimulus.text, "it is empty"),
            (stimulus.text.startswith("!"), "a command for another bot"),
            (_LINK_ONLY.match(stimulus.text) is not None, "only a link"),
            (sum(map(str.isalnum, stimulus.text)) < _LEAST_LETTERS, "nothing to answer in it"),
            (settings.only_supporters and not stimulus.author.roles & _SUPPORTERS, "only supporters are answered"),
            (not self._is_wanted(stimulus), "nothing in it that you let her answer"),
            (self._was_answered(stimulus, now_s), "this viewer was answered a moment ago"),
        )
        return next((reason for applies, reason in rules if applies), "")

    def _is_wanted(self, stimulus: Stimulus) -> bool:
        """Whether one of the streamer's switches lets a line through."""
        settings = self._settings
        return settings.answer_all or any(
            (
                settings.answer_mentions and stimulus.is_mention,
                settings.answer_questions and is_question(stimulus.text),
                settings.answer_highlighted and stimulus.is_highlighted,
                0 < settings.answer_bits_from <= stimulus.amount and stimulus.event is StreamEvent.BITS,
                settings.answer_first_time and Role.FIRST_TIME in stimulus.author.roles,
                self._keywords.find(stimulus.text),
            )
        )

    def _was_answered(self, stimulus: Stimulus, now_s: float) -> bool:
        answered = self._answered_at.get(viewer_of(stimulus))
        is_free = stimulus.is_mention or stimulus.is_guaranteed or stimulus.is_test
        return answered is not None and now_s - answered < self._settings.viewer_cooldown_s and not is_free

    def _is_flood(self, stimulus: Stimulus, now_s: float) -> bool:
        if stimulus.is_guaranteed or stimulus.is_test:
            return False
        viewer = viewer_of(stimulus)
        lines = self._lines.pop(viewer, None) or deque(maxlen=_FLOOD_LINES + 1)
        lines.append(now_s)
        self._lines[viewer] = lines
        if len(self._lines) > _VIEWERS_REMEMBERED:
            del self._lines[next(iter(self._lines))]
        return len(lines) > _FLOOD_LINES and now_s - lines[0] < _FLOOD_WINDOW_S

    def note_answered(self, stimuli: Iterable[Stimulus], now_s: float) -> None:
        """Remember whose lines are answered now."""
        for stimulus in stimuli:
            self._answered_at[viewer_of(stimulus)] = now_s
        if len(self._answered_at) > _VIEWERS_REMEMBERED:
            limit = self._settings.viewer_cooldown_s
            self._answered_at = {viewer: at for viewer, at in self._answered_at.items() if now_s - at < limit}
