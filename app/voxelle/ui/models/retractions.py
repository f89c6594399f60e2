"""Which rows on screen a retraction concerns. Many that come together are looked up in one pass."""

from __future__ import annotations

from voxelle.domain.chat import StimulusKind
from voxelle.domain.events import MessagesRetracted


class Withdrawn:
    """Retractions since the last look at the rows. `upto` is the key below which rows are older than the retraction."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}
        self._authors: dict[tuple[str, str], tuple[int, str]] = {}
        self._platforms: dict[str, tuple[int, str]] = {}

    def __bool__(self) -> bool:
        """Return whether there is anything to look for."""
        return bool(self._ids or self._authors or self._platforms)

    def add(self, event: MessagesRetracted, upto: int = 0) -> None:
        """Take a retraction in."""
        retraction = event.retraction
        for stimulus_id in (*retraction.stimulus_ids, *event.stimulus_ids):
            self._ids[stimulus_id] = retraction.reason
        if retraction.author_id:
            self._authors[retraction.platform, retraction.author_id] = (upto, retraction.reason)
        if retraction.is_everything:
            self._platforms[retraction.platform] = (upto, retraction.reason)

    def clear(self) -> None:
        """Forget them: the rows were looked at."""
        self._ids.clear()
        self._authors.clear()
        self._platforms.clear()

    def reason(self, stimulus_id: str, platform: str, author_id: str, kind: StimulusKind, key: int = -1) -> str | None:
        """Return why a row was taken back, None if it was not."""
        if stimulus_id in self._ids:
            return self._ids[stimulus_id]
        upto, why = self._authors.get((platform, author_id), (-1, ""))
        if author_id and key < upto:
            return why
        upto, why = self._platforms.get(platform, (-1, ""))
        return why if kind is StimulusKind.CHAT and key < upto else None
