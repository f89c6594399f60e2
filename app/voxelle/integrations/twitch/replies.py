"""What Twitch answers to requests: typed and bounded; fields that nobody asked for are left out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, TypeVar

import msgspec

from voxelle.domain.errors import InputError, TemporaryError
from voxelle.integrations.twitch import failures
from voxelle.integrations.twitch.limits import LONGEST_TOKEN
from voxelle.integrations.twitch.net import HttpReply

T = TypeVar("T")

Secret = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_TOKEN, pattern=r"^[\x21-\x7e]+$")]
"""A token: only what a header can carry."""
Id = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")]
Text = Annotated[str, msgspec.Meta(max_length=10_000)]
_LONGEST_COMPLAINT: Final = 200


class DeviceReply(msgspec.Struct, frozen=True):
    """`POST /device`."""

    device_code: Secret
    user_code: Annotated[str, msgspec.Meta(min_length=1, max_length=40, pattern=r"^[\x21-\x7e]+$")]
    verification_uri: Annotated[
        str, msgspec.Meta(max_length=1000, pattern=r"^(https://|http://(localhost|127\.0\.0\.1|\[::1\])[:/])[\x21-\x7e]+$")
    ]
    expires_in: float = 0
    interval: float = 0


class TokenReply(msgspec.Struct, frozen=True):
    """`POST /token`. `scope` is a list, or a text in old answers, or nothing."""

    access_token: Secret
    refresh_token: Secret
    scope: list[str] | str | None = None

    def scopes(self) -> tuple[str, ...] | None:
        """Return the permissions, None if the answer does not name them."""
        if self.scope is None:
            return None
        return tuple(sorted(self.scope.split() if isinstance(self.scope, str) else self.scope))


class ValidateReply(msgspec.Struct, frozen=True):
    """`GET /validate`."""

    client_id: Id
    user_id: Id
    login: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    scopes: list[str] | None = None


class User(msgspec.Struct, frozen=True):
    """One of `GET /users`."""

    id: Id
    login: Text
    display_name: Text = ""
    broadcaster_type: Text = ""
    """`affiliate`, `partner`, or empty."""


class Stream(msgspec.Struct, frozen=True):
    """One of `GET /streams`: there only while on air."""

    title: Text = ""
    game_name: Text = ""
    viewer_count: int = 0
    started_at: datetime | None = None


class Channel(msgspec.Struct, frozen=True):
    """One of `GET /channels`."""

    title: Text = ""
    game_name: Text = ""


class Transport(msgspec.Struct, frozen=True):
    """Where a subscription sends its events."""

    method: Text = ""
    session_id: Text = ""


class Subscription(msgspec.Struct, frozen=True):
    """One of `GET /eventsub/subscriptions`."""

    id: Id
    type: Text
    version: Text = ""
    status: Text = ""
    cost: int = 0
    condition: dict[str, Any] = {}
    transport: Transport = Transport()


class Reward(msgspec.Struct, frozen=True):
    """A custom reward."""

    id: Id
    title: Text = ""
    cost: int = 0
    prompt: Text = ""


class Redemption(msgspec.Struct, frozen=True):
    """A redeemed reward, in the shape of Helix: an event has the same fields with other names of the channel."""

    id: Id
    user_id: Id
    user_login: Text
    user_name: Text
    reward: Reward
    broadcaster_id: Text = ""
    user_input: Text = ""
    status: Text = ""
    redeemed_at: datetime | None = None


class Dropped(msgspec.Struct, frozen=True):
    """Why a message was not shown."""

    code: Text = ""
    message: Text = ""


class SentReply(msgspec.Struct, frozen=True):
    """One of `POST /chat/messages`."""

    is_sent: bool
    message_id: Text = ""
    drop_reason: Dropped | list[Dropped] | None = None

    @property
    def dropped(self) -> Dropped:
        """Return the reason, empty if there is none."""
        reason = self.drop_reason[0] if isinstance(self.drop_reason, list) and self.drop_reason else self.drop_reason
        return reason if isinstance(reason, Dropped) else Dropped()


class Paging(msgspec.Struct, frozen=True):
    """Where the next page begins."""

    cursor: Text = ""


def read(reply: HttpReply, kind: type[T]) -> T:
    """Return the answer as `kind`. TemporaryError for anything else."""
    try:
        return msgspec.json.decode(reply.body, type=kind, strict=False)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise TemporaryError(failures.MALFORMED) from error


def complaint(reply: HttpReply) -> str:
    """Return what the server wrote about a refused request: one bounded line."""
    try:
        value = reply.json()
    except InputError:
        return ""
    if not isinstance(value, dict):
        return ""
    texts = [str(value[name]) for name in ("message", "error") if isinstance(value.get(name), str)]
    line = "".join(sign if sign.isprintable() else " " for sign in (texts[0] if texts else ""))
    return " ".join(line.split())[:_LONGEST_COMPLAINT]
