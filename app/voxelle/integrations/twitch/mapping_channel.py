"""Polls, predictions, trains, goals, campaigns, and the stream itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from voxelle.domain.chat import StreamEvent
from voxelle.integrations.twitch.mapping import LONGEST_TEXT, Happening, Told, clean, money_of, read_time
from voxelle.integrations.twitch.payloads import Money
from voxelle.integrations.twitch.payloads_channel import (
    AdBreak,
    ChannelUpdate,
    CharityCampaign,
    Goal,
    HypeTrain,
    Poll,
    Prediction,
    StreamOffline,
    StreamOnline,
)

_GOALS: Final = {
    "follow": "followers",
    "follower": "followers",
    "subscription": "subscriber points",
    "subscription_count": "subscribers",
    "new_subscription": "new subscriber points",
    "new_subscription_count": "new subscribers",
    "new_bit": "bits",
    "new_cheerer": "cheerers",
}
_STEPS: Final = {
    "channel.poll.begin": StreamEvent.POLL_BEGIN,
    "channel.poll.progress": StreamEvent.POLL_PROGRESS,
    "channel.poll.end": StreamEvent.POLL_END,
    "channel.prediction.begin": StreamEvent.PREDICTION_BEGIN,
    "channel.prediction.progress": StreamEvent.PREDICTION_PROGRESS,
    "channel.prediction.lock": StreamEvent.PREDICTION_LOCK,
    "channel.prediction.end": StreamEvent.PREDICTION_END,
    "channel.hype_train.begin": StreamEvent.HYPE_TRAIN_BEGIN,
    "channel.hype_train.progress": StreamEvent.HYPE_TRAIN_PROGRESS,
    "channel.hype_train.end": StreamEvent.HYPE_TRAIN_END,
    "channel.charity_campaign.start": StreamEvent.CHARITY_BEGIN,
    "channel.charity_campaign.progress": StreamEvent.CHARITY_PROGRESS,
    "channel.charity_campaign.stop": StreamEvent.CHARITY_END,
    "channel.goal.begin": StreamEvent.GOAL_BEGIN,
    "channel.goal.progress": StreamEvent.GOAL_PROGRESS,
    "channel.goal.end": StreamEvent.GOAL_END,
}
_REPEATED: Final = frozenset(
    {
        StreamEvent.POLL_PROGRESS,
        StreamEvent.PREDICTION_PROGRESS,
        StreamEvent.HYPE_TRAIN_PROGRESS,
        StreamEvent.CHARITY_PROGRESS,
        StreamEvent.GOAL_PROGRESS,
    }
)
"""They come again and again about the same thing; each is a happening of its own."""
_MAX_NAMED: Final = 10
_Found = tuple[Happening, ...]


def _step(told: Told, thing_id: str) -> tuple[StreamEvent, str]:
    """Return what happened to a thing that begins, goes on and ends, and the key of that."""
    kind = _STEPS[told.topic]
    return kind, f"{thing_id}:{told.message_id}" if kind in _REPEATED else thing_id


def _list(titles: Iterable[tuple[str, int | None]]) -> str:
    """Name choices, with their numbers where there are some."""
    named = [clean(title) + (f" ({count})" if count else "") for title, count in titles]
    return clean(", ".join(named[:_MAX_NAMED]), LONGEST_TEXT)


def from_poll(event: Poll, told: Told) -> _Found:
    """A poll begins, goes on or ends. One that ends twice (completed, then archived) ends once."""
    kind, key = _step(told, event.id)
    most = max((choice.votes or 0 for choice in event.choices), default=0)
    winners = [clean(choice.title) for choice in event.choices if most and choice.votes == most]
    winner = " and ".join(winners) or "Nobody"
    return told.event(
        kind,
        key,
        text=clean(event.title),
        amount=sum(choice.votes or 0 for choice in event.choices),
        choices=_list((choice.title, choice.votes) for choice in event.choices),
        winner=clean(winner, LONGEST_TEXT) if kind is StreamEvent.POLL_END else None,
        status=clean(event.status, 40),
    )


def from_prediction(event: Prediction, told: Told) -> _Found:
    """A prediction begins, goes on, is locked or ends."""
    kind, key = _step(told, event.id)
    winner = next((clean(each.title) for each in event.outcomes if each.id and each.id == event.winning_outcome_id), "")
    if kind is StreamEvent.PREDICTION_END and not winner:
        winner = "it was called off" if event.status.startswith("cancel") else "nobody knows"
    return told.event(
        kind,
        key,
        text=clean(event.title),
        amount=sum(outcome.channel_points or 0 for outcome in event.outcomes),
        choices=_list((outcome.title, outcome.channel_points) for outcome in event.outcomes),
        winner=winner,
        status=clean(event.status, 40),
    )


def from_hype_train(event: HypeTrain, told: Told) -> _Found:
    """A hype train starts, goes on or is over; the amount is its level."""
    kind, key = _step(told, event.id)
    return told.event(kind, key, amount=event.level, value=event.total, status=clean(event.type, 40).replace("_", " "))


def from_campaign(event: CharityCampaign, told: Told) -> _Found:
    """A charity campaign begins, gets further or is over."""
    kind, key = _step(told, event.id)
    return told.event(
        kind,
        key,
        amount=event.current_amount.value,
        value=money_of(event.current_amount),
        target=_money(event.target_amount),
        charity=clean(event.charity_name),
    )


def _money(money: Money | None) -> str:
    return "" if money is None else money_of(money)


def from_goal(event: Goal, told: Told) -> _Found:
    """A goal begins (the amount is what is to be reached), gets further or ends (what is reached)."""
    kind, key = _step(told, event.id)
    return told.event(
        kind,
        key,
        text=clean(event.description) or _GOALS.get(event.type, clean(event.type).replace("_", " ")),
        amount=event.target_amount if kind is StreamEvent.GOAL_BEGIN else event.current_amount,
        target=event.target_amount,
        value=event.current_amount,
        status=None if event.is_achieved is None else ("reached" if event.is_achieved else "not reached"),
    )


def from_ad_break(event: AdBreak, told: Told) -> _Found:
    """An ad break begins."""
    seconds = event.duration_seconds
    if isinstance(seconds, str):
        seconds = int(seconds) if seconds.isascii() and seconds.isdigit() and len(seconds) < len("100000") else 0
    return told.event(StreamEvent.AD_BREAK, event.started_at[:40], amount=seconds, duration=seconds)


def from_online(event: StreamOnline, told: Told) -> _Found:
    """The stream begins. Helix knows the same by the same time."""
    at = read_time(event.started_at)
    return told.event(StreamEvent.STREAM_ONLINE, f"{at:%Y%m%dT%H%M%S}" if at else event.id, status=clean(event.type, 40))


def from_offline(_: StreamOffline, told: Told) -> _Found:
    """The stream ends."""
    return told.event(StreamEvent.STREAM_OFFLINE, told.message_id)


def from_update(event: ChannelUpdate, told: Told) -> _Found:
    """Title or category change."""
    return told.event(StreamEvent.CHANNEL_UPDATE, told.message_id, text=clean(event.title), category=clean(event.category_name))
