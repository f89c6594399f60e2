"""The inside of an engine process, driven over pipes without being one."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import psutil
import pytest
import structlog
from structlog.testing import capture_logs

from tests.kernel.worker_engines import TestEngine
from voxelle.kernel import limits, worker
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
    Request,
    Start,
    Stop,
    Taken,
    ToHost,
    body_length,
    decode_for_host,
    encode,
)
from voxelle.kernel.shared_audio import SharedAudio
from voxelle.kernel.spawn import worker_environment
from voxelle.kernel.worker import CancelToken, Engine, Reply, Samples, Worker

TARGET = f"{TestEngine.__module__}:Single"


class Line:
    """The host's ends of the pipes to a worker that runs in a thread here."""

    def __init__(self) -> None:
        to_worker, self._out = os.pipe()
        inward, self.from_worker = os.pipe()
        self.codes: list[int] = []
        self.left = threading.Event()
        self.worker = Worker(os.fdopen(to_worker, "rb"), self.from_worker, self._leave)
        self._in: BinaryIO = os.fdopen(inward, "rb")
        self.audio = SharedAudio.create(slots=2, slot_frames=4)
        self._thread = threading.Thread(target=self.worker.serve)
        self._thread.start()

    def _leave(self, code: int) -> None:
        self.codes.append(code)
        self.left.set()

    def send(self, *messages: Message) -> None:
        for message in messages:
            os.write(self._out, encode(message))

    def start(self, config: dict[str, Any] | None = None) -> list[ToHost]:
        descriptor = os.dup(self.audio.shape.descriptor) if self.audio.inherited else -1
        shape = type(self.audio.shape)(descriptor, self.audio.shape.name, 2, 4)
        self.send(Start(TARGET, config or {}, shape, 0, None))
        return [self.next(), self.next(), self.next()]

    def next(self) -> ToHost:
        return decode_for_host(self._in.read(body_length(self._in.read(HEADER.size))))

    def hang_up(self) -> None:
        os.close(self._out)
        self._thread.join()

    def close(self) -> None:
        self._thread.join()
        self._in.close()
        self.audio.close()
        os.close(self.from_worker)
        self.worker._incoming.close()


@pytest.fixture
def line() -> Iterator[Line]:
    # Threads that serve requests are daemons of the process: let them end with the test.
    line = Line()
    yield line
    if not line.left.is_set():
        line.hang_up()
    line.close()


@pytest.fixture(autouse=True)
def _threads_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the threads that wait for requests for ever end when they are told to leave."""
    original = Worker._work

    def work(self: Worker, engine: Engine) -> None:
        leave = self._leave

        def ended(code: int) -> None:
            leave(code)
            self._waiting.put(None)  # type: ignore[arg-type]

        self._leave = ended
        with suppress(AttributeError):
            original(self, engine)

    monkeypatch.setattr(Worker, "_work", work)


def test_it_loads_answers_and_leaves_when_told(line: Line) -> None:
    assert line.start() == [Progressed(0.25), Progressed(1.0), Ready(os.getpid(), ())]
    line.send(Request(1, "echo", {"a": 1}, None), Ping())
    answers = [line.next(), line.next(), line.next()]
    assert Answer(1, {"a": 1}, None) in answers
    assert Ended(1) in answers
    assert Pong() in answers
    line.send(Stop())
    assert line.left.wait(5)
    assert line.codes == [0]


def test_sound_goes_through_slots_and_back_pressure_holds(line: Line) -> None:
    line.start()
    sound = np.arange(10, dtype=np.float32)
    line.audio.write(0, sound[:4])
    line.audio.write(1, sound[4:8])
    line.send(Piece(1, 0, 4), Piece(1, 1, 4))
    assert [line.next(), line.next()] == [Freed(0), Freed(1)]
    line.audio.write(0, sound[8:])
    line.send(Piece(1, 0, 2), Request(1, "echo", {}, 10))
    assert line.next() == Freed(0)
    first, second = line.next(), line.next()
    assert isinstance(first, Piece)
    assert isinstance(second, Piece)
    np.testing.assert_array_equal(line.audio.read(first.slot, 4), sound[:4])
    np.testing.assert_array_equal(line.audio.read(second.slot, 4), sound[4:8])
    line.send(Ping())
    assert line.next() == Pong()
    line.send(Freed(first.slot))
    assert line.next() == Piece(1, first.slot, 2)
    assert line.next() == Answer(1, {}, 10)
    assert line.next() == Ended(1)


def test_no_more_than_a_window_of_answers_is_under_way(line: Line) -> None:
    line.start()
    line.send(Request(1, "count", {"upto": WINDOW + 2}, None))
    assert [line.next() for _ in range(WINDOW)][-1] == Answer(1, {"number": WINDOW - 1}, None)
    line.send(Ping())
    assert line.next() == Pong()
    line.send(Taken(1, 1), Taken(9, 1))
    assert line.next() == Answer(1, {"number": WINDOW}, None)
    line.send(Cancel(1))
    assert line.next() == Ended(1)


def test_cancelling_wakes_a_request_that_waits_for_a_slot(line: Line) -> None:
    line.start()
    line.send(Request(1, "tones", {"seed": 1, "frames": [100]}, None))
    assert isinstance(line.next(), Piece)
    assert isinstance(line.next(), Piece)
    line.send(Cancel(1), Cancel(77))
    assert line.next() == Ended(1)
    line.send(Request(2, "fail", {"how": "bug"}, None))
    failed = line.next()
    assert isinstance(failed, Failed)
    assert "ZeroDivisionError" in failed.traceback


def test_a_request_cancelled_before_its_turn_is_not_begun(line: Line) -> None:
    line.start()
    line.send(Request(1, "bad_callback", {}, None))
    assert line.next() == Answer(1, {}, None)
    line.send(Request(2, "die", {}, None), Cancel(2))
    with capture_logs() as lines:
        line.send(Cancel(1))
        assert [line.next(), line.next()] == [Ended(1), Ended(2)]
        # The work may end before its cancel was written down: what is answered next comes after that.
        line.send(Ping())
        assert line.next() == Pong()
    assert lines[0]["event"] == "engine.cancel_failed"


def test_it_leaves_when_the_host_is_gone(line: Line) -> None:
    line.start()
    line.hang_up()
    assert line.codes == [0]


def test_it_leaves_when_nobody_reads_any_more() -> None:
    read, write = os.pipe()
    os.close(read)

    def leave(code: int) -> None:
        raise SystemExit(code)

    with Path(os.devnull).open("rb") as nothing, pytest.raises(SystemExit):
        Worker(nothing, write, leave).send(Pong())
    os.close(write)


@pytest.mark.parametrize("how, kind, has_traceback", [("setup", "SetupError", False), ("bug", "TemporaryError", True)])
def test_loading_that_fails_is_told(line: Line, how: str, kind: str, *, has_traceback: bool) -> None:
    failed = line.start({"load": how})[2]
    assert isinstance(failed, Failed)
    assert (failed.id, failed.kind, bool(failed.traceback)) == (0, kind, has_traceback)


def test_an_engine_may_have_nothing_to_load_and_to_close() -> None:
    class Plain(Engine):
        def perform(self, method: str, arguments: dict[str, Any], audio: Samples | None, token: CancelToken) -> Iterator[Reply]:
            yield Reply(self.config)

    plain = Plain({"a": 1})
    plain.load(lambda _: None)
    plain.close()
    assert next(plain.perform("", {}, None, CancelToken())).data == {"a": 1}


@pytest.fixture
def _own_log() -> Iterator[None]:
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.mark.usefixtures("_own_log")
def test_log_lines_travel_as_messages(line: Line) -> None:
    worker._log_to_host(line.worker)
    structlog.get_logger("sound").warning("it.happened", count=3)
    assert line.next() == Logged("warning", "sound", "it.happened", {"count": "3"})
    structlog.get_logger().debug("not.told")
    structlog.get_logger().info("also")
    assert line.next() == Logged("info", "engine", "also", {})


def test_the_pipes_are_moved_out_of_the_way() -> None:
    code = (
        "import os, sys\n"
        "from voxelle.kernel.worker import _take_pipes\n"
        "incoming, outgoing = _take_pipes()\n"
        "print('noise'); os.write(1, b'noise')\n"
        "assert sys.stdin.read() == ''\n"
        "os.write(outgoing, incoming.read())\n"
    )
    run = subprocess.run([sys.executable, "-c", code], input=b"asked", capture_output=True, check=True, env=worker_environment())
    assert run.stdout == b"asked"
    assert b"noise" in run.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="as Linux does it")
def test_limits_are_kept_where_the_system_can(monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    set_to: list[tuple[int, tuple[int, int]]] = []
    hard = resource.RLIM_INFINITY
    monkeypatch.setattr(resource, "getrlimit", lambda _: (-1, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda which, both: set_to.append((which, both)))
    monkeypatch.setattr(os, "nice", lambda step: step)
    assert limits.limit_self(3, 100) == ()
    assert set_to == [(resource.RLIMIT_DATA, (100 * 1024 * 1024, hard))]
    hard = 5
    assert limits.limit_self(0, 100) == ()
    assert set_to[1] == (resource.RLIMIT_DATA, (5, 5))

    def refuse(_: int) -> int:
        raise PermissionError

    monkeypatch.setattr(os, "nice", refuse)
    monkeypatch.setattr(sys, "platform", "darwin")
    notes = limits.limit_self(-5, 100)
    assert len(notes) == 2
    limits.die_with_parent()


@pytest.mark.parametrize("nice, level", [(-5, "above"), (1, "below"), (19, "idle")])
def test_windows_has_priority_classes_for_it(monkeypatch: pytest.MonkeyPatch, nice: int, level: str) -> None:
    chosen: list[str] = []

    class Process:
        def nice(self, value: str) -> None:
            chosen.append(value)

    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(psutil, "Process", Process)
    monkeypatch.setattr(psutil, "ABOVE_NORMAL_PRIORITY_CLASS", "above", raising=False)
    monkeypatch.setattr(psutil, "BELOW_NORMAL_PRIORITY_CLASS", "below", raising=False)
    monkeypatch.setattr(psutil, "IDLE_PRIORITY_CLASS", "idle", raising=False)
    assert limits.limit_self(nice, None) == ()
    assert chosen == [level]


def test_a_token_tells_once_and_late_listeners_at_once() -> None:
    token = CancelToken()
    told: list[str] = []
    token.on_cancel(lambda: told.append("early"))
    assert not token.is_cancelled
    assert not token.wait(0)
    token.cancel()
    token.cancel()
    token.on_cancel(lambda: told.append("late"))
    assert told == ["early", "late"]
    assert token.wait(60)
    assert token.is_cancelled
