"""What a test makes go wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tests.fakes.vtube_studio.errors import Refusal
from tests.fakes.vtube_studio.session import Request


@dataclass(slots=True)
class Faults:
    """Trouble to come. Errors that are made here count as no violation."""

    delay_s: float = 0.0
    """Replies come so much later."""
    is_silent: bool = False
    """No broadcast is heard, as behind a firewall."""
    _errors: dict[str, list[int]] = field(default_factory=dict)
    _swallowed: Counter[str] = field(default_factory=Counter)

    def fail_next(self, kind: str, error_id: int, times: int = 1) -> None:
        """Answer the next requests of a type with an error."""
        self._errors.setdefault(kind, []).extend([int(error_id)] * times)

    def swallow_next(self, kind: str, times: int = 1) -> None:
        """Never answer the next requests of a type."""
        self._swallowed[kind] += times

    def clear(self) -> None:
        """Let all go well again."""
        self.delay_s, self.is_silent = 0.0, False
        self._errors.clear()
        self._swallowed.clear()

    def swallows(self, request: Request) -> bool:
        """Tell whether this one is not answered."""
        if not self._swallowed[request.kind]:
            return False
        self._swallowed[request.kind] -= 1
        return True

    def strike(self, request: Request) -> None:
        """Raise what was ordered for this request."""
        if waiting := self._errors.get(request.kind):
            raise Refusal(waiting.pop(0), "Made to fail.")
