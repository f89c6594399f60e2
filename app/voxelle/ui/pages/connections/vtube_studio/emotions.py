"""What the loaded model does at which emotion: edited here, saved at a press."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QWidget

from voxelle.ui.models.avatar import AvatarModel
from voxelle.ui.pages.connections.vtube_studio.deeds import Abilities, abilities_of
from voxelle.ui.pages.connections.vtube_studio.emotion_row import NEW_ROW, EmotionRowEditor
from voxelle.ui.pages.connections.vtube_studio.outcome import Outcome
from voxelle.ui.pages.connections.vtube_studio.report import ReportCard
from voxelle.ui.pages.connections.vtube_studio.silent import SilentCards
from voxelle.ui.pages.controls import StatePane, clear_layout, column, row, scrolling
from voxelle.ui.text import one_line
from voxelle.ui.theme import Space, TextRole, current_theme
from voxelle.ui.widgets.buttons import IconButton
from voxelle.ui.widgets.flow import FlowLayout
from voxelle.ui.widgets.labels import label
from voxelle.ui.widgets.yielding import Yielding

LARGEST_FILE = 1_000_000
_MOST_ROWS = 60
_NAME_LIMIT = 80


def choose_file(parent: QWidget) -> str:
    """Ask for a hotkey file; empty when the streamer changed their mind."""
    title = parent.tr("Import a hotkey file")
    return QFileDialog.getOpenFileName(parent, title, "", f"{parent.tr('Hotkey files')} (*.json *.jsonc *.txt);;* (*)")[0]


class EmotionsTab(QWidget):
    """What is typed is kept for each model until it is saved or taken back."""

    def __init__(self, avatar: AvatarModel, ask_file: Callable[[QWidget], str] = choose_file) -> None:
        super().__init__()
        self._avatar = avatar
        self.ask_file = ask_file
        self._drafts: dict[str, Mapping[str, Any]] = {}
        self._base: Mapping[str, Any] = {}
        self._abilities = Abilities()
        self._model_id = ""
        self._kept: Mapping[str, Any] = {}
        self.rows: list[EmotionRowEditor] = []
        self.default_row = EmotionRowEditor({}, self._abilities, is_default=True)
        self.silent = SilentCards()
        self.silent.changed.connect(self._on_changed)
        self.silent.tested.connect(self._on_tested)
        self.outcome = Outcome()
        self.report = ReportCard()
        self.heading = label(tone="muted", wraps=True)
        self.save_button = IconButton("check", self.tr("Save"), "primary")
        self.save_button.clicked.connect(self._on_save)
        self.discard_button = IconButton("undo", self.tr("Take back"))
        self.discard_button.clicked.connect(self._on_discard)
        self.suggest_button = IconButton("search", self.tr("Suggest from the model's names"))
        self.suggest_button.clicked.connect(lambda: self._ask("suggest_mapping", {}, self._on_suggested))
        self.import_button = IconButton("download", self.tr("Import …"))
        self.import_button.clicked.connect(self._on_import)
        self.add_button = IconButton("add", self.tr("Add a row"))
        self.add_button.clicked.connect(self._on_add)
        self._build()
        avatar.changed.connect(self._show)
        avatar.kept_changed.connect(self._show)
        self._show()

    @property
    def mapping(self) -> dict[str, Any]:
        """What is on screen, as plain values."""
        default = self.default_row.value
        return {
            **self._base,
            "model_name": self._avatar.snapshot.model_name[:200] or self._base.get("model_name", ""),
            "rows": [each.value for each in self.rows],
            "default": default if default["deeds"] else None,
            **self.silent.value,
        }

    @property
    def is_dirty(self) -> bool:
        """Whether something is not saved."""
        return self._model_id in self._drafts

    def _build(self) -> None:
        head = QWidget()
        flow = FlowLayout(head, current_theme().px(Space.S))
        for button in (self.suggest_button, self.import_button):
            flow.addWidget(button)
        content = Yielding()
        lines = column(content, spacing=Space.M)
        for each in (self.heading, head, self.report):
            lines.addWidget(each)
        self._rows = column(spacing=Space.S)
        lines.addLayout(self._rows)
        lines.addLayout(row(self.add_button, None))
        self._default = column()
        self._default.addWidget(self.default_row)
        lines.addLayout(self._default)
        lines.addWidget(label(self.tr("Alive when silent"), TextRole.HEADING))
        lines.addWidget(self.silent)
        lines.addStretch(1)
        whole = QWidget()
        parts = column(whole)
        parts.addWidget(scrolling(content), 1)
        foot = row(self.save_button, self.discard_button)
        said = QWidget()
        column(said).addWidget(self.outcome.label)
        foot.addWidget(said, 1)
        parts.addLayout(foot)
        self.pane = StatePane(whole)
        column(self).addWidget(self.pane)

    def _show(self) -> None:
        snapshot = self._avatar.snapshot
        if not snapshot.model_id:
            self.pane.show_message(
                self.tr("No model is loaded"), self.tr("Connect to VTube Studio and load a model: each has emotions of its own.")
            )
            return
        self.pane.show_content()
        abilities, kept = abilities_of(snapshot), self._avatar.mapping()
        is_same_place = snapshot.model_id == self._model_id and abilities == self._abilities
        if is_same_place and (kept == self._kept or self.is_dirty or kept == self.mapping):
            self._kept = kept
        else:
            self._model_id, self._abilities, self._kept = snapshot.model_id, abilities, kept
            self._draw(self._drafts.get(self._model_id, kept))
        self._enable()

    def _draw(self, mapping: Mapping[str, Any]) -> None:
        self._base = mapping
        clear_layout(self._rows)
        clear_layout(self._default)
        self.rows = [self._made(values) for values in mapping.get("rows", ())]
        for each in self.rows:
            self._rows.addWidget(each)
        default = mapping.get("default") or {}
        self.default_row = EmotionRowEditor(default, self._abilities, is_default=True)
        self.default_row.changed.connect(self._on_changed)
        self.default_row.tested.connect(self._on_tested)
        self._default.addWidget(self.default_row)
        self.silent.draw(mapping, self._abilities)

    def _made(self, values: Mapping[str, Any]) -> EmotionRowEditor:
        made = EmotionRowEditor(values, self._abilities)
        made.changed.connect(self._on_changed)
        made.tested.connect(self._on_tested)
        made.moved.connect(partial(self._on_moved, made))
        made.removed.connect(partial(self._on_removed, made))
        return made

    def _enable(self) -> None:
        name = one_line(self._avatar.snapshot.model_name, _NAME_LIMIT)
        if self.is_dirty:
            state = self.tr("There is something to save.")
        elif self._kept:
            state = self.tr("The first row that fits serves.")
        else:
            state = self.tr("Nothing is saved yet: what the names of its hotkeys suggest serves meanwhile.")
        self.heading.setText(self.tr("What “{model}” does when an emotion is heard. {state}").format(model=name, state=state))
        self.save_button.setEnabled(self.is_dirty)
        self.discard_button.setEnabled(self.is_dirty)
        is_ready = self._avatar.is_ready
        self.suggest_button.setEnabled(is_ready)
        self.import_button.setEnabled(is_ready)
        self.add_button.setEnabled(len(self.rows) < _MOST_ROWS)
        for number, each in enumerate(self.rows):
            each.up_button.setEnabled(number > 0)
            each.down_button.setEnabled(number < len(self.rows) - 1)

    def _on_changed(self) -> None:
        self._drafts[self._model_id] = self.mapping
        self.outcome.say("")
        self._enable()

    def _on_add(self) -> None:
        made = self._made(NEW_ROW)
        self.rows.append(made)
        self._rows.addWidget(made)
        self._on_changed()
        made.choose_button.setFocus()

    def _on_moved(self, editor: EmotionRowEditor, step: int) -> None:
        place = self.rows.index(editor)
        self.rows.insert(place + step, self.rows.pop(place))
        self._rows.removeWidget(editor)
        self._rows.insertWidget(place + step, editor)
        self._on_changed()
        button = editor.up_button if step < 0 else editor.down_button
        (button if button.isEnabled() else editor.choose_button).setFocus()

    def _on_removed(self, editor: EmotionRowEditor) -> None:
        self.rows.remove(editor)
        editor.hide()
        editor.deleteLater()
        self._on_changed()

    def _on_discard(self) -> None:
        self._drafts.pop(self._model_id, None)
        self.report.hide()
        self._draw(self._kept)
        self._enable()

    def _on_tested(self, deed: dict[str, Any]) -> None:
        self._ask("play_deed", {"deed": deed}, lambda _answer: None)

    def _on_save(self) -> None:
        model_id, mapping = self._model_id, self.mapping
        self._ask("save_mapping", {"model_id": model_id, "mapping": mapping}, partial(self._on_saved, model_id, mapping))

    def _on_saved(self, model_id: str, mapping: Mapping[str, Any], _answer: Any) -> None:
        if self._drafts.get(model_id) == mapping:
            del self._drafts[model_id]
        self.outcome.say(self.tr("Saved."))
        self._enable()

    def _on_suggested(self, mapping: Mapping[str, Any]) -> None:
        self._take(mapping)
        self.outcome.say(self.tr("{count} rows suggested. Look at them, then save.").format(count=len(self.rows)), "info")

    def _on_import(self) -> None:
        path = self.ask_file(self)
        if not path:
            return
        try:
            text = Path(path).read_bytes()[: LARGEST_FILE + 1].decode("utf-8-sig")
        except (OSError, UnicodeDecodeError):
            self.outcome.say(self.tr("This file can't be read as text."), "danger")
            return
        if len(text) > LARGEST_FILE:
            self.outcome.say(self.tr("This file is too large for a hotkey file."), "danger")
            return
        self._ask("import_mapping", {"text": text}, self._on_imported)

    def _on_imported(self, answer: Mapping[str, Any]) -> None:
        found = answer["mapping"]
        self._take({**self.mapping, "rows": found["rows"], "default": found.get("default")})
        self.report.show_rows(answer["rows"])

    def _take(self, mapping: Mapping[str, Any]) -> None:
        self.report.hide()
        self._draw(mapping)
        self._on_changed()

    def _ask(self, action: str, arguments: Mapping[str, Any], done: Callable[[Any], None]) -> None:
        self.outcome.say("")
        self._avatar.perform(action, arguments, done, self.outcome.refuse)
