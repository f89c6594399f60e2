"""The doctor on a real profile: what is missing is told, what works is shown with a real sample."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from voxelle.doctor import examine
from voxelle.headless import ShowOptions, open_show
from voxelle.kernel.paths import Paths
from voxelle.providers.catalogue import EngineSet


async def test_a_folder_that_cannot_be_written_ends_the_examination(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    findings = await examine(Paths.find(tmp_path / "file", environ={}))
    assert [finding.title for finding in findings] == ["Versions", "Folders"]
    assert findings[-1].is_bad


@pytest.mark.engines
async def test_every_part_is_tried_for_real(paths: Paths, packs_dir: Path) -> None:
    findings = {finding.title: finding for finding in await examine(replace(paths, packs=packs_dir))}
    assert {"Versions", "Folders", "Keyring", "Thinking", "Voice", "Feelings", "Hearing", "Sound"} <= set(findings)
    assert "llama_cpp answered" in findings["Thinking"].sentence
    assert "hibari spoke" in findings["Voice"].sentence
    assert "joy" in findings["Feelings"].sentence or "excitement" in findings["Feelings"].sentence
    assert "whisper understood 7 of 7 words" in findings["Hearing"].sentence
    assert findings["Keyring"].level == "note"


async def test_missing_weights_are_warnings_and_a_thinking_that_only_has_prepared_lines_is_told(paths: Paths) -> None:
    findings = {finding.title: finding for finding in await examine(paths)}
    assert findings["Embedded model"].level == "warning"
    assert "Kokoro voice" not in findings
    assert "Embedded recogniser" not in findings
    assert findings["Hearing"].level == "note"
    assert findings["Feelings"].is_bad


async def test_ears_that_are_missing_are_missed_once_she_listens(paths: Paths) -> None:
    paths.create()
    async with open_show(paths, ShowOptions(EngineSet.STUB, has_connections=False)) as show:
        await show.settings.change("hearing.is_enabled", value=True)
    findings = {finding.title: finding for finding in await examine(paths)}
    assert findings["Embedded recogniser"].level == "warning"
    assert findings["Hearing"].is_bad
