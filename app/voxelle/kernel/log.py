"""What is written down for troubleshooting: one stream of events, redacted once, to a file, to stderr and to the Logs page."""

from __future__ import annotations

import contextlib
import json
import logging
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, TextIO

import structlog

from voxelle.kernel.redaction import redact_field, redact_text

_KEPT_LINES = 5000
_FILE_BYTES = 5_000_000
_FILE_COPIES = 5
_OWN_FIELDS = frozenset({"at", "level", "category", "event", "turn"})
_EXCEPTION = "exception"


@dataclass(frozen=True, slots=True)
class LogLine:
    """One event as the Logs page shows it; nothing in it needs hiding any more."""

    at: datetime
    level: str
    category: str
    event: str
    fields: dict[str, str] = field(default_factory=dict)
    turn: str = ""
    """Id of the turn in which it happened, or empty."""


class LogTail:
    """The newest lines, to be read from any thread."""

    def __init__(self, limit: int = _KEPT_LINES) -> None:
        self._lines: deque[LogLine] = deque(maxlen=limit)
        self._listeners: list[Callable[[LogLine], None]] = []
        self._lock = threading.Lock()

    def lines(self) -> tuple[LogLine, ...]:
        """Return what is kept, oldest first."""
        with self._lock:
            return tuple(self._lines)

    def subscribe(self, listener: Callable[[LogLine], None]) -> Callable[[], None]:
        """Hand every new line to `listener`, in the thread that logs. Returns the function that ends it.

        The listener must be quick and must not raise.
        """
        with self._lock:
            self._listeners = [*self._listeners, listener]

        def unsubscribe() -> None:
            with self._lock:
                self._listeners = [each for each in self._listeners if each is not listener]

        return unsubscribe

    def append(self, line: LogLine) -> None:
        """Keep a line and hand it out."""
        with self._lock:
            self._lines.append(line)
            listeners = self._listeners
        for listener in listeners:
            listener(line)


class _File(RotatingFileHandler):
    """The log file; what goes wrong with it is for the caller, not for stderr."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=_FILE_BYTES, backupCount=_FILE_COPIES, encoding="utf-8", delay=True)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 -- logging's own name
        """Let the error through that logging would print."""
        raise  # noqa: PLE0704 -- called by logging from inside its own except clause

    def write(self, text: str) -> None:
        """Add a line. Raises OSError; the next line then opens the file anew."""
        try:
            self.emit(logging.makeLogRecord({"msg": text}))
        except OSError:
            with contextlib.suppress(OSError):  # what could not be written can't be flushed either
                self.close()
            raise


class _Outlet:
    """Where all events end: hidden what must be, then on to the file, stderr and the tail."""

    def __init__(self, file: Path | None, *, to_stderr: bool) -> None:
        self.tail = LogTail()
        self._file = None if file is None else _File(file)
        self._console: TextIO | None = sys.stderr if to_stderr else None
        self._is_file_failing = False
        self._lock = threading.RLock()

    def take(self, category: str, level: str, event: str, fields: Mapping[str, object]) -> None:
        """Write one event everywhere."""
        shown = {name: redact_field(name, value) for name, value in fields.items() if name not in _OWN_FIELDS}
        line = LogLine(
            at=datetime.now(UTC),
            level=level,
            category=category,
            event=redact_text(event),
            fields={name: _as_text(value) for name, value in shown.items()},
            turn=redact_text(str(fields.get("turn", ""))),
        )
        with self._lock:
            self._write_file(line, shown)
            self._write_console(line)
        self.tail.append(line)

    def close(self) -> None:
        """Close the file for good."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None
            self._console = None

    def _write_file(self, line: LogLine, shown: Mapping[str, object]) -> None:
        if self._file is None:
            return
        record = {**shown, "at": line.at.isoformat(), "level": line.level, "category": line.category, "event": line.event}
        if line.turn:
            record["turn"] = line.turn
        try:
            self._file.write(json.dumps(record))
        except OSError as error:
            if not self._is_file_failing:
                self._is_file_failing = True
                sentence = f"The log file can't be written: {error.strerror}."
                notice = LogLine(line.at, "warning", "app", "log.file_failed", {"sentence": sentence})
                self._write_console(notice)
                self.tail.append(notice)
        else:
            self._is_file_failing = False

    def _write_console(self, line: LogLine) -> None:
        if self._console is None:
            return
        fields = "".join(f" {name}={value}" for name, value in line.fields.items() if name != _EXCEPTION)
        turn = f" turn={line.turn}" if line.turn else ""
        traceback = f"\n{line.fields[_EXCEPTION]}" if _EXCEPTION in line.fields else ""
        try:
            self._console.write(f"{line.at.astimezone():%H:%M:%S} {line.level:<8} {line.category}: {line.event}{fields}{turn}{traceback}\n")
            self._console.flush()
        except (OSError, ValueError):
            # Nobody reads stderr any more: a closed terminal or pipe.
            self._console = None


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


class _OwnLogger:
    """What structlog calls at the end of its chain, one for each category."""

    def __init__(self, outlet: _Outlet, category: str) -> None:
        self._outlet = outlet
        self._category = category

    def take(self, /, **event: Any) -> None:
        """Pass one event on."""
        self._outlet.take(self._category, event.pop("level"), str(event.pop("event", "")), event)

    debug = info = warning = warn = error = critical = fatal = exception = msg = log = take


class _ForeignHandler(logging.Handler):
    """Brings in what libraries log through the standard library, from warnings upwards: below that they write whole requests."""

    def __init__(self, outlet: _Outlet) -> None:
        super().__init__(logging.WARNING)
        self.outlet = outlet

    def emit(self, record: logging.LogRecord) -> None:
        """Pass one record on."""
        try:
            message = record.getMessage()
        except (TypeError, ValueError, KeyError):
            # The library's arguments do not fit its message.
            message = str(record.msg)
        fields: dict[str, object] = {"library": record.name}
        if record.exc_info:
            fields[_EXCEPTION] = logging.Formatter().formatException(record.exc_info)
        self.outlet.take("app", record.levelname.lower(), message, fields)


def configure(level: str, file: Path | None, *, to_stderr: bool) -> LogTail:
    """Log from now on, as JSON lines into a rotating file and readably to stderr.

    `level` is `debug`, `info`, `warning` or `error`; libraries are heard from warnings upwards.
    Fields come from the call and from structlog's context variables; `turn` among them is the turn's id.
    Called again, it replaces what it set up before.
    """
    close()
    outlet = _Outlet(file, to_stderr=to_stderr)
    logging.getLogger().addHandler(_ForeignHandler(outlet))
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            _as_fields,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=lambda *category: _OwnLogger(outlet, *category[:1] or ("app",)),
        cache_logger_on_first_use=False,
    )
    return outlet.tail


def close() -> None:
    """Undo `configure` and close the file."""
    root = logging.getLogger()
    for handler in root.handlers[:]:
        if isinstance(handler, _ForeignHandler):
            root.removeHandler(handler)
            handler.outlet.close()
            handler.close()
            structlog.reset_defaults()


def _as_fields(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hand the event to the logger as keywords."""
    return event
