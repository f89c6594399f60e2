"""The Characters page: choose somebody at the left, edit at the right, save below."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QMenu, QPushButton, QWidget

from voxelle.kernel.paths import resource
from voxelle.ui.bridge import Bridge
from voxelle.ui.dialogs.confirm import Choice, ConfirmDialog, ask
from voxelle.ui.models.characters import CharactersModel, IdRole
from voxelle.ui.models.prompt_preview import PromptPreviewModel
from voxelle.ui.models.voice_preview import VoicePreviewModel
from voxelle.ui.pages.characters.editor import CharacterEditor
from voxelle.ui.pages.characters.roster import Roster
from voxelle.ui.pages.controls import Badge, Notice, PageFrame, PageHeader, StatePane, column, folding_row, row
from voxelle.ui.theme import Space, TextRole, Theme, current_theme
from voxelle.ui.widgets.buttons import IconButton
from voxelle.ui.widgets.labels import label

NARROW = 680
"""Below this width, at 100 % text size, the list becomes a drop-down."""
ROSTER_WIDTH = 230
BAR_NARROW = 440


class CharactersPage(PageFrame):
    """Pick, edit, duplicate, delete; what is not saved is kept while the window is open."""

    def __init__(self, bridge: Bridge, sample_ids: Iterable[str] | None = None) -> None:
        super().__init__()
        shipped = (file.stem for file in resource("characters").glob("*.json"))
        self.model = CharactersModel(bridge, self, sample_ids=shipped if sample_ids is None else sample_ids)
        self._chosen = ""
        self._build_actions()
        self._build_choosers()
        prompt, voice = PromptPreviewModel(bridge, self), VoicePreviewModel(bridge, self)
        self.editor = CharacterEditor(self.model, prompt, voice)
        self.notice = Notice()
        self._build_save_bar()
        content = self._content()
        self.pane = StatePane(content)
        self.pane.asked.connect(self._on_pane_asked)
        self.column.addWidget(PageHeader(self.tr("Characters"), self.tr("Who she is, how she talks and how she sounds."), self.new_button))
        self.column.addWidget(self.notice)
        self.column.addWidget(self.pane, 1)
        self._connect()
        self.pane.show_loading(self.tr("Reading the characters …"))
        self.model.refresh()

    def _build_actions(self) -> None:
        self.new_button = IconButton("add", self.tr("New character"))
        self.new_button.clicked.connect(self._on_new)
        self.stage_button = IconButton("live", self.tr("Put on stage"))
        self.stage_button.clicked.connect(self._on_stage)
        self.more_button = QPushButton(self.tr("More"))
        Theme.style_as(self.more_button, "menu")
        menu = QMenu(self.more_button)
        self.duplicate_action = QAction(self.tr("Duplicate"), menu)
        self.duplicate_action.triggered.connect(self._on_duplicate)
        self.delete_action = QAction(menu)
        self.delete_action.triggered.connect(self._on_delete)
        menu.addActions([self.duplicate_action, self.delete_action])
        self.more_button.setMenu(menu)

    def _build_choosers(self) -> None:
        self.roster = Roster(self.model)
        self.drop_down = QComboBox()
        self.drop_down.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.drop_down.setModel(self.model)
        self.drop_down.setAccessibleName(self.tr("Character to edit"))
        self.drop_down.hide()

    def _build_save_bar(self) -> None:
        self.save_bar = QFrame()
        Theme.style_as(self.save_bar, "notice")
        self.save_text = label(tone="muted", wraps=True)
        self.problem_button = QPushButton(self.tr("Show me"))
        Theme.style_as(self.problem_button, "quiet")
        self.problem_button.clicked.connect(self._on_show_problem)
        self.discard_button = QPushButton(self.tr("Discard"))
        self.discard_button.clicked.connect(self._on_discard)
        self.save_button = QPushButton(self.tr("Save"))
        self.save_button.setToolTip(QKeySequence(QKeySequence.StandardKey.Save).toString(QKeySequence.SequenceFormat.NativeText))
        Theme.style_as(self.save_button, "primary")
        self.save_button.clicked.connect(self._on_save)
        layout = folding_row(self.save_bar, BAR_NARROW, is_layout_of=True)
        theme = current_theme()
        layout.setContentsMargins(theme.px(Space.M), theme.px(Space.S), theme.px(Space.S), theme.px(Space.S))
        layout.addWidget(self.save_text, 1)
        layout.addLayout(row(None, self.problem_button, self.discard_button, self.save_button))
        self.save_bar.hide()
        QShortcut(QKeySequence.StandardKey.Save, self, self._on_save, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def _content(self) -> QWidget:
        self.title = label(role=TextRole.HEADING)
        self.title.setMinimumWidth(1)
        self.badge = Badge()
        self.stage_badge = Badge(self.tr("On stage"), "accent")
        right = column(spacing=Space.S)
        right.addLayout(row(self.drop_down, self.title, self.badge, self.stage_badge, None, self.stage_button, self.more_button))
        right.addWidget(self.editor, 1)
        right.addWidget(self.save_bar)
        content = QWidget()
        layout = QHBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(current_theme().px(Space.L))
        layout.addWidget(self.roster)
        layout.addLayout(right, 1)
        return content

    def _connect(self) -> None:
        self.roster.selectionModel().currentChanged.connect(self._on_current_changed)
        self.drop_down.activated.connect(lambda position: self.choose(self.model.ids()[position]))
        self.model.loaded.connect(self._on_loaded)
        self.model.draft_changed.connect(self._on_draft_changed)
        self.model.stage_changed.connect(self._show_chosen)
        self.model.busy_changed.connect(self._show_chosen)
        self.model.saved.connect(lambda _id: self.notice.say(""))
        self.model.failed.connect(self.notice.say)
        self.model.rowsRemoved.connect(self._on_rows_removed)
        current_theme().changed.connect(self._fit)

    def choose(self, character_id: str) -> None:
        """Show a character in the editor."""
        if character_id not in self.model.ids():
            return
        position = self.model.ids().index(character_id)
        self.roster.selectionModel().setCurrentIndex(self.model.index(position), QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self.drop_down.setCurrentIndex(position)
        if character_id != self._chosen:
            self._chosen = character_id
            self.editor.show_character(character_id)
        self._show_chosen()

    @property
    def chosen(self) -> str:
        """Id of the character in the editor."""
        return self._chosen

    @property
    def has_unsaved(self) -> bool:
        """Whether anything would be lost by closing."""
        return bool(self.model.unsaved())

    def leave(self, then: Callable[[], None]) -> bool:
        """Before the window closes: go on at once, or ask about unsaved changes first. Returns whether it went on at once."""
        unsaved = self.model.unsaved()
        if not unsaved:
            then()
            return True
        if self.window().findChild(ConfirmDialog):
            return False  # the question is open already
        names = ", ".join(character.name for character in unsaved)
        choices = [Choice(self.tr("Close without saving"), then, "danger")]
        if not any(self.model.problems(character.id) for character in unsaved):
            choices.append(Choice(self.tr("Save and close"), lambda: self._save_all(then), "primary"))
        ask(
            self,
            self.tr("Save the changes?"),
            self.tr("These characters have changes that are not saved: {names}.").format(names=names),
            *choices,
        )
        return False

    def _save_all(self, then: Callable[[], None]) -> None:
        waiting = [character.id for character in self.model.unsaved()]

        def save_next() -> None:
            if waiting:
                self.model.save(waiting.pop(0), save_next)
            else:
                then()

        save_next()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: the list gives way when there is little room."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        theme = current_theme()
        is_narrow = self.width() < theme.px(NARROW)
        self.roster.setVisible(not is_narrow)
        self.roster.setFixedWidth(theme.px(ROSTER_WIDTH))
        self.drop_down.setVisible(is_narrow)
        self.title.setVisible(not is_narrow)
        self.badge.setVisible(not is_narrow)

    def _on_loaded(self) -> None:
        ids = self.model.ids()
        if self.model.error and not ids:
            self.pane.show_message(self.tr("The characters could not be read"), self.model.error, self.tr("Try again"))
            return
        if not ids:
            self.pane.show_message(self.tr("Nobody here"), self.tr("Make a character and put it on stage."), self.tr("New character"))
            return
        self.notice.say(self.model.error)
        self.pane.show_content()
        self._fit()
        wanted = self._chosen if self._chosen in ids else self.model.stage_id
        self._chosen = self._chosen if self._chosen in ids else ""
        self.choose(wanted if wanted in ids else ids[0])

    def _on_pane_asked(self) -> None:
        if self.model.error:
            self.pane.show_loading(self.tr("Reading the characters …"))
            self.model.refresh()
        else:
            self._on_new()

    def _on_current_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        character_id = current.data(IdRole)
        if character_id and character_id != self._chosen:
            self.choose(character_id)

    def _on_rows_removed(self) -> None:
        ids = self.model.ids()
        if self._chosen not in ids and ids:
            self.choose(self.model.stage_id if self.model.stage_id in ids else ids[0])
        elif not ids:
            self._on_loaded()

    def _on_draft_changed(self, character_id: str) -> None:
        if character_id == self._chosen:
            self._show_chosen()

    def _show_chosen(self) -> None:
        character = self.model.character(self._chosen)
        if character is None:
            return
        is_on_stage, is_busy = self._chosen == self.model.stage_id, self.model.is_busy
        self.title.setText(character.name.strip() or self.tr("(no name)"))
        self.badge.show_text(self.model.badge(self._chosen))
        self.badge.setVisible(not self.title.isHidden())
        self.stage_badge.setVisible(is_on_stage)
        self.stage_button.setVisible(not is_on_stage)
        self.stage_button.setEnabled(not is_busy and (not self.model.is_new(self._chosen) or not self.model.problems(self._chosen)))
        self.delete_action.setText(self.tr("Restore as shipped …") if self.model.is_changed_sample(self._chosen) else self.tr("Delete …"))
        self.delete_action.setEnabled(self.model.can_delete(self._chosen) and not is_busy)
        self.new_button.setEnabled(self.model.is_loaded)
        self._show_save_bar()

    def _show_save_bar(self) -> None:
        problems = self.model.problems(self._chosen)
        self.save_bar.setVisible(self.model.is_unsaved(self._chosen))
        first = next(iter(problems.values()), "")
        self.save_text.setText(first or self.tr("Changes are not saved yet."))
        Theme.style_text(self.save_text, TextRole.BODY, "danger" if first else "muted")
        self.problem_button.setVisible(bool(first))
        self.save_button.setEnabled(not problems and not self.model.is_busy)
        self.discard_button.setEnabled(not self.model.is_busy)

    def _on_show_problem(self) -> None:
        self.editor.go_to(next(iter(self.model.problems(self._chosen)), "name"))

    def _on_save(self) -> None:
        self.model.save(self._chosen)

    def _on_new(self) -> None:
        new_id = self.model.create()
        self.pane.show_content()
        self.choose(new_id)
        self.editor.go_to("name")
        self.editor.name.editor.selectAll()

    def _on_duplicate(self) -> None:
        self.choose(self.model.duplicate(self._chosen))
        self.editor.go_to("name")

    def _on_discard(self) -> None:
        chosen, character = self._chosen, self.model.character(self._chosen)
        if character is None:
            return
        ask(
            self,
            self.tr("Discard the changes?"),
            self.tr("{name} goes back to what was last saved.").format(name=character.name)
            if not self.model.is_new(chosen)
            else self.tr("{name} was never saved and disappears.").format(name=character.name),
            Choice(self.tr("Discard"), lambda: self.model.discard(chosen), "danger"),
        )

    def _on_stage(self) -> None:
        chosen = self._chosen
        if not self.model.is_unsaved(chosen):
            self.model.choose(chosen)
            return
        choices = []
        if not self.model.is_new(chosen):
            choices.append(Choice(self.tr("Without the changes"), lambda: self.model.choose(chosen)))
        if not self.model.problems(chosen):
            choices.append(
                Choice(self.tr("Save and put on stage"), lambda: self.model.save(chosen, lambda: self.model.choose(chosen)), "primary")
            )
        ask(self, self.tr("Save the changes first?"), self.tr("She goes on stage as she was last saved."), *choices)

    def _on_delete(self) -> None:
        chosen, character = self._chosen, self.model.character(self._chosen)
        if character is None:
            return
        if self.model.is_changed_sample(chosen):
            ask(
                self,
                self.tr("Restore {name} as shipped?").format(name=character.name),
                self.tr("Your version of her texts and voice is deleted. This can't be undone."),
                Choice(self.tr("Restore"), lambda: self.model.delete(chosen), "danger"),
            )
            return
        ask(
            self,
            self.tr("Delete {name}?").format(name=character.name),
            self.tr("Her texts and her voice are deleted. This can't be undone. What was said on stream is kept."),
            Choice(self.tr("Delete"), lambda: self.model.delete(chosen), "danger"),
        )
