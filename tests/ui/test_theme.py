"""Everything can be read in both sets of colours and at every text size."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from voxelle.kernel.paths import resource
from voxelle.settings.schema import Theme as ThemeChoice
from voxelle.ui.theme import DARK, LIGHT, Colours, TextRole, Theme, contrast, current_theme, readable

_SURFACES = ("background", "surface", "raised", "sunken", "selection")
_TEXTS = ("text", "muted", "accent_text", "ok", "warning", "danger", "info")


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("surface", _SURFACES)
@pytest.mark.parametrize("text", _TEXTS)
def test_text_has_contrast_on_every_surface(colours: Colours, surface: str, text: str) -> None:
    assert contrast(getattr(colours, text), getattr(colours, surface)) >= 4.5


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_filled_buttons_and_edges_have_contrast(colours: Colours) -> None:
    assert contrast(colours.on_accent, colours.accent) >= 4.5
    assert contrast(colours.on_danger, colours.danger_fill) >= 4.5
    for surface in ("background", "surface", "raised", "sunken"):
        assert contrast(colours.outline, getattr(colours, surface)) >= 3


@given(st.integers(0, 0xFFFFFF), st.sampled_from([LIGHT.surface, DARK.surface, LIGHT.sunken, DARK.sunken, "#777777"]))
def test_any_colour_is_made_readable(colour: int, background: str) -> None:
    assert contrast(readable(f"#{colour:06x}", background), background) >= min(4.5, contrast("#ffffff", background) - 0.01)


def test_a_colour_that_is_none_counts_as_grey() -> None:
    assert contrast(readable("chartreuse-ish", DARK.surface), DARK.surface) >= 4.5


def test_there_is_one_theme(theme: Theme) -> None:
    assert current_theme() is theme


def test_the_setting_decides_light_or_dark(theme: Theme, qapp: QApplication) -> None:
    theme.set_choice(ThemeChoice.LIGHT)
    assert not theme.is_dark
    assert qapp.palette().color(QPalette.ColorRole.Window).name() == LIGHT.background
    theme.set_choice(ThemeChoice.DARK)
    assert theme.is_dark


def test_system_follows_the_system_live(theme: Theme) -> None:
    theme.set_choice(ThemeChoice.SYSTEM)
    hints = QGuiApplication.styleHints()
    for scheme, is_dark in ((Qt.ColorScheme.Light, False), (Qt.ColorScheme.Dark, True)):
        hints.colorSchemeChanged.emit(scheme)
        assert theme.is_dark is is_dark


def test_a_system_change_leaves_a_chosen_theme_alone(theme: Theme, qtbot: QtBot) -> None:
    theme.set_choice(ThemeChoice.DARK)
    with qtbot.assertNotEmitted(theme.changed):
        QGuiApplication.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Light)


def test_text_size_scales_fonts_and_lengths(theme: Theme, qapp: QApplication) -> None:
    small = qapp.font().pointSizeF()
    theme.set_text_scale(200)
    assert qapp.font().pointSizeF() == pytest.approx(2 * small)
    assert theme.px(10) == 20
    theme.set_text_scale(9_000)
    assert theme.scale == 2.0


def test_the_same_choice_again_changes_nothing(theme: Theme, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(theme.changed):
        theme.set_choice(ThemeChoice.DARK)
        theme.set_text_scale(100)


@pytest.mark.parametrize("name", sorted(path.stem for path in resource("icons").glob("*.svg")))
def test_every_icon_can_be_drawn(theme: Theme, name: str) -> None:
    image = theme.icon(name, "accent_text").pixmap(24, 24).toImage()
    assert any(image.pixelColor(x, y).alpha() for x in range(24) for y in range(24))


def test_icons_are_drawn_once_a_colour(theme: Theme) -> None:
    assert theme.icon("live").cacheKey() == theme.icon("live").cacheKey()
    assert theme.icon("live").cacheKey() != theme.icon("live", "#ff0000").cacheKey()


def test_a_label_takes_its_step_of_the_type_scale(theme: Theme, qtbot: QtBot) -> None:
    label = QLabel("x")
    qtbot.addWidget(label)
    theme.style_text(label, TextRole.TITLE, "muted")
    assert label.font().pointSizeF() == pytest.approx(theme.points(TextRole.TITLE), abs=0.1)
    assert theme.font(TextRole.TITLE).weight() > theme.font().weight()
