"""Who wants to hear of what, and telling them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.fakes.vtube_studio.errors import ErrorId, Refusal
from tests.fakes.vtube_studio.models import FakeModel
from tests.fakes.vtube_studio.session import Request, Session
from tests.fakes.vtube_studio.shapes import CONFIGS, odd_fields, wrong_types

if TYPE_CHECKING:
    from tests.fakes.vtube_studio.fake import FakeVTubeStudio

LONGEST_TEST_MESSAGE = 32
OUTLINE_S = 1 / 15
_MODEL_ID = re.compile(r"[0-9a-fA-F]{32}")


def _always(config: dict[str, Any]) -> bool:
    return True


class Events:
    """Subscriptions, and the events that come by time."""

    def __init__(self, fake: FakeVTubeStudio) -> None:
        self._fake = fake
        self._is_ticking = False
        self._is_outlining = False
        self.answers = {"EventSubscriptionRequest": self._subscribe}

    def is_subscribed(self, name: str) -> bool:
        """Tell whether anybody listens."""
        return any(name in session.subscriptions for session in self._fake.sessions)

    def emit(
        self,
        name: str,
        data: dict[str, Any],
        wants: Callable[[dict[str, Any]], bool] = _always,
        only: Session | None = None,
    ) -> None:
        """Tell every line that subscribed, if its config wants this one."""
        for session in [only] if only else tuple(self._fake.sessions):
            if name in session.subscriptions and wants(session.subscriptions[name]):
                self._fake.send_event(session, name, data)

    def animation(self, model: FakeModel, file: str, what: str) -> None:
        """Tell that a one-time animation begins or ends."""
        if what == "End" and model is not self._fake.model:
            return
        data = {
            "animationEventType": what,
            "animationEventTime": 0.0 if what == "Start" else 1.0,
            "animationEventData": f"Anim_{what}",
            "animationName": file,
            "animationLength": 1.0,
            "isIdleAnimation": False,
            "modelID": model.id,
            "modelName": model.name,
            "isLive2DItem": False,
        }
        self.emit("ModelAnimationEvent", data)

    def _subscribe(self, request: Request) -> dict[str, Any]:
        session, data = request.session, request.data
        name, config = data.get("eventName") or "", data.get("config") or {}
        if not data.get("subscribe") and not name:
            session.subscriptions.clear()
        elif name not in CONFIGS:
            raise Refusal(ErrorId.EVENT_UNKNOWN, f"There is no event {name}.")
        elif not data.get("subscribe"):
            session.subscriptions.pop(name, None)
        else:
            self._check(name, config)
            session.subscriptions[name] = dict(config)
            session.subscribed_by[name] = request.id
            # Some events tell at once how things are: after the reply, which goes out before anything that is due now.
            self._fake.timeline.at(self._fake.timeline.now, lambda: self._begin(name, session))
        return {"subscribedEventCount": len(session.subscriptions), "subscribedEvents": list(session.subscriptions)}

    def _check(self, name: str, config: Any) -> None:
        wrong = list(wrong_types(config, CONFIGS[name], name))
        for sentence in odd_fields(config, CONFIGS[name], name):
            self._fake.violate("fields", sentence)
        if wrong:
            self._fake.violate("types", f"of the wrong type: {', '.join(wrong)}")
            raise Refusal(ErrorId.JSON_INVALID, "JSON invalid.")
        if len(config.get("testMessageForEvent") or "") > LONGEST_TEST_MESSAGE:
            raise Refusal(ErrorId.EVENT_TEST_MESSAGE_TOO_LONG, "The test message has more than 32 characters.")
        if name == "ModelLoadedEvent" and not all(_MODEL_ID.fullmatch(each) for each in config.get("modelID") or ()):
            raise Refusal(ErrorId.EVENT_MODEL_ID_INVALID, "A model ID has 32 hexadecimal digits.")

    def _begin(self, name: str, session: Session) -> None:
        if name == "TestEvent" and not self._is_ticking:
            self._is_ticking = True
            self._wait_for_second()
        elif name == "ModelMovedEvent":
            self._fake.stage.tell_moved(session)
        elif name == "ModelOutlineEvent" and not self._is_outlining:
            self._is_outlining = True
            self._outline()
        elif name == "Live2DCubismEditorConnectedEvent":
            self.emit(name, {"tryingToConnect": False, "connected": False, "shouldSendParameters": False}, only=session)

    def _wait_for_second(self) -> None:
        """The counter counts the seconds since VTube Studio was started."""
        started = self._fake.started_at
        count = math.floor(self._fake.timeline.now - started + 1e-9) + 1
        self._fake.timeline.at(started + count, lambda: self._tick(count))

    def _tick(self, count: int) -> None:
        self._is_ticking = self.is_subscribed("TestEvent")
        if self._is_ticking:
            for session in tuple(self._fake.sessions):
                if (config := session.subscriptions.get("TestEvent")) is not None:
                    data = {"yourTestMessage": config.get("testMessageForEvent") or "", "counter": count}
                    self._fake.send_event(session, "TestEvent", data)
            self._wait_for_second()

    def _outline(self) -> None:
        self._is_outlining = self.is_subscribed("ModelOutlineEvent")
        if not self._is_outlining:
            return
        model = self._fake.model
        if model is not None:
            hull = [{"x": x, "y": y} for x, y in ((0.2, 0.8), (0.5, -0.3), (0.3, -1.2))]
            window = {"x": 1920, "y": 1080}
            data = {"modelName": model.name, "modelID": model.id, "convexHull": hull, "convexHullCenter": hull[0], "windowSize": window}
            self.emit("ModelOutlineEvent", data)
        self._fake.timeline.at(self._fake.timeline.now + OUTLINE_S, self._outline)
