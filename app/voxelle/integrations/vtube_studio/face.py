"""Everything that moves the model, run anew for every connection."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import Any, Final

import structlog

from voxelle.contracts.integration import IntegrationPorts
from voxelle.domain.avatar import EmotionCue
from voxelle.domain.errors import InputError, TemporaryError
from voxelle.domain.events import ClauseHeard, Event, MouthTrackGrown, PlayheadMoved, ShowChanged, TurnStateChanged
from voxelle.domain.speech import TurnState
from voxelle.integrations.vtube_studio.api import Api
from voxelle.integrations.vtube_studio.emotions import Director
from voxelle.integrations.vtube_studio.held import HeldDeeds, Slot
from voxelle.integrations.vtube_studio.idle import IdleLife
from voxelle.integrations.vtube_studio.lips import LipSync
from voxelle.integrations.vtube_studio.mapping import Target, beginning, describe, find
from voxelle.integrations.vtube_studio.meter import Meter
from voxelle.integrations.vtube_studio.model import Model
from voxelle.integrations.vtube_studio.parameters import ParameterMixer, Wish
from voxelle.integrations.vtube_studio.poses import Mood, Poses
from voxelle.integrations.vtube_studio.settings import Deed, DeedKind, VTubeStudioSettings
from voxelle.integrations.vtube_studio.waiting import rest
from voxelle.integrations.vtube_studio.writer import OnOutcome, Outcome, Pace, PacedWriter, Write
from voxelle.kernel.tasks import TaskScope

log = structlog.get_logger("app")

NEUTRAL_WITHIN_S: Final = 2.0
"""How long the way back to neutral may take at the end."""
LOOK_S: Final = 2.0
"""While nothing happens, the settings are looked at so often: they may ask for something now."""
_TEST_S: Final = 3.0
"""What a test sets is taken back after this time."""


class _Presence:
    """Tells VTube Studio that a face is there, by an input that means nothing while she is silent."""

    def __init__(self, settings: Callable[[], VTubeStudioSettings]) -> None:
        self._settings = settings

    def wishes(self, now: float) -> dict[str, Wish]:
        """Hold one of our own inputs at rest."""
        return {"VoxelleMouthOpen": Wish(0.0)} if self._settings().face_found else {}

    def is_live(self, now: float) -> bool:
        """Nothing moves."""
        return False


class Face:
    """Her face over there: made once, and run for every connection."""

    def __init__(
        self,
        settings: Callable[[], VTubeStudioSettings],
        ports: IntegrationPorts,
        on_cue: Callable[[EmotionCue], None],
        on_problem: Callable[[str], None],
        on_switched: Callable[[], None] = lambda: None,
    ) -> None:
        self._on_switched = on_switched
        self._settings = settings
        self._ports = ports
        self._on_problem = on_problem
        self._wake = asyncio.Event()
        self._model = Model()
        self._mixer: ParameterMixer | None = None
        self._pace = Pace()
        self._mood = Mood()
        self._poses = Poses()
        self._held = HeldDeeds(ports.clock, self._poses)
        self._lips = LipSync(settings, on_problem)
        self._meter = Meter(ports.bus.announce)
        self._director = Director(settings, ports.clock, ports.randomness, self._held, self._mood, on_cue)
        self._idle = IdleLife(settings, ports.clock, ports.randomness, self._held, self._mood, lambda: self._director.mapping)
        self._sources = (_Presence(settings), self._mood, self._poses, self._lips)

    async def run(self, api: Api, model: Model) -> None:
        """Move the model until cancelled; TemporaryError when the line drops. Leaves the face neutral where the line still stands."""
        clock = self._ports.clock
        writer = PacedWriter(api, clock, self._pace, self._on_problem, self._on_switched)
        mixer = self._mixer = ParameterMixer(api, clock, self._wake.set, self._on_problem)
        self._held.attach(writer, model)
        self.use_model(model)
        self._idle.begin()
        tasks: list[asyncio.Task[None]] = []
        subscriptions = self._subscribe()
        try:
            async with TaskScope("her face") as scope:
                for name, work in (("hotkeys", writer.run), ("inputs", mixer.run_set), ("additions", mixer.run_add)):
                    tasks.append(scope.start(work(), name=name, is_awaited=True))
                frames = scope.start(self._frames(mixer), name="frames", is_awaited=True)
                try:
                    await asyncio.wait([*tasks, frames], return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for unsubscribe in subscriptions:
                        unsubscribe()
                    frames.cancel()
                    await self._leave(scope, tasks, writer, mixer)
        finally:
            errors = _errors_of([*tasks, frames])
        if errors:
            raise errors[0]

    def use_model(self, model: Model) -> None:
        """Another model is loaded, or this one's hotkeys changed."""
        self._model = model
        self._held.use_model(model)
        self._director.use_model(model)
        self._idle.use_model(model)
        if self._mixer is not None:
            self._mixer.use_model(model)
        self._wake.set()

    async def play(self, deed: Deed) -> None:
        """Do a deed now and take it back soon, for a test; InputError with a sentence when it can't be done."""
        target = self._find(deed)
        await self._done(target.words, lambda on_outcome: self._held.begin(Slot.TEST, target, _TEST_S, on_outcome=on_outcome))

    async def press(self, hotkey: str) -> None:
        """Press a hotkey, given by id or name, in its turn; InputError with a sentence when it can't be done."""
        target = self._find(Deed(kind=DeedKind.HOTKEY, target=hotkey, name=hotkey))
        write = Write(target.words, target.key, hotkey=target.id, file=target.file)
        await self._done(target.words, lambda on_outcome: self._held.by_hand(write, on_outcome))

    async def express(self, file: str, *, is_active: bool) -> None:
        """Set or clear an expression, in its turn; InputError with a sentence when it can't be done."""
        target = self._find(Deed(kind=DeedKind.EXPRESSION, target=file, name=file))
        write = Write(target.words, target.key, file=target.file, is_active=is_active)
        await self._done(target.words, lambda on_outcome: self._held.by_hand(write, on_outcome))

    def _find(self, deed: Deed) -> Target:
        if self._mixer is None:
            msg = "VTube Studio is not connected."
            raise InputError(msg)
        if not self._model.id:
            msg = "No model is loaded in VTube Studio."
            raise InputError(msg)
        target = find(self._model, deed)
        if target is None:
            msg = f"{beginning(describe(deed))} is not in this model."
            raise InputError(msg)
        return target

    async def _done(self, words: str, begin: Callable[[OnOutcome], None]) -> None:
        """Begin something and wait for what becomes of it."""
        ended: asyncio.Future[tuple[Outcome, str]] = asyncio.get_running_loop().create_future()

        def on_outcome(outcome: Outcome, sentence: str) -> None:
            if not ended.done():
                ended.set_result((outcome, sentence))

        begin(on_outcome)
        self._wake.set()
        outcome, sentence = await ended
        if outcome is Outcome.LOST:
            msg = "The line to VTube Studio dropped."
            raise TemporaryError(msg)
        if outcome in (Outcome.FAILED, Outcome.OUTDATED):
            raise InputError(sentence or f"{beginning(words)} was not done: something newer came.")

    def _subscribe(self) -> list[Callable[[], None]]:
        subscribe = self._ports.bus.subscribe
        return [
            subscribe(MouthTrackGrown, self._waking(self._lips.on_track)),
            subscribe(PlayheadMoved, self._waking(self._lips.on_playhead)),
            subscribe(ClauseHeard, self._on_clause),
            subscribe(TurnStateChanged, self._on_state),
            subscribe(ShowChanged, self._waking(self._idle.on_show)),
        ]

    def _waking(self, take: Callable[[Any], None]) -> Callable[[Event], None]:
        """Let the next frame come at once after an event."""

        def on_event(event: Event) -> None:
            take(event)
            self._wake.set()

        return on_event

    def _on_clause(self, event: ClauseHeard) -> None:
        self._lips.on_clause(event)
        self._director.on_clause(event)
        if self._mixer is not None:
            self._mixer.hurry()
        self._wake.set()

    def _on_state(self, event: TurnStateChanged) -> None:
        self._lips.on_state(event, self._ports.clock.monotonic())
        self._idle.on_state(event)
        if event.state is TurnState.INTERRUPTED and self._mixer is not None:
            self._mixer.hurry()
        self._wake.set()

    async def _frames(self, mixer: ParameterMixer) -> None:
        """One frame after another while something moves; asleep otherwise."""
        clock = self._ports.clock
        while True:
            now = clock.monotonic()
            settings = self._settings()
            dues = [self._held.tick(now), self._idle.tick(now)]
            additions = self._idle.additions(now)
            dues.append(mixer.step(now, self._sources, additions, rate=settings.mouth_rate, face_found=settings.face_found))
            dues.append(self._meter.step(now, self._lips.shape(now), self._mood.value(now)))
            changes = (self._idle.next_change(now), self._lips.next_change(now), self._mood.next_change(now))
            dues += [max(due, now + 1 / settings.mouth_rate) for due in changes if due is not None]
            due = min((each for each in dues if each is not None), default=math.inf)
            await rest(self._wake, min(LOOK_S, due - clock.monotonic()))

    async def _leave(self, scope: TaskScope, tasks: list[asyncio.Task[None]], writer: PacedWriter, mixer: ParameterMixer) -> None:
        """Give everything back, within bounds. Where the line is gone, what is due is kept for the next one."""
        self._mixer = None
        self._mood.forget()
        parts = self._held.end_all()
        is_neutral = False
        try:
            if not any(task.done() for task in tasks):
                way = scope.start(self._be_neutral(writer, mixer), name="back to neutral", is_awaited=True)
                await asyncio.wait([*tasks, way], timeout=NEUTRAL_WITHIN_S, return_when=asyncio.FIRST_COMPLETED)
                is_neutral = way.done()
        finally:
            self._held.detach()
            if not is_neutral:
                self._held.take_up(parts)
                log.info("vtube_studio.left_as_it_was", parts=len(parts))

    async def _be_neutral(self, writer: PacedWriter, mixer: ParameterMixer) -> None:
        """Let the inputs go, and clear what we set."""
        rate = self._settings().mouth_rate
        while not mixer.is_empty:
            mixer.step(self._ports.clock.monotonic(), (), {}, rate=rate, face_found=False)
            await self._ports.clock.sleep(1 / rate)
        await writer.written()


def _errors_of(tasks: list[asyncio.Task[None]]) -> list[BaseException]:
    """Return with what tasks ended, if it was not just cancelled."""
    return [error for task in tasks if task.done() and not task.cancelled() and (error := task.exception()) is not None]
