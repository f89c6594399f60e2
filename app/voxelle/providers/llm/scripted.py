"""A model that only recites: for rehearsals on machines without weights, and for benches. It understands nothing."""

from __future__ import annotations

import random
import re
from collections.abc import AsyncGenerator, Sequence
from typing import Final

from voxelle.contracts.llm import ChatRequest, LanguageModel, TextDelta
from voxelle.contracts.provider import Abilities, Limits
from voxelle.kernel.clock import Clock

_TOKEN: Final = re.compile(r"\s*\w{1,6}|\s*[^\w\s]|\s+")
_OPENERS: Final = ("Oh", "Right", "Well", "Honestly", "Okay", "Hm", "See", "Look")
_SUBJECTS: Final = ("that cave", "the lantern", "chat", "my left boot", "this map", "the captain", "that door", "the moth")
_VERBS: Final = ("knows", "likes", "remembers", "deserves", "is hiding", "has earned", "is looking for", "keeps")
_OBJECTS: Final = ("a second chance", "better lighting", "a small song", "the long way round", "one more try", "some peace", "a plan")
_ENDS: Final = (".", ".", "!", ", and so do I.", ", I think.", ", obviously!")
_MOST_SENTENCES: Final = 4


class ScriptedModel(LanguageModel):
    """Streams given replies in turn, or sentences put together by chance, with exact delays on the injected clock.

    The same seed gives the same replies in the same order; a request with a seed of its own always gets the same one.
    """

    id = "scripted"
    title = "Scripted replies"

    def __init__(
        self,
        clock: Clock,
        *,
        replies: Sequence[str] = (),
        first_token_s: float = 0.2,
        per_token_s: float = 0.02,
        seed: int = 0,
        limits: Limits | None = None,
    ) -> None:
        super().__init__(clock, limits)
        self.abilities = Abilities(streaming=True, offline=True, grammar=not replies)
        self.first_token_s = first_token_s
        self.per_token_s = per_token_s
        self._replies = tuple(replies)
        self._seed = seed
        self._count = 0

    async def open(self) -> None:
        """Nothing is loaded."""

    async def close(self) -> None:
        """Nothing is held."""

    async def _stream(self, request: ChatRequest) -> AsyncGenerator[TextDelta, None]:
        delay = self.first_token_s
        for token in tokens(self._next(request))[: request.max_tokens]:
            await self._clock.sleep(delay)
            delay = self.per_token_s
            yield TextDelta(token)

    def _next(self, request: ChatRequest) -> str:
        number, self._count = self._count, self._count + 1
        if self._replies:
            return self._replies[number % len(self._replies)]
        chance = random.Random(f"{self._seed}:{number if request.seed is None else f'request {request.seed}'}")
        tag = f"[{chance.choice(request.emotion_tags).strip('[]')}] " if request.emotion_tags else ""
        return tag + " ".join(sentence(chance) for _ in range(chance.randint(1, _MOST_SENTENCES)))


def tokens(text: str) -> list[str]:
    """Cut a text into pieces of the size a model writes; joined they are the text again."""
    return _TOKEN.findall(text)


def sentence(chance: random.Random) -> str:
    """Put one sentence together."""
    opener, subject, verb = (chance.choice(words) for words in (_OPENERS, _SUBJECTS, _VERBS))
    return f"{opener}, {subject} {verb} {chance.choice(_OBJECTS)}{chance.choice(_ENDS)}"
