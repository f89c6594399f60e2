"""The accounts of the connection: who is signed in, for how long, what is allowed, and what is missing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from voxelle.domain.channel import AccountRole, AccountState, AccountStatus
from voxelle.domain.events import HealthLevel
from voxelle.ui.dialogs.confirm import Choice, ask
from voxelle.ui.dialogs.sign_in import SignInDialog, open_in_browser
from voxelle.ui.models.channel import ChannelModel
from voxelle.ui.models.sign_in import SignInModel
from voxelle.ui.models.times import ago
from voxelle.ui.pages.connections.twitch.wording import role_purpose, role_title, state_look
from voxelle.ui.pages.controls import column, folding_row, row
from voxelle.ui.text import isolated, one_line
from voxelle.ui.theme import Space, TextRole, Theme, current_theme
from voxelle.ui.widgets.buttons import IconButton
from voxelle.ui.widgets.card import Card
from voxelle.ui.widgets.labels import label
from voxelle.ui.widgets.status_chip import StatusChip

_FOLDS_AT = 600
_TIGHT = 420
_NAME_LIMIT = 60
_IN = {AccountState.SIGNED_IN, AccountState.UNCHECKED}


class AccountRow(QWidget):
    """One account."""

    def __init__(self, channel: ChannelModel, role: AccountRole, open_page: Callable[[str], bool] = open_in_browser) -> None:
        super().__init__()
        self._channel = channel
        self.role = role
        self._open_page = open_page
        title = role_title(role)
        self.chip = StatusChip()
        self.name = label(wraps=True)
        self.facts = label(role=TextRole.SMALL, tone="muted", wraps=True)
        self.scopes = label(role=TextRole.SMALL, tone="muted", wraps=True)
        self.scopes.hide()
        self.missing = label(role=TextRole.SMALL, tone="warning", wraps=True)
        self.sentence = label(role=TextRole.SMALL, wraps=True)
        self.sign_in_button = self._button("key", self.tr("Sign in …"), "primary" if role is AccountRole.BROADCASTER else "")
        self.sign_in_button.clicked.connect(self.open_sign_in)
        self.allow_button = self._button("key", self.tr("Allow more …"))
        self.allow_button.clicked.connect(self.open_sign_in)
        self.code_button = self._button("qr", self.tr("Show the code …"), "primary")
        self.code_button.clicked.connect(self.open_sign_in)
        self.cancel_button = self._button("close", self.tr("Cancel"))
        self.cancel_button.clicked.connect(partial(channel.cancel_sign_in, role))
        self.scopes_button = self._button("info", self.tr("Permissions"), "quiet")
        self.scopes_button.setCheckable(True)
        self.scopes_button.toggled.connect(self.scopes.setVisible)
        self.sign_out_button = self._button("close", self.tr("Sign out …"), "quiet")
        self.sign_out_button.clicked.connect(self._on_sign_out)
        self._build(title)
        channel.changed.connect(self.show_account)
        self.show_account()

    def _build(self, title: str) -> None:
        words = column(spacing=Space.XS)
        words.addLayout(row(label(title, TextRole.STRONG), self.chip, None))
        for each in (self.name, self.facts, self.missing, self.sentence, self.scopes):
            words.addWidget(each)
        buttons = QHBoxLayout()
        buttons.setSpacing(current_theme().px(Space.XS))
        for button in (
            self.sign_in_button, self.allow_button, self.code_button, self.cancel_button, self.scopes_button, self.sign_out_button,
        ):  # fmt: skip
            buttons.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        buttons.addStretch()
        layout = folding_row(self, _FOLDS_AT, is_layout_of=True)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(words, 1)
        layout.addLayout(buttons)

    def _button(self, icon: str, text: str, kind: str = "") -> IconButton:
        button = IconButton(icon, text, kind)
        button.setAccessibleDescription(role_title(self.role))
        return button

    def show_account(self) -> None:
        """Take over what the model knows now."""
        account = self._channel.account(self.role)
        state = account.state
        off = (self.tr("Off"), "muted")
        self.chip.show_state(*(state_look(state) if self._channel.card.is_on else off))
        name = one_line(account.name, _NAME_LIMIT)
        self.name.setText(isolated(name) if name else role_purpose(self.role))
        Theme.style_text(self.name, TextRole.BODY, "text" if name else "muted")
        self.missing.setText(self.tr("Not allowed yet: {features}").format(features=", ".join(account.missing)))
        self.missing.setVisible(bool(account.missing) and state in _IN)
        self.sentence.setText(account.sentence)
        self.sentence.setVisible(bool(account.sentence) and not self._is_said_above(account))
        self.scopes.setText("\n".join(one_line(each, 80) for each in account.scopes))
        self.tick()
        self._show_buttons(account)
        self.setAccessibleName(f"{role_title(self.role)}: {self.chip.word}. {name}")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: the less important buttons show icons where there is little room."""
        super().resizeEvent(event)
        is_tight = event.size().width() < current_theme().px(_TIGHT)
        for button in (self.cancel_button, self.scopes_button, self.sign_out_button):
            button.set_compact(is_compact=is_tight)

    def tick(self) -> None:
        """Let the times go on."""
        account = self._channel.account(self.role)
        parts = []
        if account.state in _IN:
            parts.append(self.tr("checked {time}").format(time=ago(account.checked_at, self._channel.now())))
            if account.days_left is not None:
                parts.append(self.tr("ends after {days:.0f} days without use").format(days=max(0.0, account.days_left)))
            if not account.is_kept and not account.sentence:
                parts.append(self.tr("only until Voxelle closes, since there is no password store"))
        self.facts.setText(" · ".join(parts))
        self.facts.setVisible(bool(parts))

    def _is_said_above(self, account: AccountStatus) -> bool:
        """Tell whether a store that does not serve is the only thing to say, and was said of the channel's account."""
        is_idle_bot = self.role is AccountRole.BOT and account.state is AccountState.SIGNED_OUT
        return is_idle_bot and not account.is_kept and not self._channel.account(AccountRole.BROADCASTER).is_kept

    def _show_buttons(self, account: AccountStatus) -> None:
        state, card = account.state, self._channel.card
        is_stuck = card.level is HealthLevel.NEEDS_YOU and self.role is AccountRole.BROADCASTER
        is_in = state in _IN
        is_signing = state is AccountState.SIGNING_IN
        self.sign_in_button.setVisible((not is_in or is_stuck) and not is_signing)
        self.sign_in_button.set_face("key", self.tr("Sign in …") if state is AccountState.SIGNED_OUT else self.tr("Sign in again …"))
        self.allow_button.setVisible(is_in and bool(account.missing))
        self.code_button.setVisible(is_signing and account.code is not None)
        self.cancel_button.setVisible(is_signing)
        self.scopes_button.setVisible(bool(account.scopes) and is_in)
        self.scopes.setVisible(self.scopes_button.isChecked() and not self.scopes_button.isHidden())
        self.sign_out_button.setVisible(is_in or state is AccountState.REFUSED)
        self.sign_in_button.setEnabled(card.is_on)
        self.sign_in_button.setToolTip(self.sign_in_button.words if card.is_on else self.tr("Switch the connection on first."))

    def open_sign_in(self) -> SignInDialog:
        """Show the code to confirm, or ask for one."""
        dialog = SignInDialog(SignInModel(self._channel, self.role), self.window(), self._open_page)
        dialog.open()
        return dialog

    def _on_sign_out(self) -> None:
        name = one_line(self._channel.account(self.role).name, _NAME_LIMIT) or role_title(self.role)
        ask(
            self,
            self.tr("Sign out {name}?").format(name=name),
            self.tr("She no longer hears from Twitch or writes there with this account until you sign in again."),
            Choice(self.tr("Sign out"), partial(self._channel.sign_out, self.role), "danger"),
        )


class AccountsCard(Card):
    """Both accounts. `other_client`: the streamer wants to look at the client ID, which only matters while nobody is signed in."""

    other_client = Signal()

    def __init__(self, channel: ChannelModel) -> None:
        super().__init__()
        self._channel = channel
        self.set_title(self.tr("Accounts"))
        self.rows = {role: AccountRow(channel, role) for role in AccountRole}
        for number, account in enumerate(self.rows.values()):
            if number:
                line = QFrame()
                Theme.style_as(line, "separator")
                self.body.addWidget(line)
            self.body.addWidget(account)
        self.client_button = IconButton("link", self.tr("Change the client ID …"), "quiet")
        self.client_button.clicked.connect(self.other_client)
        self.body.addLayout(row(self.client_button, None))
        channel.changed.connect(self._show_client_button)
        self._show_client_button()

    def _show_client_button(self) -> None:
        states = {self._channel.account(role).state for role in AccountRole}
        self.client_button.setVisible(states <= {AccountState.SIGNED_OUT, AccountState.REFUSED})

    def tick(self) -> None:
        """Let the times go on."""
        for account in self.rows.values():
            account.tick()
