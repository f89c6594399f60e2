"""The settings as the streamer edits them: checked at every keystroke, applied a moment later, taken back at will."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from voxelle.domain.errors import InputError, VoxelleError
from voxelle.domain.events import EngineChanged, EngineState, SettingsChanged
from voxelle.settings.fields import INTEGRATIONS, SettingField
from voxelle.settings.tree import SettingsTree
from voxelle.ui.bridge import Bridge
from voxelle.ui.models.answers import for_owner

APPLY_AFTER_MS = 400
SOUND_STAGE = "sound"


@dataclass(frozen=True, slots=True)
class Category:
    """One page of settings."""

    part: str
    title: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All settings at one moment, and whether there are steps to take back or make again."""

    fields: Sequence[SettingField]
    can_undo: bool
    can_redo: bool


class SettingsModel(QObject):
    """What can be set.

    `loaded`: the list is there, or `error` says why not. `field_changed(path)`: value, problem or badge.
    `failed(sentence)`: a command that belongs to no field failed.
    """

    loaded = Signal()
    field_changed = Signal(str)
    history_changed = Signal()
    failed = Signal(str)

    def __init__(self, bridge: Bridge, parent: QObject | None = None, *, include_hidden: bool = False) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._include_hidden = include_hidden
        """With what has a place of its own in the window."""
        self._fields: dict[str, SettingField] = {}
        self._tree = SettingsTree({}, {})
        self._typed: dict[str, Any] = {}
        self._problems: dict[str, str] = {}
        self._running: dict[str, Any] = {}
        """Values as the parts that need a restart use them."""
        self.is_loaded = False
        self.can_undo = False
        self.can_redo = False
        self.error = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(APPLY_AFTER_MS)
        self._timer.timeout.connect(self.apply)
        bridge.subscribe(SettingsChanged, self._on_settings_changed)
        bridge.subscribe(EngineChanged, self._on_engine_changed)

    @property
    def is_pending(self) -> bool:
        """Whether something typed and good is not applied yet."""
        return any(path not in self._problems for path in self._typed)

    def refresh(self) -> None:
        """Read all settings."""
        service = self._bridge.settings

        async def read() -> Snapshot:
            return Snapshot(service.fields(include_hidden=self._include_hidden), service.can_undo, service.can_redo)

        self.error = ""
        self._bridge.run(read, self._take_all, self._on_refresh_failed)

    def categories(self) -> tuple[Category, ...]:
        """Return the pages in the order of the schema."""
        titles = {field.part: field.part_title for field in self._fields.values()}
        return tuple(Category(part, title) for part, title in titles.items())

    def fields_of(self, part: str) -> tuple[SettingField, ...]:
        """Return a page's settings."""
        return tuple(field for field in self._fields.values() if field.part == part)

    def search(self, text: str) -> tuple[SettingField, ...]:
        """Return the settings that contain every one of these words in title, help, page or name."""
        words = text.casefold().split()

        def fits(field: SettingField) -> bool:
            place = " ".join((field.title, field.description, field.part_title, field.path, *field.choices)).casefold()
            return all(word in place for word in words)

        return tuple(field for field in self._fields.values() if fits(field))

    def field(self, path: str) -> SettingField | None:
        """Return a setting as it stands."""
        return self._fields.get(path)

    def shown_value(self, path: str) -> Any:
        """Return what the field shows: what is being typed, else the value."""
        return self._typed.get(path, self._fields[path].value)

    def problem(self, path: str) -> str:
        """Return what is wrong with what is typed, or nothing."""
        return self._problems.get(path, "")

    def is_default(self, path: str) -> bool:
        """Tell whether a reset would change nothing."""
        return path not in self._problems and self.shown_value(path) == self._fields[path].default

    def restart_needed(self, path: str) -> str:
        """Return what must start again before a changed value takes effect: `engines`, `sound`, `app` or nothing."""
        field = self._fields[path]
        return field.restart if field.restart and path in self._running and self._running[path] != field.value else ""

    def set_value(self, path: str, value: Any) -> None:
        """Take what is typed: a good value is applied when the typing pauses, a bad one gets a sentence."""
        field = self._fields.get(path)
        if field is None or field.is_overridden:
            return
        self._typed[path] = value
        problem = self._check(path, value)
        if problem:
            self._problems[path] = problem
        else:
            self._problems.pop(path, None)
            self._timer.start()
        self.field_changed.emit(path)

    def apply(self) -> None:
        """Apply at once what is typed and good."""
        self._timer.stop()
        for path, value in tuple(self._typed.items()):
            if path not in self._problems:
                self._apply_one(path, value)

    def reset(self, path: str) -> None:
        """Bring one setting back to its default."""
        self._forget((path,))
        self._command(lambda: self._bridge.settings.reset(path))

    def reset_part(self, part: str) -> None:
        """Bring a whole page back to its defaults, as one step."""
        self._forget(tuple(field.path for field in self.fields_of(part)))
        self._command(lambda: self._bridge.settings.reset(part))

    def undo(self) -> None:
        """Take back the last step."""
        self.apply()
        self._command(self._bridge.settings.undo)

    def redo(self) -> None:
        """Make the last undone step again."""
        self.apply()
        self._command(self._bridge.settings.redo)

    def _check(self, path: str, value: Any) -> str:
        """Return what is wrong with a value. Parts of integrations are checked by the service when applied."""
        if path.startswith(f"{INTEGRATIONS}."):
            return ""
        try:
            self._tree.changed(self._bridge.settings.current, {path: value})
        except InputError as error:
            return error.sentence
        return ""

    def _apply_one(self, path: str, value: Any) -> None:
        def on_done(_nothing: None) -> None:
            if self._typed.get(path) == value:
                self._typed.pop(path, None)
            self.refresh()

        def on_failed(error: VoxelleError) -> None:
            if self._typed.get(path) == value:
                self._problems[path] = error.sentence
                self.field_changed.emit(path)

        self._bridge.run(lambda: self._bridge.settings.change(path, value), for_owner(self, on_done), for_owner(self, on_failed))

    def _forget(self, paths: Sequence[str]) -> None:
        for path in paths:
            self._typed.pop(path, None)
            self._problems.pop(path, None)
            self.field_changed.emit(path)

    def _command(self, start: Callable[[], Coroutine[Any, Any, object]]) -> None:
        self._bridge.run(start, self._on_command_done, self._on_command_failed)

    def _on_command_done(self, _result: object) -> None:
        self.refresh()

    def _on_command_failed(self, error: VoxelleError) -> None:
        self.failed.emit(error.sentence)
        self.refresh()

    def _on_settings_changed(self, _event: SettingsChanged) -> None:
        if self.is_loaded:
            self.refresh()

    def _on_engine_changed(self, event: EngineChanged) -> None:
        """An engine that loads uses the settings as they are now."""
        if event.status.state is not EngineState.LOADING:
            return
        what = "sound" if event.status.stage == SOUND_STAGE else "engines"
        for path, field in self._fields.items():
            if field.restart == what and self._running.get(path) != field.value:
                self._running[path] = field.value
                self.field_changed.emit(path)

    def _take_all(self, snapshot: Snapshot) -> None:
        old, is_first = self._fields, not self._fields
        self._fields = {field.path: field for field in snapshot.fields}
        self._tree = SettingsTree(self._fields, {})
        for path, field in self._fields.items():
            self._running.setdefault(path, field.value)
        self.can_undo, self.can_redo = snapshot.can_undo, snapshot.can_redo
        self.is_loaded = True
        if is_first or list(old) != list(self._fields):
            self.loaded.emit()
        else:
            for path, field in self._fields.items():
                if old[path] != field:
                    self.field_changed.emit(path)
        self.history_changed.emit()

    def _on_refresh_failed(self, error: VoxelleError) -> None:
        self.error = error.sentence
        self.is_loaded = True
        self.loaded.emit()
