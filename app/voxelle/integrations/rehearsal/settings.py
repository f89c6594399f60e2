"""What the streamer sets for a rehearsal."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from voxelle.settings.part import SettingsPart


class RehearsalSettings(SettingsPart):
    """Which chat is played, and how."""

    model_config = ConfigDict(title="Rehearsal")

    is_enabled: bool = Field(False, title="Play the rehearsal", description="Off: nothing is played.")
    file: str = Field(
        "first-stream.jsonl",
        min_length=1,
        max_length=1000,
        title="File",
        description="Name of a rehearsal that ships with the program, or the whole path of one of your own.",
    )
    speed: float = Field(1.0, ge=1.0, le=20.0, title="Speed", description="1 is as on a real stream, 20 is a flood.")
    is_looping: bool = Field(False, title="Again and again", description="Begins anew when it is over.")
