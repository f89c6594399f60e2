"""How loud she is: the streamer's volume, unless she is muted."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voxelle.contracts.audio import AudioOutput
    from voxelle.settings.service import SettingsService


class Loudness:
    """Keeps the output as loud as it is wanted."""

    def __init__(self, output: AudioOutput, settings: SettingsService) -> None:
        self._output = output
        self._settings = settings
        self._volume = -1.0
        self.is_muted = settings.current.voice.is_muted

    async def apply(self) -> None:
        """Set the volume, if it is another one."""
        volume = 0.0 if self.is_muted else self._settings.current.voice.volume
        if volume != self._volume:
            self._volume = volume
            await self._output.set_volume(volume)
