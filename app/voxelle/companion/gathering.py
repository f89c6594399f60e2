"""Events of one kind that came close together and are answered as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from voxelle.domain.chat import ChannelEvent, StreamEvent

_ADDITIVE = frozenset({StreamEvent.GIFT, StreamEvent.BITS, StreamEvent.POWER_UP, StreamEvent.RAID, StreamEvent.SHOUTOUT_RECEIVED})
"""Their amounts can be added up."""
_STATES = frozenset(
    {
        StreamEvent.CHARITY_PROGRESS,
        StreamEvent.GOAL_PROGRESS,
        StreamEvent.HYPE_TRAIN_PROGRESS,
        StreamEvent.POLL_PROGRESS,
        StreamEvent.PREDICTION_PROGRESS,
        StreamEvent.CHANNEL_UPDATE,
        StreamEvent.REDEMPTION_UPDATE,
    }
)
"""Only the newest of them still holds."""
_MOST = 1_000
"""So many are kept whole; the others are only counted."""


@dataclass(slots=True)
class Gathering:
    """One event, or several of one kind, oldest first. Never empty."""

    events: list[ChannelEvent]
    uncounted: int = 0
    """Further events that are not kept."""
    uncounted_amount: int = 0

    def add(self, event: ChannelEvent) -> None:
        """Join another event."""
        if len(self.events) < _MOST:
            self.events.append(event)
        else:
            self.uncounted += 1
            self.uncounted_amount += event.amount

    def without(self, is_concerned: Callable[[ChannelEvent], bool]) -> Gathering | None:
        """Return what is left when some are taken back, None if nothing is."""
        left = [event for event in self.events if not is_concerned(event)]
        return Gathering(left, self.uncounted, self.uncounted_amount) if left else None

    @property
    def count(self) -> int:
        """How many events."""
        return len(self.events) + self.uncounted

    @property
    def total(self) -> int:
        """All amounts together."""
        return sum(event.amount for event in self.events) + self.uncounted_amount

    @property
    def people(self) -> int:
        """How many different viewers; whoever is anonymous counts each time."""
        known = {(event.author.platform, event.author.id) for event in self.events if _is_known(event)}
        return len(known) + sum(not _is_known(event) for event in self.events) + self.uncounted

    @property
    def is_of_one(self) -> bool:
        """Whether all of it was done by one viewer."""
        return self.people == 1

    @property
    def is_additive(self) -> bool:
        """Whether the amounts can be added up."""
        return self.events[0].event in _ADDITIVE

    @property
    def speaker(self) -> ChannelEvent:
        """The one that stands for all: the newest state, the biggest gift, the first of equals."""
        if self.events[0].event in _STATES:
            return self.events[-1]
        return self.by_weight()[0]

    def by_weight(self) -> Sequence[ChannelEvent]:
        """Return the events, biggest first."""
        return sorted(self.events, key=lambda event: -event.amount)


def _is_known(event: ChannelEvent) -> bool:
    return bool(event.author.id) and not event.is_anonymous
