"""The doctor on a real profile: what is missing is told, what works is shown with a real sample."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from voxelle.doctor import examine
from voxelle.kernel.paths import Paths


async def test_a_folder_that_cannot_be_written_ends_the_examination(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    findings = await examine(Paths.find(tmp_path / "file", environ={}))
    assert [finding.title for finding in findings] == ["Versions", "Folders"]
    assert findings[-1].is_bad


@pytest.mark.engines
async def test_every_part_is_tried_for_real(paths: Paths, packs_dir: Path) -> None:
    findings = {finding.title: finding for finding in await examine(replace(paths, packs=packs_dir))}
    assert {"Versions", "Folders", "Keyring", "Thinking", "Voice", "Feelings", "Sound"} <= set(findings)
    assert "llama_cpp answered" in findings["Thinking"].sentence
    assert "hibari spoke" in findings["Voice"].sentence
    assert "joy" in findings["Feelings"].sentence or "excitement" in findings["Feelings"].sentence
    assert findings["Keyring"].level == "note"


async def test_missing_weights_are_warnings_and_a_thinking_that_only_has_prepared_lines_is_told(paths: Paths) -> None:
    findings = {finding.title: finding for finding in await examine(paths)}
    assert findings["Embedded model"].level == "warning"
    assert "Kokoro voice" not in findings
    assert findings["Feelings"].is_bad
