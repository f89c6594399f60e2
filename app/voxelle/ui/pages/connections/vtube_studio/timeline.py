"""What her face did at the last clauses: when, what she felt, how strongly, and what came of it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QProgressBar, QWidget

from voxelle.domain.avatar import EmotionCue
from voxelle.ui.models.avatar import AvatarModel
from voxelle.ui.pages.connections.vtube_studio.wording import emotion_title
from voxelle.ui.text import one_line
from voxelle.ui.theme import Space, TextRole, current_theme
from voxelle.ui.widgets.card import Card
from voxelle.ui.widgets.labels import ElidedLabel, label
from voxelle.ui.widgets.status_chip import StatusChip

SHOWN = 20
_BAR_WIDTH = 72
_DEED_LIMIT = 120


class CueRow:
    """The widgets of one clause, side by side in a grid."""

    def __init__(self, grid: QGridLayout, number: int) -> None:
        theme = current_theme()
        self.time = label(role=TextRole.SMALL, tone="muted")
        self.emotion = label()
        self.bar = QProgressBar()
        self.bar.setRange(0, 100)
        self.bar.setTextVisible(False)
        self.bar.setFixedSize(theme.px(_BAR_WIDTH), theme.px(8))
        self.deed = ElidedLabel()
        self.chip = StatusChip()
        self.widgets: tuple[QWidget, ...] = (self.time, self.emotion, self.bar, self.deed, self.chip)
        for column, widget in enumerate(self.widgets):
            if widget is self.deed:
                grid.addWidget(widget, number, column)
            else:
                grid.addWidget(widget, number, column, Qt.AlignmentFlag.AlignVCenter)

    def show_cue(self, cue: EmotionCue, done: str, not_done: str) -> None:
        """Show a clause."""
        self.time.setText(cue.at.astimezone().strftime("%H:%M:%S"))
        self.emotion.setText(emotion_title(cue.emotion.value))
        percent = round(max(0.0, min(1.0, cue.intensity)) * 100)
        self.bar.setValue(percent)
        self.bar.setAccessibleName(f"{emotion_title(cue.emotion.value)}: {percent} %")
        self.bar.setToolTip(f"{percent} %")
        self.deed.setText(one_line(cue.deed, _DEED_LIMIT))
        self.chip.show_state(done if cue.is_done else not_done, "ok" if cue.is_done else "muted")
        self.set_shown(is_shown=True)

    def set_shown(self, *, is_shown: bool) -> None:
        """Show it or leave it out."""
        for widget in self.widgets:
            widget.setVisible(is_shown)


class TimelineCard(Card):
    """The newest on top."""

    def __init__(self, avatar: AvatarModel) -> None:
        super().__init__()
        self._avatar = avatar
        self._cues: tuple[EmotionCue, ...] | None = None
        self.set_title(self.tr("Emotions as they were heard"))
        self.empty = label(self.tr("Nothing yet: as soon as she says something, it is listed here."), tone="muted", wraps=True)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(current_theme().px(Space.M))
        self._grid.setVerticalSpacing(current_theme().px(Space.XS))
        self._grid.setColumnStretch(3, 1)
        self.rows: list[CueRow] = []
        self.body.addWidget(self.empty)
        self.body.addLayout(self._grid)
        avatar.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        cues = self._avatar.snapshot.cues[-SHOWN:]
        if cues == self._cues:
            return
        self._cues = cues
        self.empty.setVisible(not cues)
        while len(self.rows) < len(cues):
            self.rows.append(CueRow(self._grid, len(self.rows)))
        for row, cue in zip(self.rows, reversed(cues), strict=False):
            row.show_cue(cue, self.tr("Done"), self.tr("Not done"))
        for row in self.rows[len(cues) :]:
            row.set_shown(is_shown=False)
