"""Her ears, a service: opens the microphone when she may hear, and announces what they do.

While a key is needed (push-to-talk, toggle) the microphone stays open, so that the first syllable is not lost, and nothing
is recognised. Deaf or switched off, it is closed.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from math import ceil
from typing import TYPE_CHECKING

import structlog

from voxelle.companion.hearing.faults import Faults
from voxelle.companion.hearing.listener import Listener
from voxelle.companion.hearing.modes import Gate
from voxelle.companion.hearing.only_me import OnlyMe
from voxelle.companion.hearing.own_voice import OwnVoice
from voxelle.companion.hearing.ports import EarPorts, House
from voxelle.companion.hearing.understanding import Understanding
from voxelle.domain.chat import StimulusKind
from voxelle.domain.errors import InputError
from voxelle.domain.events import BargeInChanged, HealthChanged, HealthLevel, HearingChanged, SettingsChanged, TurnEnded
from voxelle.domain.hearing import EarState, HearingSnapshot, ListeningMode
from voxelle.kernel.tasks import TaskScope

if TYPE_CHECKING:
    from voxelle.settings.hearing import HearingSettings

__all__ = ["EarPorts", "Ears", "House"]

log = structlog.get_logger("hearing")

_OFF = "She does not listen: switch the microphone on in the settings."
_DEAF = "She is deaf: the microphone is closed."
_KEY = "The microphone is open, and nothing is recognised until the key is pressed."
_LIGHTS = {
    EarState.OFF: HealthLevel.OFF,
    EarState.DEAF: HealthLevel.OFF,
    EarState.LOST: HealthLevel.RETRYING,
    EarState.STARTING: HealthLevel.STARTING,
}


class Ears:
    """Hears the streamer's microphone. All methods belong to the show loop."""

    name = "hearing"

    def __init__(self, engines: EarPorts, house: House) -> None:
        self._house = house
        self._gate = Gate(self._settings)
        self._faults = Faults(house.bus, self._update)
        self._understanding = Understanding(engines, house, self._faults)
        self._own_voice = OwnVoice(house.bus, house.clock)
        self.only_me = OnlyMe(engines, lambda: self._settings, house.clock, self._faults)
        """Whose voice is heard."""
        self._listener = Listener(
            house.streamer, engines.microphone, house, self._understanding, self._gate, self._own_voice, self._update, self.only_me
        )
        self._opened: tuple[object, ...] | None = None
        """How the microphone was opened, None while it is closed."""
        self._changed = asyncio.Event()
        self._closing = asyncio.Lock()
        """Held while the microphone is being closed: it is not opened before it was released."""
        self._light: HealthChanged | None = None
        self._snapshot = self._look()

    @property
    def _settings(self) -> HearingSettings:
        return self._house.settings.current.hearing

    # -- commands ---------------------------------------------------------------------------------

    async def set_deaf(self, is_deaf: bool) -> None:  # noqa: FBT001 - the one argument of a switch
        """Make her deaf, or let her hear again, at once: the microphone is released, and what is being said is forgotten."""
        if is_deaf == self._gate.is_deaf:
            return
        self._gate.is_deaf = is_deaf
        self._gate.is_key_down = False
        self._listener.use(self._settings)
        if is_deaf:
            self._listener.drop("she was made deaf in the middle of it")
        self._update()
        log.info("ears.switched", is_deaf=is_deaf)
        if is_deaf:
            await self._close_microphone()
        self._changed.set()

    async def press(self) -> None:
        """The key went down: push-to-talk begins, toggle changes, and a waiting name is as good as said. InputError if she can't hear."""
        self._require_hearing()
        now_s = self._house.clock.monotonic()
        if self._gate.press(now_s):
            self._listener.release(now_s)
        elif self._gate.is_key_down:
            self._listener.hold()
        self._update()

    async def release(self) -> None:
        """The key went up: with push-to-talk, what was said is all."""
        now_s = self._house.clock.monotonic()
        if self._gate.release(now_s):
            self._listener.release(now_s)
        self._update()

    async def set_mode(self, mode: ListeningMode) -> None:
        """Listen in another way from now on, and keep that in the settings. InputError if the environment sets it."""
        await self._house.settings.change("hearing.mode", mode.value)

    def snapshot(self) -> HearingSnapshot:
        """Return all that a face shows of her ears."""
        return self._snapshot

    def _require_hearing(self) -> None:
        if self._gate.is_deaf:
            msg = "She is deaf. Let her hear again first."
            raise InputError(msg)
        if not self._settings.is_enabled:
            raise InputError(_OFF)

    # -- the service ------------------------------------------------------------------------------

    async def run(self) -> None:
        """Hear, until cancelled."""
        house = self._house
        await self.only_me.load()
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._fall_asleep)
            for end in (
                house.bus.subscribe(SettingsChanged, self._on_settings),
                house.bus.subscribe(TurnEnded, self._on_turn),
                house.bus.subscribe(BargeInChanged, lambda _event: self._update()),
            ):
                stack.callback(end)
            scope = await stack.enter_async_context(TaskScope(self.name))
            self._light = None
            self._use_settings()
            keeping = scope.start(self._keep_open(), name="microphone", is_awaited=True)
            listening = scope.start(self._listener.run(), name="listener", is_awaited=True)
            done, _ = await asyncio.wait({keeping, listening}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                await task

    async def _fall_asleep(self) -> None:
        self._listener.forget()
        await self._close_microphone()
        await self._house.mind.set_listening(False)

    def close(self) -> None:
        """Follow nothing any more; `run` has ended."""
        self._understanding.close()
        self._own_voice.close()
        self._house.barge_in.close()

    async def _keep_open(self) -> None:
        """Keep the microphone as it is wanted."""
        while True:
            self._changed.clear()
            settings = self._settings
            is_wanted = settings.is_enabled and not self._gate.is_deaf
            wanted = (settings.input_device, settings.cancel_echo, settings.suppress_noise) if is_wanted else None
            if self._opened is not None and wanted != self._opened:
                self._listener.drop("the microphone was changed in the middle of it")
                await self._close_microphone()
            if wanted is not None and self._opened is None:
                await self._open_microphone(wanted)
            self._update()
            await self._changed.wait()

    async def _open_microphone(self, wanted: tuple[object, ...]) -> None:
        self._update()
        await self._understanding.open()
        async with self._closing:
            if self._gate.is_deaf or not self._settings.is_enabled:
                return  # she was switched off meanwhile
            self._opened = wanted
        # A device may keep this waiting, and whoever closes it does not wait for that.
        await self._listener.microphone.open()
        if self._opened is None:
            await self._listener.microphone.close()

    async def _close_microphone(self) -> None:
        async with self._closing:
            if self._opened is not None:
                self._opened = None
                await self._listener.microphone.close()
                self._listener.begin_anew()

    # -- what happens around her ------------------------------------------------------------------

    def _on_settings(self, event: SettingsChanged) -> None:
        if any(path.startswith("hearing.") for path in event.paths):
            self._use_settings()
            self._changed.set()

    def _use_settings(self) -> None:
        before = self._gate.mode
        self._gate.use(self._settings)
        if self._gate.mode is not before and self._gate.has_key:
            self._listener.drop("the way of listening was changed in the middle of it")
        self._listener.use(self._settings)
        self._update()

    def _on_turn(self, event: TurnEnded) -> None:
        """She answered what was said: the time in which no name is needed begins anew."""
        now_s = self._house.clock.monotonic()
        if self._gate.open_for_s(now_s) and any(stimulus.kind is StimulusKind.VOICE for stimulus in event.record.stimuli):
            self._gate.extend(now_s)
            self._update()

    # -- what they show ---------------------------------------------------------------------------

    def _look(self) -> HearingSnapshot:
        now_s, state = self._house.clock.monotonic(), self._state()
        listener, gate = self._listener, self._gate
        speaking = listener.state is EarState.HEARING or bool(listener.interim)
        return HearingSnapshot(
            state,
            gate.mode,
            gate.is_deaf,
            gate.is_key_down,
            self._house.barge_in.state,
            listener.author.name if speaking else "",
            listener.interim,
            self._sentence(state),
            listener.overruns + listener.dropped,
            float(ceil(gate.open_for_s(now_s))),
        )

    def _state(self) -> EarState:
        now_s, listener = self._house.clock.monotonic(), self._listener
        rules = (
            (not self._settings.is_enabled, EarState.OFF),
            (self._gate.is_deaf, EarState.DEAF),
            (self._opened is None, EarState.STARTING),
            (listener.microphone.is_lost, EarState.LOST),
            (not listener.has_sound, EarState.STARTING),
        )
        hindrance = next((state for applies, state in rules if applies), None)
        if hindrance is not None:
            return hindrance
        if listener.state is not None:
            return listener.state
        if not self._gate.hears(now_s):
            return EarState.CLOSED
        return EarState.LISTENING if self._gate.is_open(now_s) else EarState.WAITING

    def _sentence(self, state: EarState) -> str:
        own = {EarState.OFF: _OFF, EarState.DEAF: _DEAF}.get(state)
        if own is not None:
            return own
        where = self._listener.microphone.sentence
        parts = (self._faults.sentence, where, _KEY if state is EarState.CLOSED else "")
        return " ".join(part for part in parts if part)

    def _update(self) -> None:
        """Announce what changed."""
        snapshot = self._look()
        if snapshot != self._snapshot:
            self._snapshot = snapshot
            self._house.bus.announce(HearingChanged(snapshot))
        self._show_light(snapshot)

    def _show_light(self, snapshot: HearingSnapshot) -> None:
        level = _LIGHTS.get(snapshot.state, HealthLevel.DEGRADED if self._faults.sentence else HealthLevel.OK)
        light = HealthChanged(self.name, level, "" if level is HealthLevel.OK else snapshot.sentence)
        if light != self._light:
            self._light = light
            self._house.bus.announce(light)
