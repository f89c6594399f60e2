"""A template: the text, its fields as buttons to put in, what is wrong with it, and what it becomes."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QPushButton, QWidget

from voxelle.domain.chat import StreamEvent
from voxelle.ui.models.reaction_samples import fields_of
from voxelle.ui.models.reactions import ReactionsModel
from voxelle.ui.pages.controls import column, icon_only, row
from voxelle.ui.pages.reactions.wording import field_meaning
from voxelle.ui.theme import Space, TextRole, Theme, current_theme
from voxelle.ui.widgets.flow import FlowLayout
from voxelle.ui.widgets.labels import label

_LINES = 3


class Chip(QPushButton):
    """A field that is put into the template where the cursor stands."""

    asked = Signal(str)

    def __init__(self, name: str) -> None:
        super().__init__(f"{{{name}}}")
        meaning = field_meaning(name)
        Theme.style_as(self, "chip")
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(self.tr("Insert {field}: {meaning}").format(field=name, meaning=meaning))
        self.setToolTip(meaning)
        self.clicked.connect(lambda: self.asked.emit(name))


class TemplateRow(QWidget):
    """One of the two templates of a reaction."""

    def __init__(self, model: ReactionsModel, kind: StreamEvent, name: str) -> None:
        super().__init__()
        self._model = model
        self._kind = kind
        self._name = name
        self.is_for_many = name == "template_many"
        self.path = model.path(kind, name)
        field = model.field(kind, name)
        title = field.title if field is not None else name
        self.text = QPlainTextEdit()
        self.text.setAccessibleName(title)
        self.text.setTabChangesFocus(True)
        self.text.textChanged.connect(self._on_edited)
        self.reset_button = icon_only("undo", self.tr("Reset “{title}”").format(title=title), "quiet")
        self.reset_button.clicked.connect(lambda: model.settings.reset(self.path))
        self.problem = label(role=TextRole.SMALL, tone="danger", wraps=True)
        self.preview_head = label(role=TextRole.SMALL, tone="muted", wraps=True)
        self.preview = label(wraps=True)
        self.chips = [Chip(each) for each in fields_of(kind, is_for_many=self.is_for_many)]
        self._build(title, field.description if field is not None else "")
        current_theme().changed.connect(self._fit)
        self._fit()
        self.show_field()

    def show_field(self) -> None:
        """Take over what the model knows now; what is typed and means the same stays as it is."""
        field = self._model.field(self._kind, self._name)
        if field is None:
            return
        value = str(self._model.value(self._kind, self._name))
        if self.text.toPlainText() != value:
            with QSignalBlocker(self.text):
                self.text.setPlainText(value)
        self.text.setEnabled(not field.is_overridden)
        self.reset_button.setVisible(not field.is_overridden and not self._model.settings.is_default(self.path))
        self._show_problem(self._model.settings.problem(self.path), field.description)
        self.show_preview()

    def show_preview(self) -> None:
        """Show what the template becomes, with the rest of the reaction as it is now."""
        head, text = self._previewed()
        self.preview_head.setText(head)
        self.preview.setText(text)
        self.preview.setVisible(bool(text))

    def _build(self, title: str, description: str) -> None:
        head = label(title, TextRole.STRONG, wraps=True)
        head.setBuddy(self.text)
        policy = self.reset_button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset_button.setSizePolicy(policy)
        well = QFrame()
        Theme.style_as(well, "notice")
        inner = column(well, margin=Space.S, spacing=Space.XXS)
        inner.addWidget(self.preview_head)
        inner.addWidget(self.preview)
        layout = column(self, spacing=Space.XS)
        top = row(head, self.reset_button)
        top.setStretch(0, 1)
        layout.addLayout(top)
        layout.addWidget(label(description, TextRole.SMALL, "muted", wraps=True))
        layout.addWidget(self.text)
        if self.chips:
            layout.addWidget(self._chip_row())
        layout.addWidget(self.problem)
        layout.addWidget(well)

    def _chip_row(self) -> QWidget:
        chips = QWidget()
        flow = FlowLayout(chips, current_theme().px(Space.XS))
        for chip in self.chips:
            flow.addWidget(chip)
            chip.asked.connect(self._insert)
        return chips

    def _previewed(self) -> tuple[str, str]:
        is_verbatim = bool(self._model.value(self._kind, "is_verbatim"))
        text = self._model.preview(self._kind, is_for_many=self.is_for_many)
        if self._model.settings.problem(self.path):
            return self.tr("Mend the text to see what becomes of it."), ""
        if not self.text.toPlainText().strip():
            return self._without_text(is_verbatim=is_verbatim), ""
        if self.is_for_many and not self._model.joins(self._kind):
            return self.tr("Not used now: events are joined only with a time above."), text
        return self.tr("She says, for example:") if is_verbatim else self.tr("She is told, for example:"), text

    def _without_text(self, *, is_verbatim: bool) -> str:
        if self.is_for_many:
            return self.tr("Empty: as for one.")
        if is_verbatim:
            return self.tr("Empty: there is nothing to say, so such events are passed over.")
        return self.tr("Empty: she is told in a few words what happened.")

    def _insert(self, name: str) -> None:
        cursor = self.text.textCursor()
        cursor.insertText(f"{{{name}}}")
        self.text.setTextCursor(cursor)
        self.text.setFocus()

    def _on_edited(self) -> None:
        self._model.settings.set_value(self.path, self.text.toPlainText())

    def _show_problem(self, sentence: str, description: str) -> None:
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))
        self.text.setAccessibleDescription(sentence or description)
        if bool(self.text.property("invalid")) is not bool(sentence):
            self.text.setProperty("invalid", bool(sentence))
            self.text.style().unpolish(self.text)
            self.text.style().polish(self.text)

    def _fit(self) -> None:
        theme = current_theme()
        self.text.setFixedHeight(self.text.fontMetrics().lineSpacing() * _LINES + theme.px(Space.L))
