"""The cast: who there is, and who is on stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voxelle.companion.prompt import PromptWriter
from voxelle.domain.errors import InputError, SetupError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voxelle.contracts.storage import CharacterStore
    from voxelle.domain.persona import Character
    from voxelle.settings.service import SettingsService


class Cast:
    """All characters, and the prompt writer of the one on stage."""

    def __init__(self, store: CharacterStore, settings: SettingsService) -> None:
        self._store = store
        self._settings = settings
        self._writer: PromptWriter | None = None

    @property
    def writer(self) -> PromptWriter:
        """Write the prompts of whoever is on stage. SetupError while nobody is."""
        if self._writer is None:
            msg = "Nobody is on stage yet."
            raise SetupError(msg)
        return self._writer

    def is_on_stage(self, character_id: str) -> bool:
        """Whether this character is the one on stage."""
        return self._writer is not None and self._writer.character.id == character_id

    async def all(self) -> Sequence[Character]:
        """Return all characters."""
        return await self._store.characters()

    async def require(self, character_id: str) -> None:
        """Raise InputError if there is no character of that id."""
        if character_id not in {character.id for character in await self.all()}:
            msg = "That character does not exist any more."
            raise InputError(msg)

    async def enter(self, character_id: str) -> Character:
        """Put a character on stage, or the first one if it is gone. SetupError if there is none at all."""
        known = {character.id: character for character in await self.all()}
        if not known:
            msg = "There is no character at all. Install Voxelle again to bring the samples back."
            raise SetupError(msg)
        character = known.get(character_id) or next(iter(known.values()))
        self._writer = PromptWriter(character, self._settings.current.language_model)
        return character

    def renew_writer(self) -> None:
        """Take over changed settings of the language model."""
        if self._writer is not None:
            self._writer = PromptWriter(self._writer.character, self._settings.current.language_model)

    async def save(self, character: Character) -> None:
        """Create or replace a character. InputError if it has no name."""
        if not character.name.strip() or not character.id.strip():
            msg = "A character needs a name."
            raise InputError(msg)
        await self._store.save_character(character)

    async def delete(self, character_id: str) -> None:
        """Delete a character, or bring a sample back as shipped. InputError for one of the streamer's own that is on stage."""
        if self.is_on_stage(character_id) and not self.writer.character.is_sample:
            msg = "She is on stage. Choose another character first."
            raise InputError(msg)
        await self._store.delete_character(character_id)
