"""Events: the list with its filter and the commands on the chosen one, or why it is empty."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from voxelle.ui.bridge import Bridge
from voxelle.ui.models.channel_events import ChannelEventsModel, EventFilter, ShownEvents
from voxelle.ui.models.event_kinds import EventGroup, group_title
from voxelle.ui.theme import Space, TextRole, current_theme
from voxelle.ui.widgets.buttons import IconButton
from voxelle.ui.widgets.empty_state import EmptyState
from voxelle.ui.widgets.event_list import EventList
from voxelle.ui.widgets.labels import ElidedLabel

_NARROW = 560


class EventFeed(QWidget):
    """Shows the events of one connection, or with no `source` those of all."""

    def __init__(self, bridge: Bridge, source: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = ChannelEventsModel(bridge, source, self)
        self.shown = ShownEvents(self.model, self)
        self.view = EventList(self.model, self.shown)
        self.filters = QComboBox()
        self.filters.setAccessibleName(self.tr("Which events are shown"))
        for wanted in EventFilter:
            self.filters.addItem(self._filter_title(wanted), wanted.value)
        self.count = ElidedLabel("", TextRole.SMALL, "muted")
        self.acknowledge_button = IconButton("check", self.tr("Acknowledge"))
        self.react_button = IconButton("redo", self.tr("React again"))
        self._empty = EmptyState("events", "", "")
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.view)
        self._build()
        self.filters.currentIndexChanged.connect(self._on_filter_chosen)
        self.acknowledge_button.clicked.connect(self.view.acknowledge_current)
        self.react_button.clicked.connect(self.view.react_again)
        self.view.chosen.connect(self._show_commands)
        self.model.loaded.connect(self._show)
        self.model.counted.connect(self._show)
        self.model.load()
        self._show()
        self._show_commands()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: the buttons show their icons alone where it is narrow."""
        super().resizeEvent(event)
        is_narrow = self.width() < current_theme().px(_NARROW)
        for button in (self.acknowledge_button, self.react_button):
            button.set_compact(is_compact=is_narrow)

    def _build(self) -> None:
        theme = current_theme()
        head = QHBoxLayout()
        head.setSpacing(theme.px(Space.S))
        head.addWidget(self.filters)
        head.addWidget(self.count, 1)
        head.addWidget(self.acknowledge_button)
        head.addWidget(self.react_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(Space.S))
        column.addLayout(head)
        column.addWidget(self._stack, 1)

    def _on_filter_chosen(self) -> None:
        self.shown.show_only(EventFilter(self.filters.currentData()))
        self._show()
        self._show_commands()

    def _show(self) -> None:
        has_rows = self.shown.rowCount() > 0
        self._stack.setCurrentIndex(1 if has_rows else 0)
        total = self.model.rowCount()
        self.count.setText(self.tr("{open} open of {total}").format(open=self.model.open_count, total=total) if total else "")
        if not has_rows:
            self._empty.set_text(*self._why_empty())

    def _why_empty(self) -> tuple[str, str]:
        if self.model.error:
            return self.tr("The events could not be read"), self.model.error
        if not self.model.is_loaded:
            return self.tr("Reading the events …"), ""
        if self.model.rowCount():
            return self.tr("None of this kind"), self.tr("Choose “All” to see the others.")
        return self.tr("Nothing has happened yet"), self.tr("Follows, subscriptions, bits and raids appear here, the newest first.")

    def _show_commands(self) -> None:
        row = self.view.current_row()
        self.acknowledge_button.setEnabled(row is not None and not row.is_acknowledged)
        self.react_button.setEnabled(row is not None)

    def _filter_title(self, wanted: EventFilter) -> str:
        match wanted:
            case EventFilter.ALL:
                return self.tr("All")
            case EventFilter.OPEN:
                return self.tr("Not acknowledged")
            case _:
                return group_title(EventGroup(wanted.value))
