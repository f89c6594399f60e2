"""Engines that run in real child processes for the tests."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import structlog

from voxelle.domain.errors import AuthError, InputError, SetupError, TemporaryError, VoxelleError
from voxelle.kernel.worker import CancelToken, Engine, Reply, Samples

ERRORS: dict[str, Callable[[], BaseException]] = {
    "setup": lambda: SetupError("Choose another folder."),
    "auth": lambda: AuthError("Sign in again."),
    "input": lambda: InputError("That is no text."),
    "temporary": lambda: TemporaryError("Wait a little.", retry_after_s=2.5),
    "own": lambda: _OwnError("It is special."),
    "bug": lambda: ZeroDivisionError("secret detail"),
    "memory": MemoryError,
    "exit": lambda: SystemExit(3),
}


class _OwnError(SetupError):
    """A child class that the host does not know."""


class TestEngine(Engine):
    """Does what the tests ask; `steps` counts in a file, so that a killed or cancelled process can be looked into."""

    __test__ = False
    workers = 3

    def load(self, progress: Callable[[float], None]) -> None:
        for path in self.config.get("count_lives", ()):
            with Path(path).open("a") as file:
                file.write("x")
        progress(0.25)
        progress(7)
        how = self.config.get("load")
        if how == "die":
            os._exit(9)
        if how == "hang":
            signal.pause()
        if how in ERRORS:
            error = ERRORS[how]()
            raise error

    def perform(self, method: str, arguments: dict[str, Any], audio: Samples | None, token: CancelToken) -> Iterator[Reply]:
        replies: Iterator[Reply] = getattr(self, method)(arguments, audio, token)
        return replies

    def echo(self, arguments: dict[str, Any], audio: Samples | None, token: CancelToken) -> Iterator[Reply]:
        yield Reply(arguments, audio)

    def count(self, arguments: dict[str, Any], audio: Samples | None, token: CancelToken) -> Iterator[Reply]:
        for number in range(arguments["upto"]):
            yield Reply({"number": number})

    def tones(self, arguments: dict[str, Any], audio: Samples | None, token: CancelToken) -> Iterator[Reply]:
        randomness = np.random.default_rng(arguments["seed"])
        for number, frames in enumerate(arguments["frames"]):
            yield Reply({"number": number}, randomness.random(frames, np.float32))

    def work(self, arguments: dict[str, Any], audio: Samples | None, token: CancelToken) -> Iterator[Reply]:
        """Work in steps of 1 ms until cancelled, writing one byte a step."""
        with Path(arguments["steps"]).open("ab", buffering=0) as file:
            token.on_cancel(lambda: Path(arguments["told"]).touch())
            yield Reply({"started": True})
            while not token.wait(0.001):
                file.write(b".")
        Path(arguments["ended"]).touch()

    def deaf(self, arguments: dict[str, Any], audio: Samples | None, token: CancelToken) -> Iterator[Reply]:
        """Never look at the token."""
        yield Reply({})
        while True:
            time.sleep(0.01)

    def fail(self, arguments: dict[str, Any], audio: Samples | None, token: CancelToken) -> Iterator[Reply]:
        if arguments.get("after"):
            yield Reply({"number": 0})
        error = ERRORS[arguments["how"]]()
        raise error

    def die(self, arguments: dict[str, Any], audio: Samples | None, token: CancelToken) -> Iterator[Reply]:
        """End by itself or by a signal."""
        yield Reply({})
        sys.stderr.write("last words\n")
        sys.stderr.flush()
        if arguments.get("segfault"):
            ctypes.string_at(0)
        os._exit(1)

    def freeze(self, arguments: dict[str, Any], audio: Samples | None, token: CancelToken) -> Iterator[Reply]:
        """Stop as a process does that hangs in native code with the interpreter's lock held."""
        yield Reply({})
        os.kill(os.getpid(), signal.SIGSTOP)
        token.wait(60)

    def shout(self, arguments: dict[str, Any], audio: Samples | None, token: CancelToken) -> Iterator[Reply]:
        """Write to standard output as native libraries do, and read standard input."""
        print("garbage on the line")  # noqa: T201
        os.write(1, b"\x00\x00\x00\x02{}")
        child = subprocess.run([sys.executable, "-c", "import sys; print('more'); sys.exit(len(sys.stdin.read()))"], check=False)
        yield Reply({"child": child.returncode, "read": len(os.read(0, 10))})

    def tell(self, arguments: dict[str, Any], audio: Samples | None, token: CancelToken) -> Iterator[Reply]:
        structlog.get_logger("sound").warning("engine.spoke", figure=3, level="x", engine="y")
        structlog.get_logger().info("engine.spoke_again")
        yield Reply({})

    def unsendable(self, arguments: dict[str, Any], audio: Samples | None, token: CancelToken) -> Iterator[Reply]:
        yield Reply({"it": object()})

    def two(self, arguments: dict[str, Any], audio: Samples | None, token: CancelToken) -> Iterator[Reply]:
        """Answer with an iterator that is no generator."""
        return iter([Reply({}), Reply({})])

    def allocate(self, arguments: dict[str, Any], audio: Samples | None, token: CancelToken) -> Iterator[Reply]:
        yield Reply({"bytes": len(bytearray(arguments["mb"] * 1024 * 1024))})

    def nice(self, arguments: dict[str, Any], audio: Samples | None, token: CancelToken) -> Iterator[Reply]:
        yield Reply({"nice": os.nice(0), "path": sys.path})

    def bad_callback(self, arguments: dict[str, Any], audio: Samples | None, token: CancelToken) -> Iterator[Reply]:
        def callback() -> None:
            raise ZeroDivisionError

        token.on_cancel(callback)
        yield Reply({})
        token.wait(60)

    def close(self) -> None:
        path = self.config.get("closed")
        if path:
            Path(path).touch()
        if self.config.get("close") == "bug":
            raise VoxelleError


class Single(TestEngine):
    """Serves one request at a time."""

    workers = 1
