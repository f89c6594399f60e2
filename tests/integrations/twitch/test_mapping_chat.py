"""Lines of the chat as she hears them, and their being taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.twitch import payloads
from tests.fakes.twitch.payloads_chat import BOT as BOT_PERSON
from tests.fakes.twitch.payloads_chat import badge, shared
from tests.integrations.twitch.frames import BOT, CONTEXT, STREAMER, heard, said
from voxelle.domain.chat import ChannelEvent, Retraction, Role, Stimulus, StimulusKind, StreamEvent
from voxelle.integrations.twitch.mapping import Context, name_pattern, read_time


def line(text: str, context: Context = CONTEXT, **changes: Any) -> Stimulus:
    """The one line that comes of a message."""
    (found,) = said(text, context, **changes)
    assert isinstance(found, Stimulus)
    return found


def test_a_line_keeps_who_said_what() -> None:
    found = line("Hello there!", chatter=("77", "ada", "Ada"), message_id="abc-1")
    assert (found.id, found.platform_id, found.kind, found.text) == ("twitch:abc-1", "abc-1", StimulusKind.CHAT, "Hello there!")
    assert (found.author.id, found.author.name, found.author.platform) == ("twitch:77", "Ada", "twitch")
    assert (found.source, found.event, found.amount, found.is_test) == ("twitch", StreamEvent.NONE, 0, False)
    assert (found.is_mention, found.is_highlighted, found.is_shared) == (False, False, False)


@pytest.mark.parametrize(
    "names, roles",
    [
        ((), set()),
        (("broadcaster",), {Role.BROADCASTER}),
        (("moderator", "subscriber"), {Role.MODERATOR, Role.SUBSCRIBER}),
        (("lead_moderator",), {Role.MODERATOR}),
        (("vip", "founder"), {Role.VIP, Role.SUBSCRIBER}),
        (("bot-badge",), {Role.BOT}),
        (("premium", "bits", "never-seen"), set()),
    ],
)
def test_badges_are_roles(names: tuple[str, ...], roles: set[Role]) -> None:
    assert line("hi", badges=[badge(each, "1") for each in names]).author.roles == roles


def test_the_broadcaster_is_known_without_a_badge_and_a_newcomer_by_the_kind_of_message() -> None:
    assert line("hi", chatter=payloads.STREAMER).author.roles == {Role.BROADCASTER}
    assert line("hi", message_type="user_intro").author.roles == {Role.FIRST_TIME}


@pytest.mark.parametrize(
    "text, is_mention",
    [
        ("Mira, what is this?", True),
        ("hey @mira", True),
        ("MIRA!!", True),
        ("@Assistant are you there", True),
        ("assistant?", True),
        ("admirable", False),
        ("miracle", False),
        ("mira_fan said so", False),
        ("hi all", False),
        ("", False),
    ],
)
def test_a_name_as_a_word_of_its_own_is_a_mention(text: str, is_mention: bool) -> None:
    assert line(text).is_mention is is_mention


def test_names_in_scripts_without_spaces_have_no_borders() -> None:
    pattern = name_pattern(("ミラ", "みら"))
    assert pattern is not None
    assert pattern.search("ミラちゃんこんにちは")
    assert name_pattern(("", "@", " ")) is None


def test_a_special_sign_in_a_name_is_just_a_sign() -> None:
    pattern = name_pattern(("M.ra", "@Mira(AI)"))
    assert pattern is not None
    assert not pattern.search("Mxra")
    assert pattern.search("hello mira(ai)")


def _reply(parent_id: str) -> dict[str, str]:
    return {"parent_message_id": "p", "parent_message_body": "x", "parent_user_id": parent_id, "thread_message_id": "p"}


def test_a_reply_to_her_account_is_a_mention() -> None:
    assert line("yes", reply=_reply(BOT)).is_mention
    assert not line("yes", reply=_reply(STREAMER)).is_mention
    assert not line("yes", reply=_reply("4711")).is_mention
    without_bot = Context(STREAMER, names=("Mira",))
    assert line("yes", without_bot, reply=_reply(STREAMER)).is_mention


@pytest.mark.parametrize("kind", ["channel_points_highlighted", "power_ups_message_effect", "power_ups_gigantified_emote"])
def test_what_was_paid_to_stand_out_is_highlighted(kind: str) -> None:
    assert line("look", message_type=kind).is_highlighted
    assert not line("look", message_type="something_new").is_highlighted


def test_bits_are_a_line_and_an_event_and_the_line_says_so() -> None:
    cheered, event = said("Cheer100 hello", cheer={"bits": 100}, message_id="b1")
    assert isinstance(cheered, Stimulus)
    assert isinstance(event, ChannelEvent)
    assert (cheered.event, cheered.amount, cheered.told_as) == (StreamEvent.BITS, 100, StreamEvent.BITS)
    assert cheered.is_answerable
    assert (event.id, event.event, event.amount, event.text) == ("twitch:bits:b1", StreamEvent.BITS, 100, "Cheer100 hello")
    assert event.author == cheered.author


def test_with_bits_switched_off_a_cheer_is_a_line_to_answer() -> None:
    found = line("Cheer100 hello", replace(CONTEXT, tells_bits=False), cheer={"bits": 100})
    assert (found.event, found.amount, found.told_as) == (StreamEvent.BITS, 100, StreamEvent.NONE)


@pytest.mark.parametrize(
    "changes, topic, kind",
    [
        ({"channel_points_custom_reward_id": "r1"}, "channel.channel_points_custom_reward_redemption.add", StreamEvent.REDEMPTION),
        ({"message_type": "power_ups_message_effect"}, "channel.bits.use", StreamEvent.POWER_UP),
        (
            {"message_type": "channel_points_highlighted"},
            "channel.channel_points_automatic_reward_redemption.add",
            StreamEvent.AUTOMATIC_REDEMPTION,
        ),
    ],
)
def test_a_line_that_another_topic_tells_names_the_event(changes: dict[str, Any], topic: str, kind: StreamEvent) -> None:
    assert line("hello", **changes).told_as is StreamEvent.NONE
    told = line("hello", replace(CONTEXT, hears=frozenset({topic})), **changes)
    assert (told.told_as, told.is_answerable) == (kind, True)


def test_a_line_of_another_channel_is_labelled_and_its_bits_are_not_ours() -> None:
    found = line("hi", cheer={"bits": 5}, **shared(("7331", "other", "Other"), "m", badge("moderator")))
    assert found.is_shared
    assert found.author.roles == frozenset()
    assert not line("hi", source_broadcaster_user_id=STREAMER).is_shared


def test_her_own_lines_are_nothing() -> None:
    assert said("I am the bot", chatter=BOT_PERSON) == ()
    own = replace(CONTEXT, is_own=lambda message_id, text: message_id == "sent-1" or text == "on its way")
    assert said("hello", own, chatter=payloads.STREAMER, message_id="sent-1") == ()
    assert said("on its way", own, chatter=payloads.STREAMER) == ()
    assert len(said("something else", own, chatter=payloads.STREAMER)) == 1
    assert len(said("on its way", own)) == 1, "a viewer may say the same"


def test_switches_say_whether_she_answers_aloud_or_at_all() -> None:
    quiet = line("hi", replace(CONTEXT, is_spoken=False, is_answerable=False))
    assert (quiet.is_spoken, quiet.is_answerable) == (False, False)
    assert line("hi", replace(CONTEXT, is_test=True)).is_test


@pytest.mark.parametrize(
    "text, clean",
    [
        ("hello \U000e0000", "hello"),
        ("a\nb\x00c", "a b c"),
        ("\u202eevil", "evil"),
        ("🏳️‍🌈 family 👨‍👩‍👧", "🏳️‍🌈 family 👨‍👩‍👧"),
        ("Kappa LUL", "Kappa LUL"),
    ],
)
def test_what_can_not_be_seen_is_left_out_and_emotes_stay_as_text(text: str, clean: str) -> None:
    assert line(text).text == clean


def test_messages_are_taken_back_one_by_one_by_author_or_all() -> None:
    (deleted,) = heard("channel.chat.message_delete", {**payloads.example("channel.chat.message_delete"), "message_id": "abc-1"})
    assert deleted == Retraction("twitch", stimulus_ids=("twitch:abc-1",), reason="deleted by a moderator")
    event = {**payloads.example("channel.chat.clear_user_messages"), "target_user_id": "77"}
    assert heard("channel.chat.clear_user_messages", event) == (Retraction("twitch", author_id="twitch:77", reason="banned or timed out"),)
    assert heard("channel.chat.clear", payloads.example("channel.chat.clear")) == (
        Retraction("twitch", is_everything=True, reason="the chat was cleared"),
    )


def test_times_are_read_as_far_as_they_are_times() -> None:
    assert read_time("soon") is None
    assert read_time("") is None
    naive, aware = read_time("2026-01-01T12:00:00"), read_time("2026-01-01T13:00:00+01:00")
    assert naive == aware
