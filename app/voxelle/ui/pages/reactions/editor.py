"""The reaction to one kind of event: its switch, what she is told, and when."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from voxelle.domain.chat import StreamEvent
from voxelle.ui.models.event_kinds import icon_of, kind_description, kind_title
from voxelle.ui.models.reaction_samples import has_amount
from voxelle.ui.models.reactions import ReactionsModel
from voxelle.ui.pages.controls import column, row
from voxelle.ui.pages.reactions.template import TemplateRow
from voxelle.ui.pages.settings.rows import SettingRow
from voxelle.ui.theme import Space, TextRole, Theme, current_theme
from voxelle.ui.widgets.buttons import IconButton
from voxelle.ui.widgets.card import Card
from voxelle.ui.widgets.labels import label
from voxelle.ui.widgets.switch import Switch
from voxelle.ui.widgets.yielding import Yielding

_WITH_LINES = {StreamEvent.BITS, StreamEvent.POWER_UP, StreamEvent.REDEMPTION, StreamEvent.AUTOMATIC_REDEMPTION}
"""Kinds that may come with a line of the chat."""


class ReactionHead(QFrame):
    """What kind it is, its switch, and the two things that can be done with it."""

    def __init__(self, model: ReactionsModel, kind: StreamEvent) -> None:
        super().__init__()
        self._model = model
        self._kind = kind
        theme = current_theme()
        title = kind_title(kind)
        Theme.style_as(self, "card")
        self.setAccessibleName(title)
        self._icon = QLabel()
        self.switch = Switch(self.tr("React to “{title}”").format(title=title))
        self.switch.clicked.connect(lambda is_on: model.switch(kind, is_on=is_on))
        self.state = label(role=TextRole.SMALL, tone="muted", wraps=True)
        self.try_button = IconButton("play", self.tr("Try it"))
        self.try_button.clicked.connect(lambda: model.try_out(kind))
        self.reset_button = IconButton("undo", self.tr("Reset"), "quiet")
        self.reset_button.setAccessibleName(self.tr("Reset the reaction to “{title}”").format(title=title))
        self.reset_button.clicked.connect(lambda: model.reset(kind))
        self.obstacle = label(role=TextRole.SMALL, tone="muted", wraps=True)
        self.outcome = label(role=TextRole.SMALL, tone="muted", wraps=True)
        self.outcome.hide()
        words = column(spacing=Space.XXS)
        words.addWidget(label(title, TextRole.HEADING, wraps=True))
        words.addWidget(label(kind_description(kind), tone="muted", wraps=True))
        top = QHBoxLayout()
        top.setSpacing(theme.px(Space.M))
        top.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(words, 1)
        top.addWidget(self.switch, 0, Qt.AlignmentFlag.AlignTop)
        body = column(self, margin=Space.M)
        body.addLayout(top)
        body.addWidget(self.state)
        body.addLayout(row(self.try_button, self.reset_button, None))
        body.addWidget(self.obstacle)
        body.addWidget(self.outcome)
        theme.changed.connect(self._show_icon)
        self._show_icon()
        self.show_state()
        self.show_trial()

    def show_state(self) -> None:
        """Show whether it is on, and whether there is anything to reset."""
        is_on = self._model.is_on(self._kind)
        field = self._model.field(self._kind, "is_on")
        self.switch.setChecked(is_on)
        self.switch.setEnabled(field is not None and not field.is_overridden)
        off = self.tr("Off: such events are shown and kept, and she says nothing.")
        if self._kind in _WITH_LINES:
            off = self.tr("Off: such events are shown and kept. A line of the chat that comes with one is answered like any other line.")
        self.state.setText(self.tr("On: she reacts.") if is_on else off)
        self.reset_button.setEnabled(not self._model.is_default(self._kind))

    def show_trial(self) -> None:
        """Show whether it can be tried, or why not."""
        obstacle = self._model.obstacle(self._kind)
        self.try_button.setEnabled(not obstacle)
        self.try_button.setAccessibleDescription(obstacle)
        self.obstacle.setText(obstacle)
        self.obstacle.setVisible(bool(obstacle))

    def say(self, sentence: str, tone: str) -> None:
        """Say what came of a trial."""
        self.outcome.setText(sentence)
        Theme.style_text(self.outcome, TextRole.SMALL, tone)
        self.outcome.setVisible(bool(sentence))

    def _show_icon(self) -> None:
        theme = current_theme()
        self._icon.setPixmap(theme.icon(icon_of(self._kind), "accent_text").pixmap(theme.px(24)))


class ReactionEditor(Yielding):
    """Made anew for every kind that is chosen."""

    def __init__(self, model: ReactionsModel, kind: StreamEvent) -> None:
        super().__init__()
        self.kind = kind
        self._model = model
        self.rows: dict[str, SettingRow | TemplateRow] = {}
        self.head = ReactionHead(model, kind)
        cards = column(self, spacing=Space.M)
        cards.addWidget(self.head)
        cards.addWidget(self._card(self.tr("For one event"), "template", "is_verbatim"))
        cards.addWidget(self._card(self.tr("For several close together"), "merge_s", "template_many"))
        limits = ("threshold",) if has_amount(kind) else ()
        cards.addWidget(self._card(self.tr("When and how urgently"), *limits, "cooldown_s", "priority", "is_guaranteed"))
        cards.addStretch(1)

    def show_field(self, path: str) -> None:
        """Take over a changed setting, and what follows from it."""
        if path in self.rows:
            self.rows[path].show_field()
        self.head.show_state()
        for each in self.rows.values():
            if isinstance(each, TemplateRow):
                each.show_preview()

    def _card(self, title: str, *names: str) -> QWidget:
        card = Card()
        card.set_title(title)
        for name in names:
            made = self._row(name)
            if made is not None:
                self.rows[made.path] = made
                card.body.addWidget(made)
        return card

    def _row(self, name: str) -> SettingRow | TemplateRow | None:
        if name.startswith("template"):
            return TemplateRow(self._model, self.kind, name)
        field = self._model.field(self.kind, name)
        return None if field is None else SettingRow(self._model.settings, field)
