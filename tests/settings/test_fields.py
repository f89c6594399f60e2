"""The flat list of settings."""

from __future__ import annotations

from tests.settings.parts import ChatSettings, StageSettings
from voxelle.settings.fields import FieldKind, describe
from voxelle.settings.schema import Settings


def test_every_setting_of_the_tree_is_there_once_with_words() -> None:
    fields = describe({})
    parts = {name for name in Settings.model_fields if name not in {"schema_version", "integrations"}}
    assert {field.part.partition(".")[0] for field in fields.values()} - {""} == parts
    assert all(field.title and field.description for field in fields.values() if not field.is_hidden)
    assert all(field.part_title for field in fields.values() if field.part)


def test_kinds_bounds_and_choices_come_from_the_schema() -> None:
    fields = describe({})
    volume = fields["voice.volume"]
    assert (volume.kind, volume.minimum, volume.maximum, volume.default) == (FieldKind.FLOAT, 0.0, 1.0, 0.9)
    assert (fields["turn.queue_limit"].kind, fields["turn.queue_limit"].maximum) == (FieldKind.INT, 500)
    assert fields["voice.is_muted"].kind is FieldKind.BOOL
    assert (fields["general.theme"].kind, fields["general.theme"].choices) == (FieldKind.CHOICE, ("system", "light", "dark"))
    assert (fields["logs.level"].kind, fields["logs.level"].choices) == (FieldKind.CHOICE, ("debug", "info", "warning", "error"))
    chain = fields["voice.chain"]
    assert (chain.kind, chain.choices, chain.default) == (
        FieldKind.LIST,
        ("hibari", "kokoro", "openai_speech", "espeak"),
        ["hibari", "espeak"],
    )
    assert (fields["safety.blocked_words"].kind, fields["safety.blocked_words"].choices) == (FieldKind.LIST, ())
    assert (fields["language_model.openai_base_url"].kind, fields["voice.output_device"].longest) == (FieldKind.TEXT, 300)


def test_restart_secret_and_hidden_are_told() -> None:
    fields = describe({})
    assert fields["storage.database_url"].is_secret
    assert fields["storage.database_url"].restart == "app"
    assert not fields["voice.volume"].is_secret
    assert fields["voice.volume"].restart == ""
    assert fields["schema_version"].is_hidden
    assert fields["general.character_id"].is_hidden


def test_an_integration_brings_its_own_part() -> None:
    fields = describe({"chat": ChatSettings})
    channel = fields["integrations.chat.channel"]
    assert (channel.part, channel.part_title, channel.title, channel.default) == ("integrations.chat", "Chat", "Channel", "")
    port = fields["integrations.chat.port"]
    assert (port.kind, port.minimum, port.maximum, port.default, port.restart) == (FieldKind.INT, 1, 65535, None, "app")
    attempts = fields["integrations.chat.reconnecting.attempts"]
    assert (attempts.part, attempts.part_title, attempts.default) == ("integrations.chat.reconnecting", "Reconnecting", 3)


def test_every_reaction_can_be_changed_by_its_path_and_has_its_own_default() -> None:
    fields = describe({})
    assert fields["reactions.raid.priority"].default == 30.0
    assert fields["reactions.follow.template"].default.startswith("{name} follows")
    assert fields["reactions.announcement.is_on"].default is False
    assert all(field.is_hidden for path, field in fields.items() if path.startswith("reactions."))


def test_structured_settings_are_there_and_never_on_the_page() -> None:
    fields = describe({"stage": StageSettings})
    places, mappings = fields["integrations.stage.places"], fields["integrations.stage.mappings"]
    assert (places.kind, places.is_hidden, places.default) == (FieldKind.OBJECT, True, [{"name": "Chat", "size": 1.0}])
    assert (mappings.kind, mappings.is_hidden, mappings.is_required, mappings.default) == (FieldKind.OBJECT, True, False, {})
    assert (fields["integrations.stage.words"].default, fields["integrations.stage.words"].kind) == ([], FieldKind.LIST)
