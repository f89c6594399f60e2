"""channel.chat.notification: every kind of notice, in the shape of the reference."""

from __future__ import annotations

from typing import Any

from tests.fakes.twitch.payloads_chat import BOT, STREAMER, VIEWER, Person, badge, fragment, message, shared

KINDS = (
    "sub",
    "resub",
    "sub_gift",
    "community_sub_gift",
    "gift_paid_upgrade",
    "prime_paid_upgrade",
    "pay_it_forward",
    "raid",
    "unraid",
    "announcement",
    "bits_badge_tier",
    "charity_donation",
    "watch_streak",
    "modiversary",
    "gifted_drops_summary",
)
_SHAREABLE = frozenset(KINDS) - {"unraid", "bits_badge_tier", "charity_donation", "watch_streak"}
SHARED_KINDS = tuple(f"shared_chat_{kind}" for kind in KINDS if kind in _SHAREABLE)
OTHER: Person = ("7331", "other", "Other")
COMMUNITY_GIFT_ID = "12111455614691086753"
MESSAGE_ID = "3bc0badf-1d2c-45cd-8743-62ba2f411337"
_NO_GIFTER = {"gifter_is_anonymous": None, "gifter_user_id": None, "gifter_user_login": None, "gifter_user_name": None}
_GIFTER = {"gifter_is_anonymous": False, "gifter_user_id": "5678", "gifter_user_login": "generous", "gifter_user_name": "Generous"}
_NOBODY = {"gifter_is_anonymous": True, "gifter_user_id": None, "gifter_user_login": None, "gifter_user_name": None}


def notice(
    kind: str,
    details: dict[str, Any],
    system_message: str,
    *,
    chatter: Person | None = VIEWER,
    broadcaster: Person = STREAMER,
    message_id: str = MESSAGE_ID,
    text: str = "",
    **changes: Any,
) -> dict[str, Any]:
    """One notice; without a chatter it is anonymous."""
    return {
        "broadcaster_user_id": broadcaster[0],
        "broadcaster_user_login": broadcaster[1],
        "broadcaster_user_name": broadcaster[2],
        "chatter_user_id": chatter and chatter[0],
        "chatter_user_login": chatter and chatter[1],
        "chatter_user_name": chatter and chatter[2],
        "chatter_is_anonymous": chatter is None,
        "color": "#9ACD32" if chatter else "",
        "badges": [badge("subscriber", "3", "4"), badge("premium")] if chatter else [],
        "system_message": system_message,
        "message_id": message_id,
        "message": message(fragment(text)) if text else {"text": "", "fragments": []},
        "notice_type": kind,
        **dict.fromkeys(KINDS + SHARED_KINDS),
        "source_broadcaster_user_id": None,
        "source_broadcaster_user_login": None,
        "source_broadcaster_user_name": None,
        "source_message_id": None,
        "source_badges": None,
        "is_source_only": None,
        kind: details,
        **changes,
    }


def announcement(text: str, *, color: str = "PRIMARY", **changes: Any) -> dict[str, Any]:
    """An announcement of a moderator."""
    return notice("announcement", {"color": color}, "", text=text, **changes)


def sub_gift(
    recipient: Person, *, gift_id: str | None = None, chatter: Person | None = VIEWER, total: int | None = 7, **changes: Any
) -> dict[str, Any]:
    """A subscription given to somebody; with a `gift_id` it is one of a community gift."""
    details = {
        "duration_months": 1,
        "cumulative_total": total if chatter else None,
        "recipient_user_id": recipient[0],
        "recipient_user_login": recipient[1],
        "recipient_user_name": recipient[2],
        "sub_tier": "1000",
        "community_gift_id": gift_id,
    }
    who = chatter[2] if chatter else "An anonymous user"
    return notice("sub_gift", details, f"{who} gifted a Tier 1 sub to {recipient[2]}!", chatter=chatter, **changes)


def community_gift(count: int, *, gift_id: str = COMMUNITY_GIFT_ID, chatter: Person | None = VIEWER, **changes: Any) -> dict[str, Any]:
    """The head of a gift bomb; its single gifts follow as `sub_gift`."""
    details = {"id": gift_id, "total": count, "sub_tier": "1000", "cumulative_total": 40 + count if chatter else None}
    who = chatter[2] if chatter else "An anonymous user"
    return notice(
        "community_sub_gift", details, f"{who} is gifting {count} Tier 1 Subs to Streamer's community!", chatter=chatter, **changes
    )


def raid(raider: Person = OTHER, viewers: int = 42, **changes: Any) -> dict[str, Any]:
    """A raid as the chat shows it."""
    picture = f"https://static-cdn.jtvnw.net/jtv_user_pictures/{raider[1]}-profile_image-70x70.png"
    details = {"user_id": raider[0], "user_login": raider[1], "user_name": raider[2], "viewer_count": viewers, "profile_image_url": picture}
    return notice("raid", details, f"{viewers} raiders from {raider[2]} have joined!", chatter=raider, **changes)


def resub(months: int = 13, text: str = "Love the streams!", **changes: Any) -> dict[str, Any]:
    """Somebody shares how long they have subscribed."""
    details = {
        "cumulative_months": months,
        "duration_months": 0,
        "streak_months": 5,
        "sub_tier": "1000",
        "is_prime": False,
        "is_gift": False,
        **_NO_GIFTER,
    }
    return notice("resub", details, f"Viewer23 subscribed at Tier 1. They've subscribed for {months} months!", text=text, **changes)


def _as_shared(kind: str, example: dict[str, Any]) -> dict[str, Any]:
    """The same notice, happened in another channel of a shared chat."""
    told = {**example, "notice_type": f"shared_chat_{kind}", kind: None, f"shared_chat_{kind}": example[kind]}
    return {**told, **shared(OTHER, "f2b6b1f0-55ab-4fd5-8f0a-8c9f5c5f4a10", badge("subscriber", "3", "4"))}


_OWN: list[dict[str, Any]] = [
    notice("sub", {"sub_tier": "1000", "is_prime": True, "duration_months": 1}, "Viewer23 subscribed with Prime."),
    notice("sub", {"sub_tier": "3000", "is_prime": False, "duration_months": 3}, "Viewer23 subscribed at Tier 3.", text="Hello!"),
    resub(),
    notice(
        "resub",
        {
            "cumulative_months": 2,
            "duration_months": 0,
            "streak_months": None,
            "sub_tier": "1000",
            "is_prime": None,
            "is_gift": True,
            **_GIFTER,
        },
        "Viewer23 subscribed at Tier 1. They've subscribed for 2 months!",
    ),
    sub_gift(("9005", "lucky", "Lucky")),
    sub_gift(("9006", "luckier", "Luckier"), gift_id=COMMUNITY_GIFT_ID, chatter=None),
    community_gift(5),
    community_gift(1, chatter=None),
    notice("gift_paid_upgrade", dict(_GIFTER), "Viewer23 is continuing the Gift Sub they got from Generous!"),
    notice("gift_paid_upgrade", dict(_NOBODY), "Viewer23 is continuing the Gift Sub they got from an anonymous user!"),
    notice("prime_paid_upgrade", {"sub_tier": "1000"}, "Viewer23 converted from a Prime sub to a Tier 1 sub!"),
    notice(
        "pay_it_forward",
        {**_GIFTER, "recipient_user_id": "9005", "recipient_user_login": "lucky", "recipient_user_name": "Lucky"},
        "Viewer23 is paying forward the Gift they got from Generous to Lucky!",
    ),
    notice(
        "pay_it_forward",
        {**_NOBODY, "recipient_user_id": None, "recipient_user_login": None, "recipient_user_name": None},
        "Viewer23 is paying forward the Gift they got to the community!",
    ),
    raid(),
    notice("unraid", {}, "The raid has been canceled.", chatter=STREAMER),
    announcement("Giveaway at eight!", color="BLUE", chatter=BOT),
    notice("bits_badge_tier", {"tier": 1000}, "Viewer23 just earned a new 1K Bits badge!", text="bits badge hype"),
    notice(
        "charity_donation",
        {"charity_name": "Example name", "amount": {"value": 550, "decimal_place": 2, "currency": "USD"}},
        "Viewer23: Donated USD 5.50 to support Example name",
    ),
    notice(
        "watch_streak",
        {"streak_count": 10, "channel_points_awarded": 450},
        "Viewer23 watched 10 consecutive streams this month and sparked a watch streak!",
        text="still here",
    ),
    notice("modiversary", {"months": 12}, "Modina has been a moderator for 12 months!", chatter=("9002", "modina", "Modina")),
    notice("gifted_drops_summary", {"recipient_count": 3}, "Viewer23 gifted drops to 3 viewers!"),
]
_SHARED = [_as_shared(kind, next(each for each in _OWN if each["notice_type"] == kind)) for kind in KINDS if kind in _SHAREABLE]
NOTICES = [*_OWN, *_SHARED]
"""channel.chat.notification, every kind."""
