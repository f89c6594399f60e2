"""What stands behind the pages in tests: a companion, an engine room and a password store that note what was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from voxelle.companion.companion import Companion
from voxelle.companion.prompt import PromptPreview, PromptWriter
from voxelle.contracts.engines import EngineRoom
from voxelle.domain.chat import KeptEvent
from voxelle.domain.errors import InputError, VoxelleError
from voxelle.domain.events import CharacterSaved, EngineChanged, EngineState, EngineStatus, ShowChanged, ShowSnapshot
from voxelle.domain.persona import Character, VoiceDesign
from voxelle.kernel.bus import Bus
from voxelle.settings.schema import LanguageModelSettings

MIRA = Character(
    id="mira",
    name="Mira",
    persona="You are Mira, a warm and curious co-host who loves old machines.",
    scene="A small workshop full of radios, late in the evening.",
    examples="viewer: hi Mira!\nher: [joy] Oh hello, come in, mind the cables.",
    greeting="Hello everyone, the kettle is on.",
    voice=VoiceDesign(pitch=1.1, formant=1.05),
    accent="#7c5cff",
    aliases=("Miri",),
    prepared_lines=("Give me a moment, {viewer}.", "My thoughts are loading."),
    is_sample=True,
)
BOLT = replace(MIRA, id="bolt", name="Bolt", accent="#ff8a4c", persona="You are Bolt, fast and cheeky.", aliases=(), is_sample=True)
OWN = replace(MIRA, id="juno-1", name="Juno", accent="#3ecf8e", aliases=(), is_sample=False)


class PagesCompanion(Companion):
    """Keeps characters in memory as the store does; `errors` holds what a method raises, by its name."""

    def __init__(self, bus: Bus, characters: Sequence[Character] = (MIRA, BOLT, OWN), on_stage: str = "mira") -> None:
        self.bus = bus
        self.shipped = {each.id: each for each in characters if each.is_sample}
        self.cast = {each.id: each for each in characters}
        self.errors: dict[str, VoxelleError] = {}
        self.calls: list[tuple[Any, ...]] = []
        self.gates: dict[str, asyncio.Event] = {}
        self._show = ShowSnapshot(character=self.cast.get(on_stage))

    async def _note(self, *call: Any) -> None:
        self.calls.append(call)
        if call[0] in self.gates:
            await self.gates[call[0]].wait()
        if call[0] in self.errors:
            raise self.errors[call[0]]

    async def channel_events(self, limit: int) -> Sequence[KeptEvent]:
        return ()

    async def characters(self) -> Sequence[Character]:
        await self._note("characters")
        return tuple(self.cast.values())

    async def save_character(self, character: Character) -> None:
        await self._note("save_character", character)
        self.cast[character.id] = replace(character, is_sample=False)
        self.bus.announce(CharacterSaved(character))

    async def delete_character(self, character_id: str) -> None:
        await self._note("delete_character", character_id)
        if character_id in self.shipped:
            self.cast[character_id] = self.shipped[character_id]
        else:
            del self.cast[character_id]

    async def choose_character(self, character_id: str) -> None:
        await self._note("choose_character", character_id)
        self._show = ShowSnapshot(character=self.cast[character_id])
        self.bus.announce(ShowChanged(self._show))

    async def preview_prompt(self, character: Character) -> PromptPreview:
        await self._note("preview_prompt", character)
        return PromptWriter(character, LanguageModelSettings()).preview()

    async def preview_voice(self, character: Character, text: str) -> None:
        await self._note("preview_voice", character, text)

    def snapshot(self) -> ShowSnapshot:
        return self._show


ENGINES = (
    EngineStatus(
        "llama_cpp",
        "llm",
        "Qwen 2.5 1.5B",
        EngineState.READY,
        is_active=True,
        size_mb=1120.0,
        rss_mb=1480.0,
        speed=14.2,
        speed_unit="tokens/s",
    ),
    EngineStatus("llm_small", "llm", "Qwen 2.5 0.5B", EngineState.ABSENT, size_mb=398.0, can_install=True),
    EngineStatus(
        "ollama",
        "llm",
        "Ollama",
        EngineState.FAILED,
        is_offline=False,
        sentence="Nothing answers at 127.0.0.1:11434. Start Ollama, then try again.",
    ),
    EngineStatus(
        "hibari", "tts", "Hibari", EngineState.READY, is_active=True, size_mb=8.0, rss_mb=96.0, speed=21.5, speed_unit="× real time"
    ),
    EngineStatus("espeak", "tts", "eSpeak NG", EngineState.UNLOADED, sentence="Steps in when no other voice works."),
    EngineStatus("minilm", "emotion", "MiniLM emotion", EngineState.INSTALLING, progress=0.42, size_mb=90.0, can_install=True),
    EngineStatus("sound", "sound", "Sound", EngineState.READY, is_active=True, rss_mb=38.0),
)


class PagesRoom(EngineRoom):
    """Engines whose commands change their state at once; an install waits until it is cancelled or `finish` is set."""

    def __init__(self, bus: Bus, statuses: Sequence[EngineStatus] = ENGINES) -> None:
        self._bus = bus
        self.all = {status.id: status for status in statuses}
        self.errors: dict[str, VoxelleError] = {}
        self.calls: list[tuple[str, str]] = []
        self.finish = asyncio.Event()

    def statuses(self) -> Sequence[EngineStatus]:
        if "statuses" in self.errors:
            raise self.errors["statuses"]
        return tuple(self.all.values())

    def change(self, engine_id: str, **changes: Any) -> None:
        self.all[engine_id] = replace(self.all[engine_id], **changes)
        self._bus.announce(EngineChanged(self.all[engine_id]))

    async def load(self, engine_id: str) -> None:
        self.calls.append(("load", engine_id))
        if "load" in self.errors:
            raise self.errors["load"]
        self.change(engine_id, state=EngineState.READY, rss_mb=100.0)

    async def unload(self, engine_id: str) -> None:
        self.calls.append(("unload", engine_id))
        self.change(engine_id, state=EngineState.UNLOADED, rss_mb=None, is_active=False)

    async def install(self, engine_id: str) -> None:
        self.calls.append(("install", engine_id))
        self.change(engine_id, state=EngineState.INSTALLING, progress=0.1)
        try:
            await self.finish.wait()
        except asyncio.CancelledError:
            self.calls.append(("cancelled", engine_id))
            self.change(engine_id, state=EngineState.ABSENT, progress=None)
            raise
        self.change(engine_id, state=EngineState.UNLOADED, progress=None)


class MemorySecrets:
    """A password store that forgets everything at the end."""

    def __init__(self, *names: str, is_available: bool = True) -> None:
        self.kept = dict.fromkeys(names, "old")
        self.is_available = is_available
        self.error: VoxelleError | None = None

    async def set(self, name: str, value: str) -> None:
        if self.error is not None:
            raise self.error
        self.kept[name] = value

    async def delete(self, name: str) -> None:
        if name not in self.kept:
            msg = "There is no such key."
            raise InputError(msg)
        del self.kept[name]

    async def names(self) -> Sequence[str]:
        if self.error is not None:
            raise self.error
        return tuple(self.kept)

    async def status(self) -> tuple[bool, str]:
        if not self.is_available:
            return False, "This computer offers no password store, so keys can't be kept."
        return True, "Keys are kept in a store of this test."
