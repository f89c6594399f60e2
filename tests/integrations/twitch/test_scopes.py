"""Permissions, feature by feature."""

from __future__ import annotations

import pytest

from voxelle.domain.channel import AccountRole
from voxelle.integrations.twitch.scopes import covered, missing_features, scopes_for
from voxelle.integrations.twitch.settings import TwitchSettings

NOTHING = dict.fromkeys(("follows", "subscriptions", "bits", "redemptions"), False)


def test_with_all_switches_off_only_reading_the_chat_is_asked_for() -> None:
    assert scopes_for(TwitchSettings(**NOTHING), AccountRole.BROADCASTER) == {"user:read:chat"}


def test_the_bot_is_asked_for_writing_alone() -> None:
    assert scopes_for(TwitchSettings(), AccountRole.BOT) == {"user:write:chat"}
    announcing = scopes_for(TwitchSettings(greets_by_announcement=True), AccountRole.BOT)
    assert announcing == {"user:write:chat", "moderator:manage:announcements"}


@pytest.mark.parametrize(
    "switch, scope",
    [
        ("answers_in_chat", "user:write:chat"),
        ("greets_by_announcement", "moderator:manage:announcements"),
        ("follows", "moderator:read:followers"),
        ("polls", "channel:read:polls"),
        ("moderation", "moderator:manage:automod"),
    ],
)
def test_each_switch_adds_its_own_permission(switch: str, scope: str) -> None:
    off = scopes_for(TwitchSettings(**NOTHING), AccountRole.BROADCASTER)
    on = scopes_for(TwitchSettings(**{**NOTHING, switch: True}), AccountRole.BROADCASTER)
    assert scope not in off
    assert scope in on


def test_every_switch_that_needs_a_permission_is_a_setting_with_a_title() -> None:
    everything = TwitchSettings(**{name: True for name, field in TwitchSettings.model_fields.items() if field.annotation is bool})
    missing = missing_features(everything, ())
    assert missing[0] == "Chat"
    assert len(missing) == 15
    assert missing_features(everything, scopes_for(everything, AccountRole.BROADCASTER)) == ()


def test_what_is_switched_off_is_not_missed() -> None:
    assert missing_features(TwitchSettings(**NOTHING), ["user:read:chat"]) == ()
    assert missing_features(TwitchSettings(**{**NOTHING, "bits": True}), ["user:read:chat"]) == ("Bits and power-ups",)


def test_who_only_hears_since_her_own_account_writes_is_not_asked_for_writing() -> None:
    writing = TwitchSettings(**NOTHING, answers_in_chat=True, greets_by_announcement=True)
    assert scopes_for(writing, AccountRole.BROADCASTER, is_writer=False) == {"user:read:chat"}
    assert missing_features(writing, ["user:read:chat"], is_writer=False) == ()
    assert missing_features(writing, ["user:read:chat"]) == ("Answer in the chat", "Thank by announcement")


def test_a_bot_that_may_not_write_is_said() -> None:
    assert missing_features(TwitchSettings(), (), AccountRole.BOT) == ("Chat",)
    assert missing_features(TwitchSettings(), ("user:write:chat",), AccountRole.BOT) == ()


def test_who_may_manage_may_read() -> None:
    assert "channel:read:polls" in covered(["channel:manage:polls"])
    assert missing_features(TwitchSettings(**NOTHING, polls=True), ["user:read:chat", "channel:manage:polls"]) == ()
