"""The first tab: the connection, the line, what moves, the last errors, and what her face did."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from voxelle.ui.models.avatar import AvatarModel
from voxelle.ui.pages.connections.vtube_studio.mouth import MouthCard
from voxelle.ui.pages.connections.vtube_studio.state import ProblemsCard, StateCard, TruthCard
from voxelle.ui.pages.connections.vtube_studio.timeline import TimelineCard
from voxelle.ui.pages.controls import column, folding_row, scrolling
from voxelle.ui.theme import Space, current_theme
from voxelle.ui.widgets.yielding import Yielding

_FOLDS_AT = 560


class OverviewTab(QWidget):
    """Cards below each other; two beside each other where there is room."""

    def __init__(self, avatar: AvatarModel) -> None:
        super().__init__()
        self.state = StateCard(avatar)
        self.line = TruthCard(avatar)
        self.mouth = MouthCard(avatar)
        self.errors = ProblemsCard(avatar)
        self.timeline = TimelineCard(avatar)
        content = Yielding()
        cards = column(content, spacing=Space.M)
        pair = folding_row(content, _FOLDS_AT)
        pair.setSpacing(current_theme().px(Space.M))
        left = column(spacing=Space.M)
        left.addWidget(self.state)
        left.addWidget(self.mouth)
        left.addWidget(self.errors)
        left.addStretch(1)
        pair.addLayout(left, 1)
        pair.addWidget(self.line, 1)
        cards.addLayout(pair)
        cards.addWidget(self.timeline)
        cards.addStretch(1)
        column(self).addWidget(scrolling(content))

    def tick(self) -> None:
        """Let the times go on."""
        self.line.tick()
