"""What happens on a channel as she hears it, in the words of her templates."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.twitch import payloads
from tests.fakes.twitch.payloads_notices import community_gift, notice, raid, resub, sub_gift
from tests.integrations.twitch.frames import BOT, CONTEXT, STREAMER, heard
from voxelle.domain.chat import ChannelEvent, Retraction, StreamEvent
from voxelle.integrations.twitch.mapping import ANONYMOUS, Context
from voxelle.integrations.twitch.mapping_moderation import duration_words
from voxelle.settings.reaction import PLACEHOLDERS

REWARDED = "channel.channel_points_custom_reward_redemption"


def event(topic: str, told: dict[str, Any] | int = 0, context: Context = CONTEXT) -> ChannelEvent:
    """The one event that comes of a message, or of an example."""
    (found,) = heard(topic, payloads.example(topic, told) if isinstance(told, int) else told, context)
    assert isinstance(found, ChannelEvent)
    return found


def noticed(told: dict[str, Any], context: Context = CONTEXT) -> ChannelEvent:
    return event("channel.chat.notification", told, context)


def test_fields_bear_the_names_that_templates_know() -> None:
    extra = {"moderator"}
    for topic, found in payloads.EXAMPLES.items():
        for number in range(len(found)):
            for each in heard(topic, payloads.example(topic, number)):
                if isinstance(each, ChannelEvent):
                    assert {name for name, _ in each.fields} <= set(PLACEHOLDERS) | extra
                    assert all(value for _, value in each.fields)


def test_subscriptions_say_tier_and_months() -> None:
    first = noticed(payloads.example("channel.chat.notification", 0))
    assert (first.event, first.field("tier"), first.author.name) == (StreamEvent.SUBSCRIPTION, "Prime", "Viewer23")
    again = noticed(resub(13))
    assert (again.event, again.amount, again.text) == (StreamEvent.RESUBSCRIPTION, 13, "Love the streams!")
    assert (again.field("tier"), again.field("months"), again.field("streak")) == ("1", "13", "5")
    message = event("channel.subscription.message")
    assert (message.event, message.amount, message.field("streak")) == (StreamEvent.RESUBSCRIPTION, 15, "1")
    assert event("channel.subscribe").event is StreamEvent.SUBSCRIPTION
    assert event("channel.subscription.end").event is StreamEvent.SUBSCRIPTION_END


def test_going_on_after_a_gift_is_a_subscription() -> None:
    kinds = {each["notice_type"]: each for each in payloads.EXAMPLES["channel.chat.notification"]}
    assert noticed(kinds["gift_paid_upgrade"]).event is StreamEvent.SUBSCRIPTION
    assert noticed(kinds["prime_paid_upgrade"]).field("tier") == "1"
    assert noticed(kinds["pay_it_forward"]).event is StreamEvent.CHAT_NOTICE


def test_a_gift_bomb_is_one_event_with_its_number() -> None:
    bomb = noticed(community_gift(50, gift_id="g1"))
    assert (bomb.id, bomb.event, bomb.amount) == ("twitch:gift:g1", StreamEvent.GIFT, 50)
    lucky = ("1", "lucky", "Lucky")
    assert heard("channel.chat.notification", sub_gift(lucky, gift_id="g1")) == ()
    assert heard("channel.subscribe", payloads.example("channel.subscribe", 1)) == (), "the giver is thanked, not the receiver"
    single = noticed(sub_gift(lucky))
    assert (single.amount, single.field("recipient")) == (1, "Lucky")


@pytest.mark.parametrize(
    "topic, told",
    [
        ("channel.chat.notification", community_gift(3, chatter=None)),
        ("channel.subscription.gift", payloads.example("channel.subscription.gift", 1)),
        ("channel.cheer", payloads.example("channel.cheer", 1)),
    ],
)
def test_who_does_not_want_to_be_known_is_not(topic: str, told: dict[str, Any]) -> None:
    found = event(topic, told)
    assert (found.author.id, found.author.name, found.is_anonymous) == ("", ANONYMOUS, True)


def test_raids_come_in_and_go_out() -> None:
    for found in (noticed(raid(viewers=42)), event("channel.raid", {**payloads.example("channel.raid"), "viewers": 42})):
        assert (found.event, found.author.name, found.amount) == (StreamEvent.RAID, "Other", 42)
    out = event("channel.raid", 1)
    assert (out.event, out.field("target"), out.author.id) == (StreamEvent.RAID_OUT, "Other", f"twitch:{STREAMER}")


def test_bits_and_power_ups_are_told_apart() -> None:
    assert [event("channel.bits.use", number).event for number in range(5)] == [StreamEvent.BITS] + [StreamEvent.POWER_UP] * 4
    rewards = [event("channel.bits.use", number).field("reward") for number in range(1, 5)]
    assert rewards == ["a message effect", "a gigantic emote", "an on-screen celebration", "Confetti"]
    combo = {**payloads.example("channel.bits.use"), "type": "combo"}
    assert event("channel.bits.use", combo).event is StreamEvent.BITS
    new = {**payloads.example("channel.bits.use"), "type": "power_up", "power_up": {"type": "brand_new_thing"}}
    assert event("channel.bits.use", new).field("reward") == "brand new thing"
    assert event("channel.bits.use", {**new, "power_up": None}).field("reward") == "a power-up"


def test_a_power_up_of_the_streamers_is_told_by_its_redemption_where_that_is_heard() -> None:
    topic = "channel.custom_power_up_redemption.add"
    found = event(topic)
    assert (found.event, found.amount, found.text) == (StreamEvent.POWER_UP, 500, "for the win")
    assert (found.field("reward"), found.field("cost"), found.field("status")) == ("Confetti", "500", "unfulfilled")
    listening = replace(CONTEXT, hears=frozenset({topic}))
    assert heard("channel.bits.use", payloads.example("channel.bits.use", 4), listening) == ()
    assert event("channel.bits.use", 1, listening).event is StreamEvent.POWER_UP


def test_a_redemption_has_its_own_id_and_its_settling_another() -> None:
    made = event(f"{REWARDED}.add", {**payloads.example(f"{REWARDED}.add"), "id": "r1", "user_input": "sing"})
    assert (made.id, made.event, made.text) == ("twitch:redemption:r1", StreamEvent.REDEMPTION, "sing")
    assert (made.field("reward"), made.field("cost"), made.amount) == ("Hydrate", "100", 100)
    settled = event(f"{REWARDED}.update", {**payloads.example(f"{REWARDED}.update"), "id": "r1"})
    assert (settled.event, settled.field("status")) == (StreamEvent.REDEMPTION_UPDATE, "fulfilled")


def test_built_in_rewards_are_named_in_words() -> None:
    topic = "channel.channel_points_automatic_reward_redemption.add"
    assert event(topic).field("reward") == "a highlighted message"
    old = {**payloads.example(topic), "reward": {"type": "new_kind", "cost": 70}}
    assert (event(topic, old).field("reward"), event(topic, old).amount) == ("new kind", 70)


def test_polls_name_their_choices_and_their_winner() -> None:
    begun, ended = event("channel.poll.begin"), event("channel.poll.end")
    assert begun.field("choices") == "Yeah!, No!, Maybe!"
    assert (ended.field("winner"), ended.field("choices")) == ("No!", "Yeah! (120), No! (140), Maybe! (80)")
    tie = {**payloads.example("channel.poll.end"), "choices": [{"title": "A", "votes": 2}, {"title": "B", "votes": 2}]}
    assert event("channel.poll.end", tie).field("winner") == "A and B"
    nobody = {**payloads.example("channel.poll.end"), "choices": [{"title": "A"}]}
    assert event("channel.poll.end", nobody).field("winner") == "Nobody"


def test_what_goes_on_has_a_new_id_each_time_and_what_ends_has_one() -> None:
    for family in ("poll", "prediction", "hype_train", "goal"):
        topic = f"channel.{family}.progress"
        (one,), (other,) = (heard(topic, payloads.example(topic), message_id=each) for each in ("m1", "m2"))
        assert isinstance(one, ChannelEvent)
        assert isinstance(other, ChannelEvent)
        assert one.id != other.id
        ends = [heard(f"channel.{family}.end", payloads.example(f"channel.{family}.end"), message_id=each) for each in ("m1", "m2")]
        assert ends[0] == ends[1]


def test_predictions_say_how_they_ended() -> None:
    assert event("channel.prediction.end").field("winner") == "Yeah!"
    assert event("channel.prediction.end", 1).field("winner") == "it was called off"
    lost = {**payloads.example("channel.prediction.end"), "winning_outcome_id": None}
    assert event("channel.prediction.end", lost).field("winner") == "nobody knows"
    assert event("channel.prediction.lock").event is StreamEvent.PREDICTION_LOCK


def test_trains_goals_and_campaigns_say_how_far_they_are() -> None:
    assert [event(f"channel.hype_train.{each}").amount for each in ("begin", "progress", "end")] == [1, 2, 2]
    begun, ended = event("channel.goal.begin"), event("channel.goal.end", 1)
    assert (begun.amount, ended.amount, ended.field("target"), ended.field("status")) == (220, 220, "220", "reached")
    nameless = {**payloads.example("channel.goal.progress"), "description": None, "type": "subscription_count", "current_amount": -3}
    assert (event("channel.goal.progress", nameless).text, event("channel.goal.progress", nameless).amount) == ("subscribers", 0)
    stop = event("channel.charity_campaign.stop")
    assert (stop.field("value"), stop.field("charity"), stop.field("target")) == ("14500.00 USD", "Example name", "15000.00 USD")
    endless = {**payloads.example("channel.charity_campaign.start"), "target_amount": None}
    assert event("channel.charity_campaign.start", endless).field("target") == ""


@pytest.mark.parametrize(
    "money, words",
    [
        ({"value": 5, "decimal_places": 2, "currency": "EUR"}, "0.05 EUR"),
        ({"value": 500, "decimal_places": 0, "currency": "JPY"}, "500 JPY"),
        ({"value": 550, "decimal_place": 2, "currency": "USD"}, "5.50 USD"),
        ({"value": 550}, "5.50"),
    ],
)
def test_money_is_written_as_people_write_it(money: dict[str, Any], words: str) -> None:
    donated = notice("charity_donation", {"charity_name": "Example", "amount": money}, "")
    assert noticed(donated).field("value") == words
    assert event("channel.charity_campaign.donate", {**payloads.example("channel.charity_campaign.donate"), "amount": money}).amount >= 5


@pytest.mark.parametrize("seconds, amount", [(60, 60), ("180", 180), ("many", 0), ("9" * 50, 0)])
def test_an_ad_break_says_its_length_even_as_a_text(seconds: object, amount: int) -> None:
    found = event("channel.ad_break.begin", {**payloads.example("channel.ad_break.begin"), "duration_seconds": seconds})
    assert found.amount == amount


def test_the_stream_begins_changes_and_ends() -> None:
    online = event("stream.online", {**payloads.example("stream.online"), "started_at": "2026-01-01T19:00:00.5Z"})
    assert online.id == "twitch:stream_online:20260101T190000"
    assert event("stream.online", {**payloads.example("stream.online"), "id": "77", "started_at": ""}).id == "twitch:stream_online:77"
    update = event("channel.update")
    assert (update.text, update.field("category")) == ("Best Stream Ever", "Grand Theft Auto")
    assert event("stream.offline").event is StreamEvent.STREAM_OFFLINE


def test_shout_outs_name_the_other_channel() -> None:
    sent, received = event("channel.shoutout.create"), event("channel.shoutout.receive")
    assert (sent.field("target"), sent.author.name, sent.amount) == ("Other", "Assistant", 860)
    assert (received.author.name, received.amount) == ("Other", 860)


def test_a_watch_streak_says_its_length() -> None:
    kinds = {each["notice_type"]: each for each in payloads.EXAMPLES["channel.chat.notification"]}
    found = noticed(kinds["watch_streak"])
    assert (found.event, found.amount, found.text) == (StreamEvent.WATCH_STREAK, 10, "still here")
    assert noticed({**kinds["watch_streak"], "watch_streak": None}).amount == 0


@pytest.mark.parametrize("kind", ["sub", "resub", "sub_gift", "community_sub_gift", "raid", "charity_donation", "never_heard_of"])
def test_a_notice_without_its_part_or_of_a_new_kind_is_shown_in_twitchs_words(kind: str) -> None:
    told = {**payloads.example("channel.chat.notification"), "notice_type": kind, "sub": None, "system_message": "Something happened."}
    found = noticed(told)
    assert (found.event, found.text, found.field("status")) == (StreamEvent.CHAT_NOTICE, "Something happened.", kind)


def test_what_happened_in_another_channel_of_a_shared_chat_is_labelled() -> None:
    kinds = {each["notice_type"]: each for each in payloads.EXAMPLES["channel.chat.notification"]}
    found = noticed(kinds["shared_chat_sub"])
    assert (found.event, found.is_shared, found.field("tier")) == (StreamEvent.SUBSCRIPTION, True, "Prime")


def test_her_own_announcement_is_nothing() -> None:
    told = payloads.announcement("Giveaway!")
    assert heard("channel.chat.notification", {**told, "chatter_user_id": BOT}) == ()
    own = Context(STREAMER, is_own=lambda _, text: text == "Giveaway!")
    assert heard("channel.chat.notification", {**told, "chatter_user_id": STREAMER}, own) == ()
    assert noticed({**told, "chatter_user_id": "5"}, own).event is StreamEvent.ANNOUNCEMENT


@pytest.mark.parametrize("number, kind, reason", [(0, StreamEvent.BAN, "banned"), (1, StreamEvent.TIMEOUT, "timed out")])
def test_a_ban_takes_back_what_was_written(number: int, kind: StreamEvent, reason: str) -> None:
    for topic in ("channel.ban", "channel.moderate"):
        gone, told = heard(topic, payloads.example(topic, number))
        assert gone == Retraction("twitch", author_id="twitch:9001", reason=reason)
        assert isinstance(told, ChannelEvent)
        assert (told.event, told.field("recipient"), told.author.name) == (kind, "Viewer23", "Viewer23")


def test_acts_of_moderators_name_who_did_what_to_whom() -> None:
    acts = {each["action"]: each for each in payloads.EXAMPLES["channel.moderate"]}
    slow = event("channel.moderate", acts["slow"])
    assert (slow.event, slow.text, slow.author.name) == (StreamEvent.MODERATION, "slow", "Assistant")
    back = event("channel.moderate", acts["approve_unban_request"])
    assert (back.event, back.author.name) == (StreamEvent.UNBAN, "Viewer23")
    assert event("channel.unban").author.name == "Viewer23"
    deleted, told = heard("channel.moderate", acts["delete"])
    assert isinstance(deleted, Retraction)
    assert isinstance(told, ChannelEvent)
    assert deleted.stimulus_ids
    timed_out = {**acts["timeout"], "timeout": {**acts["timeout"]["timeout"], "expires_at": "2026-01-01T20:10:00Z"}}
    assert [each.field("duration") for each in heard("channel.moderate", timed_out) if isinstance(each, ChannelEvent)] == ["10 minutes"]
    new = {**acts["slow"], "action": "__dict__"}
    assert event("channel.moderate", new).event is StreamEvent.MODERATION


def test_what_automod_holds_is_never_quoted() -> None:
    held = event("automod.message.hold")
    assert (held.event, held.text, held.field("category")) == (StreamEvent.AUTOMOD_HOLD, "", "swearing")
    old = {**payloads.example("automod.message.hold"), "automod": None, "category": "bullying"}
    assert event("automod.message.hold", old).field("category") == "bullying"


def test_shield_mode_goes_on_and_off() -> None:
    assert event("channel.shield_mode.begin").event is StreamEvent.SHIELD_ON
    assert event("channel.shield_mode.end").event is StreamEvent.SHIELD_OFF


@pytest.mark.parametrize("seconds, words", [(0.4, "1 second"), (59, "59 seconds"), (60, "1 minute"), (5400, "2 hours"), (86_400, "1 day")])
def test_durations_are_said_in_their_largest_unit(seconds: float, words: str) -> None:
    assert duration_words(seconds) == words
