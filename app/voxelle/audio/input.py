"""The microphone as the companion hears it: frames of the sound process, whatever happens to process or device."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from typing import Any, Final

import structlog

from voxelle.audio.recording import Recorder
from voxelle.contracts.audio import AudioInput, Captured, InputChanged, MicrophoneFrame, Recording, SoundDevice
from voxelle.domain.errors import TemporaryError, VoxelleError
from voxelle.domain.events import EngineState
from voxelle.kernel.clock import Clock
from voxelle.kernel.processes import EngineProcess, Reply
from voxelle.kernel.tasks import TaskScope
from voxelle.settings.hearing import HearingSettings

log = structlog.get_logger("hearing")

_RETRY_S: Final = 0.5
_LONGEST_RETRY_S: Final = 30.0
"""A sound process that can't be had is asked again after half a second, and less often the longer that lasts."""
_CLOSING_S: Final = 3.0
_CLOSED: Final = "The microphone is closed."


class MicrophoneInput(AudioInput):
    """Hears through the sound process, which it shares with the output; `process` belongs to somebody else."""

    def __init__(self, process: EngineProcess, settings: Callable[[], HearingSettings], clock: Clock) -> None:
        super().__init__()
        self.sentence = _CLOSED
        self._process = process
        self._settings = settings
        self._clock = clock
        self._scope: TaskScope | None = None
        self._wish: dict[str, Any] = {}
        self._is_known = asyncio.Event()
        """It was told at least once whether there is a microphone."""
        self._lives = 0
        self._recorders: list[Recorder] = []

    async def open(self) -> None:
        """Begin to hear, anew if the settings changed; returns when it is known what she hears through."""
        wish = self._wished()
        if self._scope is not None and wish != self._wish:
            await self._stop()
        if self._scope is None:
            self._wish = wish
            self._lives = 0
            self._is_known.clear()
            self._scope = TaskScope("microphone")
            self._scope.start(self._follow(), name="follow")
        await self._is_known.wait()

    async def close(self) -> None:
        """Release the device; it is free when this returns."""
        if self._scope is None:
            return
        await self._stop()
        self._is_known.set()
        self._say(InputChanged(_CLOSED))

    async def record_sample(self, seconds: float) -> Recording:
        """Record a piece for a test. A closed microphone is opened for it, and nobody else hears that. Raises TemporaryError."""
        recorder = Recorder(seconds)
        try:
            async with asyncio.timeout(seconds + _CLOSING_S + _RETRY_S):
                if self._scope is not None:
                    self._recorders.append(recorder)
                    return await recorder.result()
                await self._process.start()
                async with aclosing(self._process.stream("listen", self._wished())) as replies:
                    async for reply in replies:
                        recorder.take(captured(reply))
                        if recorder.is_over:
                            break
                return await recorder.result()
        except TimeoutError as error:
            msg = "The microphone gave no sound."
            raise TemporaryError(msg) from error
        finally:
            if recorder in self._recorders:
                self._recorders.remove(recorder)
            elif self._scope is None:
                await self._release()

    async def _stop(self) -> None:
        scope, self._scope = self._scope, None
        if scope is not None:
            await scope.close()
        await self._release()

    async def _release(self) -> None:
        """Wait until the device is free."""
        if self._process.snapshot.state is not EngineState.READY:
            return
        try:
            async with asyncio.timeout(_CLOSING_S):
                await self._process.call("unlisten", {})
        except (VoxelleError, TimeoutError) as error:
            # A process that is gone holds no device.
            log.info("microphone.not_released", kind=type(error).__name__)

    def _wished(self) -> dict[str, Any]:
        settings = self._settings()
        return {"device": settings.input_device, "cancel_echo": settings.cancel_echo, "suppress_noise": settings.suppress_noise}

    async def _follow(self) -> None:
        """Listen to the sound process, life after life."""
        retry_s = _RETRY_S
        while True:
            lives = self._lives
            try:
                await self._process.start()
                await self._hear()
            except VoxelleError as error:
                log.warning("microphone.process_lost", kind=type(error).__name__)
                self._say(InputChanged(f"She hears nothing: {error.sentence}", is_lost=True))
            retry_s = _RETRY_S if self._lives > lives else min(_LONGEST_RETRY_S, retry_s * 2)
            await self._clock.sleep(retry_s)

    async def _hear(self) -> None:
        async with aclosing(self._process.stream("listen", self._wish)) as replies:
            async for reply in replies:
                heard = captured(reply)
                for recorder in self._recorders:
                    recorder.take(heard)
                if isinstance(heard, InputChanged):
                    self._lives += not heard.is_lost
                    self._say(heard)
                else:
                    self._listener(heard)

    def _say(self, changed: InputChanged) -> None:
        is_news = (changed.sentence, changed.is_lost) != (self.sentence, self.is_lost)
        self.sentence, self.is_lost = changed.sentence, changed.is_lost
        self._is_known.set()
        if is_news:
            self._listener(changed)


def captured(reply: Reply) -> Captured:
    """Read what the sound process heard."""
    if reply.audio is None:
        return InputChanged(*reply.data["changed"])
    return MicrophoneFrame(reply.audio, reply.data["at"], reply.data["level"], reply.data["overruns"])


async def list_inputs(process: EngineProcess) -> Sequence[SoundDevice]:
    """Return the microphones; the sound process is started if need be. Raises VoxelleError children."""
    await process.start()
    answer = await process.call("inputs", {})
    return tuple(SoundDevice(*device) for device in answer.data["devices"])
