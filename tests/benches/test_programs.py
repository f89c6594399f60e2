"""Benches that start our program as processes, at tiny scale."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from voxelle.benches import Figure, idle, kill_app, kill_engine, programs, road, startup
from voxelle.benches.idle import look
from voxelle.benches.kill_app import figures, is_same_or_next
from voxelle.benches.programs import command, environment
from voxelle.domain.errors import SetupError, TemporaryError
from voxelle.kernel.paths import Paths


def by_name(measured: tuple[Figure, ...]) -> dict[str, float]:
    return {figure.name: figure.value for figure in measured}


@pytest.mark.parametrize(
    "told,kept,is_right", [(0.5, 0.5, True), (0.5, 0.51, True), (0.99, 0.0, True), (0.5, 0.49, False), (0.5, 0.52, False)]
)
def test_a_setting_may_be_one_change_ahead_of_what_was_told(told: float, kept: float, is_right: bool) -> None:
    assert is_same_or_next(told, kept) is is_right


def test_nothing_acknowledged_is_lost_when_the_app_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kill_app, "_LONGEST_S", 0.5)
    monkeypatch.setattr(kill_app, "_EARLY", 3)
    measured = by_name(figures(tmp_path, 3))
    assert measured["kills"] == 3
    assert measured["acknowledged"] > 3
    assert measured["lost"] == measured["lost_settings"] == measured["failed_starts"] == 0


def test_both_windows_tell_when_they_were_painted(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup, "ROUNDS", 1)
    measured = by_name(startup.measure(paths))
    assert 0 < measured["first_paint_ms"] < measured["ready_ms"]
    assert measured["heavy_imports_before_paint"] == 0


def test_a_window_that_does_not_start_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup, "command", lambda *_: [sys.executable, "-c", "raise SystemExit('no screen')"])
    with pytest.raises(SetupError, match="no screen"):
        startup._start("app")


def test_the_idle_app_is_two_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle, "IDLE_S", 0.0)
    monkeypatch.setattr(idle, "_SETTLE_S", 0.0)
    with idle._profile() as profile:
        measured = by_name(idle._idle_again(profile))
    assert measured["processes"] == 2
    assert measured["rss_mb"] > 0


def test_memory_is_that_of_the_whole_family() -> None:
    memory = look(psutil.Process())
    assert memory.processes >= 1
    assert memory.rss_mb > 10
    assert memory.pss_mb is None or memory.pss_mb <= memory.rss_mb


def test_without_a_model_its_memory_is_not_measured(paths: Paths) -> None:
    with pytest.raises(SetupError, match="voxelle packs install"):
        idle.measure(paths)


def test_waiting_for_another_process_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle, "_PATIENCE_S", -1.0)
    with pytest.raises(TemporaryError, match="did not answer"):
        idle._wait_for(lambda: False)


def test_a_child_is_our_own_program(monkeypatch: pytest.MonkeyPatch) -> None:
    assert command("idle", "x")[-4:] == ["voxelle", "bench-child", "idle", "x"]
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert command("idle") == [sys.executable, "bench-child", "idle"]


def test_without_a_display_nothing_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    monkeypatch.setattr(programs, "has_display", lambda: False)
    assert environment()["QT_QPA_PLATFORM"] == "offscreen"
    monkeypatch.setattr(programs, "has_display", lambda: True)
    assert "QT_QPA_PLATFORM" not in environment()


def test_sentences_are_counted_by_their_ends() -> None:
    assert road.sentences('Well. "Did you?" Yes! And so on …') == 4
    assert road.sentences("") == 0


@pytest.mark.engines
def test_the_road_is_measured_beside_whole_replies(paths: Paths, packs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(road, "TURNS", 1)
    monkeypatch.setenv("VOXELLE_SETTING__LANGUAGE_MODEL__EMBEDDED_PACK", "llm-small")
    measured = by_name(road.measure(replace(paths, packs=packs_dir)))
    assert measured["turns"] == 1
    assert 0 < measured["first_token_mean_ms"] < measured["first_sample_mean_ms"]


@pytest.mark.engines
def test_after_a_kill_the_next_turn_works(paths: Paths, packs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kill_engine, "KILLS", 2)
    measured = by_name(kill_engine.measure(replace(paths, packs=packs_dir)))
    assert measured["kills"] == 2
    assert measured["unended_turns"] == measured["failed_next_turns"] == measured["orphans"] == 0


@pytest.mark.engines
def test_all_engines_are_used_before_their_memory_is_measured(packs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle, "_SETTLE_S", 0.0)
    measured = by_name(idle._with_engines(packs_dir, "llm-small", is_first=True))
    assert measured["engines_processes"] == 5
    assert measured["engines_embedded"] == 2
    assert measured["engines_rss_mb"] > 500
