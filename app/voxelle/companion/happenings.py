"""What happens on the channels: every event is kept and announced with what she makes of it, and answered in its time."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from voxelle.companion.event_words import MODERATION
from voxelle.companion.gathering import Gathering
from voxelle.companion.reactions import Key, Reacted, Reactions
from voxelle.companion.retraction import TAKEN_BACK, Retractions
from voxelle.companion.triage import MAX_TEXT, clean_text
from voxelle.domain.chat import ChannelEvent, KeptEvent, Stimulus, StreamEvent
from voxelle.domain.errors import InputError
from voxelle.domain.events import ChannelEventReceived

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from voxelle.companion.memory import Memory
    from voxelle.companion.ports import CompanionPorts
    from voxelle.domain.chat import Decision, Retraction
    from voxelle.kernel.tasks import TaskScope
    from voxelle.settings.reactions import ReactionsSettings

log = structlog.get_logger("chat")

AT_HAND = 2_000
"""So many events are known by their ids, so that none is taken twice, not even after a restart."""
_GATHERINGS_KEPT = 500
_LONGEST_NAME = 200
_MOST_FIELDS = 40


class Happenings:
    """Takes channel events, for the companion. Keeps the time for `Reactions`."""

    def __init__(
        self,
        ports: CompanionPorts,
        memory: Memory,
        retractions: Retractions,
        scope: TaskScope,
        submit: Callable[[Stimulus], Awaitable[Decision]],
        on_nothing_left: Callable[[], None],
    ) -> None:
        """`on_nothing_left` is called when what waited for others to join came to nothing."""
        self._reactions = Reactions(ports.settings.current.reactions)
        self._bus, self._clock, self._ids = ports.bus, ports.clock, ports.ids
        self._memory = memory
        self._retractions = retractions
        self._scope = scope
        self._submit = submit
        self._on_nothing_left = on_nothing_left
        self._recent: OrderedDict[str, KeptEvent] = OrderedDict()
        """By id, oldest first."""
        self._answered: OrderedDict[str, Gathering] = OrderedDict()
        """From which events a stimulus was made."""
        self._recalling = asyncio.Lock()
        self._is_recalled = False

    @property
    def is_waiting(self) -> bool:
        """Whether she waits for others to join before she answers an event."""
        return self._reactions.is_waiting

    def use(self, settings: ReactionsSettings) -> None:
        """Take over changed reactions."""
        self._reactions.settings = settings

    async def tell(self, event: ChannelEvent) -> None:
        """Keep an event, announce it with her reaction, and let her answer. One that was told before changes nothing."""
        await self._recall()
        if event.id in self._recent:
            log.debug("event.known", kind=event.event.value)
            return
        event = _bounded(event)
        now_s = self._clock.monotonic()
        if self._is_taken_back(event, now_s):
            event, reacted = replace(event, text=""), Reacted(TAKEN_BACK)
        else:
            reacted = self._reactions.take(event, now_s)
        kept = KeptEvent(event, reacted.reaction, reacted.is_answered)
        self._note(kept)
        self._bus.announce(ChannelEventReceived(event, reacted.reaction, reacted.is_answered))
        self._memory.keep_event(kept)
        if reacted.opened is not None:
            key, wait_s = reacted.opened
            self._scope.start(self._close_later(key, wait_s), name="join events")
        elif reacted.stimulus is not None:
            await self._answer(reacted.stimulus, Gathering([event]))

    def answers(self, line: Stimulus) -> bool:
        """Whether her reaction to an event is the answer to this line of the chat."""
        return self._reactions.answers(line)

    async def again(self, event_id: str) -> Decision:
        """Let her react to an event once more, whatever its reaction says of pauses and limits. InputError if it is not at hand."""
        await self._recall()
        event = self._at_hand(event_id).channel_event
        if event.event is StreamEvent.NONE:
            msg = "There is no reaction to this kind of event."
            raise InputError(msg)
        gathering = Gathering([event])
        return await self._answer(replace(self._reactions.stimulus(gathering), id=self._ids.new()), gathering)

    async def acknowledge(self, event_id: str) -> None:
        """Tick an event off. InputError if it is not at hand."""
        await self._recall()
        kept = self._at_hand(event_id)
        if kept.acknowledged_at is None:
            now = self._clock.now()
            self._recent[event_id] = replace(kept, acknowledged_at=now)
            await self._memory.acknowledge_event(event_id, now)

    async def recent(self, limit: int) -> Sequence[KeptEvent]:
        """Return the newest events at hand, newest first."""
        await self._recall()
        return tuple(reversed(self._recent.values()))[: max(0, limit)]

    def retract(self, retraction: Retraction) -> dict[str, Stimulus | None]:
        """Take events back; returns every stimulus that was made of one of them, with what takes its place, if anything."""

        def is_concerned(event: ChannelEvent) -> bool:
            return _concerns(retraction, event)

        self._reactions.retract(is_concerned)
        for event_id, kept in tuple(self._recent.items()):
            if is_concerned(kept.channel_event) and kept.channel_event.text:
                self._recent[event_id] = replace(kept, channel_event=replace(kept.channel_event, text=""))
        replaced: dict[str, Stimulus | None] = {}
        for stimulus_id, gathering in tuple(self._answered.items()):
            left = gathering.without(is_concerned)
            if left is not None and left.count == gathering.count:
                continue
            del self._answered[stimulus_id]
            replaced[stimulus_id] = None if left is None else self._replacement(left)
        return replaced

    def _replacement(self, gathering: Gathering) -> Stimulus:
        stimulus = replace(self._reactions.stimulus(gathering), id=self._ids.new())
        self._remember(stimulus.id, gathering)
        return stimulus

    async def _close_later(self, key: Key, wait_s: float) -> None:
        await self._clock.sleep(wait_s)
        closed = self._reactions.close(key, self._clock.monotonic())
        if closed is None:
            self._on_nothing_left()
        else:
            await self._answer(*closed)

    async def _answer(self, stimulus: Stimulus, gathering: Gathering) -> Decision:
        self._remember(stimulus.id, gathering)
        return await self._submit(stimulus)

    def _remember(self, stimulus_id: str, gathering: Gathering) -> None:
        self._answered[stimulus_id] = gathering
        if len(self._answered) > _GATHERINGS_KEPT:
            self._answered.popitem(last=False)

    def _at_hand(self, event_id: str) -> KeptEvent:
        kept = self._recent.get(event_id)
        if kept is None:
            msg = "That event is not at hand any more."
            raise InputError(msg)
        return kept

    def _note(self, kept: KeptEvent) -> None:
        self._recent[kept.channel_event.id] = kept
        if len(self._recent) > AT_HAND:
            self._recent.popitem(last=False)

    async def _recall(self) -> None:
        """Learn from the store what happened before this start, once."""
        if self._is_recalled:
            return
        async with self._recalling:
            if self._is_recalled:
                return
            for kept in reversed(await self._memory.recent_events(AT_HAND)):
                self._note(kept)
            self._is_recalled = True

    def _is_taken_back(self, event: ChannelEvent, now_s: float) -> bool:
        """Whether it comes from somebody who was banned meanwhile. What moderators did is told all the same."""
        if event.event in MODERATION:
            return False
        author = event.author
        return self._retractions.covers_id(event.id, now_s) or self._retractions.covers_author(author.platform, author.id, now_s)


def _concerns(retraction: Retraction, event: ChannelEvent) -> bool:
    """Whether an event was taken back. A cleared chat takes back no event, and a ban is not undone by itself."""
    if event.event in MODERATION:
        return False
    if retraction.stimulus_ids:
        return event.id in retraction.stimulus_ids
    author = event.author
    return bool(retraction.author_id) and (author.platform, author.id) == (retraction.platform, retraction.author_id)


def _bounded(event: ChannelEvent) -> ChannelEvent:
    """Return an event whose texts are clean and of a known length, whoever sent it."""
    fields = tuple((name[:_LONGEST_NAME], clean_text(value)) for name, value in event.fields[:_MOST_FIELDS])
    author = replace(event.author, name=clean_text(event.author.name, _LONGEST_NAME))
    return replace(event, author=author, text=clean_text(event.text, MAX_TEXT), fields=fields)
