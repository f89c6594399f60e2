"""How she hears."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from voxelle.domain.hearing import ListeningMode
from voxelle.settings.part import SettingsPart


class Recognizer(StrEnum):
    """Speech recognisers a chain can name."""

    WHISPER = "whisper"
    OPENAI_TRANSCRIPTION = "openai_transcription"


class HearingSettings(SettingsPart):
    """How she hears."""

    is_enabled: bool = Field(False, title="Listen to the microphone", description="Off: the microphone is never opened.")
    mode: ListeningMode = Field(ListeningMode.OPEN, title="When she listens", description="Always, while a key is held, or when named.")
    input_device: str = Field("", max_length=300, title="Microphone", description="Empty is the system's default.")
    open_after_name_s: float = Field(
        30.0, ge=0.0, le=600.0, title="Open after her name (s)", description="After she was named she hears everything for so long."
    )
    chain: tuple[Recognizer, ...] = Field(
        (Recognizer.WHISPER,), title="Recognisers, in order", description="The first that works writes down what is said."
    )
    embedded_pack: str = Field(
        "auto",
        title="Embedded recogniser",
        description="auto takes the larger one if it is installed. stt-base knows many languages, stt-tiny is quicker and knows English.",
        pattern="^(auto|stt-base|stt-tiny)$",
        json_schema_extra={"restart": "engines"},
    )
    language: str = Field(
        "", max_length=5, title="Language", description="Two letters, like en or de. Empty: she finds out.", pattern="^([a-z]{2,3})?$"
    )
    hot_words: tuple[str, ...] = Field(
        (), max_length=100, title="Words to expect", description="Names and words that are often said to her."
    )
    transcription_base_url: str = Field(
        "http://127.0.0.1:8000/v1",
        title="Transcription server address",
        description="A server with the OpenAI transcription interface.",
        pattern=r"^https?://\S+$",
    )
    transcription_model: str = Field("", max_length=200, title="Transcription server model", description="Name of the model there.")
    speech_from: float = Field(
        0.5,
        ge=0.1,
        le=0.95,
        title="Sensitivity",
        description="From this probability on a sound is speech. Lower hears more, and more noise.",
    )
    shortest_wait_s: float = Field(
        0.2, ge=0.1, le=2.0, title="Shortest wait (s)", description="Silence after which she answers when you surely have finished."
    )
    longest_wait_s: float = Field(
        1.4, ge=0.2, le=5.0, title="Longest wait (s)", description="Silence after which she answers when you may not have finished."
    )
    is_interruptible: bool = Field(True, title="Can be interrupted", description="Speaking to her stops her.")
    interrupt_after_s: float = Field(
        0.3,
        ge=0.1,
        le=3.0,
        title="Interrupted after (s)",
        description="So long you have to speak until she stops. Before, she only gets quieter.",
    )
    resume_after_s: float = Field(
        1.5,
        ge=0.3,
        le=10.0,
        title="Goes on after (s)",
        description="If it was a cough or nothing could be understood, she goes on after so long.",
    )
    backchannels: tuple[str, ...] = Field(
        ("mhm", "mm", "hm", "uh huh", "yeah", "yes", "okay", "ok", "right", "wow", "haha", "ja", "aha"),
        max_length=100,
        title="Sounds of agreement",
        description="These do not stop her.",
    )
    cancel_echo: bool = Field(True, title="Cancel echo", description="Her own voice from your loudspeakers is taken out of the microphone.")
    only_me: bool = Field(
        False,
        title="Only me",
        description="Voices that do not sound like the one you recorded on the Sound page do not reach her.",
    )
    suppress_noise: bool = Field(
        False, title="Suppress noise", description="Takes fans and hiss out. Recognition is mostly better without."
    )
    think_ahead: bool = Field(
        True, title="Think ahead", description="She begins to think while you pause, and drops it when you go on. Costs some work."
    )
