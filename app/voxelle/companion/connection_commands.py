"""The verbs of `voxelle ctl` that concern connections: their lights, and what they can be asked to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from voxelle.domain.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voxelle.contracts.integration import ConnectionDesk

CONNECTIONS, CONNECTION = "connections", "connection"
VERBS = (CONNECTIONS, CONNECTION)
_OWN = ("show", "on", "off", "restart")
"""What every connection can be asked, even one that is off."""


async def perform(desk: ConnectionDesk, verb: str, arguments: Mapping[str, Any]) -> Any:
    """Perform a verb; the answer can be written as JSON. Raises InputError and what the connection raises."""
    if verb == CONNECTIONS:
        return {connection: _shown(desk, connection) for connection in desk.declarations}
    connection, action = arguments.get("connection"), arguments.get("action", "show")
    given = arguments.get("arguments", {})
    if not isinstance(connection, str) or not isinstance(action, str) or not isinstance(given, dict):
        msg = "Name the connection and what it should do, for example: voxelle ctl connection twitch sign_in account=bot."
        raise InputError(msg)
    if connection not in desk.declarations:
        msg = f"There is no connection called {connection}. These are known: {', '.join(desk.declarations)}."
        raise InputError(msg)
    if action == "show":
        return _shown(desk, connection)
    if action in ("on", "off"):
        await desk.switch(connection, is_on=action == "on")
        return None
    if action == "restart":
        desk.restart(connection)
        return None
    return msgspec.to_builtins(await desk.perform(connection, action, given))


def _shown(desk: ConnectionDesk, connection: str) -> dict[str, Any]:
    """Return one connection as JSON values: its light, what it shows of itself, and what it can do."""
    declaration, light = desk.declarations[connection], desk.health().get(connection)
    return {
        "title": declaration.title,
        "level": light.level.value if light else "off",
        "sentence": light.sentence if light else "",
        "actions": [*_OWN, *(action.id for action in declaration.actions)],
        "snapshot": msgspec.to_builtins(desk.snapshot(connection)),
    }
