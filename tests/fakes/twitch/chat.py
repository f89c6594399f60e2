"""Helix' chat/messages and chat/announcements: what is written, and what is dropped without an error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.fakes.twitch import payloads
from tests.fakes.twitch.rates import Rates
from tests.fakes.twitch.replies import Reply, Request, helix_error, json_reply
from tests.fakes.twitch.world import Token, User, World

LONGEST = 500
_PERIOD_S = 30.0
_NORMAL = 20
_PRIVILEGED = 100
_SAME_TEXT_S = 30.0
_SPACING_S = 1.0
"""Between two messages of somebody without a role in the channel."""
_COLORS = frozenset({"", "primary", "blue", "green", "orange", "purple"})
DUPLICATE = ("msg_duplicate", "Your message was not sent because it is identical to the previous one you sent, less than 30 seconds ago.")
RATE_LIMITED = ("msg_ratelimit", "Your message was not sent because you are sending messages too quickly.")


@dataclass(frozen=True, slots=True)
class Written:
    """One text that reached a chat."""

    broadcaster_id: str
    sender_id: str
    text: str
    message_id: str
    reply_to: str = ""
    is_announcement: bool = False


class Chat:
    """Takes what applications write, and lets the channel's subscribers read it."""

    def __init__(self, world: World, emit: Callable[[str, dict[str, Any]], object]) -> None:
        self._world = world
        self._emit = emit
        self._rates = Rates(world, _NORMAL, _PERIOD_S)
        self._announcements = Rates(world, 1, 2.0)
        self._last: dict[tuple[str, str], tuple[str, float]] = {}
        self.written: list[Written] = []
        self.dropped: list[tuple[str, str]] = []
        """Text and code of what was not sent."""
        self.drops: list[tuple[str, str]] = []
        """Code and message with which the next messages are dropped, one each."""

    def send(self, request: Request, token: Token) -> Reply:
        """Answer Send Chat Message."""
        body = request.body
        if not isinstance(body, dict) or not all(isinstance(body.get(name), str) for name in ("broadcaster_id", "sender_id", "message")):
            return helix_error(400, 'The body must contain "broadcaster_id", "sender_id" and "message".')
        if body["sender_id"] != token.user_id:
            return helix_error(401, "The ID in sender_id must match the user ID in the request's OAuth token.")
        channel = self._world.users.get(body["broadcaster_id"])
        if channel is None or not body["message"].strip():
            return helix_error(400, "The ID in broadcaster_id was not found, or the message is empty.")
        if token.user_id in channel.banned:
            return helix_error(403, "The sender is not permitted to send chat messages to the broadcaster's chat room.")
        if len(body["message"]) > LONGEST:
            return helix_error(422, "The message is too large.")
        reason = self._reason_to_drop(body["message"], token.user_id, channel)
        if reason is not None:
            self.dropped.append((body["message"], reason[0]))
            data = {"message_id": "", "is_sent": False, "drop_reason": {"code": reason[0], "message": reason[1]}}
            return json_reply(200, {"data": [data]})
        message_id = self._write(body, channel)
        return json_reply(200, {"data": [{"message_id": message_id, "is_sent": True}]})

    def _reason_to_drop(self, text: str, sender_id: str, channel: User) -> tuple[str, str] | None:
        if self.drops:
            return self.drops.pop(0)
        key, now = (sender_id, channel.id), self._world.monotonic()
        is_privileged = sender_id in {channel.id, *channel.moderators, *channel.vips}
        last, written_at = self._last.get(key, ("", -_SAME_TEXT_S))
        if not is_privileged and last == text and now < written_at + _SAME_TEXT_S:
            return DUPLICATE
        is_hasty = not is_privileged and now < written_at + _SPACING_S
        if is_hasty or not self._rates.take(key, _PRIVILEGED if is_privileged else _NORMAL):
            return RATE_LIMITED
        self._last[key] = (text, now)
        return None

    def _write(self, body: dict[str, Any], channel: User) -> str:
        message_id = self._world.uuid()
        sender = self._world.users[body["sender_id"]]
        reply_to = str(body.get("reply_parent_message_id") or "")
        self.written.append(Written(channel.id, sender.id, body["message"], message_id, reply_to))
        event = payloads.chat_message(
            body["message"],
            chatter=(sender.id, sender.login, sender.name),
            broadcaster=(channel.id, channel.login, channel.name),
            message_id=message_id,
            reply_to=reply_to,
        )
        self._emit("channel.chat.message", event)
        return message_id

    def announce(self, request: Request, token: Token) -> Reply:
        """Answer Send Chat Announcement."""
        channel = self._world.users.get(request.parameter("broadcaster_id"))
        body = request.body if isinstance(request.body, dict) else {}
        text = str(body.get("message") or "")[:LONGEST]
        if channel is None or not text or body.get("color", "") not in _COLORS:
            return helix_error(400, "The message field in the request's body is required.")
        if request.parameter("moderator_id") != token.user_id:
            return helix_error(401, "The ID in moderator_id must match the user ID found in the request's OAuth token.")
        if token.user_id not in {channel.id, *channel.moderators}:
            return helix_error(403, "The user is not a moderator of the channel.")
        if not self._announcements.take(channel.id):
            return helix_error(429, "You may only send one announcement every 2 seconds.")
        sender = self._world.users[token.user_id]
        message_id = self._world.uuid()
        self.written.append(Written(channel.id, sender.id, text, message_id, is_announcement=True))
        event = payloads.announcement(
            text,
            color=str(body.get("color") or "primary").upper(),
            chatter=(sender.id, sender.login, sender.name),
            broadcaster=(channel.id, channel.login, channel.name),
            message_id=message_id,
        )
        self._emit("channel.chat.notification", event)
        return Reply(204)
