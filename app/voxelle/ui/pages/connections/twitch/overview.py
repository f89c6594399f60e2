"""The first tab: the way in for newcomers, then how she answers, the accounts, the stream and the line."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtWidgets import QWidget

from voxelle.settings.fields import SettingField
from voxelle.ui.models.channel import ChannelModel
from voxelle.ui.models.settings import SettingsModel
from voxelle.ui.pages.connections.settings_rows import SettingsRows
from voxelle.ui.pages.connections.twitch.accounts import AccountsCard
from voxelle.ui.pages.connections.twitch.first_run import FirstRun
from voxelle.ui.pages.connections.twitch.live import LineCard, OnAirCard
from voxelle.ui.pages.controls import column, folding_row, scrolling
from voxelle.ui.theme import Space, current_theme
from voxelle.ui.widgets.card import Card
from voxelle.ui.widgets.yielding import Yielding

_FOLDS_AT = 620
_ANSWERS_FOLD_AT = 440


class OverviewTab(QWidget):
    """Without a client ID the steps to one stand alone."""

    def __init__(self, channel: ChannelModel, settings: SettingsModel, part: str, answers: Collection[str]) -> None:
        super().__init__()
        self._channel = channel
        self._settings = settings
        self._client_id = f"{part}.client_id"
        self._is_changing = False
        self.first_run = FirstRun()
        self.first_run.entered.connect(self._on_entered)

        def is_answer(field: SettingField) -> bool:
            return field.path.rpartition(".")[2] in answers

        self.answers = SettingsRows(settings, part, is_answer, folds_at=_ANSWERS_FOLD_AT)
        self.answers_card = Card()
        self.answers_card.set_title(self.tr("How she answers"))
        self.answers_card.body.addWidget(self.answers)
        self.accounts = AccountsCard(channel)
        self.accounts.other_client.connect(self._on_other_client)
        self.on_air = OnAirCard(channel)
        self.line = LineCard(channel)
        self._known = QWidget()
        known = column(self._known, spacing=Space.M)
        known.addWidget(self.answers_card)
        known.addWidget(self.accounts)
        pair = folding_row(self._known, _FOLDS_AT)
        pair.setSpacing(current_theme().px(Space.M))
        pair.addWidget(self.on_air, 1)
        pair.addWidget(self.line, 1)
        known.addLayout(pair)
        content = Yielding()
        cards = column(content, spacing=Space.M)
        cards.addWidget(self.first_run)
        cards.addWidget(self._known)
        cards.addStretch(1)
        column(self).addWidget(scrolling(content))
        settings.loaded.connect(self._show)
        settings.field_changed.connect(self._on_field_changed)
        self._show()

    def tick(self) -> None:
        """Let the times go on."""
        for part in (self.accounts, self.on_air, self.line):
            part.tick()

    def _show(self) -> None:
        field = self._settings.field(self._client_id)
        has_client_id = field is None or bool(field.value)
        self.first_run.setVisible(not has_client_id or self._is_changing)
        self._known.setVisible(has_client_id)

    def _on_other_client(self) -> None:
        """Show the steps once more, with the client ID as it is, so that it can be compared and changed."""
        self._is_changing = True
        self.first_run.field.setText(str(self._settings.shown_value(self._client_id)))
        self._show()
        self.first_run.field.setFocus()

    def _on_field_changed(self, path: str) -> None:
        if path == self._client_id:
            self.first_run.show_problem(self._settings.problem(path))
            self._show()

    def _on_entered(self, client_id: str) -> None:
        self._is_changing = False
        self._settings.set_value(self._client_id, client_id)
        self._settings.apply()
        if not self._channel.card.is_on:
            self._channel.switch_on()
        self._show()
