"""Thinking ahead: she begins to answer what somebody seems to have said before it is certain that it was all.

What she begins is a draft on the stage: nobody notices it, and it becomes her turn only if what was said in the end means
the same. Otherwise it is forgotten, with all that was made for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voxelle.companion.hearing.tails import is_open_ended
from voxelle.companion.sameness import means_same, spoken_words
from voxelle.companion.triage import Picked, with_clean_text
from voxelle.domain.chat import QueueItem, Stimulus, StimulusKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from voxelle.companion.script import Script
    from voxelle.companion.stage import Stage
    from voxelle.domain.persona import Character
    from voxelle.kernel.clock import Clock
    from voxelle.kernel.tasks import TaskScope

MOST_STARTS = 3
"""So often she begins to answer one utterance at once: every start is work for the engines."""
MORE_AFTER_S = 1.0
"""One more start for so much of an utterance: who pauses and goes on again and again would find her unprepared in the end."""
FEWEST_WORDS = 2
"""One word alone is mostly the beginning of more, or a sound of agreement."""


class Ahead:
    """Begins drafts for what is understood while somebody still speaks. All methods belong to the show loop."""

    def __init__(
        self,
        stage: Stage,
        rehearse: Callable[[QueueItem], tuple[Script, Character]],
        is_on: Callable[[], bool],
        clock: Clock,
        scope: TaskScope,
    ) -> None:
        self._stage = stage
        self._rehearse = rehearse
        self._is_on = is_on
        self._clock = clock
        self._scope = scope
        self._utterance = ""
        self._since_s = 0.0
        """When the utterance was first thought about."""
        self._starts = 0
        self._wanted: Stimulus | None = None
        """What is to be begun as soon as the stage is free: she was interrupted with it."""
        self._is_waiting = False

    def think(self, stimulus: Stimulus) -> None:
        """Begin to answer what is understood so far, or go on if it means what she has begun to answer.

        `stimulus` is as it would be submitted if this were all; its text, and its utterance's id, tell what belongs together.
        """
        stimulus = with_clean_text(stimulus)
        if not self._is_on() or stimulus.kind is not StimulusKind.VOICE or not (stimulus.is_spoken and stimulus.is_answerable):
            return
        utterance = stimulus.utterance.id if stimulus.utterance is not None else stimulus.id
        if utterance != self._utterance:
            self._utterance, self._since_s, self._starts = utterance, self._clock.monotonic(), 0
        draft = self._stage.draft
        if draft is not None and draft.author == stimulus.author and means_same(draft.text, stimulus.text):
            return
        self.drop()
        language = stimulus.utterance.language if stimulus.utterance is not None else ""
        is_worth_it = len(spoken_words(stimulus.text)) >= FEWEST_WORDS and not is_open_ended(stimulus.text, language)
        most = MOST_STARTS + int((self._clock.monotonic() - self._since_s) / MORE_AFTER_S)
        if not is_worth_it or self._starts >= most:
            return
        if self._stage.free.locked():
            self._wanted = stimulus
            self._wait_for_stage()
        else:
            self._begin(stimulus)

    def drop(self) -> None:
        """Forget what was begun: the speaker goes on."""
        self._wanted = None
        self._stage.drop_draft()

    def _begin(self, stimulus: Stimulus) -> None:
        self._starts += 1
        item = QueueItem(stimulus, 0.0, ())
        script, character = self._rehearse(item)
        self._stage.prepare(Picked(item, self._clock.monotonic()), script, character)

    def _wait_for_stage(self) -> None:
        if not self._is_waiting:
            self._is_waiting = True
            self._scope.start(self._begin_when_free(), name="think ahead")

    async def _begin_when_free(self) -> None:
        try:
            async with self._stage.free:
                # Nobody else gets on stage between this and the end of the errand.
                wanted, self._wanted = self._wanted, None
            if wanted is not None:
                self._begin(wanted)
        finally:
            self._is_waiting = False
