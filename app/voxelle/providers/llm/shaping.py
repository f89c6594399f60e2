"""Brings a prompt into the form a server accepts, from as it is given to the strictest; remembers nothing itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any, Final

from voxelle.contracts.llm import ChatMessage, ChatRequest, ChatRole

SILENCE: Final = "…"
"""Stands where a server insists on words and there are none."""

_REFUSALS: Final = frozenset({400, 422})
_TEMPLATE_FAULT: Final = 500
_TEMPLATE_WORDS: Final = ("alternate", "template", "roles must", "jinja")
_SAMPLING_WORDS: Final = ("temperature", "top_p", "seed")


class Shape(IntEnum):
    """How much a prompt is changed, each step including the one before."""

    AS_GIVEN = 0
    ALTERNATING = 1
    """System messages inside the chat become the user's; neighbours of one role are merged; nothing is empty."""
    WITHOUT_SYSTEM = 2
    """The leading system message is put before the first user message."""


def split_system(messages: Iterable[ChatMessage]) -> tuple[str, tuple[ChatMessage, ...]]:
    """Return the leading system texts as one, and the chat in strictly alternating turns, the user's first and last."""
    system: list[str] = []
    turns: list[ChatMessage] = []
    for message in messages:
        text = message.text.strip()
        if message.role is ChatRole.SYSTEM and not turns:
            system.append(text)
            continue
        role = ChatRole.USER if message.role is ChatRole.SYSTEM else message.role
        if not text:
            continue
        if turns and turns[-1].role is role:
            turns[-1] = ChatMessage(role, f"{turns[-1].text}\n{text}")
        else:
            turns.append(ChatMessage(role, text))
    if not turns or turns[0].role is not ChatRole.USER:
        turns.insert(0, ChatMessage(ChatRole.USER, SILENCE))
    if turns[-1].role is not ChatRole.USER:
        turns.append(ChatMessage(ChatRole.USER, SILENCE))
    return "\n\n".join(filter(None, system)), tuple(turns)


def shaped(messages: Sequence[ChatMessage], shape: Shape) -> tuple[ChatMessage, ...]:
    """Return the prompt in one of the three forms."""
    if shape is Shape.AS_GIVEN:
        return tuple(messages)
    system, turns = split_system(messages)
    if not system:
        return turns
    if shape is Shape.ALTERNATING:
        return (ChatMessage(ChatRole.SYSTEM, system), *turns)
    return (ChatMessage(ChatRole.USER, f"{system}\n\n{turns[0].text}"), *turns[1:])


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a server of the OpenAI family accepts."""

    shape: Shape = Shape.AS_GIVEN
    limit_name: str = "max_tokens"
    """Newer models of the public cloud want `max_completion_tokens`."""
    has_sampling: bool = True
    """Reasoning models refuse temperature and the like."""

    def arguments(self, model: str, request: ChatRequest) -> dict[str, Any]:
        """Return the body of `POST /v1/chat/completions` (https://platform.openai.com/docs/api-reference/chat)."""
        body: dict[str, Any] = {
            "model": model,
            "messages": [{"role": each.role.value, "content": each.text} for each in shaped(request.messages, self.shape)],
            "stream": True,
            self.limit_name: request.max_tokens,
        }
        if self.has_sampling:
            body |= {"temperature": request.temperature, "top_p": request.top_p}
            if request.seed is not None:
                body["seed"] = request.seed
        return body

    def stricter(self, status: int, complaint: str, messages: Sequence[ChatMessage]) -> Dialect | None:
        """Return what to try after a refusal, or None when nothing is left that could help."""
        known = complaint.lower()
        if status not in _REFUSALS and not (status == _TEMPLATE_FAULT and any(word in known for word in _TEMPLATE_WORDS)):
            return None
        if "max_completion_tokens" in known and self.limit_name == "max_tokens":
            return replace(self, limit_name="max_completion_tokens")
        if self.has_sampling and any(word in known for word in _SAMPLING_WORDS):
            return replace(self, has_sampling=False)
        if self.shape is Shape.AS_GIVEN and shaped(messages, Shape.ALTERNATING) != tuple(messages):
            return replace(self, shape=Shape.ALTERNATING)
        if self.shape is not Shape.WITHOUT_SYSTEM and "system" in known:
            return replace(self, shape=Shape.WITHOUT_SYSTEM)
        return None
