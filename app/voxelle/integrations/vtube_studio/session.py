"""One line that is signed in: subscriptions, the model and its changes, clicks, and the face that runs on it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

import structlog

from voxelle.contracts.integration import IntegrationPorts
from voxelle.domain.avatar import EmotionCue
from voxelle.domain.chat import ChannelEvent
from voxelle.domain.errors import TemporaryError
from voxelle.domain.events import HealthLevel
from voxelle.integrations.vtube_studio.api import Api, ApiError
from voxelle.integrations.vtube_studio.board import Board
from voxelle.integrations.vtube_studio.client import Client, errors_of, raise_first
from voxelle.integrations.vtube_studio.messages import flag_of, text_of
from voxelle.integrations.vtube_studio.model import Model
from voxelle.integrations.vtube_studio.reader import ModelReader, is_other
from voxelle.integrations.vtube_studio.settings import Deed, VTubeStudioSettings
from voxelle.integrations.vtube_studio.stage import Stage
from voxelle.integrations.vtube_studio.touch import Touch
from voxelle.integrations.vtube_studio.writer import SETTLE_S
from voxelle.kernel.tasks import TaskScope

log = structlog.get_logger("app")

READ_AGAIN_S: Final = 0.25
"""Between two readings of the model: events come in swarms."""
TEST_S: Final = 5.0
HEARTBEAT: Final = "Voxelle"
SUBSCRIPTIONS: Final[tuple[tuple[str, Mapping[str, Any]], ...]] = (
    ("TestEvent", {"testMessageForEvent": HEARTBEAT}),
    ("ModelLoadedEvent", {}),
    ("ModelConfigChangedEvent", {}),
    ("HotkeyTriggeredEvent", {"ignoreHotkeysTriggeredByAPI": True}),
    ("ModelClickedEvent", {"onlyClicksOnModel": True}),
    ("ItemEvent", {}),
    ("TrackingStatusChangedEvent", {}),
)
NO_FACE: Final = "VTube Studio sees no face: switch on “No camera” in the settings here if nobody sits before one."


class Moving(Protocol):
    """What moves the model, as the service needs it."""

    async def run(self, api: Api, model: Model) -> None:
        """Move the model until cancelled."""
        ...

    def use_model(self, model: Model) -> None:
        """Another model is loaded, or its hotkeys changed."""
        ...

    async def play(self, deed: Deed) -> None:
        """Do a deed now, and take it back soon."""
        ...

    async def press(self, hotkey: str) -> None:
        """Press a hotkey."""
        ...

    async def express(self, file: str, *, is_active: bool) -> None:
        """Set or clear an expression."""
        ...


MakeFace = Callable[
    [Callable[[], VTubeStudioSettings], IntegrationPorts, Callable[[EmotionCue], None], Callable[[str], None], Callable[[], None]],
    Moving,
]


class Session:
    """Everything that happens on one line once it is signed in."""

    def __init__(
        self,
        client: Client,
        ports: IntegrationPorts,
        board: Board,
        stage: Stage,
        face: Moving,
        settings: Callable[[], VTubeStudioSettings],
    ) -> None:
        self.client = client
        self.face = face
        self.reader = ModelReader(client)
        self._ports = ports
        self._board = board
        self._stage = stage
        self._settings = settings
        self._touch = Touch(ports.clock, ports.ids)
        self._scope = TaskScope("VTube Studio", on_error=self._on_error)
        self._stale = asyncio.Event()
        self._switched = asyncio.Event()
        self._is_face_lost = False
        self._is_moving = False
        self._test: tuple[str, asyncio.Future[float]] | None = None
        self._tests = 0

    async def run(self) -> None:
        """Move the model until the line is lost or refused: TemporaryError. Cancelled, it leaves a neutral face and no items."""
        lasting: list[asyncio.Task[None]] = []
        try:
            async with self._scope as scope:
                await self._prepare()
                for name, work in (
                    ("line", self.client.over()),
                    ("watch", self.client.watch(self._on_light)),
                    ("model", self._follow_model()),
                    ("expressions", self._follow_expressions()),
                    ("face", self.face.run(self.client, self.reader.model)),
                ):
                    lasting.append(scope.start(work, name=name, is_awaited=True))
                scope.start(self._look_for_face(), name="camera")
                self._is_moving = True
                self._on_light(is_heard=True)
                try:
                    await asyncio.wait(lasting, return_when=asyncio.FIRST_EXCEPTION)
                finally:
                    # The face returns to neutral while the scope closes: that must not take long.
                    self.client.hurry()
                raise_first(lasting)
        finally:
            self._is_moving = False
            errors_of(lasting)

    async def _prepare(self) -> None:
        """Subscribe, create our parameters, and read the model: the same after every reconnect."""
        for name, config in SUBSCRIPTIONS:
            await self._subscribe(name, config)
        for problem in await self.reader.create_parameters():
            self._board.add_problem(problem)
        self._stale.clear()
        if not await self.reader.read():
            self._stale.set()
        await self._stage.restore(self.client)
        self.show_model()

    async def _look_for_face(self) -> None:
        """Events tell of changes alone."""
        self._is_face_lost = await self.reader.is_face_lost()
        self.show_notes()

    async def _subscribe(self, name: str, config: Mapping[str, Any]) -> None:
        try:
            await self.client.ask("EventSubscriptionRequest", {"eventName": name, "subscribe": True, "config": dict(config)})
        except ApiError as error:
            self._board.add_problem(error.sentence)

    def on_event(self, kind: str, data: dict[str, Any]) -> None:
        """Take an event; one that is unknown is no concern."""
        if kind == "TestEvent":
            self._on_test(data)
        elif kind in ("ModelClickedEvent", "ItemEvent"):
            self._on_touch(kind, data)
        elif kind == "ModelLoadedEvent":
            if self._is_moving and not flag_of(data, "modelLoaded"):
                self.face.use_model(self.reader.unload())
                self.show_model()
            self._stale.set()
        elif kind in ("ModelConfigChangedEvent", "HotkeyTriggeredEvent"):
            self._stale.set()
        elif kind == "TrackingStatusChangedEvent":
            self._is_face_lost = not flag_of(data, "faceFound")
            self.show_notes()

    def on_switched(self) -> None:
        """We pressed or set something: look which expressions are on, once that is done over there."""
        self._switched.set()

    async def test(self) -> tuple[float, float]:
        """Let a TestEvent come back with a text of its own; one is sent every second. TemporaryError: none came.

        Returns the seconds until the request was answered, and until the event came.
        """
        self._tests += 1
        words = f"{HEARTBEAT} {self._tests}"
        future: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._test = (words, future)
        began = self._ports.clock.monotonic()
        try:
            async with asyncio.timeout(TEST_S):
                await self.client.ask(
                    "EventSubscriptionRequest", {"eventName": "TestEvent", "subscribe": True, "config": {"testMessageForEvent": words}}
                )
                answer_s = self._ports.clock.monotonic() - began
                return answer_s, await future - began
        except TimeoutError as error:
            msg = f"No event came back within {TEST_S:g} seconds: VTube Studio answers, but sends no events."
            raise TemporaryError(msg) from error
        finally:
            self._test = None

    def show_model(self) -> None:
        """Put the model on the board."""
        model = self.reader.model
        self._board.update(
            model_id=model.id,
            model_name=model.name,
            hotkeys=model.hotkeys,
            expressions=model.expressions,
            parameters=tuple(sorted(model.parameters)),
        )
        self.show_notes()

    def show_notes(self) -> None:
        """Say anew what does not fit."""
        settings = self._settings()
        notes = self.reader.notes(settings)
        if self._is_face_lost and not settings.face_found and self.reader.model.id:
            notes = (*notes, NO_FACE)
        self._board.update(notes=notes)

    async def _follow_model(self) -> None:
        while True:
            await self._stale.wait()
            self._stale.clear()
            before = self.reader.model
            if await self.reader.read():
                now = self.reader.model
                if is_other(before, now):
                    self.face.use_model(now)
                    log.info("vtube_studio.model_read", hotkeys=len(now.hotkeys), expressions=len(now.expressions))
                if now.id and now.id != before.id:
                    await self._stage.retint(self.client)
                self.show_model()
            else:
                self._stale.set()
            await self._ports.clock.sleep(READ_AGAIN_S)

    async def _follow_expressions(self) -> None:
        """What we switch tells no event, so it is looked at."""
        while True:
            await self._switched.wait()
            await self._ports.clock.sleep(SETTLE_S)
            self._switched.clear()
            await self.reader.read_expressions()
            self.show_model()

    def _on_light(self, is_heard: bool) -> None:  # noqa: FBT001 -- a callback's only word
        self._board.update(last_heartbeat_at=self.client.heard_at)
        if is_heard:
            name = self.reader.model.name
            self._board.light(
                HealthLevel.OK, f"Moves {name} in VTube Studio." if name else "Connected to VTube Studio; no model is loaded."
            )
        else:
            self._board.light(HealthLevel.DEGRADED, "VTube Studio is silent: it may be loading a model.")

    def _on_test(self, data: Mapping[str, Any]) -> None:
        if self._test is not None and text_of(data, "yourTestMessage") == self._test[0] and not self._test[1].done():
            self._test[1].set_result(self._ports.clock.monotonic())

    def _on_touch(self, kind: str, data: Mapping[str, Any]) -> None:
        if not self._is_moving or not self._settings().reacts_to_touch:
            return
        touched = self._touch.read(kind, data)
        if touched is not None:
            self._scope.start(self._tell(touched), name="touch")

    async def _tell(self, touched: ChannelEvent) -> None:
        await self._ports.tell(touched)

    def _on_error(self, error: BaseException, errand: str) -> None:
        log.error("vtube_studio.errand_failed", errand=errand, exc_info=error)
