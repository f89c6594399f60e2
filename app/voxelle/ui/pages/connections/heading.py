"""The head of a connection's panel: what it is, how it stands in a sentence, its switch and a restart."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel

from voxelle.ui.models.connections import ConnectionCard
from voxelle.ui.pages.connections.entry import icon_name
from voxelle.ui.pages.connections.wording import level_look
from voxelle.ui.pages.controls import column, icon_only, row
from voxelle.ui.text import one_line
from voxelle.ui.theme import Space, TextRole, Theme, current_theme
from voxelle.ui.widgets.labels import label
from voxelle.ui.widgets.status_chip import StatusChip
from voxelle.ui.widgets.switch import Switch


class PanelHeading(QFrame):
    """`switched(is_on)` and `restarted`: what the streamer wants."""

    switched = Signal(bool)
    restarted = Signal()

    def __init__(self) -> None:
        super().__init__()
        theme = current_theme()
        Theme.style_as(self, "card")
        self._card: ConnectionCard | None = None
        self._is_low = False
        self._icon = QLabel()
        self.title = label(role=TextRole.HEADING)
        self.chip = StatusChip()
        self.sentence = label(tone="muted", wraps=True)
        self.switch = Switch("")
        self.switch.clicked.connect(self.switched)
        self.restart_button = icon_only("refresh", self.tr("Restart"), "quiet")
        self.restart_button.clicked.connect(self.restarted)
        words = column(spacing=Space.XS)
        words.addLayout(row(self.title, self.chip, None))
        words.addWidget(self.sentence)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.px(Space.M), theme.px(Space.S), theme.px(Space.M), theme.px(Space.S))
        layout.setSpacing(theme.px(Space.M))
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(words, 1)
        layout.addWidget(self.restart_button, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.switch, 0, Qt.AlignmentFlag.AlignTop)
        theme.changed.connect(self._show_icon)

    def set_low(self, *, is_low: bool) -> None:
        """Where the window is low, a sentence is shown only if there is something to do about it."""
        self._is_low = is_low
        if self._card is not None:
            self.show_card(self._card)

    def show_card(self, card: ConnectionCard) -> None:
        """Show a connection, or its new state."""
        self._card = card
        word, tone = level_look(card.level)
        self.title.setText(card.title)
        self.chip.show_state(word, tone)
        self.sentence.setText(one_line(card.error or card.sentence) or card.summary)
        Theme.style_text(self.sentence, TextRole.SMALL if self._is_low else TextRole.BODY, "danger" if card.error else "muted")
        self.sentence.setVisible(bool(card.error) or not self._is_low or tone in {"warning", "danger"})
        name = self.tr("{title} on").format(title=card.title)
        self.switch.setAccessibleName(name)
        self.switch.setToolTip(name)
        self.switch.setVisible(card.has_switch)
        self.switch.setChecked(card.is_on)
        self.switch.setEnabled(not card.is_busy)
        restart = self.tr("Restart {title}").format(title=card.title)
        self.restart_button.set_face("refresh", restart)
        self.restart_button.setVisible(card.is_on)
        self.restart_button.setEnabled(not card.is_busy)
        self.setAccessibleName(f"{card.title}: {word}. {self.sentence.text()}")
        self._show_icon()

    def _show_icon(self) -> None:
        if self._card is not None:
            theme = current_theme()
            self._icon.setPixmap(theme.icon(icon_name(self._card)).pixmap(theme.px(24)))
