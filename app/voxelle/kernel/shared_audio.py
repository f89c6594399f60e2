"""Sound between two processes without copying it through a pipe: one block of memory, slots each way.

On POSIX the block is a file without a name whose descriptor the child inherits, so nothing can be
left behind, however either side dies. On Windows it is a named mapping, which the system frees with
its last user. The names and descriptors travel in the first message (`AudioShape`).
"""

from __future__ import annotations

import mmap
import os
import sys
import tempfile
import uuid
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]
"""Mono samples, shape (frames,), -1..1."""

SLOTS: Final = 16
"""Slots each way."""

SLOT_FRAMES: Final = 24_000
"""Frames of a slot: half a second at 48 kHz."""

_SAMPLE_BYTES: Final = 4


class AudioShape(msgspec.Struct, frozen=True, array_like=True):
    """How a child finds the block: a descriptor it inherits, or a name on Windows."""

    descriptor: int
    name: str
    slots: int = SLOTS
    slot_frames: int = SLOT_FRAMES

    @property
    def size(self) -> int:
        """Bytes of the whole block, both ways."""
        return 2 * self.slots * self.slot_frames * _SAMPLE_BYTES


class SharedAudio:
    """The block as one side sees it: it writes the slots of one half and reads those of the other.

    Who may write a slot is settled by messages (`Piece`, `Freed`), never by the memory itself.
    """

    __slots__ = ("_descriptor", "_memory", "_read", "_write", "shape")

    def __init__(self, shape: AudioShape, memory: mmap.mmap, descriptor: int | None, *, is_host: bool) -> None:
        self.shape = shape
        self._memory = memory
        self._descriptor = descriptor
        to_worker, to_host = np.frombuffer(memory, np.float32).reshape(2, shape.slots, shape.slot_frames)
        self._write, self._read = (to_worker, to_host) if is_host else (to_host, to_worker)

    @classmethod
    def create(cls, slots: int = SLOTS, slot_frames: int = SLOT_FRAMES) -> SharedAudio:
        """Make a block; memory is used only once it is written. Raises OSError."""
        if sys.platform == "win32":
            shape = AudioShape(-1, f"voxelle-{uuid.uuid4().hex}", slots, slot_frames)
            return cls(shape, mmap.mmap(-1, shape.size, tagname=shape.name), None, is_host=True)
        descriptor = _nameless_file()
        shape = AudioShape(descriptor, "", slots, slot_frames)
        try:
            os.ftruncate(descriptor, shape.size)
            memory = mmap.mmap(descriptor, shape.size)
        except BaseException:
            os.close(descriptor)
            raise
        return cls(shape, memory, descriptor, is_host=True)

    @classmethod
    def attach(cls, shape: AudioShape) -> SharedAudio:
        """Open the host's block in the child."""
        if sys.platform == "win32":
            return cls(shape, mmap.mmap(-1, shape.size, tagname=shape.name), None, is_host=False)
        memory = mmap.mmap(shape.descriptor, shape.size)
        os.close(shape.descriptor)
        return cls(shape, memory, None, is_host=False)

    @property
    def inherited(self) -> tuple[int, ...]:
        """Descriptors that the child must inherit."""
        return () if self._descriptor is None else (self._descriptor,)

    def hand_over(self) -> None:
        """The child has its own descriptor now: close ours."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def write(self, slot: int, samples: Samples) -> None:
        """Put at most a slot's frames into a slot of ours."""
        self._write[slot, : samples.shape[0]] = samples

    def read(self, slot: int, frames: int) -> Samples:
        """Copy frames out of a slot of the other side. Raises IndexError for what can't be there."""
        if not (0 <= slot < self.shape.slots and 0 <= frames <= self.shape.slot_frames):
            msg = "no such slot of shared sound"
            raise IndexError(msg)
        return self._read[slot, :frames].copy()

    def close(self) -> None:
        """Give the block back; nothing of it is used afterwards."""
        self.hand_over()
        self._read = self._write = np.empty((0, 0), np.float32)
        self._memory.close()


def _nameless_file() -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create("voxelle-sound", os.MFD_CLOEXEC)
    with tempfile.TemporaryFile(prefix="voxelle-") as file:  # pragma: no cover -- macOS
        return os.dup(file.fileno())


def assembled(pieces: list[Samples]) -> Samples:
    """Join the pieces of one sound."""
    if len(pieces) == 1:
        return pieces[0]
    return np.concatenate(pieces) if pieces else np.empty(0, np.float32)
