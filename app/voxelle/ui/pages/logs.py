"""Logs: what happened inside, to be searched, filtered and copied for somebody who helps."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QItemSelection, QModelIndex, QPersistentModelIndex, Qt, QUrl
from PySide6.QtGui import (
    QDesktopServices,
    QFontDatabase,
    QFontMetrics,
    QGuiApplication,
    QKeySequence,
    QPalette,
    QShortcut,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QPlainTextEdit,
    QSplitter,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from voxelle.domain.events import NoticeLevel
from voxelle.ui.bridge import Bridge
from voxelle.ui.models.logs import LEVELS, Column, LineRole, LogFilterModel, LogModel, line_text
from voxelle.ui.pages.controls import PageFrame, PageHeader, StatePane, folding_row, row
from voxelle.ui.theme import TextRole, current_theme
from voxelle.ui.widgets.buttons import IconButton
from voxelle.ui.widgets.labels import label

NARROW = 620
LOW = 340
"""Below this height, at 100 % text size, the chosen line is not shown in full: the table needs the room."""
LEVEL_TONES = {"debug": "muted", "warning": "warning", "error": "danger", "critical": "danger"}
Index = QModelIndex | QPersistentModelIndex


class LineDelegate(QStyledItemDelegate):
    """Colours a line by its level; the word itself stands in a column too."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Qt: how a cell is drawn."""
        super().initStyleOption(option, index)
        line = index.data(LineRole)
        quiet = index.column() in {Column.TIME, Column.CATEGORY, Column.TURN}
        tone = LEVEL_TONES.get(line.level, "muted" if quiet else "text") if line else "text"
        option.font = current_theme().font(TextRole.SMALL)
        option.palette.setColor(QPalette.ColorRole.Text, current_theme().colour(tone))


class LogsPage(PageFrame):
    """The log as a table, with filters above and the chosen line in full below."""

    def __init__(self, bridge: Bridge, folder: Path | None = None) -> None:
        super().__init__()
        self._bridge = bridge
        self._folder = folder or bridge.log_folder
        self.model = LogModel(bridge.log_tail, self)
        self.filter = LogFilterModel(self)
        self.filter.setSourceModel(self.model)
        self._build_controls()
        self._build_table()
        header = PageHeader(
            self.tr("Logs"),
            self.tr("What happened inside. Chat, names and keys are never written down, so you can show this to anybody who helps you."),
            self.folder_button,
            self.copy_button,
        )
        self.column.addWidget(header)
        filters = folding_row(self, NARROW)
        filters.addWidget(self.search, 1)
        filters.addLayout(row(self.level, self.category, self.follow))
        self.column.addLayout(filters)
        self.column.addWidget(self.pane, 1)
        self.column.addLayout(row(self.count, None, self.clear_button))
        for signal in (
            self.filter.rowsInserted,
            self.filter.rowsRemoved,
            self.filter.modelReset,
            self.filter.layoutChanged,
            self.filter.filter_changed,
        ):
            signal.connect(self._on_rows_changed)
        self._on_rows_changed()

    def _build_controls(self) -> None:
        theme = current_theme()
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search"))
        self.search.setAccessibleName(self.tr("Search the log"))
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(theme.px(120))
        self.search.textChanged.connect(self.filter.set_search)
        self.level = QComboBox()
        self.level.setAccessibleName(self.tr("Least level"))
        titles = (self.tr("All levels"), self.tr("Info and up"), self.tr("Warnings and up"), self.tr("Errors only"))
        for title, level in zip(titles, LEVELS, strict=False):
            self.level.addItem(title, level)
        self.level.currentIndexChanged.connect(lambda _row: self.filter.set_level(self.level.currentData()))
        self.category = QComboBox()
        self.category.setAccessibleName(self.tr("Category"))
        self.category.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.category.addItem(self.tr("All categories"), "")
        self.category.currentIndexChanged.connect(lambda _row: self.filter.set_category(self.category.currentData()))
        self.follow = QCheckBox(self.tr("Follow"))
        self.follow.setToolTip(self.tr("Keep the newest line in view"))
        self.follow.setChecked(True)
        self.follow.toggled.connect(self._on_follow_toggled)
        self.copy_button = IconButton("copy", self.tr("Copy"))
        self.copy_button.setToolTip(self.tr("Copies the selected lines, or all that are shown"))
        self.copy_button.clicked.connect(self.copy)
        self.folder_button = IconButton("folder", self.tr("Open folder"), "quiet")
        if self._folder is None:
            self.folder_button.hide()
        self.folder_button.clicked.connect(self._on_open_folder)
        self.clear_button = IconButton("delete", self.tr("Clear view"), "quiet")
        self.clear_button.setToolTip(self.tr("Empties this view; the log file keeps everything"))
        self.clear_button.clicked.connect(self.model.clear)
        self.count = label(role=TextRole.SMALL, tone="muted")
        QShortcut(QKeySequence.StandardKey.Find, self, self.search.setFocus, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def _build_table(self) -> None:
        self.table = QTableView()
        self.table.setAccessibleName(self.tr("Log lines"))
        self.table.setModel(self.filter)
        self.table.setItemDelegate(LineDelegate(self.table))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.table.setTabKeyNavigation(False)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(Column.FIELDS, QHeaderView.ResizeMode.Stretch)
        self.table.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self.table.verticalScrollBar().actionTriggered.connect(self._on_scrolled)
        QShortcut(QKeySequence.StandardKey.Copy, self.table, self.copy, context=Qt.ShortcutContext.WidgetShortcut)
        self.details = QPlainTextEdit()
        self.details.setReadOnly(True)
        self.details.setTabChangesFocus(True)
        self.details.setAccessibleName(self.tr("The chosen line in full"))
        self.details.hide()
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self.table)
        splitter.addWidget(self.details)
        splitter.setStretchFactor(0, 4)
        splitter.setStretchFactor(1, 1)
        splitter.setChildrenCollapsible(False)
        self.pane = StatePane(splitter)
        self.pane.asked.connect(self._on_show_all)
        current_theme().changed.connect(self._fit)
        self._fit()

    def copy(self) -> None:
        """Put the selected lines, or all that are shown, on the clipboard."""
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows()) or range(self.filter.rowCount())
        QGuiApplication.clipboard().setText(self.filter.text(rows))
        self._bridge.notice(NoticeLevel.INFO, self.tr("{count} lines copied.").format(count=len(rows)))

    def _fit(self) -> None:
        """Give rows and columns the room that the text size needs."""
        theme = current_theme()
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        fixed.setPointSizeF(theme.points(TextRole.SMALL))
        self.details.setFont(fixed)
        metrics = QFontMetrics(theme.font(TextRole.SMALL))
        titles = QFontMetrics(theme.font())
        self.table.verticalHeader().setDefaultSectionSize(metrics.height() + theme.px(8))
        pad = theme.px(18)
        samples = {
            Column.TIME: "00:00:00.000",
            Column.LEVEL: "warning",
            Column.CATEGORY: "category.",
            Column.EVENT: "engine.restart_failed",
            Column.TURN: "00000000",
        }
        for column, sample in samples.items():
            title = titles.horizontalAdvance(self.model.headerData(column, Qt.Orientation.Horizontal))
            self.table.setColumnWidth(column, max(metrics.horizontalAdvance(sample), title) + pad)
        self.table.setColumnHidden(Column.TURN, theme.scale > 1.5)  # noqa: PLR2004  # its room goes to the details

    def _on_rows_changed(self) -> None:
        self._renew_categories()
        shown, all_lines = self.filter.rowCount(), self.model.rowCount()
        self.count.setText(self.tr("{shown} of {all} lines").format(shown=f"{shown:,}", all=f"{all_lines:,}"))
        self.copy_button.setEnabled(shown > 0)
        self.clear_button.setEnabled(all_lines > 0)
        if shown:
            self.pane.show_content()
            if self.follow.isChecked():
                self.table.scrollToBottom()
        elif all_lines:
            self.pane.show_message(
                self.tr("Nothing fits"), self.tr("No line passes the search and the filters."), self.tr("Show all lines")
            )
        else:
            self.pane.show_message(self.tr("Nothing yet"), self.tr("Lines appear here as things happen."))

    def _renew_categories(self) -> None:
        known = {self.category.itemData(position) for position in range(self.category.count())}
        for category in self.model.categories():
            if category not in known:
                self.category.addItem(category, category)

    def _on_show_all(self) -> None:
        self.search.clear()
        self.level.setCurrentIndex(0)
        self.category.setCurrentIndex(0)

    def _on_selection_changed(self, _chosen: QItemSelection, _left: QItemSelection) -> None:
        rows = self.table.selectionModel().selectedRows()
        if not rows:
            self.details.hide()
            return
        line = rows[-1].data(LineRole)
        fields = "\n".join(f"{key}: {value}" for key, value in line.fields.items())
        heading = line_text(line).split("  ")[:4]
        turn = self.tr("turn: {id}").format(id=line.turn) if line.turn else ""
        self.details.setPlainText("\n".join(part for part in ("  ".join(heading), fields, turn) if part))
        self.details.setVisible(self.height() > current_theme().px(LOW))

    def _on_follow_toggled(self, is_following: bool) -> None:  # noqa: FBT001  # Qt's signature
        if is_following:
            self.table.scrollToBottom()

    def _on_scrolled(self, _action: int) -> None:
        bar = self.table.verticalScrollBar()
        self.follow.setChecked(bar.sliderPosition() >= bar.maximum())

    def _on_open_folder(self) -> None:
        if self._folder is not None and not QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder))):
            self._bridge.notice(NoticeLevel.WARNING, self.tr("The folder could not be opened. It is {path}").format(path=self._folder))
