"""Characters: samples, the streamer's own, and changed samples."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import func, select, update

from tests.storage.samples import CAST
from voxelle.domain.persona import Character, VoiceDesign
from voxelle.storage.database import Database
from voxelle.storage.tables import characters

OWN = Character("z", "anna", "Shy.", "", "", "Hi \x00!", VoiceDesign("soft", 1.2, 0.9, 1.1, 0.5), "#00ff00", ("A",), ("Hm, {viewer}.",))
MIRA, BASIL = CAST


async def test_samples_come_first_each_group_by_name(database: Database) -> None:
    late = replace(OWN, id="y", name="Zoe")
    for each in (late, OWN):
        await database.characters.save_character(each)
    assert await database.characters.characters() == [BASIL, MIRA, OWN, late]


async def test_a_character_is_replaced_whole(database: Database) -> None:
    await database.characters.save_character(OWN)
    changed = replace(OWN, persona="Bold.", aliases=())
    await database.characters.save_character(changed)
    assert (await database.characters.characters())[2:] == [changed]


async def test_a_changed_sample_stays_a_sample_and_comes_back_as_shipped_when_deleted(database: Database) -> None:
    changed = replace(MIRA, greeting="Hey!", is_sample=False)
    await database.characters.save_character(changed)
    assert await database.characters.characters() == [BASIL, replace(changed, is_sample=True)]
    await database.characters.delete_character("mira")
    assert await database.characters.characters() == [BASIL, MIRA]


async def test_a_sample_saved_as_shipped_leaves_no_row(database: Database) -> None:
    await database.characters.save_character(replace(MIRA, greeting="Hey!"))
    await database.characters.save_character(MIRA)
    count = await database._reader.read(lambda connection: connection.execute(select(func.count()).select_from(characters)).scalar_one())
    assert count == 0


async def test_deleting_twice_is_no_error(database: Database) -> None:
    await database.characters.save_character(OWN)
    await database.characters.delete_character(OWN.id)
    await database.characters.delete_character(OWN.id)
    assert await database.characters.characters() == [BASIL, MIRA]


async def test_a_character_that_cannot_be_read_is_left_out(database: Database) -> None:
    await database.characters.save_character(OWN)
    await database._writer.perform(lambda connection: connection.execute(update(characters).values(content=[1])))
    assert await database.characters.characters() == [BASIL, MIRA]
