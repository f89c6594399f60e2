"""The root of every part of the settings."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class SettingsPart(BaseModel):
    """Root of every part: frozen, unknown keys are an error except where a part says otherwise."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)
