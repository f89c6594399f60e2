"""An independent client, pyTwitchAPI, takes the fake for Twitch: it signs in, subscribes, hears events and parses every payload."""

from __future__ import annotations

import asyncio
import threading
from typing import Any, get_args

import pytest
from twitchAPI.eventsub.websocket import EventSubWebsocket
from twitchAPI.helper import first
from twitchAPI.oauth import CodeFlow, refresh_access_token, revoke_token
from twitchAPI.object import eventsub as shapes
from twitchAPI.object.base import TwitchObject
from twitchAPI.twitch import Twitch
from twitchAPI.type import AuthScope, EventSubSubscriptionConflict, InvalidRefreshTokenException

from tests.fakes.twitch import CLIENT_ID, EVERY_SCOPE, FakeTwitch, payloads
from tests.fakes.twitch.envelopes import envelope
from tests.fakes.twitch.serving import Urls, serve
from tests.fakes.twitch.topics import TOPICS
from voxelle.kernel.clock import Clock, Randomness

PARSED: dict[str, type[TwitchObject]] = {
    "channel.chat.message": shapes.ChannelChatMessageEvent,
    "channel.chat.notification": shapes.ChannelChatNotificationEvent,
    "channel.chat.message_delete": shapes.ChannelChatMessageDeleteEvent,
    "channel.chat.clear": shapes.ChannelChatClearEvent,
    "channel.chat.clear_user_messages": shapes.ChannelChatClearUserMessagesEvent,
    "channel.follow": shapes.ChannelFollowEvent,
    "channel.subscribe": shapes.ChannelSubscribeEvent,
    "channel.subscription.gift": shapes.ChannelSubscriptionGiftEvent,
    "channel.subscription.message": shapes.ChannelSubscriptionMessageEvent,
    "channel.subscription.end": shapes.ChannelSubscriptionEndEvent,
    "channel.cheer": shapes.ChannelCheerEvent,
    "channel.bits.use": shapes.ChannelBitsUseEvent,
    "channel.raid": shapes.ChannelRaidEvent,
    "channel.ban": shapes.ChannelBanEvent,
    "channel.unban": shapes.ChannelUnbanEvent,
    "channel.moderate": shapes.ChannelModerateEvent,
    "channel.shield_mode.begin": shapes.ShieldModeEvent,
    "channel.shield_mode.end": shapes.ShieldModeEvent,
    "channel.channel_points_custom_reward_redemption.add": shapes.ChannelPointsCustomRewardRedemptionAddEvent,
    "channel.channel_points_custom_reward_redemption.update": shapes.ChannelPointsCustomRewardRedemptionUpdateEvent,
    "channel.channel_points_automatic_reward_redemption.add": shapes.ChannelPointsAutomaticRewardRedemptionAdd2Event,
    "channel.poll.begin": shapes.ChannelPollBeginEvent,
    "channel.poll.progress": shapes.ChannelPollProgressEvent,
    "channel.poll.end": shapes.ChannelPollEndEvent,
    "channel.prediction.begin": shapes.ChannelPredictionEvent,
    "channel.prediction.progress": shapes.ChannelPredictionEvent,
    "channel.prediction.lock": shapes.ChannelPredictionEvent,
    "channel.prediction.end": shapes.ChannelPredictionEndEvent,
    "channel.charity_campaign.donate": shapes.CharityDonationEvent,
    "channel.charity_campaign.start": shapes.CharityCampaignStartEvent,
    "channel.charity_campaign.progress": shapes.CharityCampaignProgressEvent,
    "channel.charity_campaign.stop": shapes.CharityCampaignStopEvent,
    "channel.goal.begin": shapes.GoalEvent,
    "channel.goal.progress": shapes.GoalEvent,
    "channel.goal.end": shapes.GoalEvent,
    "channel.shoutout.create": shapes.ChannelShoutoutCreateEvent,
    "channel.shoutout.receive": shapes.ChannelShoutoutReceiveEvent,
    "channel.ad_break.begin": shapes.ChannelAdBreakBeginEvent,
    "stream.online": shapes.StreamOnlineEvent,
    "stream.offline": shapes.StreamOfflineEvent,
    "channel.update": shapes.ChannelUpdateEvent,
}
NEWER = {
    "channel.hype_train.begin": shapes.HypeTrainEvent,
    "channel.hype_train.progress": shapes.HypeTrainEvent,
    "channel.hype_train.end": shapes.HypeTrainEndEvent,
    "automod.message.hold": shapes.AutomodMessageHoldEvent,
    "automod.message.update": shapes.AutomodMessageUpdateEvent,
}
"""pyTwitchAPI 4.5 knows version 1 of these; version 2 is what is sent."""
UNKNOWN_TO_IT = {"channel.custom_power_up_redemption.add"}
"""Of 2026; in the shape that twitchAPI's peers (MiniTwitch, TwitchIO, Twurple) parse."""


def test_every_topic_is_one_it_knows_or_is_newer() -> None:
    assert set(PARSED) | set(NEWER) | UNKNOWN_TO_IT == set(TOPICS)


def fields_of(kind: Any) -> dict[str, Any]:
    """Return the fields of one of their dataclasses."""
    return dict(kind._get_annotations())


def missing_from(kind: Any, value: Any, path: str) -> list[str]:
    """Name what a dataclass of theirs has and a payload of ours lacks, all the way down."""
    arguments = [each for each in get_args(kind) if each is not type(None)]
    if isinstance(value, list) and arguments:
        return [name for each in value for name in missing_from(arguments[0], each, path)]
    kind = arguments[0] if arguments else kind
    if not isinstance(kind, type) or not issubclass(kind, TwitchObject) or value is None:
        return []
    absent: list[str] = []
    for name, inner in fields_of(kind).items():
        below = f"{path}.{name}"
        absent += missing_from(inner, value[name], below) if name in value else [below]
    return absent


LEFT_OUT = {
    "charity_donation.amount.decimal_places": "a notice says `decimal_place`",
    "choices.bits_votes": "a poll begins without votes",
    "choices.channel_points_votes": "a poll begins without votes",
    "choices.votes": "a poll begins without votes",
    "outcomes.users": "a prediction begins without users",
    "outcomes.channel_points": "a prediction begins without points",
    "outcomes.top_predictors": "a prediction begins without users",
    "locks_at": "a locked prediction says `locked_at`",
    "is_achieved": "a goal that goes on",
    "ended_at": "a goal that goes on, shield mode that begins",
    "started_at": "shield mode that ends",
    "message.fragments.mention": "bits can't name anybody",
    "message.emotes": "of version 1 of automatic redemptions; theirs are both in one",
    "reward.unlocked_emote": "of version 1 of automatic redemptions; theirs are both in one",
}
"""Fields of their dataclasses that are not in every payload, and why."""


def lacking(topic: str) -> set[str]:
    """Return the fields of their dataclasses that a payload of a topic lacks."""
    found: set[str] = set()
    for event in payloads.EXAMPLES[topic]:
        sent = envelope(topic, event)
        found.update(missing_from(PARSED[topic], {**sent["payload"], "metadata": sent["metadata"]}, ""))
    return {name.removeprefix(".event.") for name in found}


@pytest.mark.parametrize("topic", sorted(PARSED))
def test_its_dataclasses_parse_every_payload_and_miss_nothing(topic: str) -> None:
    for event in payloads.EXAMPLES[topic]:
        sent = envelope(topic, event)
        shape: Any = PARSED[topic]
        parsed = shape(**sent["payload"], metadata=sent["metadata"])
        assert parsed.subscription.type == parsed.metadata.subscription_type == topic
        assert parsed.event.to_dict(include_none_values=True)
    assert lacking(topic) <= set(LEFT_OUT)


def test_nothing_is_left_out_without_need() -> None:
    assert set().union(*(lacking(topic) for topic in PARSED)) == set(LEFT_OUT)


@pytest.mark.parametrize("topic", sorted(NEWER))
def test_the_newer_versions_keep_what_it_knows_of_the_older(topic: str) -> None:
    for event in payloads.EXAMPLES[topic]:
        shape: Any = NEWER[topic]
        parsed = shape(**envelope(topic, event)["payload"])
        assert parsed.event.broadcaster_user_id == "1337"


class Theirs(threading.Thread):
    """Their client in a thread and loop of its own: it blocks both, as it does in life."""

    def __init__(self, urls: Urls, loop: asyncio.AbstractEventLoop, wanted: int) -> None:
        super().__init__(name="twitchapi")
        self._urls = urls
        self._loop = loop
        self._wanted = wanted
        self._enough = threading.Event()
        self.code_shown: asyncio.Future[Any] = loop.create_future()
        self.has_subscribed: asyncio.Future[Any] = loop.create_future()
        self.ended: asyncio.Future[Any] = loop.create_future()
        self.confirmed = threading.Event()
        self._left: Any = None
        self.login = ""
        self.heard: dict[str, Any] = {}

    def run(self) -> None:
        error: BaseException | None = None
        try:
            asyncio.run(self._work())
        except BaseException as caught:  # noqa: BLE001 -- the test gets it
            error = caught
        self._tidy_up()
        self._loop.call_soon_threadsafe(self._end, error)

    def _tidy_up(self) -> None:
        """They leave their loop open, and two tasks on it."""
        if self._left is not None:
            self._left._socket_loop.run_until_complete(asyncio.gather(*self._left._tasks))
            self._left._socket_loop.close()

    def _end(self, error: BaseException | None) -> None:
        if error is None:
            self.ended.set_result(None)
        else:
            self.ended.set_exception(error)

    async def _work(self) -> None:
        scopes = [AuthScope(scope) for scope in EVERY_SCOPE if scope in AuthScope._value2member_map_]
        twitch = await Twitch(CLIENT_ID, authenticate_app=False, base_url=f"{self._urls.helix}/", auth_base_url=f"{self._urls.auth}/")
        flow = CodeFlow(twitch, scopes, auth_base_url=f"{self._urls.auth}/")
        code, _ = await flow.get_code()
        self._loop.call_soon_threadsafe(self.code_shown.set_result, code)
        self.confirmed.wait()
        access, refresh = await flow.wait_for_auth_complete()
        await twitch.set_user_authentication(access, scopes, refresh)
        user = await first(twitch.get_users())
        assert user is not None
        self.login = user.login
        await self._listen(twitch, user.id)
        renewed, _ = await refresh_access_token(refresh, CLIENT_ID, "", auth_base_url=f"{self._urls.auth}/")
        with pytest.raises(InvalidRefreshTokenException):
            await refresh_access_token(refresh, CLIENT_ID, "", auth_base_url=f"{self._urls.auth}/")
        assert await revoke_token(CLIENT_ID, renewed, auth_base_url=f"{self._urls.auth}/")

    async def _listen(self, twitch: Twitch, user_id: str) -> None:
        line: Any = EventSubWebsocket(twitch, connection_url=self._urls.eventsub, subscription_url=self._urls.helix)
        line.start()
        try:
            await self._subscribe(line, user_id)
            with pytest.raises(EventSubSubscriptionConflict):
                await line.listen_channel_follow_v2(user_id, user_id, self._hear)
            self._loop.call_soon_threadsafe(self.has_subscribed.set_result, None)
            assert self._enough.wait(20)
        finally:
            await line.stop()
            line._socket_thread.join()
            self._left = line

    async def _subscribe(self, line: Any, user_id: str) -> None:
        for topic, event in PARSED.items():
            needed = TOPICS[topic].condition if topic != "channel.raid" else ("to_broadcaster_user_id",)
            await line._subscribe(topic, TOPICS[topic].version, dict.fromkeys(needed, user_id), self._hear, event)

    async def _hear(self, data: Any) -> None:
        self.heard[data.subscription.type] = data
        if len(self.heard) == self._wanted:
            self._enough.set()


async def test_it_signs_in_subscribes_and_hears(clock: Clock, randomness: Randomness) -> None:
    fake = FakeTwitch(clock, randomness)
    async with serve(fake) as urls:
        theirs = Theirs(urls, asyncio.get_running_loop(), len(PARSED))
        theirs.start()
        try:
            await asyncio.wait([theirs.code_shown, theirs.ended], return_when=asyncio.FIRST_COMPLETED)
            if not theirs.ended.done():
                fake.approve(theirs.code_shown.result())
            theirs.confirmed.set()
            await asyncio.wait([theirs.has_subscribed, theirs.ended], return_when=asyncio.FIRST_COMPLETED)
            for topic in PARSED:
                fake.emit(topic)
            await theirs.ended
        finally:
            theirs.confirmed.set()
            theirs.join()
    assert theirs.login == "streamer"
    assert set(theirs.heard) == set(PARSED)
    assert len(fake.delivered) == len(PARSED)
    assert fake.auth.refreshes == 1
