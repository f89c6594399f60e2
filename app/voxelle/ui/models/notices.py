"""Sentences the streamer should read, newest first, each until dismissed, or until a service that needed somebody works again."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from voxelle.domain.events import FallbackSwitched, HealthChanged, HealthLevel, NoticeLevel, NoticeRaised
from voxelle.ui.bridge import Bridge

LIMIT = 20
INFO_LASTS_MS = 12_000
_MENDED = {HealthLevel.OK, HealthLevel.DEGRADED, HealthLevel.OFF}
"""With such a light what a service needed the streamer for is over."""


class NoticeModel(QObject):
    """The notices; a sentence that is already there moves to the top instead of appearing twice."""

    changed = Signal()

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._notices: list[NoticeRaised] = []
        self._of_services: dict[str, str] = {}
        """The last sentence of each service that needed the streamer."""
        self._info_timer = QTimer(self)
        self._info_timer.setSingleShot(True)
        self._info_timer.setInterval(INFO_LASTS_MS)
        self._info_timer.timeout.connect(self._drop_infos)
        bridge.subscribe(NoticeRaised, self._on_raised)
        bridge.subscribe(FallbackSwitched, self._on_fallback)
        bridge.subscribe(HealthChanged, self._on_health)

    @property
    def current(self) -> NoticeRaised | None:
        """The one to show."""
        return self._notices[0] if self._notices else None

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._notices)

    def dismiss(self) -> None:
        """Drop the one shown."""
        del self._notices[:1]
        self.changed.emit()

    def _add(self, notice: NoticeRaised) -> None:
        others = [each for each in self._notices if each.sentence != notice.sentence]
        self._notices = [notice, *others][:LIMIT]
        if notice.level is NoticeLevel.INFO:
            self._info_timer.start()
        self.changed.emit()

    def _drop_infos(self) -> None:
        self._notices = [each for each in self._notices if each.level is not NoticeLevel.INFO]
        self.changed.emit()

    def _on_raised(self, event: NoticeRaised) -> None:
        self._add(event)

    def _on_fallback(self, event: FallbackSwitched) -> None:
        self._add(NoticeRaised(NoticeLevel.WARNING, event.sentence))

    def _on_health(self, event: HealthChanged) -> None:
        if event.level in {HealthLevel.NEEDS_YOU, HealthLevel.FAILED} and event.sentence:
            self._drop_of(event.service, unless=event.sentence)
            self._of_services[event.service] = event.sentence
            self._add(NoticeRaised(NoticeLevel.ERROR, event.sentence))
        elif event.level in _MENDED:
            self._drop_of(event.service)

    def _drop_of(self, service: str, unless: str = "") -> None:
        """Take away what a service needed the streamer for, unless another one says the same."""
        gone = self._of_services.pop(service, "")
        if gone and gone != unless and gone not in self._of_services.values():
            self._notices = [each for each in self._notices if each.sentence != gone]
            self.changed.emit()
