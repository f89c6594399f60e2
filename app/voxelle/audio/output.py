"""The sound device as the companion sees it: what was handed over is heard once, whatever happens to process or device."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import structlog

from voxelle.audio.devices import OutputDevice
from voxelle.audio.progress import from_words
from voxelle.audio.silent import SilentOutput
from voxelle.contracts.audio import OUTPUT_RATE, AudioOutput, Clip, Drained, OutputChanged, Playhead, Progress
from voxelle.domain.errors import VoxelleError
from voxelle.domain.events import EngineState
from voxelle.kernel.clock import Clock, Randomness
from voxelle.kernel.paths import Paths
from voxelle.kernel.processes import EngineProcess, ProcessLimits
from voxelle.kernel.tasks import TaskScope

log = structlog.get_logger("sound")

LATENCY_S: Final = 0.04
"""What a device gets until it is known to need more."""

QUEUE_FRAMES: Final = OUTPUT_RATE * 4
"""`play` waits while more than this is queued."""

_CUT_S: Final = 1.0
"""A cut that takes longer means that the sound process is stuck."""

_HOPELESS: Final = 3
"""So many lives of the process without a sound mean that there will be none."""

_RETRY_S: Final = 30.0
"""How often a sound process that was given up is tried again."""

_LIMITS: Final = ProcessLimits(nice=-5, start_timeout_s=20, ping_every_s=2, ping_timeout_s=4, cancel_timeout_s=5)


class SoundOutput(AudioOutput):
    """Plays through the sound process; while that can't be had, in silence."""

    target = "voxelle.audio.playback:Playback"

    def __init__(self, paths: Paths, device: str, *, clock: Clock, randomness: Randomness) -> None:
        super().__init__()
        self.sentence = "Sound is not open yet."
        self.process = EngineProcess("Sound", self.target, {}, clock=clock, randomness=randomness, limits=_LIMITS)
        self._device = device
        self._clock = clock
        self._notes = LatencyNotes(paths.cache / "sound.json")
        self._volume = 1.0
        self._scope: TaskScope | None = None
        self._silent: SilentOutput | None = None
        self._is_opened = asyncio.Event()
        self._has_room = asyncio.Event()
        self._sending = asyncio.Lock()
        self._is_live = False
        """The process has got all of `_unheard`, so what comes now goes straight to it."""
        self._was_live = False
        self._unheard: deque[Clip] = deque()
        """What was handed over and is not known to be heard: sent again to a new process."""
        self._finishing: list[int] = []
        self._cut_below = -1
        self._told: Playhead | None = None

    async def open(self) -> None:
        """Start the sound process and open the device; returns when it is known where the sound goes."""
        if self._scope is None:
            self._is_opened.clear()
            self._scope = TaskScope("sound")
            self._scope.start(self._follow(), name="follow")
        await self._is_opened.wait()

    async def close(self) -> None:
        """Stop at once and end the process."""
        scope, self._scope = self._scope, None
        if scope is not None:
            await scope.close()
        await self._leave_silence()
        await self.process.stop()
        self._unheard.clear()
        self._finishing.clear()
        self._has_room.set()

    async def play(self, clip: Clip) -> None:
        """Queue a clip; waits while more than four seconds are queued."""
        while clip.generation > self._cut_below and sum(each.samples.shape[0] for each in self._unheard) > QUEUE_FRAMES:
            self._has_room.clear()
            await self._has_room.wait()
        async with self._sending:
            if clip.generation > self._cut_below and clip.samples.shape[0]:
                self._unheard.append(clip)
                await self._push(clip)

    async def finish(self, generation: int) -> None:
        """Take note that nothing more comes for the generation."""
        async with self._sending:
            if generation > self._cut_below and generation not in self._finishing:
                self._finishing.append(generation)
                await self._ask_to_finish(generation)

    async def cut(self, generation: int) -> Playhead | None:
        """Silence the generation; returns when nothing of it sounds any more."""
        self._cut_below = max(self._cut_below, generation)
        self._unheard = deque(clip for clip in self._unheard if clip.generation > generation)
        self._finishing = [each for each in self._finishing if each > generation]
        self._has_room.set()
        if self._silent is not None:
            return await self._silent.cut(generation)
        if not self._is_live:
            return self._last_told(generation)
        try:
            async with asyncio.timeout(_CUT_S):
                words = (await self.process.call("cut", {"generation": generation})).data["news"]
        except (VoxelleError, TimeoutError) as error:
            # Its process is gone or going, so what was told last is all that was heard.
            log.warning("sound.cut_failed", kind=type(error).__name__)
            return self._last_told(generation)
        final = None if words is None else from_words(words)
        return final if isinstance(final, Playhead) else None

    def _last_told(self, generation: int) -> Playhead | None:
        return self._told if self._told is not None and self._told.generation == generation else None

    async def set_volume(self, volume: float) -> None:
        """Set the volume, ramped; a process that starts later begins with it."""
        self._volume = min(1.0, max(0.0, volume))
        if self._silent is None:
            await self._try("volume", {"volume": self._volume})

    async def list_outputs(self) -> Sequence[OutputDevice]:
        """Return the devices that can play. Raises VoxelleError children."""
        return await _ask_for_devices(self.process)

    # What keeps it going

    async def _follow(self) -> None:
        """Listen to the sound process, life after life; in between and without it, keep time in silence."""
        failures = 0
        while True:
            try:
                await self.process.start()
                await self._leave_silence()
                await self._listen_to_process()
            except VoxelleError as error:
                log.warning("sound.lost", sentence=error.sentence)
                failures = 0 if self._was_live else failures + 1
                if self.process.snapshot.state is EngineState.FAILED or failures >= _HOPELESS:
                    await self.process.stop()
                    await self._enter_silence(error.sentence)
                    await self._clock.sleep(_RETRY_S)

    async def _listen_to_process(self) -> None:
        arguments = {"device": self._device, "volume": self._volume, "latency_s": await self._notes.read(self._device)}
        is_again = self._is_opened.is_set()
        self._was_live = False
        try:
            async with aclosing(self.process.stream("run", arguments)) as replies:
                opened = (await anext(replies)).data
                self.sentence, self.is_silent = opened["sentence"], opened["is_silent"]
                await self._send_again()
                self._is_opened.set()
                if is_again:
                    self._listener(OutputChanged(f"The sound process was started again. {self.sentence}"))
                async for reply in replies:
                    self._take(from_words(reply.data["news"]))
                    await self._notes.write(self._device, reply.data["latency_s"])
        finally:
            self._is_live = False

    async def _enter_silence(self, sentence: str) -> None:
        self.sentence = f"{sentence} Until then her words are captions only."
        self.is_silent = True
        if self._silent is None:
            self._silent = SilentOutput(self._clock)
            self._silent.listen(self._take)
            await self._silent.open()
            await self._send_again()
        if self._is_opened.is_set():
            self._listener(OutputChanged(self.sentence, is_lost=True))
        self._is_opened.set()

    async def _leave_silence(self) -> None:
        self._is_live = False
        silent, self._silent = self._silent, None
        if silent is not None:
            await silent.close()

    async def _send_again(self) -> None:
        """Give a fresh process all that is not known to be heard."""
        async with self._sending:
            self._is_live = self._was_live = True
            if self._silent is None:
                # It may have been changed while the device was being opened.
                await self._try("volume", {"volume": self._volume})
            for clip in tuple(self._unheard):
                await self._push(clip)
            for generation in tuple(self._finishing):
                await self._ask_to_finish(generation)

    async def _push(self, clip: Clip) -> None:
        if self._silent is not None:
            await self._silent.play(clip)
        else:
            await self._try("push", {"generation": clip.generation, "clause": clip.clause_index, "offset": clip.offset}, clip)

    async def _ask_to_finish(self, generation: int) -> None:
        if self._silent is not None:
            await self._silent.finish(generation)
        else:
            await self._try("finish", {"generation": generation})

    async def _try(self, method: str, arguments: dict[str, Any], clip: Clip | None = None) -> None:
        """Ask the running process; what one that is gone does not take is sent again to the next."""
        if not self._is_live:
            return
        try:
            await self.process.call(method, arguments, None if clip is None else clip.samples)
        except VoxelleError as error:
            log.info("sound.not_taken", method=method, kind=type(error).__name__)

    def _take(self, progress: Progress) -> None:
        match progress:
            case Playhead() | Drained() if progress.generation <= self._cut_below:
                return
            case Playhead():
                self._told = progress
                self._forget_heard(progress)
            case Drained():
                self._finishing = [each for each in self._finishing if each > progress.generation]
            case OutputChanged():
                self.sentence, self.is_silent = progress.sentence, progress.is_lost
        self._listener(progress)

    def _forget_heard(self, playhead: Playhead) -> None:
        """Keep only what comes after the playhead; clauses of a generation are handed over in their order."""
        now = (playhead.generation, playhead.clause_index)
        while self._unheard:
            clip = self._unheard[0]
            heard = playhead.frames - clip.offset if (clip.generation, clip.clause_index) == now else 0
            if (clip.generation, clip.clause_index) < now or heard >= clip.samples.shape[0]:
                self._unheard.popleft()
                continue
            if heard > 0:
                self._unheard[0] = replace(clip, offset=clip.offset + heard, samples=clip.samples[heard:])
            break
        self._has_room.set()


class LatencyNotes:
    """Remembers how much room a device needs, so that it does not have to run dry anew every day."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, float] | None = None

    async def read(self, device: str) -> float:
        """Return the latency in seconds that worked for the device; the shortest for one never seen."""
        if self._known is None:
            self._known = await asyncio.to_thread(self._load)
        return self._known.get(device, LATENCY_S)

    async def write(self, device: str, latency_s: float) -> None:
        """Keep the latency if it is news."""
        if self._known is not None and self._known.get(device, LATENCY_S) != latency_s:
            self._known[device] = latency_s
            await asyncio.to_thread(self._save, json.dumps(self._known))

    def _load(self) -> dict[str, float]:
        try:
            known = json.loads(self._path.read_text(encoding="utf-8"))
            return {str(name): float(latency_s) for name, latency_s in known.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def _save(self, text: str) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_text(text, encoding="utf-8")
        except OSError as error:
            log.info("sound.latency_not_kept", code=error.errno)


async def _ask_for_devices(process: EngineProcess) -> Sequence[OutputDevice]:
    answer = await process.call("devices", {})
    return tuple(OutputDevice(name, title, is_default) for name, title, is_default in answer.data["devices"])


async def list_outputs(clock: Clock, randomness: Randomness) -> Sequence[OutputDevice]:
    """Return the devices that can play, asked in a process of its own. Raises VoxelleError children."""
    process = EngineProcess("Sound", SoundOutput.target, {}, clock=clock, randomness=randomness, limits=_LIMITS)
    try:
        await process.start()
        return await _ask_for_devices(process)
    finally:
        await process.stop()
