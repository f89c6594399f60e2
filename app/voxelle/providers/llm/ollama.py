"""Ollama through its own interface, which can switch reasoning off and keep the model loaded.

https://github.com/ollama/ollama/blob/main/docs/api.md
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import Any, Final

import structlog

from voxelle.contracts.llm import ChatRequest, LanguageModel, TextDelta
from voxelle.contracts.provider import Abilities, Limits
from voxelle.domain.errors import SetupError, TemporaryError, VoxelleError
from voxelle.kernel.clock import Clock
from voxelle.providers.llm.lines import LineReader, json_object
from voxelle.providers.official import CONNECT_TIMEOUT_S, READ_TIMEOUT_S
from voxelle.providers.reading import drain, reading
from voxelle.providers.remote import RemoteServer, broken_off, host_root, status_error, unreachable

log = structlog.get_logger("engine")
KEEP_ALIVE: Final = "30m"
"""How long Ollama keeps the model loaded between two replies; its own default of 5 minutes is shorter than a game."""
_LONGEST_COMPLAINT: Final = 4096
_NOT_FOUND: Final = 404
_BAD_REQUEST: Final = 400
_OK: Final = 200
_OWN_FAULT: Final = 500


class OllamaModel(LanguageModel):
    """Streams JSON lines from `/api/chat`."""

    id = "ollama"
    title = "Ollama"
    abilities = Abilities(streaming=True, offline=True)

    def __init__(self, clock: Clock, server: Callable[[], RemoteServer], limits: Limits | None = None) -> None:
        super().__init__(clock, limits)
        self._server = server
        self._http: tuple[RemoteServer, Any] | None = None
        self._opening = asyncio.Lock()
        self._thinkless: set[str] = set()
        """Models that know no `think` and refuse to be told."""

    async def open(self) -> None:
        """Make the HTTP client; nothing is sent."""
        await self._client()

    async def close(self) -> None:
        """Close all connections."""
        http, self._http = self._http, None
        if http is not None:
            await http[1].aclose()

    async def probe(self) -> None:
        """Ask whether the model is there."""
        client, server = await self._client()
        async with self._failures(server):
            response = await client.post("/api/show", json={"model": server.model})
        if response.status_code != _OK:
            raise self._refused(server, response.status_code, response.text)

    async def warm(self, request: ChatRequest) -> None:
        """Load the model and read the prompt into its cache: one token, thrown away."""
        async with aclosing(self._stream(replace(request, max_tokens=1))) as reply:
            async for _ in reply:
                pass

    async def _stream(self, request: ChatRequest) -> AsyncGenerator[TextDelta, None]:
        server = self._server()
        lines = LineReader()
        async with aclosing(reading(self._read(request))) as pieces:
            async for piece in pieces:
                for line in lines.push(piece):
                    text, is_done = self._take(line, server)
                    if text:
                        yield TextDelta(text)
                    if is_done:
                        await drain(pieces)
                        return
        if not any(self._take(line, server)[1] for line in lines.flush()):
            raise broken_off(self.title, server)

    def _take(self, line: bytes, server: RemoteServer) -> tuple[str, bool]:
        """Return the text of a line and whether it is the last one."""
        if not line.strip():
            return "", False
        part = json_object(line)
        if not part:
            raise broken_off(self.title, server)
        if "error" in part:
            raise self._refused(server, _OWN_FAULT, str(part["error"]))
        message = part.get("message")
        text = message.get("content") if isinstance(message, dict) else None
        return text if isinstance(text, str) else "", part.get("done") is True

    async def _read(self, request: ChatRequest) -> AsyncGenerator[bytes, None]:
        client, server = await self._client()
        async with self._failures(server), self._answer(client, server, request) as response:
            async for piece in response.aiter_bytes():
                yield piece

    @asynccontextmanager
    async def _answer(self, client: Any, server: RemoteServer, request: ChatRequest) -> AsyncGenerator[Any, None]:
        """Give the streaming response; a model that refuses `think` is asked once more without, and from then on."""
        for _ in range(2):
            has_think = server.model not in self._thinkless
            async with client.stream("POST", "/api/chat", json=arguments(server.model, request, has_think=has_think)) as response:
                if response.status_code == _OK:
                    yield response
                    return
                body = (await response.aread())[:_LONGEST_COMPLAINT].decode("utf-8", "replace")
            if not (has_think and response.status_code == _BAD_REQUEST and "think" in body.lower()):
                raise self._refused(server, response.status_code, body)
            log.info("engine.form_changed", engine=self.id, has_think=False)
            self._thinkless.add(server.model)
        raise self._refused(server, _BAD_REQUEST, "")

    async def _client(self) -> tuple[Any, RemoteServer]:
        server = self._server()
        if not server.model:
            msg = "Enter the name of a model that Ollama has pulled in the settings."
            raise SetupError(msg)
        async with self._opening:
            if self._http is None or self._http[0].base_url != server.base_url:
                await self.close()
                self._http = (server, await asyncio.to_thread(make_client, server))
            return self._http[1], server

    @asynccontextmanager
    async def _failures(self, server: RemoteServer) -> AsyncGenerator[None, None]:
        """Turn errors of the line into the house's own."""
        import httpx2

        try:
            yield
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            raise unreachable(self.title, server) from error
        except (httpx2.HTTPError, httpx2.StreamError) as error:
            raise broken_off(self.title, server) from error

    def _refused(self, server: RemoteServer, status: int, body: str) -> VoxelleError:
        known = body.lower()
        if status == _NOT_FOUND or ("model" in known and "not found" in known):
            return SetupError(f"Ollama has no model called “{server.model}”: run `ollama pull {server.model}`, or choose another one.")
        if "memory" in known:
            return TemporaryError(f"Ollama has not enough memory for “{server.model}”: close something, or choose a smaller model.")
        return status_error(self.title, server, status, body)


def make_client(server: RemoteServer) -> Any:
    """Make an HTTP client for Ollama's address; its import is slow, so call it in a thread."""
    import httpx2

    return httpx2.AsyncClient(
        base_url=host_root(server.base_url),
        timeout=httpx2.Timeout(READ_TIMEOUT_S, connect=CONNECT_TIMEOUT_S),
        trust_env=not server.is_loopback,
    )


def arguments(model: str, request: ChatRequest, *, has_think: bool) -> dict[str, Any]:
    """Return the body of `POST /api/chat`."""
    options: dict[str, Any] = {"num_predict": request.max_tokens, "temperature": request.temperature, "top_p": request.top_p}
    if request.seed is not None:
        options["seed"] = request.seed
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": each.role.value, "content": each.text} for each in request.messages],
        "stream": True,
        "keep_alive": KEEP_ALIVE,
        "options": options,
    }
    return body | {"think": False} if has_think else body
