"""The VTube Studio panel: state and timeline, the model, its emotions, the stage, settings, touches."""

from __future__ import annotations

from PySide6.QtWidgets import QTabWidget, QWidget

from voxelle.settings.fields import INTEGRATIONS, SettingField
from voxelle.ui.bridge import Bridge
from voxelle.ui.models.avatar import AvatarModel
from voxelle.ui.models.connections import SWITCH, ConnectionsModel
from voxelle.ui.models.settings import SettingsModel
from voxelle.ui.pages.connections.settings_rows import SettingsRows
from voxelle.ui.pages.connections.vtube_studio.abilities import AbilitiesTab
from voxelle.ui.pages.connections.vtube_studio.emotions import EmotionsTab
from voxelle.ui.pages.connections.vtube_studio.overview import OverviewTab
from voxelle.ui.pages.connections.vtube_studio.stage import StageTab
from voxelle.ui.pages.controls import column, scrolling
from voxelle.ui.theme import Space, current_theme
from voxelle.ui.widgets.card import Card
from voxelle.ui.widgets.event_feed import EventFeed
from voxelle.ui.widgets.ticker import Ticker
from voxelle.ui.widgets.yielding import Yielding

_PLACE = ("host", "port", "discovery_port")


class VTubeStudioPanel(QWidget):
    """Tabs."""

    def __init__(self, bridge: Bridge, connections: ConnectionsModel, settings: SettingsModel, connection: str) -> None:
        super().__init__()
        self.avatar = AvatarModel(bridge, connections, connection, self)
        self._settings = settings
        self._part = f"{INTEGRATIONS}.{connection}"
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.tabBar().setAccessibleName(self.tr("Parts of the VTube Studio connection"))
        self.overview = OverviewTab(self.avatar)
        self.abilities = AbilitiesTab(self.avatar)
        self.emotions = EmotionsTab(self.avatar)
        self.stage = StageTab(self.avatar)
        self._settings_tab = QWidget()
        self._settings_column = column(self._settings_tab)
        for tab, title in (
            (self.overview, self.tr("Overview")),
            (self.abilities, self.tr("Model")),
            (self.emotions, self.tr("Emotions")),
            (self.stage, self.tr("Stage")),
            (self._settings_tab, self.tr("Settings")),
            (EventFeed(bridge, connection), self.tr("Touches")),
        ):
            tab.setContentsMargins(0, current_theme().px(Space.S), 0, 0)
            self.tabs.addTab(tab, title)
        self.tabs.currentChanged.connect(self._on_tab_changed)
        column(self).addWidget(self.tabs)
        Ticker(self).ticked.connect(self.overview.tick)

    def _on_tab_changed(self) -> None:
        """Build the settings at the first look: they are many."""
        if self.tabs.currentWidget() is self._settings_tab and not self._settings_column.count():
            self._build_settings()

    def _build_settings(self) -> None:
        def name(field: SettingField) -> str:
            return field.path.rpartition(".")[2]

        self.features = SettingsRows(self._settings, self._part, lambda field: name(field) not in {SWITCH, *_PLACE})
        self.place = SettingsRows(self._settings, self._part, lambda field: name(field) in _PLACE)
        content = Yielding()
        cards = column(content, spacing=Space.M)
        for title, rows in ((self.tr("How she moves"), self.features), (self.tr("Where VTube Studio runs"), self.place)):
            card = Card()
            card.set_title(title)
            card.body.addWidget(rows)
            cards.addWidget(card)
        cards.addStretch(1)
        self._settings_column.addWidget(scrolling(content))
