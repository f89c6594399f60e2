"""The fake on real sockets: HTTP and WebSocket on one port of this computer, by a server that shares no code with the application."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from html import escape
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from tests.fakes.twitch.control import Control
from tests.fakes.twitch.fake import FakeTwitch
from tests.fakes.twitch.lines import Ending
from tests.fakes.twitch.post import Post
from tests.fakes.twitch.replies import Reply, Request, UnreachableError

_ABRUPT = 1006
_Respond = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Urls:
    """Where it answers. The first three are what the settings of the application want."""

    auth: str
    helix: str
    eventsub: str
    activate: str
    control: str

    def as_json(self) -> str:
        """Give them as one line of JSON."""
        return json.dumps(asdict(self))


@asynccontextmanager
async def serve(fake: FakeTwitch, port: int = 0) -> AsyncIterator[Urls]:
    """Open the server on loopback; port 0 takes any."""
    server = _Server(fake)
    runner = web.AppRunner(server.application(), handle_signals=False, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        host = f"127.0.0.1:{runner.addresses[0][1]}"
        base = f"http://{host}"
        urls = Urls(f"{base}/oauth2", f"{base}/helix", f"ws://{host}/ws", f"{base}/activate", f"{base}/control")
        fake.auth.activation_url = urls.activate
        yield urls
    finally:
        await server.close()
        await runner.cleanup()


class _Server:
    def __init__(self, fake: FakeTwitch) -> None:
        self._fake = fake
        self._control = Control(fake)
        self._sockets: set[web.WebSocketResponse] = set()

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_route("GET", "/ws", self._socket)
        application.router.add_route("*", "/activate", self._activate)
        application.router.add_route("*", "/control/{verb}", self._command)
        application.router.add_route("*", "/{rest:.*}", self._http)
        return application

    async def close(self) -> None:
        for socket in list(self._sockets):
            await socket.close(code=WSCloseCode.GOING_AWAY)

    async def _http(self, incoming: web.Request) -> web.StreamResponse:
        kind = incoming.content_type
        form = {name: str(value) for name, value in (await incoming.post()).items()} if "form" in kind else {}
        body: Any = None
        if "json" in kind and incoming.can_read_body:
            try:
                body = await incoming.json()
            except ValueError:
                body = None
        headers = {name.lower(): value for name, value in incoming.headers.items()}
        request = Request(incoming.method, incoming.path, headers, tuple(incoming.query.items()), form, body)
        try:
            reply = self._fake.handle(request)
        except UnreachableError as error:
            return await self._break_off(incoming, error.delay_s)
        if reply.delay_s:
            await self._fake.world.clock.sleep(reply.delay_s)
        return _response(reply)

    async def _break_off(self, incoming: web.Request, delay_s: float) -> web.StreamResponse:
        """Let the client see no answer."""
        if delay_s:
            await self._fake.world.clock.sleep(delay_s)
        if incoming.transport is not None:
            incoming.transport.abort()
        return web.Response(status=503)

    async def _socket(self, incoming: web.Request) -> web.StreamResponse:
        url = f"ws://{incoming.host}{incoming.path_qs}"
        try:
            line = self._fake.open(url)
        except UnreachableError as error:
            return await self._break_off(incoming, error.delay_s)
        post = Post(self._fake, line)
        socket = web.WebSocketResponse()
        await socket.prepare(incoming)
        self._sockets.add(socket)
        try:
            async with asyncio.TaskGroup() as group:
                writing = group.create_task(self._write(socket, post, incoming))
                await self._listen(socket, post)
                # A silent line keeps its writer until the end of the world.
                writing.cancel()
        finally:
            self._sockets.discard(socket)
            post.hang_up()
        return socket

    async def _listen(self, socket: web.WebSocketResponse, post: Post) -> None:
        """Take note of whatever the client sends, until it is gone."""
        async for message in socket:
            if message.type in {WSMsgType.TEXT, WSMsgType.BINARY}:
                self._fake.hear(post.line)

    async def _write(self, socket: web.WebSocketResponse, post: Post, incoming: web.Request) -> None:
        while not isinstance(coming := await post.next(), Ending):
            with suppress(ConnectionError):
                await (socket.send_str(coming.data) if isinstance(coming.data, str) else socket.send_bytes(coming.data))
        if coming.code == _ABRUPT and incoming.transport is not None:
            incoming.transport.abort()
        else:
            await socket.close(code=coming.code, message=coming.reason.encode())

    async def _activate(self, incoming: web.Request) -> web.StreamResponse:
        """The page on which a streamer confirms a code."""
        if incoming.method != "POST":
            code = escape(incoming.query.get("device-code", ""))
            return web.Response(text=_PAGE.format(code=code), content_type="text/html")
        form = await incoming.post()
        verb = "approve" if form.get("answer") == "approve" else "deny"
        try:
            self._control.perform(verb, {"user_code": str(form.get("code")), "login": str(form.get("login") or "streamer")})
        except LookupError:
            return web.Response(text="This code is not known.", status=404)
        return web.Response(text="Thank you. You may close this page.")

    async def _command(self, incoming: web.Request) -> web.StreamResponse:
        arguments = await incoming.json() if incoming.can_read_body else {}
        try:
            return web.json_response(self._control.perform(incoming.match_info["verb"], arguments))
        except (LookupError, TypeError, ValueError) as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)


def _response(reply: Reply) -> web.Response:
    return web.Response(status=reply.status, body=reply.body, headers=dict(reply.headers))


_PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>Connect a device (fake Twitch)</title></head><body>
<h1>Connect a device</h1><form method="post">
<p><label>Code <input name="code" value="{code}"></label></p>
<p><label>Account <input name="login" value="streamer"></label> (streamer or assistant)</p>
<p><button name="answer" value="approve">Authorize</button> <button name="answer" value="deny">Decline</button></p>
</form></body></html>"""
