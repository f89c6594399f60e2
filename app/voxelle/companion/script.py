"""What a turn is about: a prompt for the model, or words that are already written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from voxelle.companion.prompt import Prompt, PromptWriter, addressed_viewer, after_interruption, prompt_line
from voxelle.domain.avatar import Emotion
from voxelle.domain.chat import StimulusKind
from voxelle.domain.persona import VoiceDesign

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voxelle.domain.chat import QueueItem
    from voxelle.domain.speech import TurnRecord

_GREETING_LINE = "(You go live and say hello.)"


@dataclass(frozen=True, slots=True)
class Script:
    """What one turn is about."""

    line: str
    prompt: Prompt | None = None
    written: str = ""
    design: VoiceDesign | None = None
    """How she sounds in this turn; None: as the character does."""
    replacement: str = ""
    """Said when the gate held everything back."""
    is_spoken: bool = True
    """False: it is written and not said."""

    def is_like(self, other: Script) -> bool:
        """Whether both differ in nothing but the words of the line that is answered."""
        return self._but_words() == other._but_words()

    def _but_words(self) -> Script:
        if self.prompt is None:
            return replace(self, line="")
        request = replace(self.prompt.request, messages=self.prompt.request.messages[:-1])
        return replace(self, line="", prompt=replace(self.prompt, request=request, tokens={}))


def script_for(item: QueueItem, writer: PromptWriter, history: Sequence[TurnRecord], most_turns: int, replacement: str) -> Script:
    """Return what the answer to something that waited is made of; at most so many turns of the history are kept in mind."""
    stimulus = item.stimulus
    if stimulus.kind is StimulusKind.GREETING:
        return Script(_GREETING_LINE, written=f"[{Emotion.JOY}] {stimulus.text}")
    line = prompt_line(item)
    if stimulus.is_verbatim:
        return Script(line, written=stimulus.cue, is_spoken=stimulus.is_spoken)
    line = after_interruption(line, history)
    prompt = writer.write(line, addressed_viewer(stimulus), history, most_turns)
    return Script(line, prompt, replacement=replacement, is_spoken=stimulus.is_spoken)
