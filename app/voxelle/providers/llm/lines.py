"""Lines and server-sent events out of bytes as they arrive. Pure: pieces are pushed in, whole ones come out.

https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
"""

from __future__ import annotations

import json
from typing import Any, Final

from voxelle.domain.errors import TemporaryError

LONGEST_LINE: Final = 1 << 20


class LineReader:
    """Cuts at line feeds alone: text may hold other line separators."""

    def __init__(self) -> None:
        self._rest = b""

    def push(self, piece: bytes) -> list[bytes]:
        """Return the lines that are whole now. Raises TemporaryError for a line that does not end."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        if len(self._rest) > LONGEST_LINE:
            msg = "The server sent a line without an end."
            raise TemporaryError(msg)
        return [line.rstrip(b"\r") for line in lines]

    def flush(self) -> list[bytes]:
        """The stream is over: return a last line that was not ended."""
        rest, self._rest = self._rest, b""
        return [rest] if rest.strip() else []


class EventReader:
    """Gives the data of server-sent events; names, ids and comments are of no interest here."""

    def __init__(self) -> None:
        self._lines = LineReader()
        self._data: list[bytes] = []

    def push(self, piece: bytes) -> list[str]:
        """Return the data of the events that are whole now."""
        found: list[str] = []
        for line in self._lines.push(piece):
            if line.startswith(b"data:"):
                self._data.append(line[5:].removeprefix(b" "))
            elif not line and self._data:
                found.append(b"\n".join(self._data).decode("utf-8", "replace"))
                self._data = []
        return found


def json_object(data: str | bytes) -> dict[str, Any] | None:
    """Return the object, an empty one for JSON of another kind, None for what is no JSON."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else {}
