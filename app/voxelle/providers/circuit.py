"""Which engine of a chain serves: one that fails rests, is probed in the background and comes back only when it is steady."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Generic, TypeVar

import structlog

from voxelle.contracts.provider import Provider
from voxelle.domain.errors import AuthError, InputError, SetupError, TemporaryError, VoxelleError
from voxelle.domain.events import Event, FallbackSwitched
from voxelle.kernel.clock import Clock, Randomness
from voxelle.kernel.tasks import TaskScope

log = structlog.get_logger("engine")
P = TypeVar("P", bound=Provider)
T = TypeVar("T")

_STEEPEST: Final = 16
"""Failures beyond this number make no longer pause."""
_RANKS: Final = (AuthError, SetupError, TemporaryError)
"""What the streamer can act upon comes first."""


class Standing(StrEnum):
    """How a chain sees one of its engines."""

    GOOD = "good"
    RESTING = "resting"
    """It failed and is probed until it is steady again."""
    NEEDS_YOU = "needs_you"
    """A key or a setting is wrong: left alone until `reset`."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """When to probe an engine that rests, in seconds, and what brings it back."""

    first_s: float = 5.0
    factor: float = 2.0
    most_s: float = 120.0
    jitter: float = 0.2
    """Share of the pause that is left to chance, so that many engines do not knock together."""
    good_probes: int = 2
    """So many good probes, one after the other, bring an engine back."""


@dataclass(frozen=True, slots=True)
class LinkSnapshot:
    """An engine of a chain as the Engines page shows it."""

    engine_id: str
    title: str
    standing: Standing
    is_active: bool
    sentence: str = ""
    """Why it does not serve, or empty."""


@dataclass(slots=True, eq=False)
class Link(Generic[P]):
    """An engine in its place in the chain."""

    provider: P
    standing: Standing = Standing.GOOD
    error: VoxelleError | None = None
    failures: int = 0
    """Since it last served a whole request: an engine that fails soon again rests longer."""
    not_before: float = 0.0
    """It asked to be left alone until then."""
    errand: asyncio.Task[None] | None = None


class Circuit(Generic[P]):
    """The engines of one stage in order, and which of them may be used."""

    def __init__(
        self,
        stage: str,
        providers: Iterable[P],
        *,
        clock: Clock,
        randomness: Randomness,
        announce: Callable[[Event], None],
        on_change: Callable[[], None] = lambda: None,
        recovery: Recovery | None = None,
    ) -> None:
        """`announce` gets every FallbackSwitched; `on_change` is called after any change of `links`."""
        self.stage = stage
        self._clock = clock
        self._randomness = randomness
        self._announce = announce
        self._on_change = on_change
        self._recovery = recovery or Recovery()
        self._links = [Link(provider) for provider in providers]
        self._scope = TaskScope(f"{stage} chain")
        self._active_id = self._first_good_id()

    @property
    def active_id(self) -> str:
        """Id of the engine that takes the next request; empty when none is known to be good."""
        return self._active_id

    @property
    def active(self) -> P | None:
        """The engine that takes the next request."""
        return next((link.provider for link in self._links if link.standing is Standing.GOOD), None)

    def links(self) -> tuple[LinkSnapshot, ...]:
        """Return every engine's standing, in order."""
        return tuple(
            LinkSnapshot(
                link.provider.id,
                link.provider.title,
                link.standing,
                link.provider.id == self._active_id,
                link.error.sentence if link.error is not None else "",
            )
            for link in self._links
        )

    def arrange(self, providers: Iterable[P]) -> None:
        """Put other engines into the chain, or the same in another order, and reset. Those left out are not closed."""
        for link in self._links:
            self._call_off(link)
        self._links = [Link(provider) for provider in providers]
        self._settle("The order of the engines was changed.")

    def reset(self) -> None:
        """Give every engine a new chance: a setting or a key was changed, or the streamer asks for it."""
        for link in self._links:
            self._call_off(link)
            link.standing, link.error, link.failures, link.not_before = Standing.GOOD, None, 0, 0.0
        self._settle("The engines were set anew.")

    async def close(self) -> None:
        """End the probes and close all engines."""
        scope, self._scope = self._scope, TaskScope(self._scope.name)
        await scope.close()
        for link in self._links:
            await link.provider.close()

    async def first(self, act: Callable[[P], Awaitable[None]]) -> None:
        """Do something with the first engine that can, like opening it. Raises the most helpful error when none can."""
        tried: set[Link[P]] = set()
        while (link := self._next(tried)) is not None:
            tried.add(link)
            try:
                await act(link.provider)
            except InputError:
                raise
            except VoxelleError as error:
                self._fail(link, error)
            else:
                return
        raise self._most_helpful()

    async def stream(self, start: Callable[[P], AsyncGenerator[T, None]], *, must_answer: bool) -> AsyncGenerator[T, None]:
        """Stream from the first engine that can; another one takes over only while nothing has come.

        After the first item a failure is raised, and the next request goes to another engine. With
        `must_answer` an engine that ends without an item is passed over, though nothing is wrong with it.
        """
        tried: set[Link[P]] = set()
        while (link := self._next(tried)) is not None:
            tried.add(link)
            is_last_resort = link.standing is Standing.RESTING
            has_delivered = False
            try:
                await link.provider.open()
                async with aclosing(start(link.provider)) as items:
                    async for item in items:
                        has_delivered = True
                        yield item
            except InputError:
                raise
            except VoxelleError as error:
                self._fail(link, error)
                if has_delivered:
                    raise
                continue
            if has_delivered or not must_answer:
                self._serve(link, is_last_resort=is_last_resort)
                return
            log.warning("engine.empty", engine=link.provider.id)
        raise self._most_helpful()

    def _next(self, tried: Collection[Link[P]]) -> Link[P] | None:
        """Return the engine to try now: a good one, or as a last resort one that rests and may be asked."""
        left = [link for link in self._links if link not in tried]
        good = next((link for link in left if link.standing is Standing.GOOD), None)
        if good is not None:
            return good
        now = self._clock.monotonic()
        return next((link for link in left if link.standing is Standing.RESTING and link.not_before <= now), None)

    def _serve(self, link: Link[P], *, is_last_resort: bool) -> None:
        """An engine served a whole request: proof enough when nothing else was left."""
        if is_last_resort and link.standing is Standing.RESTING:
            self._restore(link)
        if link.standing is Standing.GOOD:
            link.failures = 0

    def _fail(self, link: Link[P], error: VoxelleError) -> None:
        """An engine failed: let it rest and probe it, or wait for the streamer."""
        if link not in self._links:
            return
        log.warning("engine.failed", engine=link.provider.id, stage=self.stage, error_kind=type(error).__name__)
        self._judge(link, error)
        if link.standing is Standing.RESTING and (link.errand is None or link.errand.done()):
            link.failures += 1
            link.errand = self._scope.start(self._nurse(link), name=f"probe {link.provider.id}")
        self._settle(error.sentence)

    def _judge(self, link: Link[P], error: VoxelleError) -> None:
        """Note what is wrong with an engine; what needs the streamer is not forgotten for what only needs time."""
        if link.standing is Standing.NEEDS_YOU and isinstance(error, TemporaryError):
            return
        link.error = error
        if isinstance(error, TemporaryError):
            link.standing = Standing.RESTING
            link.not_before = max(link.not_before, self._clock.monotonic() + (error.retry_after_s or 0.0))
        else:
            link.standing = Standing.NEEDS_YOU
            self._call_off(link)

    async def _nurse(self, link: Link[P]) -> None:
        """Probe an engine that rests until it is steady; ends early when it needs the streamer."""
        good = bad = 0
        while good < self._recovery.good_probes:
            await self._clock.sleep(self._pause(link, bad) if not good else self._recovery.first_s)
            try:
                async with asyncio.timeout(link.provider.limits.first_item_s):
                    await link.provider.probe()
            except TimeoutError:
                good, bad = 0, bad + 1
            except VoxelleError as error:
                good, bad = 0, bad + 1
                self._judge(link, error)
                if link.standing is Standing.NEEDS_YOU:
                    self._settle(error.sentence)
                    return
            else:
                good += 1
            log.debug("engine.probed", engine=link.provider.id, good=good, bad=bad)
        self._restore(link)

    def _pause(self, link: Link[P], bad: int) -> float:
        """Return how long to leave an engine alone: longer after each failure and each bad probe, or as it asked."""
        plan = self._recovery
        step = min(_STEEPEST, link.failures - 1 + bad)
        pause = min(plan.most_s, plan.first_s * plan.factor**step) * (1 + plan.jitter * self._randomness.random())
        return max(pause, link.not_before - self._clock.monotonic())

    def _restore(self, link: Link[P]) -> None:
        """Put an engine back into use."""
        self._call_off(link)
        link.standing, link.error, link.not_before = Standing.GOOD, None, 0.0
        self._settle(f"{link.provider.title} works again.")

    def _call_off(self, link: Link[P]) -> None:
        """End the probes of an engine, unless it is they who ask."""
        errand, link.errand = link.errand, None
        if errand is not None and errand is not asyncio.current_task():
            errand.cancel()

    def _first_good_id(self) -> str:
        return self.active.id if self.active is not None else ""

    def _settle(self, reason: str) -> None:
        """Say aloud when another engine is in front now."""
        before, self._active_id = self._active_id, self._first_good_id()
        self._on_change()
        if before == self._active_id:
            return
        active = self.active
        outcome = f"{active.title} serves now." if active is not None else "Nothing is left to step in."
        log.info("engine.switched", stage=self.stage, from_engine=before, to_engine=self._active_id)
        self._announce(FallbackSwitched(self.stage, before, self._active_id, f"{reason} {outcome}"))

    def _most_helpful(self) -> VoxelleError:
        """Return the error that the streamer can do most about, the first in the chain among equals."""
        if not self._links:
            return SetupError(f"No engine is chosen for this stage ({self.stage}): choose one in the settings.")
        errors = [link.error for link in self._links if link.error is not None]
        for kind in _RANKS:
            for error in errors:
                if isinstance(error, kind):
                    # A fresh one: an error that is raised again and again drags all its tracebacks along.
                    return renewed(error)
        return TemporaryError("The engine had no answer.")


def renewed(error: VoxelleError) -> VoxelleError:
    """Return the same error without its history."""
    if isinstance(error, TemporaryError):
        return TemporaryError(error.sentence, retry_after_s=error.retry_after_s)
    return type(error)(error.sentence)
