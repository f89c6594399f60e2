"""What became of each line of an imported file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from voxelle.ui.pages.controls import column, icon_only, row
from voxelle.ui.text import one_line
from voxelle.ui.theme import Space, TextRole, current_theme
from voxelle.ui.widgets.card import Card
from voxelle.ui.widgets.labels import ElidedLabel, label
from voxelle.ui.widgets.status_chip import StatusChip

_SHOWN = 100
_LIMIT = 120


class ReportCard(Card):
    """Hidden until there is a report."""

    def __init__(self) -> None:
        super().__init__()
        self.set_title(self.tr("What the file said"))
        self.total = label(wraps=True)
        self.close_button = icon_only("close", self.tr("Hide the report"), "quiet")
        self.close_button.clicked.connect(self.hide)
        head = row()
        head.addWidget(self.total, 1)
        head.addWidget(self.close_button)
        self._place = column()
        self._grid = QWidget(self)
        self.body.addLayout(head)
        self.body.addLayout(self._place)
        self.chips: list[StatusChip] = []
        self.hide()

    def show_rows(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Show these instead."""
        self._grid.deleteLater()
        self._grid = QWidget()
        grid = QGridLayout(self._grid)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(current_theme().px(Space.M))
        grid.setColumnStretch(3, 1)
        looks = {"matched": (self.tr("Matched"), "ok"), "missing": (self.tr("Not in this model"), "warning")}
        self.chips = []
        for number, each in enumerate(rows[:_SHOWN]):
            word, tone = looks.get(str(each["found"]), (self.tr("Not understood"), "danger"))
            chip = StatusChip(word, tone)
            self.chips.append(chip)
            grid.addWidget(chip, number, 0, Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(label(one_line(str(each["emotion"]), 40)), number, 1)
            grid.addWidget(label(one_line(str(each["target"]), 40), tone="muted"), number, 2)
            grid.addWidget(ElidedLabel(one_line(str(each["sentence"]), _LIMIT), TextRole.SMALL, "muted"), number, 3)
        self._place.addWidget(self._grid)
        matched = sum(str(each["found"]) == "matched" for each in rows)
        self.total.setText(
            self.tr("{matched} of {all} lines fit this model. Look at the rows below, then save.").format(matched=matched, all=len(rows))
        )
        self.show()
