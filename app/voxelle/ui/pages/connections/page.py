"""The Connections page: all connections at the left, the chosen one at the right."""

from __future__ import annotations

from functools import partial

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QComboBox, QHBoxLayout, QStackedWidget, QWidget

from voxelle.ui.bridge import Bridge
from voxelle.ui.models.connections import ConnectionsModel
from voxelle.ui.models.settings import SettingsModel
from voxelle.ui.pages.connections.entry import ConnectionEntry
from voxelle.ui.pages.connections.heading import PanelHeading
from voxelle.ui.pages.connections.panels import PANELS, panel_for
from voxelle.ui.pages.controls import Notice, PageFrame, PageHeader, StatePane, clear_layout, column, scrolling
from voxelle.ui.theme import Space, current_theme

NARROW = 640
"""Below this width, at 100 % text size, the list becomes a drop-down."""
LIST_WIDTH = 216
LOW = 360
"""Below this height the chosen connection needs all the room."""


class ConnectionsPage(PageFrame):
    """Drawn from the declarations; only the table of panels knows a connection by name."""

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self._bridge = bridge
        self.model = ConnectionsModel(bridge, self)
        self.settings = SettingsModel(bridge, self)
        self.setAccessibleName(self.tr("Connections"))
        self.entries: dict[str, ConnectionEntry] = {}
        self._panels: dict[str, QWidget] = {}
        self.chosen = ""
        self._build()
        self.model.loaded.connect(self._on_loaded)
        self.model.card_changed.connect(self._on_card_changed)
        self.settings.failed.connect(self.notice.say)
        self._ask()

    def panel(self, connection: str) -> QWidget:
        """Return a connection's panel, made now if it was never looked at."""
        made = self._panels.get(connection)
        if made is None:
            made = panel_for(self._bridge, self.model, self.settings, connection)
            self._panels[connection] = made
            self._stack.addWidget(made)
        return made

    def choose(self, connection: str) -> None:
        """Look at a connection."""
        if connection not in self.entries:
            return
        self.chosen = connection
        self.entries[connection].setChecked(True)
        self.drop_down.setCurrentIndex(self.drop_down.findData(connection))
        self.heading.show_card(self.model.card(connection))
        self._stack.setCurrentWidget(self.panel(connection))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: the list gives way when there is little room."""
        super().resizeEvent(event)
        self._fit()

    def _build(self) -> None:
        theme = current_theme()
        self.notice = Notice()
        self.drop_down = QComboBox()
        self.drop_down.setAccessibleName(self.tr("Connection"))
        self.drop_down.activated.connect(lambda position: self.choose(self.drop_down.itemData(position)))
        self._group = QButtonGroup(self)
        entries = QWidget()
        self._list = column(entries, spacing=Space.S)
        self._list_area = scrolling(entries)
        self._list_area.setAccessibleName(self.tr("All connections"))
        self.heading = PanelHeading()
        self.heading.switched.connect(lambda is_on: self.model.switch(self.chosen, is_on=is_on))
        self.heading.restarted.connect(lambda: self.model.restart(self.chosen))
        self._stack = QStackedWidget()
        right = column(spacing=Space.M)
        right.addWidget(self.drop_down)
        right.addWidget(self.heading)
        right.addWidget(self._stack, 1)
        content = QWidget()
        beside = QHBoxLayout(content)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(theme.px(Space.L))
        beside.addWidget(self._list_area)
        beside.addLayout(right, 1)
        self.pane = StatePane(content)
        self.pane.asked.connect(self._ask)
        self._header = PageHeader(self.tr("Connections"), self.tr("Where she hears from, and what she moves."))
        self.column.addWidget(self._header)
        self.column.addWidget(self.notice)
        self.column.addWidget(self.pane, 1)

    def _ask(self) -> None:
        self.pane.show_loading(self.tr("Looking at the connections …"))
        self.model.refresh()
        self.settings.refresh()

    def _fit(self) -> None:
        theme = current_theme()
        is_narrow = self.width() < theme.px(NARROW)
        self._list_area.setVisible(not is_narrow)
        self._list_area.setFixedWidth(theme.px(LIST_WIDTH))
        self.drop_down.setVisible(is_narrow)
        is_low = self.height() < theme.px(LOW)
        self._header.setVisible(not is_low)
        self.heading.set_low(is_low=is_low)

    def _on_loaded(self) -> None:
        if self.model.error:
            self.pane.show_message(self.tr("The connections could not be asked"), self.model.error, self.tr("Try again"))
        elif not self.model.is_available:
            self.pane.show_message(self.tr("No connections here"), self.tr("This show runs without any."))
        elif not self.model.cards:
            self.pane.show_message(self.tr("No connections are installed"), button=self.tr("Look again"))
        else:
            self._build_list()
            self.pane.show_content()

    def _build_list(self) -> None:
        clear_layout(self._list)
        self.drop_down.clear()
        self.entries = {}
        for card in self.model.cards:
            entry = ConnectionEntry(card)
            entry.clicked.connect(partial(self.choose, card.id))
            entry.switched.connect(partial(self._on_switched, card.id))
            self._group.addButton(entry)
            self._list.addWidget(entry)
            self.entries[card.id] = entry
            self.drop_down.addItem(card.title, card.id)
        self._list.addStretch(1)
        self._fit()
        first = next((each for each in self.entries if each in PANELS), self.model.cards[0].id)
        self.choose(self.chosen if self.chosen in self.entries else first)

    def _on_switched(self, connection: str, is_on: bool) -> None:  # noqa: FBT001  # Qt's signature
        self.model.switch(connection, is_on=is_on)

    def _on_card_changed(self, connection: str) -> None:
        if connection in self.entries:
            self.entries[connection].show_card(self.model.card(connection))
        if connection == self.chosen:
            self.heading.show_card(self.model.card(connection))
