"""One connection in the list: what it is, its light, and its switch."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy

from voxelle.kernel.paths import resource
from voxelle.ui.models.connections import ConnectionCard
from voxelle.ui.pages.connections.wording import level_look
from voxelle.ui.pages.controls import column
from voxelle.ui.theme import Space, TextRole, Theme, current_theme
from voxelle.ui.widgets.labels import ElidedLabel, label
from voxelle.ui.widgets.status_chip import StatusChip
from voxelle.ui.widgets.switch import Switch


class ConnectionEntry(QPushButton):
    """Pressing it chooses the connection; `switched` says what the streamer wants of its switch."""

    switched = Signal(bool)

    def __init__(self, card: ConnectionCard) -> None:
        super().__init__()
        theme = current_theme()
        Theme.style_as(self, "entry")
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._icon_name = icon_name(card)
        self._icon = QLabel()
        self._title = ElidedLabel("", TextRole.STRONG)
        self.chip = StatusChip()
        self.switch = Switch(self.tr("{title} on").format(title=card.title))
        self.switch.clicked.connect(self.switched)
        summary = label(card.summary, TextRole.SMALL, "muted", wraps=True)
        words = column(spacing=Space.XS)
        words.addWidget(self._title)
        words.addWidget(self.chip, 0, Qt.AlignmentFlag.AlignLeft)
        for each in (self._icon, self._title, self.chip, summary):
            each.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._head = QHBoxLayout()
        self._head.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        self._head.addLayout(words, 1)
        self._head.addWidget(self.switch, 0, Qt.AlignmentFlag.AlignTop)
        self._column = column(self, spacing=Space.XS)
        self._column.addLayout(self._head)
        self._column.addWidget(summary)
        theme.changed.connect(self._fit)
        self._fit()
        self.show_card(card)

    def show_card(self, card: ConnectionCard) -> None:
        """Show another state."""
        word, tone = level_look(card.level)
        self._title.setText(card.title)
        self.chip.show_state(word, tone)
        self.switch.setVisible(card.has_switch)
        self.switch.setChecked(card.is_on)
        self.switch.setEnabled(not card.is_busy)
        self.setAccessibleName(f"{card.title}: {word}")
        self.setAccessibleDescription(f"{card.summary} {card.sentence}".strip())

    def sizeHint(self) -> QSize:
        """Qt: a button with a layout asks the layout."""
        return self._column.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Qt: as above."""
        return self._column.minimumSize()

    def hasHeightForWidth(self) -> bool:
        """Qt: the summary wraps."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Qt: as high as the words need."""
        return self._column.heightForWidth(width)

    def _fit(self) -> None:
        theme = current_theme()
        self._column.setContentsMargins(theme.px(Space.M), theme.px(Space.S), theme.px(Space.S), theme.px(Space.S))
        self._head.setSpacing(theme.px(Space.S))
        self._icon.setPixmap(theme.icon(self._icon_name).pixmap(theme.px(20)))
        self.updateGeometry()


def icon_name(card: ConnectionCard) -> str:
    """Return the connection's icon, or the common one where its file is missing."""
    return card.icon if resource("icons", f"{card.icon}.svg").is_file() else "connections"
