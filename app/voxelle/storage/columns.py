"""Column types that give back exactly what was kept: any text, any moment, any JSON value."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Dialect, Text
from sqlalchemy.types import TypeDecorator

from voxelle.domain.errors import InputError

_ESCAPE = "\x1a"
_UNSTORABLE = re.compile("[\x00\x1a\ud800-\udfff]")
_ESCAPED = re.compile("\x1a([0-9a-f]{4})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def storable(text: str) -> str:
    """Write NUL and lone surrogates, which PostgreSQL or UTF-8 refuse, as SUB and four hex digits."""
    if _UNSTORABLE.search(text) is None:
        return text
    return _UNSTORABLE.sub(lambda match: f"{_ESCAPE}{ord(match[0]):04x}", text)


def original(text: str) -> str:
    """Undo `storable`."""
    if _ESCAPE not in text:
        return text
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


def microseconds(moment: datetime) -> int:
    """Count the microseconds since 1970 in UTC. Raises InputError for a moment without a time zone."""
    if moment.tzinfo is None:
        msg = "A moment without a time zone cannot be kept."
        raise InputError(msg)
    return (moment - _EPOCH) // _MICROSECOND


class Prose(TypeDecorator[str]):
    """Text from outside: chat may hold control characters that a database does not take as they are."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Escape what the database refuses."""
        return None if value is None else storable(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Give the text back as it came."""
        return None if value is None else original(value)


class Document(TypeDecorator[Any]):
    """A JSON value, kept as text, so that both databases give back the very same floats and characters."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        """Write the value."""
        return storable(json.dumps(value, ensure_ascii=False, separators=(",", ":")))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Read the value."""
        return None if value is None else json.loads(original(value))


class Moment(TypeDecorator[datetime]):
    """A point in time, kept as microseconds since 1970, UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Count the microseconds."""
        return None if value is None else microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC."""
        return None if value is None else _EPOCH + value * _MICROSECOND
