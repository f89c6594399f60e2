"""What faces can ask of her ears: the companion's commands for hearing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voxelle.companion.hearing.barge_in import BargeIn
from voxelle.companion.hearing.ears import Ears, House
from voxelle.domain.errors import InputError
from voxelle.domain.hearing import HearingSnapshot, ListeningMode

if TYPE_CHECKING:
    import asyncio

    from voxelle.companion.ahead import Ahead
    from voxelle.companion.hearing.barge_in import Mouth
    from voxelle.companion.hearing.ports import Mind
    from voxelle.companion.ports import CompanionPorts
    from voxelle.companion.stage import Stage
    from voxelle.contracts.audio import Samples
    from voxelle.domain.chat import Author, Stimulus
    from voxelle.kernel.tasks import TaskScope


def open_ears(ports: CompanionPorts, mind: Mind, mouth: Mouth, streamer: Author, scope: TaskScope) -> Ears | None:
    """Build her ears, if there is anything to hear with."""
    if ports.ears is None:
        return None
    settings = ports.settings
    barge_in = BargeIn(mouth, lambda: settings.current.hearing, ports.bus, ports.clock, scope)
    return Ears(ports.ears, House(mind, barge_in, settings, ports.bus, ports.clock, ports.ids, streamer))


class Listening:
    """The listening side of the companion."""

    ears: Ears | None = None
    """A service of its own; None where there is nothing to hear with."""

    _ahead: Ahead
    _opened: asyncio.Event
    _stage: Stage

    def think_ahead(self, stimulus: Stimulus) -> None:
        """Begin to answer what somebody seems to say, unnoticed, or go on if it means the same as before."""
        if self._opened.is_set():
            self._ahead.think(stimulus)

    def drop_ahead(self) -> None:
        """Forget what was begun to be answered: the speaker goes on."""
        self._ahead.drop()

    async def set_deaf(self, is_deaf: bool) -> None:  # noqa: FBT001 - the one argument of a switch
        """Make her deaf, or let her hear again, at once. Deaf, her microphone is closed."""
        await self._require_ears().set_deaf(is_deaf)

    async def press_to_talk(self) -> None:
        """The key to talk to her went down. InputError while she can't hear."""
        await self._require_ears().press()

    async def release_to_talk(self) -> None:
        """The key to talk to her went up."""
        await self._require_ears().release()

    async def set_listening_mode(self, mode: ListeningMode) -> None:
        """Choose when what is said reaches her; kept in the settings."""
        await self._require_ears().set_mode(mode)

    def hearing(self) -> HearingSnapshot:
        """Return all that is to be seen of her ears."""
        return HearingSnapshot() if self.ears is None else self.ears.snapshot()

    def voice_print_date(self) -> str:
        """Return when the streamer's voice was recorded, ISO 8601 in UTC; empty if it was not."""
        known = None if self.ears is None else self.ears.only_me.voice_print
        return "" if known is None else known.enrolled_at

    async def enrol_voice(self, samples: Samples) -> None:
        """Learn the streamer's voice from some seconds of it (at INPUT_RATE). InputError if they are of no use."""
        await self._require_ears().only_me.enrol(samples)

    async def forget_voice(self) -> None:
        """Delete what was kept of the streamer's voice."""
        await self._require_ears().only_me.forget()

    async def play_check(self, samples: Samples) -> None:
        """Let a test tone or a recording be heard where her voice goes.

        InputError while she is busy, TemporaryError if the device does not say that it was heard.
        """
        if self._stage.free.locked():
            msg = "She is speaking. Stop her first, then try the sound."
            raise InputError(msg)
        async with self._stage.free:
            await self._stage.sound(samples)

    def _require_ears(self) -> Ears:
        if self.ears is None:
            msg = "She has no ears in this kind of show."
            raise InputError(msg)
        return self.ears
