"""The one who writes: rows of many callers in one transaction, acknowledged when they are durable."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection, Engine, Executable

from voxelle.domain.errors import InputError, TemporaryError, VoxelleError
from voxelle.storage.connections import WRITES
from voxelle.storage.failures import ROW_ERRORS, explain

log = structlog.get_logger("store")
T = TypeVar("T")
Row = Mapping[str, Any]

_CLOSING = "Voxelle is closing and takes nothing more to save."
_SAVED_AGAIN = "Saving works again: nothing was lost."


@dataclass(frozen=True, slots=True)
class WriterLimits:
    """How much is written at once, how much may wait, and how often a full disk is tried again."""

    batch: int = 200
    """Their callers are woken together as well: more of them would hold the loop, and everybody beside it, up."""
    waiting: int = 10_000
    first_retry_s: float = 0.5
    longest_retry_s: float = 10.0
    many: int = 10
    gather_s: float = 0.02
    """After a batch of at least `many` writes the next ones are waited for: a flood costs few transactions that way."""


@dataclass(frozen=True, slots=True, eq=False)
class _Write:
    """One thing to write: a row of a statement that takes many, or work on the connection."""

    done: asyncio.Future[Any]
    statement: Executable | None = None
    row: Row = field(default_factory=dict)
    work: Callable[[Connection], Any] | None = None


class Writer:
    """Takes writes on one asyncio loop, commits them in its own thread, in the order they came.

    All that waits is committed together (group commit), so that one flush of the disk serves many
    rows. A row that is refused leaves the others alone. What fails for a while (a full disk, a lost
    server) stays in memory and is tried again; `on_notice` gets a sentence, on the loop. More than
    `limits.waiting` writes at once make callers wait. A caller that is cancelled is only not told:
    what was handed over is written all the same.
    """

    def __init__(self, engine: Engine, on_notice: Callable[[str], None], limits: WriterLimits | None = None) -> None:
        self._engine = engine.execution_options(**{WRITES: True})
        self._on_notice = on_notice
        self._limits = limits or WriterLimits()
        self._room = asyncio.Semaphore(self._limits.waiting)
        self._lock = threading.Lock()
        self._waiting: deque[_Write] = deque()
        self._batch: list[_Write] = []
        self._is_closed = False
        self._last_error: VoxelleError | None = None
        self._closing = threading.Event()
        self._idle = threading.Event()
        self._idle.set()
        self._thread = ThreadPoolExecutor(1, "voxelle-writer")

    async def append(self, statement: Executable, row: Row) -> None:
        """Write one row with a statement shared by all rows of its kind; returns when it is durable."""
        await self._hand_over(lambda done: _Write(done, statement, row))

    async def perform(self, work: Callable[[Connection], T]) -> T:
        """Run several statements as one; returns their result when they are durable.

        `work` runs in the writer's thread, in a transaction, and once more if that has to be repeated.
        """
        result: T = await self._hand_over(lambda done: _Write(done, work=work))
        return result

    async def close(self) -> None:
        """Write what waits, then stop. What still cannot be written raises TemporaryError at its caller."""
        self._is_closed = True
        self._closing.set()
        await asyncio.to_thread(self._stop)

    def _stop(self) -> None:
        self._idle.wait()
        self._thread.shutdown()

    async def _hand_over(self, write: Callable[[asyncio.Future[Any]], _Write]) -> Any:
        await self._room.acquire()
        if self._is_closed:
            self._room.release()
            raise TemporaryError(_CLOSING)
        done = asyncio.get_running_loop().create_future()
        with self._lock:
            self._waiting.append(write(done))
            is_asleep = self._idle.is_set()
            self._idle.clear()
        if is_asleep:
            self._wake()
        return await done

    def _wake(self) -> None:
        self._thread.submit(self._drain).add_done_callback(self._on_drained)

    def _on_drained(self, job: Future[None]) -> None:
        """Go on after a bug: whoever waits for the broken batch gets it, the rest is written."""
        error = job.exception()
        if error is not None:
            log.error("store.write_failed", rows=len(self._batch), exc_info=error)
            self._settle(self._batch, [error] * len(self._batch))
            self._wake()

    def _drain(self) -> None:
        while True:
            with self._lock:
                count = min(len(self._waiting), self._limits.batch)
                self._batch = [self._waiting.popleft() for _ in range(count)]
                if not self._batch:
                    self._idle.set()
                    return
            self._settle(self._batch, self._write(self._batch))
            if self._limits.many <= count < self._limits.batch:
                self._closing.wait(self._limits.gather_s)

    def _write(self, batch: Sequence[_Write]) -> Sequence[Any]:
        """Return a result or an error for each write, trying again while waiting helps."""
        delay = self._limits.first_retry_s
        has_told = False
        if self._last_error is not None:
            return self._give_up(batch, self._last_error)
        while True:
            try:
                outcomes = self._write_once(batch)
            except TemporaryError as error:
                if self._closing.is_set():
                    return self._give_up(batch, error)
                if not has_told:
                    log.warning("store.write_delayed", rows=len(batch), sentence=error.sentence)
                    self._tell(batch, error.sentence)
                    has_told = True
                self._closing.wait(delay)
                delay = min(delay * 2, self._limits.longest_retry_s)
            except VoxelleError as error:
                log.error("store.write_refused", rows=len(batch), sentence=error.sentence)  # noqa: TRY400 -- the sentence says it all
                return [error] * len(batch)
            else:
                if has_told:
                    self._tell(batch, _SAVED_AGAIN)
                return outcomes

    def _give_up(self, batch: Sequence[_Write], error: VoxelleError) -> Sequence[Any]:
        """Hand the rows back, and those behind them: the program is closing and can't wait."""
        self._last_error = error
        log.error("store.rows_lost", rows=len(batch), sentence=error.sentence)
        return [error] * len(batch)

    def _write_once(self, batch: Sequence[_Write]) -> Sequence[Any]:
        """Write all together; if one is refused, one by one. Raises VoxelleError if nothing can be written."""
        try:
            return self._write_together(batch)
        except InputError:
            pass
        except ROW_ERRORS as error:
            meaning = explain(error)
            if not isinstance(meaning, InputError):
                raise meaning from error
        try:
            return self._write_singly(batch)
        except ROW_ERRORS as error:
            raise explain(error) from error

    def _write_together(self, batch: Sequence[_Write]) -> list[Any]:
        results: list[Any] = []
        with self._engine.begin() as connection:
            for statement, group in groupby(batch, key=lambda write: write.statement):
                writes = list(group)
                if statement is not None:
                    connection.execute(statement, [write.row for write in writes])
                    results += [None] * len(writes)
                else:
                    results += [_perform(write, connection) for write in writes]
        return results

    def _write_singly(self, batch: Sequence[_Write]) -> list[Any]:
        results: list[Any] = []
        with self._engine.begin() as connection:
            for write in batch:
                try:
                    with connection.begin_nested():
                        results.append(_perform(write, connection))
                except InputError as error:
                    results.append(error)
                except ROW_ERRORS as error:
                    meaning = explain(error)
                    if not isinstance(meaning, InputError):
                        raise meaning from error
                    log.warning("store.row_refused", kind=type(error).__name__)
                    meaning.__cause__ = error
                    results.append(meaning)
        return results

    def _tell(self, batch: Sequence[_Write], sentence: str) -> None:
        _call_on_loop(batch, self._on_notice, sentence)

    def _settle(self, batch: Sequence[_Write], outcomes: Sequence[Any]) -> None:
        _call_on_loop(batch, self._resolve, batch, outcomes)

    def _resolve(self, batch: Sequence[_Write], outcomes: Sequence[Any]) -> None:
        """Wake the callers, on the loop. A cancelled caller is gone already."""
        for write, outcome in zip(batch, outcomes, strict=True):
            self._room.release()
            if write.done.done():
                continue
            if isinstance(outcome, BaseException):
                write.done.set_exception(outcome)
            else:
                write.done.set_result(outcome)


def _perform(write: _Write, connection: Connection) -> Any:
    if write.work is not None:
        return write.work(connection)
    if write.statement is not None:
        connection.execute(write.statement, [write.row])
    return None


def _call_on_loop(batch: Sequence[_Write], call: Callable[..., None], *arguments: Any) -> None:
    try:
        batch[0].done.get_loop().call_soon_threadsafe(call, *arguments)
    except RuntimeError:
        # The loop is closed: what was written stays written, nobody waits for it any more.
        log.debug("store.nobody_waits", rows=len(batch))
