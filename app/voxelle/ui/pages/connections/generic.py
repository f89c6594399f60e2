"""The panel of a connection that needs no other: its settings."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from voxelle.settings.fields import INTEGRATIONS
from voxelle.ui.models.connections import SWITCH
from voxelle.ui.models.settings import SettingsModel
from voxelle.ui.pages.connections.settings_rows import SettingsRows
from voxelle.ui.pages.controls import StatePane, column, scrolling
from voxelle.ui.theme import Space
from voxelle.ui.widgets.card import Card
from voxelle.ui.widgets.yielding import Yielding


class GenericPanel(QWidget):
    """Drawn from the declaration; nothing here knows a connection by name."""

    def __init__(self, settings: SettingsModel, connection: str) -> None:
        super().__init__()
        self._settings = settings
        self.rows = SettingsRows(settings, f"{INTEGRATIONS}.{connection}", lambda field: field.path.rpartition(".")[2] != SWITCH)
        self.card = Card()
        self.card.set_title(self.tr("Settings"))
        self.card.body.addWidget(self.rows)
        content = Yielding()
        inner = column(content, spacing=Space.M)
        inner.addWidget(self.card)
        inner.addStretch(1)
        self.pane = StatePane(scrolling(content))
        self.pane.asked.connect(settings.refresh)
        column(self).addWidget(self.pane)
        settings.loaded.connect(self._show)
        self._show()

    def _show(self) -> None:
        if not self._settings.is_loaded:
            self.pane.show_loading(self.tr("Reading the settings …"))
        elif self._settings.error:
            self.pane.show_message(self.tr("The settings could not be read"), self._settings.error, self.tr("Try again"))
        elif self.rows.is_empty:
            self.pane.show_message(self.tr("Nothing to set here"))
        else:
            self.pane.show_content()
