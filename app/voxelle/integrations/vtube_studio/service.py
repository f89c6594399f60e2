"""Finds VTube Studio, joins it, and stays: everything that moves the model runs on the line this keeps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, Final

import structlog
from pydantic import BaseModel

from voxelle.contracts.integration import Integration, IntegrationPorts
from voxelle.domain.avatar import AvatarInstance, AvatarState, EmotionCue
from voxelle.domain.errors import AuthError, TemporaryError, VoxelleError
from voxelle.domain.events import HealthLevel
from voxelle.integrations.vtube_studio.api import ApiError
from voxelle.integrations.vtube_studio.board import Board
from voxelle.integrations.vtube_studio.client import Client
from voxelle.integrations.vtube_studio.controls import Controls
from voxelle.integrations.vtube_studio.discovery import Discovery, address_of, plain_host
from voxelle.integrations.vtube_studio.errors import API_OFF_SENTENCE, ApiOffError
from voxelle.integrations.vtube_studio.net import HERE, Ears, Net, Socket, real_net
from voxelle.integrations.vtube_studio.session import MakeFace, Moving, Session
from voxelle.integrations.vtube_studio.settings import VTubeStudioSettings
from voxelle.integrations.vtube_studio.sign_in import CLICK_ALLOW, SignIn, Tokens
from voxelle.integrations.vtube_studio.stage import Stage
from voxelle.kernel.tasks import TaskScope

log = structlog.get_logger("app")

LOOK_S: Final = 1.0
FIRST_KNOCK_S: Final = 3.0
"""So long only broadcasts are listened for; a firewall may swallow them, so then the usual door is tried as well."""
KNOCK_EVERY_S: Final = 10.0
LINGER_S: Final = 2.5
"""Broadcasts come every two seconds: one of them may say why nobody opened."""
REBUILD: Final = ("host", "port", "discovery_port", "is_enabled")
"""Settings that mean another line."""

LOOKING: Final = "Looking for VTube Studio on this computer."
SEARCHING: Final = "VTube Studio was not found on this computer: start it, and she joins by herself."
STRANGER: Final = "What answers at {place} does not speak VTube Studio's language: look its port up in VTube Studio's settings."
ELSEWHERE: Final = "VTube Studio runs on another computer: choose it below to connect."


def _make_face(
    settings: Callable[[], VTubeStudioSettings],
    ports: IntegrationPorts,
    on_cue: Callable[[EmotionCue], None],
    on_problem: Callable[[str], None],
    on_switched: Callable[[], None],
) -> Moving:
    from voxelle.integrations.vtube_studio.face import Face

    return Face(settings, ports, on_cue, on_problem, on_switched)


class VTubeStudioService(Integration):
    """One connection to one VTube Studio."""

    name = "vtube_studio"

    def __init__(
        self,
        settings: VTubeStudioSettings,
        ports: IntegrationPorts,
        net: Callable[[], Net] = real_net,
        make_face: MakeFace = _make_face,
    ) -> None:
        self.settings = settings
        self.session: Session | None = None
        self.place: AvatarInstance | None = None
        self._ports = ports
        self._net = net
        self._board = Board(ports)
        self._stage = Stage()
        self._tokens = Tokens(ports.secrets)
        self._discovery = Discovery(ports.clock)
        self._is_wanted = False
        self._controls = Controls(self, ports, self._board, self._stage, self._tokens)
        self._face = make_face(lambda: self.settings, ports, self._board.add_cue, self._board.add_problem, self._on_switched)

    async def run(self) -> None:
        """Search, join, and stay. AuthError: the streamer has to allow it. TemporaryError: the line is gone."""
        if not self.settings.is_enabled:
            self._ports.report(HealthLevel.OFF, "VTube Studio is switched off.")
            return
        self._board.begin()
        async with TaskScope("VTube Studio's board") as scope:
            scope.start(self._board.run(), name="publish")
            ears = await self._listen()
            try:
                await self._join()
            except ApiError as error:
                self._show_failure(error)
                raise TemporaryError(error.sentence) from error
            except VoxelleError as error:
                self._show_failure(error)
                raise
            finally:
                if ears is not None:
                    ears.close()
                if self._board.snapshot.state in (AvatarState.READY, AvatarState.WAITING_FOR_CONSENT):
                    self._board.update(state=AvatarState.SEARCHING, sentence="")
                self._board.update(connected_to=None)
                self._board.flush()

    async def perform(self, action: str, arguments: BaseModel) -> Any:
        """Do one of the declared actions."""
        try:
            return await self._controls.perform(action, arguments)
        finally:
            self._board.flush()

    def apply(self, settings: BaseModel) -> bool:
        """Take everything over at once but the place, which means another line."""
        taken = VTubeStudioSettings.model_validate(settings, from_attributes=True)
        if any(getattr(taken, name) != getattr(self.settings, name) for name in REBUILD):
            return False
        self.settings = taken
        if self.session is not None:
            self.session.show_notes()
        return True

    def want_consent(self) -> None:
        """Let VTube Studio ask its user at the next sign-in, and sign in anew."""
        self._is_wanted = True
        self._ports.restart()

    def _show_failure(self, error: VoxelleError) -> None:
        """Say on the board how it ended."""
        if isinstance(error, AuthError):
            state = AvatarState.REFUSED
        elif isinstance(error, ApiOffError):
            state = AvatarState.API_OFF
        else:
            state = AvatarState.CONNECTING
        self._board.update(state=state, sentence=error.sentence)
        self._board.add_problem(error.sentence)

    # Search

    async def _listen(self) -> Ears | None:
        """Listen for broadcasts; without them a place by hand still serves."""
        if not self.settings.discovery_port:
            return None
        try:
            return await self._net().listen(self.settings.discovery_port, self._on_broadcast)
        except TemporaryError as error:
            log.warning("vtube_studio.search_impossible", sentence=error.sentence)
            self._board.add_problem(error.sentence)
            return None

    def _on_broadcast(self, payload: bytes, host: str) -> None:
        self._discovery.on_broadcast(payload, host)
        self._show_instances()

    def _show_instances(self) -> tuple[AvatarInstance, ...]:
        instances = self._discovery.instances()
        if instances != self._board.snapshot.instances:
            self._board.update(instances=instances)
        return instances

    async def _find(self) -> tuple[AvatarInstance, Socket]:
        """Return where to join and the open line: the place that was set, or what runs on this computer."""
        if self.settings.host:
            place = AvatarInstance(plain_host(self.settings.host), self.settings.port, "VTube Studio")
            return place, await self._open_by_hand(place)
        knock_at = listened_until = self._ports.clock.monotonic() + FIRST_KNOCK_S
        while True:
            here = [each for each in self._show_instances() if each.host == HERE]
            running = [each for each in here if each.is_api_on]
            if running:
                place = next((each for each in running if each.port == self.settings.port), running[0])
                return place, await self._open(place)
            if here:
                self._say(AvatarState.API_OFF, HealthLevel.NEEDS_YOU, API_OFF_SENTENCE)
            elif self._board.snapshot.instances:
                self._say(AvatarState.SEARCHING, HealthLevel.NEEDS_YOU, ELSEWHERE)
            elif self._ports.clock.monotonic() < listened_until:
                self._say(AvatarState.SEARCHING, HealthLevel.STARTING, LOOKING)
            else:
                self._say(AvatarState.SEARCHING, HealthLevel.RETRYING, SEARCHING)
            if not here and self._ports.clock.monotonic() >= knock_at:
                knock_at = self._ports.clock.monotonic() + KNOCK_EVERY_S
                place = AvatarInstance(HERE, self.settings.port, "VTube Studio")
                socket = await self._knock(place)
                if socket is not None:
                    return place, socket
            await self._discovery.wait(LOOK_S)

    async def _knock(self, place: AvatarInstance) -> Socket | None:
        """Try the usual door, in silence."""
        try:
            return await self._net().connect(address_of(place.host, place.port))
        except TemporaryError:
            return None

    async def _open(self, place: AvatarInstance) -> Socket:
        self._say(AvatarState.CONNECTING, HealthLevel.STARTING, f"Connecting to VTube Studio at {place.host}:{place.port}.")
        return await self._net().connect(address_of(place.host, place.port))

    async def _open_by_hand(self, place: AvatarInstance) -> Socket:
        """Open the line to a place that was set. ApiOffError where a broadcast tells that this is why nobody opens."""
        try:
            return await self._open(place)
        except TemporaryError as error:
            await self._ports.clock.sleep(LINGER_S)
            if any(each.port == place.port and not each.is_api_on for each in self._show_instances()):
                raise ApiOffError from error
            raise

    def _say(self, state: AvatarState, level: HealthLevel, sentence: str) -> None:
        if (self._board.snapshot.state, self._board.snapshot.sentence) != (state, sentence):
            self._board.update(state=state, sentence=sentence)
        self._board.light(level, sentence)

    # The line

    async def _join(self) -> None:
        """Find the program, then read the line while everything else happens on it. The reader ends last."""
        place, socket = await self._find()
        self.place = place
        client = Client(socket, self._ports.clock, self._on_event)
        self._board.totals["connections"] += 1
        self._board.counters = lambda: client.counters
        reading = None
        try:
            async with TaskScope("VTube Studio's line") as line:
                reading = line.start(client.run(), name="read", is_awaited=True)
                await self._stay(client, place)
        finally:
            self.session = None
            self._board.totals.update(client.counters)
            self._board.counters = Counter
            if reading is not None and reading.done() and not reading.cancelled():
                reading.exception()
            await client.close()

    async def _stay(self, client: Client, place: AvatarInstance) -> None:
        self._say(AvatarState.CONNECTING, HealthLevel.STARTING, f"Signing in to VTube Studio at {place.host}:{place.port}.")
        version = await self._sign_in(client, place)
        self._board.update(is_token_kept=self._tokens.is_kept, program_version=version)
        session = Session(client, self._ports, self._board, self._stage, self._face, lambda: self.settings)
        self.session = session
        self._board.update(state=AvatarState.READY, sentence="", connected_to=place)
        log.info("vtube_studio.joined")
        try:
            await session.run()
        finally:
            self.session = None
            await self._stage.leave(client)

    async def _sign_in(self, client: Client, place: AvatarInstance) -> str:
        is_wanted, self._is_wanted = self._is_wanted, False
        try:
            version = await SignIn(client, self._tokens, place, self._on_waiting).run(is_wanted=is_wanted)
        except TemporaryError as error:
            # A click is good for one question: it stays wanted only if none was shown.
            self._is_wanted = is_wanted and self._board.snapshot.state is not AvatarState.WAITING_FOR_CONSENT
            if client.heard_at is None:
                msg = STRANGER.format(place=f"{place.host}:{place.port}")
                raise TemporaryError(msg, retry_after_s=10.0) from error
            raise
        client.is_signed_in = True
        return version

    def _on_event(self, kind: str, data: dict[str, Any]) -> None:
        if self.session is not None:
            self.session.on_event(kind, data)

    def _on_switched(self) -> None:
        if self.session is not None:
            self.session.on_switched()

    def _on_waiting(self) -> None:
        self._say(AvatarState.WAITING_FOR_CONSENT, HealthLevel.NEEDS_YOU, CLICK_ALLOW)
