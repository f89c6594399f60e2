"""Where the model stands, its tint, and the items we put there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from PySide6.QtWidgets import QLineEdit, QWidget

from voxelle.ui.models.avatar import AvatarModel
from voxelle.ui.pages.connections.vtube_studio.outcome import Outcome
from voxelle.ui.pages.connections.vtube_studio.tint import TintCard
from voxelle.ui.pages.controls import clear_layout, column, folding_row, row, scrolling
from voxelle.ui.text import one_line
from voxelle.ui.theme import Space
from voxelle.ui.widgets.buttons import IconButton
from voxelle.ui.widgets.card import Card
from voxelle.ui.widgets.labels import ElidedLabel, label
from voxelle.ui.widgets.yielding import Yielding

_FOLDS_AT = 400
_LONGEST_NAME = 60
_LONGEST_FILE = 200
_FULL = 255


class StageTab(QWidget):
    """Places to go to and to keep; tint and items."""

    def __init__(self, avatar: AvatarModel) -> None:
        super().__init__()
        self._avatar = avatar
        self.outcome = Outcome()
        self.go_buttons: dict[str, IconButton] = {}
        self.keep_buttons: dict[str, IconButton] = {}
        self.name = QLineEdit()
        self.name.setMaxLength(_LONGEST_NAME)
        self.name.setPlaceholderText(self.tr("Name of a new place"))
        self.name.setAccessibleName(self.tr("Name of a new place"))
        self.name.textChanged.connect(self._enable)
        self.name.returnPressed.connect(self._on_add)
        self.add_button = IconButton("add", self.tr("Keep where she stands"))
        self.add_button.clicked.connect(self._on_add)
        self.tint = TintCard(self._on_tint)
        self.item = QLineEdit()
        self.item.setMaxLength(_LONGEST_FILE)
        self.item.setPlaceholderText(self.tr("File of VTube Studio's items folder"))
        self.item.setAccessibleName(self.tr("Item's file"))
        self.item.textChanged.connect(self._enable)
        self.item.returnPressed.connect(self._on_load)
        self.load_button = IconButton("add", self.tr("Load"))
        self.load_button.clicked.connect(self._on_load)
        self.unload_button = IconButton("delete", self.tr("Take our items away"))
        self.unload_button.clicked.connect(lambda: self._perform("unload_items", {}, self.tr("Our items are gone.")))
        self._build()
        avatar.kept_changed.connect(self._build_places)
        avatar.changed.connect(self._enable)
        self._build_places()

    def _build(self) -> None:
        content = Yielding()
        cards = column(content, spacing=Space.M)
        places, items = Card(), Card()
        places.set_title(self.tr("Places"))
        places.body.addWidget(label(self.tr("Where the model can stand. She moves there smoothly."), tone="muted", wraps=True))
        self._places = column(spacing=Space.XS)
        places.body.addLayout(self._places)
        line = folding_row(places, _FOLDS_AT)
        line.addWidget(self.name, 1)
        line.addWidget(self.add_button)
        places.body.addLayout(line)
        items.set_title(self.tr("Items"))
        line = folding_row(items, _FOLDS_AT)
        line.addWidget(self.item, 1)
        line.addWidget(self.load_button)
        items.body.addLayout(line)
        items.body.addLayout(row(self.unload_button, None))
        for each in (places, self.tint, items):
            cards.addWidget(each)
        cards.addStretch(1)
        whole = column(self)
        whole.addWidget(scrolling(content), 1)
        whole.addWidget(self.outcome.label)

    def _build_places(self) -> None:
        clear_layout(self._places)
        self.go_buttons = {}
        self.keep_buttons = {}
        for preset in self._avatar.presets:
            name = str(preset["name"])
            shown = one_line(name, _LONGEST_NAME)
            go = IconButton("play", self.tr("Go there"))
            go.setAccessibleDescription(shown)
            go.clicked.connect(partial(self._perform, "go_to_preset", {"name": name}, ""))
            keep = IconButton("edit", self.tr("Put it here"), "quiet")
            keep.setAccessibleDescription(self.tr("Put “{name}” where she stands now").format(name=shown))
            kept = self.tr("“{name}” is now where she stands.").format(name=shown)
            keep.clicked.connect(partial(self._perform, "save_preset", {"name": name}, kept))
            self.go_buttons[name], self.keep_buttons[name] = go, keep
            made = QWidget()
            line = folding_row(made, _FOLDS_AT, is_layout_of=True)
            line.setContentsMargins(0, 0, 0, 0)
            line.addWidget(ElidedLabel(shown), 1)
            line.addWidget(go)
            line.addWidget(keep)
            self._places.addWidget(made)
        self._enable()

    def _enable(self) -> None:
        is_ready = self._avatar.is_ready
        for each in (*self.go_buttons.values(), *self.keep_buttons.values(), self.unload_button):
            each.setEnabled(is_ready)
        self.tint.enable(is_ready=is_ready)
        self.add_button.setEnabled(is_ready and bool(self.name.text().strip()))
        self.load_button.setEnabled(is_ready and bool(self.item.text().strip()))

    def _on_add(self) -> None:
        if self.add_button.isEnabled():
            self._perform("save_preset", {"name": self.name.text().strip()}, self.tr("Kept."))
            self.name.clear()

    def _on_load(self) -> None:
        if self.load_button.isEnabled():
            self._perform("load_item", {"file": self.item.text().strip()}, self.tr("Loaded."))

    def _on_tint(self, colour: Mapping[str, int], done: Callable[[], None]) -> None:
        def on_done(_answer: Any) -> None:
            done()
            is_off = min(colour.values()) == _FULL
            self.outcome.say(self.tr("The tint is off.") if is_off else self.tr("Tinted."))

        self.outcome.say("")
        self._avatar.perform("tint", colour, on_done, self.outcome.refuse)

    def _perform(self, action: str, arguments: dict[str, Any], done: str, *_checked: bool) -> None:
        self.outcome.say("")
        self._avatar.perform(action, arguments, lambda _answer: self.outcome.say(done), self.outcome.refuse)
