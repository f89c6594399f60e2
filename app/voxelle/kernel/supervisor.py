"""Keeps services running, and says how each one is."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from voxelle.domain.errors import AuthError, InputError, SetupError, TemporaryError, VoxelleError
from voxelle.domain.events import HealthChanged, HealthLevel
from voxelle.kernel.bus import Bus
from voxelle.kernel.clock import Clock, Randomness

log = structlog.get_logger("app")


class Service(Protocol):
    """Something that lasts. It announces OK itself, when traffic or a heartbeat was really seen."""

    name: str

    async def run(self) -> None:
        """Work until cancelled, and leave nothing behind. How it ends tells the supervisor what to do."""
        ...


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait between attempts, in seconds."""

    first_s: float = 1.0
    longest_s: float = 60.0
    jitter: float = 0.25
    """Each wait is shortened by chance, by up to this share, so that many don't come back at once."""
    healthy_after_s: float = 60.0
    """A run that lasted this long makes the next failure count as the first."""

    def delay(self, failures: int, randomness: Randomness) -> float:
        """Return the wait after so many failures in a row (1, 2, …)."""
        # 2.0 ** 1024 is an error, and 64 doublings are far past any `longest_s`.
        full = min(self.longest_s, self.first_s * 2.0 ** min(failures - 1, 64))
        return full * (1.0 - self.jitter * randomness.random())


@dataclass(slots=True)
class _Entry:
    """A service, the task that keeps it, and former ones that still clean up."""

    service: Service
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def cancel(self) -> set[asyncio.Task[None]]:
        """Cancel all tasks and return them."""
        for task in self.tasks:
            task.cancel()
        return set(self.tasks)


class Supervisor:
    """Runs services side by side; what happens to one does not touch its neighbours.

    A service that returns is stopped. TemporaryError: tried again with growing waits. AuthError or
    SetupError: needs you, until `restart`. Anything else is a bug: logged with its traceback, failed
    until `restart`.
    """

    def __init__(self, bus: Bus, clock: Clock, randomness: Randomness, backoff: Backoff | None = None) -> None:
        self._bus = bus
        self._clock = clock
        self._randomness = randomness
        self._backoff = backoff or Backoff()
        self._entries: dict[str, _Entry] = {}
        self._health: dict[str, HealthChanged] = {}
        self._group: asyncio.TaskGroup | None = None

    def add(self, service: Service) -> None:
        """Take a service; it starts at once, or with `run`. Raises InputError when the name is taken."""
        if service.name in self._entries:
            msg = f"A service called {service.name} is already there."
            raise InputError(msg)
        entry = _Entry(service)
        self._entries[service.name] = entry
        if self._group is not None:
            self._begin(self._group, entry)

    async def remove(self, name: str) -> None:
        """Stop a service, wait until it is gone, and forget it. Raises InputError for an unknown name."""
        entry = self._entry(name)
        del self._entries[name]
        ending = entry.cancel() - {asyncio.current_task()}
        if ending:
            await asyncio.wait(ending)
        self._report(name, HealthLevel.OFF)
        self._health.pop(name, None)

    def restart(self, name: str) -> None:
        """Start a service anew, whatever state it is in. Raises InputError for an unknown name."""
        entry = self._entry(name)
        if self._group is not None:
            self._begin(self._group, entry)

    def health(self) -> dict[str, HealthChanged]:
        """Return the last light of every service that showed one."""
        return dict(self._health)

    async def run(self) -> None:
        """Keep the services until cancelled; all of them have ended when this ends."""
        if self._group is not None:
            msg = "The supervisor is already running."
            raise RuntimeError(msg)
        unsubscribe = self._bus.subscribe(HealthChanged, self._on_health)
        try:
            async with asyncio.TaskGroup() as self._group:
                for entry in tuple(self._entries.values()):
                    self._begin(self._group, entry)
                await asyncio.get_running_loop().create_future()
        finally:
            self._group = None
            unsubscribe()

    def _entry(self, name: str) -> _Entry:
        entry = self._entries.get(name)
        if entry is None:
            msg = f"There is no service called {name}."
            raise InputError(msg)
        return entry

    def _begin(self, group: asyncio.TaskGroup, entry: _Entry) -> None:
        # Cancelled here, waited for in the new task: two restarts at once must not let two runs overlap.
        former = entry.cancel()
        task = group.create_task(self._keep(entry.service, former), name=f"service {entry.service.name}")
        entry.tasks.add(task)
        task.add_done_callback(entry.tasks.discard)

    async def _keep(self, service: Service, former: set[asyncio.Task[None]]) -> None:
        """Run one service until it needs no more attempts."""
        if former:
            await asyncio.wait(former)
        failures = 0
        while True:
            self._report(service.name, HealthLevel.STARTING)
            began = self._clock.monotonic()
            failure = await self._attempt(service)
            if not isinstance(failure, TemporaryError):
                return
            lasted = self._clock.monotonic() - began
            failures = 1 if lasted >= self._backoff.healthy_after_s else failures + 1
            wait = max(self._backoff.delay(failures, self._randomness), failure.retry_after_s or 0.0)
            log.warning("service.retried", service=service.name, failures=failures, wait_s=round(wait, 1), sentence=failure.sentence)
            self._report(service.name, HealthLevel.RETRYING, failure.sentence)
            try:
                await self._clock.sleep(wait)
            except asyncio.CancelledError:
                self._report(service.name, HealthLevel.OFF)
                raise

    async def _attempt(self, service: Service) -> VoxelleError | None:
        """Run a service once and report how it ended."""
        try:
            await service.run()
        except asyncio.CancelledError:
            self._report(service.name, HealthLevel.OFF)
            own = asyncio.current_task()
            if own is not None and own.cancelling():
                raise
            return None
        except Exception as error:
            failure = _expected(error)
            if isinstance(failure, TemporaryError):
                return failure
            if isinstance(failure, AuthError | SetupError):
                log.warning("service.needs_you", service=service.name, kind=type(failure).__name__, sentence=failure.sentence)
                self._report(service.name, HealthLevel.NEEDS_YOU, failure.sentence)
                return failure
            log.exception("service.failed", service=service.name)
            bug = f"{service.name} stopped because of a mistake in Voxelle. Restart it; the log has the details."
            self._report(service.name, HealthLevel.FAILED, bug if failure is None else failure.sentence)
            return failure
        self._report(service.name, HealthLevel.OFF)
        return None

    def _on_health(self, event: HealthChanged) -> None:
        self._health[event.service] = event

    def _report(self, name: str, level: HealthLevel, sentence: str = "") -> None:
        event = HealthChanged(name, level, sentence)
        if self._health.get(name) != event:
            self._health[name] = event
            self._bus.announce(event)


def _expected(error: Exception) -> VoxelleError | None:
    """Return the failure to act upon, or None for a bug. Of a group it is the one that waiting helps least."""
    leaves = tuple(_leaves(error))
    failures = [each for each in leaves if isinstance(each, VoxelleError)]
    if len(failures) < len(leaves):
        return None
    return max(failures, key=_severity)


def _severity(failure: VoxelleError) -> int:
    """Order failures by what they ask for: waiting, a hand, a correction of the program."""
    if isinstance(failure, TemporaryError):
        return 0
    return 1 if isinstance(failure, AuthError | SetupError) else 2


def _leaves(error: BaseException) -> Iterator[BaseException]:
    """Yield what a group of errors is made of."""
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _leaves(each)
    else:
        yield error
