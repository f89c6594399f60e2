"""A client that does what a test tells it, over any face of the fake."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.fakes.twitch.fake import CLIENT_ID, FakeTwitch
from tests.fakes.twitch.memory import MemorySocket, memory_net
from tests.fakes.twitch.topics import TOPICS
from voxelle.integrations.twitch.net import HttpReply, SocketClosed

EVENTSUB = "wss://eventsub.wss.twitch.tv/ws"


class Caller:
    """A client that does what it is told."""

    def __init__(self, fake: FakeTwitch) -> None:
        self.fake = fake
        self.net = memory_net(fake)
        self.access = fake.sign_in().access

    async def auth(self, path: str, **form: str) -> HttpReply:
        """Post a form to the sign-in service."""
        return await self.net.http.request("POST", f"https://id.twitch.tv/oauth2/{path}", form={"client_id": CLIENT_ID, **form})

    async def validate(self, access: str) -> HttpReply:
        return await self.net.http.request("GET", "https://id.twitch.tv/oauth2/validate", headers={"Authorization": f"OAuth {access}"})

    async def helix(self, method: str, path: str, body: Any = None, **query: str) -> HttpReply:
        """Ask the API with the present token."""
        headers = {"Authorization": f"Bearer {self.access}", "Client-Id": CLIENT_ID}
        return await self.helix_as(headers, method, path, body, **query)

    async def helix_as(self, headers: Mapping[str, str], method: str, path: str, body: Any = None, **query: str) -> HttpReply:
        """Ask the API with other headers."""
        return await self.net.http.request(
            method, f"https://api.twitch.tv/helix/{path}", headers=headers, query=list(query.items()), body=body
        )

    async def connect(self, url: str = EVENTSUB) -> MemorySocket:
        socket = await self.net.connect(url)
        assert isinstance(socket, MemorySocket)
        return socket

    async def open(self, url: str = EVENTSUB) -> tuple[MemorySocket, str]:
        """Open a line and hear its welcome."""
        socket = await self.connect(url)
        return socket, (await heard(socket))["payload"]["session"]["id"]

    async def subscribe(self, topic: str, session_id: str, **condition: str) -> HttpReply:
        needed = ("to_broadcaster_user_id",) if topic == "channel.raid" else TOPICS[topic].condition
        body = {
            "type": topic,
            "version": TOPICS[topic].version,
            "condition": condition or dict.fromkeys(needed, self.fake.streamer.id),
            "transport": {"method": "websocket", "session_id": session_id},
        }
        return await self.helix("POST", "eventsub/subscriptions", body)


async def heard(socket: MemorySocket) -> dict[str, Any]:
    """Return the next message of a line."""
    message: dict[str, Any] = json.loads(await socket.receive())
    return message


async def kind(socket: MemorySocket) -> str:
    """Return what kind of message comes next."""
    return str((await heard(socket))["metadata"]["message_type"])


async def ending(socket: MemorySocket) -> int:
    """Listen to the end and return the close code."""
    while True:
        try:
            await socket.receive()
        except SocketClosed as error:
            return error.code
