"""Runs the fake by hand: `python -m tests.fakes.twitch --port 0` prints its addresses as JSON and stays until interrupted."""

from __future__ import annotations

import argparse
import asyncio
import sys
from contextlib import suppress

from tests.fakes.twitch.fake import FakeTwitch
from tests.fakes.twitch.serving import serve
from voxelle.kernel.clock import Randomness, SystemClock


async def _run(port: int, seed: int, client_id: str) -> None:
    fake = FakeTwitch(SystemClock(), Randomness(seed))
    if client_id:
        fake.add_app(client_id)
    async with serve(fake, port) as urls:
        sys.stdout.write(urls.as_json() + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.twitch", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes any free one")
    parser.add_argument("--seed", type=int, default=1, help="of ids and tokens")
    parser.add_argument("--client-id", default="", help="one more application, public")
    arguments = parser.parse_args()
    with suppress(KeyboardInterrupt):
        asyncio.run(_run(arguments.port, arguments.seed, arguments.client_id))


if __name__ == "__main__":
    main()
