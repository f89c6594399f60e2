"""A host in a process of its own, to be killed: starts engines, tells their process ids, and waits."""

from __future__ import annotations

import asyncio
import sys
from contextlib import aclosing

from voxelle.kernel.clock import Randomness, SystemClock
from voxelle.kernel.processes import EngineProcess


async def main() -> None:
    """Keep one engine idle and one busy."""
    clock = SystemClock()
    engines = [EngineProcess(f"Engine {number}", sys.argv[1], {}, clock=clock, randomness=Randomness(number)) for number in range(2)]
    for engine in engines:
        await engine.start()
    async with aclosing(engines[0].stream("deaf", {})) as replies:
        await anext(replies)
        sys.stdout.write(" ".join(str(engine.snapshot.pid) for engine in engines) + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
