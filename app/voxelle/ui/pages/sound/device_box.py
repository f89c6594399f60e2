"""A box to choose a device from."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSignalBlocker
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox

from voxelle.contracts.audio import SoundDevice
from voxelle.ui.models.sound import choices
from voxelle.ui.text import one_line

_TITLE = 80


class DeviceBox(QComboBox):
    """`chosen` is called with a device's name when the streamer picks one; empty is the system's default."""

    def __init__(self, name: str, chosen: Callable[[str], None]) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(16)
        self.activated.connect(lambda index: chosen(self.itemData(index)))

    def show_devices(self, devices: Sequence[SoundDevice], chosen: str) -> None:
        """Show what there is."""
        found = choices(
            devices,
            chosen,
            lambda title: self.tr("The system's default ({title})").format(title=title) if title else self.tr("The system's default"),
            lambda title: self.tr("{title} (not connected)").format(title=title),
        )
        if [(self.itemData(row), self.itemText(row)) for row in range(self.count())] != [
            (name, one_line(text, _TITLE)) for name, text in found
        ]:
            with QSignalBlocker(self):
                self.clear()
                for name, text in found:
                    self.addItem(one_line(text, _TITLE), name)
        self.setCurrentIndex(max(0, self.findData(chosen)))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Qt: the wheel scrolls the page and changes nothing."""
        event.ignore()
