"""Which lines of the chat she may answer: whether, which, and whose."""

from __future__ import annotations

from voxelle.ui.models.settings import SettingsModel
from voxelle.ui.pages.connections.settings_rows import SettingsRows
from voxelle.ui.pages.controls import column
from voxelle.ui.theme import Space
from voxelle.ui.widgets.card import Card
from voxelle.ui.widgets.labels import label
from voxelle.ui.widgets.yielding import Yielding

PART = "turn"
_WHETHER = ("answer_chat", "answer_all")
_LETS_THROUGH = ("answer_mentions", "answer_keywords", "answer_questions", "answer_highlighted", "answer_bits_from", "answer_first_time")
_WHOSE = ("only_supporters", "answer_shared_chat")


class ChatLines(Yielding):
    """The same settings as under Answering on the Settings page, sorted by what they do."""

    def __init__(self, settings: SettingsModel) -> None:
        super().__init__()
        self._settings = settings
        self.whether = self._rows(_WHETHER)
        self.lets_through = self._rows(_LETS_THROUGH)
        self.whose = self._rows(_WHOSE)
        self.hint = label(tone="muted", wraps=True)
        cards = column(self, spacing=Space.M)
        for title, rows in (
            (self.tr("Which lines she may answer"), self.whether),
            (self.tr("Lines that are let through"), self.lets_through),
            (self.tr("Whose lines"), self.whose),
        ):
            card = Card()
            card.set_title(title)
            if rows is self.lets_through:
                card.body.addWidget(self.hint)
            card.body.addWidget(rows)
            cards.addWidget(card)
        cards.addStretch(1)
        settings.loaded.connect(self._show)
        settings.field_changed.connect(self._on_field_changed)
        self._show()

    def _rows(self, names: tuple[str, ...]) -> SettingsRows:
        return SettingsRows(self._settings, PART, lambda field: field.path.rpartition(".")[2] in names)

    def _on_field_changed(self, path: str) -> None:
        if path in {f"{PART}.{name}" for name in _WHETHER}:
            self._show()

    def _show(self) -> None:
        """The others matter only while not any line may be answered anyway."""
        if self._settings.field(f"{PART}.answer_all") is None:
            return
        answers, is_any = (bool(self._settings.shown_value(f"{PART}.{name}")) for name in _WHETHER)
        self.lets_through.setEnabled(answers and not is_any)
        self.whose.setEnabled(answers)
        if not answers:
            self.hint.setText(self.tr("She answers no line of the chat at all now."))
        elif is_any:
            self.hint.setText(self.tr("Any line may be answered now. Switch “Any line” off to choose among these; they add up."))
        else:
            self.hint.setText(self.tr("A line that fits one of these may be answered. They add up."))
