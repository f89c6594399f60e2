"""The prompt as the model gets it: how much room it takes, and its parts in full."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QVBoxLayout, QWidget

from voxelle.companion.prompt import PromptPart, PromptPreview
from voxelle.ui.models.prompt_preview import PromptPreviewModel
from voxelle.ui.pages.controls import Notice, clear_layout, column, row
from voxelle.ui.theme import Space, TextRole, Theme, current_theme
from voxelle.ui.widgets.labels import label

PART_TONES = ("accent", "info", "ok", "warning", "danger")
TIGHT_SHARE = 0.6
"""Above this share of the budget little of the conversation fits beside the texts."""


class BudgetBar(QWidget):
    """The budget as a bar; each part has its length in it, the rest is room for the conversation."""

    def __init__(self) -> None:
        super().__init__()
        self._preview: PromptPreview | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_preview(self, preview: PromptPreview, spoken: str) -> None:
        """Show a preview; `spoken` is the bar in words."""
        self._preview = preview
        self.setAccessibleName(spoken)
        self.update()

    def sizeHint(self) -> QSize:
        """Qt: a flat bar."""
        theme = current_theme()
        return QSize(theme.px(200), theme.px(16))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt: draw the parts side by side."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        box = QRectF(self.rect())
        painter.setBrush(theme.colour("raised"))
        painter.drawRoundedRect(box, theme.px(4), theme.px(4))
        if self._preview is None or not self._preview.parts:
            painter.end()
            return
        whole = max(self._preview.budget_tokens, self._preview.total_tokens, 1)
        left, gap = box.left(), 1.5
        for number, part in enumerate(self._preview.parts):
            width = box.width() * part.tokens / whole
            if part.tokens:
                painter.setBrush(theme.colour(PART_TONES[number % len(PART_TONES)]))
                painter.drawRoundedRect(QRectF(left, box.top(), max(width - gap, 2.0), box.height()), theme.px(3), theme.px(3))
            left += width
        painter.end()


class Dot(QWidget):
    """The colour of a part, to find it in the bar."""

    def __init__(self, tone: str) -> None:
        super().__init__()
        self._tone = tone
        side = current_theme().px(12)
        self.setFixedSize(side, side)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt: draw a dot."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(current_theme().colour(self._tone))
        painter.drawRoundedRect(QRectF(self.rect()), 3, 3)
        painter.end()


class PromptPanel(QWidget):
    """The preview with its budget."""

    def __init__(self, model: PromptPreviewModel) -> None:
        super().__init__()
        self.model = model
        self.total = label(role=TextRole.HEADING, wraps=True)
        self.advice = label(role=TextRole.SMALL, tone="muted", wraps=True)
        self.bar = BudgetBar()
        self.notice = Notice()
        self._parts = QWidget()
        self._parts_layout = column(self._parts, spacing=Space.S)
        layout = column(self, spacing=Space.S)
        for widget in (self.total, self.bar, self.advice, self.notice, self._parts):
            layout.addWidget(widget)
        layout.addStretch(1)
        model.changed.connect(self._on_changed)
        self._on_changed()

    def part_title(self, name: str) -> str:
        """Return a part's name in the streamer's words."""
        titles = {
            "instructions": self.tr("Ground rules"),
            "character": self.tr("Persona"),
            "scene": self.tr("Scene"),
            "examples": self.tr("Examples"),
            "history": self.tr("Conversation"),
            "chat": self.tr("Chat"),
        }
        return titles.get(name, name.capitalize())

    def _on_changed(self) -> None:
        preview = self.model.preview
        self.notice.say(self.model.error)
        self.bar.setVisible(preview is not None)
        self.advice.setVisible(preview is not None)
        if preview is None:
            self.total.setText(self.tr("Counting …") if self.model.is_asking else "")
            clear_layout(self._parts_layout)
            return
        total, budget = preview.total_tokens, preview.budget_tokens
        self.total.setText(self.tr("About {total} of {budget} tokens").format(total=f"{total:,}", budget=f"{budget:,}"))
        self._advise(total, budget)
        self.bar.show_preview(preview, self.total.text())
        if not self.model.is_asking:
            self._show_parts(preview.parts)

    def _advise(self, total: int, budget: int) -> None:
        if total >= budget:
            sentence, tone = (
                self.tr("Too long: nothing of the conversation fits. Shorten the texts, or raise the context under Settings, Thinking."),
                "danger",
            )
        elif total > budget * TIGHT_SHARE:
            sentence, tone = self.tr("Rather long: she will soon forget what was said. Shorter texts also answer sooner."), "warning"
        else:
            sentence, tone = self.tr("The rest, {rest} tokens, is room for the conversation.").format(rest=f"{budget - total:,}"), "muted"
        self.advice.setText(sentence)
        Theme.style_text(self.advice, TextRole.SMALL, tone)

    def _show_parts(self, parts: tuple[PromptPart, ...]) -> None:
        clear_layout(self._parts_layout)
        for number, part in enumerate(parts):
            self._parts_layout.addWidget(self._part(part, PART_TONES[number % len(PART_TONES)]))

    def _part(self, part: PromptPart, tone: str) -> QFrame:
        frame = QFrame()
        Theme.style_as(frame, "card")
        layout = QVBoxLayout(frame)
        edge = current_theme().px(Space.M)
        layout.setContentsMargins(edge, edge, edge, edge)
        tokens = label(self.tr("{count} tokens").format(count=f"{part.tokens:,}"), TextRole.SMALL, "muted")
        layout.addLayout(row(Dot(tone), label(self.part_title(part.name), TextRole.STRONG), None, tokens))
        body: QLabel = label(part.text or self.tr("(empty)"), TextRole.SMALL, "text" if part.text else "muted", wraps=True)
        body.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout.addWidget(body)
        return frame
