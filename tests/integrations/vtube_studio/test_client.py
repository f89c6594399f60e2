"""The open line: requests, replies, events, and silence."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from voxelle.domain.errors import InputError, TemporaryError
from voxelle.integrations.vtube_studio.api import ApiError
from voxelle.integrations.vtube_studio.client import DEAD_S, MOST_GARBAGE, MOST_PENDING, Client, errors_of, raise_first
from voxelle.integrations.vtube_studio.errors import ApiOffError, UnansweredError
from voxelle.integrations.vtube_studio.net import Socket, SocketClosed
from voxelle.kernel.clock import Clock
from voxelle.kernel.tasks import TaskScope

pytestmark = pytest.mark.virtual_time


class HandSocket(Socket):
    """A line whose other end is in the test's hand."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.inbox: asyncio.Queue[str | SocketClosed] = asyncio.Queue()
        self.is_closed = False
        self._news = asyncio.Event()

    async def send(self, text: str) -> None:
        if self.is_closed:
            raise SocketClosed
        self.sent.append(json.loads(text))
        self._news.set()

    async def receive(self) -> str:
        got = await self.inbox.get()
        if isinstance(got, SocketClosed):
            self.is_closed = True
            raise got
        return got

    async def close(self) -> None:
        self.is_closed = True

    def say(self, kind: str, request_id: str, **data: Any) -> None:
        self.inbox.put_nowait(json.dumps({"messageType": kind, "requestID": request_id, "data": data}))

    async def asked(self, count: int) -> list[str]:
        """Wait for so many requests; return their ids."""
        while len(self.sent) < count:
            self._news.clear()
            await self._news.wait()
        return [each["requestID"] for each in self.sent]


class Line:
    """A client, its socket, and what it heard."""

    def __init__(self, clock: Clock) -> None:
        self.socket = HandSocket()
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.client = Client(self.socket, clock, lambda kind, data: self.events.append((kind, data)))
        self.scope = TaskScope("line")

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Line]:
        async with self.scope:
            self.reading = self.scope.start(self.client.run(), name="read", is_awaited=True)
            yield self
        errors_of([self.reading])


@pytest.fixture
def line(clock: Clock) -> Line:
    return Line(clock)


async def test_replies_find_their_requests_in_any_order(line: Line) -> None:
    async with line.open():
        asks = [line.scope.start(line.client.ask(f"A{number}Request"), name="ask", is_awaited=True) for number in range(3)]
        ids = await line.socket.asked(3)
        assert len(set(ids)) == 3
        assert all(each.isascii() and 1 <= len(each) <= 64 for each in ids)
        for number in (2, 0, 1):
            line.socket.say(f"A{number}Response", ids[number], number=number)
        assert [(await ask)["number"] for ask in asks] == [0, 1, 2]


async def test_an_event_with_the_id_of_a_request_is_no_reply(line: Line) -> None:
    async with line.open():
        ask = line.scope.start(line.client.ask("EventSubscriptionRequest"), name="ask", is_awaited=True)
        (request_id,) = await line.socket.asked(1)
        line.socket.say("TestEvent", request_id, counter=1)
        line.socket.say("EventSubscriptionResponse", request_id, subscribedEventCount=1)
        assert await ask == {"subscribedEventCount": 1}
        assert line.events == [("TestEvent", {"counter": 1})]


async def test_what_nobody_asked_for_is_counted_and_passed_over(line: Line) -> None:
    async with line.open():
        line.socket.say("APIStateResponse", "stranger")
        line.socket.inbox.put_nowait("no json")
        ask = line.scope.start(line.client.ask("APIStateRequest"), name="ask", is_awaited=True)
        (request_id,) = await line.socket.asked(1)
        line.socket.say("APIStateResponse", request_id)
        line.socket.say("APIStateResponse", request_id)
        await ask
        await asyncio.sleep(0.1)
        assert line.client.counters == {"unknown": 2, "malformed": 1, "sent": 1, "replies": 1}


async def test_an_api_error_is_ours_with_their_number(line: Line) -> None:
    async with line.open():
        ask = line.scope.start(line.client.ask("HotkeyTriggerRequest"), name="ask", is_awaited=True)
        (request_id,) = await line.socket.asked(1)
        line.socket.say("APIError", request_id, errorID=202, message="their words")
        with pytest.raises(ApiError, match="no such hotkey") as raised:
            await ask
        assert raised.value.error_id == 202


async def test_without_a_reply_it_is_given_up_and_a_late_one_is_no_harm(line: Line, clock: Clock) -> None:
    async with line.open():
        with pytest.raises(UnansweredError):
            await line.client.ask("APIStateRequest", timeout_s=2)
        assert clock.monotonic() == pytest.approx(2, abs=0.01)
        line.socket.say("APIStateResponse", line.socket.sent[0]["requestID"])
        await asyncio.sleep(1)
        assert line.client.counters["unknown"] == 1


@pytest.mark.parametrize("code, words", [(1006, "was lost"), (1009, "far too much")])
async def test_a_lost_line_fails_all_that_was_asked_and_all_that_will_be(line: Line, code: int, words: str) -> None:
    async with line.open():
        asks = [line.scope.start(line.client.ask("ARequest"), name="ask", is_awaited=True) for _ in range(3)]
        over = line.scope.start(line.client.over(), name="over", is_awaited=True)
        await line.socket.asked(3)
        line.socket.inbox.put_nowait(SocketClosed(code))
        for task in (*asks, over, line.reading):
            with pytest.raises(TemporaryError, match=words):
                await task
        with pytest.raises(TemporaryError, match=words):
            await line.client.ask("BRequest")


async def test_a_line_that_breaks_while_sending_is_lost(line: Line) -> None:
    async with line.open():
        line.socket.is_closed = True
        with pytest.raises(TemporaryError, match="was lost"):
            await line.client.ask("ARequest")


async def test_a_closed_reader_leaves_nobody_waiting(line: Line) -> None:
    async with line.open():
        ask = line.scope.start(line.client.ask("ARequest", timeout_s=600), name="ask", is_awaited=True)
        await line.socket.asked(1)
        line.reading.cancel()
        with pytest.raises(TemporaryError, match="was closed"):
            await ask


async def test_garbage_without_end_is_something_else(line: Line) -> None:
    async with line.open():
        for _ in range(MOST_GARBAGE):
            line.socket.inbox.put_nowait("\x00garbage")
        with pytest.raises(TemporaryError, match="does not speak VTube Studio's language"):
            await line.reading


async def test_more_than_can_be_answered_is_not_asked(line: Line) -> None:
    async with line.open():
        asks = [line.scope.start(line.client.ask("ARequest"), name="ask", is_awaited=True) for _ in range(MOST_PENDING)]
        await line.socket.asked(MOST_PENDING)
        with pytest.raises(TemporaryError, match="does not keep up"):
            await line.client.ask("ARequest")
        line.socket.inbox.put_nowait(SocketClosed())
        await asyncio.wait(asks)
        assert all(isinstance(ask.exception(), TemporaryError) for ask in asks)


async def test_a_value_that_is_no_number_is_a_mistake_of_the_asker(line: Line) -> None:
    async with line.open():
        with pytest.raises(InputError):
            await line.client.ask("ARequest", {"value": float("nan")})
        assert line.socket.sent == []


@pytest.mark.parametrize("error_id", [8, 50])
async def test_a_refused_session_is_over_but_not_before_it_began(line: Line, error_id: int) -> None:
    async with line.open():
        over = line.scope.start(line.client.over(), name="over", is_awaited=True)
        for is_signed_in in (False, True):
            line.client.is_signed_in = is_signed_in
            ask = line.scope.start(line.client.ask("ARequest"), name="ask", is_awaited=True)
            ids = await line.socket.asked(1 + is_signed_in)
            line.socket.say("APIError", ids[-1], errorID=error_id)
            with pytest.raises(ApiError):
                await ask
            await asyncio.sleep(0.1)
            assert over.done() is is_signed_in
        with pytest.raises(TemporaryError, match="signing in again"):
            await over
        with pytest.raises(TemporaryError, match="signing in again"):
            await line.client.ask("BRequest")
        assert len(line.socket.sent) == 2


async def test_an_api_that_is_off_ends_the_line(line: Line) -> None:
    async with line.open():
        ask = line.scope.start(line.client.ask("ARequest"), name="ask", is_awaited=True)
        (request_id,) = await line.socket.asked(1)
        line.socket.say("APIError", request_id, errorID=1)
        with pytest.raises(ApiOffError):
            await ask
        with pytest.raises(ApiOffError):
            await line.client.over()


async def test_silence_is_seen_knocked_at_and_in_the_end_believed(line: Line, clock: Clock) -> None:
    lights: list[bool] = []
    async with line.open():
        watching = line.scope.start(line.client.watch(lights.append), name="watch", is_awaited=True)
        for _ in range(10):
            line.socket.say("TestEvent", "a")
            await asyncio.sleep(1)
        assert set(lights) == {True}
        (request_id,) = await line.socket.asked(1)
        line.socket.say("APIStateResponse", request_id)
        await asyncio.sleep(1.5)
        assert lights[-1]
        heard_at = line.client.heard_at_s
        with pytest.raises(TemporaryError, match="said nothing for 15 seconds"):
            await watching
        assert clock.monotonic() - heard_at == pytest.approx(DEAD_S, abs=1.5)
        assert not lights[-1]


async def test_a_knock_that_is_answered_with_an_error_is_an_answer(line: Line) -> None:
    lights: list[bool] = []
    async with line.open():
        line.scope.start(line.client.watch(lights.append), name="watch", is_awaited=True)
        ids = await line.socket.asked(1)
        line.socket.say("APIError", ids[0], errorID=0)
        await asyncio.sleep(1.5)
        assert lights[-1]


async def test_in_a_hurry_nothing_is_waited_for_long(line: Line, clock: Clock) -> None:
    async with line.open():
        line.client.hurry()
        with pytest.raises(UnansweredError):
            await line.client.ask("ARequest", timeout_s=60)
        assert clock.monotonic() == pytest.approx(1, abs=0.01)


async def test_a_mistake_matters_more_than_an_expected_error() -> None:
    async def fail(error: Exception) -> None:
        raise error

    async with TaskScope("test") as scope:
        tasks = [scope.start(fail(error), name="t", is_awaited=True) for error in (TemporaryError("gone"), KeyError("a mistake"))]
        await asyncio.wait(tasks)
        with pytest.raises(KeyError):
            raise_first(tasks)
        raise_first([])
