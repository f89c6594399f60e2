"""What every provider shares: a name, its abilities as data, opening and closing, and how streams are guarded."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeVar

import structlog

from voxelle.domain.errors import TemporaryError
from voxelle.kernel.clock import Clock

log = structlog.get_logger("engine")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Abilities:
    """What an engine can do, as data: never guessed from its name."""

    streaming: bool = True
    offline: bool = False
    grammar: bool = False
    """Can force the leading emotion tag."""
    word_timings: bool = False
    phoneme_timings: bool = False
    languages: tuple[str, ...] = ("en",)


@dataclass(frozen=True, slots=True)
class Limits:
    """Time limits of a stream, in seconds, and how often to try again before anything came."""

    first_item_s: float = 20.0
    between_items_s: float = 10.0
    attempts: int = 2
    longest_pause_s: float = 1.0
    """A server that asks for a longer pause before the next attempt is not waited for: its chain goes on."""


class Provider(ABC):
    """Root of the contracts. Opening may be slow; nothing is opened by the constructor."""

    id: str
    title: str
    abilities: Abilities = Abilities()

    def __init__(self, clock: Clock, limits: Limits | None = None) -> None:
        self._clock = clock
        self.limits = limits or Limits()

    @property
    def serving(self) -> str:
        """Id of the engine that serves now; a chain names the one in front."""
        return self.id

    @abstractmethod
    async def open(self) -> None:
        """Load or connect. Raises SetupError, AuthError or TemporaryError. Idempotent."""

    @abstractmethod
    async def close(self) -> None:
        """Release everything; idempotent and safe after a failed open."""

    async def probe(self) -> None:
        """Check cheaply that the engine would serve now; raises what a request would raise."""
        await self.open()

    async def _guarded(self, start: Callable[[], AsyncGenerator[T, None]]) -> AsyncGenerator[T, None]:
        """Run a stream with its time limits; try again only while nothing has come out of it.

        Once an item was handed over it may have been heard, so a later failure is raised, not retried.
        """
        attempt = 0
        while True:
            attempt += 1
            has_delivered = False
            try:
                async with aclosing(start()) as stream:
                    while True:
                        limit = self.limits.between_items_s if has_delivered else self.limits.first_item_s
                        try:
                            async with asyncio.timeout(limit):
                                item = await anext(stream)
                        except StopAsyncIteration:
                            return
                        except TimeoutError as error:
                            msg = f"{self.title} did not answer within {limit:g} seconds."
                            raise TemporaryError(msg) from error
                        has_delivered = True
                        yield item
            except TemporaryError as error:
                pause_s = error.retry_after_s or 0.0
                if has_delivered or attempt >= self.limits.attempts or pause_s > self.limits.longest_pause_s:
                    raise
                log.warning("engine.retried", engine=self.id, attempt=attempt, error_kind=type(error).__name__)
                await self._clock.sleep(pause_s)
