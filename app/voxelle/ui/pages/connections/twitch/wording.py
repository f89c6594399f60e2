"""Twitch in the streamer's words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from voxelle.domain.channel import AccountRole, AccountState
from voxelle.domain.chat import StreamEvent
from voxelle.settings.reactions import ReactionsSettings


def _tr(text: str) -> str:
    return QCoreApplication.translate("TwitchPanel", text)


def role_title(role: AccountRole) -> str:
    """Return whose account it is."""
    return _tr("Your channel") if role is AccountRole.BROADCASTER else _tr("Her own account (bot)")


def role_purpose(role: AccountRole) -> str:
    """Return what the account is for, while nobody is signed in."""
    if role is AccountRole.BROADCASTER:
        return _tr("Needed to read your chat and to hear of what happens on your channel.")
    return _tr("Optional: with a second account her lines in the chat bear her name instead of yours.")


def state_look(state: AccountState) -> tuple[str, str]:
    """Return an account's state as word and tone."""
    looks = {
        AccountState.SIGNED_OUT: (_tr("Signed out"), "muted"),
        AccountState.SIGNING_IN: (_tr("Signing in"), "info"),
        AccountState.SIGNED_IN: (_tr("Signed in"), "ok"),
        AccountState.UNCHECKED: (_tr("Not checked yet"), "warning"),
        AccountState.REFUSED: (_tr("Sign in again"), "danger"),
    }
    return looks[state]


def counter_title(counter: str) -> str:
    """Return what a counter counts."""
    titles = {
        "received": _tr("Received"),
        "duplicates": _tr("Duplicates left out"),
        "told_twice": _tr("Told in two ways, taken once"),
        "malformed": _tr("Unreadable, left out"),
        "unknown": _tr("Of unknown kind"),
        "failed": _tr("Failed to be handled"),
        "reconnects": _tr("Reconnects"),
        "sent": _tr("Written into the chat"),
        "not_sent": _tr("Not written"),
    }
    return titles.get(counter, counter.replace("_", " ").capitalize())


def kind_title(kind: StreamEvent) -> str:
    """Return what a kind of event is called; a reaction's title says it."""
    if kind is StreamEvent.NONE:
        return _tr("Chat message")
    reaction = ReactionsSettings.model_fields.get(kind.value)
    return (reaction.title if reaction is not None else None) or kind.value.replace("_", " ").capitalize()
