"""What the sound process serves of the microphone: `listen`, `unlisten` and `inputs`."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import structlog

from voxelle.audio import pulse
from voxelle.audio.capture import Capture
from voxelle.audio.default_watch import DefaultWatch
from voxelle.audio.device_source import DeviceSource, Source
from voxelle.audio.devices import list_inputs
from voxelle.audio.echo import EchoCanceller, PlaybackReference
from voxelle.contracts.audio import Captured, InputChanged, MicrophoneFrame, SoundDevice
from voxelle.kernel.worker import CancelToken, Reply

log = structlog.get_logger("sound")

_LOOK_S: Final = 0.5
_PLACE_S: Final = 2.0
"""How often the sound server is asked where the microphone is: it moves a stream without a word."""
_CLOSING_S: Final = 2.0
_MOST_WAITING: Final = 128
"""Four seconds of frames: a host that is further behind loses them."""


class Listening:
    """The microphone's side of the process; one microphone at a time.

    `look_again` asks whoever plays to open his devices anew when he is quiet: until then no new device is listed.
    """

    methods: Final = frozenset({"listen", "unlisten", "inputs"})

    def __init__(self, reference: PlaybackReference, look_again: Callable[[], None]) -> None:
        self._reference = reference
        self._look_again = look_again
        self._is_free = threading.Lock()
        self._current: CancelToken | None = None

    @property
    def is_listening(self) -> bool:
        """Whether a microphone is wanted now."""
        return self._current is not None

    def perform(self, method: str, arguments: dict[str, Any], token: CancelToken) -> Iterator[Reply]:
        """Do what the method says."""
        if method == "listen":
            yield from self._listen(arguments, token)
        elif method == "inputs":
            yield Reply({"devices": [[each.name, each.title, each.is_default] for each in self.inputs()]})
        else:
            self._hush()
            yield Reply({})

    def _hush(self) -> None:
        """End the listening that is under way; returns when the device is released."""
        current = self._current
        if current is not None:
            current.cancel()
        if self._is_free.acquire(timeout=_CLOSING_S):
            self._is_free.release()

    def _listen(self, arguments: dict[str, Any], token: CancelToken) -> Iterator[Reply]:
        self._hush()
        with self._is_free:
            self._current = token
            try:
                yield from self._frames(arguments, token)
            finally:
                self._current = None

    def _frames(self, arguments: dict[str, Any], token: CancelToken) -> Iterator[Reply]:
        device = str(arguments["device"])
        news = News()
        canceller = EchoCanceller(
            self._reference, is_wanted=bool(arguments["cancel_echo"]), suppresses_noise=bool(arguments["suppress_noise"])
        )
        capture = Capture(device, canceller, news.put, self.open_source, self._look_again)
        token.on_cancel(capture.close)
        token.on_cancel(news.wake)
        thread = threading.Thread(target=capture.run, name="listen", daemon=True)
        watch = DefaultWatch(lambda: self.place(device), capture.note_place, _PLACE_S)
        thread.start()
        watch.start()
        try:
            while not token.is_cancelled:
                captured = news.get(_LOOK_S)
                if captured is not None:
                    yield reply_of(captured, news.lost)
                elif capture.alive_until < capture.now():
                    log.warning("microphone.stuck")
                    os._exit(1)
        finally:
            watch.close()
            capture.close()
            thread.join(_CLOSING_S)

    @staticmethod
    def open_source(name: str, latency_s: float) -> Source:
        """Open a device. Raises SetupError when it can't be had."""
        return DeviceSource.open(name, latency_s)

    @staticmethod
    def inputs() -> Sequence[SoundDevice]:
        """Return the microphones. Raises SetupError."""
        return list_inputs()

    @staticmethod
    def place(device: str) -> str:
        """Return where the system's sound server has a microphone, or nothing where there is no such server."""
        default = pulse.default_source()
        if not device.startswith(pulse.PULSE) or not default:
            return default
        return device if any(each.name == device for each in pulse.listed("source")) else "missing"


class News:
    """What the listening thread has to say, for the thread of the request; the oldest frames are lost when nobody takes them."""

    def __init__(self) -> None:
        self.lost = 0
        self._waiting: deque[Captured] = deque()
        self._is_woken = False
        self._room = threading.Condition()

    def put(self, captured: Captured) -> None:
        """Add to it."""
        with self._room:
            self._waiting.append(captured)
            if len(self._waiting) > _MOST_WAITING:
                oldest = next((each for each in self._waiting if isinstance(each, MicrophoneFrame)), self._waiting[0])
                self._waiting.remove(oldest)
                self.lost += 1
            self._room.notify()

    def wake(self) -> None:
        """Let whoever waits look up."""
        with self._room:
            self._is_woken = True
            self._room.notify()

    def get(self, timeout_s: float) -> Captured | None:
        """Wait for the next; None if there was none."""
        with self._room:
            self._room.wait_for(lambda: self._is_woken or bool(self._waiting), timeout_s)
            return self._waiting.popleft() if self._waiting else None


def reply_of(captured: Captured, lost: int) -> Reply:
    """Put it into values that travel."""
    if isinstance(captured, InputChanged):
        return Reply({"changed": [captured.sentence, captured.is_lost]})
    return Reply({"at": captured.at_s, "level": captured.level, "overruns": captured.overruns + lost}, captured.samples)
