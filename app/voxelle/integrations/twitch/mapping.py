"""What all translations share: whom she is here, and how people, texts and events are made of what Twitch sends."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import msgspec

from voxelle.domain.chat import Author, ChannelEvent, Retraction, Role, Stimulus, StreamEvent
from voxelle.integrations.twitch.payloads import Badge, Money

PLATFORM: Final = "twitch"
LONGEST_TEXT: Final = 1000
"""In characters; Twitch takes 500 in a message."""
LONGEST_NAME: Final = 100
LONGEST_FIELD: Final = 200
ANONYMOUS: Final = "An anonymous viewer"
NOBODY: Final = Author("", "", PLATFORM)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""When something happened of which no time is known."""

Happening = Stimulus | ChannelEvent | Retraction

_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\U000e0000]+")
"""Control characters, overrides of the direction, and the mark that clients append to repeat themselves."""
_BADGES: Final = {
    "broadcaster": Role.BROADCASTER,
    "moderator": Role.MODERATOR,
    "lead_moderator": Role.MODERATOR,
    "vip": Role.VIP,
    "subscriber": Role.SUBSCRIBER,
    "founder": Role.SUBSCRIBER,
    "bot-badge": Role.BOT,
}
_NO_ROLES: Final[frozenset[Role]] = frozenset()
_SPACELESS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff]")
"""Scripts without spaces between words: a name in them has no borders to look for."""


def _nobody_wrote(_message_id: str, _text: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Context:
    """Whose channel it is, who she is in it, and what is switched on."""

    broadcaster_id: str
    bot_id: str = ""
    """The second account that writes for her, if there is one."""
    names: tuple[str, ...] = ()
    """What she is called: her own names and those of her account."""
    hears: frozenset[str] = frozenset()
    """Topics that are active: what they tell is not answered a second time as a line of the chat."""
    tells_bits: bool = True
    """Cheers are told as events."""
    is_spoken: bool = True
    is_answerable: bool = True
    is_own: Callable[[str, str], bool] = _nobody_wrote
    """Whether she wrote a message herself, by its id or its text."""
    is_test: bool = False
    mention: re.Pattern[str] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Prepare looking for her names."""
        object.__setattr__(self, "mention", name_pattern(self.names))


def name_pattern(names: Iterable[str]) -> re.Pattern[str] | None:
    """Return what finds one of the names as a word of its own, with or without an @. None without names."""
    found = sorted({name.strip().lstrip("@") for name in names} - {""}, key=len, reverse=True)
    if not found:
        return None
    parts = [re.escape(name) if _SPACELESS.search(name) else rf"(?<!\w){re.escape(name)}(?!\w)" for name in found]
    return re.compile("|".join(parts), re.IGNORECASE)


def clean(text: str | None, longest: int = LONGEST_FIELD) -> str:
    """Cut a text from outside to size, without what can't be seen."""
    if not text:
        return ""
    if len(text) > longest:
        text = text[:longest]
    return text if text.isprintable() else _INVISIBLE.sub(" ", text).strip()


def roles_of(badges: list[Badge] | None) -> frozenset[Role]:
    """Read an author's standing from the badges before the name."""
    if not badges:
        return _NO_ROLES
    return frozenset({_BADGES[badge.set_id] for badge in badges if badge.set_id in _BADGES})


def author_of(user_id: str | None, name: str | None, login: str | None = None, roles: frozenset[Role] = _NO_ROLES) -> Author:
    """Make the author; without an id it is somebody who does not want to be known."""
    if not user_id:
        return Author("", ANONYMOUS, PLATFORM)
    return Author(f"{PLATFORM}:{user_id}", clean(name, LONGEST_NAME) or clean(login, LONGEST_NAME) or user_id, PLATFORM, roles)


def tier_of(tier: str, *, is_prime: bool | None = False) -> str:
    """Return a tier as people say it: 1, 2, 3 or Prime."""
    if is_prime:
        return "Prime"
    return {"1000": "1", "2000": "2", "3000": "3", "prime": "Prime"}.get(tier.lower(), clean(tier))


def money_of(money: Money) -> str:
    """Return an amount as people write it: `12.50 EUR`."""
    places = money.decimal_places if money.decimal_places is not None else money.decimal_place
    places = 2 if places is None else places
    digits = f"{money.value:0{places + 1}d}"
    number = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return f"{number} {clean(money.currency, 10)}".strip()


def read_time(text: str) -> datetime | None:
    """Read a time of Twitch's, which has up to nanoseconds. None when it is none."""
    try:
        at = msgspec.convert(text, datetime)
    except msgspec.ValidationError:
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Told:
    """One message of Twitch's being translated: what it is about, by which id it came, when, and in which context."""

    topic: str
    message_id: str
    at: datetime
    context: Context

    def event(
        self,
        kind: StreamEvent,
        key: str,
        author: Author = NOBODY,
        *,
        text: str = "",
        amount: int = 0,
        is_shared: bool = False,
        **fields: object,
    ) -> tuple[ChannelEvent]:
        """Make the event. `key` names the happening within its kind; empty fields are left out."""
        test = self.context.is_test
        return (
            ChannelEvent(
                id=f"{PLATFORM}:{kind}:{key or self.message_id}",
                event=kind,
                author=author,
                received_at=self.at,
                source=PLATFORM,
                text=text,
                amount=max(0, amount),
                fields=tuple((name, str(value)) for name, value in fields.items() if value not in (None, "")),
                is_anonymous=author.name == ANONYMOUS and not author.id,
                is_shared=is_shared,
                is_test=test,
                is_spoken=self.context.is_spoken,
            ),
        )
