"""Signs an account in: shows the code to confirm in a browser or on a phone, and how it goes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QFont, QGuiApplication
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from voxelle.domain.channel import AccountRole
from voxelle.ui.models.sign_in import SignInModel, Stage
from voxelle.ui.models.times import clock_text
from voxelle.ui.text import one_line
from voxelle.ui.theme import Space, TextRole, Theme, current_theme
from voxelle.ui.widgets.buttons import IconButton
from voxelle.ui.widgets.labels import label
from voxelle.ui.widgets.qr_code import QrCode
from voxelle.ui.widgets.status_chip import StatusChip
from voxelle.ui.widgets.ticker import Ticker

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def open_in_browser(address: str) -> bool:
    """Open a page in the streamer's browser; only https, or http on this computer. False if that can't be done."""
    url = QUrl(address, QUrl.ParsingMode.StrictMode)
    is_safe = url.scheme() == "https" or (url.scheme() == "http" and url.host() in _LOOPBACK)
    return url.isValid() and is_safe and QDesktopServices.openUrl(url)


class SignInDialog(QDialog):
    """Opened, never executed. Closing it while the code waits gives the sign-in up."""

    def __init__(self, model: SignInModel, parent: QWidget, open_page: Callable[[str], bool] = open_in_browser) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._model = model
        model.setParent(self)
        self._open_page = open_page
        self._shown: tuple[Stage, str] | None = None
        title = _title(model.role)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        theme = current_theme()
        heading = label(title, TextRole.HEADING, wraps=True)
        self.steps = label(tone="muted", wraps=True)
        self._build_code()
        self._build_state()
        layout = QVBoxLayout(self)
        edge = theme.px(Space.XL)
        layout.setContentsMargins(edge, edge, edge, theme.px(Space.L))
        layout.setSpacing(theme.px(Space.M))
        for widget in (heading, self.steps, self.code_card):
            layout.addWidget(widget)
        layout.addLayout(self._state_row)
        layout.addWidget(self.sentence)
        layout.addStretch(1)
        layout.addLayout(self._buttons())
        self.setMinimumWidth(theme.px(560))
        Ticker(self).ticked.connect(model.tick)
        model.changed.connect(self._show)
        self.finished.connect(self._on_finished)
        model.begin()
        self._show()

    def _build_code(self) -> None:
        theme = current_theme()
        self.code_card = QFrame()
        Theme.style_as(self.code_card, "well")
        self.qr = QrCode()
        self.code = QLabel()
        self.code.setTextFormat(Qt.TextFormat.PlainText)
        self.code.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard)
        self.code.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        Theme.style_text(self.code, TextRole.DISPLAY)
        self.left = label(role=TextRole.SMALL, tone="muted", wraps=True)
        self.open_button = IconButton("link", self.tr("Open the page"), "primary")
        self.open_button.clicked.connect(self._on_open)
        self.copy_code_button = IconButton("copy", self.tr("Copy code"))
        self.copy_code_button.clicked.connect(lambda: self._copy(self.code.text()))
        self.copy_link_button = IconButton("copy", self.tr("Copy link"))
        self.copy_link_button.clicked.connect(lambda: self._copy("" if self._model.code is None else self._model.code.address))
        copies = QHBoxLayout()
        copies.setSpacing(theme.px(Space.S))
        copies.addWidget(self.copy_code_button)
        copies.addWidget(self.copy_link_button)
        words = QVBoxLayout()
        words.setSpacing(theme.px(Space.S))
        words.addStretch(1)
        words.addWidget(label(self.tr("Your code"), TextRole.SMALL, "muted"))
        words.addWidget(self.code)
        words.addWidget(self.left)
        words.addSpacing(theme.px(Space.S))
        words.addWidget(self.open_button)
        words.addLayout(copies)
        words.addStretch(1)
        row = QHBoxLayout(self.code_card)
        edge = theme.px(Space.M)
        row.setContentsMargins(edge, edge, edge, edge)
        row.setSpacing(theme.px(Space.L))
        row.addWidget(self.qr, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addLayout(words, 1)
        theme.changed.connect(self._space_code)
        self._space_code()

    def _space_code(self) -> None:
        """Letters of the code stand apart, so that none is misread."""
        font = QFont(current_theme().font(TextRole.DISPLAY))
        font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, current_theme().px(3))
        self.code.setFont(font)

    def _build_state(self) -> None:
        self.chip = StatusChip()
        self.progress = QProgressBar()
        self.progress.setRange(0, 0)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(self.tr("Waiting"))
        self.sentence = label(wraps=True)
        self._state_row = QHBoxLayout()
        self._state_row.setSpacing(current_theme().px(Space.M))
        self._state_row.addWidget(self.chip)
        self._state_row.addWidget(self.progress, 1)
        self._state_row.addStretch()

    def _buttons(self) -> QHBoxLayout:
        self.again_button = QPushButton(self.tr("Get a new code"))
        self.again_button.clicked.connect(self._model.begin)
        Theme.style_as(self.again_button, "primary")
        self.close_button = QPushButton(self.tr("Cancel"))
        self.close_button.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.setSpacing(current_theme().px(Space.S))
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        buttons.addWidget(self.again_button)
        return buttons

    def _show(self) -> None:
        stage = self._model.stage
        has_code = stage is Stage.WAITING and self._model.code is not None
        self.code_card.setVisible(has_code)
        self.steps.setVisible(stage in {Stage.ASKING, Stage.WAITING})
        self.steps.setText(_steps(self._model.role))
        if self._model.code is not None:
            self.qr.show_text(self._model.code.address)
            self.code.setText(one_line(self._model.code.user_code, 40))
            self.code.setAccessibleName(self.tr("Your code: {code}").format(code=" ".join(self.code.text())))
            self.left.setText(self.tr("Serves for another {time}").format(time=clock_text(self._model.seconds_left)))
        self._show_state(stage)
        self._show_buttons(stage)
        if (stage, self.sentence.text()) != self._shown:
            self._shown = (stage, self.sentence.text())
            self.adjustSize()

    def _show_buttons(self, stage: Stage) -> None:
        is_over = stage in {Stage.DONE, Stage.FAILED}
        self.again_button.setVisible(stage is Stage.FAILED)
        self.close_button.setText(self.tr("Close") if is_over else self.tr("Cancel"))
        default = {Stage.DONE: self.close_button, Stage.FAILED: self.again_button, Stage.WAITING: self.open_button}.get(stage)
        if default is not None and not default.isDefault():
            default.setDefault(True)
            default.setFocus()

    def _show_state(self, stage: Stage) -> None:
        name = one_line(self._model.account.name, 40)
        words = {
            Stage.ASKING: (self.tr("Asking for a code"), "info"),
            Stage.WAITING: (self.tr("Waiting for you to confirm"), "info"),
            Stage.DONE: (self.tr("Signed in as {name}").format(name=name) if name else self.tr("Signed in"), "ok"),
            Stage.FAILED: (self.tr("Not signed in"), "danger"),
        }
        self.chip.show_state(*words[stage])
        self.progress.setVisible(stage in {Stage.ASKING, Stage.WAITING})
        sentence = self._model.sentence
        self.sentence.setText(sentence)
        self.sentence.setVisible(bool(sentence))

    def _on_open(self) -> None:
        code = self._model.code
        if code is not None and not self._open_page(code.address):
            self.sentence.setText(self.tr("No browser could be opened. Copy the link and open it yourself."))
            self.sentence.show()

    @staticmethod
    def _copy(text: str) -> None:
        QGuiApplication.clipboard().setText(text)

    def _on_finished(self) -> None:
        self._model.cancel()


def _title(role: AccountRole) -> str:
    translate = QCoreApplication.translate
    if role is AccountRole.BOT:
        return translate("SignInDialog", "Sign in her own account")
    return translate("SignInDialog", "Sign in your channel")


def _steps(role: AccountRole) -> str:
    translate = QCoreApplication.translate
    if role is AccountRole.BOT:
        return translate(
            "SignInDialog",
            "Open the page in a browser where the bot account is logged in (a private window serves), or scan the code with a phone, "
            "check that the code there is the same, press Activate, then Authorize.",
        )
    return translate(
        "SignInDialog",
        "Open the page, or scan the code with a phone, check that the code there is the same, press Activate, then Authorize. "
        "Voxelle never sees your password.",
    )
