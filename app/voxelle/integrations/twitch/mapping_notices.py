"""Notices in the chat: subscriptions, gifts, raids, streaks … A kind that is not known here is shown as Twitch words it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from voxelle.domain.chat import Author, ChannelEvent, StreamEvent
from voxelle.integrations.twitch.mapping import (
    LONGEST_NAME,
    LONGEST_TEXT,
    Context,
    Happening,
    Told,
    author_of,
    clean,
    money_of,
    roles_of,
    tier_of,
)
from voxelle.integrations.twitch.payloads import ChatNotification

_SHARED: Final = "shared_chat_"
_Events = tuple[ChannelEvent, ...]


def from_notification(notice: ChatNotification, told: Told) -> tuple[Happening, ...]:
    """Whatever Twitch says in the chat by itself. What she announces herself is nothing."""
    kind = notice.notice_type.removeprefix(_SHARED)
    text = clean(notice.message.text if notice.message else "", LONGEST_TEXT)
    if kind == "announcement" and _is_own(notice, text, told.context):
        return ()
    is_known = not notice.chatter_is_anonymous
    author = author_of(
        notice.chatter_user_id if is_known else None, notice.chatter_user_name, notice.chatter_user_login, roles_of(notice.badges)
    )
    notice_said = _Notice(notice, told, author, text)
    return _KINDS.get(kind, _Notice.other)(notice_said)


def _is_own(notice: ChatNotification, text: str, context: Context) -> bool:
    user_id = notice.chatter_user_id or ""
    return user_id != "" and (user_id == context.bot_id or (user_id == context.broadcaster_id and context.is_own(notice.message_id, text)))


class _Notice:
    """One notice on its way to an event."""

    __slots__ = ("author", "is_shared", "key", "notice", "text", "told")

    def __init__(self, notice: ChatNotification, told: Told, author: Author, text: str) -> None:
        self.notice = notice
        self.told = told
        self.author = author
        self.text = text
        self.key = notice.message_id
        self.is_shared = notice.notice_type.startswith(_SHARED) or notice.source_broadcaster_user_id not in (
            None,
            notice.broadcaster_user_id,
        )

    def _event(self, kind: StreamEvent, amount: int = 0, *, key: str = "", author: Author | None = None, **fields: object) -> _Events:
        return self.told.event(
            kind, key or self.key, author or self.author, text=self.text, amount=amount, is_shared=self.is_shared, **fields
        )

    def subscription(self) -> _Events:
        """Somebody subscribes for the first time."""
        about = self.notice.sub or self.notice.shared_chat_sub
        if about is None:
            return self.other()
        tier = tier_of(about.sub_tier, is_prime=about.is_prime)
        return self._event(StreamEvent.SUBSCRIPTION, about.duration_months or 1, tier=tier, months=about.duration_months)

    def resubscription(self) -> _Events:
        """Somebody subscribes again and says so."""
        about = self.notice.resub or self.notice.shared_chat_resub
        if about is None:
            return self.other()
        months = about.cumulative_months or about.duration_months or 1
        tier = tier_of(about.sub_tier, is_prime=about.is_prime)
        return self._event(StreamEvent.RESUBSCRIPTION, months, tier=tier, months=months, streak=about.streak_months)

    def upgrade(self) -> _Events:
        """Somebody goes on by themselves after a gift or after Prime."""
        about = self.notice.prime_paid_upgrade or self.notice.shared_chat_prime_paid_upgrade
        return self._event(StreamEvent.SUBSCRIPTION, 1, tier=tier_of(about.sub_tier if about else "1000"))

    def gift(self) -> _Events:
        """One gift. Those of a community gift are told by that as a whole."""
        about = self.notice.sub_gift or self.notice.shared_chat_sub_gift
        if about is None:
            return self.other()
        if about.community_gift_id:
            return ()
        recipient = clean(about.recipient_user_name, LONGEST_NAME)
        return self._event(StreamEvent.GIFT, 1, tier=tier_of(about.sub_tier), months=about.duration_months, recipient=recipient)

    def community_gift(self) -> _Events:
        """Several gifts at once."""
        about = self.notice.community_sub_gift or self.notice.shared_chat_community_sub_gift
        if about is None:
            return self.other()
        return self._event(StreamEvent.GIFT, about.total or 1, key=about.id or "", tier=tier_of(about.sub_tier))

    def raid(self) -> _Events:
        """Another channel comes over."""
        about = self.notice.raid or self.notice.shared_chat_raid
        if about is None:
            return self.other()
        return self._event(StreamEvent.RAID, about.viewer_count, author=author_of(about.user_id, about.user_name, about.user_login))

    def donation(self) -> _Events:
        """Somebody donates to the charity."""
        about = self.notice.charity_donation
        if about is None:
            return self.other()
        charity = clean(about.charity_name)
        return self._event(StreamEvent.CHARITY_DONATION, about.amount.value, value=money_of(about.amount), charity=charity)

    def streak(self) -> _Events:
        """Somebody shares how many streams in a row they watched."""
        about = self.notice.watch_streak
        count = (about.streak_count if about else None) or 0
        return self._event(StreamEvent.WATCH_STREAK, count, streak=count or None)

    def announcement(self) -> _Events:
        """A moderator announces something."""
        return self._event(StreamEvent.ANNOUNCEMENT)

    def other(self) -> _Events:
        """Anything else, in Twitch's words."""
        badge = self.notice.bits_badge_tier
        self.text = clean(self.notice.system_message, LONGEST_TEXT) or self.text
        return self._event(StreamEvent.CHAT_NOTICE, badge.tier if badge else 0, status=clean(self.notice.notice_type, LONGEST_NAME))


_KINDS: Final[dict[str, Callable[[_Notice], _Events]]] = {
    "sub": _Notice.subscription,
    "resub": _Notice.resubscription,
    "gift_paid_upgrade": _Notice.upgrade,
    "prime_paid_upgrade": _Notice.upgrade,
    "sub_gift": _Notice.gift,
    "community_sub_gift": _Notice.community_gift,
    "raid": _Notice.raid,
    "charity_donation": _Notice.donation,
    "watch_streak": _Notice.streak,
    "announcement": _Notice.announcement,
}
