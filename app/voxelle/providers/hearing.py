"""The engines that hear: voice activity and end of turn in one process, a chain of recognisers, and one that knows whose voice it is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from voxelle.contracts.provider import Limits
from voxelle.contracts.stt import SpeechRecognizer
from voxelle.domain.events import SettingsChanged
from voxelle.kernel.bus import Bus
from voxelle.kernel.clock import Clock, Randomness
from voxelle.kernel.packs import PackStore
from voxelle.kernel.processes import ProcessLimits
from voxelle.providers.ears import PACK as EARS_PACK
from voxelle.providers.ears import ears_spec
from voxelle.providers.end_of_turn.smart_turn import SmartTurn
from voxelle.providers.process import EmbeddedProcess, EngineSpec
from voxelle.providers.recognizer_chain import RecognizerChain
from voxelle.providers.remote import KeyGetter, RemoteServer
from voxelle.providers.room import Entry
from voxelle.providers.speaker.resemblyzer import PACK as SPEAKER_PACK
from voxelle.providers.speaker.resemblyzer import Resemblyzer, speaker_spec
from voxelle.providers.stt.openai_transcription import OpenAiTranscription
from voxelle.providers.stt.whisper import Whisper, choose_pack, whisper_spec
from voxelle.providers.vad.silero import Silero
from voxelle.settings.schema import Settings

_REMOTE: Final = Limits(first_item_s=10.0, attempts=1)
_LOADING: Final = ("hearing.is_enabled", "hearing.chain", "hearing.embedded_pack", "hearing.language", "hearing.only_me")
_THREADS: Final = ("language_model.threads", "language_model.low_impact", "language_model.priority")


class HearingEngines:
    """Built with every show, loaded only when she listens."""

    def __init__(
        self,
        settings: Callable[[], Settings],
        packs: PackStore,
        *,
        key_of: Callable[[str], KeyGetter],
        bus: Bus,
        clock: Clock,
        randomness: Randomness,
        fixed_pack: str = "",
    ) -> None:
        """`fixed_pack` names the weights whatever the settings say, and the embedded recogniser is the only one then."""
        self._settings = settings
        self._packs = packs
        self._fixed_pack = fixed_pack
        self._loaded_with: dict[str, Any] = {}
        ears = EmbeddedProcess(ears_spec(partial(packs.file, EARS_PACK)), clock=clock, randomness=randomness)
        spec = EngineSpec("The embedded recogniser", self._whisper().target, self._configure, self._limits)
        self._process = EmbeddedProcess(spec, clock=clock, randomness=randomness)
        self.activity = Silero(ears, clock)
        self.end_of_turn = SmartTurn(ears, clock)
        voices = EmbeddedProcess(speaker_spec(partial(packs.file, SPEAKER_PACK)), clock=clock, randomness=randomness)
        self.speaker = Resemblyzer(voices, clock)
        self.entries = [
            Entry("vad", self.activity, ears, lambda: EARS_PACK),
            Entry("end_of_turn", self.end_of_turn, ears, lambda: EARS_PACK),
            Entry("speaker", self.speaker, voices, lambda: SPEAKER_PACK),
            Entry("stt", Whisper(self._process, clock), self._process, self._pack),
            Entry("stt", OpenAiTranscription(clock, self._server, key_of("transcription"), _REMOTE)),
        ]
        self.recognizer = RecognizerChain(self._chosen(), clock=clock, randomness=randomness, announce=bus.announce)

    @property
    def wanted(self) -> tuple[str, ...]:
        """Ids of the engines that are to be loaded now: none while she does not listen."""
        hearing = self._settings().hearing
        if not hearing.is_enabled:
            return ()
        speaker = Resemblyzer.id if hearing.only_me else ""
        return tuple(engine_id for engine_id in (Silero.id, SmartTurn.id, speaker, self.recognizer.serving) if engine_id)

    @property
    def outdated(self) -> tuple[str, ...]:
        """Ids of the loaded engines that are to be freed: she does not listen, or other weights or threads were chosen."""
        wanted = self.wanted
        loaded = [entry.provider.id for entry in self.entries if entry.process and entry.process.snapshot.pid is not None]
        is_stale = self._loaded_with != self._choices()
        return tuple(each for each in loaded if each not in wanted or (each == Whisper.id and is_stale))

    @staticmethod
    def needs_loading(event: SettingsChanged) -> bool:
        """Whether a change of settings touches what is loaded."""
        return any(path in _LOADING or path in _THREADS for path in event.paths)

    def on_settings(self, event: SettingsChanged) -> None:
        """Put the recognisers in the order that was set, and give each a new chance."""
        if any(path in _LOADING or path.startswith("hearing.transcription_") for path in event.paths):
            self.recognizer.arrange(self._chosen())
            self.recognizer.reset()

    async def close(self) -> None:
        """End every engine."""
        await self.recognizer.close()
        for entry in self.entries:
            await entry.provider.close()

    def _chosen(self) -> list[SpeechRecognizer]:
        ids = (Whisper.id,) if self._fixed_pack else self._settings().hearing.chain
        known = {entry.provider.id: entry.provider for entry in self.entries}
        return [provider for each in ids if isinstance(provider := known[each], SpeechRecognizer)]

    def _server(self) -> RemoteServer:
        hearing = self._settings().hearing
        return RemoteServer(hearing.transcription_base_url, hearing.transcription_model)

    def _pack(self) -> str:
        hearing = self._settings().hearing
        return self._fixed_pack or choose_pack(hearing.embedded_pack, hearing.language, self._packs.is_installed)

    def _choices(self) -> dict[str, Any]:
        thinking = self._settings().language_model
        return {"pack": self._pack(), "threads": thinking.threads, "low_impact": thinking.low_impact, "priority": thinking.priority}

    def _whisper(self) -> EngineSpec:
        """Describe the recogniser's process by the settings of this moment."""
        choices = self._choices()
        return whisper_spec(partial(self._packs.file, choices.pop("pack")), **choices)

    def _configure(self) -> dict[str, Any]:
        self._loaded_with = self._choices()
        return self._whisper().configure()

    def _limits(self) -> ProcessLimits:
        return self._whisper().limits()
