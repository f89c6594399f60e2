"""What a turn is about: a prompt for the model, or words that are already written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voxelle.companion.prompt import Prompt, PromptWriter, addressed_viewer, prompt_line
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


def script_for(item: QueueItem, writer: PromptWriter, history: Sequence[TurnRecord], replacement: str) -> Script:
    """Return what the answer to something that waited is made of."""
    stimulus = item.stimulus
    if stimulus.kind is StimulusKind.GREETING:
        return Script(_GREETING_LINE, written=f"[{Emotion.JOY}] {stimulus.text}")
    line = prompt_line(item)
    if stimulus.is_verbatim:
        return Script(line, written=stimulus.cue, is_spoken=stimulus.is_spoken)
    prompt = writer.write(line, addressed_viewer(stimulus), history)
    return Script(line, prompt, replacement=replacement, is_spoken=stimulus.is_spoken)
