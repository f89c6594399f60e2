"""The tree of settings. Every field has a title, a help text and bounds; the settings page is drawn from it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import Field

from voxelle.settings.hearing import HearingSettings
from voxelle.settings.part import SettingsPart
from voxelle.settings.reactions import ReactionsSettings

SCHEMA_VERSION = 1


class Theme(StrEnum):
    """Colours of the window."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class GeneralSettings(SettingsPart):
    """Who is on stage, and the window."""

    character_id: str = Field("mira", title="Character", description="Who is on stage.", json_schema_extra={"widget": "hidden"})
    greet_on_start: bool = Field(True, title="Greet at the start", description="She says hello when the window opens.")
    theme: Theme = Field(Theme.SYSTEM, title="Theme", description="Light, dark, or as the system is set.")
    text_scale: int = Field(100, ge=80, le=200, title="Text size (%)", description="Size of all text in the window.")
    reduced_motion: bool = Field(False, title="Reduced motion", description="No animations in the window.")


class Engine(StrEnum):
    """Language models a chain can name."""

    LLAMA_CPP = "llama_cpp"
    OPENAI = "openai"
    ANTHROPIC = "anthropic"
    OLLAMA = "ollama"


class LanguageModelSettings(SettingsPart):
    """How she thinks."""

    chain: tuple[Engine, ...] = Field(
        (Engine.LLAMA_CPP,),
        title="Models, in order",
        description="The first that works answers. When all fail she uses her prepared lines.",
    )
    embedded_pack: str = Field(
        "auto",
        title="Embedded model",
        description="auto takes the larger model if it is installed. llm-default (1.5B) or llm-small (0.5B).",
        pattern="^(auto|llm-default|llm-small)$",
        json_schema_extra={"restart": "engines"},
    )
    threads: int = Field(
        0, ge=0, le=32, title="Processor threads", description="0 chooses for this machine.", json_schema_extra={"restart": "engines"}
    )
    low_impact: bool = Field(
        False,
        title="Low impact while gaming",
        description="One thread at low priority: she answers later, your game keeps its frames.",
        json_schema_extra={"restart": "engines"},
    )
    priority: int = Field(
        5,
        ge=0,
        le=19,
        title="Politeness to other programs",
        description="Nice value of the engine: 0 equal rights, 19 only idle time.",
        json_schema_extra={"restart": "engines"},
    )
    context_tokens: int = Field(
        4096,
        ge=1024,
        le=32768,
        title="Context (tokens)",
        description="How much she can keep in mind at once.",
        json_schema_extra={"restart": "engines"},
    )
    max_reply_tokens: int = Field(
        120, ge=16, le=600, title="Longest reply (tokens)", description="A reply is cut off after this many tokens."
    )
    temperature: float = Field(0.8, ge=0.0, le=2.0, title="Temperature", description="Low is predictable, high is surprising.")
    openai_base_url: str = Field(
        "https://api.openai.com/v1",
        title="OpenAI-compatible address",
        description="Any server that speaks this protocol: LM Studio, llama.cpp, vLLM, a cloud …",
        pattern=r"^https?://\S+$",
    )
    openai_model: str = Field("", max_length=200, title="OpenAI-compatible model", description="Name of the model at that address.")
    anthropic_base_url: str = Field(
        "https://api.anthropic.com", title="Anthropic address", description="Public default.", pattern=r"^https?://\S+$"
    )
    anthropic_model: str = Field("", max_length=200, title="Anthropic model", description="Name of the model.")
    ollama_base_url: str = Field(
        "http://127.0.0.1:11434", title="Ollama address", description="Where Ollama listens.", pattern=r"^https?://\S+$"
    )
    ollama_model: str = Field("", max_length=200, title="Ollama model", description="A model that Ollama has pulled.")


class Voice(StrEnum):
    """Voices a chain can name."""

    HIBARI = "hibari"
    KOKORO = "kokoro"
    OPENAI_SPEECH = "openai_speech"
    ESPEAK = "espeak"


class VoiceSettings(SettingsPart):
    """How she speaks."""

    chain: tuple[Voice, ...] = Field(
        (Voice.HIBARI, Voice.ESPEAK),
        title="Voices, in order",
        description="The first that works speaks. When all fail her words are captions only.",
    )
    volume: float = Field(0.9, ge=0.0, le=1.0, title="Volume", description="Loudness of her voice.")
    is_muted: bool = Field(False, title="Muted", description="Her words are captions only.")
    output_device: str = Field(
        "", max_length=300, title="Output device", description="Empty is the system's default.", json_schema_extra={"restart": "sound"}
    )
    further_outputs: tuple[str, ...] = Field(
        (),
        max_length=3,
        title="Further outputs",
        description="Devices that her voice goes to as well: a virtual device for OBS, your headphones.",
        json_schema_extra={"restart": "sound"},
    )
    speed: float = Field(1.0, ge=0.5, le=2.0, title="Speaking rate", description="Factor on every character's own rate.")
    speech_base_url: str = Field(
        "http://127.0.0.1:8880/v1",
        title="Speech server address",
        description="A server with the OpenAI speech interface.",
        pattern=r"^https?://\S+$",
    )
    speech_model: str = Field("", max_length=200, title="Speech server model", description="Name of the model there.")
    speech_voice: str = Field("", max_length=200, title="Speech server voice", description="Name of the voice there.")


class TurnSettings(SettingsPart):
    """When she answers."""

    answer_chat: bool = Field(True, title="Answer chat", description="Off: she answers only you.")
    answer_all: bool = Field(
        True, title="Any line", description="Any line of the chat may be answered. Off: only what one of the next switches lets through."
    )
    answer_mentions: bool = Field(True, title="Mentions", description="Lines with her name.")
    answer_keywords: tuple[str, ...] = Field((), max_length=100, title="Keywords", description="Lines with one of these words.")
    answer_questions: bool = Field(False, title="Questions", description="Lines that ask something.")
    answer_highlighted: bool = Field(True, title="Highlighted", description="Lines that a viewer paid to have stand out.")
    answer_bits_from: int = Field(
        1, ge=0, le=1_000_000, title="Bits from", description="Lines with at least so many bits. 0: bits do not matter."
    )
    answer_first_time: bool = Field(
        True, title="First-time chatters", description="Whoever writes here for the first time, where the platform says so."
    )
    only_supporters: bool = Field(
        False, title="Supporters only", description="Only subscribers, VIPs, moderators and you are answered at all."
    )
    answer_shared_chat: bool = Field(False, title="Shared chat", description="Lines from another channel's chat are answered as well.")
    chat_cooldown_s: float = Field(
        2.0, ge=0.0, le=600.0, title="Pause between answers (s)", description="Silence between two answers to chat."
    )
    viewer_cooldown_s: float = Field(
        20.0, ge=0.0, le=3600.0, title="Pause for each viewer (s)", description="How soon she answers the same viewer again."
    )
    queue_limit: int = Field(30, ge=1, le=500, title="Longest queue", description="When more wait, the least urgent are dropped.")
    max_wait_s: float = Field(
        90.0, ge=5.0, le=3600.0, title="Longest wait (s)", description="Chat older than this is not answered any more."
    )
    history_turns: int = Field(
        12, ge=0, le=100, title="Turns to keep in mind", description="How much of the conversation goes into the prompt."
    )


class SafetySettings(SettingsPart):
    """What she never says."""

    blocked_words: tuple[str, ...] = Field((), title="Blocked words", description="Never said, in any spelling.")
    allowed_words: tuple[str, ...] = Field((), title="Allowed words", description="Exceptions to the built-in list.")
    private_words: tuple[str, ...] = Field((), title="Private words", description="Your real name, street, school: never said.")
    block_links: bool = Field(True, title="No links", description="Links are never spoken.")
    replacement: str = Field(
        "", max_length=200, title="Said instead", description="Spoken when a whole reply was held back. Empty: nothing."
    )


class StorageSettings(SettingsPart):
    """Where the conversation is kept."""

    database_url: str = Field(
        "",
        max_length=500,
        title="Database",
        description="Empty: a SQLite file in the data folder. Or a postgresql+psycopg:// address.",
        json_schema_extra={"restart": "app", "secret": True},
    )


class LogSettings(SettingsPart):
    """What is written down for troubleshooting."""

    level: str = Field("info", pattern="^(debug|info|warning|error)$", title="Log level", description="How much goes into the log file.")


class Settings(SettingsPart):
    """The whole tree. Parts of integrations are kept as they are, even while not installed."""

    schema_version: int = Field(SCHEMA_VERSION, json_schema_extra={"widget": "hidden"})
    general: GeneralSettings = Field(GeneralSettings(), title="General")
    language_model: LanguageModelSettings = Field(LanguageModelSettings(), title="Thinking")
    voice: VoiceSettings = Field(VoiceSettings(), title="Voice")
    hearing: HearingSettings = Field(HearingSettings(), title="Hearing")
    turn: TurnSettings = Field(TurnSettings(), title="Answering")
    reactions: ReactionsSettings = Field(ReactionsSettings(), title="Reactions")
    safety: SafetySettings = Field(SafetySettings(), title="Safety")
    storage: StorageSettings = Field(StorageSettings(), title="Storage")
    logs: LogSettings = Field(LogSettings(), title="Logs")
    integrations: dict[str, dict[str, Any]] = Field(default_factory=dict, title="Connections", json_schema_extra={"widget": "hidden"})
