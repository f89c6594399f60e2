"""What a sentence feels like, read from its vector by the embedded MiniLM: 28 labels, offline."""

from __future__ import annotations

from voxelle.contracts.emotion import EmotionClassifier
from voxelle.contracts.provider import Abilities, Limits
from voxelle.domain.avatar import Emotion, Feeling, FeelingSource
from voxelle.kernel.clock import Clock
from voxelle.providers.process import EmbeddedProcess, well_formed


class MiniLmEmotion(EmotionClassifier):
    """Shares the process of the sentence vectors. `speed` is the sentences of the last request by the second."""

    id = "minilm_emotion"
    title = "Embedded emotion classifier"
    abilities = Abilities(streaming=False, offline=True)
    speed_unit = "sentences/s"

    def __init__(self, process: EmbeddedProcess, clock: Clock, limits: Limits | None = None) -> None:
        super().__init__(clock, limits or Limits(first_item_s=5.0))
        self.process = process
        self.speed: float | None = None

    async def open(self) -> None:
        """Load the model, unless the sentence vectors did."""
        await self.process.start()

    async def close(self) -> None:
        """Free its memory."""
        await self.process.stop()

    async def _classify(self, text: str) -> Feeling:
        if not text.strip():
            return Feeling(Emotion.NEUTRAL, 0.0, FeelingSource.CLASSIFIER)
        return strongest(await self._probabilities(text))

    async def ranked(self, text: str) -> tuple[Feeling, ...]:
        """Return all labels with their probabilities, the strongest first."""
        probabilities = await self._probabilities(text)
        order = sorted(probabilities, key=lambda emotion: -probabilities[emotion])
        return tuple(Feeling(emotion, probabilities[emotion], FeelingSource.CLASSIFIER) for emotion in order)

    async def _probabilities(self, text: str) -> dict[Emotion, float]:
        asked = self._clock.monotonic()
        reply = await self.process.call("classify", {"text": well_formed(text)})
        waited = self._clock.monotonic() - asked
        if waited > 0:
            self.speed = 1.0 / waited
        return {Emotion(label): float(share) for label, share in zip(reply.data["labels"], reply.data["probabilities"], strict=True)}


def strongest(probabilities: dict[Emotion, float]) -> Feeling:
    """Return the label of the highest probability, which is its intensity."""
    emotion = max(probabilities, key=lambda each: probabilities[each])
    return Feeling(emotion, probabilities[emotion], FeelingSource.CLASSIFIER)
