"""Every version of the tables, oldest first."""

from __future__ import annotations

from types import ModuleType

from voxelle.storage.migrations.versions import v0001_conversation, v0002_channel_events

ALL: tuple[ModuleType, ...] = (v0001_conversation, v0002_channel_events)
