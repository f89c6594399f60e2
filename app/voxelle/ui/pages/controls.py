"""Small controls that several pages are made of."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QListWidget,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from voxelle.ui.theme import Space, TextRole, Theme, current_theme, readable
from voxelle.ui.widgets.buttons import IconButton
from voxelle.ui.widgets.labels import label

BADGE_TINT = 0.16
HEADER_NARROW = 560
LEAST = QSize(480, 360)


def row(*widgets: QWidget | None, spacing: int = Space.S) -> QHBoxLayout:
    """Return a row of widgets; None is a stretch."""
    layout = QHBoxLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(current_theme().px(spacing))
    for widget in widgets:
        if widget is None:
            layout.addStretch(1)
        else:
            layout.addWidget(widget)
    return layout


def column(parent: QWidget | None = None, *, margin: int = 0, spacing: int = Space.S) -> QVBoxLayout:
    """Return a column with scaled margins."""
    layout = QVBoxLayout(parent) if parent is not None else QVBoxLayout()
    theme = current_theme()
    edge = theme.px(margin) if margin else 0
    layout.setContentsMargins(edge, edge, edge, edge)
    layout.setSpacing(theme.px(spacing))
    return layout


def scrolling(content: QWidget) -> QScrollArea:
    """Return a scroll area around a column that is as wide as the page."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(content)
    return area


class _Fold(QObject):
    """Turns a row into a column while its widget is narrow."""

    def __init__(self, layout: QBoxLayout, width: int, widget: QWidget) -> None:
        super().__init__(widget)
        self._layout = layout
        self._width = width
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt: look at the new width."""
        if isinstance(event, QResizeEvent):
            is_narrow = event.size().width() < current_theme().px(self._width)
            self._layout.setDirection(QBoxLayout.Direction.TopToBottom if is_narrow else QBoxLayout.Direction.LeftToRight)
        return super().eventFilter(watched, event)


def folding_row(widget: QWidget, width: int, *, is_layout_of: bool = False) -> QBoxLayout:
    """Return a row that becomes a column while `widget` is narrower than `width` pixels at 100 % text size."""
    layout = QBoxLayout(QBoxLayout.Direction.LeftToRight, widget if is_layout_of else None)
    layout.setSpacing(current_theme().px(Space.S))
    _Fold(layout, width, widget)
    return layout


def icon_only(icon: str, name: str, kind: str = "") -> IconButton:
    """Return a button that shows its icon; the name is its tip, and what a screen reader says."""
    button = IconButton(icon, name, kind)
    button.set_compact(is_compact=True)
    return button


class Badge(QWidget):
    """A word in a rounded, tinted box: a state, never alone in its colour."""

    def __init__(self, text: str = "", tone: str = "muted") -> None:
        super().__init__()
        self._text = text
        self._tone = tone
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)
        current_theme().changed.connect(self.updateGeometry)

    def show_text(self, text: str, tone: str = "muted") -> None:
        """Show another word, or nothing."""
        self._text, self._tone = text, tone
        self.setAccessibleName(text)
        self.setVisible(bool(text))
        self.updateGeometry()
        self.update()

    @property
    def text(self) -> str:
        """The word."""
        return self._text

    def sizeHint(self) -> QSize:
        """Qt: room for the word."""
        theme = current_theme()
        metrics = QFontMetrics(theme.font(TextRole.SMALL))
        return QSize(metrics.horizontalAdvance(self._text) + theme.px(16), metrics.height() + theme.px(4))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt: draw the box and the word."""
        theme = current_theme()
        shade = theme.colour("accent_text" if self._tone == "accent" else self._tone)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_badge(painter, QRectF(self.rect()), self._text, shade)
        painter.end()


def paint_badge(painter: QPainter, box: QRectF, text: str, shade: QColor) -> None:
    """Draw a badge into a box; the word is made readable on the tint."""
    theme = current_theme()
    ground = theme.colour("surface")
    tint = QColor(
        round(shade.red() * BADGE_TINT + ground.red() * (1 - BADGE_TINT)),
        round(shade.green() * BADGE_TINT + ground.green() * (1 - BADGE_TINT)),
        round(shade.blue() * BADGE_TINT + ground.blue() * (1 - BADGE_TINT)),
    )
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(tint)
    radius = min(box.height() / 2, theme.px(6))
    painter.drawRoundedRect(box, radius, radius)
    painter.setPen(QColor(readable(shade.name(), tint.name())))
    painter.setFont(theme.font(TextRole.SMALL))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


class PageFrame(QWidget):
    """The ground of a page: a column with the page's margins that never makes the window wider than the streamer wants it."""

    def __init__(self) -> None:
        super().__init__()
        theme = current_theme()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(*(Space.XL,) * 4)  # not scaled: with large text the room is better used inside
        self.column.setSpacing(theme.px(Space.M))
        self.column.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)

    def minimumSizeHint(self) -> QSize:
        """Qt: the page gives way by itself, see the pages' `resizeEvent`."""
        return LEAST


class PageHeader(QWidget):
    """Title and one sentence of a page, with its actions at the right. Where it is narrow the sentence goes and the actions show icons."""

    def __init__(self, title: str, sentence: str, *actions: QWidget) -> None:
        super().__init__()
        self.title = label(title, TextRole.TITLE, wraps=True)
        self.sentence = label(sentence, TextRole.BODY, "muted", wraps=True)
        words = column(spacing=Space.XXS)
        words.addWidget(self.title)
        words.addWidget(self.sentence)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(current_theme().px(Space.S))
        layout.addLayout(words, 1)
        self._actions = [action for action in actions if isinstance(action, IconButton) and action.text()]
        for action in actions:
            layout.addWidget(action, 0, Qt.AlignmentFlag.AlignTop)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: give way when there is little room."""
        super().resizeEvent(event)
        is_narrow = self.width() < current_theme().px(HEADER_NARROW)
        self.sentence.setVisible(not is_narrow)
        for action in self._actions:
            action.set_compact(is_compact=is_narrow)


class Notice(QFrame):
    """A sentence with an icon; hidden while it has nothing to say."""

    def __init__(self, tone: str = "danger", icon: str = "error") -> None:
        super().__init__()
        Theme.style_as(self, "notice")
        self._tone = tone
        self._icon_name = icon
        self._icon = QLabel()
        self.label = label(tone=tone, wraps=True)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.close_button = icon_only("close", self.tr("Hide this message"), "quiet")
        self.close_button.clicked.connect(lambda: self.say(""))
        layout = QHBoxLayout(self)
        theme = current_theme()
        layout.setContentsMargins(theme.px(Space.M), theme.px(Space.S), theme.px(Space.S), theme.px(Space.S))
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.label, 1)
        layout.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        theme.changed.connect(self._take_icon)
        self._take_icon()
        self.hide()

    def say(self, sentence: str) -> None:
        """Show a sentence, or hide with an empty one."""
        self.label.setText(sentence)
        self.setAccessibleName(sentence)
        self.setVisible(bool(sentence))

    def _take_icon(self) -> None:
        theme = current_theme()
        self._icon.setPixmap(theme.icon(self._icon_name, self._tone).pixmap(theme.px(16)))


class StatePane(QStackedWidget):
    """Shows its content, or why there is none: still loading, empty, or an error with a way on."""

    asked = Signal()
    """The button of a message was pressed."""

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self._content = content
        self.heading = label(role=TextRole.HEADING, wraps=True)
        self.sentence = label(tone="muted", wraps=True)
        for text in (self.heading, self.sentence):
            text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._progress = QProgressBar()
        self._progress.setRange(0, 0)
        self._progress.setMaximumWidth(current_theme().px(180))
        self._progress.setAccessibleName(self.tr("Loading"))
        self.button = QPushButton()
        self.button.clicked.connect(self.asked)
        message = QWidget()
        layout = column(message, margin=Space.XL, spacing=Space.S)
        layout.addStretch(2)
        layout.addWidget(self.heading)
        layout.addWidget(self.sentence)
        layout.addWidget(self._progress, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
        self.addWidget(content)
        self.addWidget(message)

    @property
    def is_content_shown(self) -> bool:
        """Whether the content is in front."""
        return self.currentWidget() is self._content

    def show_content(self) -> None:
        """Bring the content to the front."""
        self.setCurrentIndex(0)

    def show_loading(self, heading: str) -> None:
        """Say that something is on its way."""
        self._show(heading, "", "", is_loading=True)

    def show_message(self, heading: str, sentence: str = "", button: str = "") -> None:
        """Say why there is nothing, and offer a way on."""
        self._show(heading, sentence, button, is_loading=False)

    def _show(self, heading: str, sentence: str, button: str, *, is_loading: bool) -> None:
        self.heading.setText(heading)
        self.sentence.setText(sentence)
        self.sentence.setVisible(bool(sentence))
        self.button.setText(button)
        self.button.setVisible(bool(button))
        self._progress.setVisible(is_loading)
        self.setCurrentIndex(1)


def space_rows(rows: QListWidget) -> None:
    """Give the rows of a short list air above and below, at the present text size."""
    theme = current_theme()
    height = QFontMetrics(theme.font()).height() + theme.px(14)
    for position in range(rows.count()):
        rows.item(position).setSizeHint(QSize(0, height))


def clear_layout(layout: QLayout) -> None:
    """Take everything out of a layout and delete it."""
    while layout.count():
        item = layout.takeAt(0)
        if item is None:
            return
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif inner is not None:
            clear_layout(inner)
