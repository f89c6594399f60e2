"""PortAudio, shared by all who play and listen in the sound process."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from voxelle.audio.alsa import leave_encoder_out
from voxelle.domain.errors import SetupError

_lock: Final = threading.RLock()
"""Devices are opened one after the other: the sound server's library reads the wished device from the environment."""
_open: Final[set[int]] = set()
"""Streams that are open now: to look at the devices again would end them."""


def portaudio() -> Any:
    """Return the library, its list of devices as it was when it was initialised last. Raises SetupError."""
    if "sounddevice" not in sys.modules:
        leave_encoder_out(os.environ)
    try:
        import sounddevice
    except (OSError, ImportError) as error:
        msg = "The sound library PortAudio is missing: install libportaudio2 with your system's package manager."
        raise SetupError(msg) from error
    return sounddevice


@contextmanager
def opening() -> Iterator[Any]:
    """Hold the library to open a stream; its list of devices is fresh, unless another stream is open. Raises SetupError."""
    with _lock:
        library = portaudio()
        if not _open:
            # PortAudio looks at the devices when it is initialised and never again (https://github.com/PortAudio/portaudio/issues/11).
            library._terminate()  # noqa: SLF001 -- as above
            library._initialize()  # noqa: SLF001 -- as above
        yield library


def keep(stream: object) -> None:
    """Take note of a stream that was opened within `opening`."""
    _open.add(id(stream))


@contextmanager
def closing(stream: object) -> Iterator[None]:
    """Hold the library while a stream is closed, and forget it."""
    with _lock:
        try:
            yield
        finally:
            _open.discard(id(stream))
