"""The list of kinds of events in their groups, each with its switch; the lines of the chat stand first."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QIcon
from PySide6.QtWidgets import QListWidget, QListWidgetItem

from voxelle.domain.chat import StreamEvent
from voxelle.ui.models.event_kinds import KINDS, group_title, icon_of, kind_title
from voxelle.ui.models.reactions import ReactionsModel
from voxelle.ui.theme import TextRole, current_theme

KindRole = Qt.ItemDataRole.UserRole + 1
_FLAGS = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class KindList(QListWidget):
    """`picked(kind)`: one was chosen; `NONE` stands for the lines of the chat. Space switches the chosen one."""

    picked = Signal(object)

    def __init__(self, model: ReactionsModel) -> None:
        super().__init__()
        self._model = model
        self._items: dict[StreamEvent, QListWidgetItem] = {}
        self.setAccessibleName(self.tr("Kinds of events"))
        self.setAccessibleDescription(self.tr("Space switches the reaction to the chosen kind."))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setUniformItemSizes(False)
        self._build()
        self.currentItemChanged.connect(self._on_current_changed)
        self.itemChanged.connect(self._on_item_changed)
        current_theme().changed.connect(self._fit)
        self._fit()

    def pick(self, kind: StreamEvent) -> None:
        """Choose a kind."""
        self.setCurrentItem(self._items[kind])

    def show_states(self) -> None:
        """Show which are on."""
        with QSignalBlocker(self):
            for kind, item in self._items.items():
                if kind is not StreamEvent.NONE:
                    is_on = self._model.is_on(kind)
                    item.setCheckState(Qt.CheckState.Checked if is_on else Qt.CheckState.Unchecked)
                    state = self.tr("on") if is_on else self.tr("off")
                    item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{kind_title(kind)}, {state}")
        self.viewport().update()

    def _build(self) -> None:
        chat = QListWidgetItem(self.tr("Lines of the chat"))
        self._add(StreamEvent.NONE, chat)
        for group, kinds in KINDS.items():
            heading = QListWidgetItem(group_title(group))
            heading.setFlags(Qt.ItemFlag.NoItemFlags)
            self.addItem(heading)
            for kind in kinds:
                self._add(kind, QListWidgetItem(kind_title(kind)))

    def _add(self, kind: StreamEvent, item: QListWidgetItem) -> None:
        item.setData(KindRole, kind.value)
        item.setFlags(_FLAGS if kind is StreamEvent.NONE else _FLAGS | Qt.ItemFlag.ItemIsUserCheckable)
        self._items[kind] = item
        self.addItem(item)

    def _on_current_changed(self, current: QListWidgetItem | None) -> None:
        if current is not None:
            self.picked.emit(StreamEvent(current.data(KindRole)))

    def _on_item_changed(self, item: QListWidgetItem) -> None:
        kind = StreamEvent(item.data(KindRole))
        is_on = item.checkState() is Qt.CheckState.Checked
        if kind is not StreamEvent.NONE and self._model.is_on(kind) is not is_on:
            self._model.switch(kind, is_on=is_on)
            self.pick(kind)

    def _fit(self) -> None:
        theme = current_theme()
        small = theme.font(TextRole.SMALL)
        small.setWeight(small.Weight.DemiBold)
        row, head = (QFontMetrics(font).height() for font in (theme.font(), small))
        self.setIconSize(QSize(theme.px(16), theme.px(16)))
        with QSignalBlocker(self):
            for number in range(self.count()):
                item = self.item(number)
                kind = item.data(KindRole)
                if kind is None:
                    item.setFont(small)
                    item.setSizeHint(QSize(0, head + theme.px(16)))
                else:
                    item.setIcon(_steady(theme.icon(icon_of(StreamEvent(kind))), theme.px(16)))
                    item.setSizeHint(QSize(0, row + theme.px(12)))


def _steady(icon: QIcon, side: int) -> QIcon:
    """Return an icon that a chosen row does not tint."""
    made = QIcon(icon)
    made.addPixmap(icon.pixmap(side), QIcon.Mode.Selected)
    return made
