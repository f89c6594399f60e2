"""Messages checked by `tsc --strict` against the types of the independent client `vtubestudio` (npm)."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.fakes.vtube_studio.node import FOLDER, node

_PATIENCE_S = 100
_ERROR = re.compile(r"^messages\.ts\((\d+),\d+\): error TS\d+: (.*)$")
_OPTIONS = {
    "strict": True,
    "noEmit": True,
    "skipLibCheck": True,
    "target": "es2020",
    "lib": ["es2020"],
    "module": "commonjs",
    "moduleResolution": "node10",
    "types": [],
}
_checked: dict[str, list[str]] = {}
"""What was found in messages that looked alike, so that a recorded evening costs one run."""


def check(messages: Iterable[Mapping[str, Any] | str]) -> list[str]:
    """Return, in words, what is wrong with messages, whichever side sent them; nothing when all are right.

    Raises NodeMissingError where Node.js is missing.
    """
    wanted = {_likeness(message): message for message in map(_parsed, messages)}
    if fresh := {likeness: message for likeness, message in wanted.items() if likeness not in _checked}:
        _checked.update(zip(fresh, _compile([*fresh.values()]), strict=True))
    return [sentence for likeness in wanted for sentence in _checked[likeness]]


def type_of(message: Mapping[str, Any]) -> str:
    """Return the TypeScript type that a message claims to be of."""
    kind = str(message.get("messageType", ""))
    data = message.get("data") or {}
    if kind == "APIError":
        return "Failure"
    if kind == "EventSubscriptionResponse":
        return "Subscribed"
    if kind == "EventSubscriptionRequest":
        name = str(data.get("eventName") or "")
        return f"Subscription<{json.dumps(name.removesuffix('Event'))}>" if name else "EndOfAllSubscriptions"
    for ending, name in (("Request", "Request"), ("Response", "Reply"), ("Event", "Event")):
        if kind.endswith(ending):
            return f"{name}<{json.dumps(kind.removesuffix(ending))}>"
    return "never"


def _parsed(message: Mapping[str, Any] | str) -> dict[str, Any]:
    return dict(json.loads(message) if isinstance(message, str) else message)


def _likeness(message: Mapping[str, Any]) -> str:
    """Types do not depend on numbers, ids or long texts."""
    text = json.dumps({**message, "requestID": type(message.get("requestID")).__name__}, sort_keys=True)
    kind = str(message.get("messageType", ""))
    return text if kind == "APIError" else re.sub(r"(?<=[\s\[:])-?\d+(\.\d+)?([eE][+-]?\d+)?(?=[,}\]])", "0", text)


def _compile(messages: list[dict[str, Any]]) -> list[list[str]]:
    """Return what tsc says of each message."""
    kinds = "Request, Reply, Failure, Subscription, EndOfAllSubscriptions, Subscribed, Event"
    lines = [f"import type {{ {kinds} }} from 'messages'"]
    lines += [f"export const m{number}: {type_of(message)} = {json.dumps(message)}" for number, message in enumerate(messages)]
    packages = FOLDER / "node_modules"
    paths = {"messages": [str(FOLDER / "messages.ts")], "vtubestudio": [str(packages / "vtubestudio")]}
    paths["vtubestudio/*"] = [str(packages / "vtubestudio" / "*")]
    found: list[list[str]] = [[] for _ in messages]
    with tempfile.TemporaryDirectory(prefix="voxelle-types-") as folder:
        (Path(folder) / "messages.ts").write_text("\n".join([*lines, ""]), encoding="utf-8")
        project = {"compilerOptions": {**_OPTIONS, "paths": paths}, "files": ["messages.ts"]}
        (Path(folder) / "tsconfig.json").write_text(json.dumps(project), encoding="utf-8")
        command = [node(), str(packages / "typescript" / "bin" / "tsc"), "--project", ".", "--pretty", "false"]
        said = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=_PATIENCE_S,
        )
    place = None
    for line in said.stdout.splitlines():
        if match := _ERROR.match(line):
            place = int(match[1]) - 2
            found[place].append(f"{messages[place].get('messageType')}: {match[2]}")
        elif line.startswith(" ") and place is not None:
            found[place][-1] += f" {line.strip()}"
        else:
            msg = f"tsc could not check anything: {line}"
            raise RuntimeError(msg)
    if said.returncode != 0 and not any(found):
        msg = f"tsc failed: {said.stderr}"
        raise RuntimeError(msg)
    return found
