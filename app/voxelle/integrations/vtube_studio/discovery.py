"""Which VTube Studios run, by what they broadcast every two seconds.

https://github.com/DenchiSoft/VTubeStudio#api-server-discovery-udp
"""

from __future__ import annotations

import asyncio
from typing import Final

from voxelle.domain.avatar import AvatarInstance
from voxelle.domain.errors import InputError
from voxelle.integrations.vtube_studio.messages import BROADCAST, flag_of, number_of, read_message, text_of
from voxelle.integrations.vtube_studio.net import HERE
from voxelle.kernel.clock import Clock

FRESH_S: Final = 6.5
"""Three broadcasts may be lost."""
MOST_INSTANCES: Final = 16
_HIGHEST_PORT: Final = 65535
_OWN_NAMES: Final = ("localhost", "::1", "[::1]", "")


class Discovery:
    """The instances that were heard lately. A restart has another id, so it is another instance."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heard: dict[tuple[str, str], tuple[float, AvatarInstance]] = {}
        self._news = asyncio.Event()

    def on_broadcast(self, payload: bytes, host: str) -> None:
        """Take a datagram; whatever is none of VTube Studio's is passed over."""
        instance = read_broadcast(payload, host)
        if instance is None:
            return
        key = (host, instance.instance_id)
        before = self._heard.get(key)
        if before is None and len(self._heard) >= MOST_INSTANCES:
            self._forget_stale()
            if len(self._heard) >= MOST_INSTANCES:
                return
        self._heard[key] = (self._clock.monotonic(), instance)
        if before is None or before[1] != instance:
            self._news.set()

    def instances(self) -> tuple[AvatarInstance, ...]:
        """Return those that still run, this computer's first."""
        self._forget_stale()
        return tuple(sorted((each for _, each in self._heard.values()), key=lambda each: (each.host != HERE, each.host, each.port)))

    async def wait(self, seconds: float) -> None:
        """Wait for something new, so long at most."""
        self._news.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return

    def _forget_stale(self) -> None:
        now = self._clock.monotonic()
        for key in [key for key, (heard_at, _) in self._heard.items() if now - heard_at > FRESH_S]:
            del self._heard[key]


def read_broadcast(payload: bytes, host: str) -> AvatarInstance | None:
    """Read a VTubeStudioAPIStateBroadcast."""
    try:
        message = read_message(payload)
    except InputError:
        return None
    port = int(number_of(message.data, "port"))
    if message.kind != BROADCAST or not 1 <= port <= _HIGHEST_PORT:
        return None
    return AvatarInstance(
        host=host,
        port=port,
        title=text_of(message.data, "windowTitle", 100) or "VTube Studio",
        is_api_on=flag_of(message.data, "active"),
        instance_id=text_of(message.data, "instanceID", 64),
    )


def plain_host(host: str) -> str:
    """Return a computer's name in one form: this one has several."""
    return HERE if host.lower() in _OWN_NAMES else host.lower()


def address_of(host: str, port: int) -> str:
    """Return the socket's address; a bare IPv6 address gets its brackets."""
    bare = host.strip("[]")
    return f"ws://[{bare}]:{port}" if ":" in bare else f"ws://{host}:{port}"
