"""The panel of the Twitch connection."""

from voxelle.ui.pages.connections.twitch.panel import TwitchPanel

__all__ = ["TwitchPanel"]
