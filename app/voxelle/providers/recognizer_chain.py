"""A chain of recognisers, in order of preference: the first that is good writes down what is said."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing

from voxelle.contracts.provider import Abilities
from voxelle.contracts.stt import RecognitionRequest, SpeechRecognizer, Transcript
from voxelle.domain.events import Event
from voxelle.kernel.clock import Clock, Randomness
from voxelle.providers.circuit import Circuit, LinkSnapshot, Recovery


class RecognizerChain(SpeechRecognizer):
    """Primary, embedded: one that fails is replaced within the utterance. With none left nothing is understood, and that is told."""

    id = "stt_chain"
    title = "The chain of recognisers"

    def __init__(
        self,
        recognizers: Iterable[SpeechRecognizer],
        *,
        clock: Clock,
        randomness: Randomness,
        announce: Callable[[Event], None],
        on_change: Callable[[], None] = lambda: None,
        recovery: Recovery | None = None,
    ) -> None:
        """See `Circuit` for `announce` and `on_change`."""
        super().__init__(clock)
        self._on_change = on_change
        self._circuit: Circuit[SpeechRecognizer] = Circuit(
            "stt", recognizers, clock=clock, randomness=randomness, announce=announce, on_change=self._follow, recovery=recovery
        )
        self._adopt()

    @property
    def serving(self) -> str:
        """Id of the recogniser that takes the next utterance, or empty."""
        return self._circuit.active_id

    @property
    def links(self) -> tuple[LinkSnapshot, ...]:
        """Every recogniser's standing, in order."""
        return self._circuit.links()

    def arrange(self, recognizers: Iterable[SpeechRecognizer]) -> None:
        """Use other recognisers, or another order, from the next utterance on. Those left out are not closed."""
        self._circuit.arrange(recognizers)

    def reset(self) -> None:
        """Give every recogniser a new chance; call it when a setting or a key was changed."""
        self._circuit.reset()

    async def open(self) -> None:
        """Open the first recogniser that can be opened."""
        await self._circuit.first(lambda recognizer: recognizer.open())

    async def close(self) -> None:
        """Close all recognisers."""
        await self._circuit.close()

    async def transcribe(self, request: RecognitionRequest) -> Transcript:
        """Recognise one utterance. Each recogniser keeps its own limits, so the chain adds none."""
        return await self._transcribe(request)

    async def _transcribe(self, request: RecognitionRequest) -> Transcript:
        # To the end: a chain counts an engine as good only when its answer is over.
        async with aclosing(self._circuit.stream(lambda recognizer: _only(recognizer, request), must_answer=True)) as transcripts:
            (transcript,) = [each async for each in transcripts]
        return transcript

    def _follow(self) -> None:
        self._adopt()
        self._on_change()

    def _adopt(self) -> None:
        """Be able to do what the recogniser in front can do."""
        active = self._circuit.active
        self.abilities = active.abilities if active is not None else Abilities()


async def _only(recognizer: SpeechRecognizer, request: RecognitionRequest) -> AsyncGenerator[Transcript, None]:
    yield await recognizer.transcribe(request)
