"""Every happening once: Twitch delivers at least once, under one id or several, and tells some things by two or three topics.

Three nets, each bounded in time and number:
- the id of the message: the same message delivered again;
- the id of the happening (redemption, line of the chat, gift …): the same one under another message id;
- the echo: the same one told by another topic, or by another session that is heard at the same time (each gets its own copy under an id
  of its own), without a common id. Whoever tells it first is the source, whatever is switched on and granted; every other teller is
  believed to speak of the same one once. So two cheers of 100 bits, each told by three topics in any order, are two, and nothing
  hangs on a topic that never comes.

kind              told by                                                                   is the same if the same
----------------  ------------------------------------------------------------------------  ----------------------------
bits              channel.chat.message · channel.bits.use · channel.cheer                   viewer and number of bits
subscription      channel.chat.notification (sub, upgrades) · channel.subscribe             viewer
resubscription    channel.chat.notification (resub) · channel.subscription.message          viewer
gift              channel.chat.notification (gift, community gift) · channel.subscription.gift   giver and number of gifts
raid              channel.chat.notification (raid) · channel.raid                           raiding channel
charity donation  channel.chat.notification · channel.charity_campaign.donate               viewer and sum
ban, timeout, …   channel.moderate · channel.ban, channel.unban                             viewer
end of a stream   stream.offline · Helix after a gap                                        channel

Told by one of several topics on purpose: single gifts of a community gift and `channel.subscribe` of a receiver (the gift tells it);
bits used for one of the streamer's power-ups (its redemption tells it, if that is heard); a line of the chat with bits, a reward or
a power-up is shown, names the event as which it is told, and is answered as a line only where she does not react to that
(see mapping_chat).
"""

from __future__ import annotations

from array import array
from collections import deque
from dataclasses import dataclass
from typing import Final

from voxelle.domain.chat import ChannelEvent, Retraction, Stimulus, StreamEvent
from voxelle.integrations.twitch.mapping import Happening

WINDOW_S: Final = 600.0
"""Twitch delivers again within minutes at most."""
ECHO_S: Final = 60.0
"""Topics tell the same thing within seconds of each other; a gap filled from Helix lags behind by up to a minute."""
MOST_IDS: Final = 60_000
"""A set that is always full is rebuilt now and then: Python gives one of up to 50,000 four times its room then, a larger one twice."""
MOST_ECHOES: Final = 5_000
MOST_REDEMPTIONS: Final = 5_000
"""Their ids are kept however long ago they came: Helix lists them until they are fulfilled."""

_BY_AMOUNT: Final = frozenset({StreamEvent.BITS, StreamEvent.GIFT, StreamEvent.CHARITY_DONATION})
_BY_AUTHOR: Final = frozenset(
    {
        StreamEvent.SUBSCRIPTION,
        StreamEvent.RESUBSCRIPTION,
        StreamEvent.RAID,
        StreamEvent.BAN,
        StreamEvent.TIMEOUT,
        StreamEvent.UNBAN,
        StreamEvent.STREAM_OFFLINE,
    }
)
_BY_CONTENT: Final = frozenset(
    {
        StreamEvent.SUBSCRIPTION_END,
        StreamEvent.POWER_UP,
        StreamEvent.SHOUTOUT_SENT,
        StreamEvent.SHOUTOUT_RECEIVED,
        StreamEvent.RAID_OUT,
        StreamEvent.CHANNEL_UPDATE,
        StreamEvent.MODERATION,
        StreamEvent.POLL_PROGRESS,
        StreamEvent.PREDICTION_PROGRESS,
        StreamEvent.HYPE_TRAIN_PROGRESS,
        StreamEvent.CHARITY_PROGRESS,
        StreamEvent.GOAL_PROGRESS,
    }
)
"""One topic tells them, and none has an id of its own: two sessions tell them under two ids."""
_Likeness = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Teller:
    """Who tells something: a topic, in a session."""

    topic: str
    session: str = ""
    rivals: frozenset[str] = frozenset()
    """Other sessions that are heard now, or were a moment ago: they tell the same things."""

    def is_another(self, topic: str, session: str) -> bool:
        """Whether somebody else who told something may have told what is told now."""
        return topic != self.topic or session in self.rivals


class RecentIds:
    """Remembers ids for a while: their hashes, in a ring of fixed size.

    Two ids are taken for one with a chance of 1 in 2^64 for each pair: with 60,000 remembered, for less than one line in 10^14.
    Nobody outside can look for such a pair, since Python salts the hashes of texts anew in every process.
    """

    __slots__ = ("_came_s", "_hashes", "_oldest", "_seen", "most", "window_s")

    def __init__(self, window_s: float = WINDOW_S, most: int = MOST_IDS) -> None:
        self.window_s = window_s
        self.most = most
        self._seen: set[int] = set()
        self._hashes = array("q", bytes(8 * most))
        self._came_s = array("d", bytes(8 * most))
        self._oldest = 0

    def __len__(self) -> int:
        return len(self._seen)

    def __contains__(self, key: str) -> bool:
        return hash(key) in self._seen

    def is_new(self, key: str, now_s: float) -> bool:
        """Whether this id comes for the first time; it is remembered."""
        seen = self._seen
        while seen and (len(seen) >= self.most or now_s - self._came_s[self._oldest] > self.window_s):
            seen.discard(self._hashes[self._oldest])
            self._oldest = (self._oldest + 1) % self.most
        mark = hash(key)
        if mark in seen:
            return False
        place = (self._oldest + len(seen)) % self.most
        seen.add(mark)
        self._hashes[place] = mark
        self._came_s[place] = now_s
        return True


class Echoes:
    """Knows which happenings were told by whom lately, and how often."""

    __slots__ = ("_order", "_told")

    def __init__(self) -> None:
        self._told: dict[_Likeness, list[set[tuple[str, str]]]] = {}
        self._order: deque[tuple[float, _Likeness]] = deque()

    def __len__(self) -> int:
        return len(self._order)

    def is_new(self, event: ChannelEvent, teller: Teller, now_s: float) -> bool:
        """Whether this is told for the first time. Who told it already tells of another one."""
        likeness = _likeness(event, teller)
        if likeness is None:
            return True
        self._forget(now_s)
        if self._joins(likeness, teller):
            return False
        self._told.setdefault(likeness, []).append({(teller.topic, teller.session)})
        self._order.append((now_s, likeness))
        return True

    def note(self, event: ChannelEvent, teller: Teller) -> None:
        """Take note that somebody told what is known by its id already."""
        likeness = _likeness(event, teller)
        if likeness is not None:
            self._joins(likeness, teller)

    def _joins(self, likeness: _Likeness, teller: Teller) -> bool:
        """Count a teller among those of a happening that others told; False if there is none."""
        for tellers in self._told.get(likeness, ()):
            if all(teller.is_another(*each) for each in tellers):
                tellers.add((teller.topic, teller.session))
                return True
        return False

    def _forget(self, now_s: float) -> None:
        order = self._order
        while order and (len(order) >= MOST_ECHOES or now_s - order[0][0] > ECHO_S):
            likeness = order.popleft()[1]
            tellings = self._told[likeness]
            del tellings[0]
            if not tellings:
                del self._told[likeness]


def _likeness(event: ChannelEvent, teller: Teller) -> _Likeness | None:
    """Return what is alike if two tellings are of the same thing. None: its id tells."""
    if event.is_shared or event.is_test:
        return None
    if event.event in _BY_AMOUNT:
        return event.event, event.author.id, event.amount
    if event.event in _BY_AUTHOR:
        return event.event, event.author.id
    if event.event in _BY_CONTENT:
        return teller.topic, event.event, event.author.id, event.amount, event.text, event.fields
    return None


class Deduplication:
    """Lets every happening through once."""

    __slots__ = ("_echoes", "_happenings", "_messages", "_redemptions", "duplicates", "echoes")

    def __init__(self) -> None:
        self._messages = RecentIds()
        self._happenings = RecentIds()
        self._redemptions = RecentIds(float("inf"), MOST_REDEMPTIONS)
        self._echoes = Echoes()
        self.duplicates = 0
        """Delivered again, under the same id or another."""
        self.echoes = 0
        """Told by another topic or session as well."""

    def is_new_message(self, message_id: str, now_s: float) -> bool:
        """Whether a message of the socket comes for the first time."""
        return self._count(is_new=self._messages.is_new(message_id, now_s))

    def is_new(self, happening: Happening, teller: Teller, now_s: float) -> bool:
        """Whether a happening is told for the first time. A retraction always is: it may only be told too seldom."""
        if isinstance(happening, Retraction):
            return True
        if isinstance(happening, Stimulus):
            return self._count(is_new=self._happenings.is_new(happening.id, now_s))
        ids = self._redemptions if happening.event is StreamEvent.REDEMPTION else self._happenings
        if not self._count(is_new=ids.is_new(happening.id, now_s)):
            self._echoes.note(happening, teller)
            return False
        if self._echoes.is_new(happening, teller, now_s):
            return True
        self.echoes += 1
        return False

    def _count(self, *, is_new: bool) -> bool:
        if not is_new:
            self.duplicates += 1
        return is_new
