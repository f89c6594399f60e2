"""The one crossing between the window's thread and the show loop: commands go over, results and events come back."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import Any, TypeVar, cast

import shiboken6
import structlog
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from voxelle.companion.companion import Companion
from voxelle.contracts.audio import SoundDesk
from voxelle.contracts.engines import EngineRoom
from voxelle.contracts.integration import ConnectionDesk
from voxelle.domain.chat import Retraction
from voxelle.domain.errors import TemporaryError, VoxelleError
from voxelle.domain.events import (
    ChannelEventReceived,
    CharacterSaved,
    ConnectionChanged,
    EngineChanged,
    Event,
    HealthChanged,
    HearingChanged,
    MessageReceived,
    MessagesRetracted,
    MicrophoneHeard,
    MouthMoved,
    MouthTrackGrown,
    NoticeLevel,
    NoticeRaised,
    PlayheadMoved,
    QueueChanged,
    ReplyGrown,
    SettingsChanged,
    ShowChanged,
    Underrun,
    WordHeard,
)
from voxelle.kernel.bus import Bus
from voxelle.kernel.clock import Clock
from voxelle.kernel.log import LogTail
from voxelle.kernel.tasks import TaskScope
from voxelle.settings.secrets import Secrets
from voxelle.settings.service import SettingsService

log = structlog.get_logger("window")
T = TypeVar("T")
E = TypeVar("E", bound=Event)

INTERVAL_S = 1 / 30
"""Events are delivered at most this often."""
BATCH = 400
"""Events handed to the models at once; a longer backlog comes in the next frames."""
MESSAGE_LIMIT = 5_000
"""Chat lines that may wait for a stalled window, and as many events and retractions. The feed holds no more, and the store has them all."""
_BOUNDED = (MessageReceived, ChannelEventReceived, MessagesRetracted)
"""What viewers can make come in any number."""
_STATES = (QueueChanged, ShowChanged, WordHeard, SettingsChanged, Underrun, MouthMoved, HearingChanged, MicrophoneHeard)
"""Of these only the newest counts."""
_NOT_FOR_WINDOW = (PlayheadMoved, MouthTrackGrown)
"""What only the avatar needs, many times a second."""


class EventQueue:
    """What the window has not seen yet: facts in order, states as their latest value only. Safe for two threads."""

    def __init__(self, message_limit: int = MESSAGE_LIMIT) -> None:
        self._lock = threading.Lock()
        self._events: dict[Hashable, Event] = {}
        self._bounded: dict[type[Event], deque[int]] = {kind: deque() for kind in _BOUNDED}
        self._limit = message_limit
        self._numbers = count()
        self.skipped = 0
        """Lines and events left out since the last delivery, because the window had stalled."""

    def __len__(self) -> int:
        """Return how many events wait."""
        return len(self._events)

    def put(self, event: Event) -> bool:
        """Add an event; returns whether the queue was empty, so that somebody must wake the window."""
        if isinstance(event, _NOT_FOR_WINDOW):
            return False
        with self._lock:
            was_empty = not self._events
            key: Hashable = _state_key(event)
            if key is not None:
                event = _joined(self._events.pop(key, None), event)
            else:
                key = next(self._numbers)
                if isinstance(event, _BOUNDED):
                    event = self._bound(event, key)
            self._events[key] = event
            return was_empty

    def take(self, most: int) -> list[Event]:
        """Remove and return the oldest events, `most` of them at the most."""
        with self._lock:
            keys = list(islice(self._events, most))
            taken = [self._events.pop(key) for key in keys]
            if self.skipped:
                log.warning("window.lines_skipped", count=self.skipped)
                self.skipped = 0
            for event in taken:
                if isinstance(event, _BOUNDED):
                    self._bounded[type(event)].popleft()
            return taken

    def _bound(self, event: Event, number: int) -> Event:
        """Make room for a fact of which any number can come, and return what to keep of it.

        The oldest lines and events are left out. A retraction never is: too many of them become one of everything.
        """
        waiting = self._bounded[type(event)]
        waiting.append(number)
        if len(waiting) <= self._limit:
            return event
        if not isinstance(event, MessagesRetracted):
            del self._events[waiting.popleft()]
            self.skipped += 1
            return event
        platform = event.retraction.platform
        for key in tuple(waiting)[:-1]:
            waits = self._events[key]
            if isinstance(waits, MessagesRetracted) and waits.retraction.platform == platform:
                del self._events[key]
                waiting.remove(key)
        return MessagesRetracted(Retraction(platform, is_everything=True))


def _state_key(event: Event) -> tuple[object, ...] | None:
    """Return what makes an event replace an older one, or None for a fact that must be delivered."""
    match event:
        case _ if isinstance(event, _STATES):
            return (type(event),)
        case EngineChanged(status=status):
            return EngineChanged, status.id
        case HealthChanged(service=service):
            return HealthChanged, service
        case ConnectionChanged(connection=connection):
            return ConnectionChanged, connection
        case CharacterSaved(character=character):
            return CharacterSaved, character.id
        case ReplyGrown(turn_id=turn_id):
            return ReplyGrown, turn_id
        case NoticeRaised(sentence=sentence):
            return NoticeRaised, sentence
        case _:
            return None


def _joined(old: Event | None, new: Event) -> Event:
    """Return the newer state, with what the older one said and nobody has read yet where it adds up."""
    if isinstance(old, ReplyGrown) and isinstance(new, ReplyGrown):
        return ReplyGrown(new.turn_id, old.text + new.text)
    if isinstance(old, SettingsChanged) and isinstance(new, SettingsChanged):
        paths = tuple(dict.fromkeys((*old.paths, *new.paths)))
        return SettingsChanged(paths, needs_restart=old.needs_restart or new.needs_restart)
    return new


@dataclass(frozen=True, slots=True, eq=False)
class _Command:
    """A coroutine on its way, and who wants to hear of it."""

    start: Callable[[], Coroutine[Any, Any, Any]]
    done: Callable[[Any], None] | None
    failed: Callable[[VoxelleError], None] | None


class Bridge(QObject):
    """Made and used on the window's thread; everything it calls on the companion runs on the show loop.

    The parts (`companion`, `engines`, `settings`, `secrets`, `connections`, `sound`, `log_tail`) may be named in a coroutine
    given to `run`; their frozen snapshots (`settings.current`) may be read anywhere.
    """

    delivered = Signal()
    """A batch of events went out: models that collect changes show them now."""
    _woken = Signal()

    def __init__(  # noqa: PLR0913  # all that the window may touch of the show, by name
        self,
        *,
        loop: asyncio.AbstractEventLoop,
        companion: Companion,
        engines: EngineRoom,
        settings: SettingsService,
        log_tail: LogTail,
        clock: Clock,
        secrets: Secrets | None = None,
        connections: ConnectionDesk | None = None,
        sound: SoundDesk | None = None,
        log_folder: Path | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.companion = companion
        self.engines = engines
        self.settings = settings
        self.log_tail = log_tail
        self.secrets = secrets
        self.connections = connections
        self.sound = sound
        self.log_folder = log_folder
        self.clock = clock
        self._loop = loop
        self._is_closed = False
        self._errands = TaskScope("window", self._on_bug)
        self._commands: dict[str, _Command] = {}
        self._numbers = count(1)
        self._facts = Bus()
        self._events = EventQueue()
        self._results: deque[Callable[[], None]] = deque()
        self._unsubscribe: Callable[[], None] | None = None
        self._delivered_at = float("-inf")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._deliver)
        self._woken.connect(self._on_woken, Qt.ConnectionType.QueuedConnection)
        loop.call_soon_threadsafe(self._attach)

    # Window side

    def subscribe(self, event_class: type[E], slot: Callable[[E], None]) -> Callable[[], None]:
        """Call `slot` on the window's thread with every event of the class; returns the function that ends it."""
        owner = getattr(slot, "__self__", None)
        end = self._facts.subscribe(event_class, slot)
        if isinstance(owner, QObject) and owner is not self:
            owner.destroyed.connect(lambda _gone: end())
        return end

    def run(
        self,
        start: Callable[[], Coroutine[Any, Any, T]],
        done: Callable[[T], None] | None = None,
        failed: Callable[[VoxelleError], None] | None = None,
    ) -> None:
        """Run a coroutine on the show loop; `done` or `failed` is called on the window's thread.

        Without `failed`, an error becomes a notice. A bug is logged and told as a plain sentence.
        Nobody is called whose widget is gone by then.
        """
        command = _Command(start, done, failed)
        if self._is_closed or self._loop.is_closed():
            self._results.append(lambda: self._fail(command, TemporaryError(self.tr("Voxelle is closing."))))
            self._woken.emit()
            return
        name = f"command {next(self._numbers)}"
        self._commands[name] = command
        self._loop.call_soon_threadsafe(self._start, name, command)

    def notice(self, level: NoticeLevel, sentence: str) -> None:
        """Show a sentence in the window's notice bar."""
        self._facts.announce(NoticeRaised(level, sentence))

    def deliver_now(self) -> None:
        """Hand out what waits without waiting for the next frame."""
        if self._events and not self._is_closed:
            self._timer.stop()
            self._deliver()

    def close(self) -> None:
        """Stop listening and cancel what still runs; later commands fail."""
        if self._is_closed:
            return
        self._is_closed = True
        self._timer.stop()
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._detach)

    def _on_woken(self) -> None:
        while self._results:
            self._results.popleft()()
        if self._is_closed or not self._events or self._timer.isActive():
            return
        wait_s = self._delivered_at + INTERVAL_S - self.clock.monotonic()
        if wait_s <= 0:
            self._deliver()
        else:
            self._timer.start(max(1, round(wait_s * 1000)))

    def _deliver(self) -> None:
        self._delivered_at = self.clock.monotonic()
        for event in self._events.take(BATCH):
            self._facts.announce(event)
        self.delivered.emit()
        if self._events and not self._timer.isActive():
            self._timer.start(round(INTERVAL_S * 1000))

    def _fail(self, command: _Command, error: VoxelleError) -> None:
        if command.failed is None:
            self.notice(NoticeLevel.ERROR, error.sentence)
        elif _is_alive(command.failed):
            command.failed(error)

    def _succeed(self, command: _Command, result: object) -> None:
        if command.done is not None and _is_alive(command.done):
            command.done(result)

    # Show side

    def _attach(self) -> None:
        self._unsubscribe = self.companion.bus.subscribe(Event, self._on_event)

    def _detach(self) -> None:
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        # The scope itself can't own the errand that closes it: this one ends with what it closes.
        TaskScope("window's end").start(self._errands.close(), name="closing")

    def _on_event(self, event: Event) -> None:
        if self._events.put(event):
            self._wake()

    def _start(self, name: str, command: _Command) -> None:
        if not self._is_closed:
            self._errands.start(self._perform(name, command), name=name)

    async def _perform(self, name: str, command: _Command) -> None:
        try:
            result = await command.start()
        except VoxelleError as error:
            failure = error
            self._answer(name, lambda: self._fail(command, failure))
        else:
            self._answer(name, lambda: self._succeed(command, result))

    def _on_bug(self, error: BaseException, name: str) -> None:
        log.error("window.command_failed", exc_info=error)
        command = self._commands.get(name)
        if command is not None:
            sentence = VoxelleError(self.tr("Something went wrong inside Voxelle. The Logs page has the details."))
            self._answer(name, lambda: self._fail(command, sentence))

    def _answer(self, name: str, call: Callable[[], None]) -> None:
        self._commands.pop(name, None)
        self._results.append(call)
        self._wake()

    def _wake(self) -> None:
        if shiboken6.isValid(self):
            self._woken.emit()


def _is_alive(callback: Callable[..., None]) -> bool:
    """Return whether the QObject a bound method belongs to still exists; other callables always do."""
    owner = cast("object", getattr(callback, "__self__", None))
    return not isinstance(owner, QObject) or shiboken6.isValid(owner)
