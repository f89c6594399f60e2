"""A language model: messages in, text out piece by piece, stopped the moment the iterator is closed."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from enum import StrEnum

from voxelle.contracts.provider import Provider


class ChatRole(StrEnum):
    """Speaker of a message in a prompt."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of a prompt."""

    role: ChatRole
    text: str


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What a turn asks of a model. `messages` starts with one system message, the stable prefix."""

    messages: tuple[ChatMessage, ...]
    max_tokens: int = 120
    temperature: float = 0.8
    top_p: float = 0.9
    seed: int | None = None
    emotion_tags: tuple[str, ...] = ()
    """If given, the reply must begin with one of them in brackets; engines with `grammar` enforce it."""
    viewer: str = ""
    """Name of whom the reply is for; prepared lines address them by it."""


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the reply as the model wrote it, tags and all."""

    text: str


class LanguageModel(Provider):
    """Override `_stream`. Closing the returned iterator stops the work in the engine."""

    @abstractmethod
    def _stream(self, request: ChatRequest) -> AsyncGenerator[TextDelta, None]:
        """Yield the reply; reasoning content is left out. Raises VoxelleError children only."""

    async def warm(self, request: ChatRequest) -> None:
        """Put the request's messages into the engine's prefix cache, if it has one."""

    def stream(self, request: ChatRequest) -> AsyncGenerator[TextDelta, None]:
        """Stream a reply within the limits, retried only before the first piece."""
        return self._guarded(lambda: self._stream(request))
