"""The settings while the program runs: changed by path, validated, saved, announced, undone."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog
from pydantic import BaseModel

from voxelle.contracts.storage import SettingsHistory
from voxelle.domain.errors import InputError, SetupError, VoxelleError
from voxelle.domain.events import NoticeLevel, NoticeRaised, SettingsChanged
from voxelle.kernel.bus import Bus
from voxelle.kernel.clock import Clock
from voxelle.settings import environment
from voxelle.settings.fields import SettingField, describe
from voxelle.settings.file import SettingsFile
from voxelle.settings.schema import Settings
from voxelle.settings.tree import SettingsTree

log = structlog.get_logger("settings")

_UNDO_STEPS = 100
_ONE_GESTURE_S = 1.0
"""Changes of one setting that follow each other faster (a slider being dragged) are undone together."""
_HIDDEN = json.dumps("(hidden)")


@dataclass(frozen=True, slots=True)
class Change:
    """One setting that changed. Values are JSON values."""

    path: str
    old: Any
    new: Any


class SettingsService:
    """Owns the settings. Lives on the show loop; the file is read once, by the constructor, and written in a thread.

    What the environment sets (`VOXELLE_SETTING__…`) is part of `current`, never saved, and can't be
    changed here. `notices` says what was wrong at the start. The history of changes can be given
    later, since the settings say where the database is.
    """

    def __init__(
        self,
        file: SettingsFile,
        bus: Bus,
        clock: Clock,
        history: SettingsHistory | None = None,
        *,
        environ: Mapping[str, str] | None = None,
        parts: Mapping[str, type[BaseModel]] | None = None,
    ) -> None:
        self._file = file
        self._bus = bus
        self._clock = clock
        self._history = history
        self._schema = describe(parts or {})
        self._tree = SettingsTree(self._schema, parts or {})
        loaded = file.load()
        self._saved = loaded.settings
        self._overrides, notices = self._valid_overrides(os.environ if environ is None else environ)
        self._current = self._tree.changed(self._saved, self._overrides, is_trusted=True)
        self.notices: tuple[str, ...] = (*loaded.notices, *notices)
        self._undo: list[tuple[Change, ...]] = []
        self._redo: list[tuple[Change, ...]] = []
        self._last_gesture_at = float("-inf")
        self._saving = asyncio.Lock()
        self._writing = threading.Lock()
        self._revision = 0
        self._written_revision = 0
        self._is_in_memory = False

    @property
    def current(self) -> Settings:
        """The settings now, with what the environment sets."""
        return self._current

    @property
    def can_undo(self) -> bool:
        """Whether there is a change of this session to take back."""
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        """Whether there is a change that was taken back."""
        return bool(self._redo)

    def use_history(self, history: SettingsHistory | None) -> None:
        """Keep changes there from now on."""
        self._history = history

    def value(self, path: str) -> Any:
        """Return a setting's value now, as JSON value. Raises InputError for a path that is none."""
        return self._tree.value(self._current, self._field(path).path)

    def integration(self, integration_id: str) -> BaseModel:
        """Return an integration's settings in their own type. Raises SetupError with the field that is wrong."""
        return self._tree.part(self._current, integration_id)

    def fields(self, *, include_hidden: bool = False) -> Sequence[SettingField]:
        """Return every setting with its present value, in the order of the schema."""
        shown = {path: field for path, field in self._schema.items() if include_hidden or not field.is_hidden}
        values = self._tree.values(self._current, shown)
        return tuple(replace(field, value=values[path], is_overridden=path in self._overrides) for path, field in shown.items())

    async def change(self, path: str, value: Any) -> None:
        """Set one setting, by its dotted path, to a JSON value.

        It holds and is announced at once; returns when it is saved. A folder that can't be written
        costs a notice, not the change. Raises InputError with a sentence for a wrong path or value.
        """
        await self.change_all({path: value})

    async def change_all(self, values: Mapping[str, Any]) -> None:
        """Set several settings as one step: all of them, or none."""
        for path in values:
            if self._field(path).path in self._overrides:
                name = environment.variable(path)
                msg = f"{self._field(path).title} is set by the environment variable {name}: remove that to change it here."
                raise InputError(msg)
        changes = self._apply(values)
        if changes:
            self._note_step(changes)
            await self._keep(changes)

    async def reset(self, path: str = "") -> None:
        """Bring a setting, a whole part (`voice`, `integrations.twitch`) or, with no path, everything back to its default."""
        if path in self._schema:
            await self.change(path, self._schema[path].default)
            return
        below = {name: field for name, field in self._schema.items() if not path or name.startswith(f"{path}.")}
        if not below:
            self._field(path)
        # What has a place of its own is reset there: with a part that holds nothing else.
        is_own_place = all(field.is_hidden for field in below.values())
        free = {
            name: field.default
            for name, field in below.items()
            if name not in self._overrides and (is_own_place or not field.is_hidden) and not field.is_required
        }
        await self.change_all(free)

    async def undo(self) -> Sequence[str]:
        """Take back the last step of this session; returns the paths. Raises InputError if there is none."""
        return await self._step(self._undo, self._redo, "There is no change of settings to take back.")

    async def redo(self) -> Sequence[str]:
        """Make the last undone step again; returns the paths. Raises InputError if there is none."""
        return await self._step(self._redo, self._undo, "There is no change of settings to make again.")

    async def _step(self, source: list[tuple[Change, ...]], target: list[tuple[Change, ...]], nothing: str) -> Sequence[str]:
        if not source:
            raise InputError(nothing)
        changes = source[-1]
        applied = self._apply({change.path: change.old for change in changes})
        source.pop()
        target.append(tuple(Change(change.path, change.new, change.old) for change in changes))
        self._last_gesture_at = float("-inf")
        await self._keep(applied)
        return tuple(change.path for change in changes)

    def _field(self, path: str) -> SettingField:
        if path not in self._schema or path == "schema_version":
            msg = f"There is no setting {path}."
            raise InputError(msg)
        return self._schema[path]

    def _apply(self, values: Mapping[str, Any]) -> tuple[Change, ...]:
        """Validate, take over and announce; returns what really changed."""
        saved = self._tree.changed(self._saved, values)
        old, new = self._tree.values(self._saved, values), self._tree.values(saved, values)
        changes = tuple(Change(path, old[path], new[path]) for path in values if old[path] != new[path])
        if not changes:
            return ()
        self._saved = saved
        self._current = self._tree.changed(saved, self._overrides, is_trusted=True)
        self._revision += 1
        paths = tuple(change.path for change in changes)
        log.info("settings.changed", paths=paths)
        self._bus.announce(SettingsChanged(paths, needs_restart=any(self._schema[path].restart for path in paths)))
        return changes

    def _note_step(self, changes: tuple[Change, ...]) -> None:
        now = self._clock.monotonic()
        last = self._undo[-1] if self._undo else ()
        is_same_setting = len(changes) == len(last) == 1 and changes[0].path == last[0].path
        if is_same_setting and now - self._last_gesture_at < _ONE_GESTURE_S:
            self._undo[-1] = (Change(changes[0].path, last[0].old, changes[0].new),)
        else:
            self._undo.append(changes)
            del self._undo[:-_UNDO_STEPS]
        self._last_gesture_at = now
        self._redo.clear()

    async def _keep(self, changes: Sequence[Change]) -> None:
        await self._save()
        if self._history is None:
            return
        now = self._clock.now()
        try:
            for change in changes:
                is_secret = self._schema[change.path].is_secret
                old, new = (_HIDDEN, _HIDDEN) if is_secret else (json.dumps(change.old), json.dumps(change.new))
                await self._history.append_change(change.path, old, new, now)
        except VoxelleError as error:
            log.warning("settings.history_failed", sentence=error.sentence)

    async def _save(self) -> None:
        """Write the newest state; one write serves all who changed something meanwhile."""
        mine = self._revision
        async with self._saving:
            if self._written_revision >= mine:
                return
            newest = self._revision
            try:
                await asyncio.to_thread(self._write)
            except SetupError as error:
                log.warning("settings.not_saved", sentence=error.sentence)
                if not self._is_in_memory:
                    self._is_in_memory = True
                    self._bus.announce(NoticeRaised(NoticeLevel.WARNING, error.sentence))
                return
            self._written_revision = max(self._written_revision, newest)
            if self._is_in_memory:
                self._is_in_memory = False
                self._bus.announce(NoticeRaised(NoticeLevel.INFO, "The settings are saved again."))

    def _write(self) -> None:
        # A caller that was cancelled leaves its thread writing: the lock keeps the order, and each writes the newest state.
        with self._writing:
            self._file.save(self._saved)

    def _valid_overrides(self, environ: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
        found, notices = environment.overrides(environ, self._schema)
        valid: dict[str, Any] = {}
        for path, value in found.items():
            try:
                self._field(path)
                self._tree.changed(self._saved, {path: value}, is_trusted=True)
            except InputError as error:
                notices.append(f"The environment variable {environment.variable(path)} is ignored: {error.sentence}")
            else:
                valid[path] = value
        return valid, notices
