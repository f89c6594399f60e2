"""Messages of the chat, and their being taken back."""

from __future__ import annotations

from typing import Final

from voxelle.domain.chat import Retraction, Role, Stimulus, StimulusKind, StreamEvent
from voxelle.integrations.twitch.mapping import LONGEST_TEXT, PLATFORM, Context, Happening, Told, author_of, clean, roles_of
from voxelle.integrations.twitch.payloads import ChatClear, ChatMessage, ClearUserMessages, MessageDelete

_HIGHLIGHTED: Final = frozenset({"channel_points_highlighted", "power_ups_message_effect", "power_ups_gigantified_emote"})
_POWER_UP: Final = "power_ups_"
_INTRODUCTION: Final = "user_intro"
BITS_USE: Final = "channel.bits.use"
REDEMPTION_ADD: Final = "channel.channel_points_custom_reward_redemption.add"
AUTOMATIC_ADD: Final = "channel.channel_points_automatic_reward_redemption.add"
_BUILT_IN: Final = frozenset({"channel_points_highlighted", "channel_points_sub_only"})
"""Lines that Twitch's own rewards send."""
_FIRST_TIME: Final = frozenset({Role.FIRST_TIME})
_BROADCASTER: Final = frozenset({Role.BROADCASTER})


def from_message(message: ChatMessage, told: Told) -> tuple[Happening, ...]:
    """A line of the chat, and with bits in it the cheer as well. Her own lines are nothing."""
    context = told.context
    user_id = message.chatter_user_id
    text = clean(message.message.text, LONGEST_TEXT)
    is_shared = message.source_broadcaster_user_id not in (None, message.broadcaster_user_id)
    if user_id == context.bot_id or (user_id == context.broadcaster_id and context.is_own(message.message_id, text)):
        return ()
    roles = roles_of(message.badges)
    if message.message_type == _INTRODUCTION:
        roles |= _FIRST_TIME
    if user_id == context.broadcaster_id:
        roles |= _BROADCASTER
    author = author_of(user_id, message.chatter_user_name, message.chatter_user_login, roles)
    bits = message.cheer.bits if message.cheer is not None else 0
    is_event = bits > 0 and context.tells_bits and not is_shared
    line = Stimulus(
        id=f"{PLATFORM}:{message.message_id}",
        kind=StimulusKind.CHAT,
        author=author,
        text=text,
        received_at=told.at,
        source=PLATFORM,
        event=StreamEvent.BITS if bits else StreamEvent.NONE,
        amount=bits,
        is_mention=_is_mention(message, text, context),
        is_highlighted=message.message_type in _HIGHLIGHTED,
        is_shared=is_shared,
        is_spoken=context.is_spoken,
        is_answerable=context.is_answerable,
        told_as=StreamEvent.BITS if is_event else _told_as(message, context),
        is_test=context.is_test,
        platform_id=message.message_id,
    )
    if not is_event:
        return (line,)
    return (line, *told.event(StreamEvent.BITS, message.message_id, author, text=text, amount=bits))


def _is_mention(message: ChatMessage, text: str, context: Context) -> bool:
    """Whether it calls her by a name, or answers what was written from her account."""
    if context.mention is not None and context.mention.search(text) is not None:
        return True
    reply = message.reply
    return reply is not None and reply.parent_user_id == (context.bot_id or context.broadcaster_id)


def _told_as(message: ChatMessage, context: Context) -> StreamEvent:
    """Return as what another topic tells it: what was paid for it, or nothing."""
    if message.channel_points_custom_reward_id:
        topic, kind = REDEMPTION_ADD, StreamEvent.REDEMPTION
    elif message.message_type.startswith(_POWER_UP):
        topic, kind = BITS_USE, StreamEvent.POWER_UP
    elif message.message_type in _BUILT_IN:
        topic, kind = AUTOMATIC_ADD, StreamEvent.AUTOMATIC_REDEMPTION
    else:
        return StreamEvent.NONE
    return kind if topic in context.hears else StreamEvent.NONE


def from_delete(message: MessageDelete, _: Told) -> tuple[Happening, ...]:
    """A moderator deleted one message."""
    return (Retraction(PLATFORM, stimulus_ids=(f"{PLATFORM}:{message.message_id}",), reason="deleted by a moderator"),)


def from_clear(_message: ChatClear, _: Told) -> tuple[Happening, ...]:
    """The whole chat was cleared."""
    return (Retraction(PLATFORM, is_everything=True, reason="the chat was cleared"),)


def from_clear_user(message: ClearUserMessages, _: Told) -> tuple[Happening, ...]:
    """Somebody was banned or timed out, so everything from them is gone."""
    return (Retraction(PLATFORM, author_id=f"{PLATFORM}:{message.target_user_id}", reason="banned or timed out"),)
