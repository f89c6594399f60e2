"""Characters: the samples as shipped, the streamer's own, and the streamer's versions of samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec
import structlog
from sqlalchemy import Connection, delete, select

from voxelle.contracts.storage import CharacterStore
from voxelle.domain.persona import Character
from voxelle.kernel.clock import Clock
from voxelle.storage.inserts import insert_for
from voxelle.storage.reader import Reader
from voxelle.storage.tables import characters
from voxelle.storage.writer import Writer

log = structlog.get_logger("store")


class Characters(CharacterStore):
    """Implements the contract.

    A sample is a row only while it differs from what was shipped, and stays a sample (`is_sample`):
    saving it as shipped, or deleting it, brings the shipped one back.
    """

    def __init__(self, writer: Writer, reader: Reader, dialect: str, clock: Clock, samples: Sequence[Character]) -> None:
        insert = insert_for(dialect)
        added = insert(characters)
        changed = {"content": added.excluded.content, "saved_at": added.excluded.saved_at}
        self._save = added.on_conflict_do_update(index_elements=["id"], set_=changed)
        self._writer = writer
        self._reader = reader
        self._clock = clock
        self._samples = {sample.id: replace(sample, is_sample=True) for sample in samples}

    async def characters(self) -> Sequence[Character]:
        """Return all characters: samples first, changed or not, then the others, each by name."""
        kept = await self._reader.read(_kept)
        present = (replace(each, is_sample=each.id in self._samples) for each in {**self._samples, **kept}.values())
        return sorted(present, key=lambda each: (not each.is_sample, each.name.casefold(), each.id))

    async def save_character(self, character: Character) -> None:
        """Create or replace a character."""
        if replace(character, is_sample=True) == self._samples.get(character.id):
            await self.delete_character(character.id)
            return
        row = {"id": character.id, "content": msgspec.to_builtins(character), "saved_at": self._clock.now()}
        await self._writer.append(self._save, row)

    async def delete_character(self, character_id: str) -> None:
        """Delete a character, or bring a changed sample back; one that is not there is no error."""
        statement = delete(characters).where(characters.c.id == character_id)
        await self._writer.perform(lambda connection: connection.execute(statement).rowcount)


def _kept(connection: Connection) -> dict[str, Character]:
    kept: dict[str, Character] = {}
    for row in connection.execute(select(characters)).mappings():
        try:
            kept[row["id"]] = msgspec.convert(row["content"], Character)
        except (ValueError, TypeError) as error:
            log.warning("store.character_unreadable", kind=type(error).__name__)
    return kept
