"""The verbs of `voxelle ctl`, hotkeys and decks: each is one method of the companion."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import msgspec

from voxelle.domain.errors import InputError
from voxelle.domain.hearing import ListeningMode

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from voxelle.companion.companion import Companion

_EVENTS_SHOWN = 50


async def _status(companion: Companion, _arguments: dict[str, Any]) -> dict[str, Any]:
    show, queue = companion.snapshot(), companion.queue()
    return {
        "state": show.state.value,
        "character": show.character.name if show.character else "",
        "is_muted": show.is_muted,
        "is_chat_paused": show.is_chat_paused,
        "waiting": len(queue.items),
        "sound": show.sound,
    }


async def _say(companion: Companion, arguments: dict[str, Any]) -> dict[str, Any]:
    text = arguments.get("text")
    if not isinstance(text, str):
        msg = 'Give the text to tell her, for example: voxelle ctl tell "hello".'
        raise InputError(msg)
    return asdict(await companion.tell(text))


async def _events(companion: Companion, _arguments: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = msgspec.to_builtins(await companion.channel_events(_EVENTS_SHOWN))
    return found


def _event_id(arguments: dict[str, Any]) -> str:
    event_id = arguments.get("text")
    if not isinstance(event_id, str):
        msg = "Give the id of an event, as `voxelle ctl events` shows it."
        raise InputError(msg)
    return event_id


async def _react_again(companion: Companion, arguments: dict[str, Any]) -> dict[str, Any]:
    return asdict(await companion.react_again(_event_id(arguments)))


async def _acknowledge(companion: Companion, arguments: dict[str, Any]) -> None:
    await companion.acknowledge(_event_id(arguments))


async def _listen(companion: Companion, arguments: dict[str, Any]) -> None:
    text = arguments.get("text")
    if text not in {mode.value for mode in ListeningMode}:
        msg = f"Give the way of listening: {', '.join(ListeningMode)}."
        raise InputError(msg)
    await companion.set_listening_mode(ListeningMode(text))


async def _hearing(companion: Companion, _arguments: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(companion.hearing())
    return found


VERBS: dict[str, Callable[[Companion, dict[str, Any]], Awaitable[Any]]] = {
    "status": _status,
    "tell": _say,
    "stop": lambda companion, _: companion.stop_talking(),
    "panic": lambda companion, _: companion.panic(),
    "mute": lambda companion, _: companion.set_muted(True),
    "unmute": lambda companion, _: companion.set_muted(False),
    "toggle-mute": lambda companion, _: companion.set_muted(not companion.snapshot().is_muted),
    "pause-chat": lambda companion, _: companion.set_chat_paused(True),
    "resume-chat": lambda companion, _: companion.set_chat_paused(False),
    "deafen": lambda companion, _: companion.set_deaf(True),
    "undeafen": lambda companion, _: companion.set_deaf(False),
    "toggle-deaf": lambda companion, _: companion.set_deaf(not companion.hearing().is_deaf),
    "talk": lambda companion, _: companion.press_to_talk(),
    "talk-end": lambda companion, _: companion.release_to_talk(),
    "listen": _listen,
    "hearing": _hearing,
    "events": _events,
    "react-again": _react_again,
    "acknowledge": _acknowledge,
}
"""What can be asked of a running companion by name."""


async def perform(companion: Companion, verb: str, arguments: dict[str, Any]) -> Any:
    """Perform a verb; the answer can be written as JSON. InputError for an unknown one."""
    if verb not in VERBS:
        msg = f"Unknown verb. These are known: {', '.join(sorted(VERBS))}."
        raise InputError(msg)
    return await VERBS[verb](companion, arguments)
