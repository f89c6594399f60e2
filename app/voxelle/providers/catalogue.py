"""Builds the engines of a show from its settings: ears, a chain of models, a chain of voices, the classifier and the room."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path

from voxelle.contracts.emotion import EmotionClassifier
from voxelle.contracts.end_of_turn import EndOfTurn
from voxelle.contracts.llm import LanguageModel
from voxelle.contracts.provider import Limits
from voxelle.contracts.speaker import SpeakerRecognizer
from voxelle.contracts.stt import SpeechRecognizer
from voxelle.contracts.tts import SpeechSynthesizer
from voxelle.contracts.vad import VoiceActivity
from voxelle.domain.errors import VoxelleError
from voxelle.domain.events import SettingsChanged
from voxelle.kernel.bus import Bus
from voxelle.kernel.clock import Clock, Randomness
from voxelle.kernel.packs import PackStore
from voxelle.providers.chain import ModelChain, VoiceChain
from voxelle.providers.embedding.minilm import MiniLm, minilm_spec
from voxelle.providers.emotion.minilm import MiniLmEmotion
from voxelle.providers.hearing import HearingEngines
from voxelle.providers.llm.anthropic import AnthropicModel
from voxelle.providers.llm.llama_cpp import DEFAULT_PACK, SMALL_PACK, LlamaCpp, choose_pack, llama_cpp_spec
from voxelle.providers.llm.ollama import OllamaModel
from voxelle.providers.llm.openai import OpenAiModel
from voxelle.providers.llm.prepared import PreparedLines
from voxelle.providers.llm.scripted import ScriptedModel
from voxelle.providers.process import EmbeddedProcess, EngineSpec
from voxelle.providers.remote import KeyGetter, RemoteServer
from voxelle.providers.room import Engines, Entry
from voxelle.providers.stt.whisper import BASE_PACK, TINY_PACK
from voxelle.providers.tts.espeak import Espeak
from voxelle.providers.tts.hibari import Hibari, hibari_spec
from voxelle.providers.tts.kokoro import PACK as KOKORO_PACK
from voxelle.providers.tts.kokoro import Kokoro, kokoro_spec
from voxelle.providers.tts.openai_speech import OpenAiSpeech
from voxelle.providers.tts.tone import ToneVoice
from voxelle.settings.schema import Engine, Settings, Voice

MINILM_PACK = "minilm"
_REMOTE = Limits(first_item_s=10.0, between_items_s=10.0, attempts=1)
"""A server that hangs is left for the next engine of the chain: nobody waits twice for it."""
_RECOGNIZER_PACKS = {"default": BASE_PACK, "small": TINY_PACK}
_RELOADING = ("embedded_pack", "threads", "low_impact", "priority", "context_tokens")


class EngineSet(StrEnum):
    """Which engines a show works with."""

    SETTINGS = "settings"
    """As the streamer set them."""
    DEFAULT = "default"
    """Embedded, with the larger model."""
    SMALL = "small"
    """Embedded, with the small model."""
    STUB = "stub"
    """Scripted replies and a humming voice: no weights, for rehearsals of the road itself."""


@dataclass(frozen=True, slots=True)
class CataloguePorts:
    """What the engines need of the house."""

    settings: Callable[[], Settings]
    key_of: Callable[[str], KeyGetter]
    """Fetches a key from the keyring by its name: `openai`, `anthropic`, `speech`, `transcription`."""
    lines: Callable[[], Sequence[str]]
    """The prepared lines of the character on stage."""
    packs: PackStore
    emotion_head: Path
    bus: Bus
    clock: Clock
    randomness: Randomness


class Catalogue:
    """All engines of one show. Lives on the show loop; `close` ends their processes."""

    model: ModelChain
    voice: VoiceChain
    classifier: EmotionClassifier | None
    activity: VoiceActivity
    end_of_turn: EndOfTurn | None
    speaker: SpeakerRecognizer
    recognizer: SpeechRecognizer
    room: Engines

    def __init__(self, ports: CataloguePorts, engine_set: EngineSet = EngineSet.SETTINGS) -> None:
        self._ports = ports
        self._set = engine_set
        self._applying = asyncio.Lock()
        self._prepared = PreparedLines(ports.clock, ports.randomness, ports.lines)
        self._hearing = HearingEngines(
            ports.settings,
            ports.packs,
            key_of=ports.key_of,
            bus=ports.bus,
            clock=ports.clock,
            randomness=ports.randomness,
            fixed_pack=_RECOGNIZER_PACKS.get(engine_set, ""),
        )
        self.activity, self.end_of_turn, self.recognizer = self._hearing.activity, self._hearing.end_of_turn, self._hearing.recognizer
        self.speaker = self._hearing.speaker
        entries = self._stubs() if engine_set is EngineSet.STUB else [*self._hearing.entries, *self._engines()]
        self._entries = {entry.provider.id: entry for entry in entries}
        self.classifier = next((entry.provider for entry in entries if isinstance(entry.provider, EmotionClassifier)), None)
        clock, chance, announce = ports.clock, ports.randomness, ports.bus.announce
        self.model = ModelChain(self._models(), clock=clock, randomness=chance, announce=announce)
        self.voice = VoiceChain(self._voices(), clock=clock, randomness=chance, announce=announce)
        self.room = Engines(entries, ports.packs, ports.bus)
        self._unsubscribe = ports.bus.subscribe(SettingsChanged, self._on_settings)

    async def reload_embedded(self) -> bool:
        """Load the embedded model anew, with the settings as they are now; False if it is not loaded."""
        process = self._entries[LlamaCpp.id].process if LlamaCpp.id in self._entries else None
        if process is None or process.snapshot.pid is None:
            return False
        await self.room.unload(LlamaCpp.id)
        await self.room.load(LlamaCpp.id)
        return True

    async def apply_hearing(self) -> None:
        """Load the engines that hear if she listens, free them if she does not, and load anew what was set otherwise.

        All are tried; raises the first VoxelleError then.
        """
        if self._set is EngineSet.STUB:
            return
        failures: list[VoxelleError] = []
        async with self._applying:
            for engine_id in self._hearing.outdated:
                await self.room.unload(engine_id)
            for engine_id in self._hearing.wanted:
                try:
                    await self.room.load(engine_id)
                except VoxelleError as error:
                    failures.append(error)
        if failures:
            raise failures[0]

    @staticmethod
    def touches_hearing(event: SettingsChanged) -> bool:
        """Whether a change of settings asks for `apply_hearing`."""
        return HearingEngines.needs_loading(event)

    @staticmethod
    def needs_reload(event: SettingsChanged) -> bool:
        """Whether a change of settings touches how the embedded model is loaded."""
        return any(path.removeprefix("language_model.") in _RELOADING for path in event.paths)

    def pid(self, engine_id: str) -> int | None:
        """Return the process id of an embedded engine that runs, None otherwise."""
        process = self._entries[engine_id].process if engine_id in self._entries else None
        return None if process is None else process.snapshot.pid

    async def close(self) -> None:
        """End every engine."""
        self._unsubscribe()
        self.room.close()
        await self.model.close()
        await self.voice.close()
        await self._hearing.close()
        for entry in self._entries.values():
            await entry.provider.close()

    def _stubs(self) -> list[Entry]:
        clock = self._ports.clock
        return [Entry("llm", ScriptedModel(clock)), Entry("tts", ToneVoice(clock))]

    def _engines(self) -> list[Entry]:
        ports = self._ports
        llama = self._process(
            EngineSpec("The embedded model", self._llama().target, lambda: self._llama().configure(), lambda: self._llama().limits())
        )
        hibari = self._process(hibari_spec())
        kokoro = self._process(kokoro_spec(partial(ports.packs.file, KOKORO_PACK)))
        minilm = self._process(minilm_spec(partial(ports.packs.file, MINILM_PACK), ports.emotion_head))
        return [
            Entry("llm", LlamaCpp(llama, ports.clock), llama, self._pack),
            Entry("llm", OpenAiModel(ports.clock, partial(self._server, "openai"), ports.key_of("openai"), _REMOTE)),
            Entry("llm", AnthropicModel(ports.clock, partial(self._server, "anthropic"), ports.key_of("anthropic"), _REMOTE)),
            Entry("llm", OllamaModel(ports.clock, partial(self._server, "ollama"), _REMOTE)),
            Entry("emotion", MiniLmEmotion(minilm, ports.clock), minilm, lambda: MINILM_PACK),
            Entry("tts", Hibari(hibari, ports.clock), hibari),
            Entry("tts", Kokoro(kokoro, ports.clock), kokoro, lambda: KOKORO_PACK),
            Entry("tts", OpenAiSpeech(ports.clock, self._speech_server, ports.key_of("speech"), _REMOTE)),
            Entry("tts", Espeak(ports.clock)),
            Entry("embedding", MiniLm(minilm, ports.clock), minilm, lambda: MINILM_PACK),
        ]

    def _process(self, spec: EngineSpec) -> EmbeddedProcess:
        return EmbeddedProcess(spec, clock=self._ports.clock, randomness=self._ports.randomness)

    def _llama(self) -> EngineSpec:
        """Describe the embedded model's process by the settings of this moment."""
        settings = self._ports.settings().language_model
        return llama_cpp_spec(
            lambda: self._ports.packs.file(self._pack(), self._ports.packs.packs[self._pack()].files[0].path),
            threads=settings.threads,
            low_impact=settings.low_impact,
            priority=settings.priority,
            context_tokens=settings.context_tokens,
        )

    def _pack(self) -> str:
        fixed = {EngineSet.DEFAULT: DEFAULT_PACK, EngineSet.SMALL: SMALL_PACK}
        return fixed.get(self._set) or choose_pack(self._ports.settings().language_model.embedded_pack, self._ports.packs.is_installed)

    def _server(self, name: str) -> RemoteServer:
        settings = self._ports.settings().language_model
        return RemoteServer(getattr(settings, f"{name}_base_url"), getattr(settings, f"{name}_model"))

    def _speech_server(self) -> RemoteServer:
        settings = self._ports.settings().voice
        return RemoteServer(settings.speech_base_url, settings.speech_model, settings.speech_voice)

    def _models(self) -> list[LanguageModel]:
        """Return the models in order, prepared lines last."""
        ids: dict[EngineSet, tuple[str, ...]] = {
            EngineSet.STUB: (ScriptedModel.id,),
            EngineSet.SETTINGS: self._ports.settings().language_model.chain,
        }
        chosen = [self._entries[engine_id].provider for engine_id in ids.get(self._set, (Engine.LLAMA_CPP,))]
        return [*(model for model in chosen if isinstance(model, LanguageModel)), self._prepared]

    def _voices(self) -> list[SpeechSynthesizer]:
        ids: dict[EngineSet, tuple[str, ...]] = {EngineSet.STUB: (ToneVoice.id,), EngineSet.SETTINGS: self._ports.settings().voice.chain}
        chosen = [self._entries[engine_id].provider for engine_id in ids.get(self._set, (Voice.HIBARI, Voice.ESPEAK))]
        return [voice for voice in chosen if isinstance(voice, SpeechSynthesizer)]

    def _on_settings(self, event: SettingsChanged) -> None:
        self._hearing.on_settings(event)
        if any(path.startswith("language_model.") for path in event.paths):
            self.model.arrange(self._models())
            self.model.reset()
        # The volume and mute change often, and give no broken voice a new chance.
        if any(path == "voice.chain" or path.startswith("voice.speech_") for path in event.paths):
            self.voice.arrange(self._voices())
            self.voice.reset()
