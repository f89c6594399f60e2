"""Follows, subscriptions, bits, raids, channel points, charity and hype trains, in the shapes of the reference."""

from __future__ import annotations

from typing import Any

from tests.fakes.twitch.payloads_chat import STREAMER, VIEWER, Person, broadcaster, cheermote, emote, fragment, message, user

REWARD_ID = "92af127c-7326-4483-a52b-b0da0be61c01"
REDEMPTION_ID = "17fa2df1-ad76-4804-bfa5-a40ef63efe63"
MOMENT = "2026-01-01T18:16:11.171067130Z"
_LATER = "2026-01-01T18:21:11.171067130Z"
_ANONYMOUS = {"user_id": None, "user_login": None, "user_name": None}


def follow(person: Person = VIEWER) -> dict[str, Any]:
    """channel.follow."""
    return {**user(person), **broadcaster(), "followed_at": MOMENT}


def bits(count: int, kind: str = "cheer", text: str = " for you", **changes: Any) -> dict[str, Any]:
    """channel.bits.use."""
    return {
        **user(),
        **broadcaster(),
        "bits": count,
        "type": kind,
        "power_up": None,
        "custom_power_up": None,
        "message": _without_mentions(message(cheermote("Cheer", count), fragment(text))) if kind == "cheer" else None,
        **changes,
    }


def _without_mentions(value: dict[str, Any]) -> dict[str, Any]:
    """Some topics leave the field out in the pieces of a message."""
    for each in value["fragments"]:
        each.pop("mention")
    return value


def raid(viewers: int = 9001, from_: Person = ("7331", "other", "Other"), to: Person = STREAMER) -> dict[str, Any]:
    """channel.raid, in or out."""
    return {
        "from_broadcaster_user_id": from_[0],
        "from_broadcaster_user_login": from_[1],
        "from_broadcaster_user_name": from_[2],
        "to_broadcaster_user_id": to[0],
        "to_broadcaster_user_login": to[1],
        "to_broadcaster_user_name": to[2],
        "viewers": viewers,
    }


def redemption(status: str = "unfulfilled", text: str = "", title: str = "Hydrate") -> dict[str, Any]:
    """channel.channel_points_custom_reward_redemption.add and .update."""
    return {
        "id": REDEMPTION_ID,
        **broadcaster(),
        **user(),
        "user_input": text,
        "status": status,
        "reward": {"id": REWARD_ID, "title": title, "cost": 100, "prompt": "Make me drink"},
        "redeemed_at": MOMENT,
    }


def automatic(kind: str, emote_id: str = "", name: str = "", said: dict[str, Any] | None = None) -> dict[str, Any]:
    """channel.channel_points_automatic_reward_redemption.add."""
    return {
        **broadcaster(),
        **user(),
        "id": "f024099a-e0fe-4339-9a0a-a706fb59f353",
        "reward": {"type": kind, "channel_points": 100, "emote": {"id": emote_id, "name": name} if emote_id else None},
        "message": said,
        "redeemed_at": MOMENT,
    }


def _power_up(kind: str, count: int, **more: Any) -> dict[str, Any]:
    power_up = {"type": kind, "emote": None, "message_effect_id": None, **more}
    return bits(count, "power_up", power_up=power_up, message=_without_mentions(message(fragment("look "), emote("Kappa", "25"))))


def power_up_redemption(text: str = "") -> dict[str, Any]:
    """channel.custom_power_up_redemption.add."""
    return {
        "id": "5e2d7e2f-9f4c-4c61-8b3b-2f1f5d0b7a11",
        **broadcaster(),
        **user(),
        "user_input": text,
        "status": "unfulfilled",
        "custom_power_up": {"id": "0d3c0bb4-5f2d-4a55-9d7e-6d5a1a2a9c31", "title": "Confetti", "bits": 500, "prompt": "What for?"},
        "redeemed_at": MOMENT,
    }


def charity(**more: Any) -> dict[str, Any]:
    """channel.charity_campaign.*: the fields all four share. The channel is named without `user` here."""
    return {
        "id": "123-abc-456-def",
        "broadcaster_id": STREAMER[0],
        "broadcaster_login": STREAMER[1],
        "broadcaster_name": STREAMER[2],
        "charity_name": "Example name",
        "charity_description": "Example description",
        "charity_logo": "https://abc.cloudfront.net/ppgf/1000/100.png",
        "charity_website": "https://www.example.com",
        **more,
    }


def _money(value: int) -> dict[str, Any]:
    return {"value": value, "decimal_places": 2, "currency": "USD"}


def hype_train(level: int, total: int, **more: Any) -> dict[str, Any]:
    """channel.hype_train.*, version 2: the fields all three share."""
    return {
        "id": "1b0AsbInCHZW2SQFQkCzqN07Ib2",
        **broadcaster(),
        "total": total,
        "top_contributions": [
            {"user_id": "123", "user_login": "pogchamp", "user_name": "PogChamp", "type": "bits", "total": 50},
            {"user_id": "456", "user_login": "kappa", "user_name": "Kappa", "type": "subscription", "total": 45},
        ],
        "level": level,
        "shared_train_participants": None,
        "started_at": MOMENT,
        "is_shared_train": False,
        "type": "regular",
        **more,
    }


_HIGHS = {"all_time_high_level": 4, "all_time_high_total": 2845}
_SHARED_TRAIN = {
    "is_shared_train": True,
    "type": "treasure",
    "shared_train_participants": [
        {"broadcaster_user_id": "7331", "broadcaster_user_login": "other", "broadcaster_user_name": "Other"},
        {"broadcaster_user_id": "1337", "broadcaster_user_login": "streamer", "broadcaster_user_name": "Streamer"},
    ],
}
SUPPORT: dict[str, list[dict[str, Any]]] = {
    "channel.follow": [follow()],
    "channel.subscribe": [
        {**user(), **broadcaster(), "tier": "1000", "is_gift": False},
        {**user(("9005", "lucky", "Lucky")), **broadcaster(), "tier": "2000", "is_gift": True},
    ],
    "channel.subscription.gift": [
        {**user(), **broadcaster(), "total": 2, "tier": "1000", "cumulative_total": 284, "is_anonymous": False},
        {**_ANONYMOUS, **broadcaster(), "total": 5, "tier": "3000", "cumulative_total": None, "is_anonymous": True},
    ],
    "channel.subscription.message": [
        {
            **user(),
            **broadcaster(),
            "tier": "1000",
            "message": {"text": "Love the stream! FevziGG", "emotes": [{"begin": 17, "end": 23, "id": "302976485"}]},
            "cumulative_months": 15,
            "streak_months": 1,
            "duration_months": 6,
        },
        {
            **user(),
            **broadcaster(),
            "tier": "2000",
            "message": {"text": "", "emotes": None},
            "cumulative_months": 3,
            "streak_months": None,
            "duration_months": 1,
        },
    ],
    "channel.subscription.end": [{**user(), **broadcaster(), "tier": "1000", "is_gift": False}],
    "channel.cheer": [
        {"is_anonymous": False, **user(), **broadcaster(), "message": "pogchamp Cheer1000", "bits": 1000},
        {"is_anonymous": True, **_ANONYMOUS, **broadcaster(), "message": "Cheer500", "bits": 500},
    ],
    "channel.bits.use": [
        bits(150),
        _power_up("message_effect", 10, message_effect_id="rainbow-eclipse"),
        _power_up("gigantify_an_emote", 30, emote={"id": "25", "name": "Kappa"}),
        _power_up("celebration", 60, emote={"id": "25", "name": "Kappa"}),
        bits(500, "custom_power_up", custom_power_up={"title": "Confetti", "reward_id": "reward-001"}),
    ],
    "channel.custom_power_up_redemption.add": [power_up_redemption("for the win"), power_up_redemption()],
    "channel.raid": [raid(), raid(from_=STREAMER, to=("7331", "other", "Other"), viewers=80)],
    "channel.channel_points_custom_reward_redemption.add": [redemption(), redemption("fulfilled", "please sing", "Sing a song")],
    "channel.channel_points_custom_reward_redemption.update": [redemption("fulfilled"), redemption("canceled")],
    "channel.channel_points_automatic_reward_redemption.add": [
        automatic(
            "send_highlighted_message",
            said={
                "text": "Hello world! VoHiYo",
                "fragments": [
                    {"type": "text", "text": "Hello world! ", "emote": None},
                    {"type": "emote", "text": "VoHiYo", "emote": {"id": "81274"}},
                ],
            },
        ),
        automatic("single_message_bypass_sub_mode", said={"text": "Hi", "fragments": [{"type": "text", "text": "Hi", "emote": None}]}),
        automatic("random_sub_emote_unlock", "81274", "VoHiYo"),
        automatic("chosen_sub_emote_unlock", "81274", "VoHiYo"),
        automatic("chosen_modified_sub_emote_unlock", "81274_HF", "VoHiYo_HF"),
    ],
    "channel.charity_campaign.donate": [charity(campaign_id="a1b2c3-aabb-4455-d1e2f3", **user(), amount=_money(10000))],
    "channel.charity_campaign.start": [charity(current_amount=_money(0), target_amount=_money(1500000), started_at=MOMENT)],
    "channel.charity_campaign.progress": [charity(current_amount=_money(260000), target_amount=_money(1500000))],
    "channel.charity_campaign.stop": [charity(current_amount=_money(1450000), target_amount=_money(1500000), stopped_at=_LATER)],
    "channel.hype_train.begin": [
        hype_train(1, 137, progress=137, goal=500, expires_at=_LATER, **_HIGHS),
        hype_train(1, 300, progress=300, goal=900, expires_at=_LATER, **{**_HIGHS, **_SHARED_TRAIN}),
    ],
    "channel.hype_train.progress": [hype_train(2, 700, progress=200, goal=1000, expires_at=_LATER)],
    "channel.hype_train.end": [hype_train(2, 1137, ended_at=_LATER, cooldown_ends_at="2026-01-01T19:21:11.171067130Z")],
}
