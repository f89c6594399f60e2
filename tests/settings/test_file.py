"""The settings file survives whatever happens to it."""

from __future__ import annotations

import json
import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from voxelle.domain.errors import SetupError
from voxelle.settings.file import SettingsFile
from voxelle.settings.schema import Settings, VoiceSettings


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "settings.json"


@pytest.fixture
def file(path: Path) -> SettingsFile:
    return SettingsFile(path, now=lambda: datetime(2026, 3, 1, 12, tzinfo=UTC))


def loud(volume: float) -> Settings:
    return Settings(voice=VoiceSettings(volume=volume))


def names(path: Path) -> list[str]:
    return sorted(each.name for each in path.parent.iterdir())


def test_without_a_file_the_defaults_hold_and_nothing_is_written(file: SettingsFile, path: Path) -> None:
    loaded = file.load()
    assert loaded.settings == Settings()
    assert loaded.notices == ()
    assert not path.parent.exists()


def test_what_was_saved_is_loaded(file: SettingsFile, path: Path) -> None:
    settings = loud(0.25).model_copy(update={"integrations": {"not_installed": {"channel": "ann \ud83d 😀", "n": [1, None]}}})
    file.save(settings)
    assert file.load().settings == settings
    assert names(path) == ["settings.json"]


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_only_the_user_may_read_the_file(file: SettingsFile, path: Path) -> None:
    file.save(Settings())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_byte_order_mark_of_an_editor_does_not_matter(file: SettingsFile, path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps({"voice": {"volume": 0.1}}).encode())
    assert file.load().settings == loud(0.1)


def test_the_last_five_states_are_kept_newest_first(file: SettingsFile) -> None:
    for number in range(8):
        file.save(loud(number / 10))
    volumes = [json.loads(copy.read_bytes())["voice"]["volume"] for copy in file.copies()]
    assert volumes == [0.6, 0.5, 0.4, 0.3, 0.2]


def test_no_copies_are_kept_if_none_are_wanted(path: Path) -> None:
    file = SettingsFile(path, copies=0)
    file.save(loud(0.1))
    file.save(loud(0.2))
    assert names(path) == ["settings.json"]


DAMAGE = {
    "not JSON": (b'{"voice": {"vol', "it is not JSON"),
    "empty": (b"", "it is not JSON"),
    "binary": (bytes(range(256)), "it is not JSON"),
    "a list": (b"[]", "it is not a tree of settings"),
    "too deep": (b"[" * 100_000, "it is not JSON"),
    "a wrong value": (b'{"voice": {"volume": 7}}', "voice.volume must be at most 1"),
    "an unknown name": (b'{"voice": {"loudness": 7}}', "There is no setting voice.loudness"),
    "a newer version": (
        b'{"schema_version": 99}',
        "it was written by a newer Voxelle (version 99 of the file, this one knows 1)",
    ),
}


@pytest.mark.parametrize("content, reason", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_file_is_set_aside_and_the_newest_good_copy_used(file: SettingsFile, path: Path, content: bytes, reason: str) -> None:
    for volume in (0.1, 0.2, 0.3):
        file.save(loud(volume))
    file.copies()[0].write_bytes(b"damaged as well")
    os.utime(file.copies()[1], (0, 0))
    path.write_bytes(content)
    loaded = file.load()
    assert loaded.settings == loud(0.1)
    kept = "It is kept as settings.damaged-20260301-120000.json. The copy of 1970-01-01 00:00 UTC is used."
    assert loaded.notices == (f"The settings file can't be used: {reason}. {kept}",)
    assert path.with_name("settings.damaged-20260301-120000.json").read_bytes() == content
    # The next save does not bring the damaged file into the copies.
    file.save(loaded.settings)
    assert file.load() == type(loaded)(loud(0.1))


def test_a_damaged_file_without_copies_leads_to_the_defaults(file: SettingsFile, path: Path) -> None:
    path.parent.mkdir()
    for _ in range(2):
        path.write_bytes(b"?")
        loaded = file.load()
        assert loaded.settings == Settings()
        assert loaded.notices[0].endswith("There is no usable copy, so the defaults are used.")
    assert names(path) == ["settings.damaged-20260301-120000-2.json", "settings.damaged-20260301-120000.json"]


def test_a_step_that_stumbles_over_an_old_file_is_a_damaged_file(path: Path) -> None:
    file = SettingsFile(path, steps=(lambda tree: {"voice": tree["voice"]["volume"].lower()},))
    path.parent.mkdir()
    path.write_text('{"voice": {"volume": 1}}')
    assert "does not have the form" in file.load().notices[0]


def test_a_file_that_vanished_is_replaced_by_its_copy(file: SettingsFile, path: Path) -> None:
    file.save(loud(0.1))
    file.save(loud(0.2))
    path.unlink()
    loaded = file.load()
    assert loaded.settings == loud(0.1)
    assert loaded.notices[0].startswith("The settings file is gone. The copy of ")


def test_a_file_that_was_broken_while_running_is_set_aside_by_the_next_save(file: SettingsFile, path: Path) -> None:
    file.save(loud(0.1))
    path.write_bytes(b"half an edi")
    file.save(loud(0.2))
    assert file.load().settings == loud(0.2)
    assert names(path) == ["settings.damaged-20260301-120000.json", "settings.json"]


def test_a_folder_that_cannot_be_written_is_told_and_the_old_file_is_untouched(
    file: SettingsFile, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.save(loud(0.1))

    def refuse(*_: object) -> int:
        raise PermissionError

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        with pytest.raises(SetupError, match="can't be saved in"):
            file.save(loud(0.2))
    assert file.load().settings == loud(0.1)


def test_a_file_in_the_place_of_the_folder_is_told(file: SettingsFile, path: Path) -> None:
    path.parent.write_text("in the way")
    with pytest.raises(SetupError):
        file.save(Settings())


def test_a_file_that_cannot_be_read_leads_to_the_defaults_and_stays(file: SettingsFile, path: Path) -> None:
    path.mkdir(parents=True)
    loaded = file.load()
    assert loaded.settings == Settings()
    assert "can't be read" in loaded.notices[0]
    with pytest.raises(SetupError):
        file.save(Settings())


def test_a_damaged_file_that_cannot_be_renamed_is_told(file: SettingsFile, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.parent.mkdir()
    path.write_bytes(b"?")

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "replace", refuse)
    assert "It could not be renamed." in file.load().notices[0]


@given(
    content=st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
    ).map(lambda tree: json.dumps(tree).encode())
)
@examples(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_content_keeps_the_program_from_starting(file: SettingsFile, path: Path, content: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    assert isinstance(file.load().settings, Settings)
