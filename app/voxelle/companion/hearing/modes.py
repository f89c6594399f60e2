"""The gate: whether what is said reaches her now. Open, while a key is held, between two presses, or after her name.

Pure: time is passed in, in seconds of the show's clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from voxelle.companion.hearing.names import is_named
from voxelle.domain.hearing import ListeningMode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voxelle.settings.hearing import HearingSettings

TAIL_S = 0.3
"""The key is mostly released before the last word is over."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether an utterance reaches her."""

    is_admitted: bool
    is_mention: bool = False
    """She was called by name."""
    reason: str = ""
    """Why it does not reach her."""


class Gate:
    """One gate for all who speak to her."""

    def __init__(self, settings: HearingSettings) -> None:
        self.mode = settings.mode
        self.is_deaf = False
        self.is_key_down = False
        """The key is held; in mode TOGGLE: it was pressed once."""
        self._open_after_name_s = settings.open_after_name_s
        self._closes_s = -inf
        self._open_until_s = -inf

    def use(self, settings: HearingSettings) -> None:
        """Take over changed settings; in another mode the key begins anew."""
        self._open_after_name_s = settings.open_after_name_s
        if settings.mode is not self.mode:
            self.mode = settings.mode
            self.is_key_down = False
            self._closes_s = self._open_until_s = -inf

    @property
    def has_key(self) -> bool:
        """Whether nothing is heard without a key."""
        return self.mode in (ListeningMode.PUSH_TO_TALK, ListeningMode.TOGGLE)

    @property
    def is_held(self) -> bool:
        """Whether the speaker says by a key when he has finished."""
        return self.mode is ListeningMode.PUSH_TO_TALK and self.is_key_down

    def press(self, now_s: float) -> bool:
        """Take that the key went down; True if what is being said ends with that."""
        if self.mode is ListeningMode.TOGGLE and self.is_key_down:
            return self._close(now_s)
        self.is_key_down = self.has_key
        if self.mode is ListeningMode.WAKE_NAME:
            self.extend(now_s)
        return False

    def release(self, now_s: float) -> bool:
        """Take that the key went up; True if what is being said ends with that."""
        return self.mode is ListeningMode.PUSH_TO_TALK and self.is_key_down and self._close(now_s)

    def _close(self, now_s: float) -> bool:
        self.is_key_down = False
        self._closes_s = now_s + TAIL_S
        return True

    def shut(self) -> None:
        """The tail after the key is not needed: everything was said."""
        self._closes_s = -inf

    def hears(self, at_s: float) -> bool:
        """Whether sound of this moment is looked at."""
        return not self.is_deaf and (not self.has_key or self.is_key_down or at_s < self._closes_s)

    def is_open(self, now_s: float) -> bool:
        """Whether whoever speaks now speaks to her."""
        return self.hears(now_s) and (self.mode is not ListeningMode.WAKE_NAME or now_s < self._open_until_s)

    def open_for_s(self, now_s: float) -> float:
        """Return how long she stays open after her name, 0 in other modes."""
        return max(0.0, self._open_until_s - now_s) if self.mode is ListeningMode.WAKE_NAME and not self.is_deaf else 0.0

    def extend(self, now_s: float) -> None:
        """Something was said to her, or she answered: she stays open for a while."""
        self._open_until_s = now_s + self._open_after_name_s

    def judge(self, text: str, names: Sequence[str], began_s: float) -> Admission:
        """Decide about an utterance by its text and when it began."""
        if self.is_deaf:
            return Admission(is_admitted=False, reason="she is deaf")
        is_mention = is_named(text, names)
        if self.mode is ListeningMode.WAKE_NAME and not is_mention and began_s >= self._open_until_s:
            return Admission(is_admitted=False, reason="her name was not said")
        return Admission(is_admitted=True, is_mention=is_mention)
