"""Falling back is a provider too: a chain of models and a chain of voices, each in order of preference."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable

import structlog

from voxelle.contracts.llm import ChatRequest, LanguageModel, TextDelta
from voxelle.contracts.provider import Abilities
from voxelle.contracts.tts import SpeechChunk, SpeechRequest, SpeechSynthesizer
from voxelle.domain.errors import VoxelleError
from voxelle.domain.events import Event
from voxelle.kernel.clock import Clock, Randomness
from voxelle.providers.circuit import Circuit, LinkSnapshot, Recovery

log = structlog.get_logger("engine")


class ModelChain(LanguageModel):
    """Primary, secondary, embedded, prepared lines: the first that is good answers."""

    id = "llm_chain"
    title = "The chain of models"

    def __init__(
        self,
        models: Iterable[LanguageModel],
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
        self._circuit: Circuit[LanguageModel] = Circuit(
            "llm", models, clock=clock, randomness=randomness, announce=announce, on_change=self._follow, recovery=recovery
        )
        self._adopt()

    @property
    def serving(self) -> str:
        """Id of the model that takes the next request, or empty."""
        return self._circuit.active_id

    @property
    def links(self) -> tuple[LinkSnapshot, ...]:
        """Every model's standing, in order."""
        return self._circuit.links()

    def arrange(self, models: Iterable[LanguageModel]) -> None:
        """Use other models, or another order, from the next request on. Those left out are not closed."""
        self._circuit.arrange(models)

    def reset(self) -> None:
        """Give every model a new chance; call it when a setting or a key was changed."""
        self._circuit.reset()

    async def open(self) -> None:
        """Open the first model that can be opened."""
        await self._circuit.first(lambda model: model.open())

    async def close(self) -> None:
        """Close all models."""
        await self._circuit.close()

    async def warm(self, request: ChatRequest) -> None:
        """Warm the model in front. One that fails is passed over here, before somebody waits for it."""

        async def warm(model: LanguageModel) -> None:
            await model.open()
            await model.warm(request)

        try:
            await self._circuit.first(warm)
        except VoxelleError as error:
            log.warning("engine.not_warmed", stage="llm", error_kind=type(error).__name__)

    def stream(self, request: ChatRequest) -> AsyncGenerator[TextDelta, None]:
        """Stream a reply. Each model keeps its own limits, so the chain adds none."""
        return self._stream(request)

    def _stream(self, request: ChatRequest) -> AsyncGenerator[TextDelta, None]:
        return self._circuit.stream(lambda model: model.stream(request), must_answer=True)

    def _follow(self) -> None:
        self._adopt()
        self._on_change()

    def _adopt(self) -> None:
        """Be able to do what the model in front can do."""
        active = self._circuit.active
        self.abilities = active.abilities if active is not None else Abilities()


class VoiceChain(SpeechSynthesizer):
    """Primary, embedded, espeak-ng: the first that is good speaks. With none left her words are captions only.

    A voice that fails before its first sound is replaced within the clause. One that fails later raises,
    for two voices in one clause would be heard: the next clause, or the rest of this one given as a new
    request, is spoken by the next voice. `has_next` tells whether there is one.
    """

    id = "tts_chain"
    title = "The chain of voices"

    def __init__(
        self,
        voices: Iterable[SpeechSynthesizer],
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
        self._circuit: Circuit[SpeechSynthesizer] = Circuit(
            "tts", voices, clock=clock, randomness=randomness, announce=announce, on_change=self._follow, recovery=recovery
        )
        self._adopt()

    @property
    def serving(self) -> str:
        """Id of the voice that speaks the next clause, or empty."""
        return self._circuit.active_id

    @property
    def links(self) -> tuple[LinkSnapshot, ...]:
        """Every voice's standing, in order."""
        return self._circuit.links()

    @property
    def has_next(self) -> bool:
        """Whether a clause that broke off can be given again, to a voice that is not known to be broken."""
        return self._circuit.active is not None

    def arrange(self, voices: Iterable[SpeechSynthesizer]) -> None:
        """Use other voices, or another order, from the next clause on. Those left out are not closed."""
        self._circuit.arrange(voices)

    def reset(self) -> None:
        """Give every voice a new chance; call it when a setting or a key was changed."""
        self._circuit.reset()

    async def open(self) -> None:
        """Open the first voice that can be opened."""
        await self._circuit.first(lambda voice: voice.open())

    async def close(self) -> None:
        """Close all voices."""
        await self._circuit.close()

    def synthesize(self, request: SpeechRequest) -> AsyncGenerator[SpeechChunk, None]:
        """Speak a clause. Each voice keeps its own limits, so the chain adds none."""
        return self._synthesize(request)

    def _synthesize(self, request: SpeechRequest) -> AsyncGenerator[SpeechChunk, None]:
        return self._circuit.stream(lambda voice: voice.synthesize(request), must_answer=False)

    def _follow(self) -> None:
        self._adopt()
        self._on_change()

    def _adopt(self) -> None:
        """Be able to do what the voice in front can do."""
        active = self._circuit.active
        self.abilities = active.abilities if active is not None else Abilities()
