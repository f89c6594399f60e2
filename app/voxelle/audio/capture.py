"""The listening thread: from the microphone to frames, whatever happens to the device."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from typing import Final

import structlog

from voxelle.audio.device_source import OpenSource, Source
from voxelle.audio.echo import EchoCanceller
from voxelle.audio.frames import FrameMaker
from voxelle.audio.sinks import Pace
from voxelle.contracts.audio import Captured, InputChanged
from voxelle.domain.errors import SetupError, TemporaryError, VoxelleError

log = structlog.get_logger("sound")

LATENCY_S: Final = 0.04
LATENCY_STEP_S: Final = 0.02
LONGEST_LATENCY_S: Final = 0.2
"""A device that loses samples gets a larger buffer the next time."""

RETRY_S: Final = 1.0
LONGEST_RETRY_S: Final = 16.0
"""A missing microphone is looked for after a second, and less often the longer it is missing."""

SUBSTITUTE_S: Final = 60.0
"""How often the wanted microphone is looked for while another one listens and nobody speaks; a sound server tells when it comes."""
_QUIET_S: Final = 1.0
_QUIET: Final = 0.01

OPENING_S: Final = 30.0
STUCK_S: Final = 5.0
"""A read that takes longer will not come back."""

_SILENCE_S: Final = 8.0
"""A microphone that gives nothing but zeros for so long is muted or forbidden: a real one hisses."""
_WRONG_RATE: Final = 0.01


def _nothing() -> None:
    """Nobody else has a device open."""


class Capture:
    """Owns the device of one microphone; `tell` and `look_again` are called in this thread.

    `look_again` is called, once a minute at most, when a microphone is missing that a device held open by somebody else may hide.
    """

    def __init__(
        self,
        device: str,
        canceller: EchoCanceller,
        tell: Callable[[Captured], None],
        open_source: OpenSource,
        look_again: Callable[[], None] = _nothing,
        pace: Pace = Pace(),  # noqa: B008 -- frozen
    ) -> None:
        self.now = pace.now
        self.alive_until = pace.now() + OPENING_S
        """When it counts as stuck, unless it shows itself before."""
        self._device = device
        self._canceller = canceller
        self._tell = tell
        self._open_source = open_source
        self._look_again = look_again
        self._looked_at = -math.inf
        self._is_over = threading.Event()
        self._is_moved = threading.Event()
        self._known_place = ""
        self._latency_s = LATENCY_S
        self._overruns = 0
        self._is_substitute = False
        self._retry_s = RETRY_S / 2
        self._retry_at = 0.0
        self._told: InputChanged | None = None

    def run(self) -> None:
        """Listen until closed."""
        while not self._is_over.is_set():
            self.alive_until = self.now() + OPENING_S
            self._is_moved.clear()
            source, sentence = self._open()
            if source is None:
                self._say(sentence, is_lost=True)
                self.alive_until = math.inf
                self._wait()
                continue
            try:
                self._listen(source, sentence)
            except TemporaryError as error:
                log.info("microphone.lost")
                self._say(error.sentence, is_lost=True)
            finally:
                source.close()

    def close(self) -> None:
        """End the thread after its next block."""
        self._is_over.set()
        self._is_moved.set()

    def note_place(self, place: str) -> None:
        """Take note, from any thread, where the system's sound server has the microphone; when that changes it is opened anew."""
        before, self._known_place = self._known_place, place
        if before and before != place:
            log.info("microphone.moved")
            self._is_moved.set()

    def _open(self) -> tuple[Source | None, str]:
        """Open the wanted device, or the default one. Returns it, or None, and a sentence."""
        refusals: list[VoxelleError] = []
        for name in dict.fromkeys((self._device, "")):
            try:
                source = self._open_source(name, self._latency_s)
            except (SetupError, TemporaryError) as error:
                refusals.append(error)
                continue
            self._is_substitute = bool(refusals)
            self._retry_s = RETRY_S / 2
            self._retry_at = self.now() + SUBSTITUTE_S
            if refusals:
                return source, f"{refusals[0].sentence} Until then she hears through {source.title}."
            return source, f"She hears through {source.title}."
        return None, refusals[0].sentence

    def _wait(self) -> None:
        """Wait until it is time to look again, longer each time, or until the sound server has news."""
        self._retry_s = min(LONGEST_RETRY_S, self._retry_s * 2)
        self._ask_to_look()
        self._is_moved.wait(self._retry_s)

    def _ask_to_look(self) -> None:
        if not self._known_place and self.now() - self._looked_at >= SUBSTITUTE_S:
            self._looked_at = self.now()
            self._look_again()

    def _listen(self, source: Source, sentence: str) -> None:
        frames = FrameMaker(source.rate, self._canceller)
        frames.overruns = self._overruns
        sentence = f"{sentence} {self._canceller.refusal}".strip()
        self._say(sentence)
        loud_at = sounding_at = self.now()
        while not self._is_moved.is_set():
            block, has_lost = source.read()
            now = self.now()
            self.alive_until = now + STUCK_S
            for frame in frames.take(block, now, source.latency_s, has_lost=has_lost):
                sounding_at = now if frame.level > _QUIET else sounding_at
                self._tell(frame)
            self._give_room(frames.overruns)
            if block.any():
                loud_at = now
            self._say(sentence + self._doubts(source, frames.rate, now - loud_at))
            if self._may_retry(now) and now - sounding_at > _QUIET_S:
                self._ask_to_look()
                return

    def _may_retry(self, now: float) -> bool:
        return self._is_substitute and now >= self._retry_at and not self._known_place

    def _give_room(self, overruns: int) -> None:
        if overruns > self._overruns:
            self._latency_s = min(LONGEST_LATENCY_S, self._latency_s + LATENCY_STEP_S)
        self._overruns = overruns

    @staticmethod
    def _doubts(source: Source, rate: float, silent_s: float) -> str:
        """Say what is odd about a device."""
        said = ""
        if abs(rate / source.rate - 1) > _WRONG_RATE:
            said = f" It says {source.rate:,} Hz and gives {round(rate):,} Hz, which is put right."
        if silent_s > _SILENCE_S:
            said += " It gives nothing but silence: it is muted, or your system's privacy settings forbid to listen."
        return said

    def _say(self, sentence: str, *, is_lost: bool = False) -> None:
        changed = InputChanged(sentence, is_lost)
        if changed != self._told:
            self._told = changed
            self._tell(changed)
