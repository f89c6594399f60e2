"""Where her voice goes and what she hears through: the devices, their settings, and a test of both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any

from PySide6.QtCore import QObject, Signal

from voxelle.contracts.audio import Recording, SoundDevice
from voxelle.domain.errors import VoxelleError
from voxelle.domain.events import HearingChanged, SettingsChanged, ShowChanged, Underrun
from voxelle.settings.schema import Settings
from voxelle.ui.bridge import Bridge

RECORD_S = 4.0


class Test(StrEnum):
    """What a sound check does now."""

    __test__ = False

    NONE = "none"
    TONE = "tone"
    RECORDING = "recording"
    PLAYING = "playing"


class SoundModel(QObject):
    """Devices, figures and tests of sound; settings are written at once."""

    changed = Signal()

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.outputs: Sequence[SoundDevice] = ()
        self.inputs: Sequence[SoundDevice] = ()
        self.test = Test.NONE
        self.verdict = ""
        """What the last recording told."""
        self.problem = ""
        """Why the last thing did not work."""
        self.output_sentence = ""
        self.input_sentence = ""
        self.underruns = 0
        self.overruns = 0
        bridge.subscribe(SettingsChanged, lambda _event: self.changed.emit())
        bridge.subscribe(ShowChanged, self._on_show)
        bridge.subscribe(HearingChanged, self._on_hearing)
        bridge.subscribe(Underrun, self._on_underrun)

    @property
    def has_desk(self) -> bool:
        """Whether this show has sound devices at all."""
        return self._bridge.sound is not None

    @property
    def settings(self) -> Settings:
        """The settings as they are now."""
        return self._bridge.settings.current

    def load(self) -> None:
        """Ask for the devices and for what is known of them."""
        desk = self._bridge.sound
        companion = self._bridge.companion

        async def known() -> tuple[str, str, int]:
            hearing = companion.hearing()
            return companion.snapshot().sound, hearing.sentence, hearing.overruns

        self._bridge.run(known, self._on_known)
        if desk is not None:
            self._bridge.run(desk.outputs, self._on_outputs, self._on_failed)
            self._bridge.run(desk.inputs, self._on_inputs, self._on_failed)

    def change(self, path: str, value: Any) -> None:
        """Change a setting."""
        self.problem = ""
        self._bridge.run(lambda: self._bridge.settings.change(path, value), None, self._on_failed)

    def play_tone(self) -> None:
        """Let a test tone be heard where her voice goes."""
        desk = self._bridge.sound
        if desk is None or self.test is not Test.NONE:
            return
        self._begin(Test.TONE)
        self._bridge.run(lambda: self._bridge.companion.play_check(desk.tone()), self._on_over, self._on_failed)

    def record(self) -> None:
        """Record some seconds, say how it was, and play it."""
        desk = self._bridge.sound
        if desk is None or self.test is not Test.NONE:
            return
        self._begin(Test.RECORDING)

        def recorded(recording: Recording) -> None:
            self.verdict = recording.sentence
            self._begin(Test.PLAYING)
            self._bridge.run(lambda: self._bridge.companion.play_check(desk.playable(recording)), self._on_over, self._on_failed)

        self._bridge.run(lambda: desk.record(RECORD_S), recorded, self._on_failed)

    def _begin(self, test: Test) -> None:
        self.test, self.problem = test, ""
        if test is Test.RECORDING:
            self.verdict = ""
        self.changed.emit()

    def _on_over(self, _result: object) -> None:
        self.test = Test.NONE
        self.changed.emit()

    def _on_failed(self, error: VoxelleError) -> None:
        self.test, self.problem = Test.NONE, error.sentence
        self.changed.emit()

    def _on_known(self, known: tuple[str, str, int]) -> None:
        self.output_sentence, self.input_sentence, self.overruns = known
        self.changed.emit()

    def _on_outputs(self, devices: Sequence[SoundDevice]) -> None:
        self.outputs = told_apart(devices)
        self.changed.emit()

    def _on_inputs(self, devices: Sequence[SoundDevice]) -> None:
        self.inputs = told_apart(devices)
        self.changed.emit()

    def _on_show(self, event: ShowChanged) -> None:
        if event.show.sound != self.output_sentence:
            self.output_sentence = event.show.sound
            self.changed.emit()

    def _on_hearing(self, event: HearingChanged) -> None:
        news = (event.hearing.sentence, event.hearing.overruns)
        if news != (self.input_sentence, self.overruns):
            self.input_sentence, self.overruns = news
            self.changed.emit()

    def _on_underrun(self, event: Underrun) -> None:
        self.underruns = event.total
        self.changed.emit()


def told_apart(devices: Sequence[SoundDevice]) -> tuple[SoundDevice, ...]:
    """Return the devices with titles that differ: two headsets of one make are numbered."""
    seen: dict[str, int] = {}
    for device in devices:
        seen[device.title] = seen.get(device.title, 0) + 1
    doubled, count = {title for title, times in seen.items() if times > 1}, dict.fromkeys(seen, 0)
    named = []
    for device in devices:
        count[device.title] += 1
        title = f"{device.title} ({count[device.title]})" if device.title in doubled else device.title
        named.append(replace(device, title=title))
    return tuple(named)


def choices(
    devices: Sequence[SoundDevice], chosen: str, default: Callable[[str], str], absent: Callable[[str], str]
) -> list[tuple[str, str]]:
    """Return (name, title) of what can be chosen: the system's default first, and the chosen one even while it is not there."""
    standard = next((each.title for each in devices if each.is_default), "")
    found = [("", default(standard)), *((each.name, each.title) for each in devices)]
    if chosen and chosen not in {name for name, _ in found}:
        found.append((chosen, absent(chosen.partition(":")[2] or chosen)))
    return found
