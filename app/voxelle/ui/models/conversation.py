"""The conversation as a list that grows at the end, forgets at the start and changes 30 times a second at most."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from voxelle.domain.avatar import Emotion
from voxelle.domain.chat import Stimulus, StimulusKind
from voxelle.domain.events import (
    CharacterSaved,
    ClauseBlocked,
    ClauseHeard,
    ClausePassed,
    MessageReceived,
    MessagesRetracted,
    ShowChanged,
    TurnEnded,
    TurnStarted,
    WordHeard,
)
from voxelle.domain.persona import Character
from voxelle.domain.speech import TurnRecord
from voxelle.ui.bridge import Bridge
from voxelle.ui.models.retractions import Withdrawn
from voxelle.ui.models.rows import (
    DividerRow,
    MessageRow,
    Piece,
    PieceState,
    ReplyRow,
    Row,
    Word,
    is_taken_back,
    message_row,
    plain_text,
    safe_clause,
    shown_name,
    spoken_text,
    without_text,
)

ROW_LIMIT = 5_000
HISTORY_TURNS = 30
_SILENT_KINDS = {StimulusKind.GREETING, StimulusKind.IDLE}
"""Nobody wrote these: only her answer is shown."""
_Index = QModelIndex | QPersistentModelIndex


class ConversationModel(QAbstractListModel):
    """All rows. Keys grow by one a row and never change: the index of a row is its key minus `first_key`.

    Rows are taken in at once and announced together when the bridge has delivered its batch.
    """

    settled = Signal()
    """Everything that came in together is announced: the moment to lay out and paint."""

    def __init__(self, bridge: Bridge, parent: QObject | None = None, *, row_limit: int = ROW_LIMIT) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._limit = row_limit
        self._rows: list[Row | MessageReceived] = []
        """A line of the chat becomes a row when somebody looks at it: in a flood most are forgotten unseen."""
        self._shown = 0
        self._is_unsettled = False
        self._first_key = 0
        self._changed: set[int] = set()
        self._replies: dict[str, int] = {}
        self._characters: dict[str, Character] = {}
        self._has_earlier = False
        self._withdrawn = Withdrawn()
        for event_class, slot in (
            (MessageReceived, self._on_message),
            (MessagesRetracted, self._on_retracted),
            (TurnStarted, self._on_turn_started),
            (ClausePassed, self._on_clause_passed),
            (ClauseBlocked, self._on_clause_blocked),
            (ClauseHeard, self._on_clause_heard),
            (WordHeard, self._on_word_heard),
            (TurnEnded, self._on_turn_ended),
            (ShowChanged, self._on_show_changed),
            (CharacterSaved, self._on_character_saved),
        ):
            bridge.subscribe(event_class, slot)  # type: ignore[arg-type]  # pairs, each right
        bridge.delivered.connect(self.flush)

    def load(self) -> None:
        """Bring in the names, and what was said before this start."""

        async def earlier() -> tuple[Sequence[Character], Sequence[TurnRecord]]:
            companion = self._bridge.companion
            return await companion.characters(), await companion.recent_turns(HISTORY_TURNS)

        self._bridge.run(earlier, self._on_earlier)

    # What views ask

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return how many rows are announced."""
        return 0 if parent.isValid() else self._shown

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the row as plain text, or the row itself for `UserRole`."""
        if not index.isValid():
            return None
        row = self.row(index.row())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return plain_text(row)
            case Qt.ItemDataRole.AccessibleTextRole:
                return spoken_text(row)
            case _:
                return row if role == Qt.ItemDataRole.UserRole else None

    def row(self, index: int) -> Row:
        """Return a row by its index."""
        row = self._rows[index]
        if isinstance(row, MessageReceived):
            row = message_row(row.stimulus, self._first_key + index, row.decision.verdict, row.decision.reason)
            self._rows[index] = row
        return row

    @property
    def first_key(self) -> int:
        """Key of the row at index 0."""
        return self._first_key

    def flush(self) -> None:
        """Announce what came in since the last time."""
        if self._withdrawn:
            self._take_back()
        if len(self._rows) > self._shown:
            self.beginInsertRows(QModelIndex(), self._shown, len(self._rows) - 1)
            self._shown = len(self._rows)
            self.endInsertRows()
            self._is_unsettled = True
        if self._shown > self._limit:
            surplus = self._shown - self._limit
            self.beginRemoveRows(QModelIndex(), 0, surplus - 1)
            del self._rows[:surplus]
            self._first_key += surplus
            self._shown -= surplus
            self.endRemoveRows()
            self._replies = {turn: key for turn, key in self._replies.items() if key >= self._first_key}
        changed = sorted(key - self._first_key for key in self._changed if key >= self._first_key)
        self._changed.clear()
        if changed:
            self.dataChanged.emit(self.index(changed[0]), self.index(changed[-1]))
        if self._is_unsettled or changed:
            self._is_unsettled = False
            self.settled.emit()

    # What happens

    def _next_key(self) -> int:
        return self._first_key + len(self._rows)

    def _know(self, character: Character) -> None:
        self._characters[character.id] = character

    def _on_show_changed(self, event: ShowChanged) -> None:
        """Her coming on stage is the moment from which on the companion knows what was said before."""
        if event.show.character is not None:
            self._know(event.show.character)
            if not self._has_earlier:
                self.load()

    def _on_character_saved(self, event: CharacterSaved) -> None:
        self._know(event.character)

    def _on_message(self, event: MessageReceived) -> None:
        if event.stimulus.kind not in _SILENT_KINDS:
            self._rows.append(event)

    def _on_retracted(self, event: MessagesRetracted) -> None:
        self._withdrawn.add(event, self._next_key())

    def _take_back(self) -> None:
        """Take the text of every line that was retracted: many retractions cost one look at the rows."""
        for index, row in enumerate(self._rows):
            reason = self._why_gone(row, self._first_key + index)
            shown = None if reason is None else self.row(index)
            if reason is not None and isinstance(shown, MessageRow):
                self._rows[index] = without_text(shown, reason)
                self._changed.add(shown.key)
        self._withdrawn.clear()

    def _why_gone(self, row: Row | MessageReceived, key: int) -> str | None:
        """Return why a line was taken back just now, None if it was not."""
        match row:
            case MessageReceived(stimulus=said) if not is_taken_back(said):
                return self._withdrawn.reason(said.id, said.author.platform, said.author.id, said.kind, key)
            case MessageRow(is_removed=False):
                return self._withdrawn.reason(row.stimulus_id, row.platform, row.author_id, row.kind, key)
            case _:
                return None

    def _on_turn_started(self, event: TurnStarted) -> None:
        name, accent = self._who(event.character_id)
        key = self._next_key()
        self._replies[event.turn_id] = key
        self._rows.append(
            ReplyRow(key, self._bridge.clock.now(), event.turn_id, name, accent, _addressees(event.stimuli, event.merged_count))
        )

    def _on_clause_passed(self, event: ClausePassed) -> None:
        clause = event.clause
        self._put_piece(clause.turn_id, Piece(clause.index, safe_clause(clause.text), PieceState.COMING))

    def _on_clause_blocked(self, event: ClauseBlocked) -> None:
        self._put_piece(event.turn_id, Piece(event.index, "", PieceState.BLOCKED))

    def _on_clause_heard(self, event: ClauseHeard) -> None:
        clause = event.clause
        self._put_piece(clause.turn_id, Piece(clause.index, safe_clause(clause.text), PieceState.HEARD))
        feeling = clause.feeling.emotion
        if feeling is not Emotion.NEUTRAL:
            self._update(clause.turn_id, lambda row: replace(row, emotion=feeling.value))

    def _on_word_heard(self, event: WordHeard) -> None:
        word = Word(event.clause_index, event.start, event.end)
        self._update(event.turn_id, lambda row: row if row.outcome else replace(row, word=word))

    def _on_turn_ended(self, event: TurnEnded) -> None:
        record = event.record
        self._update(record.id, lambda row: replace(row, pieces=_heard_pieces(record, row.pieces), word=None, outcome=record.outcome))
        self._replies.pop(record.id, None)

    def _on_earlier(self, result: tuple[Sequence[Character], Sequence[TurnRecord]]) -> None:
        characters, records = result
        for character in characters:
            self._know(character)
        live = {row.turn_id for row in self._rows if isinstance(row, ReplyRow)}
        rows: list[Row] = []
        for record in records:
            if record.id not in live:
                rows += self._earlier_rows(record)
        if not rows or self._has_earlier:
            return
        self._has_earlier = True
        rows.append(DividerRow(0, self.tr("Earlier")))
        first = self._first_key - len(rows)
        rows = [replace(row, key=first + offset) for offset, row in enumerate(rows)]
        self.beginInsertRows(QModelIndex(), 0, len(rows) - 1)
        self._rows[:0] = rows
        self._first_key = first
        self._shown += len(rows)
        self.endInsertRows()
        self.settled.emit()

    def _earlier_rows(self, record: TurnRecord) -> list[Row]:
        name, accent = self._who(record.character_id)
        rows: list[Row] = [message_row(each) for each in record.stimuli if each.kind not in _SILENT_KINDS]
        pieces = _heard_pieces(record, ())
        rows.append(ReplyRow(0, record.started_at, record.id, name, accent, _addressees(record.stimuli, 0), pieces, outcome=record.outcome))
        return rows

    def _who(self, character_id: str) -> tuple[str, str]:
        known = self._characters.get(character_id)
        return (known.name, known.accent) if known else (self.tr("She"), Character("", "", "", "", "", "").accent)

    def _update(self, turn_id: str, change: Callable[[ReplyRow], ReplyRow]) -> None:
        key = self._replies.get(turn_id)
        if key is None:
            return
        row = self._rows[key - self._first_key]
        if isinstance(row, ReplyRow) and (new := change(row)) is not row:
            self._rows[key - self._first_key] = new
            self._changed.add(key)

    def _put_piece(self, turn_id: str, piece: Piece) -> None:
        def put(row: ReplyRow) -> ReplyRow:
            others = [each for each in row.pieces if each.index != piece.index]
            return replace(row, pieces=tuple(sorted([*others, piece], key=lambda each: each.index)))

        self._update(turn_id, put)


def _addressees(stimuli: Sequence[Stimulus], merged: int) -> str:
    names = list(dict.fromkeys(shown_name(each) for each in stimuli if each.kind not in _SILENT_KINDS))
    if not names:
        return ""
    others = len(names) - 1 + merged
    return f"{names[0]} +{others}" if others else names[0]


def _heard_pieces(record: TurnRecord, before: Sequence[Piece]) -> tuple[Piece, ...]:
    """Return exactly what was heard; clauses held back stay marked, those nobody heard are gone."""
    pieces = {each.index: each for each in before if each.state is PieceState.BLOCKED}
    for clause in record.heard:
        state = PieceState.HEARD if clause.is_whole else PieceState.CUT
        pieces[clause.index] = Piece(clause.index, safe_clause(clause.text), state)
    return tuple(pieces[index] for index in sorted(pieces))
