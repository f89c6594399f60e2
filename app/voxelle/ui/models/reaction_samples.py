"""Events as they could happen: they show what a template becomes, and which fields it can have."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from voxelle.companion.cue import cue_for
from voxelle.companion.event_words import MODERATION
from voxelle.companion.gathering import Gathering
from voxelle.domain.chat import Author, ChannelEvent, StreamEvent
from voxelle.settings.reaction import PLACEHOLDERS, placeholders
from voxelle.ui.models.event_words import has_actor

_K = StreamEvent
_AT = datetime(2026, 1, 1, 20, 0, tzinfo=UTC)
_NAMES = ("Haruka🌸", "tom_plays", "Nightjar")
_SHARES = (1.0, 0.5, 0.2)
_MONEY = {"value": "12.50 EUR", "charity": "Doctors Without Borders"}
_POLL = {"choices": "Lasagne (7), Ramen (3)"}
_PREDICTION = {"choices": "Yes (500), No (200)"}
_DATA: dict[StreamEvent, tuple[int, str, dict[str, str]]] = {
    _K.SUBSCRIPTION: (1, "", {"tier": "1", "months": "1"}),
    _K.RESUBSCRIPTION: (14, "Still the best corner of the internet!", {"tier": "1", "months": "14", "streak": "5"}),
    _K.GIFT: (20, "", {"tier": "1", "recipient": "Nightjar"}),
    _K.SUBSCRIPTION_END: (0, "", {"tier": "1"}),
    _K.BITS: (500, "take my bits!", {}),
    _K.POWER_UP: (30, "look at me!", {"reward": "a gigantic emote", "cost": "30"}),
    _K.RAID: (42, "", {}),
    _K.RAID_OUT: (120, "", {"target": "Nightjar"}),
    _K.REDEMPTION: (300, "a poem about cheese, please", {"reward": "Say something nice", "cost": "300", "status": "unfulfilled"}),
    _K.REDEMPTION_UPDATE: (300, "", {"reward": "Say something nice", "cost": "300", "status": "fulfilled"}),
    _K.AUTOMATIC_REDEMPTION: (200, "hello in colour", {"reward": "a highlighted message", "cost": "200"}),
    _K.WATCH_STREAK: (5, "", {"streak": "5"}),
    _K.ANNOUNCEMENT: (0, "The art stream begins at nine.", {}),
    _K.CHAT_NOTICE: (0, "Haruka🌸 has got a new badge.", {"status": "bits_badge_tier"}),
    _K.SHOUTOUT_SENT: (42, "", {"target": "Nightjar"}),
    _K.SHOUTOUT_RECEIVED: (42, "", {}),
    _K.CHARITY_DONATION: (0, "", _MONEY),
    _K.CHARITY_BEGIN: (0, "", {**_MONEY, "target": "1,000 EUR"}),
    _K.CHARITY_PROGRESS: (0, "", {**_MONEY, "target": "1,000 EUR"}),
    _K.CHARITY_END: (0, "", {**_MONEY, "target": "1,000 EUR"}),
    _K.GOAL_BEGIN: (100, "a hundred followers", {"target": "100", "value": "90"}),
    _K.GOAL_PROGRESS: (95, "a hundred followers", {"target": "100", "value": "95"}),
    _K.GOAL_END: (100, "a hundred followers", {"target": "100", "value": "100", "status": "reached"}),
    _K.HYPE_TRAIN_BEGIN: (1, "", {"value": "700", "status": "regular"}),
    _K.HYPE_TRAIN_PROGRESS: (3, "", {"value": "2100", "status": "regular"}),
    _K.HYPE_TRAIN_END: (4, "", {"value": "2800", "status": "regular"}),
    _K.POLL_BEGIN: (0, "What is for dinner?", {"choices": "Lasagne, Ramen"}),
    _K.POLL_PROGRESS: (10, "What is for dinner?", _POLL),
    _K.POLL_END: (10, "What is for dinner?", {**_POLL, "winner": "Lasagne"}),
    _K.PREDICTION_BEGIN: (0, "Do we beat the boss?", {"choices": "Yes, No"}),
    _K.PREDICTION_PROGRESS: (700, "Do we beat the boss?", _PREDICTION),
    _K.PREDICTION_LOCK: (700, "Do we beat the boss?", _PREDICTION),
    _K.PREDICTION_END: (700, "Do we beat the boss?", {**_PREDICTION, "winner": "Yes"}),
    _K.AD_BREAK: (90, "", {"duration": "90"}),
    _K.CHANNEL_UPDATE: (0, "Building a radio from 1974", {"category": "Makers & Crafting"}),
    _K.TIMEOUT: (0, "", {"duration": "600"}),
    _K.AUTOMOD_HOLD: (0, "", {"category": "swearing"}),
    _K.MODERATION: (0, "slow", {}),
    _K.TOUCH: (0, "on the head", {}),
}
_NO_VALUES: tuple[int, str, dict[str, str]] = (0, "", {})


def sample_event(kind: StreamEvent) -> ChannelEvent:
    """Return an event of a kind."""
    amount, text, fields = _DATA.get(kind, _NO_VALUES)
    author = Author("sample 1", _NAMES[0], "sample") if has_actor(kind) else Author("", "", "sample")
    return ChannelEvent("sample", kind, author, _AT, "sample", text, amount, tuple(fields.items()))


def has_amount(kind: StreamEvent) -> bool:
    """Tell whether events of a kind have a number to compare with."""
    return _DATA.get(kind, _NO_VALUES)[0] > 0


def fields_of(kind: StreamEvent, *, is_for_many: bool = False) -> tuple[str, ...]:
    """Return the placeholders that say something for a kind, in the order of the list of all."""
    event = sample_event(kind)
    known = {name for name, _value in event.fields}
    if event.author.name and kind not in MODERATION:
        known |= {"name", "names"} if is_for_many else {"name"}
    if event.text and kind not in MODERATION:
        known.add("message")
    if event.amount:
        known |= {"amount", "total"} if is_for_many else {"amount"}
    if is_for_many:
        known.add("count")
    return tuple(name for name in PLACEHOLDERS if name in known)


def preview(kind: StreamEvent, template: str, *, is_verbatim: bool, is_for_many: bool = False) -> str:
    """Return what a template becomes for an event, or for three; empty for a template that can't be filled."""
    event = sample_event(kind)
    events = [event]
    if is_for_many and event.author.name:
        events = [_of(event, number) for number in range(len(_NAMES))]
    elif is_for_many:
        events = [replace(event, id=f"sample {number}") for number in range(len(_NAMES))]
    try:
        tuple(placeholders(template))
        return cue_for(template, Gathering(events), is_verbatim=is_verbatim)
    except ValueError:
        return ""


def _of(event: ChannelEvent, number: int) -> ChannelEvent:
    """Return the event as somebody else did it, smaller."""
    amount = max(1, round(event.amount * _SHARES[number])) if event.amount else 0
    return replace(event, author=Author(f"sample {number}", _NAMES[number], "sample"), amount=amount)
