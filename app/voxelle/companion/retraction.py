"""What was taken back: whom it concerns, for how long it holds for what is still on its way, and what is left of a record.

Pure: time is passed in.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from voxelle.domain.chat import Stimulus, StimulusKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from voxelle.domain.chat import Retraction
    from voxelle.domain.speech import TurnRecord

REMEMBERED_S = 600.0
"""A message that comes so long after it was taken back is still known as such."""
CLEARED_SPAN = timedelta(hours=24)
"""Clearing a chat takes back what was written in it lately; earlier streams keep theirs."""
_MOST = 20_000
TAKEN_BACK = "taken back"
"""Why such a message is dropped, when the platform gives no reason."""


def concerns(retraction: Retraction, stimulus: Stimulus, since: datetime) -> bool:
    """Whether a stimulus is among what was taken back; a cleared chat takes chat lines from `since` on."""
    if retraction.stimulus_ids:
        return stimulus.id in retraction.stimulus_ids
    if stimulus.author.platform != retraction.platform:
        return False
    if retraction.author_id:
        return stimulus.author.id == retraction.author_id
    return retraction.is_everything and stimulus.kind is StimulusKind.CHAT and stimulus.received_at >= since


def blanked(stimulus: Stimulus) -> Stimulus:
    """Return a stimulus without its words."""
    return replace(stimulus, text="", cue="", is_answerable=False)


def redacted(record: TurnRecord, is_concerned: Callable[[Stimulus], bool]) -> TurnRecord:
    """Return a turn without the words of what was taken back; what she said of it stays, with nothing to say what of."""
    if not any(is_concerned(stimulus) for stimulus in record.stimuli):
        return record
    stimuli = tuple(blanked(stimulus) if is_concerned(stimulus) else stimulus for stimulus in record.stimuli)
    return replace(record, prompt_line="", stimuli=stimuli)


class Retractions:
    """Remembers for a while what was taken back, since a message can come after its own deletion. Bounded."""

    def __init__(self) -> None:
        self._until_s: OrderedDict[tuple[str, str], float] = OrderedDict()
        """By platform and author, or by an empty text and the message's id; oldest first."""
        self._cleared: dict[str, tuple[datetime, float]] = {}
        """When each platform's chat was cleared, and until when that is remembered."""

    def note(self, retraction: Retraction, now: datetime, now_s: float) -> None:
        """Remember a retraction."""
        keys = [("", stimulus_id) for stimulus_id in retraction.stimulus_ids]
        if not keys and retraction.author_id:
            keys = [(retraction.platform, retraction.author_id)]
        elif not keys and retraction.is_everything:
            self._cleared[retraction.platform] = (now, now_s + REMEMBERED_S)
        for key in keys:
            self._until_s.pop(key, None)
            self._until_s[key] = now_s + REMEMBERED_S
        while self._until_s and (len(self._until_s) > _MOST or next(iter(self._until_s.values())) < now_s):
            self._until_s.popitem(last=False)

    def covers(self, stimulus: Stimulus, now_s: float) -> bool:
        """Whether a stimulus was taken back, lately, before or after it came."""
        author = stimulus.author
        if self._holds(("", stimulus.id), now_s) or self.covers_author(author.platform, author.id, now_s):
            return True
        cleared_at, until_s = self._cleared.get(author.platform, (None, 0.0))
        is_cleared = cleared_at is not None and now_s <= until_s and cleared_at - CLEARED_SPAN <= stimulus.received_at <= cleared_at
        return is_cleared and stimulus.kind is StimulusKind.CHAT

    def covers_author(self, platform: str, author_id: str, now_s: float) -> bool:
        """Whether everything of this author was taken back lately."""
        return bool(author_id) and self._holds((platform, author_id), now_s)

    def covers_id(self, stimulus_id: str, now_s: float) -> bool:
        """Whether this very message was taken back lately."""
        return self._holds(("", stimulus_id), now_s)

    def _holds(self, key: tuple[str, str], now_s: float) -> bool:
        return self._until_s.get(key, float("-inf")) >= now_s
