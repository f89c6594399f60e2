"""Settings while the program runs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from tests.settings.parts import ChatSettings, StrictSettings
from voxelle.contracts.storage import SettingsHistory
from voxelle.domain.errors import InputError, SetupError, TemporaryError
from voxelle.domain.events import Event, NoticeRaised, SettingsChanged
from voxelle.kernel.bus import Bus
from voxelle.kernel.clock import SystemClock
from voxelle.settings.fields import SettingField
from voxelle.settings.file import SettingsFile
from voxelle.settings.schema import Engine, Settings, Theme, Voice
from voxelle.settings.service import SettingsService

PARTS: Mapping[str, type[BaseModel]] = {"chat": ChatSettings, "strict": StrictSettings}


class Watch(SystemClock):
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds


class FakeHistory(SettingsHistory):
    """Keeps changes in a list."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, str, str]] = []
        self.is_broken = False

    async def append_change(self, path: str, old: str, new: str, at: datetime) -> None:
        if self.is_broken:
            msg = "The disk is full."
            raise TemporaryError(msg)
        self.kept.append((path, old, new))

    async def changes(self, limit: int) -> Sequence[tuple[datetime, str, str, str]]:
        return []


@pytest.fixture
def file(tmp_path: Path) -> SettingsFile:
    return SettingsFile(tmp_path / "config" / "settings.json")


@pytest.fixture
def history() -> FakeHistory:
    return FakeHistory()


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def events(bus: Bus) -> list[Event]:
    heard: list[Event] = []
    bus.subscribe(Event, heard.append)
    return heard


@pytest.fixture
def service(file: SettingsFile, bus: Bus, watch: Watch, history: FakeHistory, events: list[Event]) -> SettingsService:
    return SettingsService(file, bus, watch, history, environ={}, parts=PARTS)


def saved(file: SettingsFile) -> Any:
    return json.loads(file.path.read_bytes())


def by_path(service: SettingsService) -> dict[str, SettingField]:
    return {field.path: field for field in service.fields(include_hidden=True)}


async def test_a_change_holds_is_saved_announced_and_remembered(
    service: SettingsService, file: SettingsFile, events: list[Event], history: FakeHistory
) -> None:
    await service.change("voice.volume", 0.5)
    assert service.current.voice.volume == 0.5
    assert service.value("voice.volume") == 0.5
    assert saved(file)["voice"]["volume"] == 0.5
    assert events == [SettingsChanged(("voice.volume",), needs_restart=False)]
    assert history.kept == [("voice.volume", "0.9", "0.5")]


async def test_values_are_json_values(service: SettingsService) -> None:
    await service.change("general.theme", "dark")
    await service.change("voice.chain", ["espeak"])
    assert service.current.general.theme is Theme.DARK
    assert service.current.voice.chain == (Voice.ESPEAK,)
    assert service.value("voice.chain") == ["espeak"]


async def test_a_change_to_the_same_value_is_none(service: SettingsService, events: list[Event], history: FakeHistory) -> None:
    await service.change("voice.volume", 0.9)
    assert events == []
    assert history.kept == []
    assert not service.can_undo


async def test_a_restart_is_asked_for_where_the_schema_says_so(service: SettingsService, events: list[Event]) -> None:
    await service.change("language_model.threads", 2)
    assert events == [SettingsChanged(("language_model.threads",), needs_restart=True)]


@pytest.mark.parametrize(
    "path, value, sentence",
    [
        ("voice.volume", 7, "Volume must be at most 1."),
        ("voice.volume", -1, "Volume must be at least 0."),
        ("voice.volume", float("nan"), "Volume must be at most 1."),
        ("voice.volume", "loud", "Volume must be a number."),
        ("turn.queue_limit", 1.5, "Longest queue must be a whole number."),
        ("voice.is_muted", "perhaps", "Muted must be on or off."),
        ("general.theme", "pink", "Theme must be one of 'system', 'light' or 'dark'."),
        ("logs.level", "chatty", "Log level does not have the right form."),
        ("voice.chain", "espeak", "Voices, in order must be a list."),
        ("voice.chain", ["espeak", "parrot"], "Voices, in order (entry 2) must be one of 'hibari', 'kokoro', 'openai_speech' or 'espeak'."),
        ("voice.output_device", "x" * 301, "Output device must be at most 300 characters long."),
        ("voice.output_device", 5, "Output device must be text."),
        ("voice.loudness", 5, "There is no setting voice.loudness."),
        ("voice", {}, "There is no setting voice."),
        ("schema_version", 5, "There is no setting schema_version."),
        ("integrations.chat.port", 0, "Port must be at least 1."),
        ("integrations.chat.channel", "x" * 26, "Channel must be at most 25 characters long."),
        ("integrations.chat.reconnecting.attempts", 0, "Attempts must be at least 1."),
        ("integrations.gone.channel", "x", "There is no setting integrations.gone.channel."),
    ],
)
async def test_a_wrong_value_is_told_in_a_sentence_and_changes_nothing(
    service: SettingsService, events: list[Event], path: str, value: Any, sentence: str
) -> None:
    with pytest.raises(InputError) as caught:
        await service.change(path, value)
    assert caught.value.sentence == sentence
    assert service.current == Settings()
    assert events == []


@pytest.mark.parametrize("address", ["postgresql+psycopg://ann:hunter2@host/db", "postgresql://host/db?password=hunter2"])
async def test_a_password_in_an_address_is_refused(service: SettingsService, address: str) -> None:
    with pytest.raises(InputError, match="Leave the password out") as caught:
        await service.change("storage.database_url", address)
    assert "hunter2" not in caught.value.sentence


async def test_an_address_that_is_none_is_judged_by_its_own_rules(service: SettingsService) -> None:
    await service.change("storage.database_url", "http://[half")
    assert service.current.storage.database_url == "http://[half"


async def test_a_secret_setting_stays_out_of_the_history(service: SettingsService, history: FakeHistory) -> None:
    await service.change("storage.database_url", "postgresql+psycopg://ann@host/db")
    assert history.kept == [("storage.database_url", '"(hidden)"', '"(hidden)"')]


async def test_several_settings_change_together_or_not_at_all(service: SettingsService, events: list[Event]) -> None:
    with pytest.raises(InputError):
        await service.change_all({"voice.volume": 0.1, "voice.speed": 99})
    assert service.current == Settings()
    await service.change_all({"voice.volume": 0.1, "voice.speed": 1.5})
    assert events == [SettingsChanged(("voice.volume", "voice.speed"))]
    await service.undo()
    assert service.current == Settings()


async def test_steps_are_taken_back_and_made_again(service: SettingsService, history: FakeHistory, watch: Watch) -> None:
    await service.change("voice.volume", 0.5)
    await service.change("general.theme", "dark")
    assert await service.undo() == ("general.theme",)
    assert service.current.general.theme is Theme.SYSTEM
    assert await service.undo() == ("voice.volume",)
    assert service.current == Settings()
    assert not service.can_undo
    with pytest.raises(InputError, match="no change of settings to take back"):
        await service.undo()
    await service.redo()
    await service.redo()
    assert (service.current.voice.volume, service.current.general.theme) == (0.5, Theme.DARK)
    assert not service.can_redo
    with pytest.raises(InputError, match="no change of settings to make again"):
        await service.redo()
    assert len(history.kept) == 6


async def test_a_new_change_ends_what_could_be_made_again(service: SettingsService) -> None:
    await service.change("voice.volume", 0.5)
    await service.undo()
    await service.change("voice.volume", 0.7)
    assert not service.can_redo


async def test_a_slider_being_dragged_is_one_step(service: SettingsService, watch: Watch) -> None:
    for volume in (0.8, 0.7, 0.6):
        watch.seconds += 0.5
        await service.change("voice.volume", volume)
    watch.seconds += 5
    await service.change("voice.volume", 0.1)
    await service.undo()
    assert service.current.voice.volume == 0.6
    await service.undo()
    assert service.current.voice.volume == 0.9


async def test_a_setting_a_part_and_everything_can_be_reset(service: SettingsService) -> None:
    await service.change("general.character_id", "basil")
    for path, value in (("voice.volume", 0.1), ("voice.speed", 1.5), ("general.theme", "dark"), ("integrations.chat.channel", "ann")):
        await service.change(path, value)
    await service.reset("voice.volume")
    assert (service.current.voice.volume, service.current.voice.speed) == (0.9, 1.5)
    await service.reset("voice")
    assert service.current.voice.speed == 1.0
    assert service.value("general.theme") == "dark"
    await service.reset("integrations.chat")
    assert service.value("integrations.chat.channel") == ""
    await service.reset()
    assert service.current.general.theme is Theme.SYSTEM
    assert service.current.general.character_id == "basil"
    with pytest.raises(InputError):
        await service.reset("kitchen")


async def test_the_environment_wins_is_shown_and_never_saved(file: SettingsFile, bus: Bus, watch: Watch) -> None:
    environ = {
        "VOXELLE_SETTING__VOICE__VOLUME": "0.25",
        "VOXELLE_SETTING__VOICE__IS_MUTED": "true",
        "VOXELLE_SETTING__VOICE__CHAIN": '["espeak"]',
        "VOXELLE_SETTING__LANGUAGE_MODEL__CHAIN": "ollama, llama_cpp",
        "VOXELLE_SETTING__INTEGRATIONS__CHAT__CHANNEL": "ann",
        "VOXELLE_SETTING__STORAGE__DATABASE_URL": "postgresql://ann:hunter2@host/db",
        "OTHER": "1",
    }
    service = SettingsService(file, bus, watch, environ=environ, parts=PARTS)
    assert service.notices == ()
    assert service.current.voice.volume == 0.25
    assert service.current.voice.is_muted
    assert service.current.voice.chain == (Voice.ESPEAK,)
    assert service.current.language_model.chain == (Engine.OLLAMA, Engine.LLAMA_CPP)
    assert service.value("integrations.chat.channel") == "ann"
    field = by_path(service)["voice.volume"]
    assert (field.value, field.default, field.is_overridden) == (0.25, 0.9, True)
    assert not by_path(service)["voice.speed"].is_overridden
    with pytest.raises(InputError, match="set by the environment variable VOXELLE_SETTING__VOICE__VOLUME"):
        await service.change("voice.volume", 0.5)
    await service.reset("voice")
    await service.change("voice.speed", 1.5)
    assert saved(file)["voice"] == {**Settings().model_dump(mode="json")["voice"], "speed": 1.5}
    assert saved(file)["integrations"] == {}
    assert "hunter2" not in file.path.read_text()
    assert service.current.voice.volume == 0.25


def test_an_override_that_is_wrong_is_told_and_ignored(file: SettingsFile, bus: Bus, watch: Watch) -> None:
    environ = {
        "VOXELLE_SETTING__VOICE__VOLUME": "7",
        "VOXELLE_SETTING__VOICE__CHAIN": "[half",
        "VOXELLE_SETTING__VOICE__COLOUR": "red",
        "VOXELLE_SETTING__SCHEMA_VERSION": "3",
    }
    service = SettingsService(file, bus, watch, environ=environ)
    assert service.current == Settings()
    assert set(service.notices) == {
        "The environment variable VOXELLE_SETTING__VOICE__VOLUME is ignored: Volume must be at most 1.",
        "The environment variable VOXELLE_SETTING__VOICE__CHAIN is ignored: Voices, in order must be a list.",
        "The environment variable VOXELLE_SETTING__VOICE__COLOUR names no setting and is ignored.",
        "The environment variable VOXELLE_SETTING__SCHEMA_VERSION is ignored: There is no setting schema_version.",
    }


def test_what_was_wrong_with_the_file_is_told(file: SettingsFile, bus: Bus, watch: Watch) -> None:
    file.path.parent.mkdir()
    file.path.write_text("?")
    service = SettingsService(file, bus, watch)
    assert "it is not JSON" in service.notices[0]


async def test_a_folder_that_cannot_be_written_costs_a_notice_and_not_the_change(
    service: SettingsService, file: SettingsFile, events: list[Event]
) -> None:
    file.path.parent.write_text("in the way")
    await service.change("voice.volume", 0.5)
    await service.change("voice.speed", 1.5)
    assert (service.current.voice.volume, service.current.voice.speed) == (0.5, 1.5)
    notices = [event.sentence for event in events if isinstance(event, NoticeRaised)]
    assert len(notices) == 1
    assert "last until Voxelle is closed" in notices[0]
    file.path.parent.unlink()
    await service.change("voice.speed", 1.2)
    assert saved(file)["voice"]["volume"] == 0.5
    assert events[-1] == NoticeRaised(events[-1].level, "The settings are saved again.")  # type: ignore[attr-defined]


async def test_changes_that_come_together_are_saved_once(
    service: SettingsService, file: SettingsFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    saves: list[float] = []
    save = file.save

    def counted(settings: Settings) -> None:
        saves.append(settings.voice.volume)
        save(settings)

    monkeypatch.setattr(file, "save", counted)
    await asyncio.gather(*(service.change("voice.volume", number / 100) for number in range(50)))
    assert len(saves) <= 2
    assert saved(file)["voice"]["volume"] == 0.49


async def test_a_history_that_fails_does_not_fail_the_change(service: SettingsService, history: FakeHistory) -> None:
    history.is_broken = True
    await service.change("voice.volume", 0.5)
    assert service.current.voice.volume == 0.5


async def test_a_history_can_come_later(file: SettingsFile, bus: Bus, watch: Watch, history: FakeHistory) -> None:
    service = SettingsService(file, bus, watch, environ={})
    await service.change("voice.volume", 0.5)
    service.use_history(history)
    await service.change("voice.volume", 0.6)
    assert history.kept == [("voice.volume", "0.5", "0.6")]


async def test_an_integration_gets_its_part_in_its_own_type(service: SettingsService) -> None:
    await service.change("integrations.chat.channel", "ann")
    await service.change("integrations.chat.reconnecting.attempts", 5)
    part = service.integration("chat")
    assert isinstance(part, ChatSettings)
    assert (part.channel, part.reconnecting.attempts, part.port) == ("ann", 5, None)
    with pytest.raises(SetupError, match="Address is missing"):
        service.integration("strict")
    with pytest.raises(InputError, match="not installed"):
        service.integration("gone")
    assert service.value("integrations.strict.address") is None


async def test_an_integration_without_defaults_is_filled_in_field_by_field(service: SettingsService) -> None:
    await service.change("integrations.strict.address", "there")
    with pytest.raises(SetupError, match="Room is missing"):
        service.integration("strict")
    with pytest.raises(InputError, match="Room must be at least 1 characters long"):
        await service.change("integrations.strict.room", "")
    await service.change("integrations.strict.room", "5")
    assert service.integration("strict") == StrictSettings(address="there", room="5")
    await service.reset()
    assert service.value("integrations.strict.room") == "5"
    await service.undo()
    with pytest.raises(SetupError):
        service.integration("strict")


async def test_parts_that_are_not_installed_and_entries_of_other_versions_are_kept(file: SettingsFile, bus: Bus, watch: Watch) -> None:
    others = {"gone": {"deep": [1, {"a": None}]}, "chat": {"channel": "ann", "of_a_later_version": 7}}
    file.save(Settings(integrations=others))
    service = SettingsService(file, bus, watch, environ={}, parts=PARTS)
    await service.change("integrations.chat.port", 80)
    assert saved(file)["integrations"] == {"gone": others["gone"], "chat": {"channel": "ann", "of_a_later_version": 7, "port": 80}}
    part = service.integration("chat")
    assert isinstance(part, ChatSettings)
    assert part.channel == "ann"


async def test_fields_show_present_values_and_hidden_ones_only_if_asked(service: SettingsService) -> None:
    await service.change("integrations.chat.channel", "ann")
    assert by_path(service)["integrations.chat.channel"].value == "ann"
    assert "general.character_id" in by_path(service)
    assert "general.character_id" not in {field.path for field in service.fields()}
