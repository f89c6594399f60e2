"""An utterance on its way: from its first voiced frame until it reached her or was dropped."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from voxelle.contracts.stt import Transcript


@dataclass(slots=True, eq=False)
class Heard:
    """Times are in seconds of the show's clock."""

    id: str
    began_s: float
    is_following: bool = False
    """It goes on where one was too long."""
    is_to_her: bool = False
    is_stranger: bool = False
    """It is not the streamer's voice, as far as is known by now."""
    compared_s: float = 0.0
    """So much voice of it was compared last."""
    is_interrupting: bool = False
    """She was speaking meanwhile."""
    is_between: bool = False
    """She was speaking, or about to answer what somebody said."""
    before: str = ""
    """What was said before it and is answered together with it."""
    before_began_s: float = inf
    """When that began."""
    interim: str = ""
    """What was understood so far."""
    next_interim_s: float = 0.0
    spoke_until_s: float = 0.0
    voiced_s: float = 0.0
    endpointed_s: float = 0.0
    recognised_s: float = 0.0
    goes_on: bool = False
    """It was too long: the next one belongs to it."""
    reason: str = ""
    """Why it does not reach her, known before it was understood."""
    samples: npt.NDArray[np.float32] | None = None
    """What was to be understood in the end."""
    regained_s: float = 0.0
    """So much voice of it was not understood at first."""
    recognition: asyncio.Task[Transcript | None] | None = None
    """Understands all of it, if nothing more is said."""
    guessing: asyncio.Task[None] | None = None
    """Understands what there is of it while it goes on."""
    judging: asyncio.Task[None] | None = None
    """Asks whether it is over."""
    previous: Heard | None = None
    """The utterance before it, as long as it may be answered together with that."""
    comparing: asyncio.Task[None] | None = None
    """Asks whose voice it is, while it goes on."""
    taking_back: asyncio.Task[None] | None = None
    """Asks whether what was said before can be answered together with it."""
    concluded: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def all_began_s(self) -> float:
        """When it began, with what is answered together with it."""
        return min(self.began_s, self.before_began_s)

    def forget_pause(self) -> None:
        """It goes on: what was asked in the pause is of no use."""
        for task in (self.recognition, self.judging, self.guessing):
            if task is not None:
                task.cancel()
        self.recognition = self.judging = self.guessing = None
