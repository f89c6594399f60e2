"""Settings of a connection on its panel: the same rows as on the Settings page."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from voxelle.settings.fields import SettingField
from voxelle.ui.models.settings import SettingsModel
from voxelle.ui.pages.controls import clear_layout, column, folding_row
from voxelle.ui.pages.settings.rows import SettingRow


class SettingsRows(QWidget):
    """The settings of a part that `is_wanted` accepts, in the order of the schema.

    Below each other; with `folds_at` beside each other where it is wider than that, in pixels at 100 % text size.
    """

    def __init__(
        self, model: SettingsModel, part: str, is_wanted: Callable[[SettingField], bool] = lambda _field: True, *, folds_at: int = 0
    ) -> None:
        super().__init__()
        self._model = model
        self._part = part
        self._is_wanted = is_wanted
        self.rows: dict[str, SettingRow] = {}
        self._layout = folding_row(self, folds_at, is_layout_of=True) if folds_at else column(self, spacing=0)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._stretch = 1 if folds_at else 0
        model.loaded.connect(self._build)
        model.field_changed.connect(self._on_field_changed)
        self._build()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to set."""
        return not self.rows

    def row(self, name: str) -> SettingRow:
        """Return a row by the setting's name within the part."""
        return self.rows[f"{self._part}.{name}"]

    def _build(self) -> None:
        clear_layout(self._layout)
        self.rows = {}
        for field in self._model.fields_of(self._part):
            if self._is_wanted(field):
                made = SettingRow(self._model, field)
                self.rows[field.path] = made
                self._layout.addWidget(made, self._stretch)

    def _on_field_changed(self, path: str) -> None:
        if path in self.rows:
            self.rows[path].show_field()
