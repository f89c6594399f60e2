"""The Settings page: categories at the left, settings at the right, a search over all of them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QListWidget, QWidget

from voxelle.settings.fields import SettingField
from voxelle.ui.bridge import Bridge
from voxelle.ui.dialogs.confirm import Choice, ask
from voxelle.ui.models.keys import KeysModel, SecretStore
from voxelle.ui.models.settings import Category, SettingsModel
from voxelle.ui.pages.controls import Notice, PageFrame, PageHeader, StatePane, clear_layout, column, icon_only, row, scrolling, space_rows
from voxelle.ui.pages.settings.keys import KeysPanel
from voxelle.ui.pages.settings.rows import SettingRow
from voxelle.ui.theme import Space, TextRole, current_theme
from voxelle.ui.widgets.buttons import IconButton
from voxelle.ui.widgets.labels import label

KEYS = "(keys)"
NARROW = 640
"""Below this width, at 100 % text size, the categories become a drop-down."""
CATEGORIES_WIDTH = 180
CONTENT_WIDTH = 760


class SettingsPage(PageFrame):
    """Drawn from the schema; nothing here knows a setting by name."""

    def __init__(self, bridge: Bridge, secrets: SecretStore | None = None) -> None:
        super().__init__()
        self.model = SettingsModel(bridge, self)
        store = secrets or bridge.secrets
        self.keys = KeysModel(bridge, store, self) if store is not None else None
        self._part = ""
        self._categories: tuple[Category, ...] = ()
        self.rows: dict[str, SettingRow] = {}
        self.notice = Notice()
        self._build_controls()
        theme = current_theme()
        self._list = QWidget()
        self._list.setMaximumWidth(theme.px(CONTENT_WIDTH))
        self._rows_layout = column(self._list, spacing=0)
        outer = QWidget()
        beside = QHBoxLayout(outer)
        beside.setContentsMargins(0, 0, theme.px(Space.S), 0)
        beside.addWidget(self._list, 100, Qt.AlignmentFlag.AlignTop)
        beside.addStretch(1)
        self._area = scrolling(outer)
        self.results = StatePane(self._area)
        self.results.asked.connect(self.search.clear)
        self.pane = StatePane(self._content())
        self.pane.asked.connect(self._on_pane_asked)
        header = PageHeader(self.tr("Settings"), self.tr("Changes take effect as you make them."), self.undo_button, self.redo_button)
        self.column.addWidget(header)
        self.column.addWidget(self.notice)
        self.column.addWidget(self.pane, 1)
        self._connect()
        self.pane.show_loading(self.tr("Reading the settings …"))
        self.model.refresh()
        if self.keys is not None:
            self.keys.refresh()

    def _build_controls(self) -> None:
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search all settings"))
        self.search.setAccessibleName(self.tr("Search all settings"))
        self.search.setClearButtonEnabled(True)
        self.categories = QListWidget()
        self.categories.setAccessibleName(self.tr("Categories"))
        self.categories.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.drop_down = QComboBox()
        self.drop_down.setAccessibleName(self.tr("Category"))
        self.heading = label(role=TextRole.HEADING)
        self.reset_button = IconButton("undo", self.tr("Reset page"), "quiet")
        self.undo_button = icon_only("undo", self.tr("Undo"))
        self.redo_button = icon_only("redo", self.tr("Redo"))
        self.undo_button.setToolTip(self.tr("Undo the last change of a setting (Ctrl+Z)"))
        self.redo_button.setToolTip(self.tr("Make the undone change again (Ctrl+Shift+Z)"))
        for button in (self.undo_button, self.redo_button):
            button.setEnabled(False)

    def _content(self) -> QWidget:
        theme = current_theme()
        right = column(spacing=Space.S)
        right.addLayout(row(self.drop_down, self.search))
        right.addLayout(row(self.heading, None, self.reset_button))
        right.addWidget(self.results, 1)
        content = QWidget()
        layout = QHBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(Space.L))
        layout.addWidget(self.categories)
        layout.addLayout(right, 1)
        return content

    def _connect(self) -> None:
        self.model.loaded.connect(self._on_loaded)
        self.model.field_changed.connect(self._on_field_changed)
        self.model.history_changed.connect(self._on_history_changed)
        self.model.failed.connect(self.notice.say)
        self.search.textChanged.connect(self._on_search_changed)
        self.categories.currentRowChanged.connect(self._on_category_chosen)
        self.drop_down.activated.connect(self.categories.setCurrentRow)
        self.reset_button.clicked.connect(self._on_reset_page)
        self.undo_button.clicked.connect(self.model.undo)
        self.redo_button.clicked.connect(self.model.redo)
        within = Qt.ShortcutContext.WidgetWithChildrenShortcut
        QShortcut(QKeySequence("Ctrl+Z"), self, self.model.undo, context=within)
        QShortcut(QKeySequence("Ctrl+Shift+Z"), self, self.model.redo, context=within)
        QShortcut(QKeySequence.StandardKey.Find, self, self.search.setFocus, context=within)

    def show_part(self, part: str) -> None:
        """Open a category, as other pages ask for it."""
        for position, category in enumerate(self._categories):
            if category.part == part:
                self.search.clear()
                self.categories.setCurrentRow(position)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: the categories give way when there is little room."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        theme = current_theme()
        is_narrow = self.width() < theme.px(NARROW)
        self.categories.setVisible(not is_narrow)
        self.categories.setFixedWidth(theme.px(CATEGORIES_WIDTH))
        space_rows(self.categories)
        self.drop_down.setVisible(is_narrow)

    def _on_loaded(self) -> None:
        if self.model.error:
            self.pane.show_message(self.tr("The settings could not be read"), self.model.error, self.tr("Try again"))
            return
        keys = (Category(KEYS, self.tr("Keys")),) if self.keys is not None else ()
        self._categories = (*self.model.categories(), *keys)
        self.categories.clear()
        self.drop_down.clear()
        for category in self._categories:
            self.categories.addItem(category.title)
            self.drop_down.addItem(category.title)
        self.pane.show_content()
        self._fit()
        self.categories.setCurrentRow(0)

    def _on_pane_asked(self) -> None:
        self.pane.show_loading(self.tr("Reading the settings …"))
        self.model.refresh()

    def _on_category_chosen(self, position: int) -> None:
        if not 0 <= position < len(self._categories):
            return
        self._part = self._categories[position].part
        self.drop_down.setCurrentIndex(position)
        if self.search.text():
            self.search.clear()
        else:
            self._show_part()

    def _on_search_changed(self, text: str) -> None:
        if text.strip():
            self._show_found(text)
        else:
            self._show_part()

    def _show_part(self) -> None:
        title = next((category.title for category in self._categories if category.part == self._part), "")
        self.heading.setText(title)
        self.reset_button.setVisible(self._part != KEYS)
        self.results.show_content()
        if self._part == KEYS and self.keys is not None:
            self._renew()
            self._rows_layout.addWidget(KeysPanel(self.keys))
        else:
            self._build(self.model.fields_of(self._part), has_headings=False)
        self._area.verticalScrollBar().setValue(0)

    def _show_found(self, text: str) -> None:
        found = self.model.search(text)
        self.heading.setText(self.tr("{count} settings found").format(count=len(found)))
        self.reset_button.hide()
        if found:
            self._build(found, has_headings=True)
            self.results.show_content()
        else:
            self._renew()
            self.results.show_message(self.tr("No setting fits"), self.tr("Try another word."), self.tr("Show all"))

    def _renew(self) -> None:
        clear_layout(self._rows_layout)
        self.rows = {}

    def _build(self, fields: tuple[SettingField, ...], *, has_headings: bool) -> None:
        self._renew()
        part = ""
        for field in fields:
            if has_headings and field.part != part:
                part = field.part
                heading = label(field.part_title, TextRole.SMALL, "accent")
                heading.setContentsMargins(0, current_theme().px(Space.M), 0, 0)
                self._rows_layout.addWidget(heading)
            setting = SettingRow(self.model, field)
            self.rows[field.path] = setting
            self._rows_layout.addWidget(setting)
        self._rows_layout.addStretch(1)

    def _on_field_changed(self, path: str) -> None:
        if path in self.rows:
            self.rows[path].show_field()

    def _on_history_changed(self) -> None:
        self.undo_button.setEnabled(self.model.can_undo)
        self.redo_button.setEnabled(self.model.can_redo)

    def _on_reset_page(self) -> None:
        part, title = self._part, self.heading.text()
        ask(
            self,
            self.tr("Reset everything under {title}?").format(title=title),
            self.tr("All settings of this page go back to their defaults. Undo brings yours back."),
            Choice(self.tr("Reset page"), lambda: self.model.reset_part(part), "danger"),
        )
