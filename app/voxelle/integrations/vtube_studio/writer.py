"""Hotkeys and expressions, one after the other and never faster than VTube Studio takes them.

It executes one hotkey every 5 frames and queues 32 at most; what comes too fast is refused. So the queue is kept here,
where what is outdated can still be taken out of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import structlog

from voxelle.domain.errors import TemporaryError
from voxelle.integrations.vtube_studio.api import Api, ApiError
from voxelle.integrations.vtube_studio.mapping import beginning
from voxelle.integrations.vtube_studio.waiting import rest
from voxelle.kernel.clock import Clock

log = structlog.get_logger("app")

HOTKEY_EVERY_S: Final = 0.1
"""5 frames at 60 a second are 83 ms; the rest is for lines that are late now and then."""
SETTLE_S: Final = 0.5
"""A press that was taken is executed within this time, even at 30 frames a second behind two others."""
_SLOWEST_S: Final = 5 / 30
"""How long one hotkey may stay in the queue over there."""
_MOST_OVER_THERE: Final = 8
"""Of 32: others press hotkeys too."""
_MOST_WAITING: Final = 8
"""Things to begin that wait here; the oldest give way. What is to be undone always has room."""
_RETRY_S: Final = 0.25
_MOST_TRIES: Final = 4
"""One, and 3 more."""
_MOST_TRIES_TO_UNDO: Final = 8
_LONGEST_RETRY_S: Final = 2.0

QUEUE_FULL: Final = 200
NO_MODEL: Final = 201
NOT_FOUND: Final = 202
TOO_SOON: Final = 203
BAD_STATE: Final = 205
SIGNED_OUT: Final = {1, 8, 50}
"""The API was switched off, or the sign-in was revoked: nothing more is asked on this line."""


class Outcome(StrEnum):
    """What became of something that was to be written."""

    DONE = "done"
    WAS_SO = "it was so already"
    FAILED = "failed"
    OUTDATED = "something newer came"
    """It was never sent."""
    LOST = "the line dropped"
    """It was sent, and nobody knows what became of it."""


OnOutcome = Callable[[Outcome, str], None]
"""Told exactly once of each, with a sentence where it failed."""


@dataclass(slots=True, eq=False)
class Write:
    """One hotkey to press, or one expression to set or clear."""

    name: str
    """To say."""
    key: str
    """The same for all that move the same thing."""
    hotkey: str = ""
    """Id of the hotkey; empty: the expression alone is meant."""
    file: str = ""
    """The expression; beside a hotkey the one it flips."""
    is_active: bool = True
    leaves_others: bool = False
    """Nothing is done where the expression is on already: the streamer may have set it, and a hotkey would flip it off."""
    fade_s: float = 0.25
    is_undoing: bool = False
    """It brings the model back to neutral: never dropped for something newer, and tried longer."""
    not_before: float = 0.0
    tries: int = 0
    is_outdated: bool = False
    """It is under way, and nobody wants it any more: it is neither repeated nor complained about."""
    on_outcome: OnOutcome = lambda _outcome, _sentence: None


class Pace:
    """When the next hotkey may be pressed. It outlasts the line: over there nobody forgets what was pressed before."""

    def __init__(self) -> None:
        self._next = 0.0
        self._over_there = 0.0
        """How many may wait over there, at worst."""
        self._counted_at = 0.0

    def due(self, now: float) -> float:
        """Return when the next one may go."""
        self._count(now)
        room = max(0.0, self._over_there - _MOST_OVER_THERE) * _SLOWEST_S
        return max(self._next, now + room if room > 0 else 0.0)

    def on_press(self, now: float) -> None:
        """Note that one goes now."""
        self._count(now)
        self._next = now + HOTKEY_EVERY_S
        self._over_there += 1

    def _count(self, now: float) -> None:
        self._over_there = max(0.0, self._over_there - max(0.0, now - self._counted_at) / _SLOWEST_S)
        self._counted_at = now


class PacedWriter:
    """The one that presses and sets. `run` lasts as long as the line."""

    def __init__(
        self, api: Api, clock: Clock, pace: Pace, on_problem: Callable[[str], None], on_switched: Callable[[], None] = lambda: None
    ) -> None:
        self._api = api
        self._on_switched = on_switched
        self._clock = clock
        self._pace = pace
        self._on_problem = on_problem
        self._waiting: list[Write] = []
        self._current: Write | None = None
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def put(self, write: Write) -> None:
        """Queue something. Of what is to begin, the newest wins over a long queue."""
        begun = [each for each in self._waiting if not each.is_undoing]
        if not write.is_undoing and len(begun) >= _MOST_WAITING:
            self._drop(begun[0])
        self._waiting.append(write)
        self._idle.clear()
        self._wake.set()

    def take_back(self, key: str, *, is_undoing: bool) -> Write | None:
        """Take something out of the queue that was not sent yet; None if there is no such thing."""
        found = next((each for each in self._waiting if each.key == key and each.is_undoing is is_undoing), None)
        if found is not None:
            self._drop(found)
        return found

    def is_sending(self, key: str) -> bool:
        """Tell whether something of this kind is under way at this moment."""
        return self._current is not None and self._current.key == key

    def drop_all(self) -> None:
        """Nothing of what waits is wanted any more."""
        for write in list(self._waiting):
            self._drop(write)
        if self._current is None:
            self._idle.set()
        else:
            self._current.is_outdated = True

    def close(self) -> None:
        """Nothing more is sent: the line is gone."""
        self.drop_all()
        write, self._current = self._current, None
        if write is not None:
            write.on_outcome(Outcome.LOST, "")
        self._idle.set()

    async def written(self) -> None:
        """Wait until nothing waits any more."""
        await self._idle.wait()

    async def run(self) -> None:
        """Send what waits, in order, until cancelled. TemporaryError: the line dropped."""
        while True:
            write = self._next()
            if write is None:
                await self._rest()
                continue
            self._waiting.remove(write)
            self._current = write
            await self._send(write)
            self._current = None
            if not self._waiting:
                self._idle.set()

    def _next(self) -> Write | None:
        """Return the first that is due; one that waits for its time lets the others pass, but never its own kind."""
        now = self._clock.monotonic()
        late: set[str] = set()
        for write in self._waiting:
            if write.not_before > now or write.key in late or (write.hotkey and self._pace.due(now) > now):
                late.add(write.key)
                continue
            return write
        return None

    async def _rest(self) -> None:
        now = self._clock.monotonic()
        dues = [max(each.not_before, self._pace.due(now) if each.hotkey else 0.0) for each in self._waiting]
        await rest(self._wake, min(dues) - now if dues else None)

    async def _send(self, write: Write) -> None:
        write.tries += 1
        try:
            if write.leaves_others and await self._is_active(write.file):
                write.on_outcome(Outcome.WAS_SO, "")
                return
            if write.is_outdated:
                write.on_outcome(Outcome.OUTDATED, "")
                return
            if write.hotkey:
                await self._press(write.hotkey)
            else:
                data = {"expressionFile": write.file, "fadeTime": write.fade_s, "active": write.is_active}
                await self._api.ask("ExpressionActivationRequest", data)
        except ApiError as error:
            self._refused(write, error)
            return
        write.on_outcome(Outcome.DONE, "")
        self._on_switched()

    async def _press(self, hotkey: str) -> None:
        self._pace.on_press(self._clock.monotonic())
        await self._api.ask("HotkeyTriggerRequest", {"hotkeyID": hotkey})

    async def _is_active(self, file: str) -> bool:
        try:
            reply = await self._api.ask("ExpressionStateRequest", {"details": False, "expressionFile": file})
        except ApiError as error:
            if error.error_id in SIGNED_OUT:
                raise
            log.info("vtube_studio.expression_unknown", error_id=error.error_id)
            return False
        return any(_is_on(each, file) for each in reply.get("expressions") or () if isinstance(each, dict))

    def _refused(self, write: Write, error: ApiError) -> None:
        """Try again where that may help; else say what it means."""
        if error.error_id in SIGNED_OUT:
            raise TemporaryError(error.sentence) from error
        is_gone = error.error_id in _GONE
        most = _MOST_TRIES_TO_UNDO if write.is_undoing else _MOST_TRIES
        if not write.is_outdated and write.tries < most and (error.error_id == TOO_SOON or (write.is_undoing and not is_gone)):
            pause = min(_LONGEST_RETRY_S, _RETRY_S * 2.0 ** max(0, write.tries - _MOST_TRIES + 1))
            write.not_before = self._clock.monotonic() + pause
            self._waiting.insert(0, write)
            return
        sentence = _SENTENCES.get(error.error_id, f"{{name}} was refused: {error.sentence}").replace("{name}", beginning(write.name))
        log.info("vtube_studio.write_refused", error_id=error.error_id, tries=write.tries, is_undoing=write.is_undoing)
        if not (write.is_outdated or (write.is_undoing and is_gone)):
            self._on_problem(sentence)
        write.on_outcome(Outcome.FAILED, sentence)

    def _drop(self, write: Write) -> None:
        self._waiting.remove(write)
        write.on_outcome(Outcome.OUTDATED, "")


_GONE: Final = {NO_MODEL, NOT_FOUND, 204, 601, 650, 651, 652}
"""What is not there can't be on either."""
_SENTENCES: Final = {
    QUEUE_FULL: "{name} was dropped: VTube Studio's queue of hotkeys is full. Does another plugin press many?",
    NO_MODEL: "{name} can't be done: no model is loaded in VTube Studio.",
    NOT_FOUND: "{name} is not in this model any more: choose another one in its row.",
    TOO_SOON: "{name} was dropped: VTube Studio found it too soon again, three times over.",
    204: "{name} can't be done: its file is missing. Look it up in the model's hotkeys in VTube Studio.",
    BAD_STATE: "{name} can't be done while a settings window is open in VTube Studio: close it.",
    651: "{name} is not in this model any more: choose another one in its row.",
    652: "{name} can't be done: no model is loaded in VTube Studio.",
}


def _is_on(state: dict[str, Any], file: str) -> bool:
    return str(state.get("file", "")).strip() == file.strip() and state.get("active") is True
