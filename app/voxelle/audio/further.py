"""Further devices that play the same: each with a thread and a small queue of its own, so that none disturbs the main one."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import structlog

from voxelle.audio.sinks import BLOCK_FRAMES, OpenSink, Sink, is_slow
from voxelle.contracts.tts import Samples
from voxelle.domain.errors import VoxelleError

log = structlog.get_logger("sound")

LATENCY_S: Final = 0.06
MOST_BLOCKS: Final = 25
"""A device that is 250 ms behind loses blocks."""
MANY_BLOCKS: Final = 8
"""With so many waiting its clock is slower than the main device's: a block of silence is left out."""
CUSHION_BLOCKS: Final = 3
"""A device that begins gets so much silence first."""
_REST_S: Final = 2.0
_CLOSING_S: Final = 1.0
_SETTLING_S: Final = 0.5


class FurtherOutput:
    """One further device. `put` and `flush` never wait; the rest is its own thread's."""

    def __init__(self, name: str, open_sink: OpenSink, tell: Callable[[], None]) -> None:
        self.title = name
        self.refusal = ""
        """Why it does not play, for the streamer; empty while it plays or is being opened."""
        self.lost_blocks = 0
        self._name = name
        self._open_sink = open_sink
        self._tell = tell
        self._blocks: queue.Queue[Samples | None] = queue.Queue(MOST_BLOCKS)
        self._is_over = threading.Event()
        self.is_settled = threading.Event()
        """It plays, or it is known why not."""
        self._is_flushing = threading.Event()
        self._thread = threading.Thread(target=self.run, name="write further", daemon=True)

    def start(self) -> None:
        """Open the device, in its thread."""
        self._thread.start()

    def close(self) -> None:
        """Give the device back; one that hangs is left."""
        self._is_over.set()
        self._offer(None)
        self._thread.join(_CLOSING_S)

    def put(self, block: Samples) -> None:
        """Hand over what the main device gets next."""
        if not self.refusal and not self._offer(block):
            self.lost_blocks += 1

    def flush(self) -> None:
        """Throw away what a slow device holds; a quick one plays the fade."""
        self._is_flushing.set()

    def run(self) -> None:
        """Play until closed or lost."""
        try:
            sink = self._open_sink(self._name, LATENCY_S)
        except VoxelleError as error:
            self._give_up(error)
            return
        self.title = sink.title
        self._settle()
        try:
            self._play(sink)
        except VoxelleError as error:
            self._give_up(error)
        finally:
            sink.close()
            if self.lost_blocks:
                log.info("sound.further_was_behind", lost_blocks=self.lost_blocks)

    def _play(self, sink: Sink) -> None:
        silence = np.zeros(BLOCK_FRAMES, np.float32)
        sink.pause()
        is_resting = True
        while not self._is_over.is_set():
            try:
                block = self._blocks.get(timeout=None if is_resting else _REST_S)
            except queue.Empty:
                sink.pause()
                is_resting = True
                continue
            if block is None:
                continue
            if is_resting:
                sink.resume()
                is_resting = False
                for _ in range(CUSHION_BLOCKS):
                    sink.write(silence)
            if self._is_flushing.is_set():
                self._is_flushing.clear()
                if is_slow(sink):
                    block = self._newest(block)
                    sink.flush()
            for _ in range(copies(block, self._blocks.qsize())):
                sink.write(block)

    def _newest(self, block: Samples) -> Samples:
        """Throw away what waits, but not the last of it: that is the silence which follows a cut."""
        while True:
            try:
                later = self._blocks.get_nowait()
            except queue.Empty:
                return block
            block = block if later is None else later

    def _offer(self, block: Samples | None) -> bool:
        try:
            self._blocks.put_nowait(block)
        except queue.Full:
            return False
        return True

    def _give_up(self, error: VoxelleError) -> None:
        log.warning("sound.further_lost", kind=type(error).__name__)
        self.refusal = error.sentence
        self._settle()

    def _settle(self) -> None:
        self.is_settled.set()
        self._tell()


def copies(block: Samples, waiting: int) -> int:
    """Return how often a block is to be played so that two devices stay together: only silence is left out or repeated."""
    if block.any():
        return 1
    if waiting >= MANY_BLOCKS:
        return 0
    return 1 if waiting else 2


class FurtherOutputs:
    """All of them, as the main device's thread sees them."""

    def __init__(self, names: Sequence[str], open_sink: OpenSink) -> None:
        self._names = tuple(dict.fromkeys(names))
        self._open_sink = open_sink
        self._outputs: list[FurtherOutput] = []
        self._has_news = threading.Event()

    def open(self) -> None:
        """Open them all; most are known to play when this returns, others tell later."""
        self._outputs = [FurtherOutput(name, self._open_sink, self._has_news.set) for name in self._names]
        for output in self._outputs:
            output.start()
        for output in self._outputs:
            output.is_settled.wait(_SETTLING_S)

    def close(self) -> None:
        """Close them all."""
        for output in self._outputs:
            output.close()
        self._outputs = []

    @property
    def is_missing(self) -> bool:
        """Whether one of them does not play."""
        return any(output.refusal for output in self._outputs)

    @property
    def sentence(self) -> str:
        """Which of them play and which do not, for the streamer; empty without any."""
        playing = [output.title for output in self._outputs if not output.refusal]
        told = [f"It goes to {' and '.join(playing)} as well."] if playing else []
        told += [f"A further output does not play: {output.refusal}" for output in self._outputs if output.refusal]
        return " ".join(told)

    def has_news(self) -> bool:
        """Whether `sentence` may have changed since this was asked last."""
        had = self._has_news.is_set()
        self._has_news.clear()
        return had

    def put(self, block: Samples) -> None:
        """Hand over what the main device gets next."""
        for output in self._outputs:
            output.put(block)

    def flush(self) -> None:
        """Throw away what waits."""
        for output in self._outputs:
            output.flush()
