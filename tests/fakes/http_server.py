"""A real HTTP server on loopback that answers by script: whole, in pieces, slowly, or breaking off."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Self


class Move(Enum):
    """What a script can do besides sending."""

    HANG = "hang"
    """Send nothing more; note when the client goes away."""
    DROP = "drop"
    """Break the connection off."""


Step = bytes | str | Move


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers, and the body step by step, each one a chunk of its own."""

    steps: Sequence[Step] = ()
    status: int = 200
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    is_chunked: bool = True
    """Without, the end of the connection is the end of the body."""


def json_answer(value: Any, status: int = 200, **headers: str) -> Answer:
    """Answer with one JSON value."""
    return Answer((json.dumps(value),), status, headers={name.replace("_", "-"): text for name, text in headers.items()})


def sse(*events: Any, done: bool = True) -> list[bytes]:
    """Return server-sent events, JSON unless they are text already, as the OpenAI family sends them."""
    lines = [event if isinstance(event, str) else json.dumps(event, ensure_ascii=False) for event in events]
    return [f"data: {line}\n\n".encode() for line in [*lines, *(["[DONE]"] if done else [])]]


Respond = Callable[[Call], Answer]


class HttpServer:
    """Use as `async with HttpServer(answers) as server`; the last of the answers is given again and again."""

    def __init__(self, *answers: Answer, respond: Respond | None = None) -> None:
        self._answers = list(answers)
        self._respond = respond
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self.calls: list[Call] = []
        self.connections = 0
        self.reached = asyncio.Event()
        """A script came to its HANG."""
        self.abandoned = asyncio.Event()
        """A client went away while a script was at its HANG."""

    @property
    def url(self) -> str:
        """Where it listens."""
        assert self._server is not None
        host, port = self._server.sockets[0].getsockname()[:2]
        return f"http://{host}:{port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def _next(self, _: Call) -> Answer:
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            while (call := await read_call(reader)) is not None:
                self.calls.append(call)
                if not await self._answer(call, reader, writer):
                    break
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()
            with suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _answer(self, call: Call, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Play one script; True when the connection can take another request."""
        answer = (self._respond or self._next)(call)
        framing = "Transfer-Encoding: chunked" if answer.is_chunked else "Connection: close"
        head = [f"HTTP/1.1 {answer.status} Scripted", f"Content-Type: {answer.content_type}", framing]
        head += [f"{name}: {value}" for name, value in answer.headers.items()]
        writer.write("\r\n".join([*head, "", ""]).encode())
        await writer.drain()
        for step in answer.steps:
            if step is Move.DROP:
                writer.transport.abort()
                return False
            if step is Move.HANG:
                self.reached.set()
                if await reader.read(1) == b"":
                    self.abandoned.set()
                return False
            assert not isinstance(step, Move)
            data = step.encode() if isinstance(step, str) else step
            writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n" if answer.is_chunked else data)
            await writer.drain()
            # Let the client read this piece by itself.
            await asyncio.sleep(0)
        if answer.is_chunked:
            writer.write(b"0\r\n\r\n")
            await writer.drain()
        return answer.is_chunked


async def read_call(reader: asyncio.StreamReader) -> Call | None:
    """Read one request; None when the client has closed the connection."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    first, *lines = head.strip().split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Call(method, path, headers, body)
