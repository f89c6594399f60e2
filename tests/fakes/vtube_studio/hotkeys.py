"""Hotkeys: listed, pressed, queued, and played one every five frames."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.fakes.vtube_studio.errors import ErrorId, Refusal
from tests.fakes.vtube_studio.models import FPS, FakeModel, Hotkey
from tests.fakes.vtube_studio.session import Request

if TYPE_CHECKING:
    from tests.fakes.vtube_studio.fake import FakeVTubeStudio

PACE_S = 5 / FPS
QUEUE = 32
ANIMATION_S = 1.0
_HAIR = 1e-6
"""Times are floats: what is exactly on the border is allowed."""


@dataclass(frozen=True, slots=True)
class Played:
    """A hotkey that was carried out: by a plugin, or by the user when `plugin` is empty."""

    at: float
    hotkey: Hotkey
    model: FakeModel
    plugin: str


class Hotkeys:
    """The queue of VTube Studio."""

    def __init__(self, fake: FakeVTubeStudio) -> None:
        self._fake = fake
        self._queue: deque[tuple[Hotkey, FakeModel, str]] = deque()
        self._pressed: dict[str, float] = {}
        self._played_at = float("-inf")
        self._is_timed = False
        self.played: deque[Played] = deque(maxlen=10_000)
        """Newest last."""
        self.answers = {"HotkeysInCurrentModelRequest": self._list, "HotkeyTriggerRequest": self._trigger}

    @property
    def queued(self) -> int:
        """How many wait."""
        return len(self._queue)

    def press(self, name: str) -> None:
        """Press a hotkey as the user does, at once."""
        model = self._fake.model
        assert model is not None, "no model is loaded"
        hotkey = _find(model, name)
        assert hotkey is not None, f"{model.name} has no hotkey {name}"
        self._play(hotkey, model, "")

    def _list(self, request: Request) -> dict[str, Any]:
        stage, model_id = self._fake.stage, request.data.get("modelID") or ""
        if request.data.get("live2DItemFileName") and not model_id:
            return {"modelLoaded": False, "modelName": "", "modelID": "", "availableHotkeys": []}
        model = stage.library.get(model_id) if model_id else stage.model
        if model_id and model is None:
            raise Refusal(ErrorId.MODEL_ID_NOT_FOUND, "There is no model with this ID.")
        rows = [
            {
                "name": each.name,
                "type": each.type,
                "description": each.description or f"Does {each.type}",
                "file": each.file,
                "hotkeyID": each.id,
                "keyCombination": [],
                "onScreenButtonID": -1,
            }
            for each in (model.hotkeys if model else ())
        ]
        return {**stage.naming(model), "modelLoaded": model is not None and model is stage.model, "availableHotkeys": rows}

    def _trigger(self, request: Request) -> dict[str, Any]:
        wanted, now, model = request.data.get("hotkeyID") or "", self._fake.timeline.now, self._fake.model
        if request.data.get("itemInstanceID"):
            raise Refusal(ErrorId.HOTKEY_ITEM_NOT_FOUND, "No Live2D item with this instance ID is loaded.")
        if model is None:
            raise Refusal(ErrorId.HOTKEY_NO_MODEL, "No model is loaded.")
        hotkey = _find(model, wanted)
        if hotkey is None:
            raise Refusal(ErrorId.HOTKEY_NOT_FOUND, f"The model has no hotkey {wanted}.")
        if self._fake.stage.has_windows_open:
            raise Refusal(ErrorId.HOTKEY_BAD_STATE, "Windows are open that prevent this hotkey.")
        if hotkey.is_broken:
            raise Refusal(ErrorId.HOTKEY_DATA_INVALID, f"{hotkey.file} is missing.")
        self._check_pace(hotkey, now)
        self._pressed[hotkey.id] = now
        self._queue.append((hotkey, model, request.plugin))
        self._take()
        return {"hotkeyID": hotkey.id}

    def _check_pace(self, hotkey: Hotkey, now: float) -> None:
        if now - self._pressed.get(hotkey.id, float("-inf")) < PACE_S - _HAIR:
            self._fake.violate("rate", f"hotkey {hotkey.name} twice within five frames")
            raise Refusal(ErrorId.HOTKEY_COOLDOWN, "The cooldown of this hotkey is not over.")
        if any(hotkey is waiting for waiting, _, _ in self._queue):
            self._fake.violate("rate", f"hotkey {hotkey.name} again while it was still queued")
            raise Refusal(ErrorId.HOTKEY_COOLDOWN, "The cooldown of this hotkey is not over.")
        if len(self._queue) >= QUEUE:
            self._fake.violate("queue", f"a hotkey beyond the {QUEUE} that are queued")
            raise Refusal(ErrorId.HOTKEY_QUEUE_FULL, "The hotkey queue is full.")

    def _take(self) -> None:
        """Play what may be played now, and come back for the rest."""
        now = self._fake.timeline.now
        if self._queue and now >= self._played_at + PACE_S - _HAIR:
            self._played_at = now
            self._play(*self._queue.popleft())
        if self._queue and not self._is_timed:
            self._is_timed = True
            self._fake.timeline.at(self._played_at + PACE_S, self._on_time)

    def _on_time(self) -> None:
        self._is_timed = False
        self._take()

    def _play(self, hotkey: Hotkey, model: FakeModel, plugin: str) -> None:
        fake = self._fake
        if model is not fake.model:
            return
        self.played.append(Played(fake.timeline.now, hotkey, model, plugin))
        data = {
            "hotkeyID": hotkey.id,
            "hotkeyName": hotkey.name,
            "hotkeyAction": hotkey.type,
            "hotkeyFile": hotkey.file,
            "hotkeyTriggeredByAPI": bool(plugin),
            "modelID": model.id,
            "modelName": model.name,
            "isLive2DItem": False,
        }
        fake.events.emit("HotkeyTriggeredEvent", data, lambda config: _wants(config, hotkey.type, is_api=bool(plugin)))
        self._act(hotkey, model, plugin)

    def _act(self, hotkey: Hotkey, model: FakeModel, plugin: str) -> None:
        fake, by = self._fake, plugin or "user"
        match hotkey.type:
            case "ToggleExpression" if (expression := model.expression(hotkey.file)) is not None:
                expression.is_active, expression.activated_by = not expression.is_active, by
            case "RemoveAllExpressions":
                for each in model.expressions:
                    each.is_active, each.activated_by = False, by
            case "TriggerAnimation":
                fake.events.animation(model, hotkey.file, "Start")
                fake.timeline.at(fake.timeline.now + ANIMATION_S, lambda: fake.events.animation(model, hotkey.file, "End"))
            case "ChangeVTSModel":
                target = next((each for each in fake.stage.library.values() if f"{each.name}.vtube.json" == hotkey.file), None)
                if target is not None:
                    fake.stage.load(target.id)
            case "ChangeBackground":
                fake.events.emit("BackgroundChangedEvent", {"backgroundName": hotkey.file})


def _find(model: FakeModel, wanted: str) -> Hotkey | None:
    """By id, else by name in any case; a hotkey without a name has its id alone."""
    by_id = next((each for each in model.hotkeys if each.id == wanted), None)
    return by_id or next((each for each in model.hotkeys if wanted and each.name.lower() == wanted.lower()), None)


def _wants(config: dict[str, Any], action: str, *, is_api: bool) -> bool:
    if is_api and config.get("ignoreHotkeysTriggeredByAPI"):
        return False
    return config.get("onlyForAction") in (None, "", action)
