"""Messages to try the road with: shaped like Twitch's, and read by the very code that reads those."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from voxelle.domain.chat import StreamEvent
from voxelle.domain.errors import InputError
from voxelle.kernel.clock import Ids

NAME: Final = "TEST viewer"
_USER: Final = {"user_id": "test", "user_login": "test_viewer", "user_name": NAME}
_OTHER: Final = {"user_id": "test2", "user_login": "test_friend", "user_name": "TEST friend"}
_MODERATOR: Final = {"moderator_user_id": "test3", "moderator_user_login": "test_moderator", "moderator_user_name": "TEST moderator"}
_MONEY: Final = {"value": 1250, "decimal_places": 2, "currency": "EUR"}
_GOAL: Final = {"value": 100_000, "decimal_places": 2, "currency": "EUR"}
_AT: Final = "2026-01-01T12:00:00Z"
_LATER: Final = "2026-01-01T12:10:00Z"
_TEXT: Final = "TEST message"
_Event = dict[str, Any]


def _message(text: str) -> _Event:
    return {"text": text, "fragments": [{"type": "text", "text": text}]}


def _notice(notice_type: str, **parts: Any) -> tuple[str, _Event]:
    chatter = {"chatter_user_id": "test", "chatter_user_login": "test_viewer", "chatter_user_name": NAME, "chatter_is_anonymous": False}
    about = {"badges": [], "system_message": f"{NAME}: a notice.", "message": _message(_TEXT), "notice_type": notice_type}
    return "channel.chat.notification", {**chatter, **about, **parts}


def _reward(status: str) -> _Event:
    reward = {"id": "test", "title": "TEST reward", "cost": 100, "prompt": ""}
    return {**_USER, "user_input": _TEXT, "status": status, "reward": reward, "redeemed_at": _AT}


def _poll(step: str, **more: Any) -> tuple[str, _Event]:
    choices = [{"id": "1", "title": "Yes", "votes": 7}, {"id": "2", "title": "No", "votes": 3}]
    return f"channel.poll.{step}", {"title": "TEST poll?", "choices": choices, **more}


def _prediction(step: str, **more: Any) -> tuple[str, _Event]:
    outcomes = [{"id": "1", "title": "Win", "channel_points": 500}, {"id": "2", "title": "Defeat", "channel_points": 200}]
    return f"channel.prediction.{step}", {"title": "TEST prediction?", "outcomes": outcomes, **more}


def _train(step: str, level: int) -> tuple[str, _Event]:
    return f"channel.hype_train.{step}", {"level": level, "total": 700 * level, "type": "regular", "started_at": _AT}


def _campaign(step: str) -> tuple[str, _Event]:
    return f"channel.charity_campaign.{step}", {"charity_name": "TEST charity", "current_amount": _MONEY, "target_amount": _GOAL}


def _goal(step: str, **more: Any) -> tuple[str, _Event]:
    about = {"type": "follow", "description": "TEST goal", "current_amount": 90, "target_amount": 100, "started_at": _AT}
    return f"channel.goal.{step}", {**about, **more}


def _ban(*, is_permanent: bool) -> tuple[str, _Event]:
    about = {"reason": "TEST", "banned_at": _AT, "ends_at": None if is_permanent else _LATER, "is_permanent": is_permanent}
    return "channel.ban", {**_USER, **_MODERATOR, **about}


_SAMPLES: Final[dict[StreamEvent, tuple[str, _Event]]] = {
    StreamEvent.FOLLOW: ("channel.follow", {**_USER}),
    StreamEvent.SUBSCRIPTION: _notice("sub", sub={"sub_tier": "1000", "is_prime": False, "duration_months": 1}),
    StreamEvent.RESUBSCRIPTION: _notice(
        "resub", resub={"cumulative_months": 12, "duration_months": 1, "streak_months": 5, "sub_tier": "1000", "is_prime": False}
    ),
    StreamEvent.GIFT: _notice("community_sub_gift", community_sub_gift={"total": 5, "sub_tier": "1000", "cumulative_total": 5}),
    StreamEvent.SUBSCRIPTION_END: ("channel.subscription.end", {**_USER, "tier": "1000", "is_gift": False}),
    StreamEvent.BITS: ("channel.bits.use", {**_USER, "bits": 100, "type": "cheer", "message": _message(_TEXT)}),
    StreamEvent.POWER_UP: (
        "channel.bits.use",
        {**_USER, "bits": 30, "type": "power_up", "power_up": {"type": "message_effect"}, "message": _message(_TEXT)},
    ),
    StreamEvent.RAID: _notice("raid", raid={**_USER, "viewer_count": 42}),
    StreamEvent.RAID_OUT: (
        "channel.raid",
        {"to_broadcaster_user_id": "test2", "to_broadcaster_user_name": "TEST friend", "viewers": 42},
    ),
    StreamEvent.REDEMPTION: ("channel.channel_points_custom_reward_redemption.add", _reward("unfulfilled")),
    StreamEvent.REDEMPTION_UPDATE: ("channel.channel_points_custom_reward_redemption.update", _reward("fulfilled")),
    StreamEvent.AUTOMATIC_REDEMPTION: (
        "channel.channel_points_automatic_reward_redemption.add",
        {**_USER, "reward": {"type": "send_highlighted_message", "channel_points": 100}, "message": _message(_TEXT)},
    ),
    StreamEvent.WATCH_STREAK: _notice("watch_streak", watch_streak={"streak_count": 5, "channel_points_awarded": 350}),
    StreamEvent.ANNOUNCEMENT: _notice("announcement", announcement={"color": "PRIMARY"}),
    StreamEvent.CHAT_NOTICE: _notice("bits_badge_tier", bits_badge_tier={"tier": 1000}),
    StreamEvent.SHOUTOUT_SENT: (
        "channel.shoutout.create",
        {**_MODERATOR, "to_broadcaster_user_name": "TEST friend", "viewer_count": 42, "started_at": _AT},
    ),
    StreamEvent.SHOUTOUT_RECEIVED: (
        "channel.shoutout.receive",
        {"from_broadcaster_user_id": "test2", "from_broadcaster_user_name": "TEST friend", "viewer_count": 42, "started_at": _AT},
    ),
    StreamEvent.CHARITY_DONATION: (
        "channel.charity_campaign.donate",
        {**_USER, "charity_name": "TEST charity", "amount": _MONEY},
    ),
    StreamEvent.CHARITY_BEGIN: _campaign("start"),
    StreamEvent.CHARITY_PROGRESS: _campaign("progress"),
    StreamEvent.CHARITY_END: _campaign("stop"),
    StreamEvent.GOAL_BEGIN: _goal("begin"),
    StreamEvent.GOAL_PROGRESS: _goal("progress"),
    StreamEvent.GOAL_END: _goal("end", is_achieved=True),
    StreamEvent.HYPE_TRAIN_BEGIN: _train("begin", 1),
    StreamEvent.HYPE_TRAIN_PROGRESS: _train("progress", 3),
    StreamEvent.HYPE_TRAIN_END: _train("end", 4),
    StreamEvent.POLL_BEGIN: _poll("begin"),
    StreamEvent.POLL_PROGRESS: _poll("progress"),
    StreamEvent.POLL_END: _poll("end", status="completed"),
    StreamEvent.PREDICTION_BEGIN: _prediction("begin"),
    StreamEvent.PREDICTION_PROGRESS: _prediction("progress"),
    StreamEvent.PREDICTION_LOCK: _prediction("lock"),
    StreamEvent.PREDICTION_END: _prediction("end", status="resolved", winning_outcome_id="1"),
    StreamEvent.AD_BREAK: ("channel.ad_break.begin", {"duration_seconds": 90, "is_automatic": False}),
    StreamEvent.STREAM_ONLINE: ("stream.online", {"type": "live"}),
    StreamEvent.STREAM_OFFLINE: ("stream.offline", {}),
    StreamEvent.CHANNEL_UPDATE: ("channel.update", {"title": "TEST title", "category_name": "TEST category"}),
    StreamEvent.BAN: _ban(is_permanent=True),
    StreamEvent.TIMEOUT: _ban(is_permanent=False),
    StreamEvent.UNBAN: ("channel.unban", {**_USER, **_MODERATOR}),
    StreamEvent.AUTOMOD_HOLD: (
        "automod.message.hold",
        {**_USER, "reason": "automod", "automod": {"category": "swearing", "level": 2}},
    ),
    StreamEvent.SHIELD_ON: ("channel.shield_mode.begin", {**_MODERATOR}),
    StreamEvent.SHIELD_OFF: ("channel.shield_mode.end", {**_MODERATOR}),
    StreamEvent.MODERATION: ("channel.moderate", {**_MODERATOR, "action": "slow", "slow": {"wait_time_seconds": 30}}),
}


def sample(kind: StreamEvent, ids: Ids, broadcaster_id: str, name: str = "") -> bytes:
    """Return a message of Twitch's that tells such an event, a chat message to `name` for none. InputError for what Twitch never tells."""
    topic, event = _chat(name) if kind is StreamEvent.NONE else _event(kind)
    unique = ids.new()
    whole = {
        "id": f"test-{unique}",
        "message_id": f"test-{unique}",
        "followed_at": unique,
        "broadcaster_user_id": broadcaster_id,
        "from_broadcaster_user_id": broadcaster_id,
        **event,
    }
    metadata = {"message_id": f"test-{unique}", "message_type": "notification", "message_timestamp": "", "subscription_type": topic}
    return msgspec.json.encode({"metadata": metadata, "payload": {"subscription": {"type": topic}, "event": whole}})


def _chat(name: str) -> tuple[str, _Event]:
    text = f"TEST: hi {name}, can you hear me?"
    chatter = {"chatter_user_id": "test", "chatter_user_login": "test_viewer", "chatter_user_name": NAME}
    return "channel.chat.message", {**chatter, "message": _message(text), "message_type": "text", "badges": []}


def _event(kind: StreamEvent) -> tuple[str, _Event]:
    if kind not in _SAMPLES:
        msg = f"Twitch never tells of “{kind}”."
        raise InputError(msg)
    return _SAMPLES[kind]
