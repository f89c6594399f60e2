"""Reactions: what she makes of every kind of event, and which lines of the chat she may answer."""

from voxelle.ui.pages.reactions.page import ReactionsPage

__all__ = ["ReactionsPage"]
