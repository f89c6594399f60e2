"""Listens to one speaker: frames in order, until an utterance has ended. What becomes of it is concluded beside."""

from __future__ import annotations

import asyncio
from math import inf
from typing import TYPE_CHECKING

import structlog

from voxelle.companion.hearing.backchannels import is_backchannel
from voxelle.companion.hearing.conclusion import Conclusions
from voxelle.companion.hearing.endpointing import FRAME_S, Ended, Endpointer, Paused, Resumed, Step, VoiceBegan
from voxelle.companion.hearing.heard import Heard
from voxelle.companion.hearing.modes import TAIL_S, Gate
from voxelle.companion.hearing.tails import is_open_ended, is_question, is_whole
from voxelle.companion.hearing.utterances import UtteranceBuffer
from voxelle.contracts.audio import AudioInput, Captured, InputChanged, MicrophoneFrame
from voxelle.domain.events import MicrophoneHeard, UtteranceDropped
from voxelle.domain.hearing import EarState
from voxelle.kernel.tasks import TaskScope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import numpy as np
    import numpy.typing as npt

    from voxelle.companion.hearing.only_me import OnlyMe
    from voxelle.companion.hearing.own_voice import OwnVoice
    from voxelle.companion.hearing.ports import House
    from voxelle.companion.hearing.understanding import Understanding
    from voxelle.contracts.stt import Transcript
    from voxelle.domain.chat import Author
    from voxelle.settings.hearing import HearingSettings

log = structlog.get_logger("hearing")

MOST_FRAMES = 64
"""So many frames wait while an engine is slow: two seconds. Then the oldest are left out."""
_LONGEST_GAP_S = 0.5
"""After a longer silence of the microphone (a computer that slept) everything begins anew."""
_FIRST_INTERIM_S = 0.5
_QUICK_S = 0.1
"""An engine that understands what there is so far in this time is asked again at once, and the whole sentence is known when it ends."""
_INTERIM_REST, _LONGEST_REST_S = 3.0, 1.5
"""One that takes longer rests so many times as long as that, and not longer than this."""
_CURRENT_S = 0.2
"""What took longer to be understood is out of date when it is there: she does not think ahead of it."""
_RETRY_S = 1.0
_LOOK_EVERY = 8
"""Frames between two looks at what only time changes: a name's openness, a key's tail."""


class Listener:
    """One speaker and his input. `microphone` is opened and closed by the owner."""

    def __init__(
        self,
        author: Author,
        microphone: AudioInput,
        house: House,
        understanding: Understanding,
        gate: Gate,
        own_voice: OwnVoice,
        on_change: Callable[[], None],
        only_me: OnlyMe,
    ) -> None:
        self.author = author
        self.microphone = microphone
        self.dropped = 0
        """Frames that were left out since they could not be followed."""
        self.overruns = 0
        """How often the device lost samples since it was opened."""
        self._house = house
        self._understanding = understanding
        self._gate = gate
        self._own_voice = own_voice
        self._on_change = on_change
        self._only_me = only_me
        self._conclusions = Conclusions(author, house, gate, own_voice, self._on_concluded)
        self._endpointer = Endpointer(house.settings.current.hearing)
        self._buffer = UtteranceBuffer()
        self._frames: asyncio.Queue[Captured] = asyncio.Queue(MOST_FRAMES)
        self._heard: Heard | None = None
        self._last_s = -inf
        self._followed = 0
        self._goes_on = False
        self._is_silent_hold = False
        """A key was pressed, and nothing was said since."""
        self._scope = TaskScope(f"hearing {author.id}")
        microphone.listen(self._on_captured)

    # -- what its owner tells it ------------------------------------------------------------------

    def use(self, settings: HearingSettings) -> None:
        """Take over changed settings."""
        self._endpointer.use(settings)
        if self._endpointer.is_held != self._gate.is_held:
            self._endpointer.hold(is_held=self._gate.is_held)

    def hold(self) -> None:
        """The key went down."""
        self._endpointer.hold(is_held=self._gate.is_held)
        self._is_silent_hold = self._heard is None

    def release(self, now_s: float) -> None:
        """The key went up: what is being said ends."""
        self._take(self._endpointer.close(now_s, TAIL_S))

    def drop(self, reason: str) -> None:
        """Forget what is being said; `reason` is told if there is something."""
        heard, self._heard = self._heard, None
        self._endpointer.reset()
        self._buffer.forget()
        self._goes_on = self._is_silent_hold = False
        if heard is not None:
            heard.forget_pause()
            heard.reason = reason
            self._house.barge_in.on_silence()
            self._house.mind.drop_ahead()
            self._conclusions.add(heard)
            self._on_change()

    def begin_anew(self) -> None:
        """The microphone was closed: nothing that waits counts any more."""
        self._skip()
        self._last_s = -inf
        self._followed = 0
        self.overruns = self.dropped = 0

    def _skip(self) -> int:
        """Leave out what waits; returns how much that was."""
        count = self._frames.qsize()
        for _ in range(count):
            self._frames.get_nowait()
        return count

    def forget(self) -> None:
        """Hearing has ended: nothing of it is left for the next time."""
        self._heard = None
        self._endpointer.reset()
        self._buffer.forget()
        self._goes_on = self._is_silent_hold = False
        self._conclusions.forget()

    # -- what it shows ----------------------------------------------------------------------------

    @property
    def state(self) -> EarState | None:
        """HEARING or RECOGNISING, None while nobody speaks to her."""
        if self._heard is not None and self._heard.is_to_her:
            return EarState.RECOGNISING if self._endpointer.is_paused else EarState.HEARING
        return EarState.RECOGNISING if self._conclusions.is_busy else None

    @property
    def has_sound(self) -> bool:
        """Whether frames have come since the microphone was opened."""
        return self._last_s > -inf

    @property
    def interim(self) -> str:
        """What was understood so far of what is said to her."""
        return self._heard.interim if self._heard is not None and self._heard.is_to_her else ""

    # -- frames -----------------------------------------------------------------------------------

    async def run(self) -> None:
        """Follow the frames and conclude utterances, until cancelled."""
        async with TaskScope(f"hearing {self.author.id}") as self._scope:
            concluding = self._scope.start(self._conclusions.run(), name="conclusions", is_awaited=True)
            following = self._scope.start(self._follow_all(), name="frames", is_awaited=True)
            done, _ = await asyncio.wait({concluding, following}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                await task

    def _on_captured(self, captured: Captured) -> None:
        if isinstance(captured, InputChanged):
            self._on_change()
        if self._frames.full():
            self._frames.get_nowait()
            self.dropped += 1
        self._frames.put_nowait(captured)

    async def _follow_all(self) -> None:
        while True:
            captured = await self._frames.get()
            if isinstance(captured, MicrophoneFrame):
                await self._follow(captured)
            elif captured.is_lost:
                self._on_lost()

    async def _follow(self, frame: MicrophoneFrame) -> None:
        if not 0.0 < frame.at_s - self._last_s <= _LONGEST_GAP_S:
            if self.has_sound:
                self.drop("the microphone was silent in the middle of it")
            await self._understanding.forget(self.author.id)
        self._last_s = frame.at_s
        self.overruns = frame.overruns
        speech = await self._understanding.speech(self.author.id, frame.samples)
        if self._gate.is_deaf:
            return
        if speech is None:
            self.drop("voices could not be told from noise: that engine failed")
            await self._house.clock.sleep(_RETRY_S)
            self.dropped += self._skip()
            return
        self._house.bus.announce(MicrophoneHeard(frame.level, speech))
        self._buffer.push(frame.samples)
        if self._gate.hears(frame.at_s):
            if self._gate.is_open(frame.at_s) or (self._heard is not None and self._heard.is_to_her):
                self._house.barge_in.on_frame(speech, frame.at_s)
            steps = self._endpointer.push(speech, frame.at_s)
            self._take(steps)
            self._while_speaking(frame.at_s)
        else:
            steps = self._endpointer.finish()
            self._close(steps)
        self._followed += 1
        if steps or self._followed % _LOOK_EVERY == 1:
            self._on_change()

    def _close(self, steps: Iterable[Step]) -> None:
        """Nothing is heard now: what was being said is over."""
        self._take(steps)
        self._endpointer.reset()
        if self._is_silent_hold:
            self._is_silent_hold = False
            self._house.bus.announce(UtteranceDropped("nothing was said while the key was down"))

    def _on_lost(self) -> None:
        """The microphone is gone. Half a sentence is none; one that was followed by silence may be whole."""
        if self._endpointer.is_paused:
            self._take(self._endpointer.finish())
        self.drop("the microphone was lost in the middle of it")
        self._last_s = -inf

    # -- utterances -------------------------------------------------------------------------------

    def _take(self, steps: Iterable[Step]) -> None:
        for step in steps:
            match step:
                case VoiceBegan(at_s=at_s):
                    self._begin(at_s)
                case Paused() if self._heard is not None:
                    self._ask(self._heard)
                case Resumed() if self._heard is not None:
                    self._heard.forget_pause()
                    self._house.mind.drop_ahead()
                case Ended() if self._heard is not None:
                    self._end(self._heard, step)
                case _:
                    pass

    def _begin(self, at_s: float) -> None:
        self._buffer.begin(is_following=self._goes_on)
        self._heard = heard = Heard(self._house.ids.new(), at_s, self._goes_on)
        heard.previous = self._conclusions.newest
        heard.next_interim_s = at_s + _FIRST_INTERIM_S
        self._is_silent_hold = False
        heard.is_stranger = self._only_me.is_on
        self._house.barge_in.admit(is_known=not heard.is_stranger)
        if self._gate.is_open(at_s) and not heard.is_stranger:
            self._address(heard)

    def _address(self, heard: Heard) -> None:
        heard.is_to_her = True
        self._scope.start(self._house.mind.set_listening(True), name="listening")

    def _ask(self, heard: Heard) -> None:
        """He paused: ask at once, side by side, what was said and whether that was all."""
        heard.forget_pause()
        heard.spoke_until_s = self._endpointer.spoke_until_s
        samples = self._buffer.samples()
        self._recognise(heard, samples)
        heard.judging = self._scope.start(self._judge(heard, samples), name="end of turn")

    def _recognise(self, heard: Heard, samples: npt.NDArray[np.float32]) -> None:
        heard.samples = self._conclusions.regained(heard, samples)
        heard.recognition = self._scope.start(self._understand(heard, heard.samples), name="recognition", is_awaited=True)

    def _end(self, heard: Heard, ended: Ended) -> None:
        self._heard = None
        heard.endpointed_s = self._house.clock.monotonic()
        heard.spoke_until_s, heard.voiced_s, heard.goes_on = ended.spoke_until_s, ended.voiced_s, ended.goes_on
        if heard.recognition is None:
            heard.forget_pause()
            self._recognise(heard, self._buffer.samples())
        self._buffer.end()
        self._goes_on = ended.goes_on
        if not ended.goes_on:
            if not self._gate.is_key_down:
                self._gate.shut()
            self._house.barge_in.on_silence()
        self._conclusions.add(heard)

    def _on_concluded(self) -> None:
        if self._heard is None:
            self._scope.start(self._house.mind.set_listening(False), name="listening")
        self._on_change()

    def _while_speaking(self, at_s: float) -> None:
        heard = self._heard
        if heard is None:
            return
        if not self._endpointer.is_paused:
            heard.is_interrupting = heard.is_interrupting or self._own_voice.is_speaking
            heard.is_between = heard.is_between or self._own_voice.is_speaking or self._own_voice.is_answering
            if at_s >= heard.next_interim_s and heard.recognition is None:
                heard.next_interim_s = inf
                heard.guessing = self._scope.start(self._guess(heard), name="interim")
            voiced_s = self._endpointer.voiced_s
            if self._only_me.is_due(heard, voiced_s):
                heard.comparing = self._scope.start(self._compare(heard, self._buffer.samples(), voiced_s), name="whose voice")

    # -- what the engines say ---------------------------------------------------------------------

    async def _judge(self, heard: Heard, samples: npt.NDArray[np.float32]) -> None:
        probability = await self._understanding.end_of_turn(samples)
        if probability is not None and heard is self._heard:
            self._take(self._endpointer.expect(probability))
            self._on_change()

    async def _compare(self, heard: Heard, samples: npt.NDArray[np.float32], voiced_s: float) -> None:
        await self._only_me.compare(heard, samples, voiced_s)
        if heard is not self._heard:
            return
        self._house.barge_in.admit(is_known=not heard.is_stranger)
        if not heard.is_stranger and not heard.is_to_her and self._gate.is_open(heard.began_s):
            self._address(heard)
            self._on_change()

    async def _understand(self, heard: Heard, samples: npt.NDArray[np.float32]) -> Transcript | None:
        """Find out side by side what was said, and whose voice it is."""
        if not (heard.is_stranger or self._only_me.is_on):
            transcript = await self._understanding.text(samples, is_interim=False)
        else:
            comparing = self._scope.start(self._compare(heard, samples, heard.voiced_s or self._endpointer.voiced_s), name="whose voice")
            transcript = await self._understanding.text(samples, is_interim=False)
            await asyncio.wait({comparing})
        heard.recognised_s = self._house.clock.monotonic()
        await self._consider(heard, transcript, is_pause=True)
        return transcript

    async def _guess(self, heard: Heard) -> None:
        """Find out what was said so far, again and again as long as the engine is quick; else the next guess is made after a rest."""
        clock, rest_s = self._house.clock, 0.0
        try:
            while rest_s == 0.0 and heard is self._heard and not self._endpointer.is_paused:
                began_s = clock.monotonic()
                transcript = await self._understanding.text(self._buffer.samples(), is_interim=True)
                took_s = clock.monotonic() - began_s
                # In less than a frame there is nothing new, and what fails at once is not asked again at once.
                rest_s = min(_LONGEST_REST_S, max(0.0, FRAME_S - took_s, _INTERIM_REST * (took_s - _QUICK_S)))
                rest_s = _LONGEST_REST_S if transcript is None else rest_s
                await self._consider(heard, transcript, is_pause=False, is_current=took_s <= _CURRENT_S)
        finally:
            # Also if a pause came between: whoever goes on after it is guessed at again.
            heard.next_interim_s = clock.monotonic() + rest_s

    async def _consider(self, heard: Heard, transcript: Transcript | None, *, is_pause: bool, is_current: bool = True) -> None:
        """Take what was understood so far, while it can still go on."""
        if heard is not self._heard or transcript is None:
            return
        is_nothing = bool(self._conclusions.objection(heard, transcript, self._endpointer.voiced_s))
        text = "" if is_nothing else transcript.text.strip()
        if not heard.is_to_her and not heard.is_stranger and self._gate.judge(text, self._house.mind.names(), heard.began_s).is_admitted:
            self._address(heard)
        if not heard.is_to_her:
            return
        if text and not is_backchannel(text, self._house.settings.current.hearing.backchannels):
            # A voice holds her back meanwhile, so that she is not heard before it is known.
            await self._conclusions.take_back(heard)
            if heard is not self._heard:
                return
        heard.interim = text
        self._on_change()
        goes_on = is_open_ended(text, transcript.language)
        if is_pause:
            self._endpointer.note_text(is_open_ended=goes_on, is_question=is_question(text))
        if is_current and text and ((is_pause and not goes_on) or is_whole(text, transcript.language)):
            self._house.mind.think_ahead(self._conclusions.stimulus(heard, text, transcript))
        else:
            self._house.mind.drop_ahead()
        await self._house.barge_in.on_text(text, is_final=False)
