"""The inside of an engine process: the main thread listens to the host, requests run in threads, the host's death ends it."""

from __future__ import annotations

import faulthandler
import importlib
import os
import queue
import signal
import sys
import threading
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator, MutableMapping
from typing import Any, BinaryIO, Final

import structlog

from voxelle.domain.errors import VoxelleError
from voxelle.kernel.limits import die_with_parent, limit_self, return_memory
from voxelle.kernel.messages import (
    HEADER,
    WINDOW,
    Answer,
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
    ToWorker,
    body_length,
    decode_for_worker,
    encode,
    failure,
)
from voxelle.kernel.shared_audio import AudioShape, Samples, SharedAudio, assembled

__all__ = ["CancelToken", "Engine", "Reply", "Samples", "main"]

log = structlog.get_logger("engine")

_GOODBYE_S: Final = 1.0
"""How long running requests may take to notice that the process is to end."""


class CancelToken:
    """Tells a request's thread that nobody wants its answer any more."""

    __slots__ = ("_callbacks", "_event", "_lock")

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[], None]] = []

    @property
    def is_cancelled(self) -> bool:
        """Look at this often: between steps, tokens, blocks."""
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait at most so long; returns at once, and True, when cancelled."""
        return self._event.wait(seconds)

    def on_cancel(self, callback: Callable[[], None]) -> None:
        """Call this, quick and from another thread, when cancelled; at once if that is so already."""
        with self._lock:
            if not self._event.is_set():
                self._callbacks.append(callback)
                return
        callback()

    def cancel(self) -> None:
        """Set the token and call the callbacks, once."""
        with self._lock:
            callbacks, self._callbacks = self._callbacks, []
            self._event.set()
        for callback in callbacks:
            try:
                callback()
            except Exception:
                log.exception("engine.cancel_failed")


class Engine(ABC):
    """What runs in an engine process. Named by the host as `module:Class`."""

    workers: int = 1
    """Requests served at once, each in a thread; more wait their turn."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config

    def load(self, progress: Callable[[float], None]) -> None:  # noqa: B027 -- most small engines have nothing to load
        """Do what is slow, once; tell 0..1 as it goes. Raises VoxelleError children."""

    @abstractmethod
    def perform(self, method: str, arguments: dict[str, Any], audio: Samples | None, token: CancelToken) -> Iterator[Reply]:
        """Answer a request piece by piece; look at the token often. Raises VoxelleError children."""

    def close(self) -> None:  # noqa: B027 -- as load
        """Release what outlives the process, if anything. Not called when it is killed."""


class _Job:
    """A request and how much of its answer the host will take."""

    __slots__ = ("audio", "credit", "request", "token")

    def __init__(self, request: Request, audio: Samples | None) -> None:
        self.request = request
        self.audio = audio
        self.token = CancelToken()
        self.credit = WINDOW


class Worker:
    """Serves one engine over a pair of pipes until the host says stop or is gone."""

    def __init__(self, incoming: BinaryIO, outgoing: int, leave: Callable[[int], None] = os._exit) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._leave = leave
        self._sending = threading.Lock()
        self._room = threading.Condition()
        """Guards slots and credit; told whenever one of them, or a token, changed."""
        self._free: list[int] = []
        self._pieces: dict[int, list[Samples]] = {}
        self._jobs: dict[int, _Job] = {}
        self._waiting: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self._engine: Engine | None = None
        self._audio: SharedAudio

    def serve(self) -> None:
        """Listen until the end. Never returns before that."""
        while True:
            header = self._incoming.read(HEADER.size)
            if len(header) < HEADER.size:
                self._leave(0)  # the host is gone, and with it everybody who wanted something
                return
            message = decode_for_worker(self._incoming.read(body_length(header)))
            if isinstance(message, Stop):
                self._stop()
                return
            self._take(message)

    def send(self, message: Message) -> None:
        """Write a message whole, from any thread. Raises TypeError, ValueError or OverflowError for what can't be sent."""
        frame = memoryview(encode(message))
        with self._sending:
            try:
                while frame:
                    frame = frame[os.write(self._outgoing, frame) :]
            except OSError:
                self._leave(0)

    def _take(self, message: ToWorker) -> None:
        match message:
            case Ping():
                self.send(Pong())
            case Cancel(id=request_id):
                self._cancel(request_id)
            case Taken(id=request_id, count=count):
                self._add_credit(request_id, count)
            case Freed(slot=slot):
                with self._room:
                    self._free.append(slot)
                    self._room.notify_all()
            case Piece(id=request_id, slot=slot, frames=frames):
                self._pieces.setdefault(request_id, []).append(self._audio.read(slot, frames))
                self.send(Freed(slot))
            case Request():
                pieces = self._pieces.pop(message.id, [])
                job = _Job(message, None if message.frames is None else assembled(pieces))
                job.token.on_cancel(self._wake)
                self._jobs[message.id] = job
                self._waiting.put(job)
            case Start():
                self._attach(message.audio)
                threading.Thread(target=self._load, args=(message,), name="load", daemon=True).start()
            case Stop():  # pragma: no cover -- taken by serve
                pass

    def _attach(self, shape: AudioShape) -> None:
        self._audio = SharedAudio.attach(shape)
        self._free = list(range(shape.slots))

    def _wake(self) -> None:
        with self._room:
            self._room.notify_all()

    def _cancel(self, request_id: int) -> None:
        self._pieces.pop(request_id, None)
        job = self._jobs.get(request_id)
        if job is not None:
            job.token.cancel()

    def _add_credit(self, request_id: int, count: int) -> None:
        job = self._jobs.get(request_id)
        if job is not None:
            with self._room:
                job.credit += count
                self._room.notify_all()

    def _load(self, start: Start) -> None:
        try:
            notes = limit_self(start.nice, start.memory_mb)
            module, _, name = start.target.partition(":")
            engine: Engine = getattr(importlib.import_module(module), name)(start.config)
            engine.load(lambda value: self.send(Progressed(min(1.0, max(0.0, value)))))
            return_memory()
        except VoxelleError as error:
            self.send(failure(0, error))
        except BaseException as error:
            self.send(_unexpected(0, error))
        else:
            self._engine = engine
            for number in range(engine.workers):
                threading.Thread(target=self._work, args=(engine,), name=f"request-{number}", daemon=True).start()
            self.send(Ready(os.getpid(), notes))

    def _work(self, engine: Engine) -> None:
        while True:
            job = self._waiting.get()
            outcome: Message = Ended(job.request.id)
            try:
                self._perform(engine, job)
            except VoxelleError as error:
                outcome = failure(job.request.id, error)
            except BaseException as error:
                outcome = _unexpected(job.request.id, error)
            with self._room:
                self._jobs.pop(job.request.id, None)
                self._room.notify_all()
            self.send(Ended(job.request.id) if job.token.is_cancelled else outcome)

    def _perform(self, engine: Engine, job: _Job) -> None:
        if job.token.is_cancelled:
            return
        replies = engine.perform(job.request.method, job.request.arguments, job.audio, job.token)
        try:
            for reply in replies:
                if not self._deliver(job, reply):
                    return
        finally:
            if isinstance(replies, Generator):
                replies.close()

    def _deliver(self, job: _Job, reply: Reply) -> bool:
        """Send a reply as soon as there is room for it; False when nobody wants it any more."""
        token = job.token
        with self._room:
            self._room.wait_for(lambda: token.is_cancelled or job.credit > 0)
            if token.is_cancelled:
                return False
            job.credit -= 1
        frames = None
        if reply.audio is not None:
            frames = reply.audio.shape[0]
            for begin in range(0, frames, self._audio.shape.slot_frames):
                with self._room:
                    self._room.wait_for(lambda: token.is_cancelled or bool(self._free))
                    if token.is_cancelled:
                        return False
                    slot = self._free.pop()
                block = reply.audio[begin : begin + self._audio.shape.slot_frames]
                self._audio.write(slot, block)
                self.send(Piece(job.request.id, slot, block.shape[0]))
        self.send(Answer(job.request.id, reply.data, frames))
        return True

    def _stop(self) -> None:
        for job in list(self._jobs.values()):
            job.token.cancel()
        with self._room:
            self._room.wait_for(lambda: not self._jobs, _GOODBYE_S)
        if self._engine is not None:
            try:
                self._engine.close()
            except Exception:
                log.exception("engine.close_failed")
        self._leave(0)


def _unexpected(request_id: int, error: BaseException) -> Failed:
    """Put an error nobody expected into words that can be shown; its traceback is for the log."""
    sentence = "The engine ran into an error of its own; the log has the details."
    if isinstance(error, MemoryError):
        sentence = "The engine ran out of memory."
    return Failed(request_id, "TemporaryError", sentence, None, "".join(traceback.format_exception(error)))


def _take_pipes() -> tuple[BinaryIO, int]:
    """Move the host's pipes to other descriptors, so that whatever a library prints or reads can't garble the line."""
    incoming, outgoing = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    if sys.platform == "win32":
        import msvcrt

        for descriptor in (incoming, outgoing):
            msvcrt.setmode(descriptor, os.O_BINARY)
    return os.fdopen(incoming, "rb"), outgoing


class _Category:
    """A logger of this process: a name only, its lines go to the host."""

    def __init__(self, *names: str) -> None:
        self.name = names[0] if names else "engine"


def _log_to_host(worker: Worker) -> None:
    def forward(logger: _Category, level: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event = str(fields.pop("event", ""))
        worker.send(Logged(level, logger.name, event, {key: str(value) for key, value in fields.items()}))
        raise structlog.DropEvent

    structlog.configure(
        processors=[structlog.processors.format_exc_info, forward],
        wrapper_class=structlog.make_filtering_bound_logger("info"),
        logger_factory=_Category,
    )


def main() -> None:
    """Be an engine process: the host's messages come on standard input, the answers leave on standard output."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is for the host, which stops us in good order
    incoming, outgoing = _take_pipes()
    if sys.stderr is not None:
        faulthandler.enable()
    worker = Worker(incoming, outgoing)
    _log_to_host(worker)
    worker.serve()
