"""The room that devices need."""

from __future__ import annotations

import json
from pathlib import Path

from voxelle.audio.latency_notes import LatencyNotes


async def test_the_room_a_device_needs_is_remembered(tmp_path: Path) -> None:
    path = tmp_path / "cache" / "sound.json"
    notes = LatencyNotes(path)
    assert await notes.read("Headset") == 0.04
    await notes.write("Headset", 0.04)
    assert not path.exists()
    await notes.write("Headset", 0.08)
    again = LatencyNotes(path)
    assert await again.read("Headset") == 0.08
    assert json.loads(path.read_text()) == {"Headset": 0.08}
    path.write_text("[broken")
    assert await LatencyNotes(path).read("Headset") == 0.04
    (tmp_path / "file").touch()
    lost = LatencyNotes(tmp_path / "file" / "sound.json")
    await lost.read("Headset")
    await lost.write("Headset", 0.1)
    assert await lost.read("Headset") == 0.1
