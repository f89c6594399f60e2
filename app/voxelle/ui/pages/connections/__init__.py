"""Connections: what she is connected to, how each connection stands, and what can be done about it."""

from voxelle.ui.pages.connections.page import ConnectionsPage

__all__ = ["ConnectionsPage"]
