"""Edits one character: who she is, how she talks, her voice, and the prompt that results."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QTabWidget, QWidget

from voxelle.domain.persona import Character, VoiceDesign
from voxelle.ui.models.character_check import LINE_LIMIT, NAME_LIMIT
from voxelle.ui.models.characters import CharactersModel
from voxelle.ui.models.prompt_preview import PromptPreviewModel
from voxelle.ui.models.voice_preview import VoicePreviewModel
from voxelle.ui.pages.characters.colour import ColourField
from voxelle.ui.pages.characters.fields import LineField, TextField, parted, show_parts
from voxelle.ui.pages.characters.prompt import PromptPanel
from voxelle.ui.pages.characters.voice import VoicePanel
from voxelle.ui.pages.controls import column, scrolling
from voxelle.ui.theme import Space, current_theme

FIELD_TABS = {"name": 0, "aliases": 0, "accent": 0, "persona": 0, "scene": 0, "examples": 1, "greeting": 1, "prepared_lines": 1, "voice": 2}


class CharacterEditor(QTabWidget):
    """Four tabs over one draft; every keystroke goes into the model, which says what is wrong."""

    shown = Signal(str)

    def __init__(self, model: CharactersModel, prompt: PromptPreviewModel, voice: VoicePreviewModel) -> None:
        super().__init__()
        self._model = model
        self._prompt = prompt
        self._id = ""
        self._shown: Character | None = None
        self.setDocumentMode(True)
        self.tabBar().setDrawBase(False)
        self._build_fields()
        self.voice = VoicePanel(voice)
        self.voice.edited.connect(lambda name, value: model.edit_voice(self._id, **{name: value}))
        self.voice.reset_asked.connect(self._on_voice_reset)
        self.prompt = PromptPanel(prompt)
        self._add_tab(self.tr("Persona"), self.name, self.aliases, self.accent, self.persona, self.scene)
        self._add_tab(self.tr("Lines"), self.examples, self.greeting, self.prepared)
        self._add_tab(self.tr("Voice"), self.voice)
        self._add_tab(self.tr("Prompt"), self.prompt)
        model.draft_changed.connect(self._on_draft_changed)
        current_theme().changed.connect(self._mark_tabs)

    def _build_fields(self) -> None:
        self.name = LineField(self.tr("Name"), limit=NAME_LIMIT + 20)
        self.aliases = LineField(self.tr("Also answers to"), self.tr("Other names and spellings, with commas between them."))
        self.accent = ColourField(self.tr("Colour"), self.tr("Marks her in the window."))
        self.persona = TextField(self.tr("Persona"), self.tr("Who she is and how she behaves. Write to her: “You are …”."), lines=8)
        self.scene = TextField(self.tr("Scene"), self.tr("Where she is and what the stream is about."), lines=4)
        pairs = self.tr("How she talks, in pairs of lines: “viewer: …” and “her: [joy] …”.")
        advice = self.tr("Small models learn more from three good pairs than from a page of rules.")
        self.examples = TextField(self.tr("Examples"), f"{pairs} {advice}", lines=11)
        self.greeting = LineField(
            self.tr("Greeting"), self.tr("The first thing she says. Empty: she starts silently."), limit=LINE_LIMIT + 100
        )
        said = self.tr("Said when no language model can answer, one a line. {viewer} becomes the viewer's name.")
        self.prepared = TextField(self.tr("Prepared lines"), said, lines=5)
        edit = self._model.edit
        self.name.edited.connect(lambda text: edit(self._id, name=text))
        self.aliases.edited.connect(lambda text: edit(self._id, aliases=parted(text, ",")))
        self.accent.edited.connect(lambda code: edit(self._id, accent=code))
        self.persona.edited.connect(lambda text: edit(self._id, persona=text))
        self.scene.edited.connect(lambda text: edit(self._id, scene=text))
        self.examples.edited.connect(lambda text: edit(self._id, examples=text))
        self.greeting.edited.connect(lambda text: edit(self._id, greeting=text))
        self.prepared.edited.connect(lambda text: edit(self._id, prepared_lines=parted(text, "\n")))

    def _add_tab(self, title: str, *fields: QWidget) -> None:
        content = QWidget()
        layout = column(content, spacing=Space.L)
        right = current_theme().px(Space.M)
        layout.setContentsMargins(0, current_theme().px(Space.L), right, current_theme().px(Space.S))
        for field in fields:
            layout.addWidget(field)
        layout.addStretch(1)
        self.addTab(scrolling(content), title)

    def show_character(self, character_id: str) -> None:
        """Edit another character, or none."""
        self._id = character_id
        self._shown = None
        self._take(is_edit=False)
        self.shown.emit(character_id)

    def go_to(self, field: str) -> None:
        """Bring a field to the front and put the cursor into it."""
        self.setCurrentIndex(FIELD_TABS.get(field, 0))
        targets: dict[str, QWidget] = {
            "name": self.name.editor,
            "aliases": self.aliases.editor,
            "accent": self.accent.editor,
            "persona": self.persona.editor,
            "scene": self.scene.editor,
            "examples": self.examples.editor,
            "greeting": self.greeting.editor,
            "prepared_lines": self.prepared.editor,
        }
        targets.get(field, self).setFocus()

    def _on_draft_changed(self, character_id: str) -> None:
        if character_id == self._id:
            self._take(is_edit=True)

    def _take(self, *, is_edit: bool) -> None:
        character = self._model.character(self._id)
        if character is None:
            self._prompt.show(None, is_edit=False)
            return
        self.name.show_text(character.name)
        show_parts(self.aliases, character.aliases, ",", ", ")
        self.accent.editor.show_colour(character.accent)
        self.persona.show_text(character.persona)
        self.scene.show_text(character.scene)
        self.examples.show_text(character.examples)
        self.greeting.show_text(character.greeting)
        show_parts(self.prepared, character.prepared_lines, "\n", "\n")
        self._show_problems(character)
        if not _has_same_prompt(character, self._shown):
            self._prompt.show(character, is_edit=is_edit)
        self._shown = character

    def _show_problems(self, character: Character) -> None:
        found = self._model.problems(self._id)
        self.voice.show_character(character, found.get("voice", ""))
        shows: dict[str, Callable[[str], None]] = {
            "name": self.name.show_problem,
            "aliases": self.aliases.show_problem,
            "accent": self.accent.show_problem,
            "persona": self.persona.show_problem,
            "scene": self.scene.show_problem,
            "examples": self.examples.show_problem,
            "greeting": self.greeting.show_problem,
            "prepared_lines": self.prepared.show_problem,
        }
        for field, show in shows.items():
            show(found.get(field, ""))
        self._mark_tabs()

    def _mark_tabs(self) -> None:
        """Put a warning sign on tabs that hold a problem."""
        wrong = {FIELD_TABS[field] for field in self._model.problems(self._id)}
        for tab in range(self.count()):
            self.setTabIcon(tab, current_theme().icon("error", "danger") if tab in wrong else QIcon())

    def _on_voice_reset(self) -> None:
        character = self._model.character(self._id)
        if character is not None:
            self._model.edit(self._id, voice=VoiceDesign(voice=character.voice.voice))


def _has_same_prompt(new: Character, old: Character | None) -> bool:
    return old is not None and (new.name, new.persona, new.scene, new.examples) == (old.name, old.persona, old.scene, old.examples)
