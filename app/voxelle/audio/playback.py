"""The sound process: one thread writes to the device and owns the timeline; requests reach it through a queue."""

from __future__ import annotations

import math
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

import structlog

from voxelle.audio.devices import DeviceSink, list_devices
from voxelle.audio.progress import to_words
from voxelle.audio.timeline import Timeline
from voxelle.contracts.audio import OUTPUT_RATE, Clip, OutputChanged, Playhead, Progress
from voxelle.contracts.tts import Samples
from voxelle.domain.errors import SetupError, TemporaryError, VoxelleError
from voxelle.kernel.worker import CancelToken, Engine, Reply

log = structlog.get_logger("sound")

BLOCK_FRAMES: Final = OUTPUT_RATE // 100
"""What is written at once: 10 ms."""

LATENCY_S: Final = 0.04
LONGEST_LATENCY_S: Final = 0.2
LATENCY_STEP_S: Final = 0.02

FLUSH_ABOVE_S: Final = 0.1
"""A device that holds more than this is flushed by a cut; what a quicker one holds is heard, and faded."""

RETRY_S: Final = 3.0
LONGEST_RETRY_S: Final = 24.0
"""A missing device is looked for after 3 s, and less often the longer it is missing."""

SUBSTITUTE_S: Final = 15.0
"""How often the wanted device is looked for while another one plays: between two turns only."""

REST_S: Final = 5.0
"""After so long a silence the device rests, and this process with it."""

_OPENING_S: Final = 30.0
"""How long a device may take to open, a wireless one among them."""

_STUCK_S: Final = 3.0
"""A write that takes longer will not come back: the process ends itself and is started anew."""

_LOOK_S: Final = 0.5


class Sink(Protocol):
    """Where blocks go."""

    title: str

    @property
    def latency_frames(self) -> int:
        """Frames between what was written last and what is audible."""
        ...

    def write(self, block: Samples) -> bool:
        """Take a block, as fast as it sounds; returns whether it came too late."""
        ...

    def flush(self) -> None:
        """Throw away what is not audible yet."""
        ...

    def pause(self) -> None:
        """Play what was written, then rest."""
        ...

    def resume(self) -> None:
        """Take blocks again."""
        ...

    def close(self) -> None:
        """End."""
        ...


@dataclass(frozen=True, slots=True)
class Pace:
    """Time as the writing thread knows it, in seconds."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


class SilentSink:
    """Keeps time like a device and makes no sound."""

    title = ""
    latency_frames = 0

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._due = pace.now()

    def write(self, block: Samples) -> bool:
        """Wait as long as the block would sound."""
        now = self._pace.now()
        self._due = max(self._due, now - 1.0) + block.shape[0] / OUTPUT_RATE
        self._pace.sleep(max(0.0, self._due - now))
        return False

    def flush(self) -> None:
        """Nothing is held back."""

    def pause(self) -> None:
        """Nothing rests."""

    def resume(self) -> None:
        """Forget the time that passed."""
        self._due = self._pace.now()

    def close(self) -> None:
        """Nothing to end."""


Command = Callable[["Player"], None]
OpenSink = Callable[[str, float], Sink]
"""Opens a device by name with a latency in seconds. Raises VoxelleError children."""


class Player:
    """The writing thread's own: nobody else touches device or timeline."""

    def __init__(
        self,
        device: str,
        latency_s: float,
        volume: float,
        tell: Callable[[Progress], None],
        open_sink: OpenSink,
        pace: Pace = Pace(),
    ) -> None:
        self.now = pace.now
        self.timeline = Timeline(volume)
        self.commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self.latency_s = latency_s
        self.alive_until = self.now() + _OPENING_S
        """When it counts as stuck, unless it shows itself before."""
        self.sentence = ""
        self._pace = pace
        self._device = device
        self._open_sink = open_sink
        self._tell = tell
        self._is_over = False
        self._sink: Sink = SilentSink(self._pace)
        self.is_silent = True
        self._is_substitute = False
        self._retry_at = 0.0
        self._retry_s = RETRY_S / 2
        self._flaws = 0
        self._busy_at = self.now()
        self._waiting: list[tuple[int, Callable[[], None]]] = []

    def open(self) -> None:
        """Open the device, another one, or none; `sentence` says which."""
        self.alive_until = self.now() + _OPENING_S
        self._sink.close()
        refusals: list[VoxelleError] = []
        for name in dict.fromkeys((self._device, "")):
            try:
                sink = self._open_sink(name, self.latency_s)
            except VoxelleError as error:
                refusals.append(error)
            else:
                self._use(sink, refusals)
                return
        if not self.is_silent:
            self._sink, self.is_silent, self._is_substitute = SilentSink(self._pace), True, False
        self._retry_s = min(LONGEST_RETRY_S, self._retry_s * 2)
        self._retry_at = self.now() + self._retry_s
        self.sentence = f"{refusals[0].sentence} Until then her words are captions only."

    def _use(self, sink: Sink, refusals: list[VoxelleError]) -> None:
        self._sink, self.is_silent, self._is_substitute = sink, False, bool(refusals)
        self._retry_s = RETRY_S / 2
        self._retry_at = self.now() + SUBSTITUTE_S
        self.sentence = f"Her voice goes to {sink.title}."
        if refusals:
            self.sentence = f"{refusals[0].sentence} Until then her voice goes to {sink.title}."

    def run(self) -> None:
        """Write until closed."""
        while not self._is_over:
            self._take_commands()
            try:
                if self._sink.write(self.timeline.pull(BLOCK_FRAMES)) and self.timeline.note_underflow():
                    self._flaws += 1
                self._listen()
                now = self.now()
                self.alive_until = now + _STUCK_S
                if not self.timeline.is_quiet:
                    self._busy_at = now
                elif now - self._busy_at > REST_S:
                    self._rest()
            except TemporaryError as error:
                self._reopen(f"{error.sentence} ")
            if self._may_retry():
                self._reopen("")
        self._sink.close()

    def _rest(self) -> None:
        """Wait for the next command, or until it is time to look for a device."""
        self._sink.pause()
        self.alive_until = math.inf
        has_wish = self.is_silent or self._is_substitute
        try:
            command = self.commands.get(timeout=max(0.0, self._retry_at - self.now()) if has_wish else None)
        except queue.Empty:
            return
        self._busy_at = self.now()
        self.alive_until = self._busy_at + _OPENING_S
        command(self)
        self._sink.resume()

    def close(self) -> None:
        """End the thread after its next block."""
        self.commands.put(lambda player: player.end())

    def end(self) -> None:
        """Write no more."""
        self._is_over = True

    def cut(self, generation: int, done: Callable[[Playhead | None], None]) -> None:
        """Silence a generation; `done` is called when nothing of it sounds any more."""
        latency = self._sink.latency_frames
        if latency > FLUSH_ABOVE_S * OUTPUT_RATE:
            final = self.timeline.cut(generation, self.timeline.position - latency)
            try:
                self._sink.flush()
            except TemporaryError as error:
                self._reopen(f"{error.sentence} ")
            done(final)
        else:
            final = self.timeline.cut(generation)
            self._waiting.append((self.timeline.quiet_at, lambda: done(final)))

    def _take_commands(self) -> None:
        while True:
            try:
                command = self.commands.get_nowait()
            except queue.Empty:
                return
            command(self)

    def _listen(self) -> None:
        position = self.timeline.position - self._sink.latency_frames
        for progress in self.timeline.heard(position):
            self._tell(progress)
        for waiting in [each for each in self._waiting if each[0] <= position]:
            self._waiting.remove(waiting)
            waiting[1]()

    def _may_retry(self) -> bool:
        """Whether it is time to look for the wanted device, or to give a device that ran dry more room: never in mid-sentence."""
        if self.is_silent:
            return self.now() >= self._retry_at
        if not self.timeline.is_quiet:
            return False
        if self._flaws > 1 and self.latency_s < LONGEST_LATENCY_S:
            self._flaws = 0
            self.latency_s = min(LONGEST_LATENCY_S, self.latency_s + LATENCY_STEP_S)
            return True
        return self._is_substitute and self.now() >= self._retry_at

    def _reopen(self, reason: str) -> None:
        before = self.sentence
        self.open()
        if self.sentence != before or reason:
            log.info("sound.reopened", is_silent=self.is_silent, latency_ms=round(self.latency_s * 1000))
            self._tell(OutputChanged(reason + self.sentence, is_lost=self.is_silent))


class Playback(Engine):
    """Serves `run` (progress, as long as sound is wanted), `push`, `finish`, `cut`, `volume` and `devices`."""

    workers = 5

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config)
        self._player: Player | None = None

    def perform(self, method: str, arguments: dict[str, Any], audio: Samples | None, token: CancelToken) -> Iterator[Reply]:
        """Do what the method says."""
        if method == "run":
            yield from self._run(arguments, token)
        elif method == "devices":
            yield Reply({"devices": [[each.name, each.title, each.is_default] for each in list_devices()]})
        elif method == "cut":
            yield self._cut(self._playing(), arguments["generation"], token)
        else:
            self._playing().commands.put(_command(method, arguments, audio))
            yield Reply({})

    @staticmethod
    def open_sink(name: str, latency_s: float) -> Sink:
        """Open a device. Raises SetupError when it can't be had."""
        return DeviceSink.open(name, latency_s)

    def _playing(self) -> Player:
        if self._player is None:
            msg = "The sound device is not open."
            raise SetupError(msg)
        return self._player

    def _run(self, arguments: dict[str, Any], token: CancelToken) -> Iterator[Reply]:
        news: queue.SimpleQueue[Progress | None] = queue.SimpleQueue()
        latency_s = min(LONGEST_LATENCY_S, max(LATENCY_S, float(arguments["latency_s"])))
        player = Player(str(arguments["device"]), latency_s, float(arguments["volume"]), news.put, self.open_sink)
        token.on_cancel(lambda: news.put(None))
        player.open()
        self._player = player
        writing = threading.Thread(target=player.run, name="write", daemon=True)
        writing.start()
        try:
            yield Reply({"sentence": player.sentence, "is_silent": player.is_silent})
            while not token.is_cancelled:
                try:
                    progress = news.get(timeout=_LOOK_S)
                except queue.Empty:
                    _leave_if_stuck(player)
                    continue
                if progress is not None:
                    yield Reply({"news": to_words(progress), "latency_s": player.latency_s})
        finally:
            self._player = None
            player.close()
            writing.join(_STUCK_S)

    def _cut(self, player: Player, generation: int, token: CancelToken) -> Reply:
        answer: queue.SimpleQueue[Playhead | None] = queue.SimpleQueue()
        player.commands.put(lambda player: player.cut(generation, answer.put))
        token.on_cancel(lambda: answer.put(None))
        final = answer.get()
        return Reply({"news": None if final is None else to_words(final)})


def _command(method: str, arguments: dict[str, Any], audio: Samples | None) -> Command:
    if method == "push" and audio is not None:
        clip = Clip(arguments["generation"], arguments["clause"], arguments["offset"], audio)
        return lambda player: player.timeline.push(clip)
    if method == "finish":
        return lambda player: player.timeline.finish(arguments["generation"])
    return lambda player: player.timeline.set_volume(arguments["volume"])


def _leave_if_stuck(player: Player) -> None:
    if player.now() > player.alive_until:
        log.warning("sound.stuck")
        os._exit(1)
