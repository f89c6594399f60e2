"""The fake within the process: lines and broadcasts on the running loop's time, for whole evenings on a virtual clock."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from tests.fakes.vtube_studio.fake import FakeVTubeStudio
from tests.fakes.vtube_studio.session import Session
from voxelle.domain.errors import TemporaryError
from voxelle.integrations.vtube_studio.api import Api, ApiError
from voxelle.integrations.vtube_studio.net import Ears, Net, OnBroadcast, Socket, SocketClosed

BROADCAST_S = 2.0
_HAIR = 1e-6
"""Timers of a loop may be a hair early."""


async def next_message(fake: FakeVTubeStudio, session: Session) -> str | None:
    """Wait for what the fake sends next, moving its time on; None once the line is gone."""
    news = asyncio.Event()
    session.on_news = news.set
    while True:
        news.clear()
        fake.advance()
        if session.outbox:
            return session.outbox.popleft()
        if session.closed is not None:
            return None
        await _wait(news, fake)


async def _wait(news: asyncio.Event, fake: FakeVTubeStudio) -> None:
    """Wait for news, at most until the next thing is due in the fake."""
    due = fake.timeline.next_due
    wait = None if due is None else max(0.0, due - fake.timeline.now) + _HAIR
    with suppress(TimeoutError):
        async with asyncio.timeout(wait):
            await news.wait()


class MemorySocket(Socket):
    """A line to a fake in this process."""

    def __init__(self, fake: FakeVTubeStudio) -> None:
        self._fake = fake
        self.session = fake.open()

    async def send(self, text: str) -> None:
        self._check()
        self._fake.receive(self.session, text)
        await asyncio.sleep(0)

    async def receive(self) -> str:
        message = await next_message(self._fake, self.session)
        if message is None:
            self._check()
            raise SocketClosed
        return message

    async def close(self) -> None:
        self._fake.drop(self.session, 1000)
        await asyncio.sleep(0)

    def _check(self) -> None:
        if self.session.closed is not None:
            raise SocketClosed(*self.session.closed)


class _MemoryEars(Ears):
    """Hears the broadcasts of some fakes every two seconds."""

    def __init__(self, fakes: tuple[FakeVTubeStudio, ...], on_broadcast: OnBroadcast, host: str) -> None:
        self._fakes, self._on_broadcast, self._host = fakes, on_broadcast, host
        self._next = asyncio.get_running_loop().call_later(0.1, self._hear)

    def _hear(self) -> None:
        self._next = asyncio.get_running_loop().call_later(BROADCAST_S, self._hear)
        for fake in self._fakes:
            if fake.is_running and not fake.faults.is_silent:
                self._on_broadcast(json.dumps(fake.broadcast()).encode(), self._host)

    def close(self) -> None:
        self._next.cancel()


def memory_net(*fakes: FakeVTubeStudio, host: str = "127.0.0.1") -> Net:
    """Return a network on which these fakes live, each on its port of one host."""

    async def connect(url: str) -> Socket:
        await asyncio.sleep(0)
        for fake in fakes:
            if url.rstrip("/").endswith(f":{fake.port}") and fake.is_reachable:
                return MemorySocket(fake)
        msg = f"Nothing answers at {url}."
        raise TemporaryError(msg)

    async def listen(port: int, on_broadcast: OnBroadcast) -> Ears:
        await asyncio.sleep(0)
        return _MemoryEars(fakes, on_broadcast, host)

    return Net(connect, listen)


class MemoryApi(Api):
    """An authenticated line as the parts of the app see it; many may ask at once.

    Events go to `on_event`. Those that come by time come while somebody asks or `listen` runs.
    """

    def __init__(self, fake: FakeVTubeStudio, plugin: str = "Voxelle", developer: str = "The Voxelle developers") -> None:
        self._fake = fake
        self.session = fake.open()
        self.session.on_news = self._on_news
        self._numbers = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._news = asyncio.Event()
        self.on_event: Callable[[str, dict[str, Any]], None] = lambda kind, data: None
        token = fake.sign_in.tokens.get((plugin, developer)) or fake.sign_in.grant(plugin, developer)
        self._send("AuthenticationRequest", {"pluginName": plugin, "pluginDeveloper": developer, "authenticationToken": token})
        assert self.session.plugin == plugin

    async def ask(self, kind: str, data: Mapping[str, Any] | None = None, *, timeout_s: float = 10.0) -> dict[str, Any]:
        reply = self._send(kind, data)
        try:
            async with asyncio.timeout(timeout_s):
                await self._turn(reply.done)
        except TimeoutError as error:
            msg = "VTube Studio did not answer in time."
            raise TemporaryError(msg) from error
        if not reply.done():
            msg = "The line to VTube Studio is gone."
            raise TemporaryError(msg)
        return _data(reply.result())

    async def listen(self) -> None:
        """Take events until the line is gone."""
        await self._turn(lambda: False)

    async def _turn(self, is_done: Callable[[], bool]) -> None:
        """Move the fake's time on until something is done or the line is gone."""
        await asyncio.sleep(0)
        while not is_done() and self.session.closed is None:
            self._news.clear()
            self._fake.advance()
            if is_done():
                return
            await _wait(self._news, self._fake)

    def _on_news(self) -> None:
        while self.session.outbox:
            told = json.loads(self.session.outbox.popleft())
            reply = self._waiting.pop(told["requestID"], None) if not told["messageType"].endswith("Event") else None
            if reply is not None and not reply.done():
                reply.set_result(told)
            elif told["messageType"].endswith("Event"):
                self.on_event(told["messageType"], told["data"])
        self._news.set()

    def _send(self, kind: str, data: Mapping[str, Any] | None) -> asyncio.Future[dict[str, Any]]:
        request_id = f"r{next(self._numbers)}"
        reply: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[request_id] = reply
        head = {"apiName": "VTubeStudioPublicAPI", "apiVersion": "1.0", "requestID": request_id}
        self._fake.receive(self.session, json.dumps({**head, "messageType": kind, "data": dict(data or {})}))
        return reply


def _data(told: dict[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = told["data"]
    if told["messageType"] == "APIError":
        raise ApiError(data["message"], data["errorID"])
    return data
