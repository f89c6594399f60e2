"""Long waits that notice when the computer slept, or when its date was set anew."""

from __future__ import annotations

from typing import Final

from voxelle.kernel.clock import Clock

STEP_S: Final = 15.0
"""How often the clock is looked at."""
JUMP_S: Final = 45.0


async def doze(clock: Clock, seconds: float) -> bool:
    """Wait, or less if the clock jumped, and return whether it did.

    While a computer sleeps its monotonic clock stands still on Linux and macOS and goes on under Windows; the date always
    goes on. So both are looked at: a step that took far too long, or a date that ran away from it.
    """
    left = seconds
    while left > 0:
        step = min(STEP_S, left)
        began, began_at = clock.monotonic(), clock.now()
        await clock.sleep(step)
        passed, passed_by_date = clock.monotonic() - began, (clock.now() - began_at).total_seconds()
        if passed - step > JUMP_S or abs(passed_by_date - passed) > JUMP_S:
            return True
        left -= step
    return False
