"""The other end of a flood: the event socket, in a process of its own whose work is not measured with ours."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from array import array
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from voxelle.benches.chatter import Chatter
from voxelle.benches.frames import Pace, frame, over, prepared, welcome
from voxelle.benches.programs import command, environment
from voxelle.domain.errors import SetupError
from voxelle.kernel.clock import Ids, Randomness, SystemClock

if TYPE_CHECKING:
    from websockets.asyncio.server import ServerConnection

AGAIN_EVERY = 100
"""One line in so many is delivered twice."""
_AGAIN_AFTER = 30
_STEP_S = 0.002
_HEAD_START_S = 0.5
"""The first line is due so long after the welcome."""
_PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class FarEnd:
    """The running other end: where it listens, and its last word, to be asked for once all has come."""

    address: str
    last_word: Callable[[], dict[str, int]]


@contextmanager
def far_end(pace: Pace) -> Iterator[FarEnd]:
    """Start the other end. It ends when its input ends."""
    arguments = command("flood", "", json.dumps(asdict(pace)))
    with subprocess.Popen(arguments, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        output = child.stdout
        try:
            first = output.readline() if output is not None else ""
            if not first or output is None:
                msg = "The other end of the flood could not be started."
                raise SetupError(msg)
            yield FarEnd(f"ws://127.0.0.1:{json.loads(first)['port']}/ws", lambda: dict(json.loads(output.readline())))
        finally:
            if child.stdin is not None:
                child.stdin.close()
            try:
                child.wait(_PATIENCE_S)
            except subprocess.TimeoutExpired:
                child.kill()


def due_at_s(pace: Pace) -> array[float]:
    """Return when every line is due, after the first."""
    due = array("d", bytes(8 * pace.total))
    at_s = 0.0
    for number in range(pace.total):
        due[number] = at_s
        at_s = pace.next_s(at_s)
    return due


def deliveries(total: int) -> Iterator[tuple[int, int]]:
    """Return the lines in their order. Some come again a while later: in the same frame, or every other time in one of its own."""
    again: deque[int] = deque()
    repeated = 0
    for number in range(total):
        yield number, 0
        if number % AGAIN_EVERY == AGAIN_EVERY // 2:
            again.append(number)
        while again and (number - again[0] >= _AGAIN_AFTER or number == total - 1):
            repeated += 1
            yield again.popleft(), repeated % 2


def run(pace: Pace, tell: Callable[[dict[str, int]], None], wait_for_end: Callable[[], object]) -> None:
    """Be the other end until `wait_for_end` returns."""
    asyncio.run(_serve(pace, tell, wait_for_end))


async def _serve(pace: Pace, tell: Callable[[dict[str, int]], None], wait_for_end: Callable[[], object]) -> None:
    from websockets.asyncio.server import serve

    clock = SystemClock()
    pieces = prepared(Chatter(Ids(Randomness(1), clock), clock), pace.total)
    due = due_at_s(pace)

    async def talk(connection: ServerConnection) -> None:
        began_s = time.monotonic() + _HEAD_START_S
        await connection.send(welcome(began_s), text=True)
        sent = 0
        for number, delivery in deliveries(pace.total):
            while time.monotonic() < began_s + due[number]:
                await clock.sleep(_STEP_S)
            await connection.send(frame(pieces[number % len(pieces)], number, delivery=delivery), text=True)
            sent += 1
        await connection.send(over(), text=True)
        tell({"offered": pace.total, "repeated": sent - pace.total})
        await connection.wait_closed()

    async with serve(talk, "127.0.0.1", 0, compression=None, ping_interval=None, close_timeout=1) as server:
        tell({"port": next(iter(server.sockets)).getsockname()[1]})
        await asyncio.to_thread(wait_for_end)
