"""The fake by hand: `python -m tests.fakes.vtube_studio --port 8001 --udp 47779 --allow`; orders come as lines on stdin.

Orders, as words or as JSON (`{"order": "load", "model": "Hiyori"}`): allow, deny, revoke, load MODEL, click, item FILE, click_item ID,
press HOTKEY, api off, api on, drop, close, start, hold PARAMETER, release PARAMETER, track, lose, config, fail REQUEST ERROR,
delay SECONDS, face, log, violations, quit.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shlex
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from tests.fakes.vtube_studio.fake import FakeVTubeStudio
from tests.fakes.vtube_studio.server import serve
from tests.fakes.vtube_studio.session import Logged
from tests.fakes.vtube_studio.sign_in import Consent
from voxelle.kernel.clock import SystemClock


def _face(fake: FakeVTubeStudio) -> dict[str, Any]:
    face = fake.face()
    held = {name: [each.by, each.value, each.weight] for name, each in face.held.items()}
    return {"held": held, "expressions": face.expressions, "is_neutral": face.is_neutral, "model": fake.model.name if fake.model else ""}


def _load(fake: FakeVTubeStudio, name: str) -> None:
    fake.stage.load(next((each.id for each in fake.stage.library.values() if name in (each.id, each.name)), ""))


def _fail(fake: FakeVTubeStudio, words: str) -> None:
    kind, error_id = words.split()
    fake.faults.fail_next(kind, int(error_id))


def _delay(fake: FakeVTubeStudio, seconds: str) -> None:
    fake.faults.delay_s = float(seconds)


def _switch(fake: FakeVTubeStudio, state: str) -> None:
    if state == "on":
        fake.api_on()
    else:
        fake.api_off()


ORDERS: dict[str, Callable[[FakeVTubeStudio, str], Any]] = {
    "allow": lambda fake, _: bool(fake.sign_in.allow()),
    "deny": lambda fake, _: fake.sign_in.deny(),
    "revoke": lambda fake, plugin: fake.sign_in.revoke(plugin),
    "load": _load,
    "click": lambda fake, _: fake.stage.click(),
    "item": lambda fake, file: fake.items.add(file or "heart.png").id,
    "click_item": lambda fake, item_id: fake.items.click(item_id),
    "press": lambda fake, name: fake.hotkeys.press(name),
    "api": _switch,
    "close": lambda fake, _: fake.quit(),
    "start": lambda fake, _: fake.start_again(),
    "drop": lambda fake, _: fake.drop_all(),
    "hold": lambda fake, name: fake.parameters.hold_by_other(name),
    "release": lambda fake, name: fake.parameters.release_by_other(name),
    "track": lambda fake, _: fake.stage.track(is_found=True),
    "lose": lambda fake, _: fake.stage.track(is_found=False),
    "config": lambda fake, _: fake.stage.change_config(),
    "fail": _fail,
    "delay": _delay,
    "face": lambda fake, _: _face(fake),
    "log": lambda fake, kind: [[each.at, each.kind, each.data, each.error_id] for each in fake.log(kind)],
    "violations": lambda fake, _: [asdict(each) for each in fake.violations],
}


def _say(**told: Any) -> None:
    sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def obey(fake: FakeVTubeStudio, line: str) -> dict[str, Any]:
    """Carry out one order and return what came of it."""
    if line.lstrip().startswith("{"):
        given = json.loads(line)
        order, argument = str(given.pop("order", "")), " ".join(str(each) for each in given.values())
    else:
        order, _, argument = " ".join(shlex.split(line)).partition(" ")
    if order not in ORDERS:
        return {"error": f"There is no order {order}; there are {', '.join(ORDERS)}, quit."}
    try:
        fake.advance()
        return {"order": order, "result": ORDERS[order](fake, argument)}
    except (AssertionError, KeyError, ValueError) as error:
        return {"order": order, "error": str(error)}


async def main(arguments: list[str]) -> None:
    """Serve until `quit` or the end of stdin."""
    parser = argparse.ArgumentParser(prog="tests.fakes.vtube_studio", description="A VTube Studio for tests.")
    parser.add_argument("--port", type=int, default=8001, help="of the websocket; 0: any free one")
    parser.add_argument("--udp", type=int, default=0, help="broadcast to this port of this computer")
    parser.add_argument("--allow", action="store_true", help="agree to every plugin")
    parser.add_argument("--model", default="Akari", help="Akari, Hiyori, Wordless, or empty")
    parser.add_argument("--log", action="store_true", help="show requests as they come")
    options = parser.parse_args(arguments)
    fake = FakeVTubeStudio(SystemClock(), log_limit=10_000)
    fake.sign_in.consent = Consent.ALLOWS if options.allow else Consent.WAITS
    _load(fake, options.model)
    if options.log:
        fake.watchers.append(_show)
    async with serve(fake, port=options.port, udp_port=options.udp):
        _say(ready=True, port=fake.port)
        while (line := await asyncio.to_thread(sys.stdin.readline)) and line.strip() != "quit":
            if line.strip():
                _say(**obey(fake, line.strip()))


def _show(logged: Logged) -> None:
    _say(at=round(logged.at, 3), kind=logged.kind, data=logged.data)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
