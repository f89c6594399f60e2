"""Engines: what hears, thinks, speaks and feels on this machine, how fast, and what to do when one fails."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QWidget

from voxelle.domain.events import EngineState
from voxelle.ui.bridge import Bridge
from voxelle.ui.models.engines import EngineCard, EnginesModel
from voxelle.ui.pages.controls import Badge, Notice, PageFrame, PageHeader, StatePane, clear_layout, column, folding_row, row, scrolling
from voxelle.ui.theme import Space, TextRole, Theme, current_theme
from voxelle.ui.widgets.buttons import IconButton
from voxelle.ui.widgets.labels import label

CONTENT_WIDTH = 1040
NARROW = 460
STATE_TONES = {
    EngineState.ABSENT: "muted",
    EngineState.UNLOADED: "muted",
    EngineState.INSTALLING: "info",
    EngineState.LOADING: "info",
    EngineState.READY: "ok",
    EngineState.RESTARTING: "warning",
    EngineState.FAILED: "danger",
}
_MB_PER_GB = 1000


def _tr(text: str) -> str:
    return QCoreApplication.translate("EnginesPage", text)


def stage_title(stage: str) -> tuple[str, str]:
    """Return a stage's heading and what it is for."""
    titles = {
        "vad": (_tr("Voices"), _tr("Tells speech from every other sound, many times a second.")),
        "end_of_turn": (_tr("End of your turn"), _tr("Tells from how you speak whether you have finished.")),
        "speaker": (_tr("Your voice"), _tr("Tells your voice from others, for Only me.")),
        "stt": (_tr("Understanding"), _tr("Writes down what you say.")),
        "llm": (_tr("Thinking"), _tr("Language models: they write her answers.")),
        "tts": (_tr("Voice"), _tr("They turn her words into sound.")),
        "emotion": (_tr("Feeling"), _tr("Reads the emotion of a sentence, for her face and tone.")),
        "embedding": (_tr("Meaning"), _tr("Compares sentences, to find what belongs together.")),
        "sound": (_tr("Sound"), _tr("Plays her voice and listens to the microphone.")),
    }
    return titles.get(stage, (stage.capitalize(), ""))


def state_title(state: EngineState) -> str:
    """Return a state in the streamer's words."""
    titles = {
        EngineState.ABSENT: _tr("Not installed"),
        EngineState.UNLOADED: _tr("Not loaded"),
        EngineState.INSTALLING: _tr("Installing"),
        EngineState.LOADING: _tr("Loading"),
        EngineState.READY: _tr("Ready"),
        EngineState.RESTARTING: _tr("Restarting"),
        EngineState.FAILED: _tr("Failed"),
    }
    return titles[state]


def size_text(megabytes: float) -> str:
    """Return a size in MB or GB."""
    return (
        _tr("{size:.1f} GB").format(size=megabytes / _MB_PER_GB) if megabytes >= _MB_PER_GB else _tr("{size:.0f} MB").format(size=megabytes)
    )


def facts(engine: EngineCard) -> str:
    """Return what was measured of an engine, in one line."""
    status = engine.status
    parts = [
        _tr("{size} on disk").format(size=size_text(status.size_mb)) if status.size_mb else "",
        _tr("{size} in memory").format(size=size_text(status.rss_mb)) if status.rss_mb else "",
        _tr("{speed:.1f} {unit}, measured here").format(speed=status.speed, unit=status.speed_unit) if status.speed is not None else "",
    ]
    return "  ·  ".join(part for part in parts if part)


class EngineCardWidget(QFrame):
    """One engine: name, state, figures, what went wrong, and what can be done."""

    def __init__(self, model: EnginesModel, engine_id: str) -> None:
        super().__init__()
        self._model = model
        self._id = engine_id
        Theme.style_as(self, "card")
        self.title = label(role=TextRole.HEADING, wraps=True)
        self.state = Badge()
        self.active = Badge(self.tr("In use"), "accent")
        self.place = Badge()
        self.facts = label(role=TextRole.SMALL, tone="muted", wraps=True)
        self.sentence = label(wraps=True)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress_text = label(role=TextRole.SMALL, tone="muted", wraps=True)
        self.load_button = self._button(self._on_load, "")
        self.unload_button = self._button(lambda: model.unload(engine_id), "")
        self.install_button = IconButton("download", self.tr("Install"), "primary")
        self.install_button.clicked.connect(lambda: model.install(engine_id))
        self.cancel_button = self._button(lambda: model.cancel(engine_id), "")
        self.cancel_button.setText(self.tr("Cancel"))
        self.unload_button.setText(self.tr("Unload"))
        words = column(spacing=Space.XS)
        head = folding_row(self, NARROW)
        head.addWidget(self.title)
        head.addLayout(row(self.state, self.active, self.place, None))
        words.addLayout(head)
        for widget in (self.facts, self.sentence, self.progress, self.progress_text):
            words.addWidget(widget)
        layout = folding_row(self, NARROW, is_layout_of=True)
        theme = current_theme()
        layout.setContentsMargins(theme.px(Space.L), theme.px(Space.M), theme.px(Space.L), theme.px(Space.M))
        layout.setSpacing(theme.px(Space.M))
        layout.addLayout(words, 1)
        layout.addLayout(row(self.load_button, self.unload_button, self.install_button, self.cancel_button))
        self.show_card()

    def minimumSizeHint(self) -> QSize:
        """Qt: it can be narrow, whatever its present layout."""
        return QSize(current_theme().px(160), super().minimumSizeHint().height())

    def _button(self, act: object, kind: str) -> QPushButton:
        button = QPushButton()
        if kind:
            Theme.style_as(button, kind)
        button.clicked.connect(act)
        return button

    def _on_load(self) -> None:
        self._model.load(self._id)

    def show_card(self) -> None:
        """Take over what the model knows now."""
        engine = self._model.card(self._id)
        if engine is None:
            return
        status = engine.status
        self.title.setText(status.title)
        self.state.show_text(state_title(status.state), STATE_TONES[status.state])
        self.active.setVisible(status.is_active)
        self.place.show_text(self.tr("Offline") if status.is_offline else self.tr("Needs a server"))
        figures = facts(engine)
        self.facts.setText(figures)
        self.facts.setVisible(bool(figures))
        self.sentence.setText(engine.sentence)
        self.sentence.setVisible(bool(engine.sentence))
        is_wrong = bool(engine.error) or status.state is EngineState.FAILED
        Theme.style_text(self.sentence, TextRole.BODY, "danger" if is_wrong else "muted")
        self._show_progress(engine)
        self._show_buttons(engine)
        self.setAccessibleName(self.tr("{title}, {state}").format(title=status.title, state=state_title(status.state)))
        self.setAccessibleDescription(" ".join(part for part in (figures, engine.sentence) if part))

    def _show_progress(self, engine: EngineCard) -> None:
        status = engine.status
        is_moving = status.state in {EngineState.INSTALLING, EngineState.LOADING, EngineState.RESTARTING} or engine.is_busy
        self.progress.setVisible(is_moving)
        self.progress_text.setVisible(is_moving and status.progress is not None)
        if not is_moving:
            return
        if status.progress is None:
            self.progress.setRange(0, 0)
        else:
            self.progress.setRange(0, 1000)
            self.progress.setValue(round(status.progress * 1000))
        percent = self.tr("{percent:.0f} %").format(percent=(status.progress or 0.0) * 100)
        if status.state is EngineState.INSTALLING and status.size_mb and status.progress is not None:
            done, whole = size_text(status.progress * status.size_mb), size_text(status.size_mb)
            percent = self.tr("{percent}: {done} of {whole}").format(percent=percent, done=done, whole=whole)
        self.progress_text.setText(percent)
        self.progress.setAccessibleName(self.tr("{state}: {percent}").format(state=state_title(status.state), percent=percent))

    def _show_buttons(self, engine: EngineCard) -> None:
        title = engine.status.title
        is_failed = engine.status.state is EngineState.FAILED
        self.load_button.setText(self.tr("Try again") if is_failed else self.tr("Load"))
        self.load_button.setAccessibleName(f"{self.load_button.text()}: {title}")
        self.unload_button.setAccessibleName(self.tr("Unload {title}").format(title=title))
        self.install_button.setAccessibleName(self.tr("Install {title}").format(title=title))
        self.cancel_button.setAccessibleName(self.tr("Cancel installing {title}").format(title=title))
        self.load_button.setVisible(engine.can_load)
        self.unload_button.setVisible(engine.can_unload)
        self.install_button.setVisible(engine.can_install)
        self.cancel_button.setVisible(engine.can_cancel)


class EnginesPage(PageFrame):
    """The engines as cards, by stage, in the order of the turn."""

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self.model = EnginesModel(bridge, self)
        self.refresh_button = IconButton("refresh", self.tr("Refresh"), "quiet")
        self.refresh_button.clicked.connect(self.model.refresh)
        self.header = PageHeader(self.tr("Engines"), self.tr("What hears, thinks, speaks and feels on this machine."), self.refresh_button)
        self.notice = Notice()
        self._cards: dict[str, EngineCardWidget] = {}
        self._list = QWidget()
        self._list.setMaximumWidth(current_theme().px(CONTENT_WIDTH))
        self._sections = column(self._list, spacing=Space.S)
        outer = QWidget()
        middle = QHBoxLayout(outer)
        middle.setContentsMargins(0, 0, current_theme().px(Space.S), 0)
        middle.addWidget(self._list, 100, Qt.AlignmentFlag.AlignTop)
        middle.addStretch(1)
        self.pane = StatePane(scrolling(outer))
        self.pane.asked.connect(self.model.refresh)
        self.column.addWidget(self.header)
        self.column.addWidget(self.notice)
        self.column.addWidget(self.pane, 1)
        self.model.changed.connect(self._show_all)
        self.model.card_changed.connect(self._show_one)
        self.pane.show_loading(self.tr("Looking at the engines …"))
        self.model.refresh()

    def card(self, engine_id: str) -> EngineCardWidget:
        """Return an engine's card."""
        return self._cards[engine_id]

    def showEvent(self, event: QShowEvent) -> None:
        """Qt: figures may have changed while the page was away."""
        super().showEvent(event)
        if self.model.is_loaded:
            self.model.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Qt: an old message is of no use when coming back."""
        super().hideEvent(event)
        self.notice.say("")

    def _show_all(self) -> None:
        stages = self.model.stages()
        if not stages:
            if self.model.error:
                self.pane.show_message(self.tr("The engines could not be asked"), self.model.error, self.tr("Try again"))
            else:
                self.pane.show_message(
                    self.tr("No engines"), self.tr("Choose one under Settings, Thinking and Voice."), self.tr("Look again")
                )
            return
        self.notice.say(self.model.error)
        shown = [card.status.id for _stage, cards in stages for card in cards]
        if list(self._cards) == shown:
            for engine_id in shown:
                self._cards[engine_id].show_card()
        else:
            self._build(stages)
        self.pane.show_content()
        self._show_memory()

    def _build(self, stages: tuple[tuple[str, tuple[EngineCard, ...]], ...]) -> None:
        clear_layout(self._sections)
        self._cards = {}
        for stage, cards in stages:
            title, purpose = stage_title(stage)
            if self._cards:
                self._sections.addSpacing(current_theme().px(Space.M))
            heading = column(spacing=Space.XXS)
            heading.addWidget(label(title, TextRole.HEADING))
            heading.addWidget(label(purpose, TextRole.SMALL, "muted", wraps=True))
            self._sections.addLayout(heading)
            for card in cards:
                widget = EngineCardWidget(self.model, card.status.id)
                self._cards[card.status.id] = widget
                self._sections.addWidget(widget)

    def _show_one(self, engine_id: str) -> None:
        if engine_id in self._cards:
            self._cards[engine_id].show_card()
        self._show_memory()

    def _show_memory(self) -> None:
        used = self.model.memory_mb()
        sentence = self.tr("What hears, thinks, speaks and feels on this machine.")
        if used:
            sentence += " " + self.tr("Together they use {size} of memory.").format(size=size_text(used))
        self.header.sentence.setText(sentence)
