"""What the loaded model can do: its hotkeys and expressions, each with a button to see it."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from voxelle.domain.avatar import AvatarExpression, AvatarHotkey
from voxelle.ui.models.avatar import AvatarModel
from voxelle.ui.pages.connections.vtube_studio.outcome import Outcome
from voxelle.ui.pages.connections.vtube_studio.wording import hotkey_title
from voxelle.ui.pages.controls import StatePane, clear_layout, column, folding_row, icon_only, scrolling
from voxelle.ui.text import one_line
from voxelle.ui.theme import Space, TextRole, current_theme
from voxelle.ui.widgets.buttons import IconButton
from voxelle.ui.widgets.card import Card
from voxelle.ui.widgets.labels import ElidedLabel, label
from voxelle.ui.widgets.switch import Switch
from voxelle.ui.widgets.yielding import Yielding

_FOLDS_AT = 560
_NAME_LIMIT = 100


class AbilitiesTab(QWidget):
    """Lists of the model, or why there are none."""

    def __init__(self, avatar: AvatarModel) -> None:
        super().__init__()
        self._avatar = avatar
        self._shown: tuple[Any, ...] | None = None
        self.outcome = Outcome()
        self.play_buttons: list[IconButton] = []
        self.switches: dict[str, Switch] = {}
        content = Yielding()
        lines = column(content, spacing=Space.M)
        pair = folding_row(content, _FOLDS_AT)
        pair.setSpacing(current_theme().px(Space.M))
        self._hotkeys_card, self._hotkeys = self._card(self.tr("Hotkeys"))
        self._expressions_card, self._expressions = self._card(self.tr("Expressions"))
        pair.addWidget(self._hotkeys_card, 1)
        pair.addWidget(self._expressions_card, 1)
        lines.addLayout(pair)
        lines.addStretch(1)
        self.pane = StatePane(scrolling(content))
        whole = column(self)
        whole.addWidget(self.pane, 1)
        whole.addWidget(self.outcome.label)
        avatar.changed.connect(self._show)
        self._show()

    @staticmethod
    def _card(title: str) -> tuple[Card, QVBoxLayout]:
        card = Card()
        card.set_title(title)
        lines = column(spacing=Space.XS)
        card.body.addLayout(lines)
        card.body.addStretch(1)
        return card, lines

    def _show(self) -> None:
        snapshot = self._avatar.snapshot
        if not self._avatar.is_ready:
            self.pane.show_message(self.tr("Not connected"), self.tr("The Overview says what is missing."))
            return
        if not snapshot.model_id:
            self.pane.show_message(self.tr("No model is loaded"), self.tr("Load one in VTube Studio: it is shown here at once."))
            return
        self.pane.show_content()
        if (snapshot.hotkeys, snapshot.expressions) == self._shown:
            return
        names = tuple((each.file, each.name) for each in snapshot.expressions)
        if self._shown is None or snapshot.hotkeys != self._shown[0] or names != tuple((each.file, each.name) for each in self._shown[1]):
            self._build()
        self._shown = (snapshot.hotkeys, snapshot.expressions)
        for each in snapshot.expressions:
            self.switches[each.file].setChecked(each.is_active)

    def _build(self) -> None:
        clear_layout(self._hotkeys)
        clear_layout(self._expressions)
        self.play_buttons = []
        self.switches = {}
        snapshot = self._avatar.snapshot
        self._hotkeys_card.note.setText(f"{len(snapshot.hotkeys)}")
        self._expressions_card.note.setText(f"{len(snapshot.expressions)}")
        for hotkey in snapshot.hotkeys:
            self._hotkeys.addWidget(self._hotkey_row(hotkey))
        for expression in snapshot.expressions:
            self._expressions.addWidget(self._expression_row(expression))
        if not snapshot.hotkeys:
            self._hotkeys.addWidget(label(self.tr("This model has no hotkeys."), tone="muted", wraps=True))
        if not snapshot.expressions:
            self._expressions.addWidget(label(self.tr("This model has no expressions."), tone="muted", wraps=True))

    def _hotkey_row(self, hotkey: AvatarHotkey) -> QWidget:
        name = one_line(hotkey.name, _NAME_LIMIT) or self.tr("Without a name")
        button = icon_only("play", self.tr("Play “{name}”").format(name=name))
        button.clicked.connect(partial(self._perform, "play_hotkey", {"id": hotkey.id}))
        self.play_buttons.append(button)
        return _line(name, one_line(hotkey_title(hotkey.kind), _NAME_LIMIT), button)

    def _expression_row(self, expression: AvatarExpression) -> QWidget:
        name = one_line(expression.name, _NAME_LIMIT) or one_line(expression.file, _NAME_LIMIT)
        switch = Switch(self.tr("Expression “{name}”").format(name=name))
        switch.clicked.connect(lambda is_on: self._perform("set_expression", {"file": expression.file, "active": is_on}))
        self.switches[expression.file] = switch
        return _line(name, one_line(expression.file, _NAME_LIMIT), switch)

    def _perform(self, action: str, arguments: dict[str, Any], *_checked: bool) -> None:
        self.outcome.say("")
        self._avatar.perform(action, arguments, None, self._on_refused)

    def _on_refused(self, error: Any) -> None:
        self.outcome.refuse(error)
        for each in self._avatar.snapshot.expressions:  # a switch that could not be thrown goes back
            if each.file in self.switches:
                self.switches[each.file].setChecked(each.is_active)


def _line(name: str, detail: str, control: QWidget) -> QWidget:
    made = QWidget()
    layout = QHBoxLayout(made)
    layout.setContentsMargins(0, 0, 0, 0)
    words = column(spacing=0)
    words.addWidget(ElidedLabel(name))
    if detail and detail != name:
        words.addWidget(ElidedLabel(detail, TextRole.SMALL, "muted"))
    layout.addLayout(words, 1)
    layout.addWidget(control)
    return made
