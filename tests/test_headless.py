"""The show without a window: opened, asked over its socket, typed to, closed."""

from __future__ import annotations

import asyncio
import io
import sys
from pathlib import Path

import pytest

from voxelle.domain.errors import InputError, SetupError
from voxelle.domain.events import HealthLevel, NoticeRaised, TurnEnded
from voxelle.headless import Show, ShowOptions, converse, open_show, run_show
from voxelle.kernel.control import call
from voxelle.kernel.paths import Paths
from voxelle.kernel.tasks import TaskScope
from voxelle.providers.catalogue import EngineSet


def stub(paths: Paths, **changes: object) -> ShowOptions:
    """Return options for a show with stub engines that plays into a file as fast as it can."""
    fields: dict[str, object] = {"engine_set": EngineSet.STUB, "wav": paths.data / "voice.wav", "speed": 0.0, "is_greeting": False}
    return ShowOptions(**{**fields, **changes})  # type: ignore[arg-type]


async def test_the_show_answers_over_its_control_socket(paths: Paths) -> None:
    async with open_show(paths, stub(paths)) as show, TaskScope("test") as scope:
        scope.start(run_show(show), name="show")
        await show.companion.settle()
        answer = await call(paths.control_socket, "tell", {"text": "hello you"})
        assert answer["verdict"] == "queued"
        await show.companion.settle()
        status = await call(paths.control_socket, "status", {})
        assert status["character"]
        assert len(await show.companion.recent_turns(5)) == 1
        assert (await call(paths.control_socket, "connections", {}))["rehearsal"]["level"] == "off"
        assert (await call(paths.control_socket, "connection", {"connection": "rehearsal"}))["title"] == "Rehearsal"
        called: list[str] = []
        show.verbs["show"] = lambda: called.append("show")
        assert await call(paths.control_socket, "show", {}) is None
        assert called == ["show"]
        with pytest.raises(InputError, match="Unknown verb"):
            await call(paths.control_socket, "dance", {})


async def test_a_second_instance_of_the_same_folder_is_told(paths: Paths) -> None:
    async with open_show(paths, stub(paths)):
        with pytest.raises(SetupError, match="running already"):
            async with open_show(paths, stub(paths)):
                pass
    async with open_show(paths, stub(paths)):
        pass


async def test_after_a_restart_she_still_knows_the_conversation(paths: Paths) -> None:
    for expected in (1, 2):
        async with open_show(paths, stub(paths)) as show, TaskScope("test") as scope:
            scope.start(run_show(show), name="show")
            await show.companion.settle()
            await show.companion.tell("hello")
            await show.companion.settle()
            assert len(await show.companion.recent_turns(5)) == expected


async def test_a_turn_that_runs_when_the_show_ends_is_kept_as_cut(paths: Paths) -> None:
    async with open_show(paths, stub(paths, speed=1.0)) as show, TaskScope("test") as scope:
        scope.start(run_show(show), name="show")
        await show.companion.settle()
        speaking = asyncio.Event()
        show.bus.subscribe(TurnEnded, lambda _: speaking.set())
        await show.companion.tell("hello")
    async with open_show(paths, stub(paths)) as show, TaskScope("test") as scope:
        scope.start(run_show(show), name="show")
        await show.companion.settle()
        [record] = await show.companion.recent_turns(5)
        assert record.was_cut


async def test_a_broken_settings_file_is_told_and_nothing_is_lost(paths: Paths) -> None:
    paths.create()
    paths.settings_file.write_text("{ broken", encoding="utf-8")
    heard: list[str] = []
    async with open_show(paths, stub(paths)) as show:
        heard += [*show.settings.notices]
    assert heard
    assert any("broken" in file.read_text(encoding="utf-8") for file in paths.config.iterdir() if file.is_file())


async def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(SetupError, match="in the way"):
        async with open_show(Paths.find(tmp_path / "file", environ={})):
            pass


async def test_engines_that_are_missing_are_told_and_she_still_answers(paths: Paths) -> None:
    notices: list[str] = []
    async with open_show(paths, stub(paths, engine_set=EngineSet.SMALL)) as show, TaskScope("test") as scope:
        show.bus.subscribe(NoticeRaised, lambda event: notices.append(event.sentence))
        await show.settings.change("voice.chain", ["espeak"])
        scope.start(run_show(show), name="show")
        await show.companion.settle()
        await show.companion.tell("hello")
        await show.companion.settle()
        [record] = await show.companion.recent_turns(5)
    assert record.heard_text
    assert record.trace.engines["llm"] == "prepared"


async def test_the_sample_stream_plays_and_stops(paths: Paths) -> None:
    async with open_show(paths, stub(paths)) as show, TaskScope("test") as scope:
        scope.start(run_show(show), name="show")
        await show.companion.settle()
        assert not show.rehearsal.is_playing
        await show.rehearsal.start(20.0)
        ended = asyncio.Event()
        show.bus.subscribe(TurnEnded, lambda _: ended.set())
        await ended.wait()
        assert show.rehearsal.is_playing
        await show.rehearsal.stop()
        await show.rehearsal.stop()
        assert not show.rehearsal.is_playing
        with pytest.raises(InputError, match="speed"):
            await show.rehearsal.start(100.0)


async def test_an_integration_follows_its_settings(paths: Paths) -> None:
    async with open_show(paths, stub(paths)) as show, TaskScope("test") as scope:
        scope.start(run_show(show), name="show")
        await show.companion.settle()
        await show.settings.change_all({"integrations.rehearsal.speed": 20.0, "integrations.rehearsal.is_enabled": True})
        ended = asyncio.Event()
        show.bus.subscribe(TurnEnded, lambda _: ended.set())
        await ended.wait()
        assert show.supervisor.health()["rehearsal"].level is HealthLevel.OK
        await show.settings.change("integrations.rehearsal.is_enabled", value=False)


async def test_the_embedded_model_is_loaded_anew_when_its_settings_change(paths: Paths) -> None:
    reloaded = asyncio.Event()
    async with open_show(paths, stub(paths)) as show, TaskScope("test") as scope:
        scope.start(run_show(show), name="show")

        async def note() -> bool:
            reloaded.set()
            return True

        show.engines.reload_embedded = note  # type: ignore[method-assign]
        await show.settings.change("language_model.low_impact", value=True)
        await reloaded.wait()


async def _converse(paths: Paths, typed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    monkeypatch.setenv("VOXELLE_SETTING__GENERAL__GREET_ON_START", "false")
    monkeypatch.setattr("voxelle.headless.TERMINAL_ENGINES", EngineSet.STUB)
    async with asyncio.timeout(60):
        assert await converse(paths) == 0


async def test_a_conversation_in_the_terminal_prints_both_and_writes_a_file(
    paths: Paths, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await _converse(paths, "hello there\n\n\x00\n", monkeypatch)
    out = capsys.readouterr().out
    assert "Streamer: hello there" in out
    assert "Mira: " in out
    assert "nothing to read" in out
    [wav] = (paths.data / "recordings").iterdir()
    assert wav.stat().st_size > 1000


def test_the_show_type_names_all_its_parts() -> None:
    assert {"companion", "engines", "rehearsal", "settings"} <= set(Show.__slots__)
