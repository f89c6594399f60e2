"""The streamer's voice print on the disk."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import numpy as np
import pytest

from voxelle.contracts.speaker import VoicePrint
from voxelle.domain.errors import SetupError
from voxelle.storage.voice_print import VoicePrintFile

MINE = VoicePrint("resemblyzer", "2026-03-01T12:00:00+00:00", np.eye(1, 256, dtype=np.float32))


def test_what_was_kept_is_read_again_and_by_nobody_else(tmp_path: Path) -> None:
    store = VoicePrintFile(tmp_path / "new folder")
    assert store.load() is None
    store.save(MINE)
    store.save(MINE)
    found = store.load()
    assert found is not None
    assert (found.engine, found.enrolled_at) == (MINE.engine, MINE.enrolled_at)
    assert (found.vector == MINE.vector).all()
    assert [path.name for path in store.path.parent.iterdir()] == ["voice-print.npz"]
    if os.name == "posix":
        assert stat.S_IMODE(store.path.stat().st_mode) == 0o600


def test_a_forgotten_print_is_gone(tmp_path: Path) -> None:
    store = VoicePrintFile(tmp_path)
    store.delete()
    store.save(MINE)
    store.delete()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 half", b"no archive", bytes(2_000_000)])
def test_a_file_that_can_not_be_read_is_no_print(tmp_path: Path, content: bytes) -> None:
    store = VoicePrintFile(tmp_path)
    store.path.write_bytes(content)
    assert store.load() is None


def test_numbers_that_are_none_and_missing_fields_are_no_print(tmp_path: Path) -> None:
    store = VoicePrintFile(tmp_path)
    store.save(VoicePrint("resemblyzer", "", np.full((1, 4), np.nan, np.float32)))
    assert store.load() is None
    np.savez(store.path, vector=MINE.vector)
    assert store.load() is None
    np.savez(store.path, vector=np.array([object()]), engine="a", enrolled_at="b")
    assert store.load() is None


def test_a_disk_that_refuses_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = VoicePrintFile(tmp_path / "file")
    with pytest.raises(SetupError, match="could not be kept"):
        store.save(MINE)
    blocked = VoicePrintFile(tmp_path)
    (blocked.path / "inside").mkdir(parents=True)
    with pytest.raises(SetupError, match="could not be forgotten"):
        blocked.delete()
    assert blocked.load() is None
