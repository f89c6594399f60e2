"""Benches with the real window, at tiny scale."""

from __future__ import annotations

import math
import time
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from voxelle.benches import window
from voxelle.benches.chat_flood import Flooded, flood_window, kept_ids, show_loop
from voxelle.benches.frames import Pace
from voxelle.benches.heartbeat import Heartbeat
from voxelle.benches.window import NoEngines, orchestration_with_window, perform
from voxelle.domain.errors import InputError
from voxelle.kernel.paths import Paths

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def test_no_line_of_a_flood_is_lost(qapp: QApplication, tmp_path: Path) -> None:
    profile = Paths.find(tmp_path, environ={})
    flooded = perform(flood_window(profile, Pace(100, 400, 1.5, every_s=1.5, at_s=0.5)))
    assert flooded.offered == 450
    assert flooded.repeated == 4
    assert flooded.lost(kept_ids(profile.database_file)) == 0
    assert flooded.handled == bytes([1] * 450)
    assert flooded.handled_twice == 0
    assert min(flooded.in_core_s) > 0
    assert flooded.late_s
    assert flooded.took_s > 0
    assert flooded.rss_mb


def test_memory_grew_by_what_is_more_after_the_warm_up() -> None:
    flooded = Flooded(rss_mb=[(float(second), 100.0 + min(second, 10) * 5 + max(0, second - 10)) for second in range(60)])
    assert flooded.growth_mb() == pytest.approx(39, abs=2)
    assert math.isnan(Flooded(rss_mb=[(1.0, 100.0)]).growth_mb())


def test_a_show_that_is_not_open_has_no_loop() -> None:
    with pytest.raises(RuntimeError, match="not open"):
        show_loop(None)


def test_a_turn_is_measured_beside_a_busy_window(qapp: QApplication, tmp_path: Path) -> None:
    shares = orchestration_with_window(tmp_path, 3)
    assert len(shares) == 3
    assert all(share > 0 for share in shares)


def test_a_stage_that_breaks_ends_the_bench(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        msg = "no stage"
        raise OSError(msg)

    monkeypatch.setattr(window, "open_stage", broken)
    with pytest.raises(OSError, match="no stage"):
        orchestration_with_window(tmp_path, 1)


def test_a_stall_makes_every_beat_late_that_was_due_in_it(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    heart = Heartbeat()
    heart.start()
    now[0] = 0.0041
    heart.stop()
    assert heart.late_s == pytest.approx([0.0001])
    now[0] = 0.1001
    heart.stop()
    assert len(heart.late_s) == 25
    assert max(heart.late_s) == pytest.approx(0.0921)


async def test_a_stage_has_no_engines_to_load() -> None:
    room = NoEngines()
    assert room.statuses() == ()
    for ask in (room.load, room.unload, room.install):
        with pytest.raises(InputError, match="on a bench"):
            await ask("hibari")
