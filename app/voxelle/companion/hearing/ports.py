"""What hearing works with, and whom it tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from voxelle.contracts.audio import AudioInput
    from voxelle.contracts.end_of_turn import EndOfTurn
    from voxelle.contracts.speaker import SpeakerRecognizer, VoicePrintStore
    from voxelle.contracts.stt import SpeechRecognizer
    from voxelle.contracts.vad import VoiceActivity
    from voxelle.domain.chat import Author, Decision, Stimulus
    from voxelle.domain.hearing import BargeInState
    from voxelle.kernel.bus import Bus
    from voxelle.kernel.clock import Clock, Ids
    from voxelle.settings.service import SettingsService


@dataclass(frozen=True, slots=True)
class EarPorts:
    """The streamer's microphone, and the engines that all speakers share."""

    microphone: AudioInput
    activity: VoiceActivity
    end_of_turn: EndOfTurn | None
    """None: a pause of middle length is the end."""
    recognizer: SpeechRecognizer
    speaker: SpeakerRecognizer | None = None
    """None: voices can't be told apart."""
    prints: VoicePrintStore | None = None


class Mind(Protocol):
    """Whom what was said reaches: the companion."""

    async def submit(self, stimulus: Stimulus) -> Decision:
        """Take what was said."""
        ...

    async def take_back(self, stimulus_id: str) -> bool:
        """Forget something that was said to her, since it goes on. False if some of an answer was heard already."""
        ...

    async def set_listening(self, is_listening: bool) -> None:  # noqa: FBT001 - the one argument of a switch
        """Somebody begins or ends speaking to her."""
        ...

    def think_ahead(self, stimulus: Stimulus) -> None:
        """Begin to answer what may be all that is said."""
        ...

    def drop_ahead(self) -> None:
        """It was not all."""
        ...

    def names(self) -> tuple[str, ...]:
        """Return the names that she answers to."""
        ...


class Interruption(Protocol):
    """What a voice does to hers."""

    @property
    def state(self) -> BargeInState:
        """What it did last."""
        ...

    def on_frame(self, speech: float, at_s: float) -> None:
        """Take the probability of speech of a frame of somebody who speaks to her."""
        ...

    async def on_text(self, text: str, *, is_final: bool) -> bool:
        """Take what was understood; True if she was interrupted for good with it."""
        ...

    def admit(self, *, is_known: bool) -> None:
        """Say whether the voice that is heard now may silence her; one that is not known only makes her quieter."""
        ...

    def on_silence(self) -> None:
        """The utterance is over."""
        ...

    def close(self) -> None:
        """Follow her no more."""
        ...


@dataclass(frozen=True, slots=True)
class House:
    """Where her ears live."""

    mind: Mind
    barge_in: Interruption
    settings: SettingsService
    bus: Bus
    clock: Clock
    ids: Ids
    streamer: Author
    """Who speaks into the microphone."""
