"""The characters as a list, with what the streamer has changed and not yet saved."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from voxelle.domain.errors import VoxelleError
from voxelle.domain.events import CharacterSaved, ShowChanged, ShowSnapshot
from voxelle.domain.persona import Character, VoiceDesign
from voxelle.ui.bridge import Bridge
from voxelle.ui.models.answers import for_owner
from voxelle.ui.models.character_check import NAME_LIMIT, problems

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
IdRole = Qt.ItemDataRole.UserRole + 1
AccentRole = Qt.ItemDataRole.UserRole + 2
BadgeRole = Qt.ItemDataRole.UserRole + 3
OnStageRole = Qt.ItemDataRole.UserRole + 4
UnsavedRole = Qt.ItemDataRole.UserRole + 5


class CharactersModel(QAbstractListModel):
    """All characters. Edits live in drafts until they are saved or discarded; a draft outlives leaving the page.

    `draft_changed(id)`: an edited text, or what is wrong with it. `failed(sentence)`: a command failed.
    """

    loaded = Signal()
    draft_changed = Signal(str)
    stage_changed = Signal()
    saved = Signal(str)
    failed = Signal(str)
    busy_changed = Signal()

    def __init__(self, bridge: Bridge, parent: QObject | None = None, *, sample_ids: Iterable[str] = ()) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._sample_ids = set(sample_ids)
        self._ids: list[str] = []
        self._saved: dict[str, Character] = {}
        self._drafts: dict[str, Character] = {}
        self.stage_id = ""
        self.is_loaded = False
        self.is_busy = False
        self.error = ""
        bridge.subscribe(ShowChanged, self._on_show_changed)
        bridge.subscribe(CharacterSaved, self._on_character_saved)

    def refresh(self) -> None:
        """Read the characters and who is on stage."""
        companion = self._bridge.companion

        async def read() -> tuple[Sequence[Character], ShowSnapshot]:
            return await companion.characters(), companion.snapshot()

        self.error = ""
        self._bridge.run(read, self._take_all, self._on_refresh_failed)

    def ids(self) -> tuple[str, ...]:
        """Return the ids in the order of the list."""
        return tuple(self._ids)

    def character(self, character_id: str) -> Character | None:
        """Return a character as edited."""
        return self._drafts.get(character_id) or self._saved.get(character_id)

    def is_unsaved(self, character_id: str) -> bool:
        """Tell whether a character has changes that are not saved."""
        return character_id in self._drafts

    def is_new(self, character_id: str) -> bool:
        """Tell whether a character was never saved."""
        return character_id in self._drafts and character_id not in self._saved

    def unsaved(self) -> tuple[Character, ...]:
        """Return all edited characters."""
        return tuple(self._drafts.values())

    def problems(self, character_id: str) -> dict[str, str]:
        """Return what keeps a character from being saved, by field."""
        character = self.character(character_id)
        return problems(character) if character else {}

    def edit(self, character_id: str, **changes: Any) -> None:
        """Change fields of a draft; a draft equal to what is saved is none."""
        current = self.character(character_id)
        if current is None:
            return
        draft = replace(current, **changes)
        if _is_same(draft, self._saved.get(character_id)):
            self._drafts.pop(character_id, None)
        else:
            self._drafts[character_id] = draft
        self._announce(character_id)

    def edit_voice(self, character_id: str, **changes: Any) -> None:
        """Change parts of a draft's voice."""
        current = self.character(character_id)
        if current is not None:
            self.edit(character_id, voice=replace(current.voice, **changes))

    def discard(self, character_id: str) -> None:
        """Go back to what is saved; a character that never was disappears."""
        if self.is_new(character_id):
            self._drop(character_id)
            return
        if self._drafts.pop(character_id, None) is not None:
            self._announce(character_id)

    def create(self) -> str:
        """Begin a new character and return its id."""
        name = self._free_name(self.tr("New character"))
        return self._begin(
            Character(
                id="",
                name=name,
                persona=self.tr("You are the cheerful co-host of this stream. You like people and short answers."),
                scene="",
                examples="",
                greeting=self.tr("Hello everyone!"),
                voice=VoiceDesign(),
            )
        )

    def duplicate(self, character_id: str) -> str:
        """Begin a copy of a character, as edited, and return its id."""
        original = self.character(character_id)
        if original is None:
            return ""
        name = self._free_name(self.tr("{name} copy").format(name=original.name)[:NAME_LIMIT])
        return self._begin(replace(original, name=name, is_sample=False))

    def save(self, character_id: str, then: Callable[[], None] | None = None) -> None:
        """Save a draft; `then` runs when it is safe on disk."""
        draft = self._drafts.get(character_id)
        if draft is None or self.problems(character_id):
            return

        def on_saved(_nothing: None) -> None:
            self._take_saved(draft)
            self.saved.emit(character_id)
            self.refresh()  # whether it counts as a sample still is for the store to say
            if then is not None:
                then()

        self._command(lambda: self._bridge.companion.save_character(draft), on_saved)

    def choose(self, character_id: str) -> None:
        """Put a character on stage."""
        self._command(lambda: self._bridge.companion.choose_character(character_id))

    def delete(self, character_id: str) -> None:
        """Delete a character of the streamer's own, or bring a sample back as shipped."""
        if self.is_new(character_id):
            self._drop(character_id)
            return

        def on_deleted(_nothing: None) -> None:
            self._drafts.pop(character_id, None)
            self.refresh()

        self._command(lambda: self._bridge.companion.delete_character(character_id), on_deleted)

    def _command(self, start: Callable[[], Coroutine[Any, Any, None]], done: Callable[[None], None] | None = None) -> None:
        self._set_busy(is_busy=True)

        def on_done(_nothing: None) -> None:
            self._set_busy(is_busy=False)
            if done is not None:
                done(None)

        def on_failed(error: VoxelleError) -> None:
            self._set_busy(is_busy=False)
            self.failed.emit(error.sentence)

        self._bridge.run(start, for_owner(self, on_done), for_owner(self, on_failed))

    def _set_busy(self, *, is_busy: bool) -> None:
        self.is_busy = is_busy
        self.busy_changed.emit()

    def _begin(self, character: Character) -> str:
        stem = re.sub(r"[^a-z0-9]+", "-", character.name.casefold()).strip("-") or "character"
        stamp = f"{stem}-{self._bridge.clock.now():%Y%m%d%H%M%S}"
        new_id, count = stamp, 1
        while new_id in self._ids:
            count += 1
            new_id = f"{stamp}-{count}"
        self.beginInsertRows(ROOT, len(self._ids), len(self._ids))
        self._ids.append(new_id)
        self._drafts[new_id] = replace(character, id=new_id)
        self.endInsertRows()
        return new_id

    def _free_name(self, name: str) -> str:
        taken = {character.name for character in map(self.character, self._ids) if character}
        free, count = name, 1
        while free in taken:
            count += 1
            free = f"{name[: NAME_LIMIT - 4]} {count}"
        return free

    def _drop(self, character_id: str) -> None:
        row = self._ids.index(character_id)
        self.beginRemoveRows(ROOT, row, row)
        self._ids.pop(row)
        self._drafts.pop(character_id, None)
        self._saved.pop(character_id, None)
        self.endRemoveRows()

    def _announce(self, character_id: str) -> None:
        index = self.index(self._ids.index(character_id))
        self.dataChanged.emit(index, index)
        self.draft_changed.emit(character_id)

    def _take_all(self, found: tuple[Sequence[Character], ShowSnapshot]) -> None:
        characters, show = found
        saved = {character.id: character for character in characters}
        self._sample_ids |= {character.id for character in characters if character.is_sample}
        self._drafts = {draft_id: draft for draft_id, draft in self._drafts.items() if not _is_same(draft, saved.get(draft_id))}
        self.stage_id = show.character.id if show.character else ""
        self.is_loaded = True
        ids = [*saved, *(draft_id for draft_id in self._ids if draft_id in self._drafts and draft_id not in saved)]
        if ids == self._ids:
            self._saved = saved
            self.dataChanged.emit(self.index(0), self.index(len(ids) - 1))
            for character_id in ids:
                self.draft_changed.emit(character_id)
        else:
            self.beginResetModel()
            self._saved, self._ids = saved, ids
            self.endResetModel()
        self.loaded.emit()

    def _on_refresh_failed(self, error: VoxelleError) -> None:
        self.error = error.sentence
        self.is_loaded = True
        self.loaded.emit()

    def _on_character_saved(self, _event: CharacterSaved) -> None:
        if self.is_loaded:
            self.refresh()

    def _take_saved(self, character: Character) -> None:
        """Take over what is saved now; a draft that went on meanwhile stays one."""
        self._saved[character.id] = character
        draft = self._drafts.get(character.id)
        if draft is not None and _is_same(draft, character):
            del self._drafts[character.id]
        if character.id in self._ids:
            self._announce(character.id)

    def _on_show_changed(self, event: ShowChanged) -> None:
        stage_id = event.show.character.id if event.show.character else ""
        if stage_id == self.stage_id:
            return
        self.stage_id = stage_id
        if self._ids:
            self.dataChanged.emit(self.index(0), self.index(len(self._ids) - 1))
        self.stage_changed.emit()

    def is_changed_sample(self, character_id: str) -> bool:
        """Tell whether deleting brings a sample back as it was shipped."""
        saved = self._saved.get(character_id)
        return saved is not None and not saved.is_sample and character_id in self._sample_ids

    def can_delete(self, character_id: str) -> bool:
        """Tell whether there is something to delete or to bring back."""
        saved = self._saved.get(character_id)
        return self.is_new(character_id) or (saved is not None and not saved.is_sample)

    def badge(self, character_id: str) -> str:
        """Return the word beside the name: a sample, or the streamer's own."""
        character = self.character(character_id)
        if character is None:
            return ""
        if self.is_new(character_id):
            return self.tr("New")
        if self.is_changed_sample(character_id):
            return self.tr("Changed sample")
        return self.tr("Sample") if character.is_sample else self.tr("Own")

    def rowCount(self, parent: Index = ROOT) -> int:
        """Qt: number of characters."""
        return 0 if parent.isValid() else len(self._ids)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt: a character's name, colour, badge and marks."""
        if not index.isValid():
            return None
        character_id = self._ids[index.row()]
        character = self.character(character_id)
        if character is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return character.name.strip() or self.tr("(no name)")
            case Qt.ItemDataRole.AccessibleTextRole:
                marks = [character.name, self.badge(character_id)]
                marks += [self.tr("on stage")] if character_id == self.stage_id else []
                marks += [self.tr("unsaved changes")] if self.is_unsaved(character_id) else []
                return ", ".join(marks)
            case _:
                values = {
                    IdRole: character_id,
                    AccentRole: character.accent,
                    BadgeRole: self.badge(character_id),
                    OnStageRole: character_id == self.stage_id,
                    UnsavedRole: self.is_unsaved(character_id),
                }
                return values.get(role)


def _is_same(first: Character, second: Character | None) -> bool:
    """Compare what the streamer can edit."""
    return second is not None and replace(first, is_sample=False) == replace(second, is_sample=False)
