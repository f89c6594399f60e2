"""The writing thread of the sound process: it owns the device, the timeline and the clock of what was heard."""

from __future__ import annotations

import math
import queue
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

from voxelle.audio.further import FurtherOutputs
from voxelle.audio.sinks import BLOCK_FRAMES, OpenSink, Pace, SilentSink, Sink, is_slow
from voxelle.audio.timeline import Timeline
from voxelle.contracts.audio import OUTPUT_RATE, Drained, OutputChanged, Playhead, Progress
from voxelle.contracts.tts import Samples
from voxelle.domain.errors import TemporaryError, VoxelleError

log = structlog.get_logger("sound")

LATENCY_S: Final = 0.04
LONGEST_LATENCY_S: Final = 0.2
LATENCY_STEP_S: Final = 0.02

RETRY_S: Final = 3.0
LONGEST_RETRY_S: Final = 24.0
"""A missing device is looked for after 3 s, and less often the longer it is missing."""

SUBSTITUTE_S: Final = 15.0
"""How often the wanted device is looked for while another one plays, and a further one that is missing: between two turns only."""

REST_S: Final = 5.0
"""After so long a silence the device rests, and this process with it."""

STUCK_S: Final = 3.0
"""A write that takes longer will not come back: the process ends itself and is started anew."""

BLIND_S: Final = 60.0
"""How often a resting device is opened anew where that is the only way to find out which one is the default."""

_OPENING_S: Final = 30.0
"""How long a device may take to open, a wireless one among them."""

Command = Callable[["Player"], None]


class Reference(Protocol):
    """Who wants to know what is audible when."""

    def put(self, block: Samples, audible_at_s: float) -> None:
        """Take a block and the moment of its first frame."""
        ...


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be played on, and how."""

    device: str = ""
    latency_s: float = LATENCY_S
    volume: float = 1.0
    further: tuple[str, ...] = ()


def _always() -> bool:
    return True


def _nothing() -> None:
    """Nobody wants to know."""


class Player:
    """The writing thread's own: nobody else touches device or timeline."""

    def __init__(
        self,
        wish: Wish,
        tell: Callable[[Progress], None],
        open_sink: OpenSink,
        reference: Reference | None = None,
        pace: Pace = Pace(),  # noqa: B008 -- frozen
        may_look: Callable[[], bool] = _always,
        on_turn_end: Callable[[], None] = _nothing,
    ) -> None:
        self.now = pace.now
        self.timeline = Timeline(wish.volume)
        self.commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self.latency_s = wish.latency_s
        self.alive_until = self.now() + _OPENING_S
        """When it counts as stuck, unless it shows itself before."""
        self.take = 0
        """Number of the last resume: whoever listens can tell what was told before it."""
        self._main_sentence = ""
        self._told_sentence = ""
        self._pace = pace
        self._device = wish.device
        self._open_sink = open_sink
        self._further = FurtherOutputs([name for name in wish.further if name != wish.device], open_sink)
        self._reference = reference
        self._tell = tell
        self._may_look = may_look
        self._on_turn_end = on_turn_end
        self._default: str | None = None
        self._has_moved = False
        self._is_over = False
        self._sink: Sink = SilentSink(self._pace)
        self.is_silent = True
        self._is_substitute = False
        self._retry_at = 0.0
        self._retry_s = RETRY_S / 2
        self._flaws = 0
        self._busy_at = self.now()
        self._waiting: list[tuple[int, Callable[[], None]]] = []

    @property
    def sentence(self) -> str:
        """Where the sound goes, for the streamer."""
        return f"{self._main_sentence} {self._further.sentence}".rstrip()

    def open(self) -> None:
        """Open the device, another one, or none, and all further ones; `sentence` says which."""
        self._further.close()
        self._open_main()
        self._further.open()

    def _open_main(self) -> None:
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
        self._main_sentence = f"{refusals[0].sentence} Until then her words are captions only."

    def _use(self, sink: Sink, refusals: list[VoxelleError]) -> None:
        self._sink, self.is_silent, self._is_substitute = sink, False, bool(refusals)
        self._retry_s = RETRY_S / 2
        self._retry_at = self.now() + SUBSTITUTE_S
        self._main_sentence = f"Her voice goes to {sink.title}."
        if refusals:
            self._main_sentence = f"{refusals[0].sentence} Until then her voice goes to {sink.title}."

    def run(self) -> None:
        """Write until closed."""
        self._told_sentence = self.sentence
        while not self._is_over:
            self._take_commands()
            try:
                self._write(self.timeline.pull(BLOCK_FRAMES))
                self._listen()
                now = self.now()
                self.alive_until = now + STUCK_S
                if not self.timeline.is_quiet:
                    self._busy_at = now
                elif now - self._busy_at > REST_S:
                    self._rest()
            except TemporaryError as error:
                self._reopen(f"{error.sentence} ")
            if self._further.has_news():
                self._tell_if_changed("")
            if self._may_retry():
                self._reopen("")
        self._further.close()
        self._sink.close()

    def _write(self, block: Samples) -> None:
        self._further.put(block)
        is_late = self._sink.write(block)
        if is_late and self.timeline.note_underflow():
            self._flaws += 1
        if self._reference is not None and not self.is_silent:
            self._reference.put(block, self.now() + (self._sink.latency_frames - block.shape[0]) / OUTPUT_RATE)

    def _rest(self) -> None:
        """Wait for the next command, or until it is time to look for a device.

        Where the system can't be asked for its default device, all devices are looked at now and then, while nobody else has one open.
        """
        self._sink.pause()
        self.alive_until = math.inf
        has_wish = self.is_silent or self._is_substitute or self._further.is_missing
        is_blind = not self._device and self._default is None and self._may_look()
        look_at = self._retry_at if has_wish else self.now() + BLIND_S
        try:
            command = self.commands.get(timeout=max(0.0, look_at - self.now()) if has_wish or is_blind else None)
        except queue.Empty:
            self._has_moved = not has_wish
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
        self._silence(lambda heard_to: self.timeline.cut(generation, heard_to), done)

    def pause(self, generation: int, done: Callable[[Playhead | None], None]) -> None:
        """Silence a generation as `cut` does, and hold it."""
        self._silence(lambda heard_to: self.timeline.pause(generation, heard_to), done)

    def resume(self, generation: int, clause_index: int, frame: int, take: int) -> None:
        """Go on with a paused generation."""
        self.take = take
        self.timeline.resume(generation, clause_index, frame)

    def note_default(self, name: str) -> None:
        """Take note of what the system's default device is now; where that is wanted the voice moves there between two turns."""
        self._has_moved = self._has_moved or (self._default not in {None, name} and not self._device)
        self._default = name

    def look_again(self) -> None:
        """Open the device anew between two turns."""
        self._has_moved = True

    def _silence(self, stop: Callable[[int | None], Playhead | None], done: Callable[[Playhead | None], None]) -> None:
        self._further.flush()
        if is_slow(self._sink):
            final = stop(self.timeline.position - self._sink.latency_frames)
            try:
                self._sink.flush()
            except TemporaryError as error:
                self._reopen(f"{error.sentence} ")
            done(final)
        else:
            final = stop(None)
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
            if isinstance(progress, Drained):
                self._on_turn_end()
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
        if self._has_moved:
            self._has_moved = False
            return True
        return (self._is_substitute or self._further.is_missing) and self.now() >= self._retry_at

    def _reopen(self, reason: str) -> None:
        """Open the device anew; between two turns the further ones too, for all devices are only looked at while none is open."""
        if self.timeline.is_quiet:
            self.open()
        else:
            self._open_main()
        log.info("sound.reopened", is_silent=self.is_silent, latency_ms=round(self.latency_s * 1000))
        self._tell_if_changed(reason)

    def _tell_if_changed(self, reason: str) -> None:
        if reason or self.sentence != self._told_sentence:
            self._told_sentence = self.sentence
            self._tell(OutputChanged(reason + self.sentence, is_lost=self.is_silent))
