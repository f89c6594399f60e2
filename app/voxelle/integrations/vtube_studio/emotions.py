"""From the emotion of a clause to the model, at the moment the clause is heard."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from voxelle.domain.avatar import Emotion, EmotionCue, Feeling
from voxelle.domain.events import ClauseHeard
from voxelle.integrations.vtube_studio.held import HeldDeeds, Slot
from voxelle.integrations.vtube_studio.mapping import Choice, Memory, choose
from voxelle.integrations.vtube_studio.model import Model
from voxelle.integrations.vtube_studio.poses import Mood
from voxelle.integrations.vtube_studio.settings import EmotionRow, ModelMapping, VTubeStudioSettings
from voxelle.integrations.vtube_studio.suggestions import mapping_of, suggest
from voxelle.integrations.vtube_studio.writer import OnOutcome, Outcome
from voxelle.kernel.clock import Clock, Randomness

log = structlog.get_logger("app")


class Director:
    """Decides for every heard clause, and says what came of it."""

    def __init__(
        self,
        settings: Callable[[], VTubeStudioSettings],
        clock: Clock,
        randomness: Randomness,
        held: HeldDeeds,
        mood: Mood,
        on_cue: Callable[[EmotionCue], None],
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._randomness = randomness
        self._held = held
        self._mood = mood
        self._on_cue = on_cue
        self._model = Model()
        self._suggested: ModelMapping | None = None
        self._memory = Memory()
        self._row: EmotionRow | None = None

    @property
    def mapping(self) -> ModelMapping:
        """What serves now: the streamer's own mapping of this model, or what its names suggest."""
        saved = mapping_of(self._settings(), self._model)
        if saved is None and self._suggested is None:
            self._suggested = suggest(self._model)
        return saved or self._suggested or ModelMapping()

    def use_model(self, model: Model) -> None:
        """Let the mapping of this model serve."""
        if model.id != self._model.id:
            self._memory = Memory()
            self._row = None
        self._model = model
        self._suggested = None

    def on_clause(self, event: ClauseHeard) -> None:
        """Show what is felt in a clause that begins to sound."""
        if not self._settings().shows_emotions:
            return
        feeling = event.clause.feeling
        now = self._clock.monotonic()
        self._mood.feel(feeling, now)
        if not self._model.id:
            self._cue(feeling, Choice("nothing: no model is loaded"))(Outcome.FAILED, "")
            return
        choice = choose(self.mapping, self._model, feeling, now, self._memory, self._randomness)
        cue = self._cue(feeling, choice)
        if choice.row is not None and choice.target is not None:
            self._show(choice.row, choice, feeling, cue)
            return
        if choice.row is not None and choice.row is self._row and choice.row.hold_s > 0:
            # It is felt still: what is shown stays.
            self._held.extend(Slot.EMOTION, choice.row.hold_s)
        elif feeling.emotion is Emotion.NEUTRAL:
            self._held.end_open(Slot.EMOTION)
        cue(Outcome.FAILED, "")

    def _show(self, row: EmotionRow, choice: Choice, feeling: Feeling, cue: OnOutcome) -> None:
        if choice.target is None:
            return
        self._row = row
        if row.returns:
            self._held.begin(Slot.EMOTION, choice.target, row.hold_s or None, intensity=feeling.intensity, on_outcome=cue)
        else:
            self._held.just_do(choice.target, on_outcome=cue)
            self._held.end(Slot.EMOTION)

    def _cue(self, feeling: Feeling, choice: Choice) -> OnOutcome:
        """Return what tells the timeline, once, what became of a clause."""
        at = self._clock.now()

        def tell(outcome: Outcome, _sentence: str) -> None:
            words = choice.words
            is_done = outcome in (Outcome.DONE, Outcome.WAS_SO)
            if outcome is Outcome.WAS_SO:
                words = f"{words}: on already"
            elif choice.target is not None and not is_done:
                words = f"{words}: {_WHY[outcome]}"
            log.info("vtube_studio.emotion_shown", emotion=feeling.emotion.value, is_done=is_done)
            self._on_cue(EmotionCue(at, feeling.emotion, feeling.intensity, words, is_done))

        return tell


_WHY = {Outcome.FAILED: "refused", Outcome.OUTDATED: "a newer one came", Outcome.LOST: "the line dropped"}
