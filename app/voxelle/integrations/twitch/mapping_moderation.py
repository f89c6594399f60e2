"""What moderators and AutoMod do. Held messages are never quoted: they were held for a reason."""

from __future__ import annotations

from typing import Final

from voxelle.domain.chat import Author, Retraction, StreamEvent
from voxelle.integrations.twitch.mapping import LONGEST_NAME, PLATFORM, Happening, Told, author_of, clean, read_time
from voxelle.integrations.twitch.payloads_moderation import AutomodHold, Ban, Moderate, ShieldMode, Target, Unban

_ACTS: Final = {
    "ban": StreamEvent.BAN,
    "timeout": StreamEvent.TIMEOUT,
    "unban": StreamEvent.UNBAN,
    "untimeout": StreamEvent.UNBAN,
    "approve_unban_request": StreamEvent.UNBAN,
}
_GONE: Final = frozenset({StreamEvent.BAN, StreamEvent.TIMEOUT})
_SHARED: Final = "shared_chat_"
_UNITS: Final = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
_Found = tuple[Happening, ...]


def duration_words(seconds: float) -> str:
    """Say a duration in its largest whole unit."""
    whole = max(1, round(seconds))
    size, unit = next(each for each in _UNITS if whole >= each[0])
    count = round(whole / size)
    return f"{count} {unit}{'' if count == 1 else 's'}"


def _duration(told: Told, until: str | None, since: str = "") -> str:
    end = read_time(until) if until else None
    seconds = 0.0 if end is None else (end - (read_time(since) or told.at)).total_seconds()
    return duration_words(seconds) if seconds > 0 else ""


def _gone(author: Author, *, is_ban: bool) -> Retraction:
    return Retraction(PLATFORM, author_id=author.id, reason="banned" if is_ban else "timed out")


def from_ban(event: Ban, told: Told) -> _Found:
    """Somebody is banned, or timed out: what they wrote is gone as well."""
    author = author_of(event.user_id, event.user_name, event.user_login)
    is_ban = event.is_permanent and event.ends_at is None
    found = told.event(
        StreamEvent.BAN if is_ban else StreamEvent.TIMEOUT,
        told.message_id,
        author,
        recipient=author.name,
        reason=clean(event.reason),
        duration=_duration(told, event.ends_at, event.banned_at),
        moderator=clean(event.moderator_user_name, LONGEST_NAME),
    )
    return (_gone(author, is_ban=is_ban), *found)


def from_unban(event: Unban, told: Told) -> _Found:
    """Somebody may come back."""
    author = author_of(event.user_id, event.user_name, event.user_login)
    moderator = clean(event.moderator_user_name, LONGEST_NAME)
    return told.event(StreamEvent.UNBAN, told.message_id, author, recipient=author.name, moderator=moderator)


def from_moderate(event: Moderate, told: Told) -> _Found:
    """Any act of a moderator. Whoever it concerns is the author of bans, timeouts and their ends; the moderator of all else."""
    action = event.action.removeprefix(_SHARED)
    is_shared = event.action.startswith(_SHARED)
    kind = _ACTS.get(action, StreamEvent.MODERATION)
    target = event.target or Target()
    concerned = author_of(target.user_id or None, target.user_name, target.user_login)
    recipient = concerned.name if concerned.id else ""
    moderator = author_of(event.moderator_user_id, event.moderator_user_name, event.moderator_user_login)
    found = told.event(
        kind,
        told.message_id,
        moderator if kind is StreamEvent.MODERATION or not recipient else concerned,
        text=clean(action, LONGEST_NAME).replace("_", " "),
        is_shared=is_shared,
        recipient=recipient,
        reason=clean(target.reason),
        duration=_duration(told, target.expires_at),
        moderator=moderator.name if moderator.id else "",
    )
    if kind in _GONE and recipient:
        return (_gone(concerned, is_ban=kind is StreamEvent.BAN), *found)
    if action == "delete" and target.message_id:
        return (Retraction(PLATFORM, stimulus_ids=(f"{PLATFORM}:{target.message_id}",), reason="deleted by a moderator"), *found)
    return found


def from_automod_hold(event: AutomodHold, told: Told) -> _Found:
    """AutoMod holds a message back."""
    category = event.automod.category if event.automod else event.category
    author = author_of(event.user_id, event.user_name, event.user_login)
    reason = clean(event.reason).replace("_", " ")
    return told.event(StreamEvent.AUTOMOD_HOLD, event.message_id, author, category=clean(category).replace("_", " "), reason=reason)


def from_shield(event: ShieldMode, told: Told) -> _Found:
    """Shield mode is switched on or off."""
    is_on = told.topic.endswith(".begin")
    moderator = author_of(event.moderator_user_id, event.moderator_user_name, event.moderator_user_login)
    at = event.started_at if is_on else event.ended_at
    return told.event(StreamEvent.SHIELD_ON if is_on else StreamEvent.SHIELD_OFF, at[:40], moderator)
