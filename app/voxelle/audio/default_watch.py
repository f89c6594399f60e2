"""Notices when the system's default output becomes another device."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

EVERY_S: Final = 10.0


class DefaultWatch:
    """Asks now and then in a thread of its own, for the answer may take long; tells the first name and every other one after it."""

    def __init__(self, ask: Callable[[], str], tell: Callable[[str], None], every_s: float = EVERY_S) -> None:
        self._ask = ask
        self._tell = tell
        self._every_s = every_s
        self._known = ""
        self._is_over = False
        self._woken = threading.Event()
        self._thread = threading.Thread(target=self._run, name="default", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def look(self) -> None:
        """Ask now: this is a good moment to move."""
        self._woken.set()

    def close(self) -> None:
        """Ask no more."""
        self._is_over = True
        self._woken.set()

    def _run(self) -> None:
        # Where the first answer is that nothing can be known, none will be better.
        while (name := self._ask()) or self._known:
            if name and name != self._known:
                self._known = name
                self._tell(name)
            self._woken.wait(self._every_s)
            self._woken.clear()
            if self._is_over:
                return
