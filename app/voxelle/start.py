"""The plain start: the window, or the companion without one. Imports nothing heavy, for the first paint waits for it."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

from voxelle.domain.errors import AuthError, InputError, SetupError, TemporaryError, VoxelleError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from voxelle.kernel.paths import Paths

EXIT_FAILED = 1
"""The command ran and its answer is no: a goal was missed, a check failed."""
EXIT_USAGE = 2
EXIT_SETUP = 3
"""A setting, a file or a device has to be corrected; the message says which."""
EXIT_TEMPORARY = 4
"""Trying again later helps."""
EXIT_AUTH = 5
EXIT_INTERRUPTED = 130

_EXITS: tuple[tuple[type[VoxelleError], int], ...] = (
    (AuthError, EXIT_AUTH),
    (SetupError, EXIT_SETUP),
    (TemporaryError, EXIT_TEMPORARY),
    (InputError, EXIT_USAGE),
)


def start(paths: Paths | None = None, *, is_headless: bool = False) -> int:
    """Open the window; without a display, or when asked, run the same companion headless. Returns the exit code."""
    from voxelle.kernel.paths import Paths

    paths = paths or Paths.find()
    reason = "You asked for no window." if is_headless else missing_display()
    if not reason:
        from voxelle.main import run

        return run(paths)
    tell(f"{reason} The same companion runs without a window: type to her, one line each; Ctrl+C ends the show.")
    from voxelle.headless import converse

    return int(run_loop(converse(paths)))


def guarded(command: Callable[[], Any]) -> int:
    """Run a command; every expected failure becomes one sentence and an exit code."""
    try:
        code = command()
    except VoxelleError as error:
        tell(error.sentence)
        return next((status for kind, status in _EXITS if isinstance(error, kind)), EXIT_FAILED)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return EXIT_FAILED
    return code if isinstance(code, int) else 0


def missing_display() -> str:
    """Return why no window can be opened, or an empty string."""
    import os

    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return ""
    return "" if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") else "There is no display."


def run_loop(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine on a loop of its own: uvloop where it exists."""
    if sys.platform == "win32":
        return asyncio.run(work)
    import uvloop

    return uvloop.run(work)


def tell(text: str) -> None:
    """Say something to whoever started the program, apart from the command's own output."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
