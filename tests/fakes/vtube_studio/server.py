"""The fake on loopback: a real websocket, and its broadcasts by UDP."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from websockets.asyncio.server import Server as WebSocketServer
from websockets.asyncio.server import ServerConnection
from websockets.asyncio.server import serve as serve_websocket
from websockets.exceptions import ConnectionClosed

from tests.fakes.vtube_studio.fake import FakeVTubeStudio
from tests.fakes.vtube_studio.memory import BROADCAST_S, next_message
from tests.fakes.vtube_studio.session import NO_GOODBYE, Session
from voxelle.kernel.tasks import TaskScope

HERE = "127.0.0.1"
FIRST_BROADCAST_S = 0.05
LARGEST = 8 * 1024 * 1024


class Server:
    """Carries messages between websockets and a fake. Use `serve`."""

    def __init__(self, fake: FakeVTubeStudio, scope: TaskScope) -> None:
        self.fake = fake
        self._scope = scope
        self._line: WebSocketServer | None = None

    async def open(self) -> None:
        """Listen at the fake's port, any free one when it is 0. Raises OSError when it is taken."""
        self._line = await serve_websocket(
            self.take, HERE, self.fake.port, compression=None, ping_interval=None, close_timeout=1, max_size=LARGEST
        )
        self.fake.port = next(iter(self._line.sockets)).getsockname()[1]

    async def shut(self) -> None:
        """Listen no longer."""
        line, self._line = self._line, None
        if line is not None:
            line.close()
            await line.wait_closed()

    async def follow(self) -> None:
        """Listen while the fake can be reached; who comes otherwise finds nobody."""
        news = asyncio.Event()
        self.fake.on_reach = news.set
        while True:
            if self.fake.is_reachable and self._line is None:
                await self.open()
            elif not self.fake.is_reachable:
                await self.shut()
            await news.wait()
            news.clear()

    async def take(self, connection: ServerConnection) -> None:
        """Serve one plugin until its line is gone."""
        session = self.fake.open()
        sending = self._scope.start(self._send(session, connection), name=f"line {session.id}")
        try:
            async for message in connection:
                self.fake.receive(session, message)
        except ConnectionClosed:
            pass
        finally:
            self.fake.drop(session, 1000)
            await asyncio.wait({sending})

    async def _send(self, session: Session, connection: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            while (message := await next_message(self.fake, session)) is not None:
                await connection.send(message)
        code, reason = session.closed or (NO_GOODBYE, "")
        if code == NO_GOODBYE:
            connection.transport.abort()
        else:
            await connection.close(code, reason)

    async def broadcast(self, port: int) -> None:
        """Tell by UDP that the fake is there, first at once, then every two seconds."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            await asyncio.sleep(FIRST_BROADCAST_S)
            while True:
                if self.fake.is_running and not self.fake.faults.is_silent:
                    sender.sendto(json.dumps(self.fake.broadcast()).encode(), (HERE, port))
                await asyncio.sleep(BROADCAST_S)


@asynccontextmanager
async def serve(fake: FakeVTubeStudio, *, port: int = 0, udp_port: int = 0) -> AsyncIterator[FakeVTubeStudio]:
    """Serve a fake on loopback, on any free port unless one is given; `fake.port` is it. `udp_port` 0: no broadcasts."""
    async with TaskScope("fake VTube Studio") as scope:
        fake.port = port
        server = Server(fake, scope)
        await server.open()
        scope.start(server.follow(), name="listen")
        if udp_port:
            scope.start(server.broadcast(udp_port), name="broadcast")
        try:
            yield fake
        finally:
            fake.drop_all(1001, "VTube Studio was closed.")
            await server.shut()
