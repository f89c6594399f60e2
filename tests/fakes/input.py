"""A microphone into which a test speaks."""

from __future__ import annotations

import asyncio

from voxelle.contracts.audio import AudioInput, InputChanged, MicrophoneFrame


class FakeInput(AudioInput):
    """Hands over what it is fed while it is open; `calls` holds how it was opened and closed."""

    sentence = "Fake microphone."

    def __init__(self) -> None:
        super().__init__()
        self.is_open = False
        self.calls: list[str] = []
        self.overruns = 0
        self.opening_s = 0.0
        """How long the device takes."""

    async def open(self) -> None:
        self.calls.append("open")
        await asyncio.sleep(self.opening_s)
        self.is_open = True

    async def close(self) -> None:
        self.calls.append("close")
        self.is_open = False

    def feed(self, frame: MicrophoneFrame) -> None:
        """Let something be heard."""
        if self.is_open and not self.is_lost:
            self._listener(frame)

    def lose(self) -> None:
        """Pull the plug."""
        self.is_lost = True
        self.sentence = "The microphone was unplugged."
        self._listener(InputChanged(self.sentence, is_lost=True))

    def find(self) -> None:
        """Put the plug in again."""
        self.is_lost = False
        self.sentence = "Fake microphone."
        self._listener(InputChanged(self.sentence))
