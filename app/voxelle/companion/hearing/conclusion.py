"""What becomes of an utterance: it is guarded, passes the gate or not, and reaches her, alone or with what was said just before."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import numpy as np
import structlog

from voxelle.companion.hearing.backchannels import is_backchannel
from voxelle.companion.hearing.guard import NOTHING, TOO_SHORT, TOO_UNCLEAR, objection
from voxelle.companion.hearing.only_me import ANOTHER_VOICE
from voxelle.contracts.audio import INPUT_RATE
from voxelle.domain.chat import Stimulus, StimulusKind
from voxelle.domain.events import UtteranceDropped
from voxelle.domain.hearing import Utterance
from voxelle.kernel.tasks import TaskScope

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from voxelle.companion.hearing.heard import Heard
    from voxelle.companion.hearing.modes import Gate
    from voxelle.companion.hearing.own_voice import OwnVoice
    from voxelle.companion.hearing.ports import House
    from voxelle.contracts.stt import Transcript
    from voxelle.domain.chat import Author

log = structlog.get_logger("hearing")

SOURCE = "microphone"
GOES_ON_S = 20.0
"""Whoever speaks again within this time after an utterance, and before she was heard, goes on with it."""
_REGAINED_WITHIN_S = 1.5
_REGAINED_S = 10.0
_REGAINABLE = (NOTHING, TOO_SHORT, TOO_UNCLEAR)
"""A piece that was not understood may be, together with what follows it at once: "Mira?" alone is hard to make out."""
_NOT_UNDERSTOOD = "it could not be understood: speech recognition failed"


class Conclusions:
    """Concludes the utterances of one speaker, in order."""

    def __init__(self, author: Author, house: House, gate: Gate, own_voice: OwnVoice, on_concluded: Callable[[], None]) -> None:
        self._author = author
        self._house = house
        self._gate = gate
        self._own_voice = own_voice
        self._on_concluded = on_concluded
        self._ended: asyncio.Queue[Heard] = asyncio.Queue()
        self._scope = TaskScope(f"conclusions {author.id}")
        self._newest: Heard | None = None
        self._carried = ""
        """Text of utterances that were too long."""
        self._last: Stimulus | None = None
        """What reached her last."""
        self._lost: Heard | None = None
        """What was said last and not understood."""

    @property
    def is_busy(self) -> bool:
        """Whether an utterance has ended and not yet been concluded."""
        return self._newest is not None and not self._newest.concluded.is_set()

    def add(self, heard: Heard) -> None:
        """Take an utterance that has ended."""
        self._newest = heard
        self._ended.put_nowait(heard)

    def forget(self) -> None:
        """Forget what was not concluded."""
        while not self._ended.empty():
            self._ended.get_nowait()
        self._newest = self._last = self._lost = None
        self._carried = ""

    async def run(self) -> None:
        """Conclude one after the other, until cancelled."""
        async with TaskScope(f"conclusions {self._author.id}") as self._scope:
            while True:
                heard = await self._ended.get()
                await self._conclude(heard)
                heard.previous = None
                heard.concluded.set()
                self._on_concluded()

    def regained(self, heard: Heard, samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Return the samples of an utterance, with those of the one just before if it was not understood."""
        lost = self._lost
        if lost is None or lost.samples is None or heard.began_s - lost.spoke_until_s > _REGAINED_WITHIN_S:
            return samples
        if lost.samples.size + samples.size > _REGAINED_S * INPUT_RATE:
            return samples
        heard.regained_s = lost.voiced_s + lost.regained_s
        return np.concatenate([lost.samples, samples])

    @property
    def newest(self) -> Heard | None:
        """The utterance that ended last."""
        return self._newest

    async def take_back(self, heard: Heard) -> None:
        """Let an utterance take the one before it along, if she was not heard answering it. Asked once, when it has words."""
        if heard.is_following:
            return
        if heard.taking_back is None:
            # An errand: whoever waits for it may be cancelled, and what was taken back must not be lost.
            heard.taking_back = self._scope.start(self._take_back(heard), name="take back")
        await asyncio.wait({heard.taking_back})

    async def _take_back(self, heard: Heard) -> None:
        if heard.previous is not None:
            await heard.previous.concluded.wait()
            heard.previous = None
        last = self._last
        if last is None or last.utterance is None or heard.began_s - last.utterance.endpointed_s > GOES_ON_S:
            return
        if await self._house.mind.take_back(last.id):
            self._last = None
            heard.before, heard.before_began_s = last.text, last.utterance.began_s

    def objection(self, heard: Heard, transcript: Transcript, voiced_s: float) -> str:
        """Return why it is not what somebody said to her, or an empty text."""
        if heard.is_stranger:
            return ANOTHER_VOICE
        until_s = heard.spoke_until_s or self._house.clock.monotonic()
        spoken = self._own_voice.during(heard.began_s, until_s)
        return objection(transcript, voiced_s + heard.regained_s, spoken)

    def stimulus(self, heard: Heard, text: str, transcript: Transcript | None) -> Stimulus:
        """Return what reaches her, as far as it is known by now."""
        now_s = self._house.clock.monotonic()
        utterance = Utterance(
            heard.id,
            heard.all_began_s,
            heard.spoke_until_s or now_s,
            heard.endpointed_s or now_s,
            heard.recognised_s or now_s,
            transcript.language if transcript is not None else "",
            transcript.log_probability if transcript is not None else 0.0,
            heard.is_interrupting,
        )
        words = _joined(heard.before, self._carried, text)
        is_mention = self._gate.judge(words, self._house.mind.names(), heard.all_began_s).is_mention
        received_at = self._house.clock.now()
        return Stimulus(heard.id, StimulusKind.VOICE, self._author, words, received_at, SOURCE, is_mention=is_mention, utterance=utterance)

    async def _conclude(self, heard: Heard) -> None:
        transcript = None
        if heard.recognition is not None:
            await asyncio.wait({heard.recognition})
            transcript = None if heard.recognition.cancelled() else heard.recognition.result()
        if heard.taking_back is not None:
            await asyncio.wait({heard.taking_back})
        text, reason = self._understood(heard, transcript)
        self._lost = heard if reason in _REGAINABLE else None
        if heard.goes_on:
            self._carried = _joined(self._carried, text)
            return
        if not reason:
            reason = await self._judge(heard, text)
        else:
            await self._house.barge_in.on_text("", is_final=True)
        if reason:
            self._house.mind.drop_ahead()
            log.info("utterance.dropped", reason=reason, voiced_s=round(heard.voiced_s, 2))
            self._house.bus.announce(UtteranceDropped(reason))
            text = ""
        stimulus = self.stimulus(heard, text, transcript)
        self._carried = ""
        if stimulus.text and not self._gate.is_deaf:
            await self._submit(stimulus)

    def _understood(self, heard: Heard, transcript: Transcript | None) -> tuple[str, str]:
        """Return what was said, or why it does not count."""
        if heard.reason:
            return "", heard.reason
        if heard.is_stranger:
            return "", ANOTHER_VOICE
        if transcript is None:
            return "", _NOT_UNDERSTOOD
        reason = self.objection(heard, transcript, heard.voiced_s)
        return ("", reason) if reason else (transcript.text.strip(), "")

    async def _judge(self, heard: Heard, text: str) -> str:
        """Return why a text does not reach her, or an empty one; she may stop speaking for it."""
        sounds = self._house.settings.current.hearing.backchannels
        is_agreement = is_backchannel(text, sounds)
        names = self._house.mind.names()
        admission = self._gate.judge(_joined(heard.before, self._carried, text), names, heard.all_began_s)
        if not admission.is_admitted:
            return admission.reason
        if not is_agreement:
            await self.take_back(heard)
        has_stopped_her = await self._house.barge_in.on_text(text, is_final=True)
        if heard.is_between and not has_stopped_her and is_agreement:
            return "a sound of agreement while she spoke"
        return ""

    async def _submit(self, stimulus: Stimulus) -> None:
        await self._house.mind.submit(stimulus)
        self._last = stimulus
        self._gate.extend(self._house.clock.monotonic())


def _joined(*texts: str) -> str:
    return " ".join(text for text in texts if text)
