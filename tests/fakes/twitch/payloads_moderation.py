"""Bans, AutoMod, shield mode and everything a moderator does, in the shapes of the reference."""

from __future__ import annotations

from typing import Any

from tests.fakes.twitch.payloads_chat import BOT, VIEWER, Person, broadcaster, fragment, message, user

MOMENT = "2026-01-01T18:15:11.171067130Z"
LATER = "2026-01-01T18:25:11.171067130Z"
OTHER: Person = ("7331", "other", "Other")
ACTIONS = {
    "ban": "ban",
    "timeout": "timeout",
    "unban": "unban",
    "untimeout": "untimeout",
    "clear": "",
    "emoteonly": "",
    "emoteonlyoff": "",
    "followers": "followers",
    "followersoff": "",
    "uniquechat": "",
    "uniquechatoff": "",
    "slow": "slow",
    "slowoff": "",
    "subscribers": "",
    "subscribersoff": "",
    "unraid": "unraid",
    "delete": "delete",
    "vip": "vip",
    "unvip": "unvip",
    "raid": "raid",
    "add_blocked_term": "automod_terms",
    "add_permitted_term": "automod_terms",
    "remove_blocked_term": "automod_terms",
    "remove_permitted_term": "automod_terms",
    "mod": "mod",
    "unmod": "unmod",
    "approve_unban_request": "unban_request",
    "deny_unban_request": "unban_request",
    "warn": "warn",
    "shared_chat_ban": "shared_chat_ban",
    "shared_chat_unban": "shared_chat_unban",
    "shared_chat_timeout": "shared_chat_timeout",
    "shared_chat_untimeout": "shared_chat_untimeout",
    "shared_chat_delete": "shared_chat_delete",
}
"""Every action of channel.moderate, and the field that tells about it."""
_FIELDS = tuple(dict.fromkeys(field for field in ACTIONS.values() if field))


def moderator(person: Person = BOT) -> dict[str, Any]:
    """The three fields that name a moderator."""
    return {"moderator_user_id": person[0], "moderator_user_login": person[1], "moderator_user_name": person[2]}


def ban(person: Person = VIEWER, *, ends_at: str | None = None, reason: str = "Offensive language") -> dict[str, Any]:
    """channel.ban; with an end it is a timeout."""
    return {
        **user(person),
        **broadcaster(),
        **moderator(),
        "reason": reason,
        "banned_at": MOMENT,
        "ends_at": ends_at,
        "is_permanent": ends_at is None,
    }


def _details(action: str) -> dict[str, Any] | None:
    kind = action.removeprefix("shared_chat_")
    more: dict[str, dict[str, Any]] = {
        "ban": {"reason": "Rule 1"},
        "timeout": {"reason": "Rule 2", "expires_at": LATER},
        "delete": {"message_id": "ab24e0b0-2260-4bac-94e4-05eedd4ecd0e", "message_body": "a bad message"},
        "raid": {"viewer_count": 80},
        "warn": {"reason": "cut it out", "chat_rules_cited": ["Be kind"]},
    }
    if kind in {"followers", "slow"}:
        return {"follow_duration_minutes": 10} if kind == "followers" else {"wait_time_seconds": 30}
    if kind.endswith("_term"):
        act, listed = kind.split("_")[:2]
        return {"action": act, "list": listed, "terms": ["badword", "worse word"], "from_automod": False}
    if kind.endswith("_unban_request"):
        return {"is_approved": kind.startswith("approve"), **user(), "moderator_message": "Be good"}
    return {**user(OTHER if kind == "raid" else VIEWER), **more.get(kind, {})} if ACTIONS[action] else None


def moderate(action: str) -> dict[str, Any]:
    """channel.moderate, version 2."""
    is_shared = action.startswith("shared_chat_")
    source = {name.replace("broadcaster", "source_broadcaster"): value if is_shared else None for name, value in broadcaster(OTHER).items()}
    fields: dict[str, Any] = dict.fromkeys(_FIELDS)
    if ACTIONS[action]:
        fields[ACTIONS[action]] = _details(action)
    return {**broadcaster(), **source, **moderator(), "action": action, **fields}


_AUTOMOD = {"category": "swearing", "level": 4, "boundaries": [{"start_pos": 8, "end_pos": 12}]}
_TERM = {
    "terms_found": [
        {
            "term_id": "1a79a074-4aaf-4d84-ac87-eba0a65b9a26",
            "boundary": {"start_pos": 8, "end_pos": 12},
            "owner_broadcaster_user_id": "1337",
            "owner_broadcaster_user_login": "streamer",
            "owner_broadcaster_user_name": "Streamer",
        }
    ]
}


def held(reason: str = "automod", **more: Any) -> dict[str, Any]:
    """automod.message.hold and, with status and moderator, automod.message.update; version 2."""
    said = message(fragment("this is awful"))
    said["fragments"][0].pop("mention")
    return {
        **broadcaster(),
        **user(),
        "message_id": "19d067ff-89b5-4790-a720-97599894eb6b",
        "message": said,
        "reason": reason,
        "automod": dict(_AUTOMOD) if reason == "automod" else None,
        "blocked_term": dict(_TERM) if reason == "blocked_term" else None,
        "held_at": MOMENT,
        **more,
    }


MODERATION: dict[str, list[dict[str, Any]]] = {
    "channel.ban": [ban(), ban(ends_at=LATER)],
    "channel.unban": [{**user(), **broadcaster(), **moderator()}],
    "channel.moderate": [moderate(action) for action in ACTIONS],
    "automod.message.hold": [held(), held("blocked_term")],
    "automod.message.update": [held(status=status, **moderator()) for status in ("approved", "denied", "expired")],
    "channel.shield_mode.begin": [{**broadcaster(), **moderator(), "started_at": MOMENT}],
    "channel.shield_mode.end": [{**broadcaster(), **moderator(), "ended_at": LATER}],
}
