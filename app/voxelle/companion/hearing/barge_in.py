"""Barge-in: somebody speaks while she does. She gets quieter at once, falls silent a moment later, and goes on if it was nothing."""

from __future__ import annotations

import asyncio
import math
from enum import Enum, auto
from typing import TYPE_CHECKING, Protocol

import structlog

from voxelle.companion.hearing.backchannels import is_backchannel
from voxelle.contracts.audio import INPUT_FRAMES, INPUT_RATE
from voxelle.domain.events import BargeInChanged, TurnEnded, TurnStarted
from voxelle.domain.hearing import BargeInState

if TYPE_CHECKING:
    from collections.abc import Callable

    from voxelle.kernel.bus import Bus
    from voxelle.kernel.clock import Clock
    from voxelle.kernel.tasks import TaskScope
    from voxelle.settings.hearing import HearingSettings

log = structlog.get_logger("hearing")

DUCK_GAIN = 0.35
"""About 9 dB quieter."""
GAP_S = 0.2
"""Who falls silent for so long still speaks: words have holes."""
SHORTEST_SILENCE_S = 0.09
"""Nobody's utterance ends sooner after his voice: an end that is told before is somebody else's."""
LOST_S = 1.0
"""A microphone that tells nothing for so long hears nobody."""
LONGEST_PAUSE_S = 20.0
"""She does not wait longer for words of which none are understood: it is a noise."""
_FRAME_S = INPUT_FRAMES / INPUT_RATE
_EPSILON_S = 1e-6


class Mouth(Protocol):
    """Her voice, as whoever interrupts it sees it."""

    @property
    def is_speaking(self) -> bool:
        """Something of her turn is audible or about to be."""
        ...

    async def duck(self, gain: float) -> None:
        """Make her quieter by a factor, 0..1; 1 is not ducked."""
        ...

    async def pause(self) -> bool:
        """Silence her and keep the rest; False if there is nothing that could go on."""
        ...

    async def resume(self) -> None:
        """Let her go on from the beginning of the word in which she was silenced."""
        ...

    async def cut(self) -> None:
        """Silence her for good."""
        ...


class _Voice(Enum):
    """What her mouth is to do."""

    FULL = auto()
    SOFT = auto()
    HELD = auto()
    CUT = auto()


_VOICES = {
    BargeInState.NONE: _Voice.FULL,
    BargeInState.DUCKED: _Voice.SOFT,
    BargeInState.PAUSED: _Voice.HELD,
    BargeInState.INTERRUPTED: _Voice.CUT,
}


class BargeIn:
    """Decides what a speaker's voice does to hers. All methods belong to the show loop."""

    def __init__(self, mouth: Mouth, settings: Callable[[], HearingSettings], bus: Bus, clock: Clock, scope: TaskScope) -> None:
        self._mouth = mouth
        self._settings = settings
        self._bus = bus
        self._clock = clock
        self._scope = scope
        self._state = BargeInState.NONE
        self._turn_id = ""
        self._last_at_s = -math.inf
        self._last_voiced_s = -math.inf
        self._began_s = math.inf
        """First voiced frame of this voice while she was speaking."""
        self._paused_s = math.inf
        self._heard_s = -math.inf
        """When a frame came last."""
        self._is_concerned = False
        """Somebody's voice met hers in this turn: words that are understood late still stop her."""
        self._has_interrupted = False
        self._owed_texts = 0
        """Utterances that are over and not understood yet."""
        self._is_open = False
        """The utterance of the last voice is not over yet."""
        self._was_nothing = False
        """What was understood since the last voice is no reason to be silent."""
        self._is_noise = False
        """This voice was given up: it may last, and does not pause her again."""
        self._is_known = True
        """This voice may silence her."""
        self._voice = _Voice.FULL
        self._wanted = _Voice.FULL
        self._acting = asyncio.Lock()
        self._is_watching = False
        self._changed = asyncio.Event()
        self._endings = (bus.subscribe(TurnStarted, self._on_turn_started), bus.subscribe(TurnEnded, self._on_turn_ended))

    @property
    def state(self) -> BargeInState:
        """What the voice did to hers last."""
        return self._state

    def close(self) -> None:
        """Follow her no more."""
        for end in self._endings:
            end()

    # -- what is heard ----------------------------------------------------------------------------

    def on_frame(self, speech: float, at_s: float) -> None:
        """Take the probability of speech of a speaker's next frame, and when its last sample was heard.

        Frames may come late, and those of several speakers in any order; what is older than a hole in a word says nothing.
        """
        now_s = self._clock.monotonic()
        if at_s < self._last_at_s - GAP_S or at_s < now_s - LOST_S:
            return
        self._last_at_s, self._heard_s = max(self._last_at_s, at_s), now_s
        if speech >= self._settings().speech_from:
            self._on_voiced(at_s)
        elif not self._is_lasting:
            self._on_quiet()
        self._look()

    def admit(self, *, is_known: bool) -> None:
        """Say whether the voice that is heard now may silence her; one that is not known only makes her quieter."""
        self._is_known = is_known
        self._look()

    def on_silence(self) -> None:
        """An utterance ended, though somebody else may speak; what of it was understood may follow."""
        self._owed_texts += 1
        if self._last_at_s - self._last_voiced_s >= SHORTEST_SILENCE_S:
            self._is_open = False
        if not self._is_voiced:
            self._on_quiet()
            self._look()

    async def on_text(self, text: str, *, is_final: bool) -> bool:
        """Take what was understood so far, or in the end; empty for nothing.

        True: she was interrupted for good, and it counts. False: she goes on, or was not speaking.
        """
        settings = self._settings()
        if is_final:
            self._owed_texts = max(0, self._owed_texts - 1)
        has_words = bool(text.strip()) and not is_backchannel(text, settings.backchannels)
        if has_words and self._is_reason_to_stop(settings, is_final=is_final):
            self._has_interrupted = True
            self._to(BargeInState.INTERRUPTED)
            await self._act()
        elif is_final and self._state is BargeInState.PAUSED:
            self._was_nothing = True
            self._look()
            await self._act()
        counts = has_words and self._has_interrupted
        if counts and is_final:
            self._has_interrupted = False
        return counts

    # -- what it means ----------------------------------------------------------------------------

    def _is_reason_to_stop(self, settings: HearingSettings, *, is_final: bool) -> bool:
        """Whether words stop her: at once where she paused for them, in the end where they met her voice at all."""
        if not settings.is_interruptible:
            return False
        return self._state is BargeInState.PAUSED or (is_final and self._is_concerned and self._mouth.is_speaking)

    @property
    def _is_voiced(self) -> bool:
        """Whether the newest frame of one speaker at least is voiced."""
        return self._last_at_s - self._last_voiced_s < _FRAME_S - _EPSILON_S

    @property
    def _is_lasting(self) -> bool:
        """Whether the voice goes on, holes within words included."""
        return self._last_at_s - self._last_voiced_s <= GAP_S

    @property
    def _is_understood(self) -> bool:
        """Whether everybody has finished, and nobody said anything to be silent for."""
        return self._was_nothing and not (self._is_lasting or self._is_open or self._owed_texts)

    def _on_voiced(self, at_s: float) -> None:
        self._last_voiced_s = max(self._last_voiced_s, at_s)
        self._is_open, self._was_nothing = True, False
        if self._state is BargeInState.NONE and self._mouth.is_speaking:
            self._began_s = at_s
            self._is_concerned, self._has_interrupted, self._owed_texts = True, False, 0
            self._to(BargeInState.DUCKED)

    def _on_quiet(self) -> None:
        self._is_noise = False
        if self._state is BargeInState.DUCKED:
            self._to(BargeInState.NONE)

    def _look(self) -> None:
        """Do what is due by now, and see to it that somebody looks again in time."""
        if self._state is BargeInState.DUCKED:
            self._look_at_ducked()
        elif self._state is BargeInState.PAUSED:
            self._look_at_paused()
        self._changed.set()
        if self._next_look_s() < math.inf and not self._is_watching:
            self._is_watching = True
            self._scope.start(self._watch(), name="barge-in watch")

    def _look_at_ducked(self) -> None:
        settings, now_s = self._settings(), self._clock.monotonic()
        until_s = self._began_s + settings.interrupt_after_s
        is_long = self._is_voiced and now_s + _EPSILON_S >= until_s and self._last_at_s + _FRAME_S + _EPSILON_S >= until_s
        if not self._mouth.is_speaking or now_s - self._heard_s >= LOST_S:
            self._on_quiet()
        elif is_long and settings.is_interruptible and self._is_known and not self._is_noise:
            self._paused_s = now_s
            self._to(BargeInState.PAUSED)

    def _look_at_paused(self) -> None:
        settings, now_s = self._settings(), self._clock.monotonic()
        is_waiting = now_s + _EPSILON_S < self._last_voiced_s + settings.resume_after_s
        if self._is_voiced and now_s - self._paused_s + _EPSILON_S >= LONGEST_PAUSE_S:
            self._is_noise = True
            log.info("hearing.noise_given_up")
        elif is_waiting and settings.is_interruptible and not self._is_understood:
            return
        self._to(BargeInState.NONE)

    def _next_look_s(self) -> float:
        """Return when something is due if nothing is heard until then; never is infinity."""
        if self._state is BargeInState.DUCKED:
            due_s = self._began_s + self._settings().interrupt_after_s
            is_ahead = self._is_voiced and due_s > self._clock.monotonic() + _EPSILON_S
            return min(due_s if is_ahead else math.inf, self._heard_s + LOST_S)
        if self._state is BargeInState.PAUSED:
            given_up_s = self._paused_s + LONGEST_PAUSE_S if self._is_voiced else math.inf
            return min(self._last_voiced_s + self._settings().resume_after_s, given_up_s)
        return math.inf

    async def _watch(self) -> None:
        try:
            while (due_s := self._next_look_s()) < math.inf:
                self._changed.clear()
                try:
                    async with asyncio.timeout(max(0.0, due_s - self._clock.monotonic())):
                        await self._changed.wait()
                except TimeoutError:
                    self._look()
        finally:
            self._is_watching = False

    def _on_turn_started(self, event: TurnStarted) -> None:
        self._turn_id = event.turn_id
        if self._state is BargeInState.INTERRUPTED:
            self._to(BargeInState.NONE)

    def _on_turn_ended(self, _: TurnEnded) -> None:
        """She ended by herself, or somebody else stopped her: nothing is left to be held or made quieter."""
        self._is_concerned = False
        if self._state in {BargeInState.DUCKED, BargeInState.PAUSED}:
            self._to(BargeInState.NONE)

    # -- what is done about it --------------------------------------------------------------------

    def _to(self, state: BargeInState) -> None:
        if state is self._state:
            return
        self._state = state
        self._wanted = _VOICES[state]
        self._bus.announce(BargeInChanged(state, self._turn_id))
        if not self._acting.locked():
            self._scope.start(self._act(), name="barge-in")

    async def _act(self) -> None:
        """Bring her mouth to what is wanted, one thing after the other; what is wanted may change meanwhile."""
        async with self._acting:
            while self._voice is not self._wanted:
                wanted, before = self._wanted, self._voice
                self._voice = wanted
                await self._make(wanted, before)

    async def _make(self, wanted: _Voice, before: _Voice) -> None:
        mouth = self._mouth
        match wanted:
            case _Voice.SOFT:
                if before is _Voice.HELD:
                    await mouth.resume()
                await mouth.duck(DUCK_GAIN)
            case _Voice.HELD:
                if not await mouth.pause() and self._state is BargeInState.PAUSED:
                    self._to(BargeInState.NONE)
            case _Voice.CUT:
                await mouth.cut()
                await mouth.duck(1.0)
            case _Voice.FULL if before is not _Voice.CUT:
                await mouth.duck(1.0)
                if before is _Voice.HELD:
                    await mouth.resume()
            case _:
                pass
