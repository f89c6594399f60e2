"""Asks the engines: what was said, and whether that was all. What fails is told, and she goes on without."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from voxelle.contracts.stt import RecognitionRequest
from voxelle.domain.chat import StimulusKind
from voxelle.domain.errors import VoxelleError
from voxelle.domain.events import MessageReceived

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from voxelle.companion.hearing.faults import Faults
    from voxelle.companion.hearing.ports import EarPorts, House
    from voxelle.contracts.stt import Transcript

_CHATTERS = 12
_MOST_HOT_WORDS = 60


class Understanding:
    """The engines of all speakers, and the words that they should expect."""

    def __init__(self, engines: EarPorts, house: House, faults: Faults) -> None:
        self._engines = engines
        self._house = house
        self._faults = faults
        self._chatters: OrderedDict[str, None] = OrderedDict()
        """Names in the chat, the newest last."""
        self.close = house.bus.subscribe(MessageReceived, self._on_message)

    async def open(self) -> None:
        """Load the engines; one that can't be loaded is told and tried again when it is needed."""
        for engine in (self._engines.activity, self._engines.end_of_turn, self._engines.recognizer):
            if engine is not None:
                try:
                    await engine.open()
                except VoxelleError as error:
                    self._faults.failed(engine, error)

    async def speech(self, speaker: str, samples: npt.NDArray[np.float32]) -> float | None:
        """Return the probability of speech in a speaker's next frame; None if it can't be known."""
        engine = self._engines.activity
        try:
            speech = await engine.judge(speaker, samples)
        except VoxelleError as error:
            self._faults.failed(engine, error)
            return None
        self._faults.works(engine)
        return speech

    async def forget(self, speaker: str) -> None:
        """Begin anew with a speaker."""
        try:
            await self._engines.activity.forget(speaker)
        except VoxelleError as error:
            self._faults.failed(self._engines.activity, error)

    async def text(self, samples: npt.NDArray[np.float32], *, is_interim: bool) -> Transcript | None:
        """Return what was said; None if it can't be known."""
        engine = self._engines.recognizer
        language = self._house.settings.current.hearing.language
        try:
            transcript = await engine.transcribe(RecognitionRequest(samples, language, self._hot_words(), is_interim))
        except VoxelleError as error:
            self._faults.failed(engine, error)
            return None
        self._faults.works(engine)
        return transcript

    async def end_of_turn(self, samples: npt.NDArray[np.float32]) -> float | None:
        """Return how likely it is that the speaker has finished; None if it can't be known."""
        engine = self._engines.end_of_turn
        if engine is None:
            return None
        try:
            probability = await engine.probability(samples)
        except VoxelleError as error:
            self._faults.failed(engine, error)
            return None
        self._faults.works(engine)
        return probability

    def _hot_words(self) -> tuple[str, ...]:
        """Return the names and words that are likely, without doubles: hers, the streamer's list, those of the chat."""
        words = (*self._house.mind.names(), *self._house.settings.current.hearing.hot_words, *reversed(self._chatters))
        return tuple(dict.fromkeys(words))[:_MOST_HOT_WORDS]

    def _on_message(self, event: MessageReceived) -> None:
        stimulus = event.stimulus
        if stimulus.kind is StimulusKind.CHAT and stimulus.author.name:
            self._chatters[stimulus.author.name] = None
            self._chatters.move_to_end(stimulus.author.name)
            while len(self._chatters) > _CHATTERS:
                self._chatters.popitem(last=False)
