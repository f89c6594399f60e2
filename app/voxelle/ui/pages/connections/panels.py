"""Which panel a connection has: one of its own from this table, else the generic one.

A panel is a widget made of the bridge, the page's two models and the connection's id. The page shows title, light and switch
above it; the panel scrolls by itself.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from voxelle.ui.bridge import Bridge
from voxelle.ui.models.connections import ConnectionsModel
from voxelle.ui.models.settings import SettingsModel

MakePanel = Callable[[Bridge, ConnectionsModel, SettingsModel, str], QWidget]


def _twitch(bridge: Bridge, connections: ConnectionsModel, settings: SettingsModel, connection: str) -> QWidget:
    from voxelle.ui.pages.connections.twitch.panel import TwitchPanel

    return TwitchPanel(bridge, connections, settings, connection)


def _vtube_studio(bridge: Bridge, connections: ConnectionsModel, settings: SettingsModel, connection: str) -> QWidget:
    from voxelle.ui.pages.connections.vtube_studio.panel import VTubeStudioPanel

    return VTubeStudioPanel(bridge, connections, settings, connection)


def _generic(_bridge: Bridge, _connections: ConnectionsModel, settings: SettingsModel, connection: str) -> QWidget:
    from voxelle.ui.pages.connections.generic import GenericPanel

    return GenericPanel(settings, connection)


PANELS: dict[str, MakePanel] = {"twitch": _twitch, "vtube_studio": _vtube_studio}
"""Each imports its module when its connection is first looked at."""


def panel_for(bridge: Bridge, connections: ConnectionsModel, settings: SettingsModel, connection: str) -> QWidget:
    """Make a connection's panel."""
    return PANELS.get(connection, _generic)(bridge, connections, settings, connection)
