"""A VTube Studio made of the official description: a pure state machine on an injected clock.

https://github.com/DenchiSoft/VTubeStudio, its README.md, Events/README.md and Files/ErrorID.cs.
"""

from __future__ import annotations

import json
import uuid
from collections import deque
from collections.abc import Callable
from typing import Any

from tests.fakes.vtube_studio.errors import ErrorId, Refusal
from tests.fakes.vtube_studio.events import Events
from tests.fakes.vtube_studio.expressions import Expressions
from tests.fakes.vtube_studio.faults import Faults
from tests.fakes.vtube_studio.hotkeys import Hotkeys
from tests.fakes.vtube_studio.items import Items
from tests.fakes.vtube_studio.models import FakeModel
from tests.fakes.vtube_studio.parameters import Face, Parameters
from tests.fakes.vtube_studio.session import NO_GOODBYE, Logged, Request, Session, Violation
from tests.fakes.vtube_studio.shapes import SHAPES, is_right, odd_fields, wrong_types
from tests.fakes.vtube_studio.sign_in import SignIn
from tests.fakes.vtube_studio.stage import Stage
from tests.fakes.vtube_studio.timeline import Timeline
from voxelle.kernel.clock import Clock

API_NAME, API_VERSION = "VTubeStudioPublicAPI", "1.0"
WITHOUT_TOKEN = {"APIStateRequest", "AuthenticationTokenRequest", "AuthenticationRequest"}
GRACE_S = 0.25
"""What was on the way when a plugin was told that it is no longer allowed is no violation."""

Answer = Callable[[Request], dict[str, Any] | None]
"""Returns the data of the reply; None: the reply comes later. Raises Refusal."""


class FakeVTubeStudio:
    """Use it through `memory_net`, `serve` or `open`/`receive`/`drop`. All controls are plain methods."""

    def __init__(
        self,
        clock: Clock,
        *,
        port: int = 8001,
        instance_id: str = "93aa0d0494304fddb057ae8a295c4e59",
        title: str = "VTube Studio",
        log_limit: int | None = None,
    ) -> None:
        self.port = port
        self.instance_id = instance_id
        self.title = title
        self.version = "1.32.70"
        self.is_api_on = True
        self.is_running = True
        self.on_reach: Callable[[], None] = lambda: None
        """Told when it can be reached, or no longer."""
        self.timeline = Timeline(clock)
        self.timeline.on_earlier = self._wake
        self.started_at = self.timeline.now
        self.sessions: list[Session] = []
        self.requests: deque[Logged] = deque(maxlen=log_limit)
        """All that came in, oldest first; bounded by `log_limit`."""
        self.violations: list[Violation] = []
        self.watchers: list[Callable[[Logged], None]] = []
        """Told of every request as it arrives."""
        self.connected = 0
        """How many lines were opened so far."""
        self.faults = Faults()
        self.events = Events(self)
        self.stage = Stage(self)
        self.sign_in = SignIn(self)
        self.hotkeys = Hotkeys(self)
        self.expressions = Expressions(self)
        self.parameters = Parameters(self)
        self.items = Items(self)
        self._answers: dict[str, Answer] = {"StatisticsRequest": self._statistics, "VTSFolderInfoRequest": self._folders}
        for part in (self.events, self.stage, self.sign_in, self.hotkeys, self.expressions, self.parameters, self.items):
            self._answers |= part.answers
        self._logged: dict[int, Logged] = {}

    # The line

    @property
    def is_reachable(self) -> bool:
        """Whether a plugin can connect at all."""
        return self.is_api_on and self.is_running

    def open(self) -> Session:
        """Open a line."""
        assert self.is_reachable
        self.advance()
        self.connected += 1
        session = Session(self.connected)
        self.sessions.append(session)
        return session

    def receive(self, session: Session, text: str | bytes) -> None:
        """Take a message from a plugin."""
        if session.closed is not None:
            return
        self.advance()
        raw = text if isinstance(text, str) else text.decode("utf-8", "replace")
        logged = Logged(self.timeline.now, session.id, "", {}, raw)
        self.requests.append(logged)
        request_id = str(uuid.UUID(int=len(self.requests)))
        try:
            request = self._read(session, raw, request_id, logged)
            for watcher in tuple(self.watchers):
                watcher(logged)
            if session not in self.sessions or self.faults.swallows(request):
                return
            self._may(request)
            self.faults.strike(request)
            data = self._answers[request.kind](request)
        except Refusal as refusal:
            logged.error_id = refusal.error_id
            if logged.kind == "InjectParameterDataRequest":
                self.parameters.on_refused(session)
            self._put(session, "APIError", logged.request_id or request_id, {"errorID": refusal.error_id, "message": refusal.message})
            logged.is_answered = True
            return
        if data is None:
            self._logged[id(request)] = logged
            return
        self.reply(request, data)
        logged.is_answered = True

    def drop(self, session: Session, code: int = NO_GOODBYE, reason: str = "") -> None:
        """End a line; by a plugin's own wish, or by a test's."""
        if session.closed is not None:
            return
        session.closed = (code, reason)
        self.sessions.remove(session)
        self.advance()
        session.subscriptions.clear()
        for part in (self.sign_in, self.stage, self.parameters, self.items):
            part.on_dropped(session)
        session.on_news()

    def drop_all(self, code: int = NO_GOODBYE, reason: str = "") -> None:
        """End all lines, as when VTube Studio is closed."""
        for session in tuple(self.sessions):
            self.drop(session, code, reason)

    def api_off(self, *, closes: bool = True) -> None:
        """Switch the API off: lines are closed and refused; without `closes` they stay and everything is answered with error 1."""
        self.is_api_on = False
        if closes:
            self.drop_all(1001, "API was switched off.")
            self.on_reach()

    def api_on(self) -> None:
        """Switch the API on again."""
        self.is_api_on = True
        self.on_reach()

    def quit(self) -> None:
        """Close VTube Studio: lines break off, and nothing is broadcast any more."""
        self.is_running = False
        self.drop_all()
        self.on_reach()

    def start_again(self, model_id: str = "") -> None:
        """Start VTube Studio anew, with another instance id; tokens and custom parameters are kept."""
        self.is_running = True
        self.instance_id = f"{int(self.instance_id, 16) + 1:032x}"
        self.started_at = self.timeline.now
        self.parameters.let_go()
        self.stage.load(model_id)
        self.on_reach()

    # Answers

    def reply(self, request: Request, data: dict[str, Any]) -> None:
        """Answer a request, now or when it was put off."""
        if (logged := self._logged.pop(id(request), None)) is not None:
            logged.is_answered = True
        self._put(request.session, request.kind.removesuffix("Request") + "Response", request.id, data)

    def refuse(self, request: Request, error_id: int, message: str) -> None:
        """Answer a request that was put off with an error."""
        if (logged := self._logged.pop(id(request), None)) is not None:
            logged.error_id, logged.is_answered = int(error_id), True
        self._put(request.session, "APIError", request.id, {"errorID": int(error_id), "message": message})

    def send_event(self, session: Session, name: str, data: dict[str, Any]) -> None:
        """Send an event, with the id of the request that subscribed to it."""
        session.put(self._envelope(name, session.subscribed_by.get(name, name), data))

    def _put(self, session: Session, kind: str, request_id: str, data: dict[str, Any]) -> None:
        message = self._envelope(kind, request_id, data)
        if self.faults.delay_s > 0:
            self.timeline.at(self.timeline.now + self.faults.delay_s, lambda: session.put(message))
        else:
            session.put(message)

    def _envelope(self, kind: str, request_id: str, data: dict[str, Any]) -> str:
        head = {"apiName": API_NAME, "apiVersion": API_VERSION, "timestamp": self.timeline.stamp_ms}
        return json.dumps({**head, "messageType": kind, "requestID": request_id, "data": data}, ensure_ascii=False)

    def _read(self, session: Session, raw: str, fresh_id: str, logged: Logged) -> Request:
        """Check the envelope, in the order of VTube Studio's errors."""
        try:
            message = json.loads(raw)
        except ValueError:
            message = None
        if not isinstance(message, dict):
            self.violate("types", "a message is no JSON object")
            raise Refusal(ErrorId.JSON_INVALID, "JSON invalid.")
        request_id = message.get("requestID", fresh_id)
        is_good_id = isinstance(request_id, str) and request_id.isascii() and 1 <= len(request_id) <= 64
        logged.request_id = request_id if is_good_id else fresh_id
        kind, data = message.get("messageType"), message.get("data")
        logged.kind = kind if isinstance(kind, str) else ""
        logged.data = data if isinstance(data, dict) else {}
        checks = (
            (message.get("apiName") == API_NAME, ErrorId.API_NAME_INVALID, "The API name is invalid."),
            (message.get("apiVersion") == API_VERSION, ErrorId.API_VERSION_INVALID, "The API version is invalid."),
            (is_good_id, ErrorId.REQUEST_ID_INVALID, "The request ID is invalid."),
            (isinstance(kind, str) and kind, ErrorId.TYPE_MISSING, "The message type is missing."),
            (kind in SHAPES, ErrorId.TYPE_UNKNOWN, f"The message type {kind} is unknown."),
        )
        for is_good, error_id, sentence in checks:
            if not is_good:
                self.violate("unknown", sentence)
                raise Refusal(error_id, sentence)
        return Request(session, logged.kind, logged.request_id, self._checked(logged.kind, data))

    def _checked(self, kind: str, data: Any) -> dict[str, Any]:
        if is_right(kind, data):
            return dict(data)
        wrong = list(wrong_types(data, SHAPES[kind], kind))
        for sentence in odd_fields(data or {}, SHAPES[kind], kind) if SHAPES[kind] or not wrong else ():
            self.violate("fields", sentence)
        if wrong:
            self.violate("types", f"of the wrong type: {', '.join(wrong)}")
            raise Refusal(ErrorId.JSON_INVALID, f"JSON invalid: {', '.join(wrong)}.")
        return dict(data or {})

    def _may(self, request: Request) -> None:
        """Refuse what is not allowed yet, or no longer."""
        if not self.is_api_on and request.kind != "APIStateRequest":
            raise Refusal(ErrorId.API_OFF, "API access is deactivated.")
        if request.kind in WITHOUT_TOKEN or request.plugin:
            return
        session, now = request.session, self.timeline.now
        was_told, session.was_told_at = session.was_told_at, now if session.was_told_at is None else session.was_told_at
        if not session.is_revoked or (was_told is not None and now > was_told + GRACE_S):
            self.violate("unauthenticated", f"{request.kind} on a line that is not authenticated")
        if session.is_revoked:
            raise Refusal(self.sign_in.revoked_error, "User has denied API access for your plugin.")
        raise Refusal(ErrorId.NOT_AUTHENTICATED, "This request requires authentication.")

    def violate(self, kind: str, sentence: str, at: float | None = None) -> None:
        """Note what a good plugin does not do."""
        self.violations.append(Violation(self.timeline.now if at is None else at, kind, sentence))

    # Time

    def advance(self) -> None:
        """Do what is due by now."""
        self.timeline.advance()
        self.parameters.expire()

    def _wake(self) -> None:
        for session in self.sessions:
            session.on_news()

    # What a test looks at

    @property
    def model(self) -> FakeModel | None:
        """The loaded model."""
        return self.stage.model

    def face(self) -> Face:
        """Return what the model's face is doing now, and through whom."""
        self.advance()
        return self.parameters.face()

    def log(self, kind: str = "") -> list[Logged]:
        """Return the requests of a message type; all without one."""
        return [each for each in self.requests if kind in ("", each.kind)]

    def broadcast(self) -> dict[str, Any]:
        """Return what is told by UDP every two seconds, also while the API is off."""
        name = "VTubeStudioAPIStateBroadcast"
        data = {"active": self.is_api_on, "port": self.port, "instanceID": self.instance_id, "windowTitle": self.title}
        head = {"apiName": API_NAME, "apiVersion": API_VERSION, "timestamp": self.timeline.stamp_ms}
        return {**head, "messageType": name, "requestID": name, "data": data}

    # Small answers

    def _statistics(self, request: Request) -> dict[str, Any]:
        return {
            "uptime": int((self.timeline.now - self.started_at) * 1000),
            "framerate": 60,
            "vTubeStudioVersion": self.version,
            "allowedPlugins": len(self.sign_in.tokens),
            "connectedPlugins": len(self.sessions),
            "startedWithSteam": True,
            "windowWidth": 1920,
            "windowHeight": 1080,
            "windowIsFullscreen": False,
        }

    def _folders(self, request: Request) -> dict[str, Any]:
        return {
            "models": "Live2DModels",
            "backgrounds": "Backgrounds",
            "items": "Items",
            "config": "Config",
            "logs": "Logs",
            "backup": "Backup",
        }
