"""The client of an official SDK is made once, renewed when it must be, and closed when nobody uses it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from voxelle.domain.errors import TemporaryError
from voxelle.kernel.clock import SystemClock
from voxelle.providers.official import KEY_AGE_S, OfficialClient
from voxelle.providers.openai_sdk import make_client
from voxelle.providers.remote import RemoteServer


class Hand(SystemClock):
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = 0.0

    def monotonic(self) -> float:
        return self.at


class Bench:
    """An `OfficialClient` whose server and key can be changed."""

    def __init__(self) -> None:
        self.server = RemoteServer("http://127.0.0.1:9", "m")
        self.key = "one"
        self.reads = 0
        self.made: list[str] = []
        self.clock = Hand()
        self.official = OfficialClient("openai", "The server", lambda: self.server, self.read_key, self.clock, self.make)

    async def read_key(self) -> str:
        self.reads += 1
        await asyncio.sleep(0)
        return self.key

    def make(self, sdk: Any, server: RemoteServer, key: str, http: Any) -> Any:
        self.made.append(key)
        return make_client(sdk, server, key, http)


async def test_many_at_once_make_one_client() -> None:
    bench = Bench()
    assert await asyncio.gather(*(bench.official.ready() for _ in range(5))) == [bench.server] * 5
    assert bench.made == ["one"]
    await bench.official.close()
    await bench.official.close()


async def test_the_key_is_read_rarely_and_the_same_key_keeps_the_client() -> None:
    bench = Bench()
    await bench.official.ready()
    bench.clock.at = KEY_AGE_S - 1
    await bench.official.ready()
    assert bench.reads == 1
    bench.clock.at = KEY_AGE_S + 1
    await bench.official.ready()
    assert (bench.reads, bench.made) == (2, ["one"])
    bench.key, bench.clock.at = "two", 3 * KEY_AGE_S
    await bench.official.ready()
    assert bench.made == ["one", "two"]
    await bench.official.close()


async def test_a_client_in_use_is_closed_after_its_last_user() -> None:
    bench = Bench()
    async with bench.official.client() as (old, _):
        bench.server = RemoteServer("http://127.0.0.1:9", "other")
        async with bench.official.client() as (new, server):
            assert (new is not old, server.model) == (True, "other")
            assert not old.is_closed()
    assert old.is_closed()
    assert not new.is_closed()
    await bench.official.close()
    assert new.is_closed()


async def test_closing_closes_clients_in_use_too() -> None:
    bench = Bench()
    async with bench.official.client() as (old, _):
        bench.server = RemoteServer("http://127.0.0.1:9", "other")
        await bench.official.ready()
        await bench.official.close()
        assert old.is_closed()


async def test_what_cannot_be_read_is_temporary() -> None:
    bench = Bench()

    async def use() -> None:
        async with bench.official.client():
            raise UnicodeDecodeError("utf-8", b"x", 0, 1, "bad")  # noqa: EM101 -- as Python raises it

    with pytest.raises(TemporaryError, match="broke off"):
        await use()
    await bench.official.close()
