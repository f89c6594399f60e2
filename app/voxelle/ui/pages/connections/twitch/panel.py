"""The Twitch panel: accounts and stream, what she hears, settings, and a place to try it."""

from __future__ import annotations

from PySide6.QtWidgets import QTabWidget, QWidget

from voxelle.settings.fields import INTEGRATIONS, SettingField
from voxelle.ui.bridge import Bridge
from voxelle.ui.models.channel import ChannelModel
from voxelle.ui.models.connections import SWITCH, ConnectionsModel
from voxelle.ui.models.settings import SettingsModel
from voxelle.ui.pages.connections.settings_rows import SettingsRows
from voxelle.ui.pages.connections.twitch.hearing import HearingTab
from voxelle.ui.pages.connections.twitch.overview import OverviewTab
from voxelle.ui.pages.connections.twitch.trial import TrialTab
from voxelle.ui.pages.controls import column, scrolling
from voxelle.ui.theme import Space, current_theme
from voxelle.ui.widgets.card import Card
from voxelle.ui.widgets.event_feed import EventFeed
from voxelle.ui.widgets.ticker import Ticker
from voxelle.ui.widgets.yielding import Yielding

_ANSWERS = ("answers_by_voice", "answers_in_chat")
_SERVERS = ("client_id", "auth_base_url", "helix_base_url", "eventsub_url", "subscriptions_url", "keepalive_s")


class TwitchPanel(QWidget):
    """Tabs; `add_tab` takes more of them."""

    def __init__(self, bridge: Bridge, connections: ConnectionsModel, settings: SettingsModel, connection: str) -> None:
        super().__init__()
        self.channel = ChannelModel(connections, connection, bridge.clock, self)
        self._part = f"{INTEGRATIONS}.{connection}"
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.tabBar().setAccessibleName(self.tr("Parts of the Twitch connection"))
        self.overview = OverviewTab(self.channel, settings, self._part, _ANSWERS)
        self.hearing = HearingTab(self.channel)
        self.trial = TrialTab(self.channel)
        self.add_tab(self.overview, self.tr("Overview"))
        self.add_tab(self.hearing, self.tr("What she hears"))
        self._settings = settings
        self._settings_tab = QWidget()
        self._settings_column = column(self._settings_tab)
        self.add_tab(self._settings_tab, self.tr("Settings"))
        self.add_tab(self.trial, self.tr("Try it"))
        self.add_tab(EventFeed(bridge, connection), self.tr("Events"))
        self.tabs.currentChanged.connect(self._on_tab_changed)
        column(self).addWidget(self.tabs)
        ticker = Ticker(self)
        ticker.ticked.connect(self.overview.tick)
        ticker.ticked.connect(self.hearing.tick)

    def add_tab(self, tab: QWidget, title: str) -> None:
        """Put a tab behind the others."""
        tab.setContentsMargins(0, current_theme().px(Space.S), 0, 0)
        self.tabs.addTab(tab, title)

    def _on_tab_changed(self) -> None:
        """Build the settings at the first look: they are many."""
        if self.tabs.currentWidget() is self._settings_tab and not self._settings_column.count():
            self._build_settings()

    def _build_settings(self) -> None:
        elsewhere = {SWITCH, *_ANSWERS, *_SERVERS}

        def name(field: SettingField) -> str:
            return field.path.rpartition(".")[2]

        self.features = SettingsRows(self._settings, self._part, lambda field: name(field) not in elsewhere)
        self.servers = SettingsRows(self._settings, self._part, lambda field: name(field) in _SERVERS)
        content = Yielding()
        cards = column(content, spacing=Space.M)
        for title, rows in ((self.tr("What she hears and writes"), self.features), (self.tr("Application and servers"), self.servers)):
            card = Card()
            card.set_title(title)
            card.body.addWidget(rows)
            cards.addWidget(card)
        cards.addStretch(1)
        self._settings_column.addWidget(scrolling(content))
