"""Any server with the OpenAI chat interface: LM Studio, llama.cpp, vLLM, or a cloud.

https://platform.openai.com/docs/api-reference/chat-streaming
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any, Final

import structlog

from voxelle.contracts.llm import ChatRequest, LanguageModel, TextDelta
from voxelle.contracts.provider import Abilities, Limits
from voxelle.domain.errors import SetupError, VoxelleError
from voxelle.kernel.clock import Clock
from voxelle.providers.llm.lines import EventReader, json_object
from voxelle.providers.llm.shaping import Dialect
from voxelle.providers.official import OfficialClient, complaint
from voxelle.providers.openai_sdk import make_client, probe_models
from voxelle.providers.reading import drain, reading
from voxelle.providers.remote import KeyGetter, RemoteServer, broken_off, status_error

log = structlog.get_logger("engine")
_MOST_TRIES: Final = 4
"""A refused request is asked again in another form at most this often; each form once."""
_STATUSES: Final = (400, 600)
"""Some clouds put a status into an error in the middle of the stream."""


class OpenAiModel(LanguageModel):
    """Streams from `/v1/chat/completions`; learns at the first refusal in what form the server wants a prompt."""

    id = "openai"
    title = "The OpenAI-compatible server"
    abilities = Abilities(streaming=True, offline=False)

    def __init__(self, clock: Clock, server: Callable[[], RemoteServer], key: KeyGetter, limits: Limits | None = None) -> None:
        super().__init__(clock, limits)
        self._official = OfficialClient("openai", self.title, server, key, clock, make_client)
        self._dialects: dict[tuple[str, str], Dialect] = {}

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
            await probe_models(client)

    async def _ready(self) -> RemoteServer:
        server = await self._official.ready()
        if not server.model:
            msg = "Enter the name of the OpenAI-compatible model in the settings."
            raise SetupError(msg)
        return server

    async def _stream(self, request: ChatRequest) -> AsyncGenerator[TextDelta, None]:
        server = await self._ready()
        events, reply = EventReader(), _Reply(self.title, server)
        async with aclosing(reading(self._read(request))) as pieces:
            async for piece in pieces:
                for data in events.push(piece):
                    if text := reply.read(data):
                        yield TextDelta(text)
                if reply.is_done:
                    await drain(pieces)
                    break
        reply.finish()

    async def _read(self, request: ChatRequest) -> AsyncGenerator[bytes, None]:
        async with self._official.client() as (client, server):
            response = await self._ask(client, server, request)
            try:
                async for piece in response.iter_bytes():
                    yield piece
            finally:
                await response.close()

    async def _ask(self, client: Any, server: RemoteServer, request: ChatRequest) -> Any:
        """Begin the stream, in a stricter form after a refusal; the form that worked is remembered."""
        from openai import APIStatusError

        place = (server.base_url, server.model)
        dialect = self._dialects.get(place, Dialect())
        for _ in range(_MOST_TRIES):
            try:
                # Bytes, not the client's own chunks: see `voxelle.providers.reading`.
                create = client.chat.completions.with_streaming_response.create
                response = await create(**dialect.arguments(server.model, request)).__aenter__()
            except APIStatusError as error:
                stricter = dialect.stricter(error.status_code, complaint(error), request.messages)
                if stricter is None:
                    raise
                log.info("engine.form_changed", engine=self.id, shape=stricter.shape.name, has_sampling=stricter.has_sampling)
                dialect = stricter
            else:
                self._dialects[place] = dialect
                return response
        msg = f"{self.title} at {server.place} does not accept the request in any form: choose another model."
        raise SetupError(msg)


class _Reply:
    """What came of a reply so far, whatever of its parts a server sends or leaves out."""

    def __init__(self, title: str, server: RemoteServer) -> None:
        self._title = title
        self._server = server
        self._finish = ""
        self._has_text = self._has_reasoning = False
        self.is_done = False

    def read(self, data: str) -> str:
        """Take one event; return the text to say. Raises VoxelleError children for an error and for what can't be read."""
        if data.startswith("[DONE]"):
            self.is_done = True
            return ""
        chunk = json_object(data)
        if chunk is None:
            raise broken_off(self._title, self._server)
        if error := chunk.get("error"):
            raise self._failure(error)
        choices = chunk.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
        delta = choice.get("delta")
        if not isinstance(delta, dict):
            delta = {}
        self._finish = choice.get("finish_reason") or self._finish
        self._has_reasoning = self._has_reasoning or bool(delta.get("reasoning_content") or delta.get("reasoning"))
        text = spoken(delta.get("content"))
        self._has_text = self._has_text or bool(text)
        return text

    def finish(self) -> None:
        """The stream is over. Raises SetupError for a reply that was all reasoning."""
        if not self._finish and not self.is_done:
            log.warning("engine.ended_early", engine=OpenAiModel.id, has_text=self._has_text)
        if self._has_reasoning and not self._has_text and self._finish == "length":
            name = self._server.model
            msg = f"“{name}” used up its whole reply on reasoning: raise Longest reply, or choose a model that does not reason."
            raise SetupError(msg)

    def _failure(self, error: Any) -> VoxelleError:
        code = error.get("code") if isinstance(error, dict) else None
        if isinstance(code, int) and code in range(*_STATUSES):
            return status_error(self._title, self._server, code, str(error))
        return broken_off(self._title, self._server)


def spoken(content: Any) -> str:
    """Return the spoken part of a content, which a few servers send as a list of typed parts."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    texts = (part.get("text") for part in content if isinstance(part, dict) and part.get("type") == "text")
    return "".join(text for text in texts if isinstance(text, str))
