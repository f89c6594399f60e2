"""The engine room."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes.engines import FakeModel, FakeVoice
from tests.fakes.packs import make_pack, no_pip
from tests.providers.conftest import ProcessMaker
from voxelle.domain.errors import InputError, SetupError
from voxelle.domain.events import EngineChanged, EngineState, EngineStatus, FallbackSwitched
from voxelle.kernel.bus import Bus
from voxelle.kernel.clock import Clock
from voxelle.kernel.packs import InstallProgress, InstallStopped, PackStore
from voxelle.providers.embedding.minilm import MiniLm
from voxelle.providers.emotion.minilm import MiniLmEmotion
from voxelle.providers.llm.llama_cpp import LlamaCpp
from voxelle.providers.process import EngineSpec
from voxelle.providers.room import Engines, Entry

ECHO = EngineSpec("The echo", "tests.fakes.worker_engines:EchoEngine", dict)


@pytest.fixture
def store(tmp_path: Path) -> PackStore:
    """A store whose one pack is not installed, but lies near."""
    wheels = tmp_path / "wheels"
    pack = make_pack(wheels)
    return PackStore({pack.id: pack}, tmp_path / "packs", tmp_path / "cache", local_folders=[wheels], pip=no_pip())


@pytest.fixture
def heard(bus: Bus) -> list[EngineStatus]:
    """Every status that was announced."""
    statuses: list[EngineStatus] = []
    bus.subscribe(EngineChanged, lambda event: statuses.append(event.status))
    return statuses


def status_of(room: Engines, engine_id: str) -> EngineStatus:
    return next(status for status in room.statuses() if status.id == engine_id)


async def test_engines_stand_in_the_order_of_the_turn(clock: Clock, bus: Bus, make_process: ProcessMaker) -> None:
    process = make_process(ECHO)
    room = Engines(
        [
            Entry("tts", FakeVoice(clock)),
            Entry("embedding", MiniLm(process, clock), process),
            Entry("llm", FakeModel(clock, ["hi"])),
            Entry("toys", LlamaCpp(process, clock), process),
        ],
        None,
        bus,
    )
    assert [status.stage for status in room.statuses()] == ["llm", "tts", "embedding", "toys"]


async def test_an_engine_is_loaded_measured_and_freed(
    clock: Clock, bus: Bus, make_process: ProcessMaker, heard: list[EngineStatus]
) -> None:
    process = make_process(ECHO)
    model = LlamaCpp(process, clock)
    room = Engines([Entry("llm", model, process)], None, bus)
    assert status_of(room, "llama_cpp").state is EngineState.UNLOADED
    await room.load("llama_cpp")
    model.speed = 20.0
    status = status_of(room, "llama_cpp")
    assert (status.state, status.is_active, status.is_offline, status.speed, status.speed_unit) == (
        EngineState.READY,
        True,
        True,
        20.0,
        "tokens/s",
    )
    assert (status.rss_mb or 0) > 1
    await room.unload("llama_cpp")
    assert status_of(room, "llama_cpp").state is EngineState.UNLOADED
    assert status_of(room, "llama_cpp").rss_mb is None
    assert {EngineState.LOADING, EngineState.READY, EngineState.UNLOADED} <= {status.state for status in heard}


async def test_engines_that_share_a_process_share_its_state_but_count_its_memory_once(
    clock: Clock, bus: Bus, make_process: ProcessMaker
) -> None:
    process = make_process(ECHO)
    room = Engines(
        [Entry("emotion", MiniLmEmotion(process, clock), process), Entry("embedding", MiniLm(process, clock), process)], None, bus
    )
    await room.load("minilm")
    assert [status.state for status in room.statuses()] == [EngineState.READY, EngineState.READY]
    assert [status.rss_mb is None for status in room.statuses()] == [False, True]
    await room.unload("minilm_emotion")
    assert [status.state for status in room.statuses()] == [EngineState.UNLOADED, EngineState.UNLOADED]


async def test_what_went_wrong_is_shown_until_the_next_try(clock: Clock, bus: Bus, make_process: ProcessMaker) -> None:
    flaws = ["The file is missing."]

    def configure() -> dict[str, str]:
        if flaws:
            raise SetupError(flaws.pop())
        return {}

    process = make_process(EngineSpec("The echo", "tests.fakes.worker_engines:EchoEngine", configure))
    room = Engines([Entry("llm", LlamaCpp(process, clock), process)], None, bus)
    with pytest.raises(SetupError, match="file is missing"):
        await room.load("llama_cpp")
    assert (status_of(room, "llama_cpp").state, status_of(room, "llama_cpp").sentence) == (EngineState.FAILED, "The file is missing.")
    await room.load("llama_cpp")
    assert (status_of(room, "llama_cpp").state, status_of(room, "llama_cpp").sentence) == (EngineState.READY, "")


async def test_a_load_that_is_given_up_leaves_the_engine_unloaded(clock: Clock, bus: Bus) -> None:
    class Slow(FakeVoice):
        async def open(self) -> None:
            await asyncio.Event().wait()

    room = Engines([Entry("tts", Slow(clock))], None, bus)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await room.load("fake_voice")
    assert status_of(room, "fake_voice").state is EngineState.UNLOADED


async def test_a_missing_pack_is_installed_on_request(
    clock: Clock, bus: Bus, store: PackStore, heard: list[EngineStatus], make_process: ProcessMaker
) -> None:
    process = make_process(ECHO)
    room = Engines([Entry("llm", LlamaCpp(process, clock), process, lambda: "model")], store, bus)
    before = status_of(room, "llama_cpp")
    assert (before.state, before.can_install, before.size_mb) == (EngineState.ABSENT, True, 0.3)
    await room.install("llama_cpp")
    after = status_of(room, "llama_cpp")
    assert (after.state, after.can_install) == (EngineState.UNLOADED, False)
    told = [status.progress for status in heard if status.state is EngineState.INSTALLING]
    assert told[0] == 0.0
    assert told == sorted(told, key=lambda share: share or 0.0)


class SlowStore(PackStore):
    """Installs until it is told to stop."""

    def install(
        self,
        pack_id: str,
        progress: Callable[[InstallProgress], None] = lambda _progress: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        progress(InstallProgress(pack_id, "The model", 1, 2))
        while not cancelled():
            threading.Event().wait(0.001)
        msg = "stopped"
        raise InstallStopped(msg)


async def test_a_cancelled_installation_has_ended_when_the_wait_ends(
    clock: Clock, bus: Bus, tmp_path: Path, heard: list[EngineStatus]
) -> None:
    pack = make_pack(tmp_path / "wheels")
    store = SlowStore({pack.id: pack}, tmp_path / "packs", tmp_path / "cache", pip=no_pip())
    room = Engines([Entry("llm", FakeModel(clock, ["hi"]), None, lambda: "model")], store, bus)
    is_half_done = asyncio.Event()
    bus.subscribe(EngineChanged, lambda event: is_half_done.set() if event.status.progress == 0.5 else None)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(room.install("fake_model"))
        await is_half_done.wait()
        with pytest.raises(InputError, match="being installed already"):
            await room.install("fake_model")
        task.cancel()
    assert status_of(room, "fake_model").state is EngineState.ABSENT


async def test_an_installation_that_fails_says_why(clock: Clock, bus: Bus, tmp_path: Path) -> None:
    pack = make_pack(tmp_path / "wheels")
    (tmp_path / "packs").write_text("in the way")
    store = PackStore({pack.id: pack}, tmp_path / "packs", tmp_path / "cache", pip=no_pip())
    room = Engines([Entry("llm", FakeModel(clock, ["hi"]), None, lambda: "model")], store, bus)
    with pytest.raises(SetupError):
        await room.install("fake_model")
    assert "press Install again" in status_of(room, "fake_model").sentence


async def test_what_needs_no_download_and_what_is_not_there_is_refused(clock: Clock, bus: Bus, store: PackStore) -> None:
    room = Engines([Entry("tts", FakeVoice(clock))], store, bus)
    with pytest.raises(InputError, match="needs no download"):
        await room.install("fake_voice")
    with pytest.raises(InputError, match="no engine 'nobody'"):
        await room.load("nobody")


async def test_the_engine_that_serves_follows_the_chain(
    clock: Clock, bus: Bus, make_process: ProcessMaker, heard: list[EngineStatus]
) -> None:
    process = make_process(ECHO)
    room = Engines([Entry("llm", LlamaCpp(process, clock), process), Entry("llm", FakeModel(clock, ["hi"]))], None, bus)
    await room.load("llama_cpp")
    heard.clear()
    bus.announce(FallbackSwitched("llm", "llama_cpp", "fake_model", "She thinks with the other one now."))
    assert {status.id: status.is_active for status in heard} == {"llama_cpp": False, "fake_model": True}
    room.close()
    heard.clear()
    bus.announce(FallbackSwitched("llm", "fake_model", "llama_cpp", "Back again."))
    assert heard == []
