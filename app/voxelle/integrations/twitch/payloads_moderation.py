"""The shapes of what Twitch sends about moderators and AutoMod. See payloads.py."""

from __future__ import annotations

from voxelle.integrations.twitch.payloads import Count, Id, KnownId, Payload


class Ban(Payload, frozen=True, gc=False):
    """channel.ban version 1; without an end it is for good."""

    user_id: KnownId
    user_name: str = ""
    user_login: str = ""
    moderator_user_name: str | None = None
    reason: str | None = None
    banned_at: str = ""
    ends_at: str | None = None
    is_permanent: bool = True


class Unban(Payload, frozen=True, gc=False):
    """channel.unban version 1."""

    user_id: KnownId
    user_name: str = ""
    user_login: str = ""
    moderator_user_name: str | None = None


class Target(Payload, frozen=True, gc=False):
    """Whom an act of a moderator concerns."""

    user_id: Id = ""
    user_name: str = ""
    user_login: str = ""
    reason: str | None = None
    expires_at: str | None = None
    message_id: Id | None = None


class Moderate(Payload, frozen=True, gc=False):
    """channel.moderate version 2. The part named like `action` is there, if it needs one; all others are null."""

    action: str
    moderator_user_id: Id | None = None
    moderator_user_name: str | None = None
    moderator_user_login: str | None = None
    source_broadcaster_user_id: Id | None = None
    ban: Target | None = None
    unban: Target | None = None
    timeout: Target | None = None
    untimeout: Target | None = None
    delete: Target | None = None
    vip: Target | None = None
    unvip: Target | None = None
    mod: Target | None = None
    unmod: Target | None = None
    raid: Target | None = None
    unraid: Target | None = None
    warn: Target | None = None
    unban_request: Target | None = None
    shared_chat_ban: Target | None = None
    shared_chat_unban: Target | None = None
    shared_chat_timeout: Target | None = None
    shared_chat_untimeout: Target | None = None
    shared_chat_delete: Target | None = None

    @property
    def target(self) -> Target | None:
        """Whom it concerns, if it concerns somebody."""
        act_itself = (self.ban, self.unban, self.timeout, self.untimeout, self.delete, self.warn, self.unban_request)
        standing = (self.vip, self.unvip, self.mod, self.unmod, self.raid, self.unraid)
        elsewhere = (
            self.shared_chat_ban,
            self.shared_chat_unban,
            self.shared_chat_timeout,
            self.shared_chat_untimeout,
            self.shared_chat_delete,
        )
        return next((each for each in (*act_itself, *standing, *elsewhere) if each is not None), None)


class AutomodVerdict(Payload, frozen=True, gc=False):
    """Why a message is held back, in version 2."""

    category: str = ""
    level: Count = 0


class AutomodHold(Payload, frozen=True, gc=False):
    """automod.message.hold version 2; version 1 has category and level outside."""

    message_id: KnownId
    user_id: KnownId
    user_name: str = ""
    user_login: str = ""
    reason: str = ""
    automod: AutomodVerdict | None = None
    category: str = ""


class ShieldMode(Payload, frozen=True, gc=False):
    """channel.shield_mode.begin and .end version 1."""

    moderator_user_id: Id | None = None
    moderator_user_name: str | None = None
    moderator_user_login: str | None = None
    started_at: str = ""
    ended_at: str = ""
