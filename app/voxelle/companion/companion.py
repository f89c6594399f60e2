"""The companion: takes what happens, answers one thing at a time, and does what the streamer asks.

Every command of the window, the command line and the control socket is a method here.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from voxelle.companion.ahead import Ahead
from voxelle.companion.cast import Cast
from voxelle.companion.happenings import Happenings
from voxelle.companion.listening import Listening, open_ears
from voxelle.companion.loudness import Loudness
from voxelle.companion.memory import Memory
from voxelle.companion.ports import CompanionPorts
from voxelle.companion.prompt import PromptPreview, PromptWriter
from voxelle.companion.retraction import TAKEN_BACK, Retractions, blanked
from voxelle.companion.script import Script
from voxelle.companion.stage import Stage
from voxelle.companion.study import Study
from voxelle.companion.triage import MAX_TEXT, Picked, Triage, clean_text, with_clean_text
from voxelle.companion.withdrawal import Withdrawal
from voxelle.contracts.audio import OutputChanged, Progress
from voxelle.domain.chat import (
    Author,
    ChannelEvent,
    Decision,
    KeptEvent,
    QueueItem,
    QueueSnapshot,
    Retraction,
    Role,
    Stimulus,
    StimulusKind,
    Verdict,
)
from voxelle.domain.errors import InputError
from voxelle.domain.events import (
    CharacterSaved,
    ClauseHeard,
    MessageReceived,
    NoticeLevel,
    NoticeRaised,
    QueueChanged,
    SettingsChanged,
    ShowChanged,
    ShowSnapshot,
    TurnStateChanged,
)
from voxelle.kernel.tasks import TaskScope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voxelle.domain.persona import Character
    from voxelle.domain.speech import TurnRecord

__all__ = ["Companion", "CompanionPorts"]

log = structlog.get_logger("show")

MAX_TYPED = 2_000
"""Longest line that the streamer may type to her, in characters."""
TOLD = "answered as what was paid for it"
"""Why a line of the chat is not answered itself."""
_FAREWELL_S = 5.0
"""A store that has not written everything by then (a full disk) is left."""
_STREAMER = Author("streamer", "Streamer", "local", frozenset({Role.BROADCASTER}))


class Companion(Listening):
    """The one on stage. A service of the supervisor; all methods belong to the show loop."""

    name = "show"

    def __init__(self, ports: CompanionPorts) -> None:
        self.bus = ports.bus
        self.output = ports.output
        self._ports = ports
        settings = ports.settings.current
        self._triage = Triage(settings.turn)
        self._scope = TaskScope("companion")
        self._retractions = Retractions()
        self._memory = Memory(ports, self._retractions, self._scope)
        self._stage = Stage(ports, self._memory, self._scope)
        self._cast = Cast(ports.characters, ports.settings)
        self._study = Study(ports, self._cast, self._memory)
        self._ahead = Ahead(self._stage, self._study.rehearse, lambda: ports.settings.current.hearing.think_ahead, ports.clock, self._scope)
        self._casting = asyncio.Lock()
        self._woken = asyncio.Event()
        self._resting = asyncio.Event()
        self._opened = asyncio.Event()
        self._happenings = Happenings(ports, self._memory, self._retractions, self._scope, self.submit, self._woken.set)
        self._withdrawal = Withdrawal(self._retractions, self._happenings, self._triage, self._stage, self._memory, ports.clock)
        self._last_chat_end_s: float | None = None
        self._loudness = Loudness(ports.output, ports.settings)
        self._show = ShowSnapshot(is_muted=settings.voice.is_muted, sound=ports.output.sentence)
        self._endings = [
            ports.bus.subscribe(SettingsChanged, self._on_settings),
            ports.bus.subscribe(TurnStateChanged, lambda event: self._change_show(state=event.state, turn_id=event.turn_id)),
            ports.bus.subscribe(ClauseHeard, lambda event: self._change_show(feeling=event.clause.feeling)),
        ]
        ports.output.listen(self._on_progress)
        self.ears = open_ears(ports, self, self._stage, _STREAMER, self._scope)
        self._endings += [] if self.ears is None else [self.ears.close]

    # -- the show ---------------------------------------------------------------------------------

    async def run(self) -> None:
        """Go on stage, say hello, then answer whatever is most urgent, until cancelled."""
        await self._take_stage(self._ports.settings.current.general.character_id)
        await self._ports.output.open()
        self._change_show()
        await self._loudness.apply()
        self._opened.set()
        is_greeting = self._ports.is_greeting
        if self._ports.settings.current.general.greet_on_start if is_greeting is None else is_greeting:
            await self.greet()
        while True:
            await self._wait_for_work()
            # The stage first: what waits for it can still be dropped, and is still shown.
            async with self._stage.free:
                picked = self._triage.pick(self._ports.clock.monotonic(), self._last_chat_end_s)
                if picked is not None:
                    self._announce_queue()
                    await self._answer(picked)

    async def close(self) -> None:
        """Leave the stage: she falls silent, everything is written down, nothing is left running."""
        await self.stop_talking()
        async with self._stage.free:
            pass
        for end in self._endings:
            end()
        try:
            async with asyncio.timeout(_FAREWELL_S):
                await self._memory.settle()
        except TimeoutError:
            log.error("store.not_settled")  # noqa: TRY400 - the waiting tells nothing more
        await self._scope.close()
        await self._ports.output.close()

    async def settle_in(self) -> None:
        """Wait until she is on stage and her sound is open."""
        await self._opened.wait()

    async def settle(self) -> None:
        """Wait until nothing waits, she is silent and everything is written down."""
        await self._resting.wait()
        await self._memory.settle()

    async def _wait_for_work(self) -> None:
        while True:
            self._woken.clear()
            waiting = len(self._triage)
            ready = self._triage.ready_in(self._ports.clock.monotonic(), self._last_chat_end_s)
            if len(self._triage) != waiting:
                self._announce_queue()
            if ready == 0:
                return
            if ready is None and not self._happenings.is_waiting:
                self._resting.set()
            try:
                async with asyncio.timeout(ready):
                    await self._woken.wait()
            except TimeoutError:
                continue

    async def _answer(self, picked: Picked) -> None:
        stimulus = picked.item.stimulus
        script, character = self._study.rehearse(picked.item)
        # She does not remember what was only a test.
        await self._stage.perform(picked, script, character, is_kept=not stimulus.is_test)
        self._scope.start(self._study.warm(is_told=False), name="warm")
        if stimulus.kind is StimulusKind.CHAT:
            self._last_chat_end_s = self._ports.clock.monotonic()

    # -- what happens to her ----------------------------------------------------------------------

    async def submit(self, stimulus: Stimulus) -> Decision:
        """Take a stimulus from outside: it is kept, decided about and announced."""
        now_s = self._ports.clock.monotonic()
        if self._retractions.covers(stimulus, now_s):
            stimulus = blanked(stimulus)
            decision = self._triage.refuse(stimulus, TAKEN_BACK)
        else:
            stimulus = with_clean_text(stimulus)
            is_told = self._happenings.answers(stimulus)
            decision = self._triage.refuse(stimulus, TOLD) if is_told else self._triage.submit(stimulus, now_s)
        self.bus.announce(MessageReceived(stimulus, decision))
        if decision.verdict is not Verdict.DROPPED:
            self._announce_queue()
            self._resting.clear()
        self._woken.set()
        await self._memory.keep_message(stimulus, decision)
        return decision

    async def take_back(self, stimulus_id: str) -> bool:
        """Forget something that was said to her, since the speaker goes on. False if some of the answer was heard, or it is gone."""
        is_taken = await self._withdrawal.take_back(stimulus_id)
        self._announce_queue()
        return is_taken

    async def tell(self, text: str) -> Decision:
        """Take a line that the streamer typed to her. InputError if it holds nothing to answer."""
        cleaned = clean_text(text, MAX_TYPED)
        if not cleaned:
            msg = "There is nothing to read in that line."
            raise InputError(msg)
        if len(cleaned) > MAX_TEXT:
            self.bus.announce(NoticeRaised(NoticeLevel.INFO, f"Only the first {MAX_TEXT} characters were taken."))
        return await self.submit(self._own_stimulus(StimulusKind.TYPED, cleaned))

    async def greet(self) -> Decision | None:
        """Let her say hello; a character without a greeting says nothing."""
        if not clean_text(self._cast.writer.character.greeting):
            return None
        return await self.submit(self._own_stimulus(StimulusKind.GREETING, self._cast.writer.character.greeting))

    def _own_stimulus(self, kind: StimulusKind, text: str) -> Stimulus:
        return Stimulus(self._ports.ids.new(), kind, _STREAMER, text, self._ports.clock.now())

    async def retract(self, retraction: Retraction) -> None:
        """Take messages back: out of the queue, the memory and the store, and out of her mouth if she answers one of them."""
        retracted, left = await self._withdrawal.perform(retraction)
        self._announce_queue()
        self.bus.announce(retracted)
        for stimulus in left:
            await self.submit(stimulus)
        self._woken.set()

    async def tell_event(self, channel_event: ChannelEvent) -> None:
        """Take what happened on a channel: it is kept and announced, and she reacts as the streamer wants."""
        await self._happenings.tell(channel_event)
        if self._happenings.is_waiting:
            self._resting.clear()

    async def react_again(self, event_id: str) -> Decision:
        """Let her react to an event once more, even to one she passed over. InputError if it is not at hand any more."""
        return await self._happenings.again(event_id)

    async def acknowledge(self, event_id: str) -> None:
        """Tick an event off. InputError if it is not at hand any more."""
        await self._happenings.acknowledge(event_id)

    async def channel_events(self, limit: int) -> Sequence[KeptEvent]:
        """Return what happened on the channels, newest first."""
        return await self._happenings.recent(limit)

    # -- commands ---------------------------------------------------------------------------------

    async def stop_talking(self) -> None:
        """Cut her off now; what was heard stays in the history."""
        await self._stage.cut()

    async def panic(self) -> None:
        """Silence her, drop what waits, mute her voice and pause chat, in this order."""
        self._triage.is_paused = True
        self._triage.clear(self._ports.clock.monotonic())
        await self.stop_talking()
        self._change_show(is_chat_paused=True)
        self._announce_queue()
        await self.set_muted(is_muted=True)

    async def set_muted(self, is_muted: bool) -> None:  # noqa: FBT001 - the one argument of a switch
        """Mute her voice, or let it be heard again, at once; captions go on. Kept in the settings where that is possible."""
        self._loudness.is_muted = is_muted
        self._change_show(is_muted=is_muted)
        await self._loudness.apply()
        try:
            await self._ports.settings.change("voice.is_muted", is_muted)
        except InputError as error:
            self.bus.announce(NoticeRaised(NoticeLevel.INFO, error.sentence))

    async def set_chat_paused(self, is_paused: bool) -> None:  # noqa: FBT001 - the one argument of a switch
        """Stop taking chat, or take it again; the streamer and events still reach her."""
        self._triage.is_paused = is_paused
        self._change_show(is_chat_paused=is_paused)

    async def set_listening(self, is_listening: bool) -> None:  # noqa: FBT001 - the one argument of a switch
        """Somebody begins or ends speaking or writing to her: she looks attentive meanwhile."""
        self._change_show(is_listening=is_listening)

    async def drop_queued(self, stimulus_id: str) -> None:
        """Take something out of the queue. Nothing happens if it is gone already."""
        if self._triage.remove(stimulus_id, self._ports.clock.monotonic()):
            self._announce_queue()

    async def characters(self) -> Sequence[Character]:
        """Return all characters."""
        return await self._cast.all()

    async def choose_character(self, character_id: str) -> None:
        """Put another character on stage. InputError if there is none of that id."""
        await self._cast.require(character_id)
        await self._ports.settings.change("general.character_id", character_id)
        async with self._casting:
            await self._take_stage(self._ports.settings.current.general.character_id)
            # Whoever was on stage may have begun to speak in between.
            await self.stop_talking()

    async def save_character(self, character: Character) -> None:
        """Create or change a character; one on stage speaks with the change from the next turn on."""
        await self._cast.save(character)
        if self._cast.is_on_stage(character.id):
            await self._take_stage(character.id)
        self.bus.announce(CharacterSaved(character))

    async def delete_character(self, character_id: str) -> None:
        """Delete a character of the streamer's own, or bring a sample back as shipped. InputError for the one on stage."""
        await self._cast.delete(character_id)
        if self._cast.is_on_stage(character_id):
            await self._take_stage(character_id)

    async def preview_prompt(self, character: Character) -> PromptPreview:
        """Return what a model would be told of a character, with token counts."""
        return PromptWriter(character, self._ports.settings.current.language_model).preview()

    async def preview_voice(self, character: Character, text: str) -> None:
        """Let a character say a line; nothing of it is remembered. InputError while she is busy."""
        if self._stage.free.locked():
            msg = "She is speaking. Stop her first, then try the voice."
            raise InputError(msg)
        stimulus = self._own_stimulus(StimulusKind.TYPED, text)
        picked = Picked(QueueItem(stimulus, 0.0, ()), self._ports.clock.monotonic())
        async with self._stage.free:
            await self._stage.perform(picked, Script("", written=clean_text(text)), character, is_kept=False)

    async def recent_turns(self, limit: int) -> Sequence[TurnRecord]:
        """Return the newest turns of the character on stage, oldest first."""
        return self._memory.recent(limit)

    def names(self) -> tuple[str, ...]:
        """Return the names that the one on stage answers to, her own first; none while nobody is there."""
        character = self._show.character
        return () if character is None else (character.name, *character.aliases)

    def snapshot(self) -> ShowSnapshot:
        """Return the whole visible state."""
        return self._show

    def queue(self) -> QueueSnapshot:
        """Return what waits."""
        return self._triage.snapshot(self._ports.clock.monotonic())

    # -- inside -----------------------------------------------------------------------------------

    async def _take_stage(self, character_id: str) -> None:
        character = await self._cast.enter(character_id)
        await self._memory.recall(character.id)
        self._change_show(character=character)
        self._scope.start(self.warm(), name="warm")

    async def warm(self) -> None:
        """Load what the next prompt begins with into the model's cache."""
        await self._study.warm()

    def _on_settings(self, event: SettingsChanged) -> None:
        settings = self._ports.settings.current
        parts = {path.partition(".")[0] for path in event.paths}
        if "turn" in parts:
            self._triage.use(settings.turn)
            self._woken.set()
        if "reactions" in parts:
            self._happenings.use(settings.reactions)
        if "safety" in parts:
            self._stage.renew_gate()
        if "language_model" in parts:
            self._cast.renew_writer()
        if "voice" in parts:
            if "voice.is_muted" in event.paths:
                self._loudness.is_muted = settings.voice.is_muted
            self._scope.start(self._loudness.apply(), name="volume")
            self._change_show(is_muted=self._loudness.is_muted)

    def _on_progress(self, progress: Progress) -> None:
        if isinstance(progress, OutputChanged):
            self._change_show(sound=progress.sentence)
            level = NoticeLevel.WARNING if progress.is_lost else NoticeLevel.INFO
            self.bus.announce(NoticeRaised(level, progress.sentence))
        else:
            self._stage.on_progress(progress)

    def _change_show(self, **changes: object) -> None:
        show = replace(self._show, **{"sound": self._ports.output.sentence, **changes})  # type: ignore[arg-type]
        if show != self._show:
            self._show = show
            self.bus.announce(ShowChanged(show))

    def _announce_queue(self) -> None:
        self.bus.announce(QueueChanged(self.queue()))
