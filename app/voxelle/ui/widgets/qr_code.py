"""A QR code: crisp squares, dark on white whatever the theme, with the quiet zone that readers need (ISO/IEC 18004)."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from voxelle.ui.theme import current_theme

QUIET_ZONE = 4
"""White modules around the code."""
_SIDE = 196


class QrCode(QWidget):
    """Shows a text as a code. Empty: a blank place of the same size."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._text = ""
        self._modules: tuple[bytes, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._theme.changed.connect(self.updateGeometry)

    @property
    def modules(self) -> tuple[bytes, ...]:
        """The rows of the code, 1 for dark."""
        return self._modules

    def show_text(self, text: str) -> None:
        """Show another text."""
        if text == self._text:
            return
        self._text = text
        self._modules = _modules(text)
        self.setAccessibleName(self.tr("QR code with the link to confirm") if text else "")
        self.update()

    def sizeHint(self) -> QSize:
        """Qt: large enough for a phone at arm's length."""
        return QSize(self._theme.px(_SIDE), self._theme.px(_SIDE))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt: paint every module on whole pixels of the screen."""
        if not self._modules:
            return
        painter = QPainter(self)
        ratio = self.devicePixelRatioF()
        painter.scale(1 / ratio, 1 / ratio)
        side = min(self.width(), self.height()) * ratio
        count = len(self._modules) + 2 * QUIET_ZONE
        module = max(1, int(side // count))
        size = module * count
        left, top = int((self.width() * ratio - size) // 2), int((self.height() * ratio - size) // 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(Qt.GlobalColor.white)
        painter.drawRect(QRectF(left, top, size, size))
        for y, row in enumerate(self._modules):
            for x, is_dark in enumerate(row):
                if is_dark:
                    at = (left + (x + QUIET_ZONE) * module, top + (y + QUIET_ZONE) * module)
                    painter.fillRect(*at, module, module, Qt.GlobalColor.black)
        painter.end()


def _modules(text: str) -> tuple[bytes, ...]:
    """Return the rows of a text's code, none for no text or one that fits into no code."""
    import segno

    if not text:
        return ()
    try:
        return tuple(bytes(each) for each in segno.make_qr(text).matrix)
    except segno.DataOverflowError:
        return ()
