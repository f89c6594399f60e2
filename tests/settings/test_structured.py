"""Structured settings and reactions: changed by path, undone, kept in the history, set by the environment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import BaseModel

from tests.settings.parts import StageSettings
from tests.settings.test_service import FakeHistory
from voxelle.domain.errors import InputError
from voxelle.domain.events import SettingsChanged
from voxelle.kernel.bus import Bus
from voxelle.kernel.clock import SystemClock
from voxelle.settings.file import SettingsFile
from voxelle.settings.schema import Settings
from voxelle.settings.service import SettingsService

PARTS: Mapping[str, type[BaseModel]] = {"stage": StageSettings}
MAPPINGS = "integrations.stage.mappings"
PLACES = "integrations.stage.places"


@pytest.fixture
def history() -> FakeHistory:
    return FakeHistory()


@pytest.fixture
def service(tmp_path: Path, bus: Bus, history: FakeHistory) -> SettingsService:
    return SettingsService(SettingsFile(tmp_path / "settings.json"), bus, SystemClock(), history, environ={}, parts=PARTS)


async def test_an_object_is_changed_undone_and_remembered(service: SettingsService, bus: Bus, history: FakeHistory, tmp_path: Path) -> None:
    paths: list[tuple[str, ...]] = []
    bus.subscribe(SettingsChanged, lambda event: paths.append(event.paths))
    await service.change(MAPPINGS, {"fox.1": {"name": "Fox"}})
    fox = {"fox.1": {"name": "Fox", "size": 1.0}}
    assert service.value(MAPPINGS) == fox
    assert service.integration("stage").model_dump()["mappings"] == fox
    assert json.loads((tmp_path / "settings.json").read_text(encoding="utf-8"))["integrations"]["stage"]["mappings"] == fox
    assert history.kept == [(MAPPINGS, "{}", json.dumps(fox))]
    await service.undo()
    assert service.value(MAPPINGS) == {}
    await service.redo()
    assert service.value(MAPPINGS) == fox
    assert paths == [(MAPPINGS,)] * 3


async def test_a_list_of_objects_is_changed_and_reset(service: SettingsService) -> None:
    await service.change(PLACES, [{"name": "React"}, {"name": "Chat", "size": 2}])
    assert service.value(PLACES) == [{"name": "React", "size": 1.0}, {"name": "Chat", "size": 2.0}]
    await service.reset("integrations.stage")
    assert len(service.value(PLACES)) == 2, "what has a place of its own is not reset with the page"
    await service.reset(PLACES)
    assert service.value(PLACES) == [{"name": "Chat", "size": 1.0}]


@pytest.mark.parametrize(
    "path,value,sentence",
    [
        (PLACES, [{"name": "x"}, {"name": "y", "size": 3}], r"^Places \(entry 2\) must be at most 2\.$"),
        (MAPPINGS, {"fox": {"name": ""}}, r"^Mappings must be at least 1 characters long\.$"),
        (MAPPINGS, [1], r"^Mappings "),
        ("reactions.raid.template", "{nobody} comes", r"^What she is told can't be taken: there is no {nobody}"),
        ("reactions.raid.template", "lone { brace", r"^What she is told can't be taken"),
        ("reactions.raid.merge_s", 1000, r"^Join within \(s\) must be at most 120\.$"),
        ("reactions.dance.is_on", True, "There is no setting"),
    ],
)
async def test_what_is_wrong_inside_is_told_by_the_name_of_the_setting(
    service: SettingsService, path: str, value: object, sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        await service.change(path, value)


async def test_structured_settings_are_listed_only_when_asked_for(service: SettingsService) -> None:
    assert MAPPINGS not in {field.path for field in service.fields()}
    listed = {field.path: field.value for field in service.fields(include_hidden=True)}
    assert listed[MAPPINGS] == {}
    assert listed["reactions.raid.is_on"] is True


async def test_a_reaction_is_changed_and_reset_to_its_own_default(service: SettingsService) -> None:
    await service.change_all({"reactions.raid.template": "{name}!", "reactions.raid.threshold": 7, "reactions.follow.is_on": False})
    assert (service.current.reactions.raid.template, service.current.reactions.raid.threshold) == ("{name}!", 7)
    assert not service.current.reactions.follow.is_on
    await service.reset("reactions.raid")
    assert service.current.reactions.raid == Settings().reactions.raid
    assert not service.current.reactions.follow.is_on
    await service.reset()
    assert not service.current.reactions.follow.is_on, "the page of settings does not show reactions"
    await service.reset("reactions")
    assert service.current.reactions == Settings().reactions


def test_the_environment_can_set_an_object(tmp_path: Path, bus: Bus) -> None:
    environ = {
        "VOXELLE_SETTING__INTEGRATIONS__STAGE__MAPPINGS": '{"fox": {"name": "Fox"}}',
        "VOXELLE_SETTING__INTEGRATIONS__STAGE__PLACES": "nonsense",
        "VOXELLE_SETTING__REACTIONS__RAID__IS_ON": "false",
    }
    service = SettingsService(SettingsFile(tmp_path / "settings.json"), bus, SystemClock(), environ=environ, parts=PARTS)
    assert service.value(MAPPINGS) == {"fox": {"name": "Fox", "size": 1.0}}
    assert not service.current.reactions.raid.is_on
    assert len(service.notices) == 1
