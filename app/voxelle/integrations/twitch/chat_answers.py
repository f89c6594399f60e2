"""What of her answers goes into the chat: those to this chat's own messages and events, and nothing that was taken back."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from voxelle.domain.chat import Retraction, Stimulus, StimulusKind
from voxelle.domain.events import MessagesRetracted, TurnEnded
from voxelle.domain.speech import TurnOutcome, TurnRecord
from voxelle.integrations.twitch.settings import TwitchSettings
from voxelle.kernel.bus import Bus
from voxelle.kernel.clock import Clock

PLATFORM: Final = "twitch"
TEST: Final = "TEST "
"""Before the answer to something the streamer sent to try the road."""
_MOST_REMEMBERED: Final = 1000


@dataclass(frozen=True, slots=True)
class Line:
    """One text for the chat, and what it answers."""

    text: str
    reply_to: str = ""
    is_announcement: bool = False
    mark: str = ""
    """Put before the text."""
    stimuli: tuple[Stimulus, ...] = ()


class Retracted:
    """What was taken back lately."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ids: OrderedDict[str, None] = OrderedDict()
        self._authors: OrderedDict[str, datetime] = OrderedDict()
        self._everything_at: datetime | None = None

    def note(self, event: MessagesRetracted) -> None:
        """Remember it."""
        retraction: Retraction = event.retraction
        if retraction.platform != PLATFORM:
            return
        now = self._clock.now()
        for each in (*retraction.stimulus_ids, *event.stimulus_ids):
            _remember(self._ids, each, None)
        if retraction.author_id:
            _remember(self._authors, retraction.author_id, now)
        if retraction.is_everything:
            self._everything_at = now

    def covers(self, stimulus: Stimulus) -> bool:
        """Whether this was taken back. What an author wrote after a timeout was not."""
        if stimulus.id in self._ids:
            return True
        at = self._authors.get(stimulus.author.id)
        is_of_author = at is not None and stimulus.received_at <= at
        return is_of_author or (self._everything_at is not None and stimulus.received_at <= self._everything_at)


class Answers:
    """Listens to her turns and hands what belongs into the chat to the writer."""

    def __init__(
        self,
        settings: Callable[[], TwitchSettings],
        clock: Clock,
        offer: Callable[[Line], None],
        withdraw: Callable[[Callable[[Stimulus], bool]], None],
    ) -> None:
        self._settings = settings
        self._offer = offer
        self._withdraw = withdraw
        self._retracted = Retracted(clock)

    def listen(self, bus: Bus) -> Callable[[], None]:
        """Begin; returns the function that ends it."""
        ends = (bus.subscribe(TurnEnded, self.on_turn_ended), bus.subscribe(MessagesRetracted, self.on_messages_retracted))

        def end() -> None:
            for each in ends:
                each()

        return end

    def on_turn_ended(self, event: TurnEnded) -> None:
        """Write what was heard, if it answered this chat."""
        line = self._line(event.record)
        if line is not None:
            self._offer(line)

    def on_messages_retracted(self, event: MessagesRetracted) -> None:
        """Take answers back that were not written yet."""
        self._retracted.note(event)
        self._withdraw(self._retracted.covers)

    def _line(self, record: TurnRecord) -> Line | None:
        settings = self._settings()
        if not settings.answers_in_chat or not record.stimuli or record.outcome in {TurnOutcome.FAILED, TurnOutcome.BLOCKED}:
            return None
        first = record.stimuli[0]
        if first.source != PLATFORM or not record.heard_text or any(self._retracted.covers(each) for each in record.stimuli):
            return None
        is_message = first.kind is StimulusKind.CHAT
        return Line(
            record.heard_text,
            reply_to=first.platform_id if is_message and settings.replies_as_thread and not first.is_test else "",
            is_announcement=settings.greets_by_announcement and first.kind is StimulusKind.EVENT,
            mark=TEST if first.is_test else "",
            stimuli=record.stimuli,
        )


def _remember(memory: OrderedDict[str, datetime] | OrderedDict[str, None], key: str, value: datetime | None) -> None:
    memory[key] = value  # type: ignore[assignment] # both kinds keep what they are given
    memory.move_to_end(key)
    while len(memory) > _MOST_REMEMBERED:
        memory.popitem(last=False)
