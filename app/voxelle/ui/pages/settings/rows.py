"""One setting on the page: title, help, editor, what is wrong, and the way back to its default."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from voxelle.settings.environment import variable
from voxelle.settings.fields import FieldKind, SettingField
from voxelle.ui.models.settings import SettingsModel
from voxelle.ui.pages.controls import Badge, column, icon_only
from voxelle.ui.pages.settings.editors import editor_for
from voxelle.ui.pages.settings.wording import restart_text
from voxelle.ui.theme import Space, TextRole, current_theme
from voxelle.ui.widgets.labels import label


class SettingRow(QWidget):
    """A setting. It shows what the model knows of its path, and tells the model what is typed."""

    def __init__(self, model: SettingsModel, field: SettingField) -> None:
        super().__init__()
        self._model = model
        self.path = field.path
        self.editor = editor_for(field)
        self.editor.edited.connect(lambda value: model.set_value(field.path, value))
        self.badge = Badge(tone="warning")
        self.locked = label(role=TextRole.SMALL, tone="muted", wraps=True)
        self.problem = label(role=TextRole.SMALL, tone="danger", wraps=True)
        self.reset_button = icon_only("undo", self.tr("Reset “{title}”").format(title=field.title), "quiet")
        self.reset_button.clicked.connect(lambda: model.reset(field.path))
        self._build(field)
        self.show_field()

    def _build(self, field: SettingField) -> None:
        theme = current_theme()
        words = column(spacing=Space.XS)
        head = QHBoxLayout()
        head.setSpacing(theme.px(Space.S))
        if field.kind is FieldKind.BOOL:
            head.addWidget(self.editor, 1)
        else:
            title = label(field.title, TextRole.STRONG, wraps=True)
            title.setBuddy(self.editor.input_widget())
            head.addWidget(title, 1)
        head.addWidget(self.badge, 0, Qt.AlignmentFlag.AlignTop)
        words.addLayout(head)
        if field.description:
            words.addWidget(label(field.description, TextRole.SMALL, "muted", wraps=True))
        if field.kind is not FieldKind.BOOL:
            words.addWidget(self.editor)
        words.addWidget(self.problem)
        words.addWidget(self.locked)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, theme.px(Space.S), 0, theme.px(Space.S))
        layout.setSpacing(theme.px(Space.S))
        layout.addLayout(words, 1)
        layout.addWidget(self.reset_button, 0, Qt.AlignmentFlag.AlignTop)
        policy = self.reset_button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset_button.setSizePolicy(policy)
        self.editor.input_widget().setAccessibleName(field.title)

    def show_field(self) -> None:
        """Take over what the model knows now."""
        field = self._model.field(self.path)
        if field is None:
            return
        self.editor.show_value(self._model.shown_value(self.path))
        self.editor.setEnabled(not field.is_overridden)
        problem, restart = self._model.problem(self.path), self._model.restart_needed(self.path)
        self._show_problem(problem)
        self.editor.input_widget().setAccessibleDescription(problem or field.description)
        badge, explanation = restart_text(restart) if restart else ("", "")
        self.badge.show_text(badge, "warning")
        self.badge.setToolTip(explanation)
        locked = self.tr("Set by the environment variable {name}. Remove it to change this here.").format(name=variable(self.path))
        self.locked.setText(locked if field.is_overridden else "")
        self.locked.setVisible(field.is_overridden)
        self.reset_button.setVisible(not field.is_overridden and not self._model.is_default(self.path))

    def _show_problem(self, sentence: str) -> None:
        if self.problem.text() == sentence and self.problem.isHidden() is not bool(sentence):
            return
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))
        target = self.editor.input_widget()
        target.setProperty("invalid", bool(sentence))
        target.style().unpolish(target)
        target.style().polish(target)
