"""The table of topics, and what becomes of each."""

from __future__ import annotations

from tests.fakes.twitch.topics import TOPICS as KNOWN
from tests.integrations.twitch.connected import EVERYTHING
from voxelle.domain.channel import AccountRole
from voxelle.integrations.twitch.scopes import scopes_for
from voxelle.integrations.twitch.settings import TwitchSettings
from voxelle.integrations.twitch.topics import ALWAYS, TOPICS, wanted


def test_every_topic_is_asked_for_as_twitch_knows_it() -> None:
    for topic in TOPICS:
        theirs = KNOWN[topic.name]
        assert topic.version == theirs.version
        assert set(topic.condition) <= set(theirs.condition)
        assert theirs.is_allowed(topic.scopes)


def test_a_feature_is_a_switch_and_its_permissions_are_asked_for() -> None:
    everything = TwitchSettings.model_validate(EVERYTHING)
    granted = scopes_for(everything, AccountRole.BROADCASTER)
    for topic in TOPICS:
        assert topic.feature == ALWAYS or isinstance(getattr(everything, topic.feature), bool)
        assert topic.is_allowed(granted)
    assert wanted(everything) == TOPICS


def test_only_what_is_switched_on_is_wanted() -> None:
    off = TwitchSettings(follows=False, subscriptions=False, bits=False, redemptions=False)
    assert {topic.feature for topic in wanted(off)} == {ALWAYS}
    assert "channel.follow" in {topic.name for topic in wanted(TwitchSettings())}


def test_who_may_manage_may_read() -> None:
    poll = next(topic for topic in TOPICS if topic.name == "channel.poll.begin")
    assert poll.is_allowed({"channel:manage:polls"})
    assert not poll.is_allowed({"channel:read:predictions"})


def test_no_topic_is_twice_in_the_table_and_the_condition_names_the_broadcaster() -> None:
    assert len({topic.key for topic in TOPICS}) == len(TOPICS)
    assert TOPICS[0].condition_of("77") == {"broadcaster_user_id": "77", "user_id": "77"}
