"""One life of an engine process as its host sees it: spawned, greeted, asked, watched, ended."""

from __future__ import annotations

import asyncio
import itertools
import logging
import subprocess
import sys
from collections import deque
from collections.abc import AsyncGenerator, Callable
from typing import Any, Final, cast

import msgspec
import structlog

from voxelle.domain.errors import InputError, SetupError, TemporaryError, VoxelleError
from voxelle.kernel.clock import Clock
from voxelle.kernel.limits import ProcessLimits
from voxelle.kernel.messages import (
    WINDOW,
    Answer,
    Bodies,
    Cancel,
    Ended,
    Failed,
    Freed,
    Logged,
    Message,
    Piece,
    Ping,
    Pong,
    Progressed,
    Ready,
    Reply,
    Request,
    Start,
    Stop,
    Taken,
    ToHost,
    decode_for_host,
    encode,
    error_of,
)
from voxelle.kernel.shared_audio import Samples, SharedAudio, assembled
from voxelle.kernel.spawn import worker_command, worker_environment
from voxelle.kernel.tasks import TaskScope

log = structlog.get_logger("engine")

_GOODBYE_S: Final = 3.0
"""How long a process may take to end in good order."""

_LAST_WORDS: Final = 4096
"""Bytes of standard error that are kept for the log."""

_LAST_WORDS_S: Final = 0.2
"""How long to wait for what a dead process still has in its pipe."""

_LEVELS: Final = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "exception": logging.ERROR,
    "critical": logging.CRITICAL,
}

_STDIN: Final = 0
_STDOUT: Final = 1


class _Pending:
    """What has come for one request and was not taken yet."""

    __slots__ = ("error", "is_over", "is_sent", "news", "pieces", "replies")

    def __init__(self) -> None:
        self.replies: deque[Reply] = deque()
        self.pieces: list[Samples] = []
        self.error: VoxelleError | None = None
        self.is_sent = False
        self.is_over = False
        self.news = asyncio.Event()

    def end(self, error: VoxelleError | None) -> None:
        """Nothing more comes; replies that came before are still handed out. Only the first end counts."""
        if not self.is_over:
            self.is_over = True
            self.error = error
            self.news.set()

    async def next(self) -> Reply | None:
        """Wait for a reply; None at the end. Raises what ended the request."""
        while not self.replies:
            if self.error is not None:
                raise self.error
            if self.is_over:
                return None
            self.news.clear()
            await self.news.wait()
        return self.replies.popleft()


class EngineLink(asyncio.SubprocessProtocol):
    """Spawns a worker and talks to it; used once. `on_lost` is called, with a sentence, when it dies by itself."""

    def __init__(
        self,
        name: str,
        limits: ProcessLimits,
        clock: Clock,
        on_progress: Callable[[float], None],
        on_lost: Callable[[str], None],
    ) -> None:
        self.name = name
        self.pid: int | None = None
        self._limits = limits
        self._clock = clock
        self._on_progress = on_progress
        self._on_lost = on_lost
        self._scope = TaskScope(f"engine process {name}")
        self._bodies = Bodies()
        self._audio: SharedAudio | None = None
        self._transport: asyncio.SubprocessTransport | None = None
        self._stdin: asyncio.WriteTransport | None = None
        self._ids = itertools.count(1)
        self._pending: dict[int, _Pending] = {}
        self._abandoned: dict[int, float] = {}
        """Cancelled requests that the worker has not confirmed, and since when."""
        self._free: list[int] = []
        self._room = asyncio.Event()
        self._greeting = _Pending()
        self._pong = asyncio.Event()
        self._exited = asyncio.Event()
        self._over: VoxelleError | None = None
        """Why nothing can be asked any more."""
        self._verdict = ""
        self._ending: asyncio.TimerHandle | None = None
        self._is_line_cut = False
        self._last_words = b""

    async def open(self, target: str, config: dict[str, Any]) -> None:
        """Spawn the worker and wait until its engine is loaded. Raises what loading raised; call `close` in any case."""
        limits = self._limits
        try:
            self._audio = audio = SharedAudio.create()
            await self._spawn(audio)
        except OSError as error:
            msg = f"{self.name} could not be started: {error.strerror or error}."
            raise SetupError(msg) from error
        self._free = list(range(audio.shape.slots))
        self._send(Start(target, config, audio.shape, limits.nice, limits.memory_mb))
        try:
            async with asyncio.timeout(limits.start_timeout_s):
                await self._greeting.next()
        except TimeoutError as error:
            msg = f"{self.name} was not ready within {limits.start_timeout_s:g} seconds."
            raise TemporaryError(msg) from error
        self._scope.start(self._watch(), name="watch")

    async def _spawn(self, audio: SharedAudio) -> None:
        options: dict[str, Any] = {"pass_fds": audio.inherited}
        if sys.platform == "win32":
            options = {"creationflags": subprocess.CREATE_NO_WINDOW}
        loop = asyncio.get_running_loop()
        try:
            transport, _ = await loop.subprocess_exec(
                lambda: self,
                *worker_command(),
                env=worker_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                **options,
            )
        finally:
            audio.hand_over()
        self._transport = transport
        self._stdin = cast("asyncio.WriteTransport", transport.get_pipe_transport(_STDIN))
        self.pid = transport.get_pid()

    async def request(self, method: str, arguments: dict[str, Any], audio: Samples | None) -> AsyncGenerator[Reply, None]:
        """Ask, and yield the replies as they come. Closing the generator cancels the work and forgets the request at once."""
        request_id = next(self._ids)
        pending = self._pending[request_id] = _Pending()
        try:
            if self._over is not None:
                raise self._over
            frames = None if audio is None else await self._send_audio(request_id, audio)
            try:
                self._send(Request(request_id, method, arguments, frames))
            except (TypeError, ValueError, OverflowError) as error:
                msg = f"{self.name} was asked with values that can't be sent to it."
                raise InputError(msg) from error
            pending.is_sent = True
            taken = 0
            while (reply := await pending.next()) is not None:
                taken += 1
                if taken == WINDOW // 2:
                    self._send(Taken(request_id, taken))
                    taken = 0
                yield reply
        finally:
            del self._pending[request_id]
            if not pending.is_over:
                if pending.is_sent:
                    self._abandoned[request_id] = self._clock.monotonic()
                self._send(Cancel(request_id))

    async def _send_audio(self, request_id: int, audio: Samples) -> int:
        shared = self._shared()
        step = shared.shape.slot_frames
        for begin in range(0, audio.shape[0], step):
            while not self._free and self._over is None:
                self._room.clear()
                await self._room.wait()
            if self._over is not None:
                raise self._over
            block = audio[begin : begin + step]
            slot = self._free.pop()
            shared.write(slot, block)
            self._send(Piece(request_id, slot, block.shape[0]))
        return int(audio.shape[0])

    def _shared(self) -> SharedAudio:
        if self._audio is None:
            msg = f"{self.name} has not been started."
            raise TemporaryError(msg)
        return self._audio

    def _send(self, message: Message) -> None:
        """Write without waiting: the worker reads all the time, and what is much goes through slots."""
        if self._over is None and self._stdin is not None and not self._stdin.is_closing():
            self._stdin.write(encode(message))

    async def _watch(self) -> None:
        """End a process that does not answer, or does not let go of a cancelled request."""
        while True:
            await self._clock.sleep(self._limits.ping_every_s)
            self._pong.clear()
            self._send(Ping())
            try:
                async with asyncio.timeout(self._limits.ping_timeout_s):
                    await self._pong.wait()
            except TimeoutError:
                self._kill(f"{self.name} did not answer any more and was ended.")
                return
            oldest = min(self._abandoned.values(), default=None)
            if oldest is not None and self._clock.monotonic() - oldest > self._limits.cancel_timeout_s:
                self._kill(f"{self.name} did not stop working and was ended.")
                return

    def _kill(self, verdict: str) -> None:
        """End the process by force; `_end` follows."""
        if self._transport is not None and not self._exited.is_set():
            self._verdict = self._verdict or verdict
            self._transport.kill()

    # What the worker says

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Take what came out of a pipe."""
        if fd != _STDOUT:
            self._last_words = (self._last_words + data)[-_LAST_WORDS:]
            return
        try:
            for body in self._bodies.push(data):
                self._take(decode_for_host(body))
        except (ValueError, IndexError, msgspec.MsgspecError):
            log.exception("engine.garbled", engine=self.name)
            self._kill(f"{self.name} sent something unreadable and was ended.")

    def _take(self, message: ToHost) -> None:
        match message:
            case Piece():
                self._take_piece(message)
            case Answer() | Ended() | Failed():
                self._take_outcome(message)
            case Freed():
                self._free.append(message.slot)
                self._room.set()
            case Pong():
                self._pong.set()
            case Logged():
                self._log(message)
            case Progressed():
                self._on_progress(message.value)
            case Ready():
                self.pid = message.pid
                for note in message.notes:
                    log.info("engine.limit_not_kept", engine=self.name, sentence=note)
                self._greeting.end(None)

    def _log(self, line: Logged) -> None:
        fields = {key: value for key, value in line.fields.items() if key not in {"event", "level", "engine"}}
        structlog.get_logger(line.category).log(_LEVELS.get(line.level, logging.INFO), line.event, engine=self.name, **fields)

    def _take_piece(self, piece: Piece) -> None:
        pending = self._pending.get(piece.id)
        if pending is not None:
            pending.pieces.append(self._shared().read(piece.slot, piece.frames))
        self._send(Freed(piece.slot))

    def _take_outcome(self, message: Answer | Ended | Failed) -> None:
        pending = self._greeting if message.id == 0 else self._pending.get(message.id)
        if isinstance(message, Failed) and message.traceback:
            log.error("engine.error", engine=self.name, traceback=message.traceback)
        if isinstance(message, Answer):
            if pending is not None:
                audio = None if message.frames is None else assembled(pending.pieces)
                pending.pieces = []
                pending.replies.append(Reply(message.data, audio))
                pending.news.set()
            return
        self._abandoned.pop(message.id, None)
        if pending is not None:
            pending.end(error_of(message) if isinstance(message, Failed) else None)

    # How it ends

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        """Notice that the line is cut: either the process is ending, or it is of no use any more."""
        if fd == _STDOUT:
            self._is_line_cut = True
            if self._exited.is_set():
                self._end()
            else:
                self._soon(lambda: self._kill(f"{self.name} stopped unexpectedly."))

    def process_exited(self) -> None:
        """Notice the death; the last words may still be in the pipe for a moment."""
        self._exited.set()
        if self._is_line_cut:
            self._end()
        else:
            self._soon(self._end)

    def _soon(self, callback: Callable[[], None]) -> None:
        if self._over is None:
            self._ending = asyncio.get_running_loop().call_later(_LAST_WORDS_S, callback)

    def _end(self) -> None:
        if self._over is not None:
            return
        self._forget_timer()
        code = self._transport.get_returncode() if self._transport is not None else None
        self._verdict = self._verdict or f"{self.name} stopped unexpectedly."
        log.warning("engine.died", engine=self.name, code=code, verdict=self._verdict, stderr=self._last_words.decode("utf-8", "replace"))
        self._finish(TemporaryError(self._verdict))
        self._on_lost(self._verdict)

    def _finish(self, error: VoxelleError) -> None:
        self._over = error
        self._greeting.end(error)
        self._room.set()
        for pending in self._pending.values():
            pending.end(error)

    async def close(self) -> None:
        """End the process in good order if it can, by force if not or when cancelled; it is gone afterwards."""
        try:
            await self._scope.close()
            self._send(Stop())
            self._finish(self._over or TemporaryError(f"{self.name} was stopped."))
            if self._transport is not None:
                async with asyncio.timeout(_GOODBYE_S):
                    await self._exited.wait()
        except TimeoutError:
            log.warning("engine.killed", engine=self.name)
        finally:
            self._finish(self._over or TemporaryError(f"{self.name} was stopped."))
            await self._bury()

    async def _bury(self) -> None:
        self._forget_timer()
        try:
            if self._transport is not None and not self._exited.is_set():
                self._transport.kill()
                await self._exited.wait()
        finally:
            if self._transport is not None:
                self._transport.close()
            if self._audio is not None:
                self._audio.close()

    def _forget_timer(self) -> None:
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None
