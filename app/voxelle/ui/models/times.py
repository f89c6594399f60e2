"""How long ago, and how long: times as a streamer reads them at a glance."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QCoreApplication

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_JUST_NOW_S = 2
_SHORT_S = 90


def _tr(text: str) -> str:
    return QCoreApplication.translate("Times", text)


def ago(then: datetime | None, now: datetime) -> str:
    """Return how long ago something was; “never” if it was not."""
    if then is None:
        return _tr("never")
    seconds = max(0.0, (now - then).total_seconds())
    if seconds < _JUST_NOW_S:
        return _tr("just now")
    return _tr("{time} ago").format(time=_rough(seconds))


def _rough(seconds: float) -> str:
    if seconds < _SHORT_S:
        return _tr("{count} s").format(count=int(seconds))
    if seconds < _SHORT_S * _MINUTE:
        return _tr("{count} min").format(count=int(seconds // _MINUTE))
    if seconds < 2 * _DAY:
        return _tr("{count} h").format(count=int(seconds // _HOUR))
    return _tr("{count} days").format(count=int(seconds // _DAY))


def lasting(since: datetime | None, now: datetime) -> str:
    """Return how long something lasts, like `2:05:09`; empty without a start."""
    return "" if since is None else clock_text((now - since).total_seconds())


def clock_text(seconds: float) -> str:
    """Return a length of time as `4:05` or `2:05:09`."""
    whole = max(0, int(seconds))
    hours, minutes, rest = whole // _HOUR, whole % _HOUR // _MINUTE, whole % _MINUTE
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
