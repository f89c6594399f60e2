"""The sound device as the companion sees it: what was handed over is heard once, whatever happens to process or device."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Final

import structlog

from voxelle.audio.latency_notes import LatencyNotes
from voxelle.audio.progress import from_words
from voxelle.audio.rewind import Played, split, total_frames
from voxelle.audio.silent import SilentOutput
from voxelle.contracts.audio import OUTPUT_RATE, AudioOutput, Clip, Drained, OutputChanged, Playhead, Progress, SoundDevice
from voxelle.domain.errors import VoxelleError
from voxelle.domain.events import EngineState
from voxelle.kernel.clock import Clock, Randomness
from voxelle.kernel.paths import Paths
from voxelle.kernel.processes import EngineProcess, ProcessLimits
from voxelle.kernel.tasks import TaskScope

log = structlog.get_logger("sound")

QUEUE_FRAMES: Final = OUTPUT_RATE * 4
"""`play` waits while more than this is queued."""

KEPT_FRAMES: Final = OUTPUT_RATE * 5
"""So much of what was heard can be said again after a pause."""

_CUT_S: Final = 1.0
"""A cut or a pause that takes longer means that the sound process is stuck."""

_HOPELESS: Final = 3
"""So many lives of the process without a sound mean that there will be none."""

_RETRY_S: Final = 30.0
"""How often a sound process that was given up is tried again."""

_LIMITS: Final = ProcessLimits(nice=-5, start_timeout_s=20, ping_every_s=2, ping_timeout_s=4, cancel_timeout_s=5)


class SoundOutput(AudioOutput):
    """Plays through the sound process; while that can't be had, in silence."""

    target = "voxelle.audio.playback:Playback"

    def __init__(self, paths: Paths, device: str, *, clock: Clock, randomness: Randomness, further: Sequence[str] = ()) -> None:
        super().__init__()
        self.sentence = "Sound is not open yet."
        self.process = EngineProcess("Sound", self.target, {}, clock=clock, randomness=randomness, limits=_LIMITS)
        self._device = device
        self._further = tuple(further)
        self._clock = clock
        self._notes = LatencyNotes(paths.cache / "sound.json")
        self._volume = 1.0
        self._duck = 1.0
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
        self._heard = Played(KEPT_FRAMES)
        self._finishing: list[int] = []
        self._cut_below = -1
        self._drained_below = -1
        self._paused = -1
        """The generation that is held; it may have been cut since."""
        self._is_hushed = False
        """It is known where the pause fell: until it goes on nothing that was told before counts."""
        self._take = 0
        """Grows with every resume, so that playheads from before it can be told apart."""
        self._told: Playhead | None = None
        self._furthest: Playhead | None = None
        """As `_told`, but it does not go back when something is said again."""

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
        self._heard.clear()
        self._finishing.clear()
        self._paused = -1
        self._has_room.set()

    async def play(self, clip: Clip) -> None:
        """Queue a clip; waits while more than four seconds are queued."""
        while clip.generation > self._cut_below and total_frames(self._unheard) > QUEUE_FRAMES:
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
        self._heard.clear()
        self._finishing = [each for each in self._finishing if each > generation]
        self._has_room.set()
        if self._silent is not None:
            return await self._silent.cut(generation)
        return await self._silence("cut", generation)

    async def pause(self, generation: int) -> Playhead | None:
        """Silence the generation and hold it; returns when nothing of it sounds any more."""
        if self._is_paused or generation <= max(self._cut_below, self._drained_below):
            return self._known("pause", generation)
        self._paused, self._is_hushed = generation, False
        final = await (self._silence("pause", generation) if self._silent is None else self._silent.pause(generation))
        if self._is_paused:
            self._is_hushed = True
            if final is not None:
                self._note(final)
        return final

    async def resume(self, generation: int, clause_index: int, frame: int) -> None:
        """Go on with a paused generation."""
        if not self._is_paused or generation != self._paused:
            return
        async with self._sending:
            clips = (*self._heard.of(generation), *self._unheard)
            self._heard.clear()
            before, after = split(clips, generation, (clause_index, frame))
            for clip in before:
                self._heard.add(clip)
            self._unheard = deque(after)
            self._paused, self._is_hushed = -1, False
            self._take += 1
            if self._silent is not None:
                await self._silent.resume(generation, clause_index, frame)
            else:
                arguments = {"generation": generation, "clause": clause_index, "frame": frame, "take": self._take}
                await self._try("resume", arguments)

    @property
    def _is_paused(self) -> bool:
        return self._paused > max(self._cut_below, self._drained_below)

    async def _silence(self, method: str, generation: int) -> Playhead | None:
        if not self._is_live:
            return self._known(method, generation)
        try:
            async with asyncio.timeout(_CUT_S):
                words = (await self.process.call(method, {"generation": generation})).data["news"]
        except (VoxelleError, TimeoutError) as error:
            # Its process is gone or going, so what was told last is all that was heard.
            log.warning("sound.not_silenced", method=method, kind=type(error).__name__)
            return self._known(method, generation)
        final = None if words is None else from_words(words)
        return final if isinstance(final, Playhead) else None

    def _known(self, method: str, generation: int) -> Playhead | None:
        """Return what was told last; for a cut, how far that was at most."""
        known = self._furthest if method == "cut" else self._told
        return known if known is not None and known.generation == generation else None

    async def set_volume(self, volume: float) -> None:
        """Set the volume, ramped; a process that starts later begins with it."""
        self._volume = min(1.0, max(0.0, volume))
        if self._silent is None:
            await self._try("volume", {"volume": self._volume})

    async def set_duck(self, gain: float) -> None:
        """Set the factor on top of the volume, ramped; a process that starts later begins with it."""
        self._duck = min(1.0, max(0.0, gain))
        if self._silent is None:
            await self._try("duck", {"gain": self._duck})

    async def list_outputs(self) -> Sequence[SoundDevice]:
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
        latency_s = await self._notes.read(self._device)
        loudness = {"volume": self._volume, "duck": self._duck}
        arguments = {"device": self._device, "further": list(self._further), "latency_s": latency_s, "take": self._take, **loudness}
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
                    progress = from_words(reply.data["news"])
                    if reply.data["take"] == self._take or not isinstance(progress, Playhead):
                        self._on_progress(progress)
                    await self._notes.write(self._device, reply.data["latency_s"])
        finally:
            self._is_live = False

    async def _enter_silence(self, sentence: str) -> None:
        self.sentence = f"{sentence} Until then her words are captions only."
        self.is_silent = True
        if self._silent is None:
            self._silent = SilentOutput(self._clock)
            self._silent.listen(self._on_progress)
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
                await self._try("duck", {"gain": self._duck})
            if self._is_paused:
                await self._hold_again()
            for clip in tuple(self._unheard):
                await self._push(clip)
            for generation in tuple(self._finishing):
                await self._ask_to_finish(generation)

    async def _hold_again(self) -> None:
        """What is paused stays so, with what may be said again."""
        if self._silent is not None:
            await self._silent.pause(self._paused)
        else:
            await self._silence("pause", self._paused)
        for clip in self._heard.of(self._paused):
            await self._push(clip)

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

    def _on_progress(self, progress: Progress) -> None:
        match progress:
            case Playhead() | Drained() if progress.generation <= self._cut_below:
                return
            case Playhead() if self._is_hushed and self._is_paused:
                return
            case Playhead():
                self._note(progress)
            case Drained():
                self._drained_below = progress.generation
                self._finishing = [each for each in self._finishing if each > progress.generation]
            case OutputChanged():
                self.sentence, self.is_silent = progress.sentence, progress.is_lost
        self._listener(progress)

    def _note(self, playhead: Playhead) -> None:
        self._told = playhead
        places = [(each.generation, each.clause_index, each.frames, each) for each in (self._furthest, playhead) if each is not None]
        self._furthest = max(places, key=lambda each: each[:3])[3]
        self._forget_heard(playhead)

    def _forget_heard(self, playhead: Playhead) -> None:
        """Keep only what comes after the playhead; clauses of a generation are handed over in their order."""
        now = (playhead.generation, playhead.clause_index)
        while self._unheard:
            clip = self._unheard[0]
            heard = playhead.frames - clip.offset if (clip.generation, clip.clause_index) == now else 0
            if (clip.generation, clip.clause_index) < now or heard >= clip.samples.shape[0]:
                self._heard.add(self._unheard.popleft())
                continue
            if heard > 0:
                self._heard.add(replace(clip, samples=clip.samples[:heard]))
                self._unheard[0] = replace(clip, offset=clip.offset + heard, samples=clip.samples[heard:])
            break
        self._has_room.set()


async def _ask_for_devices(process: EngineProcess) -> Sequence[SoundDevice]:
    answer = await process.call("devices", {})
    return tuple(SoundDevice(name, title, is_default) for name, title, is_default in answer.data["devices"])


async def list_outputs(clock: Clock, randomness: Randomness) -> Sequence[SoundDevice]:
    """Return the devices that can play, asked in a process of its own. Raises VoxelleError children."""
    process = EngineProcess("Sound", SoundOutput.target, {}, clock=clock, randomness=randomness, limits=_LIMITS)
    try:
        await process.start()
        return await _ask_for_devices(process)
    finally:
        await process.stop()
