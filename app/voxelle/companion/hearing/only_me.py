"""Only the streamer is heard: other voices near the microphone, a video, people in a game, do not reach her."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import numpy as np
import structlog

from voxelle.contracts.audio import INPUT_RATE
from voxelle.contracts.speaker import VoicePrint
from voxelle.domain.errors import InputError, VoxelleError

if TYPE_CHECKING:
    from collections.abc import Callable

    from voxelle.companion.hearing.faults import Faults
    from voxelle.companion.hearing.heard import Heard
    from voxelle.companion.hearing.ports import EarPorts
    from voxelle.contracts.audio import Samples
    from voxelle.contracts.embedding import Vectors
    from voxelle.kernel.clock import Clock
    from voxelle.settings.hearing import HearingSettings

log = structlog.get_logger("hearing")

ANOTHER_VOICE: Final = "another voice"
FIRST_COMPARE_S: Final = 0.8
"""So much voice is needed before it may silence her; then it is compared again after as much more, until it is known."""
LEAST_COMPARE_S: Final = 0.6
"""From less voice nobody can be told."""
_SHORT_S: Final = 1.6
_COMPARED_S: Final = 5.0
_SHORTEST_S: Final = 5.0
_SHORTEST_STRETCHES: Final = 6
_QUIETEST: Final = 0.003
"""About -50 dB: the noise of a microphone that is turned down."""
_UNLIKE: Final = 0.02
_NO_EARS: Final = "Nothing here can tell voices apart."


class OnlyMe:
    """Compares what is heard with the streamer's voice print. If the engine fails, everybody is heard: a deaf companion is worse."""

    def __init__(self, engines: EarPorts, settings: Callable[[], HearingSettings], clock: Clock, faults: Faults) -> None:
        self._recognizer = engines.speaker
        self._prints = engines.prints
        self._settings = settings
        self._clock = clock
        self._faults = faults
        self._is_loaded = False
        self.voice_print: VoicePrint | None = None

    @property
    def is_on(self) -> bool:
        """Whether voices are compared now."""
        return self._settings().only_me and self.voice_print is not None

    async def load(self) -> None:
        """Read the print that was kept, once."""
        if not self._is_loaded and self._prints is not None and self._recognizer is not None:
            found = await asyncio.to_thread(self._prints.load)
            self._is_loaded = True
            is_readable = found is not None and (found.engine, found.vector.size) == (self._recognizer.id, self._recognizer.dimensions)
            self.voice_print = found if is_readable else None

    def is_due(self, heard: Heard, voiced_s: float) -> bool:
        """Whether an utterance that goes on is to be compared now: she does not stop speaking for others."""
        is_free = heard.comparing is None or heard.comparing.done()
        return heard.is_stranger and is_free and voiced_s >= heard.compared_s + FIRST_COMPARE_S

    async def compare(self, heard: Heard, samples: Samples, voiced_s: float) -> None:
        """Find out whether what was said so far is another voice."""
        if self.is_on:
            heard.compared_s = voiced_s
            heard.is_stranger = await self._is_stranger(samples, voiced_s, is_interrupting=heard.is_interrupting)
        else:
            heard.is_stranger = False

    async def _is_stranger(self, samples: Samples, voiced_s: float, *, is_interrupting: bool) -> bool:
        """Whether it is another voice. Of a syllable nobody can tell: it passes, but not while she speaks."""
        known, engine = self.voice_print, self._recognizer
        if known is None or engine is None:
            return False
        if voiced_s < LEAST_COMPARE_S:
            return is_interrupting
        try:
            heard = await engine.embed(samples[-round(_COMPARED_S * INPUT_RATE) :])
        except VoxelleError as error:
            self._faults.failed(engine, error)
            return False
        self._faults.works(engine)
        alike = float(_mean(heard) @ known.vector[0])
        return alike < (engine.same_from_short if voiced_s < _SHORT_S else engine.same_from)

    async def enrol(self, samples: Samples) -> VoicePrint:
        """Learn the streamer's voice from some seconds of it, and keep it. InputError if they are of no use."""
        engine, prints = self._recognizer, self._prints
        if engine is None or prints is None:
            raise InputError(_NO_EARS)
        _require_loud_enough(samples)
        try:
            heard = await engine.embed(samples)
        finally:
            if not self._settings().only_me:
                await engine.close()
        if len(heard) < _SHORTEST_STRETCHES:
            msg = "There was too little speech in it. Read the sentence aloud until the recording ends, then it works."
            raise InputError(msg)
        if _likeness_of_halves(heard) < engine.same_from - _UNLIKE:
            msg = "That sounded like several voices. Turn music, videos and games off, then record your voice again, alone."
            raise InputError(msg)
        vector = _mean(heard)[np.newaxis].astype(np.float32)
        voice_print = VoicePrint(engine.id, self._clock.now().isoformat(timespec="seconds"), vector)
        await asyncio.to_thread(prints.save, voice_print)
        self._is_loaded, self.voice_print = True, voice_print
        log.info("voice_print.saved", engine=engine.id)
        return voice_print

    async def forget(self) -> None:
        """Delete the print: everybody is heard again."""
        if self._prints is None:
            raise InputError(_NO_EARS)
        await asyncio.to_thread(self._prints.delete)
        self._is_loaded, self.voice_print = True, None
        log.info("voice_print.deleted")


def _require_loud_enough(samples: Samples) -> None:
    if len(samples) < _SHORTEST_S * INPUT_RATE:
        msg = "That was too short. Record at least five seconds of your voice."
        raise InputError(msg)
    if not np.isfinite(samples).all() or float(np.sqrt(np.mean(np.square(samples)))) < _QUIETEST:
        msg = "That was too quiet. Speak closer to the microphone or turn it up, then record again."
        raise InputError(msg)


def _mean(vectors: Vectors) -> Vectors:
    mean = vectors.mean(axis=0)
    unit: Vectors = mean / max(float(np.linalg.norm(mean)), 1e-6)
    return unit


def _likeness_of_halves(vectors: Vectors) -> float:
    """Return how alike the two groups are into which the vectors fall most clearly; alike for one person."""
    centred = vectors - vectors.mean(axis=0)
    side = centred @ np.linalg.svd(centred, full_matrices=False)[2][0] > 0
    if side.all() or not side.any():
        return 1.0
    return float(_mean(vectors[side]) @ _mean(vectors[~side]))
