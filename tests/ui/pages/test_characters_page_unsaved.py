"""Characters page: new, copied and deleted characters, and what happens to changes that are not saved."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from tests.fakes.companion_pages import MIRA, OWN
from tests.ui.pages.characters import Make, answer, characters_pages, names
from tests.ui.pages.show import PagesShow
from voxelle.domain.errors import TemporaryError
from voxelle.domain.events import CharacterSaved
from voxelle.ui.dialogs.confirm import ConfirmDialog
from voxelle.ui.pages.characters import CharactersPage
from voxelle.ui.theme import Theme

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the offscreen platform has no window manager to tell


@pytest.fixture
def make(qtbot: QtBot, pages_show: PagesShow, theme: Theme) -> Make:
    return characters_pages(qtbot, pages_show)


def test_discarding_asks_first(make: Make, pages_show: PagesShow) -> None:
    page = make()
    page.editor.persona.editor.setPlainText("Changed.")
    page.discard_button.click()
    answer(page, pages_show, "Cancel")
    assert page.model.is_unsaved("mira")
    page.discard_button.click()
    answer(page, pages_show, "Discard")
    assert page.editor.persona.editor.toPlainText() == MIRA.persona


def test_putting_on_stage_with_changes_asks_whether_to_save_them(make: Make, pages_show: PagesShow) -> None:
    page = make()
    page.choose("bolt")
    page.editor.scene.editor.setPlainText("A rooftop.")
    page.stage_button.click()
    answer(page, pages_show, "Save and put on stage")
    assert [call[0] for call in pages_show.cast.calls if call[0] in {"save_character", "choose_character"}] == [
        "save_character",
        "choose_character",
    ]
    assert pages_show.cast.cast["bolt"].scene == "A rooftop."


def test_putting_on_stage_without_the_changes_keeps_them_as_a_draft(make: Make, pages_show: PagesShow) -> None:
    page = make()
    page.choose("bolt")
    page.editor.name.edited.emit("")
    page.stage_button.click()
    answer(page, pages_show, "Without the changes")
    assert pages_show.asked("save_character") == []
    assert page.model.stage_id == "bolt"
    assert page.model.is_unsaved("bolt")


def test_a_new_character_is_a_draft_until_saved(make: Make, pages_show: PagesShow) -> None:
    page = make()
    page.new_button.click()
    page.new_button.click()
    assert names(page)[3:] == ["New character", "New character 2"]
    assert page.badge.text == "New"
    assert page.editor.name.editor.hasFocus()
    page.editor.name.edited.emit("Nova")
    page.save_button.click()
    pages_show.settle()
    saved = [each for each in pages_show.cast.cast.values() if each.name == "Nova"]
    assert len(saved) == 1
    assert page.badge.text == "Own"
    assert page.chosen == saved[0].id
    assert page.model.is_new(page.model.ids()[-1]) or page.model.is_new(page.model.ids()[-2])


def test_a_new_character_that_is_deleted_or_discarded_disappears(make: Make, pages_show: PagesShow) -> None:
    page = make()
    page.new_button.click()
    page.delete_action.trigger()
    answer(page, pages_show, "Delete")
    assert names(page) == ["Mira", "Bolt", "Juno"]
    assert page.chosen == "juno-1"
    page.new_button.click()
    page.discard_button.click()
    answer(page, pages_show, "Discard")
    assert names(page) == ["Mira", "Bolt", "Juno"]
    assert pages_show.asked("delete_character") == []


def test_a_duplicate_starts_from_what_is_edited(make: Make) -> None:
    page = make()
    page.editor.scene.editor.setPlainText("A boat.")
    page.duplicate_action.trigger()
    copy = page.model.character(page.chosen)
    assert copy is not None
    assert (copy.name, copy.scene, copy.is_sample) == ("Mira copy", "A boat.", False)
    assert page.model.duplicate("nobody") == ""


def test_deleting_an_own_character_asks_and_deletes(make: Make, pages_show: PagesShow) -> None:
    page = make()
    page.choose("juno-1")
    page.delete_action.trigger()
    answer(page, pages_show, "Delete")
    assert pages_show.asked("delete_character") == [("juno-1",)]
    assert names(page) == ["Mira", "Bolt"]
    assert page.chosen == "mira"


def test_a_shipped_sample_can_not_be_deleted_but_a_changed_one_restored(make: Make, pages_show: PagesShow) -> None:
    page = make()
    assert not page.delete_action.isEnabled()
    page.editor.scene.editor.setPlainText("Elsewhere.")
    page.save_button.click()
    pages_show.settle()
    assert page.badge.text == "Changed sample"
    assert page.delete_action.text() == "Restore as shipped …"
    page.delete_action.trigger()
    answer(page, pages_show, "Restore")
    assert page.editor.scene.editor.toPlainText() == MIRA.scene
    assert page.badge.text == "Sample"


def test_ids_of_samples_given_tell_a_changed_one_at_the_start(qtbot: QtBot, pages_show: PagesShow, theme: Theme) -> None:
    pages_show.cast.cast["mira"] = replace(MIRA, is_sample=False)
    page = CharactersPage(pages_show.bridge, ("mira", "bolt"))
    qtbot.addWidget(page)
    pages_show.settle()
    assert page.model.badge("mira") == "Changed sample"
    assert page.model.badge("juno-1") == "Own"
    assert page.model.badge("nobody") == ""


def test_a_command_that_fails_is_told_and_the_draft_stays(make: Make, pages_show: PagesShow) -> None:
    page = make()
    page.editor.scene.editor.setPlainText("A pier.")
    pages_show.cast.errors["save_character"] = TemporaryError("The disk is full.")
    page.save_button.click()
    pages_show.settle()
    assert page.notice.label.text() == "The disk is full."
    assert page.model.is_unsaved("mira")
    assert page.save_button.isEnabled()


def test_a_save_by_somebody_else_keeps_the_own_draft(make: Make, pages_show: PagesShow) -> None:
    page = make()
    page.editor.scene.editor.setPlainText("Mine.")
    pages_show.cast.cast["mira"] = replace(MIRA, scene="Theirs.")
    pages_show.announce(CharacterSaved(replace(MIRA, scene="Theirs.")))
    assert page.editor.scene.editor.toPlainText() == "Mine."
    page.model.discard("mira")
    assert page.editor.scene.editor.toPlainText() == "Theirs."


def test_a_character_saved_elsewhere_appears(make: Make, pages_show: PagesShow) -> None:
    page = make()
    new = replace(OWN, id="kai-1", name="Kai")
    pages_show.cast.cast["kai-1"] = new
    pages_show.announce(CharacterSaved(new))
    assert names(page)[-1] == "Kai"
    assert page.chosen == "mira"


def test_leaving_with_nothing_unsaved_goes_on_at_once(make: Make) -> None:
    page = make()
    gone: list[bool] = []
    assert page.leave(lambda: gone.append(True))
    assert gone == [True]


def test_leaving_with_changes_asks_and_saves_them_all(make: Make, pages_show: PagesShow) -> None:
    page = make()
    gone: list[bool] = []
    page.editor.scene.editor.setPlainText("A pier.")
    page.choose("bolt")
    page.editor.scene.editor.setPlainText("A roof.")
    assert not page.leave(lambda: gone.append(True))
    assert gone == []
    answer(page, pages_show, "Save and close")
    assert gone == [True]
    assert {call[0].scene for call in pages_show.asked("save_character")} == {"A pier.", "A roof."}  # type: ignore[attr-defined]


def test_leaving_with_a_wrong_change_can_only_drop_it(make: Make, pages_show: PagesShow) -> None:
    page = make()
    gone: list[bool] = []
    page.editor.persona.editor.setPlainText("")
    page.leave(lambda: gone.append(True))
    dialog = page.findChild(ConfirmDialog)
    assert isinstance(dialog, ConfirmDialog)
    assert [button.text() for button in dialog.choice_buttons] == ["Close without saving"]
    assert dialog.cancel_button.isDefault()
    answer(page, pages_show, "Close without saving")
    assert gone == [True]


def test_asking_twice_opens_one_question(make: Make) -> None:
    page = make()
    page.editor.scene.editor.setPlainText("A pier.")
    assert page.has_unsaved
    assert not page.leave(lambda: None)
    assert not page.leave(lambda: None)
    assert len(page.findChildren(ConfirmDialog)) == 1
