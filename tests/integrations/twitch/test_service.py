"""The connection as a whole, on the fake Twitch and on virtual time."""

from __future__ import annotations

import json

import pytest

from tests.fakes.twitch import EVERY_SCOPE, payloads
from tests.integrations.twitch.connected import EVERYTHING, Connected, connected
from voxelle.domain.channel import AccountRole, AccountState, ChannelSnapshot, TopicState, TopicStatus
from voxelle.domain.chat import StreamEvent
from voxelle.domain.errors import InputError, SetupError
from voxelle.domain.events import HealthLevel
from voxelle.integrations.twitch.settings import TwitchSettings
from voxelle.integrations.twitch.topics import TOPICS
from voxelle.kernel.clock import Clock

pytestmark = pytest.mark.virtual_time
SOME = ("user:read:chat", "moderator:read:followers")


def topic(made: Connected, name: str) -> TopicStatus:
    return next(each for each in made.snapshot.topics if each.topic == name)


async def test_it_subscribes_to_everything_and_is_green_once_something_came(clock: Clock) -> None:
    async with connected(clock, **EVERYTHING) as made:
        assert [each.state for each in made.snapshot.topics] == [TopicState.ACTIVE] * len(TOPICS)
        assert made.last_light()[0] is HealthLevel.STARTING
        made.fake.emit("channel.chat.message", payloads.chat_message("hi Mira"))
        await made.until(lambda: made.house.stimuli)
        assert made.last_light() == (HealthLevel.OK, "Hearing the channel of streamer.")
        assert made.house.stimuli[0].is_mention


async def test_a_heartbeat_alone_makes_it_green(clock: Clock) -> None:
    async with connected(clock) as made:
        assert made.last_light()[0] is HealthLevel.STARTING
        await clock.sleep(made.settings.keepalive_s + 1)
        assert made.last_light()[0] is HealthLevel.OK
        assert made.snapshot.last_heartbeat_at is not None
        assert made.snapshot.last_event_at is None


async def test_events_retractions_and_lines_go_where_they_belong(clock: Clock) -> None:
    async with connected(clock) as made:
        made.fake.emit("channel.chat.message", payloads.chat_message("hi", message_id="abc"))
        made.fake.emit("channel.raid")
        made.fake.emit("channel.raid", payloads.example("channel.raid", 1))
        made.fake.emit("channel.chat.message_delete", message_id="abc")
        await clock.sleep(1)
        assert [each.id for each in made.house.stimuli] == ["twitch:abc"]
        assert [each.event for each in made.house.told] == ["raid", "raid_out"]
        assert [each.stimulus_ids for each in made.house.retractions] == [("twitch:abc",)]
        raids = [each for each in made.snapshot.topics if each.topic == "channel.raid"]
        assert [(each.title, each.events) for each in raids] == [("Raids", 1), ("Raids to others", 1)]
        assert made.counter("received") == 4
        assert made.snapshot.last_event_at is not None


async def test_without_a_client_id_it_says_how_to_get_one(clock: Clock) -> None:
    async with connected(clock, is_signed_in=False, client_id="") as made:
        await clock.sleep(1)
        level, sentence = made.last_light()
        assert level is HealthLevel.NEEDS_YOU
        assert "developer console" in sentence
        assert made.fake.requests == []


async def test_signing_in_starts_it_and_signing_out_ends_it(clock: Clock) -> None:
    async with connected(clock, is_signed_in=False) as made:
        await clock.sleep(1)
        assert made.last_light()[0] is HealthLevel.NEEDS_YOU
        code = await made.perform("sign_in", account="broadcaster")
        await made.until(lambda: made.snapshot.accounts[0].state is AccountState.SIGNING_IN)
        made.fake.approve(code.user_code)
        await made.until(lambda: topic(made, "channel.chat.message").state is TopicState.ACTIVE)
        assert made.house.restarts == 1
        await made.perform("sign_out", account="broadcaster")
        await made.until(lambda: made.last_light()[0] is HealthLevel.NEEDS_YOU)
        assert made.snapshot.accounts[0].state is AccountState.SIGNED_OUT
        assert "twitch.broadcaster" not in made.secrets.kept


async def test_a_sign_in_that_is_called_off_disturbs_nothing(clock: Clock) -> None:
    async with connected(clock) as made:
        await made.perform("sign_in", account="broadcaster")
        await made.perform("cancel_sign_in", account="broadcaster")
        await clock.sleep(60)
        assert made.house.restarts == 0
        assert made.snapshot.accounts[0].state is AccountState.SIGNED_IN


async def test_what_lacks_a_permission_says_so_and_the_rest_works(clock: Clock) -> None:
    async with connected(clock, is_signed_in=False) as made:
        made.sign_in(scopes=SOME)
        made.supervisor.restart("twitch")
        await made.until(lambda: made.last_light()[0] is HealthLevel.DEGRADED)
        _, sentence = made.last_light()
        assert "Subscriptions and gifts" in sentence
        assert topic(made, "channel.follow").state is TopicState.ACTIVE
        assert (topic(made, "channel.cheer").state, topic(made, "channel.poll.begin").state) == (TopicState.REFUSED, TopicState.OFF)
        assert "sign in again" in topic(made, "channel.cheer").sentence


async def test_without_the_permission_to_read_the_chat_it_has_to_be_given(clock: Clock) -> None:
    async with connected(clock, is_signed_in=False, follows=False) as made:
        for refused in ("channel.raid", "stream.online", "stream.offline", "channel.update"):
            made.fake.subscriptions.refused[refused] = (403, "no")
        made.sign_in(scopes=("bits:read",))
        made.settings = made.settings.model_copy(update={"bits": False})
        made.service.apply(made.settings)
        made.supervisor.restart("twitch")
        await made.until(lambda: made.last_light()[0] is HealthLevel.NEEDS_YOU)
        assert "read the chat" in made.last_light()[1]


async def test_where_everything_is_refused_it_says_why(clock: Clock) -> None:
    async with connected(clock, is_signed_in=False) as made:
        for each in TOPICS:
            made.fake.subscriptions.refused[each.name] = (403, "the broadcaster must have partner or affiliate status")
        made.sign_in()
        made.supervisor.restart("twitch")
        await made.until(lambda: made.last_light()[0] is HealthLevel.NEEDS_YOU)
        assert "Affiliates" in made.last_light()[1]


async def test_one_topic_that_is_refused_is_grey_and_asked_for_again_on_wish(clock: Clock) -> None:
    async with connected(clock, is_signed_in=False) as made:
        made.fake.streamer.kind = ""
        made.sign_in()
        made.supervisor.restart("twitch")
        await made.until(lambda: made.last_light()[0] is HealthLevel.DEGRADED)
        assert "Affiliates" in topic(made, "channel.cheer").sentence
        assert topic(made, "channel.follow").state is TopicState.ACTIVE
        made.fake.streamer.kind = "affiliate"
        await made.perform("refresh")
        await made.until(lambda: topic(made, "channel.cheer").state is TopicState.ACTIVE)
        assert made.last_light()[0] is HealthLevel.OK


async def test_what_fails_in_passing_is_tried_again(clock: Clock) -> None:
    async with connected(clock, is_signed_in=False) as made:
        made.fake.faults.error(500, path="/eventsub/subscriptions", times=6)
        made.sign_in()
        made.supervisor.restart("twitch")
        await made.until(lambda: {each.state for each in made.snapshot.topics} == {TopicState.ACTIVE, TopicState.OFF})


async def test_revoked_topics_say_why_and_a_revoked_sign_in_ends_it(clock: Clock) -> None:
    async with connected(clock) as made:
        follow = next(each for each in made.fake.subscriptions.enabled() if each.topic.type == "channel.follow")
        made.fake.revoke(follow, "version_removed")
        await made.until(lambda: topic(made, "channel.follow").state is TopicState.REVOKED)
        assert "new version" in topic(made, "channel.follow").sentence
        await clock.sleep(60)
        assert made.last_light()[0] is HealthLevel.DEGRADED
        made.fake.disconnect_app()
        await made.until(lambda: made.last_light()[0] is HealthLevel.NEEDS_YOU)
        assert "disconnected" in made.last_light()[1]
        assert made.snapshot.accounts[0].state is AccountState.REFUSED


async def test_a_sign_in_that_dies_quietly_is_found_within_the_hour(clock: Clock) -> None:
    async with connected(clock) as made:
        made.fake.expire_access()
        made.fake.world.refresh.clear()
        await made.until(lambda: made.last_light()[0] is HealthLevel.NEEDS_YOU, 4000)
        assert "sign in again" in made.last_light()[1]


async def test_an_expired_token_is_renewed_on_the_way_and_the_new_one_is_used(clock: Clock) -> None:
    async with connected(clock) as made:
        await clock.sleep(30)
        made.fake.expire_access()
        made.fake.lines.close(made.fake.lines.open_lines()[0], 4000)
        await made.until(lambda: made.counter("reconnects") == 1 and topic(made, "channel.cheer").state is TopicState.ACTIVE)
        assert json.loads(made.secrets.kept["twitch.broadcaster"])["access"] in made.fake.requests[-1].headers["authorization"]
        assert made.fake.auth.refreshes == 1


async def test_a_lost_line_shows_and_gaps_are_filled(clock: Clock) -> None:
    async with connected(clock) as made:
        reward = made.fake.add_reward("Hydrate")
        made.fake.redeem(reward, "before")
        await clock.sleep(60)
        made.fake.faults.go_offline(30)
        made.fake.lines.close(made.fake.lines.open_lines()[0], 1006)
        made.fake.redeem(reward, "in the gap")
        made.fake.begin_stream()
        await made.until(lambda: made.last_light()[0] is HealthLevel.RETRYING)
        await made.until(lambda: made.last_light()[0] is HealthLevel.OK)
        assert [each.text for each in made.house.told if each.event == "redemption"] == ["before", "in the gap"]
        assert [each.event for each in made.house.told if each.event.startswith("stream")] == ["stream_online"]
        assert made.snapshot.broadcast.is_live


async def test_the_end_of_a_stream_in_a_gap_is_told_once(clock: Clock) -> None:
    async with connected(clock) as made:
        made.fake.begin_stream()
        await clock.sleep(400)
        made.fake.lines.close(made.fake.lines.open_lines()[0], 1006)
        made.fake.end_stream()
        await clock.sleep(5)
        made.fake.emit("stream.offline")
        await clock.sleep(5)
        assert [each.event for each in made.house.told] == ["stream_online", "stream_offline"]
        assert not made.snapshot.broadcast.is_live


async def test_what_is_on_air_is_looked_at_every_minute_and_by_events(clock: Clock) -> None:
    async with connected(clock) as made:
        made.fake.begin_stream(viewers=12)
        await clock.sleep(1)
        assert made.snapshot.broadcast.is_live
        await clock.sleep(61)
        assert made.snapshot.broadcast.viewers == 12
        made.fake.emit("channel.update", title="New title", category_name="Chess")
        await clock.sleep(1)
        assert (made.snapshot.broadcast.title, made.snapshot.broadcast.category) == ("New title", "Chess")


async def test_a_look_that_fails_is_no_drama(clock: Clock) -> None:
    async with connected(clock) as made:
        made.fake.faults.html("/helix/", times=2)
        await clock.sleep(130)
        assert made.last_light()[0] is HealthLevel.OK


async def test_what_was_not_seen_for_long_begins_with_a_look_at_the_sign_in(clock: Clock) -> None:
    async with connected(clock) as made:
        await clock.sleep(30)
        made.fake.faults.go_offline(300)
        made.fake.lines.close(made.fake.lines.open_lines()[0], 1006)
        await clock.sleep(400)
        paths = [each.path for each in made.fake.requests[-60:]]
        assert "/oauth2/validate" in paths[: paths.index("/helix/eventsub/subscriptions")] or paths.count("/oauth2/validate") > 0
        assert made.last_light()[0] is HealthLevel.OK


async def test_the_bots_lines_and_her_own_are_not_heard(clock: Clock) -> None:
    async with connected(clock, is_signed_in=False, answers_in_chat=True) as made:
        made.sign_in()
        made.sign_in(AccountRole.BOT)
        made.supervisor.restart("twitch")
        await made.until(lambda: topic(made, "channel.chat.message").state is TopicState.ACTIVE)
        await made.perform("send_message", text="Hello from the bot")
        await clock.sleep(1)
        assert made.counter("received") == 1
        assert made.house.stimuli == []
        await made.perform("sign_out", account="bot")
        await made.perform("send_message", text="Hello from the streamer's account")
        await clock.sleep(1)
        assert made.counter("received") == 2
        assert made.house.stimuli == []
        made.fake.emit("channel.chat.message", payloads.chat_message("I am the streamer", chatter=payloads.STREAMER))
        await clock.sleep(1)
        assert [each.text for each in made.house.stimuli] == ["I am the streamer"]


async def test_what_only_adds_to_another_topic_is_no_lack_when_it_is_refused(clock: Clock) -> None:
    async with connected(clock, is_signed_in=False) as made:
        extra = next(each.name for each in TOPICS if each.is_extra)
        made.fake.subscriptions.refused[extra] = (400, "invalid subscription type and version")
        made.sign_in()
        made.supervisor.restart("twitch")
        await made.until(lambda: made.last_light()[0] is HealthLevel.OK)
        assert topic(made, extra).state is TopicState.REFUSED
        assert "invalid subscription type" in topic(made, extra).sentence


async def test_with_a_bot_that_writes_the_channels_account_misses_no_permission_to_write(clock: Clock) -> None:
    async with connected(clock, is_signed_in=False, answers_in_chat=True) as made:
        hearing = tuple(scope for scope in EVERY_SCOPE if scope != "user:write:chat")
        made.sign_in(scopes=hearing)
        made.supervisor.restart("twitch")
        await made.until(lambda: made.last_light()[0] is HealthLevel.DEGRADED)
        assert "Answer in the chat" in made.last_light()[1]
        code = await made.perform("sign_in", account="bot")
        made.fake.approve(code.user_code, made.fake.bot)
        await made.until(lambda: made.last_light()[0] is HealthLevel.OK)
        assert made.snapshot.accounts[0].missing == ()
        await made.perform("sign_out", account="bot")
        await made.until(lambda: made.snapshot.accounts[0].missing == ("Answer in the chat",))


async def test_what_twitch_did_not_show_is_said(clock: Clock) -> None:
    async with connected(clock) as made:
        made.fake.chat.drops.append(("msg_rejected", "held by AutoMod"))
        with pytest.raises(SetupError):
            await made.perform("send_message", text="hi")
        assert "held by AutoMod" in made.snapshot.last_problem
        assert made.counter("not_sent") == 1


async def test_her_answers_are_written_only_while_it_runs(clock: Clock) -> None:
    async with connected(clock) as made:
        assert len(made.house.bus._subscriptions) > 1
    assert [each.event_class for each in made.house.bus._subscriptions] == []


@pytest.mark.parametrize("kind", [each for each in StreamEvent if each is not StreamEvent.TOUCH])
async def test_every_kind_of_event_can_be_tried(clock: Clock, kind: StreamEvent) -> None:
    async with connected(clock, is_signed_in=False) as made:
        for _ in range(2):
            assert await made.perform("test_event", kind=kind) == {"sent": kind.value or "chat"}
        if kind is StreamEvent.NONE:
            assert [(each.is_test, each.is_mention, each.text[:4]) for each in made.house.stimuli] == [(True, True, "TEST")] * 2
            return
        assert [(each.event, each.is_test) for each in made.house.told] == [(kind, True)] * 2
        one, other = made.house.told
        assert one.id != other.id
        assert one.id.startswith("twitch:")
        assert not made.snapshot.broadcast.is_live


async def test_what_twitch_never_tells_can_not_be_tried(clock: Clock) -> None:
    async with connected(clock, is_signed_in=False) as made:
        with pytest.raises(InputError, match="never tells"):
            await made.perform("test_event", kind=StreamEvent.TOUCH)


async def test_switches_are_turned_while_it_runs(clock: Clock) -> None:
    async with connected(clock) as made:
        sessions = len(made.fake.requests)
        assert made.service.apply(made.settings.model_copy(update={"answers_by_voice": False, "answers_in_chat": False, "polls": True}))
        await made.until(lambda: topic(made, "channel.poll.begin").state is TopicState.ACTIVE)
        made.fake.emit("channel.chat.message")
        made.fake.emit("channel.poll.begin")
        await clock.sleep(1)
        assert [(each.is_spoken, each.is_answerable) for each in made.house.stimuli] == [(False, False)]
        assert made.service.apply(made.settings)
        assert topic(made, "channel.poll.begin").state is TopicState.OFF
        made.fake.emit("channel.poll.end")
        await clock.sleep(1)
        assert [each.event for each in made.house.told] == ["poll_begin"], "what is switched off is no longer told"
        assert len(made.fake.lines.all) == 1
        assert len(made.fake.requests) < sessions + 12


@pytest.mark.parametrize("change", [{"client_id": "other"}, {"eventsub_url": "ws://127.0.0.1:1/ws"}, {"keepalive_s": 60}])
def test_another_address_or_client_needs_another_connection(clock: Clock, change: dict[str, object]) -> None:
    made = Connected(clock)
    assert not made.service.apply(TwitchSettings.model_validate({**made.settings.model_dump(), **change}))


async def test_what_it_shows_is_announced_at_most_four_times_a_second(clock: Clock) -> None:
    async with connected(clock) as made:
        await clock.sleep(10)
        before = len(made.house.snapshots)
        for number in range(500):
            made.fake.emit("channel.chat.message", payloads.chat_message("hi", message_id=str(number)))
            await clock.sleep(0.01)
        await clock.sleep(1)
        assert 15 <= len(made.house.snapshots) - before <= 25
        last = made.house.snapshots[-1]
        assert isinstance(last, ChannelSnapshot)
        assert dict(last.counters)["received"] == 500
        assert last == made.snapshot
