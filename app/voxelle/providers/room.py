"""The engine room: every engine with its state, memory and measured speed, and the hands that load, free and install it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import structlog

from voxelle.contracts.engines import EngineRoom
from voxelle.contracts.provider import Provider
from voxelle.domain.errors import InputError, VoxelleError
from voxelle.domain.events import EngineChanged, EngineState, EngineStatus, FallbackSwitched
from voxelle.kernel.bus import Bus
from voxelle.kernel.packs import InstallProgress, InstallStopped, PackStore
from voxelle.kernel.processes import ProcessSnapshot
from voxelle.providers.process import EmbeddedProcess

log = structlog.get_logger("engine")

STAGES: Final = ("vad", "end_of_turn", "speaker", "stt", "llm", "emotion", "tts", "embedding", "sound")
"""In the order of the turn."""

_MB: Final = 1_000_000
_WITH_PROCESS: Final = frozenset({EngineState.LOADING, EngineState.READY, EngineState.RESTARTING, EngineState.FAILED})
_SMALLEST_STEP: Final = 0.005
"""Progress is announced only when it moved by so much."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One engine of the room."""

    stage: str
    provider: Provider
    process: EmbeddedProcess | None = None
    pack_id: Callable[[], str] | None = None
    """Which pack holds its weights now; None if it needs none."""


@dataclass(slots=True)
class _Standing:
    """What the room itself knows of an engine, beside what its process says."""

    state: EngineState = EngineState.UNLOADED
    progress: float | None = None
    sentence: str = ""


class Engines(EngineRoom):
    """All engines of this installation, composed from a list. Lives on the show loop."""

    def __init__(self, entries: Sequence[Entry], store: PackStore | None, bus: Bus) -> None:
        ordered = sorted(entries, key=lambda entry: STAGES.index(entry.stage) if entry.stage in STAGES else len(STAGES))
        self._entries: Mapping[str, Entry] = {entry.provider.id: entry for entry in ordered}
        self._standings = {engine_id: _Standing() for engine_id in self._entries}
        self._store = store
        self._bus = bus
        self._active: dict[str, str] = {}
        for process in {id(entry.process): entry.process for entry in ordered if entry.process is not None}.values():
            process.listen(self._listener(process))
        self._unsubscribe = bus.subscribe(FallbackSwitched, self._on_switched)

    def close(self) -> None:
        """Stop listening; the engines stay as they are."""
        self._unsubscribe()

    def statuses(self) -> Sequence[EngineStatus]:
        """Return every engine's status now, in the order of the turn."""
        return tuple(self._status(entry) for entry in self._entries.values())

    async def load(self, engine_id: str) -> None:
        """Load an engine and wait until it is ready."""
        entry, standing = self._find(engine_id)
        standing.state, standing.sentence = EngineState.LOADING, ""
        self._announce(entry)
        try:
            await entry.provider.open()
        except VoxelleError as error:
            standing.state, standing.sentence = EngineState.FAILED, error.sentence
            log.warning("engine.load_failed", engine=engine_id, error_kind=type(error).__name__)
            raise
        except BaseException:
            standing.state = EngineState.UNLOADED
            raise
        else:
            standing.state = EngineState.READY
        finally:
            self._announce_sharing(entry)

    async def unload(self, engine_id: str) -> None:
        """Free an engine's memory, and that of those that share its process."""
        entry, _ = self._find(engine_id)
        await entry.provider.close()
        for sharing in self._sharing(entry):
            standing = self._standings[sharing.provider.id]
            standing.state, standing.sentence = EngineState.UNLOADED, ""
            self._announce(sharing)

    async def install(self, engine_id: str) -> None:
        """Fetch and verify the engine's weights in a thread; cancelling keeps what was fetched."""
        entry, standing = self._find(engine_id)
        if self._store is None or entry.pack_id is None:
            msg = f"{entry.provider.title} needs no download."
            raise InputError(msg)
        if standing.state is EngineState.INSTALLING:
            msg = f"{entry.provider.title} is being installed already."
            raise InputError(msg)
        stopped = threading.Event()
        before = standing.state
        standing.state, standing.progress, standing.sentence = EngineState.INSTALLING, 0.0, ""
        self._announce(entry)
        try:
            await self._install(self._store, entry, stopped)
        except VoxelleError as error:
            standing.sentence = error.sentence
            raise
        finally:
            stopped.set()
            standing.state, standing.progress = before, None
            if before is EngineState.FAILED and not standing.sentence:
                standing.state = EngineState.UNLOADED
            for sharing in self._sharing(entry):
                self._announce(sharing)

    async def _install(self, store: PackStore, entry: Entry, stopped: threading.Event) -> None:
        """Run the installation off the loop. A cancelled one is told to stop and waited for, so that none goes on unseen."""
        loop = asyncio.get_running_loop()
        pack_id = entry.pack_id() if entry.pack_id is not None else ""

        def report(progress: InstallProgress) -> None:
            if not stopped.is_set():
                loop.call_soon_threadsafe(self._on_progress, entry, progress.share)

        work = loop.run_in_executor(None, store.install, pack_id, report, stopped.is_set)
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            stopped.set()
            try:
                await work
            except InstallStopped:
                log.info("pack.install_stopped", pack=pack_id)
            raise

    def _on_progress(self, entry: Entry, share: float) -> None:
        standing = self._standings[entry.provider.id]
        if standing.state is EngineState.INSTALLING and (share >= 1.0 or share - (standing.progress or 0.0) >= _SMALLEST_STEP):
            standing.progress = share
            self._announce(entry)

    def _listener(self, process: EmbeddedProcess) -> Callable[[ProcessSnapshot], None]:
        def listen(_snapshot: ProcessSnapshot) -> None:
            for entry in self._entries.values():
                if entry.process is process:
                    self._announce(entry)

        return listen

    def _on_switched(self, event: FallbackSwitched) -> None:
        before, self._active[event.stage] = self._active_in(event.stage), event.to_engine
        for engine_id in {before, event.from_engine, event.to_engine} & set(self._entries):
            self._announce(self._entries[str(engine_id)])

    def _active_in(self, stage: str) -> str | None:
        """Return which engine serves a stage: the one the chain moved to last, else its first that is ready."""
        if stage in self._active:
            return self._active[stage]
        ready = (entry for entry in self._entries.values() if entry.stage == stage and self._state(entry)[0] is EngineState.READY)
        return next((entry.provider.id for entry in ready), None)

    def _status(self, entry: Entry) -> EngineStatus:
        provider, (state, progress, sentence) = entry.provider, self._state(entry)
        is_ready = state is EngineState.READY
        return EngineStatus(
            id=provider.id,
            stage=entry.stage,
            title=provider.title,
            state=state,
            is_active=is_ready and self._active_in(entry.stage) == provider.id,
            is_offline=provider.abilities.offline,
            progress=progress,
            size_mb=self._size_mb(entry),
            rss_mb=self._rss_mb(entry),
            speed=getattr(provider, "speed", None),
            speed_unit=getattr(provider, "speed_unit", ""),
            sentence=sentence,
            can_install=self._is_missing(entry) and state is not EngineState.INSTALLING,
        )

    def _state(self, entry: Entry) -> tuple[EngineState, float | None, str]:
        """Weigh what the room, the pack and the process say; returns state, progress and sentence."""
        standing = self._standings[entry.provider.id]
        if standing.state is EngineState.INSTALLING:
            return standing.state, standing.progress, standing.sentence
        if entry.process is not None and entry.process.snapshot.state in _WITH_PROCESS:
            snapshot = entry.process.snapshot
            return snapshot.state, snapshot.progress, snapshot.sentence
        if self._is_missing(entry):
            return EngineState.ABSENT, None, standing.sentence or "It is not installed: press Install."
        if entry.process is not None and standing.state is EngineState.READY:
            return EngineState.UNLOADED, None, standing.sentence
        if entry.process is None and self._active.get(entry.stage) == entry.provider.id:
            return EngineState.READY, None, ""
        return standing.state, None, standing.sentence

    def _is_missing(self, entry: Entry) -> bool:
        return self._store is not None and entry.pack_id is not None and not self._store.is_installed(entry.pack_id())

    def _size_mb(self, entry: Entry) -> float | None:
        if self._store is None or entry.pack_id is None:
            return None
        return round(self._store.packs[entry.pack_id()].size / _MB, 1)

    def _rss_mb(self, entry: Entry) -> float | None:
        """Return the memory of the engine's process, told once: by the first engine of those that share it."""
        if entry.process is None or self._sharing(entry)[0] is not entry:
            return None
        return entry.process.rss_mb()

    def _sharing(self, entry: Entry) -> list[Entry]:
        """Return the engines in the same process, the given one included."""
        if entry.process is None:
            return [entry]
        return [each for each in self._entries.values() if each.process is entry.process]

    def _find(self, engine_id: str) -> tuple[Entry, _Standing]:
        if engine_id not in self._entries:
            msg = f"There is no engine {engine_id!r}; there are {', '.join(self._entries)}."
            raise InputError(msg)
        return self._entries[engine_id], self._standings[engine_id]

    def _announce_sharing(self, entry: Entry) -> None:
        for sharing in self._sharing(entry):
            self._announce(sharing)

    def _announce(self, entry: Entry) -> None:
        self._bus.announce(EngineChanged(status=replace(self._status(entry))))
