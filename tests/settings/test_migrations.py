"""Old settings files are brought to the present shape."""

from __future__ import annotations

from typing import Any

import pytest

from voxelle.domain.errors import InputError
from voxelle.settings.migrations import STEPS, Tree, migrate
from voxelle.settings.schema import SCHEMA_VERSION, Settings

HAND_WRITTEN: Tree = {"voice": {"volume": 0.5}}


def _rename_loudness(tree: Tree) -> Tree:
    voice = dict(tree.get("voice", {}))
    if "loudness" in voice:
        voice["volume"] = voice.pop("loudness") / 100
    return {**tree, "voice": voice}


def _forget_colour(tree: Tree) -> Tree:
    tree.pop("colour", None)
    return tree


def test_there_is_a_step_for_every_version() -> None:
    assert len(STEPS) == SCHEMA_VERSION


def test_a_file_without_a_version_is_read_as_the_first_one() -> None:
    migrated = migrate(HAND_WRITTEN)
    assert migrated["schema_version"] == SCHEMA_VERSION
    assert Settings.model_validate(migrated).voice.volume == 0.5
    assert HAND_WRITTEN == {"voice": {"volume": 0.5}}


def test_the_present_version_is_left_as_it_is() -> None:
    tree = Settings().model_dump(mode="json")
    assert migrate(tree) == tree


def test_steps_follow_each_other_from_the_files_version_on() -> None:
    old = {"schema_version": 1, "voice": {"loudness": 80}, "colour": "red"}
    assert migrate(old, (*STEPS, _rename_loudness, _forget_colour)) == {"schema_version": 3, "voice": {"volume": 0.8}}
    assert migrate({**old, "schema_version": 2}, (*STEPS, _rename_loudness, _forget_colour))["voice"] == {"loudness": 80}
    assert old["colour"] == "red"


@pytest.mark.parametrize("version", ["1", -1, True, None, 1.5, SCHEMA_VERSION + 1])
def test_a_version_that_is_none_or_newer_is_refused(version: Any) -> None:
    with pytest.raises(InputError):
        migrate({"schema_version": version})
