"""The settings file: one JSON file, replaced whole, with its last good copies beside it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from pydantic import ValidationError

from voxelle.domain.errors import InputError, SetupError
from voxelle.settings.migrations import STEPS, Step, migrate
from voxelle.settings.schema import Settings
from voxelle.settings.wording import sentence

log = structlog.get_logger("settings")


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """What was read, and sentences about what was wrong with the file."""

    settings: Settings
    notices: tuple[str, ...] = ()


class SettingsFile:
    """Reads and writes one file. Blocking; one writer at a time.

    `settings.json` is the present state, `settings.1.json` the one before it, and so on up to
    `copies`. A file that can't be used is renamed, never deleted, and the newest usable copy is taken.
    """

    def __init__(
        self, path: Path, copies: int = 5, *, steps: Sequence[Step] = STEPS, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.path = path
        self._copies = copies
        self._steps = steps
        self._now = now

    def load(self) -> LoadedSettings:
        """Read the settings; never raises: without a usable file or copy they are the defaults."""
        try:
            return LoadedSettings(self._read(self.path))
        except FileNotFoundError:
            # Killed between the renames of a save, or deleted by hand: the copy before it is the present state.
            if self._copy(1).exists():
                return self._load_copy("The settings file is gone")
            return LoadedSettings(Settings())
        except OSError as error:
            log.warning("settings.unreadable", kind=type(error).__name__)
            return LoadedSettings(
                Settings(), (f"The settings file {self.path} can't be read, so the defaults are used: check its permissions.",)
            )
        except InputError as error:
            log.warning("settings.damaged", kind=type(error.__cause__).__name__)
            return self._load_copy(f"The settings file can't be used: {error.sentence}. It {self._set_aside()}")

    def save(self, settings: Settings) -> None:
        """Replace the file; when this returns it is on the disk. Raises SetupError, and then the old file is untouched."""
        text = json.dumps(settings.model_dump(mode="json"), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        unfinished = self.path.with_name(self.path.name + ".new")
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_durably(unfinished, text.encode("utf-8", "backslashreplace"))
            self._keep_copy()
            unfinished.replace(self.path)
            _sync_folder(self.path.parent)
        except OSError as error:
            msg = f"The settings can't be saved in {self.path.parent} and last until Voxelle is closed: check permissions and room there."
            raise SetupError(msg) from error

    def copies(self) -> tuple[Path, ...]:
        """Return the copies there are, newest first."""
        numbered = (self._copy(number) for number in range(1, self._copies + 1))
        return tuple(path for path in numbered if path.exists())

    def _copy(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.stem}.{number}{self.path.suffix}")

    def _keep_copy(self) -> None:
        """Make room for a copy of the present file, and take it. The present file stays where it is."""
        if self._copies < 1 or not self.path.exists():
            return
        try:
            self._read(self.path)
        except InputError:
            self._set_aside()  # somebody broke it since it was read
            return
        for number in range(self._copies - 1, 0, -1):
            if self._copy(number).exists():
                self._copy(number).replace(self._copy(number + 1))
        shutil.copyfile(self.path, self._copy(1))

    def _read(self, path: Path) -> Settings:
        """Raises OSError, or InputError with half a sentence that says what is wrong."""
        try:
            tree: Any = json.loads(path.read_bytes())
        except (ValueError, RecursionError) as error:
            msg = "it is not JSON"
            raise InputError(msg) from error
        if not isinstance(tree, dict):
            msg = "it is not a tree of settings"
            raise InputError(msg)
        try:
            return Settings.model_validate(migrate(tree, self._steps))
        except ValidationError as error:
            msg = sentence(error, lambda _path: None).rstrip(".")
            raise InputError(msg) from error
        except (AttributeError, KeyError, TypeError) as error:
            msg = "it does not have the form of a settings file"
            raise InputError(msg) from error

    def _load_copy(self, reason: str) -> LoadedSettings:
        for copy in self.copies():
            try:
                settings = self._read(copy)
                date = datetime.fromtimestamp(copy.stat().st_mtime, UTC)
            except (OSError, InputError) as error:
                log.warning("settings.copy_unusable", kind=type(error).__name__)
                continue
            return LoadedSettings(settings, (f"{reason}. The copy of {date:%Y-%m-%d %H:%M} UTC is used.",))
        return LoadedSettings(Settings(), (f"{reason}. There is no usable copy, so the defaults are used.",))

    def _set_aside(self) -> str:
        """Rename the damaged file; returns what became of it, as the end of a sentence."""
        stamp = f"{self.path.stem}.damaged-{self._now():%Y%m%d-%H%M%S}"
        aside = self.path.with_name(stamp + self.path.suffix)
        number = 1
        while aside.exists():
            number += 1
            aside = self.path.with_name(f"{stamp}-{number}{self.path.suffix}")
        try:
            self.path.replace(aside)
        except OSError as error:
            log.warning("settings.not_set_aside", kind=type(error).__name__)
            return "could not be renamed"
        return f"is kept as {aside.name}"


def _write_durably(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make a rename durable. Windows has no such call and needs none."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
