"""The sound process: requests reach the thread that writes to the device through a queue; the microphone has a thread of its own."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Iterator
from typing import Any, Final

import structlog

from voxelle.audio.default_watch import DefaultWatch
from voxelle.audio.devices import DeviceSink, default_sink, list_devices
from voxelle.audio.echo import PlaybackReference
from voxelle.audio.listening import Listening
from voxelle.audio.player import LATENCY_S, LONGEST_LATENCY_S, STUCK_S, Command, Player, Wish
from voxelle.audio.progress import to_words
from voxelle.audio.sinks import Sink
from voxelle.contracts.audio import Clip, Playhead, Progress
from voxelle.contracts.tts import Samples
from voxelle.domain.errors import SetupError
from voxelle.kernel.worker import CancelToken, Engine, Reply

log = structlog.get_logger("sound")

_LOOK_S: Final = 0.5


class Playback(Engine):
    """Serves `run` (progress, as long as sound is wanted), `push`, `finish`, `cut`, `pause`, `resume`, `volume`, `duck` and `devices`."""

    workers = 8
    listening = Listening
    """What serves the microphone."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config)
        self._player: Player | None = None
        self.reference = PlaybackReference()
        """What is audible, for whoever listens."""
        self._listening = self.listening(self.reference, self._look_again)

    def perform(self, method: str, arguments: dict[str, Any], audio: Samples | None, token: CancelToken) -> Iterator[Reply]:
        """Do what the method says."""
        if method == "run":
            yield from self._run(arguments, token)
        elif method == "devices":
            yield Reply({"devices": [[each.name, each.title, each.is_default] for each in list_devices()]})
        elif method in Listening.methods:
            yield from self._listening.perform(method, arguments, token)
        elif method in {"cut", "pause"}:
            yield self._silence(self._playing(), method, arguments["generation"], token)
        else:
            self._playing().commands.put(_command(method, arguments, audio))
            yield Reply({})

    @staticmethod
    def open_sink(name: str, latency_s: float) -> Sink:
        """Open a device. Raises SetupError when it can't be had."""
        return DeviceSink.open(name, latency_s)

    @staticmethod
    def default_output() -> str:
        """Return the name of the system's default device, or nothing where that can't be known without a look at all devices."""
        return default_sink()

    def _look_again(self) -> None:
        """Open the device anew between two turns: as long as it is open no other one is found."""
        if self._player is not None:
            self._player.commands.put(Player.look_again)

    def _may_look(self) -> bool:
        return not self._listening.is_listening

    def _playing(self) -> Player:
        if self._player is None:
            msg = "The sound device is not open."
            raise SetupError(msg)
        return self._player

    def _run(self, arguments: dict[str, Any], token: CancelToken) -> Iterator[Reply]:
        news: queue.SimpleQueue[tuple[Progress, int] | None] = queue.SimpleQueue()
        latency_s = min(LONGEST_LATENCY_S, max(LATENCY_S, float(arguments["latency_s"])))
        further = tuple(str(name) for name in arguments["further"])
        wish = Wish(str(arguments["device"]), latency_s, float(arguments["volume"]), further)
        watch = DefaultWatch(self.default_output, lambda name: player.commands.put(lambda player: player.note_default(name)))
        player = Player(
            wish,
            lambda progress: news.put((progress, player.take)),
            self.open_sink,
            self.reference,
            may_look=self._may_look,
            on_turn_end=watch.look,
        )
        player.timeline.set_duck(float(arguments["duck"]))
        player.take = int(arguments["take"])
        token.on_cancel(lambda: news.put(None))
        player.open()
        self._player = player
        writing = threading.Thread(target=player.run, name="write", daemon=True)
        writing.start()
        if not wish.device:
            watch.start()
        try:
            yield Reply({"sentence": player.sentence, "is_silent": player.is_silent})
            while not token.is_cancelled:
                try:
                    told = news.get(timeout=_LOOK_S)
                except queue.Empty:
                    _leave_if_stuck(player)
                    continue
                if told is not None:
                    progress, take = told
                    yield Reply({"news": to_words(progress), "latency_s": player.latency_s, "take": take})
        finally:
            self._player = None
            watch.close()
            player.close()
            writing.join(STUCK_S)

    def _silence(self, player: Player, method: str, generation: int, token: CancelToken) -> Reply:
        answer: queue.SimpleQueue[Playhead | None] = queue.SimpleQueue()
        silence = Player.cut if method == "cut" else Player.pause
        player.commands.put(lambda player: silence(player, generation, answer.put))
        token.on_cancel(lambda: answer.put(None))
        final = answer.get()
        return Reply({"news": None if final is None else to_words(final)})


def _command(method: str, arguments: dict[str, Any], audio: Samples | None) -> Command:
    if method == "push" and audio is not None:
        clip = Clip(arguments["generation"], arguments["clause"], arguments["offset"], audio)
        return lambda player: player.timeline.push(clip)
    match method:
        case "finish":
            return lambda player: player.timeline.finish(arguments["generation"])
        case "resume":
            return lambda player: player.resume(arguments["generation"], arguments["clause"], arguments["frame"], arguments["take"])
        case "duck":
            return lambda player: player.timeline.set_duck(arguments["gain"])
        case _:
            return lambda player: player.timeline.set_volume(arguments["volume"])


def _leave_if_stuck(player: Player) -> None:
    if player.now() > player.alive_until:
        log.warning("sound.stuck")
        os._exit(1)
