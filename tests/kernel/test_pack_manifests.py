"""Descriptions of packs: the shipped ones hold, broken ones are refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from voxelle.domain.errors import SetupError
from voxelle.kernel.packs import load_packs
from voxelle.kernel.paths import resource


def test_the_shipped_manifests_name_packs_whose_parts_add_up() -> None:
    shipped = load_packs(resource("packs"))
    assert set(shipped) >= {"ears", "kokoro", "llm-default", "llm-small", "minilm", "speaker", "stt-base", "stt-tiny"}
    assert shipped["llm-default"].size == 1_117_320_768
    for each in shipped.values():
        assert set(each.licence.split(" AND ")) <= {"Apache-2.0", "BSD-2-Clause", "MIT"}
        for file in each.files:
            assert all(part.wheel == f"{part.package.replace('-', '_')}-{part.version}-py3-none-any.whl" for part in file.parts)


def broken(change: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], None]:
    return change


@pytest.mark.parametrize(
    "change",
    [
        broken(lambda manifest: manifest.update(id="other")),
        broken(lambda manifest: manifest.update(files=[])),
        broken(lambda manifest: manifest["files"][0].update(path="../escape")),
        broken(lambda manifest: manifest["files"][0].update(path="/absolute")),
        broken(lambda manifest: manifest["files"][0].update(path="c:\\windows")),
        broken(lambda manifest: manifest["files"][0].update(sha256="abc")),
        broken(lambda manifest: manifest["files"][0].update(size=7)),
        broken(lambda manifest: manifest["files"][0].update(urls=["http://not-safe.example/model.onnx"])),
        broken(lambda manifest: manifest["files"].append(manifest["files"][0])),
        broken(lambda manifest: manifest.pop("licence")),
    ],
)
def test_a_manifest_that_contradicts_itself_is_refused_with_a_sentence(tmp_path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    manifest = json.loads(resource("packs", "minilm.json").read_text(encoding="utf-8"))
    change(manifest)
    (tmp_path / "minilm.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(SetupError, match=r"'minilm' .*install Voxelle again\."):
        load_packs(tmp_path)
