"""What she hears: who speaks, when, and what of it counts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ListeningMode(StrEnum):
    """When what is said reaches her."""

    OPEN = "open"
    """Always."""
    PUSH_TO_TALK = "push_to_talk"
    """While a key is held."""
    TOGGLE = "toggle"
    """Between two presses of a key."""
    WAKE_NAME = "wake_name"
    """When her name is said, and for a while after it."""


class EarState(StrEnum):
    """What her ears are doing."""

    OFF = "off"
    """She does not listen: the streamer has not switched it on."""
    DEAF = "deaf"
    """Hard mute: the microphone is released, nothing is heard."""
    LOST = "lost"
    """There is no microphone, or it may not be used."""
    STARTING = "starting"
    CLOSED = "closed"
    """She hears nothing until the key is pressed."""
    WAITING = "waiting"
    """She waits for her name; what else is said does not reach her."""
    LISTENING = "listening"
    """Whoever speaks now is heard."""
    HEARING = "hearing"
    """Somebody is speaking to her."""
    RECOGNISING = "recognising"
    """Somebody stopped speaking, and what was said is being understood."""


class BargeInState(StrEnum):
    """What somebody's voice did to hers."""

    NONE = "none"
    DUCKED = "ducked"
    """She speaks more quietly: somebody made a sound."""
    PAUSED = "paused"
    """She stopped, and may go on if it was nothing."""
    INTERRUPTED = "interrupted"
    """She was cut off for good; she listens."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """Something that was said to her, with its times in seconds of the show's clock."""

    id: str
    began_s: float
    ended_s: float
    """The last speech of it was at the microphone."""
    endpointed_s: float
    """It was decided that the speaker had finished."""
    recognised_s: float
    """Its text was known."""
    language: str = ""
    log_probability: float = 0.0
    is_interrupting: bool = False
    """It was said while she was speaking."""


@dataclass(frozen=True, slots=True)
class HearingSnapshot:
    """All that a face shows of her ears."""

    state: EarState = EarState.OFF
    mode: ListeningMode = ListeningMode.OPEN
    is_deaf: bool = False
    is_key_down: bool = False
    barge_in: BargeInState = BargeInState.NONE
    speaker: str = ""
    """Name of who is speaking, while somebody is."""
    interim: str = ""
    """What was understood so far of what is being said."""
    sentence: str = ""
    """Where she hears from, or why she does not, for the streamer."""
    overruns: int = 0
    """How often the microphone lost samples since it was opened."""
    open_for_s: float = 0.0
    """In mode WAKE_NAME: so long she stays open after the last word to her, 0 while she waits for her name."""
