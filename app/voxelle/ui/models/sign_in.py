"""One sign-in, from the first press to “done”: which of its stages it is in, and what to say about it."""

from __future__ import annotations

from enum import Enum
from typing import Any

from PySide6.QtCore import QObject, Signal

from voxelle.domain.channel import AccountRole, AccountState, AccountStatus, DeviceCode
from voxelle.domain.errors import VoxelleError
from voxelle.ui.models.channel import ChannelModel


class Stage(Enum):
    """Where the sign-in stands."""

    ASKING = "asking"
    """The platform is asked for a code."""
    WAITING = "waiting"
    """The code is shown and waits to be confirmed."""
    DONE = "done"
    FAILED = "failed"
    """Denied, expired, offline …: the sentence says which."""


class SignInModel(QObject):
    """Follows an account through its sign-in. `changed`: another stage, code or sentence."""

    changed = Signal()

    def __init__(self, channel: ChannelModel, role: AccountRole, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._channel = channel
        self.role = role
        self.stage = Stage.ASKING
        self.sentence = ""
        self.code: DeviceCode | None = None
        self._before: AccountStatus | None = None
        """The account as it was before: it tells nothing about this sign-in."""
        self._first = channel.account(role)
        channel.changed.connect(self._on_changed)

    @property
    def account(self) -> AccountStatus:
        """The account as it is now."""
        return self._channel.account(self.role)

    @property
    def seconds_left(self) -> float:
        """How long the code still serves."""
        return 0.0 if self.code is None else max(0.0, (self.code.expires_at - self._channel.now()).total_seconds())

    def begin(self) -> None:
        """Show the code that waits already, or ask for one."""
        account = self.account
        if account.state is AccountState.SIGNING_IN and account.code is not None:
            self._before = None
            self._on_changed()
        else:
            self._before = account
            self._move(Stage.ASKING)
            self._channel.sign_in(self.role, self._on_code, self._on_failed)

    def cancel(self) -> None:
        """Give up; nothing happens once it is over."""
        if self.stage in {Stage.ASKING, Stage.WAITING}:
            self._channel.cancel_sign_in(self.role)

    def tick(self) -> None:
        """Let the time left go on; at its end the code is of no more use."""
        if self.stage is Stage.WAITING and self.seconds_left <= 0:
            self._move(Stage.FAILED, self.tr("The code has expired. Get a new one."))
        else:
            self.changed.emit()

    def _on_code(self, answer: Any) -> None:
        if self.stage is Stage.ASKING and isinstance(answer, DeviceCode):
            self._move(Stage.WAITING, code=answer)

    def _on_failed(self, error: VoxelleError) -> None:
        self._move(Stage.FAILED, error.sentence)

    def _on_changed(self) -> None:
        account = self.account
        if self.stage is Stage.DONE:
            self.changed.emit()  # the name may come a moment later
            return
        if account == self._before:
            return
        self._before = None
        match account.state:
            case AccountState.SIGNING_IN if account.code is not None:
                self._move(Stage.WAITING, account.sentence, account.code)
            case AccountState.SIGNING_IN:
                self._move(Stage.ASKING, account.sentence)
            case AccountState.SIGNED_IN | AccountState.UNCHECKED if self._is_as_it_was(account):
                self._move(Stage.FAILED, account.sentence)
            case AccountState.SIGNED_IN | AccountState.UNCHECKED:
                self._move(Stage.DONE, account.sentence)
            case _:
                self._move(Stage.FAILED, account.sentence or self.tr("The sign-in has ended."))

    def _is_as_it_was(self, account: AccountStatus) -> bool:
        """Tell whether somebody who was signed in already and should allow more did not."""
        first = self._first
        was_in = first.state in {AccountState.SIGNED_IN, AccountState.UNCHECKED}
        return was_in and account.scopes == first.scopes and account.sentence not in {"", first.sentence}

    def _move(self, stage: Stage, sentence: str = "", code: DeviceCode | None = None) -> None:
        self.stage, self.sentence, self.code = stage, sentence, code
        self.changed.emit()
