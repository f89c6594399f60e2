"""Characters page: choosing, editing, checking, saving, the voice and the prompt."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.fakes.companion_pages import BOLT, MIRA
from tests.ui.pages.characters import Make, characters_pages, names
from tests.ui.pages.show import PagesShow
from voxelle.companion.prompt import PromptPart, PromptPreview
from voxelle.domain.errors import InputError, TemporaryError
from voxelle.domain.persona import VoiceDesign
from voxelle.ui.models.characters import UnsavedRole
from voxelle.ui.pages.characters.colour import SWATCHES
from voxelle.ui.theme import Theme

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the offscreen platform has no window manager to tell


@pytest.fixture
def make(qtbot: QtBot, pages_show: PagesShow, theme: Theme) -> Make:
    return characters_pages(qtbot, pages_show)


def test_the_one_on_stage_is_chosen_first(make: Make) -> None:
    page = make()
    assert names(page) == ["Mira", "Bolt", "Juno"]
    assert page.chosen == "mira"
    assert page.title.text() == "Mira"
    assert page.badge.text == "Sample"
    assert page.stage_badge.isVisible()
    assert not page.stage_button.isVisible()
    assert page.model.index(0).data(Qt.ItemDataRole.AccessibleTextRole) == "Mira, Sample, on stage"


def test_arrow_keys_choose_another_character(make: Make, qtbot: QtBot) -> None:
    page = make()
    qtbot.keyClick(page.roster, Qt.Key.Key_Down)
    assert page.chosen == "bolt"
    assert page.editor.name.editor.text() == "Bolt"


def test_putting_on_stage_asks_the_companion_and_moves_the_badge(make: Make, pages_show: PagesShow) -> None:
    page = make()
    page.choose("bolt")
    page.stage_button.click()
    pages_show.settle()
    assert pages_show.asked("choose_character") == [("bolt",)]
    assert page.stage_badge.isVisible()
    assert page.model.stage_id == "bolt"


def test_an_edit_waits_to_be_saved_and_saving_keeps_it(make: Make, pages_show: PagesShow, qtbot: QtBot) -> None:
    page = make()
    page.choose("juno-1")
    qtbot.keyClicks(page.editor.name.editor, " X")
    assert page.save_bar.isVisible()
    assert page.model.index(2).data(UnsavedRole)
    page.save_button.click()
    pages_show.settle()
    assert pages_show.cast.cast["juno-1"].name == "Juno X"
    assert not page.save_bar.isVisible()
    assert names(page)[2] == "Juno X"


def test_every_field_reaches_the_draft(make: Make) -> None:
    page = make()
    editor = page.editor
    editor.aliases.editor.setText("")
    editor.aliases.edited.emit("Miri, Mi ,, ")
    editor.scene.editor.setPlainText("A pier.")
    editor.examples.editor.setPlainText("viewer: hi\nher: [joy] hey")
    editor.greeting.edited.emit("Hey!")
    editor.prepared.editor.setPlainText("One.\n\nTwo, {viewer}.")
    editor.persona.editor.setPlainText("You are Mira.")
    editor.accent.editor.swatches[3].click()
    editor.voice.sliders["speed"].setValue(120)
    editor.voice.numbers["pitch"].setValue(1.5)
    draft = page.model.character("mira")
    assert draft is not None
    assert draft == replace(
        MIRA,
        aliases=("Miri", "Mi"),
        scene="A pier.",
        examples="viewer: hi\nher: [joy] hey",
        greeting="Hey!",
        prepared_lines=("One.", "Two, {viewer}."),
        persona="You are Mira.",
        accent=SWATCHES[3],
        voice=VoiceDesign(pitch=1.5, formant=1.05, speed=1.2),
    )
    assert page.model.problems("mira") == {}


def test_typing_back_what_was_saved_leaves_nothing_to_save(make: Make) -> None:
    page = make()
    page.editor.persona.editor.setPlainText("Other.")
    assert page.model.is_unsaved("mira")
    page.editor.persona.editor.setPlainText(MIRA.persona)
    assert not page.model.is_unsaved("mira")
    assert not page.save_bar.isVisible()


def test_a_wrong_field_is_told_under_it_marks_its_tab_and_stops_saving(make: Make, pages_show: PagesShow) -> None:
    page = make()
    page.editor.name.edited.emit("  ")
    assert page.editor.name.problem.text() == "She needs a name."
    assert page.editor.name.editor.property("invalid") is True
    assert page.editor.name.editor.accessibleDescription() == "She needs a name."
    assert not page.editor.tabIcon(0).isNull()
    assert page.editor.tabIcon(1).isNull()
    assert not page.save_button.isEnabled()
    assert page.save_text.text() == "She needs a name."
    assert page.title.text() == "(no name)"
    page.editor.setCurrentIndex(3)
    page.problem_button.click()
    assert page.editor.currentIndex() == 0
    page.model.save("mira")
    pages_show.settle()
    assert pages_show.asked("save_character") == []


def test_changes_stay_while_another_character_is_looked_at(make: Make) -> None:
    page = make()
    page.editor.persona.editor.setPlainText("Changed.")
    page.choose("bolt")
    assert page.editor.persona.editor.toPlainText() == BOLT.persona
    assert not page.save_bar.isVisible()
    page.choose("mira")
    assert page.editor.persona.editor.toPlainText() == "Changed."
    assert page.save_bar.isVisible()


def test_characters_that_can_not_be_read_offer_to_try_again(make: Make, pages_show: PagesShow) -> None:
    pages_show.cast.errors["characters"] = TemporaryError("The database is busy.")
    page = make()
    assert page.pane.sentence.text() == "The database is busy."
    del pages_show.cast.errors["characters"]
    page.pane.button.click()
    pages_show.settle()
    assert page.pane.is_content_shown
    assert page.chosen == "mira"


def test_nobody_at_all_offers_a_new_character(make: Make, pages_show: PagesShow) -> None:
    pages_show.cast.cast.clear()
    page = make()
    assert page.pane.heading.text() == "Nobody here"
    page.pane.button.click()
    assert page.pane.is_content_shown
    assert names(page) == ["New character"]
    page.model.discard(page.chosen)
    assert page.pane.heading.text() == "Nobody here"


def test_hearing_the_voice_says_the_line_with_the_draft(make: Make, pages_show: PagesShow, qtbot: QtBot) -> None:
    page = make()
    voice = page.editor.voice
    voice.sliders["pitch"].setValue(150)
    voice.line.setText("Testing, one two.")
    qtbot.keyClick(voice.line, Qt.Key.Key_Return)
    assert voice.hear_button.text() == "Speaking …"
    assert not voice.hear_button.isEnabled()
    pages_show.settle()
    ((character, text),) = pages_show.asked("preview_voice")
    assert text == "Testing, one two."
    assert character == page.model.character("mira")
    assert voice.hear_button.text() == "Hear it"


def test_a_voice_that_can_not_be_heard_says_why(make: Make, pages_show: PagesShow) -> None:
    page = make()
    pages_show.cast.errors["preview_voice"] = InputError("She is speaking. Stop her first, then try the voice.")
    page.editor.setCurrentIndex(2)
    page.editor.voice.hear_button.click()
    pages_show.settle()
    assert page.editor.voice.notice.label.text() == "She is speaking. Stop her first, then try the voice."
    ((_character, text),) = pages_show.asked("preview_voice")
    assert text == "Hi, I'm Mira, and this is how I sound."


def test_the_voice_goes_back_to_as_recorded(make: Make) -> None:
    page = make()
    page.editor.voice.reset_button.click()
    draft = page.model.character("mira")
    assert draft is not None
    assert draft.voice == VoiceDesign()
    assert not page.editor.voice.reset_button.isEnabled()
    assert page.editor.voice.sliders["pitch"].value() == 100


def test_the_prompt_is_shown_in_parts_with_its_budget(make: Make, pages_show: PagesShow, qtbot: QtBot) -> None:
    page = make()
    page.editor.setCurrentIndex(3)
    qtbot.waitUntil(lambda: "tokens" in page.editor.prompt.total.text())
    assert page.editor.prompt.bar.accessibleName() == page.editor.prompt.total.text()
    assert "room for the conversation" in page.editor.prompt.advice.text()
    page.grab()


def test_the_prompt_is_asked_for_once_the_typing_pauses(make: Make, pages_show: PagesShow, qtbot: QtBot) -> None:
    page = make()
    qtbot.waitUntil(lambda: len(pages_show.asked("preview_prompt")) == 1)
    for text in ("A", "AB", "ABC"):
        page.editor.persona.editor.setPlainText(text)
    page.editor.greeting.edited.emit("not part of the prompt")
    qtbot.waitUntil(lambda: len(pages_show.asked("preview_prompt")) > 1)
    pages_show.settle()
    assert [call[0].persona for call in pages_show.asked("preview_prompt")] == [MIRA.persona, "ABC"]  # type: ignore[attr-defined]


def test_a_long_prompt_is_warned_of(make: Make, pages_show: PagesShow, qtbot: QtBot) -> None:
    page = make()
    panel, model = page.editor.prompt, page.editor.prompt.model
    model.preview, model.is_asking = PromptPreview((PromptPart("character", "x", 700),), 1000), False
    model.changed.emit()
    assert "forget" in panel.advice.text()
    model.preview = PromptPreview((PromptPart("character", "x", 1000), PromptPart("lore", "", 5)), 1000)
    model.changed.emit()
    assert "Too long" in panel.advice.text()
    assert panel.advice.property("tone") == "danger"
    assert panel.part_title("lore") == "Lore"


def test_a_prompt_that_can_not_be_built_says_why(make: Make, pages_show: PagesShow, qtbot: QtBot) -> None:
    pages_show.cast.errors["preview_prompt"] = TemporaryError("The companion is closing.")
    page = make()
    qtbot.waitUntil(lambda: page.editor.prompt.notice.label.text() == "The companion is closing.")


def test_the_list_becomes_a_drop_down_where_it_is_narrow(make: Make, pages_show: PagesShow, theme: Theme) -> None:
    theme.set_text_scale(200)
    page = make()
    page.resize(740, 560)
    pages_show.settle()
    assert page.width() == 740
    assert not page.roster.isVisible()
    page.drop_down.setCurrentIndex(1)
    page.drop_down.activated.emit(1)
    assert page.chosen == "bolt"
    page.grab()


def test_both_themes_draw_the_page(make: Make, theme: Theme, pages_show: PagesShow) -> None:
    from voxelle.settings.schema import Theme as ThemeChoice

    page = make()
    page.editor.accent.editor.swatches[1].setFocus()
    for choice in (ThemeChoice.LIGHT, ThemeChoice.DARK):
        theme.set_choice(choice)
        assert not page.grab().isNull()
