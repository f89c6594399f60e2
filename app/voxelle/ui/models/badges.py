"""Badges of a line of chat: who wrote it, and what is special about it, as a short mark and in words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QCoreApplication

from voxelle.domain.chat import Role, Stimulus, StimulusKind, StreamEvent
from voxelle.ui.models.event_words import amount_words


@dataclass(frozen=True, slots=True)
class Badge:
    """A mark in a rounded box. `words` say the same to a screen reader, `tone` is a tone of the theme."""

    mark: str
    words: str
    tone: str


_ORDER = (Role.BROADCASTER, Role.MODERATOR, Role.VIP, Role.SUBSCRIBER, Role.BOT, Role.FIRST_TIME)


def badges_of(stimulus: Stimulus) -> tuple[Badge, ...]:
    """Return the badges of a line: a test's first, then the author's roles, then the line's own."""
    if stimulus.kind is StimulusKind.TYPED:
        return ()
    roles = stimulus.author.roles
    badges = [role_badge(role) for role in _ORDER if role in roles] if roles else []
    if stimulus.is_test:
        badges.insert(0, test_badge())
    if stimulus.is_shared:
        badges.append(shared_badge())
    if stimulus.is_highlighted:
        translate = QCoreApplication.translate
        badges.append(Badge(translate("Badges", "HIGHLIGHTED"), translate("Badges", "highlighted"), "accent_text"))
    if stimulus.kind is StimulusKind.CHAT and stimulus.event is StreamEvent.BITS and stimulus.amount:
        bits = amount_words(StreamEvent.BITS, stimulus.amount)
        badges.append(Badge(bits, bits, "warning"))
    return tuple(badges)


def role_badge(role: Role) -> Badge:
    """Return the badge of a role."""
    translate = QCoreApplication.translate
    match role:
        case Role.BROADCASTER:
            return _made(translate("Badges", "HOST"), translate("Badges", "broadcaster"), "danger")
        case Role.MODERATOR:
            return _made(translate("Badges", "MOD"), translate("Badges", "moderator"), "ok")
        case Role.VIP:
            return _made(translate("Badges", "VIP"), translate("Badges", "VIP"), "accent_text")
        case Role.SUBSCRIBER:
            return _made(translate("Badges", "SUB"), translate("Badges", "subscriber"), "info")
        case Role.BOT:
            return _made(translate("Badges", "BOT"), translate("Badges", "bot"), "muted")
        case Role.FIRST_TIME:
            return _made(translate("Badges", "NEW"), translate("Badges", "writes for the first time"), "warning")


def test_badge() -> Badge:
    """Return the badge of what the streamer made to try the road."""
    return _made(QCoreApplication.translate("Badges", "TEST"), QCoreApplication.translate("Badges", "test"), "warning")


def shared_badge() -> Badge:
    """Return the badge of what comes from another channel that shares its chat."""
    translate = QCoreApplication.translate
    return _made(translate("Badges", "SHARED"), translate("Badges", "from a shared chat"), "info")


@lru_cache(maxsize=64)
def _made(mark: str, words: str, tone: str) -> Badge:
    return Badge(mark, words, tone)
