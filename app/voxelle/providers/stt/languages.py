"""Which language is being spoken: one short sentence tells little, those before it tell more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_NEW: Final = 0.05
"""What a language counts that was not spoken so far, of what one counts that always was: enough for a sentence that is sure."""
_KEPT: Final = 0.8
"""What a sentence counts when the next one is spoken."""
_LONGEST_S: Final = 5.0


class SpokenLanguages:
    """Remembers what was spoken lately."""

    def __init__(self) -> None:
        self._weights: dict[str, float] = {}

    def likeliest(self, probabilities: Mapping[str, float]) -> str:
        """Return the language that fits both to a sound, by its probabilities, and to what was spoken before."""
        total = sum(self._weights.values())

        def fit(language: str) -> float:
            share = self._weights.get(language, 0.0) / total if total else 0.0
            return probabilities[language] * (_NEW + share)

        return max(probabilities, key=fit)

    def note(self, probabilities: Mapping[str, float], seconds: float) -> None:
        """Remember a sentence that was spoken; a long one counts more, and one without probabilities nothing."""
        if not probabilities:
            return
        weight = min(seconds, _LONGEST_S)
        for language in {*self._weights, *probabilities}:
            self._weights[language] = self._weights.get(language, 0.0) * _KEPT + probabilities.get(language, 0.0) * weight
