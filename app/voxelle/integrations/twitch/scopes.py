"""Which permission each feature needs: asked for feature by feature, and the fewest first.

Scopes: dev.twitch.tv/docs/authentication/scopes. A refresh never adds one, so a new one needs a new sign-in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from voxelle.domain.channel import AccountRole
from voxelle.integrations.twitch.settings import TwitchSettings

READ_CHAT: Final = "user:read:chat"
WRITE_CHAT: Final = "user:write:chat"
ANNOUNCE: Final = "moderator:manage:announcements"

_CHAT: Final = "Chat"
_CHANNEL: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "follows": ("moderator:read:followers",),
        "subscriptions": ("channel:read:subscriptions",),
        "bits": ("bits:read",),
        "redemptions": ("channel:read:redemptions",),
        "polls": ("channel:read:polls",),
        "predictions": ("channel:read:predictions",),
        "hype_train": ("channel:read:hype_train",),
        "charity": ("channel:read:charity",),
        "goals": ("channel:read:goals",),
        "shoutouts": ("moderator:read:shoutouts",),
        "ads": ("channel:read:ads",),
        "moderation": (
            "moderator:manage:automod",
            "moderator:read:shield_mode",
            "moderator:read:banned_users",
            "moderator:read:blocked_terms",
            "moderator:read:chat_messages",
            "moderator:read:chat_settings",
            "moderator:read:moderators",
            "moderator:read:unban_requests",
            "moderator:read:vips",
            "moderator:read:warnings",
        ),
    }
)
"""By the switch's name in TwitchSettings: what is heard needs the broadcaster's permission."""
_WRITING: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"answers_in_chat": (WRITE_CHAT,), "greets_by_announcement": (WRITE_CHAT, ANNOUNCE)}
)
"""By the switch's name: what is written needs the permission of whoever writes."""


def scopes_for(settings: TwitchSettings, role: AccountRole, *, is_writer: bool = True) -> frozenset[str]:
    """Return what an account has to be asked for, with these switches; who is no writer, since another account is, only hears."""
    own = frozenset({READ_CHAT}) if role is AccountRole.BROADCASTER else frozenset({WRITE_CHAT})
    return own.union(*(scopes for name, scopes in _of(role, is_writer=is_writer) if getattr(settings, name)))


def missing_features(
    settings: TwitchSettings, granted: Iterable[str], role: AccountRole = AccountRole.BROADCASTER, *, is_writer: bool = True
) -> tuple[str, ...]:
    """Return the titles of what is switched on and lacks a permission of this account."""
    have = covered(granted)
    missing = [] if role is AccountRole.BOT or READ_CHAT in have else [_CHAT]
    if role is AccountRole.BOT and WRITE_CHAT not in have:
        missing.append(_CHAT)
    for name, scopes in _of(role, is_writer=is_writer):
        if getattr(settings, name) and not have.issuperset(scopes):
            missing.append(TwitchSettings.model_fields[name].title or name)
    return tuple(missing)


def covered(granted: Iterable[str]) -> frozenset[str]:
    """Add what follows from each permission: who may manage something may read it."""
    have = frozenset(granted)
    return have | {scope.replace(":manage:", ":read:") for scope in have if ":manage:" in scope}


def _of(role: AccountRole, *, is_writer: bool) -> tuple[tuple[str, tuple[str, ...]], ...]:
    heard = () if role is AccountRole.BOT else tuple(_CHANNEL.items())
    return (*heard, *(_WRITING.items() if is_writer else ()))
