"""What the model does while she says nothing: now and then, while somebody speaks to her, while she thinks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from voxelle.ui.pages.connections.vtube_studio.deeds import NEW_DEED, Abilities, DeedLine
from voxelle.ui.pages.controls import clear_layout, column, row
from voxelle.ui.theme import Space, TextRole
from voxelle.ui.widgets.buttons import IconButton
from voxelle.ui.widgets.card import Card
from voxelle.ui.widgets.labels import label

_MOST_MOTIONS = 20


class DeedsCard(Card):
    """Deeds for one occasion, `most` of them. `changed`: by the streamer; `tested(deed)` from a line."""

    changed = Signal()
    tested = Signal(dict)

    def __init__(self, title: str, sentence: str, most: int) -> None:
        super().__init__()
        self._most = most
        self._abilities = Abilities()
        self.set_title(title)
        self.lines: list[DeedLine] = []
        self._place = column(spacing=Space.XS)
        self.add_button = IconButton("add", self.tr("Add"), "quiet")
        self.add_button.setAccessibleDescription(self.tr("Add something to “{title}”").format(title=title))
        self.add_button.clicked.connect(self._on_add)
        self.body.addWidget(label(sentence, TextRole.SMALL, "muted", wraps=True))
        self.body.addLayout(self._place)
        self.body.addLayout(row(self.add_button, None))

    @property
    def deeds(self) -> list[dict[str, Any]]:
        """Those that are chosen."""
        return [each.deed for each in self.lines if each.is_chosen]

    def draw(self, deeds: Sequence[Mapping[str, Any]], abilities: Abilities) -> None:
        """Show these instead."""
        self._abilities = abilities
        clear_layout(self._place)
        self.lines = []
        for deed in deeds:
            self._add(deed)
        self._enable()

    def _add(self, deed: Mapping[str, Any]) -> DeedLine:
        line = DeedLine(deed, self._abilities, is_alone=self._most == 1)
        line.changed.connect(self.changed)
        line.tested.connect(self.tested)
        line.removed.connect(partial(self._on_removed, line))
        self.lines.append(line)
        self._place.addWidget(line)
        return line

    def _enable(self) -> None:
        self.add_button.setVisible(len(self.lines) < self._most)

    def _on_add(self) -> None:
        self._add(NEW_DEED).choice.setFocus()
        self._enable()

    def _on_removed(self, line: DeedLine) -> None:
        self.lines.remove(line)
        line.hide()
        line.deleteLater()
        self._enable()
        self.add_button.setFocus()
        self.changed.emit()


class SilentCards(QWidget):
    """`changed`: by the streamer; `tested(deed)` from a line."""

    changed = Signal()
    tested = Signal(dict)

    def __init__(self) -> None:
        super().__init__()
        self.idle = DeedsCard(
            self.tr("While nothing happens"), self.tr("Now and then one of these; how often is set under Settings."), _MOST_MOTIONS
        )
        self.listening = DeedsCard(self.tr("While somebody speaks to her"), self.tr("Begins and ends with the speaking."), 1)
        self.thinking = DeedsCard(self.tr("While she thinks"), self.tr("Until her first word is heard."), 1)
        lines = column(self, spacing=Space.S)
        for card in (self.idle, self.listening, self.thinking):
            card.changed.connect(self.changed)
            card.tested.connect(self.tested)
            lines.addWidget(card)

    @property
    def value(self) -> dict[str, Any]:
        """The part of the mapping, as plain values."""
        listening, thinking = self.listening.deeds, self.thinking.deeds
        return {
            "idle": self.idle.deeds,
            "listening": listening[0] if listening else None,
            "thinking": thinking[0] if thinking else None,
        }

    def draw(self, mapping: Mapping[str, Any], abilities: Abilities) -> None:
        """Show that of a mapping."""
        self.idle.draw(mapping.get("idle") or (), abilities)
        for card, name in ((self.listening, "listening"), (self.thinking, "thinking")):
            deed = mapping.get(name)
            card.draw((deed,) if deed else (), abilities)
