"""Anthropic's models through the official client.

https://docs.anthropic.com/en/api/messages-streaming
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any, Final

import structlog

from voxelle.contracts.llm import ChatRequest, LanguageModel, TextDelta
from voxelle.contracts.provider import Abilities, Limits
from voxelle.domain.errors import AuthError, SetupError
from voxelle.kernel.clock import Clock
from voxelle.providers.llm.lines import EventReader, json_object
from voxelle.providers.llm.shaping import split_system
from voxelle.providers.official import OfficialClient
from voxelle.providers.reading import drain, reading
from voxelle.providers.remote import KeyGetter, RemoteServer, broken_off, host_root

log = structlog.get_logger("engine")
_PUBLIC_HOST: Final = "anthropic.com"


class AnthropicModel(LanguageModel):
    """Streams from `/v1/messages`: the system text apart, the chat in alternating turns."""

    id = "anthropic"
    title = "Anthropic"
    abilities = Abilities(streaming=True, offline=False)

    def __init__(self, clock: Clock, server: Callable[[], RemoteServer], key: KeyGetter, limits: Limits | None = None) -> None:
        super().__init__(clock, limits)
        self._official = OfficialClient("anthropic", self.title, server, key, clock, make_client)

    async def open(self) -> None:
        """Make the client; nothing is sent."""
        await self._ready()

    async def close(self) -> None:
        """Close all connections."""
        await self._official.close()

    async def probe(self) -> None:
        """Ask for the list of models: costs nothing and needs the key."""
        await self.open()
        async with self._official.client() as (client, _):
            await client.models.list(limit=1)

    async def _ready(self) -> RemoteServer:
        server = await self._official.ready()
        if not server.model:
            msg = "Enter the name of the Anthropic model in the settings."
            raise SetupError(msg)
        return server

    async def _stream(self, request: ChatRequest) -> AsyncGenerator[TextDelta, None]:
        server = await self._ready()
        events, has_ended = EventReader(), False
        async with aclosing(reading(self._read(request))) as pieces:
            async for piece in pieces:
                for data in events.push(piece):
                    event = json_object(data)
                    if event is None or event.get("type") == "error":
                        raise broken_off(self.title, server)
                    has_ended = has_ended or event.get("type") == "message_stop"
                    if text := spoken(event):
                        yield TextDelta(text)
                if has_ended:
                    await drain(pieces)
                    break
        if not has_ended:
            log.warning("engine.ended_early", engine=self.id)

    async def _read(self, request: ChatRequest) -> AsyncGenerator[bytes, None]:
        async with self._official.client() as (client, server):
            # Bytes, not the client's own events: see `voxelle.providers.reading`.
            create = client.messages.with_streaming_response.create
            async with create(**arguments(server.model, request)) as response:
                async for piece in response.iter_bytes():
                    yield piece


def spoken(event: dict[str, Any]) -> str:
    """Return the text of an event; reasoning and tools are none."""
    delta = event.get("delta")
    text = delta.get("text") if isinstance(delta, dict) and delta.get("type") == "text_delta" else None
    return text if isinstance(text, str) else ""


def arguments(model: str, request: ChatRequest) -> dict[str, Any]:
    """Return the body of `POST /v1/messages`. The official client knows no temperature any more: newer models refuse it."""
    system, turns = split_system(request.messages)
    body: dict[str, Any] = {
        "model": model,
        "max_tokens": request.max_tokens,
        "messages": [{"role": each.role.value, "content": each.text} for each in turns],
        "stream": True,
    }
    if system:
        body["system"] = system
    return body


def make_client(sdk: Any, server: RemoteServer, key: str, http: Any) -> Any:
    """Make an `AsyncAnthropic` that retries nothing by itself. A proxy of one's own may do without a key."""
    if not key and server.place.endswith(_PUBLIC_HOST):
        msg = "Anthropic needs a key: enter it in the settings."
        raise AuthError(msg)
    return sdk.AsyncAnthropic(api_key=key or "none", base_url=host_root(server.base_url), http_client=http, max_retries=0)
