"""channel.chat.*: messages, notices and what is taken back, as the reference words them."""

from __future__ import annotations

from typing import Any

Person = tuple[str, str, str]
"""Id, login and name."""
STREAMER: Person = ("1337", "streamer", "Streamer")
BOT: Person = ("4242", "assistant", "Assistant")
VIEWER: Person = ("9001", "viewer23", "Viewer23")
MESSAGE_ID = "cc106a89-1814-919d-454c-f4f2f970aae7"


def broadcaster(person: Person = STREAMER) -> dict[str, Any]:
    """The three fields that name a channel."""
    return {"broadcaster_user_id": person[0], "broadcaster_user_login": person[1], "broadcaster_user_name": person[2]}


def user(person: Person = VIEWER) -> dict[str, Any]:
    """The three fields that name a viewer."""
    return {"user_id": person[0], "user_login": person[1], "user_name": person[2]}


def fragment(text: str, kind: str = "text", **more: Any) -> dict[str, Any]:
    """A piece of a message."""
    return {"type": kind, "text": text, "cheermote": None, "emote": None, "mention": None, **more}


def badge(set_id: str, version: str = "1", info: str = "") -> dict[str, str]:
    """A chat badge."""
    return {"set_id": set_id, "id": version, "info": info}


def chat_message(
    text: str,
    *,
    chatter: Person = VIEWER,
    broadcaster: Person = STREAMER,
    message_id: str = MESSAGE_ID,
    reply_to: str = "",
    **changes: Any,
) -> dict[str, Any]:
    """channel.chat.message; `changes` replaces whole fields (badges, cheer, message_type, source_…)."""
    return {
        "broadcaster_user_id": broadcaster[0],
        "broadcaster_user_login": broadcaster[1],
        "broadcaster_user_name": broadcaster[2],
        "chatter_user_id": chatter[0],
        "chatter_user_login": chatter[1],
        "chatter_user_name": chatter[2],
        "message_id": message_id,
        "message": {"text": text, "fragments": [fragment(text)]},
        "color": "#00FF7F",
        "badges": [],
        "message_type": "text",
        "cheer": None,
        "reply": reply(reply_to) if reply_to else None,
        "channel_points_custom_reward_id": None,
        "channel_points_animation_id": None,
        "source_broadcaster_user_id": None,
        "source_broadcaster_user_login": None,
        "source_broadcaster_user_name": None,
        "source_message_id": None,
        "source_badges": None,
        "is_source_only": None,
        **changes,
    }


def reply(parent_id: str, parent: Person = VIEWER, body: str = "Hello?") -> dict[str, Any]:
    """What a message answers."""
    return {
        "parent_message_id": parent_id,
        "parent_message_body": body,
        "parent_user_id": parent[0],
        "parent_user_name": parent[2],
        "parent_user_login": parent[1],
        "thread_message_id": parent_id,
        "thread_user_id": parent[0],
        "thread_user_name": parent[2],
        "thread_user_login": parent[1],
    }


def emote(name: str, emote_id: str = "emotesv2_dcd06b30a5c24f6eb871e8f5edbd44f7", owner_id: str = "0") -> dict[str, Any]:
    """A piece of a message that is an emote."""
    return fragment(name, "emote", emote={"id": emote_id, "emote_set_id": "0", "owner_id": owner_id, "format": ["static", "animated"]})


def cheermote(prefix: str, bits: int, tier: int = 1) -> dict[str, Any]:
    """A piece of a message that gives bits."""
    return fragment(f"{prefix}{bits}", "cheermote", cheermote={"prefix": prefix.lower(), "bits": bits, "tier": tier})


def mention(person: Person) -> dict[str, Any]:
    """A piece of a message that names somebody."""
    return fragment(f"@{person[2]}", "mention", mention={"user_id": person[0], "user_login": person[1], "user_name": person[2]})


def message(*fragments: dict[str, Any]) -> dict[str, Any]:
    """A whole message made of pieces."""
    return {"text": "".join(each["text"] for each in fragments), "fragments": list(fragments)}


def shared(source: Person, message_id: str, *badges: dict[str, str]) -> dict[str, Any]:
    """The fields that say a message came from another channel of a shared chat."""
    return {
        "source_broadcaster_user_id": source[0],
        "source_broadcaster_user_login": source[1],
        "source_broadcaster_user_name": source[2],
        "source_message_id": message_id,
        "source_badges": list(badges),
        "is_source_only": False,
    }


def taken_back(person: Person = VIEWER, **more: Any) -> dict[str, Any]:
    """channel.chat.clear_user_messages, and with a `message_id` channel.chat.message_delete."""
    return {
        **broadcaster(),
        "target_user_id": person[0],
        "target_user_login": person[1],
        "target_user_name": person[2],
        **more,
    }


MESSAGES: list[dict[str, Any]] = [
    chat_message("Hello there, how are you?"),
    chat_message(
        "",
        chatter=("9002", "modina", "Modina"),
        badges=[badge("moderator"), badge("subscriber", "12", "16"), badge("partner")],
        message=message(fragment("Hello, World! "), emote("DinoDance"), fragment(" "), mention(BOT), fragment(" what is your name?")),
        color="#FF0000",
    ),
    chat_message(
        "",
        message=message(cheermote("Cheer", 100), fragment(" take my bits "), cheermote("Cheer", 50)),
        cheer={"bits": 150},
        badges=[badge("bits", "1000"), badge("vip")],
    ),
    chat_message("@Viewer23 I agree!", chatter=("9003", "third", "Third"), reply_to="5a3c5e0b-6d2e-4b7e-9f0e-3a1d7c1f0a11"),
    chat_message("Look at this", message_type="channel_points_highlighted"),
    chat_message("Let me in", message_type="channel_points_sub_only"),
    chat_message("Hi, I am new here!", message_type="user_intro"),
    chat_message("Whoosh", message_type="power_ups_message_effect", channel_points_animation_id="rainbow-eclipse"),
    chat_message("", message=message(emote("Kappa", "25")), message_type="power_ups_gigantified_emote"),
    chat_message("Drink!", channel_points_custom_reward_id="92af127c-7326-4483-a52b-b0da0be61c01"),
    chat_message(
        "Greetings from next door",
        chatter=("9100", "neighbour", "Neighbour"),
        **shared(("7331", "other", "Other"), "8c5d2b1e-7f4a-4f0e-9d61-2f7b8f1f9c55", badge("subscriber", "3", "4")),
    ),
    chat_message("Übergrößenträger 日本語 🦊 \u202egnp.exe\u202c", chatter=("9004", "umlaut", "うむらうと"), color=""),
    chat_message(
        "",
        message=message(fragment("[Y A Y Yes GIF]", "gif", gif={"id": "3o7abKhOpu0NwenH3O", "url": "https://media.giphy.com/media/x.gif"})),
        badges=[badge("subscriber", "2003", "3")],
    ),
]
"""channel.chat.message, in all its kinds; the last one has a piece that came in 2026."""
CHAT: dict[str, list[dict[str, Any]]] = {
    "channel.chat.message": MESSAGES,
    "channel.chat.message_delete": [taken_back(message_id=MESSAGE_ID)],
    "channel.chat.clear": [broadcaster()],
    "channel.chat.clear_user_messages": [taken_back()],
}
