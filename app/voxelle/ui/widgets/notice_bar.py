"""Notices above the page: one at a time, dismissible, with a sign and a word for its urgency."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from voxelle.domain.events import NoticeLevel
from voxelle.ui.models.notices import NoticeModel
from voxelle.ui.theme import Space, TextRole, current_theme
from voxelle.ui.widgets.buttons import IconButton
from voxelle.ui.widgets.labels import label

_TONES = {NoticeLevel.INFO: "info", NoticeLevel.WARNING: "warning", NoticeLevel.ERROR: "danger"}


class NoticeBar(QFrame):
    """Hidden while there is nothing to read."""

    def __init__(self, model: NoticeModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._theme = current_theme()
        self._theme.style_as(self, "banner")
        self._icon = QLabel()
        self._text = label("", wraps=True)
        self._count = label("", TextRole.SMALL, "muted")
        self.dismiss = IconButton("close", self.tr("Dismiss"), "quiet")
        self.dismiss.clicked.connect(model.dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(self._theme.px(Space.M), self._theme.px(Space.XS), self._theme.px(Space.XS), self._theme.px(Space.XS))
        row.setSpacing(self._theme.px(Space.S))
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._text, 1)
        row.addWidget(self._count)
        row.addWidget(self.dismiss, 0, Qt.AlignmentFlag.AlignVCenter)
        model.changed.connect(self._show)
        self._theme.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        notice = self._model.current
        self.setVisible(notice is not None)
        if notice is None:
            return
        words = {NoticeLevel.INFO: self.tr("Notice"), NoticeLevel.WARNING: self.tr("Warning"), NoticeLevel.ERROR: self.tr("Problem")}
        side = self._theme.px(20)
        self._icon.setPixmap(self._theme.icon(notice.level.value, _TONES[notice.level]).pixmap(side, side))
        self._icon.setAccessibleName(words[notice.level])
        self.setProperty("tone", _TONES[notice.level])
        self._theme.style_as(self, "banner")
        self._text.setText(notice.sentence)
        self.setAccessibleName(f"{words[notice.level]}: {notice.sentence}")
        more = self._model.count - 1
        self._count.setText(self.tr("and {count} more").format(count=more) if more else "")
        self.dismiss.set_compact(is_compact=True)
