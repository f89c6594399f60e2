"""What she makes of what happens on the channel: nothing, an answer, or one answer for many.

Pure and synchronous: time is passed in; `companion/happenings.py` keeps the time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from voxelle.companion.cue import ANONYMOUS, cue_for, name_of
from voxelle.companion.event_words import MODERATION, NOBODY
from voxelle.companion.gathering import Gathering
from voxelle.domain.chat import Author, ChannelEvent, Stimulus, StimulusKind, StreamEvent

if TYPE_CHECKING:
    from collections.abc import Callable

    from voxelle.settings.reaction import Reaction
    from voxelle.settings.reactions import ReactionsSettings

Key = tuple[str, ...]
"""What may be joined: a kind, of one source, and for rewards the same reward. Tests stand alone."""
_BY_REWARD = frozenset({StreamEvent.REDEMPTION, StreamEvent.AUTOMATIC_REDEMPTION})
ANSWERED = "she answers"


@dataclass(frozen=True, slots=True)
class Reacted:
    """What she makes of one event."""

    reaction: str
    """In words, for the streamer."""
    is_answered: bool = False
    stimulus: Stimulus | None = None
    """To be answered at once."""
    opened: tuple[Key, float] | None = None
    """She waits for others to join: call `close` with the key after so many seconds."""


class Reactions:
    """Follows the streamer's reactions: thresholds, pauses, joining, and the words of the cue."""

    def __init__(self, settings: ReactionsSettings) -> None:
        self.settings = settings
        self._open: dict[Key, Gathering] = {}
        self._reacted_at_s: dict[StreamEvent, float] = {}

    @property
    def is_waiting(self) -> bool:
        """Whether events wait for others to join them."""
        return bool(self._open)

    def take(self, event: ChannelEvent, now_s: float) -> Reacted:
        """Decide about an event."""
        if event.event is StreamEvent.NONE:
            return Reacted("nothing she knows")
        reaction = self.settings.of(event.event)
        refusal = self._refusal(event, reaction)
        if refusal:
            return Reacted(refusal)
        key = _key(event)
        if key in self._open:
            return self._join(self._open[key], event)
        pause_s = 0.0 if event.is_test else self._pause_s(event, reaction, now_s)
        if pause_s > 0 and not reaction.is_guaranteed:
            return Reacted("too soon after the last one")
        wait_s = max(pause_s, reaction.merge_s)
        gathering = Gathering([event])
        if wait_s <= 0:
            return Reacted(ANSWERED, is_answered=True, stimulus=self._react(gathering, now_s))
        self._open[key] = gathering
        return Reacted(ANSWERED, is_answered=True, opened=(key, wait_s))

    def close(self, key: Key, now_s: float) -> tuple[Stimulus, Gathering] | None:
        """Nobody joins any more: return what she answers; None if everything in it was taken back or switched off."""
        gathering = self._open.pop(key, None)
        if gathering is None or not self.settings.of(gathering.speaker.event).is_on:
            return None
        return self._react(gathering, now_s), gathering

    def retract(self, is_concerned: Callable[[ChannelEvent], bool]) -> None:
        """Take events out of what waits."""
        for key, gathering in tuple(self._open.items()):
            left = gathering.without(is_concerned)
            if left is None:
                del self._open[key]
            else:
                self._open[key] = left

    def answers(self, line: Stimulus) -> bool:
        """Whether her reaction to the event as which a line of the chat is told is the answer to it."""
        if line.told_as is StreamEvent.NONE:
            return False
        reaction = self.settings.of(line.told_as)
        # Only of a cheer does the line itself say how much it was.
        is_too_little = line.event is line.told_as and line.amount < reaction.threshold
        return reaction.is_on and not is_too_little and not _has_nothing_to_say(reaction)

    def stimulus(self, gathering: Gathering) -> Stimulus:
        """Return what she answers for an event, or for several that were joined."""
        speaker = gathering.speaker
        reaction = self.settings.of(speaker.event)
        template = reaction.template_many if gathering.count > 1 and not _is_one_giver(gathering) else ""
        is_hidden = speaker.event in MODERATION
        return Stimulus(
            # An answer to several is no single one of them: taking one back must not look like taking all back.
            id=speaker.id if gathering.count == 1 else f"{speaker.id}&{gathering.count}",
            kind=StimulusKind.EVENT,
            author=_author(speaker),
            text="" if is_hidden else speaker.text,
            received_at=speaker.received_at,
            source=speaker.source,
            event=speaker.event,
            amount=gathering.total if gathering.is_additive else speaker.amount,
            is_guaranteed=reaction.is_guaranteed,
            is_spoken=speaker.is_spoken,
            is_test=speaker.is_test,
            priority=reaction.priority,
            cue=cue_for(template or reaction.template, gathering, is_verbatim=reaction.is_verbatim),
            is_verbatim=reaction.is_verbatim,
        )

    def _react(self, gathering: Gathering, now_s: float) -> Stimulus:
        stimulus = self.stimulus(gathering)
        if not stimulus.is_test:
            self._reacted_at_s[stimulus.event] = now_s
        return stimulus

    def _pause_s(self, event: ChannelEvent, reaction: Reaction, now_s: float) -> float:
        """Return how long no reaction of this kind may come."""
        last_s = self._reacted_at_s.get(event.event)
        return 0.0 if last_s is None else max(0.0, last_s + reaction.cooldown_s - now_s)

    @staticmethod
    def _join(gathering: Gathering, event: ChannelEvent) -> Reacted:
        others = gathering.count
        gathering.add(event)
        return Reacted(f"joined with {others} other{'s' if others > 1 else ''}", is_answered=True)

    @staticmethod
    def _refusal(event: ChannelEvent, reaction: Reaction) -> str:
        rules = (
            (not reaction.is_on, "switched off"),
            (event.is_shared, "happened on a channel that shares its chat"),
            (event.amount < reaction.threshold, f"below {reaction.threshold}"),
            (_has_nothing_to_say(reaction), "there is nothing to say in its text"),
        )
        return next((reason for applies, reason in rules if applies), "")


def _has_nothing_to_say(reaction: Reaction) -> bool:
    return reaction.is_verbatim and not reaction.template.strip()


def _key(event: ChannelEvent) -> Key:
    reward = event.field("reward") if event.event in _BY_REWARD else ""
    return (event.event, event.source, reward, event.id if event.is_test else "")


def _is_one_giver(gathering: Gathering) -> bool:
    """One viewer who gave several times is thanked like for one big gift."""
    return gathering.is_additive and gathering.is_of_one


def _author(event: ChannelEvent) -> Author:
    """Return who is thanked: nobody's name where it is not for the stream."""
    if event.event in MODERATION:
        return Author("", NOBODY, event.author.platform)
    if event.is_anonymous:
        return Author("", ANONYMOUS, event.author.platform)
    return event.author if event.author.name else replace(event.author, name=name_of(event))
