"""Taking messages back, wherever they are by now: on their way, waiting, being answered, remembered, written down."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from voxelle.companion.retraction import CLEARED_SPAN, TAKEN_BACK, concerns
from voxelle.domain.events import MessagesRetracted

if TYPE_CHECKING:
    from voxelle.companion.happenings import Happenings
    from voxelle.companion.memory import Memory
    from voxelle.companion.retraction import Retractions
    from voxelle.companion.stage import Stage
    from voxelle.companion.triage import Triage
    from voxelle.domain.chat import Retraction, Stimulus
    from voxelle.kernel.clock import Clock


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Knows every place where a message can be."""

    retractions: Retractions
    happenings: Happenings
    triage: Triage
    stage: Stage
    memory: Memory
    clock: Clock

    async def take_back(self, stimulus_id: str) -> bool:
        """Forget something whose author goes on, unless some of the answer was heard; False if so, or if it is gone."""
        is_waiting = self.triage.remove(stimulus_id, self.clock.monotonic(), "it went on")
        return is_waiting or await self.stage.take_back(stimulus_id)

    async def perform(self, retraction: Retraction) -> tuple[MessagesRetracted, list[Stimulus]]:
        """Take messages back. Returns what to announce, and what takes the place of answers that were for others as well."""
        now, now_s = self.clock.now(), self.clock.monotonic()
        since = now - CLEARED_SPAN
        self.retractions.note(retraction, now, now_s)
        remade = self.happenings.retract(retraction)

        def is_concerned(stimulus: Stimulus) -> bool:
            return stimulus.id in remade or concerns(retraction, stimulus, since)

        taken = [*self.triage.retract(is_concerned, now_s, retraction.reason or TAKEN_BACK)]
        # The memory before her mouth: the turn that may begin when she falls silent knows nothing of it any more.
        kept = self.memory.retract(retraction, is_concerned, since)
        if remade:
            joined = replace(retraction, stimulus_ids=tuple(remade), author_id="", is_everything=False)
            self.retractions.note(joined, now, now_s)
            kept += self.memory.retract(joined, is_concerned, since)
        taken += await self.stage.retract(is_concerned)
        left = (remade.get(stimulus_id) for stimulus_id in taken)
        return MessagesRetracted(retraction, tuple(dict.fromkeys([*taken, *kept]))), [each for each in left if each is not None]
