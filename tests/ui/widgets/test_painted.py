"""What is painted by hand says the same in words, and changes with the theme."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.fakes.companion import MIRA
from tests.ui.facts import ended, heard, started
from tests.ui.models.test_latency import MARKS
from tests.ui.show import Show
from voxelle.domain.events import EngineChanged, EngineState, EngineStatus, WordHeard
from voxelle.domain.persona import Character
from voxelle.settings.schema import Theme as ThemeChoice
from voxelle.ui.models.engine_lights import EngineLightsModel
from voxelle.ui.models.latency import TO_SOUND, LatencyModel
from voxelle.ui.models.show import CaptionModel, Light
from voxelle.ui.theme import Theme
from voxelle.ui.widgets.buttons import IconButton
from voxelle.ui.widgets.caption import CaptionView
from voxelle.ui.widgets.empty_state import EmptyState
from voxelle.ui.widgets.engine_lights import EngineLights, _LightButton
from voxelle.ui.widgets.labels import ElidedLabel
from voxelle.ui.widgets.latency_card import LatencyCard
from voxelle.ui.widgets.portrait import Portrait
from voxelle.ui.widgets.state_light import StateLight, light_word
from voxelle.ui.widgets.text_block import Mark, TextBlock, shortened
from voxelle.ui.widgets.waterfall import Waterfall, duration, improvement, stage_word


def pixels(widget: QWidget) -> set[str]:
    image = widget.grab().toImage()
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


def picture(widget: QWidget) -> bytes:
    return bytes(widget.grab().toImage().constBits())


def test_every_state_has_a_word_and_a_shape_of_its_own(theme: Theme, qtbot: QtBot) -> None:
    theme.is_motion_reduced = True
    light = StateLight()
    qtbot.addWidget(light)
    light.setFixedSize(QSize(34, 30))  # the shape alone
    pictures = set()
    for state in Light:
        light.show_light(state)
        light.show_light(state)
        assert light.accessibleName() == light_word(state)
        pictures.add(picture(light))
    assert len(pictures) == len(Light)


def test_the_light_moves_unless_motion_is_reduced(theme: Theme, qtbot: QtBot) -> None:
    light = StateLight()
    qtbot.addWidget(light)
    light.show_light(Light.SPEAKING)
    still = picture(light)
    light._on_frame()
    assert picture(light) != still
    assert light._timer.isActive()
    theme.is_motion_reduced = True
    theme.changed.emit()
    assert not light._timer.isActive()


def test_the_caption_lights_the_word_being_heard(theme: Theme, show: Show, qtbot: QtBot) -> None:
    caption = CaptionView(CaptionModel(show.bridge, show.bridge))
    qtbot.addWidget(caption)
    caption.resize(600, 90)
    assert "appears here" in caption.accessibleDescription()
    caption.grab()
    show.announce(started(), heard("A dragon flew 🐉 by."))
    assert theme.colours.accent not in pixels(caption)
    show.announce(WordHeard("t1", 0, 2, 8))
    assert theme.colours.accent in pixels(caption)
    assert caption.accessibleDescription() == "A dragon flew 🐉 by."
    theme.set_choice(ThemeChoice.LIGHT)
    assert theme.colours.accent in pixels(caption)


def test_a_long_clause_becomes_smaller_until_it_fits(theme: Theme, show: Show, qtbot: QtBot) -> None:
    caption = CaptionView(CaptionModel(show.bridge, show.bridge))
    qtbot.addWidget(caption)
    caption.resize(500, 90)
    show.announce(started(), heard("a rather long clause " * 8))
    assert caption._fitted().height <= 90


@pytest.mark.parametrize("text", ["one two three", "שלום dragon שוב", "🐉🐉 dragon", "ドラゴン dragon"])
def test_a_word_is_found_in_any_script(theme: Theme, text: str) -> None:
    start = text.find("dragon") if "dragon" in text else 4
    rects = TextBlock(text, QFont(), 1_000).word_rects((start, start + 3))
    assert len(rects) == 1
    assert rects[0].width() > 5


def test_a_word_broken_by_a_line_has_two_places(theme: Theme) -> None:
    block = TextBlock("x" * 100, QFont(), 200)
    assert len(block.word_rects((0, 100))) == block.line_count > 1


def test_a_long_text_is_shortened_to_its_line(theme: Theme) -> None:
    block = shortened("🐉 long " * 100, QFont(), 200)
    assert block.line_count == 1
    assert 100 < block.width <= 200
    assert shortened("short", QFont(), 200).width < 100


def test_marks_colour_their_stretch(theme: Theme) -> None:
    assert TextBlock("a\nb", QFont(), 100, [Mark(0, 1, "#ff0000", is_bold=True, is_struck=True)]).line_count == 2


def test_the_waterfall_says_its_stages_in_words(theme: Theme, show: Show, qtbot: QtBot) -> None:
    fall = Waterfall(LatencyModel(show.bridge, show.bridge))
    qtbot.addWidget(fall)
    fall.resize(300, fall.sizeHint().height())
    empty = pixels(fall)
    show.announce(ended(marks=MARKS))
    fall.resize(300, fall.sizeHint().height())
    assert fall.accessibleDescription().startswith(
        "Waiting for you 2 ms, Understanding 3 ms, In line 5 ms, Prompt 20 ms, First word 270 ms"
    )
    assert {theme.colours.accent_text, theme.colours.info} <= pixels(fall) - empty
    show.announce(ended(turn="t2", marks={"llm_done": 1.0, "first_token": 0.5}))
    fall.grab()


def test_the_waterfall_tells_the_usual_time_of_each_stage(theme: Theme, show: Show, qtbot: QtBot) -> None:
    fall = Waterfall(LatencyModel(show.bridge, show.bridge))
    qtbot.addWidget(fall)
    show.announce(*(ended(turn=str(n), marks={**MARKS, "endpointed": 0.001 * n}) for n in range(1, 21)))
    assert "Waiting for you: usual 10 ms, slow 19 ms<br>Understanding: usual" in fall.toolTip()


@pytest.mark.parametrize("mark", TO_SOUND)
def test_each_stage_has_a_hint_that_says_what_to_do(mark: str) -> None:
    assert "most of the time: " in improvement(mark)
    assert improvement("") == ""


def test_durations_and_unknown_stages_are_named_plainly() -> None:
    assert (duration(0.0081), duration(0.34), duration(1.239)) == ("8 ms", "340 ms", "1.24 s")
    assert stage_word("new_stage") == "new_stage"


def test_the_timing_card_shows_usual_and_slow(theme: Theme, show: Show, qtbot: QtBot) -> None:
    card = LatencyCard(LatencyModel(show.bridge, show.bridge))
    qtbot.addWidget(card)
    assert card._stack.currentIndex() == 0
    show.announce(*(ended(turn=str(n), marks={**MARKS, "audible": n / 10}) for n in range(1, 21)))
    assert card._stack.currentIndex() == 1
    assert [each.text() for each in (card._last, card._usual, card._slow)] == ["2.00 s", "1.00 s", "1.90 s"]
    assert card.note.text() == "of 20 spoken"
    assert card._hint.text().startswith("The sound device takes most of the time")
    written = {mark: at for mark, at in MARKS.items() if mark not in {"endpointed", "recognised"}}
    show.announce(*(ended(turn=f"chat {n}", marks=written) for n in range(2)))
    assert card.note.text() == "of 2 answers"
    assert card._hint.isHidden()


@pytest.mark.parametrize("accent", ["#ffffff", "#000000", "#7c5cff", "no colour"])
def test_her_initial_can_be_read_on_any_colour(theme: Theme, qtbot: QtBot, accent: str) -> None:
    portrait = Portrait()
    qtbot.addWidget(portrait)
    nobody = picture(portrait)
    portrait.show_character(Character("x", "Xena", "", "", "", "", accent=accent))
    assert picture(portrait) != nobody
    portrait.show_character(MIRA)
    assert QColor(MIRA.accent).name() in pixels(portrait)


def test_a_label_gives_way_and_tells_all_in_its_tooltip(theme: Theme, qtbot: QtBot) -> None:
    label = ElidedLabel("<i>quite</i> a long text")
    qtbot.addWidget(label)
    label.resize(60, 20)
    label.grab()
    assert label.toolTip() == "<qt>&lt;i&gt;quite&lt;/i&gt; a long text</qt>"
    label.resize(600, 20)
    label.grab()
    assert label.toolTip() == ""
    assert label.minimumSizeHint().width() == 0


def test_a_compact_button_keeps_its_name(theme: Theme, qtbot: QtBot) -> None:
    button = IconButton("stop", "Stop", "primary", "Esc")
    qtbot.addWidget(button)
    button.set_compact(is_compact=True)
    assert (button.text(), button.accessibleName(), button.toolTip()) == ("", "Stop", "Stop (Esc)")
    button.set_face("play", "Play")
    assert (button.words, button.accessibleName()) == ("Play", "Play")
    theme.set_choice(ThemeChoice.LIGHT)


def test_an_empty_place_can_say_something_else(theme: Theme, qtbot: QtBot) -> None:
    empty = EmptyState("chat", "Quiet", "Say hello.")
    qtbot.addWidget(empty)
    empty.set_text("Still quiet", "Go on.")
    assert (empty._heading.text(), empty._sentence.text()) == ("Still quiet", "Go on.")


def test_engine_lights_differ_by_more_than_colour_and_lead_to_the_engines(theme: Theme, show: Show, qtbot: QtBot) -> None:
    strip = EngineLights(EngineLightsModel(show.bridge, show.bridge))
    qtbot.addWidget(strip)
    strip.resize(900, 40)
    names = set()
    for state in EngineState:
        show.announce(EngineChanged(EngineStatus("a", "llm", "Llama", state, progress=0.5, sentence="Why.")))
        [button] = strip.findChildren(_LightButton)
        names.add(button.accessibleName())
        strip.grab()
    assert len(names) == len(EngineState)
    assert any("loading 50%" in name for name in names)
    [button] = strip.findChildren(_LightButton)
    with qtbot.waitSignal(strip.chosen):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    button.resize(button.minimumSizeHint())
    button.grab()
