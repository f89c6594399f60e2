"""The Reactions page: all kinds of events at the left, what she makes of the chosen one at the right."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QScrollArea, QWidget

from voxelle.domain.chat import StreamEvent
from voxelle.ui.bridge import Bridge
from voxelle.ui.models.event_kinds import KINDS, group_title, kind_title
from voxelle.ui.models.reactions import ReactionsModel
from voxelle.ui.pages.controls import Notice, PageFrame, PageHeader, StatePane, column, icon_only, scrolling
from voxelle.ui.pages.reactions.chat import ChatLines
from voxelle.ui.pages.reactions.editor import ReactionEditor
from voxelle.ui.pages.reactions.kinds import KindList
from voxelle.ui.theme import Space, current_theme

NARROW = 640
"""Below this width, at 100 % text size, the list becomes a drop-down."""
LIST_WIDTH = 224
CONTENT_WIDTH = 760


class ReactionsPage(PageFrame):
    """Drawn from the settings of reactions; every change goes through the settings, and so can be undone."""

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self.model = ReactionsModel(bridge, self)
        self.setAccessibleName(self.tr("Reactions"))
        self.notice = Notice()
        self.chosen = StreamEvent.NONE
        self.editor: ReactionEditor | None = None
        self.chat: ChatLines | None = None
        self.undo_button = icon_only("undo", self.tr("Undo"))
        self.redo_button = icon_only("redo", self.tr("Redo"))
        self.undo_button.setToolTip(self.tr("Undo the last change of a setting (Ctrl+Z)"))
        self.redo_button.setToolTip(self.tr("Make the undone change again (Ctrl+Shift+Z)"))
        self.kinds = KindList(self.model)
        self.drop_down = QComboBox()
        self.drop_down.setAccessibleName(self.tr("Kind of event"))
        self._fill_drop_down()
        self._area: QScrollArea = scrolling(QWidget())
        self.pane = StatePane(self._content())
        sentence = self.tr("What she makes of what happens. Changes take effect as you make them.")
        self.header = PageHeader(self.tr("Reactions"), sentence, self.undo_button, self.redo_button)
        self.column.addWidget(self.header)
        self.column.addWidget(self.notice)
        self.column.addWidget(self.pane, 1)
        self._connect()
        self._on_history_changed()
        self._ask()

    def choose(self, kind: StreamEvent) -> None:
        """Edit the reaction to a kind; `NONE` stands for the lines of the chat."""
        self.kinds.pick(kind)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: the list gives way when there is little room."""
        super().resizeEvent(event)
        theme = current_theme()
        is_narrow = self.width() < theme.px(NARROW)
        self.kinds.setVisible(not is_narrow)
        self.kinds.setFixedWidth(theme.px(LIST_WIDTH))
        self.drop_down.setVisible(is_narrow)

    def _content(self) -> QWidget:
        right = column(spacing=Space.S)
        right.addWidget(self.drop_down)
        right.addWidget(self._area, 1)
        content = QWidget()
        beside = QHBoxLayout(content)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(current_theme().px(Space.L))
        beside.addWidget(self.kinds)
        beside.addLayout(right, 1)
        return content

    def _fill_drop_down(self) -> None:
        self.drop_down.addItem(self.tr("Lines of the chat"), StreamEvent.NONE.value)
        for group, kinds in KINDS.items():
            for kind in kinds:
                self.drop_down.addItem(f"{group_title(group)}: {kind_title(kind)}", kind.value)

    def _connect(self) -> None:
        settings = self.model.settings
        self.model.loaded.connect(self._on_loaded)
        self.model.changed.connect(lambda _kind: self.kinds.show_states())
        self.model.trial_changed.connect(self._on_trial_changed)
        self.model.tried.connect(self._on_tried)
        settings.field_changed.connect(self._on_field_changed)
        settings.history_changed.connect(self._on_history_changed)
        settings.failed.connect(self.notice.say)
        self.pane.asked.connect(self._ask)
        self.kinds.picked.connect(self._show_kind)
        self.drop_down.activated.connect(lambda position: self.choose(StreamEvent(self.drop_down.itemData(position))))
        self.undo_button.clicked.connect(settings.undo)
        self.redo_button.clicked.connect(settings.redo)
        within = Qt.ShortcutContext.WidgetWithChildrenShortcut
        QShortcut(QKeySequence("Ctrl+Z"), self, settings.undo, context=within)
        QShortcut(QKeySequence("Ctrl+Shift+Z"), self, settings.redo, context=within)

    def _ask(self) -> None:
        self.pane.show_loading(self.tr("Reading the reactions …"))
        self.model.refresh()

    def _on_loaded(self) -> None:
        if self.model.error:
            self.pane.show_message(self.tr("The reactions could not be read"), self.model.error, self.tr("Try again"))
            return
        self.kinds.show_states()
        self.pane.show_content()
        if self.kinds.currentItem() is None:
            self.choose(StreamEvent.FOLLOW)
        else:
            self._show_kind(self.chosen)

    def _show_kind(self, kind: StreamEvent) -> None:
        self.model.settings.apply()
        self.chosen = kind
        self.drop_down.setCurrentIndex(self.drop_down.findData(kind.value))
        self.editor, self.chat = None, None
        if kind is StreamEvent.NONE:
            self.chat = ChatLines(self.model.settings)
        else:
            self.editor = ReactionEditor(self.model, kind)
        content = QWidget()
        beside = QHBoxLayout(content)
        theme = current_theme()
        beside.setContentsMargins(0, 0, theme.px(Space.S), 0)
        made: QWidget = self.editor or self.chat or QWidget()
        made.setMaximumWidth(theme.px(CONTENT_WIDTH))
        beside.addWidget(made, 100, Qt.AlignmentFlag.AlignTop)
        beside.addStretch(1)
        self._area.setWidget(content)
        self._area.verticalScrollBar().setValue(0)

    def _on_field_changed(self, path: str) -> None:
        if self.editor is not None and path.startswith(self.model.path(self.editor.kind, "")):
            self.editor.show_field(path)

    def _on_trial_changed(self) -> None:
        if self.editor is not None:
            self.editor.head.show_trial()

    def _on_tried(self, kind: str, sentence: str, tone: str) -> None:
        if self.editor is not None and self.editor.kind.value == kind:
            self.editor.head.say(sentence, tone)

    def _on_history_changed(self) -> None:
        self.undo_button.setEnabled(self.model.settings.can_undo)
        self.redo_button.setEnabled(self.model.settings.can_redo)
