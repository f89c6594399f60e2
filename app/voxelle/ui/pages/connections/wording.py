"""States of connections in the streamer's words, with their tone."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from voxelle.domain.events import HealthLevel


def _tr(text: str) -> str:
    return QCoreApplication.translate("ConnectionsPage", text)


def level_look(level: HealthLevel) -> tuple[str, str]:
    """Return a light's word and tone."""
    looks = {
        HealthLevel.OFF: (_tr("Off"), "muted"),
        HealthLevel.STARTING: (_tr("Starting"), "info"),
        HealthLevel.OK: (_tr("Works"), "ok"),
        HealthLevel.DEGRADED: (_tr("In part"), "warning"),
        HealthLevel.RETRYING: (_tr("Trying again"), "warning"),
        HealthLevel.NEEDS_YOU: (_tr("Needs you"), "danger"),
        HealthLevel.FAILED: (_tr("Failed"), "danger"),
    }
    return looks[level]
