"""How the window looks: tokens of space, type and colour, and their one translation into palette and style sheet."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import lru_cache
from string import Template
from typing import cast

from PySide6.QtCore import QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QWidget

from voxelle.kernel.paths import resource
from voxelle.settings.schema import Theme as ThemeChoice


class Space:
    """Steps of distance in pixels at 100 % text size; use `Theme.px` to scale them."""

    XXS = 2
    XS = 4
    S = 8
    M = 12
    L = 16
    XL = 24
    XXL = 32


class TextRole(StrEnum):
    """Steps of the type scale; set on a label by `Theme.style_text`."""

    SMALL = "small"
    BODY = "body"
    STRONG = "strong"
    HEADING = "heading"
    TITLE = "title"
    DISPLAY = "display"


_FACTORS = {
    TextRole.SMALL: 0.86,
    TextRole.BODY: 1.0,
    TextRole.STRONG: 1.0,
    TextRole.HEADING: 1.12,
    TextRole.TITLE: 1.5,
    TextRole.DISPLAY: 2.1,
}
_BOLD = {TextRole.STRONG, TextRole.HEADING, TextRole.TITLE}
_BASE_POINTS = 10.5


@dataclass(frozen=True, slots=True)
class Colours:
    """One set of colours, `#rrggbb`. Every text colour has contrast ≥ 4.5:1 on every surface of its set."""

    background: str
    """Behind everything."""
    surface: str
    """Cards."""
    raised: str
    """Controls, and rows under the pointer."""
    sunken: str
    """Input fields and lists."""
    border: str
    """Decorative lines."""
    outline: str
    """Edges of controls: contrast ≥ 3:1."""
    text: str
    muted: str
    """Less important text."""
    accent: str
    """Buttons of the first rank, marks."""
    accent_text: str
    """Accent as a text colour, and the focus ring."""
    on_accent: str
    """Text on `accent`."""
    selection: str
    """Behind selected text and rows; carries `text`."""
    ok: str
    warning: str
    danger: str
    info: str
    danger_fill: str
    on_danger: str


LIGHT = Colours(
    background="#f3f2f8",
    surface="#ffffff",
    raised="#ebe9f4",
    sunken="#faf9fd",
    border="#dcd9e8",
    outline="#827d98",
    text="#1c1a26",
    muted="#5b576d",
    accent="#5f3fe0",
    accent_text="#5433d6",
    on_accent="#ffffff",
    selection="#ddd6fb",
    ok="#0b6b3a",
    warning="#8a4b00",
    danger="#b3172f",
    info="#12579e",
    danger_fill="#c4203a",
    on_danger="#ffffff",
)
DARK = Colours(
    background="#121118",
    surface="#1b1a24",
    raised="#282635",
    sunken="#15141d",
    border="#302d3f",
    outline="#75708c",
    text="#efedf7",
    muted="#aaa5bd",
    accent="#6f4ff0",
    accent_text="#b3a1ff",
    on_accent="#ffffff",
    selection="#3b3166",
    ok="#5fd394",
    warning="#f2b14d",
    danger="#ff8593",
    info="#7fbaff",
    danger_fill="#c4203a",
    on_danger="#ffffff",
)


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2.2 (https://www.w3.org/TR/WCAG22/#dfn-relative-luminance)."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)  # noqa: PLR2004  # sRGB
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two `#rrggbb` colours, 1..21."""
    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


@lru_cache(maxsize=4096)
def readable(colour: str, background: str, ratio: float = 4.5) -> str:
    """Return the colour, made lighter or darker until it can be read on the background.

    A colour that is no `#rrggbb` counts as grey.
    """
    shade = QColor(colour) if QColor.isValidColorName(colour) else QColor("#888888")
    step = 0.04 if luminance(background) < 0.18 else -0.04  # noqa: PLR2004  # middle grey
    hue, saturation, lightness, _ = cast("tuple[float, float, float, float]", shade.getHslF())
    while contrast(shade.name(), background) < ratio and 0.0 <= lightness + step <= 1.0:
        lightness += step
        shade = QColor.fromHslF(max(hue, 0.0), saturation, lightness)
    if contrast(shade.name(), background) < ratio:
        return "#ffffff" if step > 0 else "#000000"
    return shade.name()


class Theme(QObject):
    """The look of the running window. One a QApplication, found by `current_theme`."""

    changed = Signal()
    """Colours or text size changed: repaint, lay out again, take new icons."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._choice = ThemeChoice.SYSTEM
        self._percent = 100
        self._fonts: dict[TextRole, QFont] = {}
        self._icons: dict[tuple[str, str], QIcon] = {}
        self.colours = DARK
        self.is_motion_reduced = False
        app.setStyle("Fusion")
        self._system = QGuiApplication.styleHints().colorScheme()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_system_changed)
        self._apply()

    @property
    def is_dark(self) -> bool:
        """Whether the dark set is in use."""
        return self.colours is DARK

    @property
    def scale(self) -> float:
        """Text size as a factor, 1.0 at 100 %."""
        return self._percent / 100

    def px(self, length: float) -> int:
        """Scale a length in pixels with the text size."""
        return max(1, round(length * self.scale))

    def points(self, role: TextRole) -> float:
        """Return the size of a step of the type scale in points, scaled."""
        return round(_BASE_POINTS * _FACTORS[role] * self.scale, 1)

    def font(self, role: TextRole = TextRole.BODY) -> QFont:
        """Return the font of a step, for painting."""
        made = self._fonts.get(role)
        if made is None:
            made = QFont(self._app.font())
            made.setPointSizeF(self.points(role))
            if role in _BOLD:
                made.setWeight(QFont.Weight.DemiBold)
            self._fonts[role] = made
        return QFont(made)

    def colour(self, name: str) -> QColor:
        """Return a token of the set as a QColor."""
        return QColor(cast("str", getattr(self.colours, name)))

    def set_choice(self, choice: ThemeChoice) -> None:
        """Use light, dark, or what the system says."""
        if choice is self._choice:
            return
        self._choice = choice
        hints = QGuiApplication.styleHints()
        if choice is ThemeChoice.SYSTEM:
            hints.unsetColorScheme()
            self._system = hints.colorScheme()
        else:  # tells the system too, so that the title bar fits
            hints.setColorScheme(Qt.ColorScheme.Dark if choice is ThemeChoice.DARK else Qt.ColorScheme.Light)
        self._apply()

    def set_text_scale(self, percent: int) -> None:
        """Set the text size, 80..200 %."""
        bounded = min(200, max(80, percent))
        if bounded != self._percent:
            self._percent = bounded
            self._apply()

    def icon(self, name: str, colour: str = "text") -> QIcon:
        """Return an icon of `resources/icons` in a colour: a token's name or `#rrggbb`."""
        shade = colour if colour.startswith("#") else cast("str", getattr(self.colours, colour))
        key = (name, shade)
        if key not in self._icons:
            self._icons[key] = _drawn_icon(name, shade, self.colours.muted)
        return self._icons[key]

    @staticmethod
    def style_text(widget: QWidget, role: TextRole, tone: str = "text") -> None:
        """Give a label a step of the type scale and a colour: text, muted, accent, ok, warning, danger or info."""
        widget.setProperty("role", role.value)
        widget.setProperty("tone", tone)
        _repolish(widget)

    @staticmethod
    def style_as(widget: QWidget, kind: str) -> None:
        """Give a control a rank: `primary`, `danger`, `quiet` (buttons); `card`, `bar` (frames)."""
        widget.setProperty("kind", kind)
        _repolish(widget)

    def _on_system_changed(self, scheme: Qt.ColorScheme) -> None:
        if self._choice is ThemeChoice.SYSTEM:
            self._system = scheme
            self._apply()

    def _apply(self) -> None:
        wants_dark = self._choice is ThemeChoice.DARK
        if self._choice is ThemeChoice.SYSTEM:
            wants_dark = self._system is not Qt.ColorScheme.Light
        self.colours = DARK if wants_dark else LIGHT
        self._icons.clear()
        self._fonts.clear()
        font = QFont(self._app.font())
        font.setPointSizeF(self.points(TextRole.BODY))
        self._app.setFont(font)
        self._app.setPalette(_palette(self.colours))
        self._app.setStyleSheet(self._style_sheet())
        self.changed.emit()

    def _style_sheet(self) -> str:
        template = Template(resource("styles", "voxelle.qss").read_text(encoding="utf-8"))
        sizes = {f"px{n}": f"{self.px(n)}px" for n in (1, 2, 3, 4, 6, 8, 10, 12, 16, 18, 20, 24, 26, 32, 36)}
        points = {f"pt_{role.value}": f"{self.points(role)}pt" for role in TextRole}
        # QSS can't colour an icon: these two come as files in their colours.
        chevron = "chevron_on_dark" if self.is_dark else "chevron_on_light"
        icons = {"icon_check": resource("icons", "check_on_accent.svg"), "icon_chevron": resource("icons", f"{chevron}.svg")}
        return template.substitute(asdict(self.colours), **sizes, **points, **{key: path.as_posix() for key, path in icons.items()})


def current_theme() -> Theme:
    """Return the application's theme, created at the first call."""
    app = cast("QApplication", QApplication.instance())
    found = app.findChild(Theme, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return found if isinstance(found, Theme) else Theme(app)


def _repolish(widget: QWidget) -> None:
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def _drawn_icon(name: str, colour: str, disabled: str) -> QIcon:
    """Render the SVG at the sizes that occur, in a colour for enabled and one for disabled controls."""
    source = resource("icons", f"{name}.svg").read_text(encoding="utf-8")
    icon = QIcon()
    for mode, shade in ((QIcon.Mode.Normal, colour), (QIcon.Mode.Disabled, disabled)):
        renderer = QSvgRenderer(source.replace("currentColor", shade).encode())
        for side in (16, 20, 24, 32, 40, 48, 64, 96):
            pixmap = QPixmap(QSize(side, side))
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            renderer.render(painter, QRectF(0, 0, side, side))
            painter.end()
            icon.addPixmap(pixmap, mode)
    return icon


def _palette(colours: Colours) -> QPalette:
    """Translate the tokens for Fusion and for widgets that paint by palette."""
    role = QPalette.ColorRole
    pairs = {
        role.Window: colours.background,
        role.WindowText: colours.text,
        role.Base: colours.sunken,
        role.AlternateBase: colours.surface,
        role.Text: colours.text,
        role.PlaceholderText: colours.muted,
        role.Button: colours.raised,
        role.ButtonText: colours.text,
        role.BrightText: colours.on_danger,
        role.ToolTipBase: colours.raised,
        role.ToolTipText: colours.text,
        role.Highlight: colours.selection,
        role.HighlightedText: colours.text,
        role.Link: colours.accent_text,
        role.LinkVisited: colours.accent_text,
        role.Accent: colours.accent,
        role.Light: colours.raised,
        role.Midlight: colours.raised,
        role.Mid: colours.border,
        role.Dark: colours.border,
        role.Shadow: colours.border,
    }
    palette = QPalette()
    for key, value in pairs.items():
        palette.setColor(key, QColor(value))
    for key in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, key, QColor(colours.muted))
    return palette
