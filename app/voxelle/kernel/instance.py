"""One running instance for each data folder."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

from voxelle.domain.errors import SetupError
from voxelle.kernel.paths import make_private

_HELD_ELSEWHERE = {errno.EACCES, errno.EAGAIN, errno.EDEADLK}


class InstanceLock:
    """A lock on a file that the system frees when the process dies, however it dies."""

    __slots__ = ("_descriptor",)

    def __init__(self) -> None:
        self._descriptor: int | None = None

    def acquire(self, path: Path) -> bool:
        """Take the lock; False when another instance holds it. Raises SetupError when the file can't be used at all.

        The file holds the process id of the owner, and stays when the lock is freed: removing it would let
        two instances lock two files of the same name.
        """
        if self._descriptor is not None:
            msg = "This lock is already held here."
            raise RuntimeError(msg)
        make_private(path.parent)
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        except OSError as error:
            msg = f"{path} can't be opened: check the permissions of its folder, or choose another one with --data-dir."
            raise SetupError(msg) from error
        try:
            _lock(descriptor)
        except OSError as error:
            os.close(descriptor)
            if error.errno in _HELD_ELSEWHERE:
                return False
            msg = f"{path} can't be locked: the data folder must lie on a disk that allows locks. Choose another one with --data-dir."
            raise SetupError(msg) from error
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Free the lock; without one nothing happens."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


if sys.platform == "win32":  # pragma: no cover -- tested on Windows alone
    import msvcrt

    _FAR_BYTE = 1 << 30
    """Locked instead of the first bytes: what is locked on Windows can't be read by others, and the id should be."""

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, _FAR_BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        os.lseek(descriptor, 0, os.SEEK_SET)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
