"""An API that answers as a test tells it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voxelle.domain.errors import TemporaryError
from voxelle.integrations.vtube_studio.api import Api, ApiError
from voxelle.kernel.clock import Clock


class Desk(Api):
    """Answers as it is told, and notes what came when."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.asked: list[tuple[float, str, str]] = []
        self.errors: list[int] = []
        self.active: set[str] = set()
        self.is_gone = False
        self.takes_s = 0.0

    async def ask(self, kind: str, data: Mapping[str, Any] | None = None, *, timeout_s: float = 10.0) -> dict[str, Any]:
        given = dict(data or {})
        what = given.get("hotkeyID") or f"{given.get('expressionFile')}={given.get('active', '?')}"
        self.asked.append((round(self.clock.monotonic(), 4), kind.removesuffix("Request"), what))
        await self.clock.sleep(self.takes_s)
        if self.is_gone:
            msg = "The line is gone."
            raise TemporaryError(msg)
        if kind != "ExpressionStateRequest" and self.errors and (error_id := self.errors.pop(0)) >= 0:
            msg = "Made to fail."
            raise ApiError(msg, error_id)
        if kind == "ExpressionStateRequest":
            file = given["expressionFile"]
            return {"expressions": [{"file": file, "active": file in self.active}, 7]}
        return {}

    @property
    def presses(self) -> list[tuple[float, str]]:
        return [(at, what) for at, kind, what in self.asked if kind == "HotkeyTrigger"]
