"""The loaded model: which one it is, where it stands, its colours, and clicks on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tests.fakes.vtube_studio.errors import ErrorId, Refusal
from tests.fakes.vtube_studio.models import FPS, FakeModel, sample_models
from tests.fakes.vtube_studio.session import Request, Session

if TYPE_CHECKING:
    from tests.fakes.vtube_studio.fake import FakeVTubeStudio

LOAD_COOLDOWN_S = 2.0
LONGEST_MOVE_S = 2.0
WINDOW = (1920, 1080)
_BOUNDS = {"positionX": 1000.0, "positionY": 1000.0, "rotation": 360.0, "size": 100.0}


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a model stands."""

    x: float = 0.0
    y: float = 0.0
    rotation: float = 0.0
    size: float = -74.5

    def told(self) -> dict[str, float]:
        """As VTube Studio tells it: the angle is always positive."""
        return {"positionX": self.x, "positionY": self.y, "rotation": self.rotation % 360.0, "size": self.size}

    def towards(self, other: Spot, share: float) -> Spot:
        """Return the spot a share of the way to another one."""
        names = ("x", "y", "rotation", "size")
        return Spot(**{name: getattr(self, name) + (getattr(other, name) - getattr(self, name)) * share for name in names})


class Stage:
    """Models, moves, tints, clicks and the camera."""

    def __init__(self, fake: FakeVTubeStudio) -> None:
        self._fake = fake
        self.library = {each.id: each for each in sample_models()}
        self.model: FakeModel | None = next(iter(self.library.values()))
        self.load_s = 0.3
        """How long a model takes to load for a plugin."""
        self.has_windows_open = False
        """The user has menus open that prevent much."""
        self.is_tracked = False
        """A camera sees a face."""
        self.switched_at = float("-inf")
        self._loaded_at = fake.timeline.now
        self._is_loading = False
        self._asked_at = float("-inf")
        self._from = self._to = Spot()
        self._left_at, self._move_s, self._steps = 0.0, 0.0, 0
        self.tints: dict[str, tuple[Session, tuple[int, int, int, int]]] = {}
        """Art mesh → who tinted it last, and how."""
        self.answers = {
            "CurrentModelRequest": self._current,
            "AvailableModelsRequest": self._available,
            "ModelLoadRequest": self._load,
            "MoveModelRequest": self._move,
            "ArtMeshListRequest": self._meshes,
            "ColorTintRequest": self._tint,
        }

    def naming(self, model: FakeModel | None) -> dict[str, Any]:
        """Return the fields that many replies share."""
        return {"modelName": model.name if model else "", "modelID": model.id if model else ""}

    # What a test, or the user, does

    def load(self, model_id: str) -> None:
        """Load a model at once; none when empty."""
        self._unload()
        self._finish(self.library[model_id] if model_id else None)

    def change_config(self, *, has_hotkeys: bool = True) -> None:
        """Tell that the user changed the model's settings (change them first)."""
        data = {**self.naming(self.model), "hotkeyConfigChanged": has_hotkeys}
        self._fake.events.emit("ModelConfigChangedEvent", data)

    def track(self, *, is_found: bool) -> None:
        """Let the camera find or lose the face."""
        was_found, self.is_tracked = self._fake.parameters.is_face_found, is_found
        if was_found != self._fake.parameters.is_face_found:
            self.tell_tracking()

    def tell_tracking(self) -> None:
        """Announce whether a face is there."""
        data = {"faceFound": self._fake.parameters.is_face_found, "leftHandFound": False, "rightHandFound": False}
        self._fake.events.emit("TrackingStatusChangedEvent", data)

    def click(self, x: float = 0.0, y: float = 0.3, *, mesh: str = "D_FACE_00", button: int = 0, is_on_model: bool = True) -> None:
        """Click into the window."""
        model = self.model
        hit = {
            "modelID": model.id if model else "",
            "artMeshID": mesh,
            "angle": 0.0,
            "size": 1.0,
            **{f"vertexID{number}": number for number in (1, 2, 3)},
            **{f"vertexWeight{number}": 1 / 3 for number in (1, 2, 3)},
        }
        hits = [{"artMeshOrder": 0, "isMasked": False, "hitInfo": hit}] if model and is_on_model else []
        data = {
            "modelLoaded": model is not None,
            "loadedModelID": model.id if model else "",
            "loadedModelName": model.name if model else "",
            "modelWasClicked": bool(hits),
            "mouseButtonID": button,
            "clickPosition": {"x": x, "y": y},
            "windowSize": {"x": WINDOW[0], "y": WINDOW[1]},
            "clickedArtMeshCount": len(hits),
            "artMeshHits": hits,
        }
        self._fake.events.emit("ModelClickedEvent", data, lambda config: bool(hits) or not config.get("onlyClicksOnModel", True))

    @property
    def spot(self) -> Spot:
        """Where the model stands now."""
        passed = self._fake.timeline.now - self._left_at
        return self._to if self._fake.timeline.now >= self._left_at + self._move_s else self._from.towards(self._to, passed / self._move_s)

    def on_dropped(self, session: Session) -> None:
        """Take the colours of a line that is gone off the model."""
        self.tints = {mesh: tint for mesh, tint in self.tints.items() if tint[0] is not session}

    # Requests

    def _current(self, request: Request) -> dict[str, Any]:
        model, now = self.model, self._fake.timeline.now
        return {
            "modelLoaded": model is not None,
            **self.naming(model),
            "vtsModelName": f"{model.name}.vtube.json" if model else "",
            "vtsModelIconName": "icon.png" if model else "",
            "live2DModelName": f"{model.name}.model3.json" if model else "",
            "modelLoadTime": int(self.load_s * 1000) if model else 0,
            "timeSinceModelLoaded": int((now - self._loaded_at) * 1000) if model else 0,
            "numberOfLive2DParameters": len(model.live2d) if model else 0,
            "numberOfLive2DArtmeshes": len(model.art_meshes) if model else 0,
            "hasPhysicsFile": model is not None,
            "numberOfTextures": 2 if model else 0,
            "textureResolution": 4096 if model else 0,
            "modelPosition": (self.spot if model else Spot(size=0.0)).told(),
        }

    def _available(self, request: Request) -> dict[str, Any]:
        rows = [
            {
                "modelLoaded": each is self.model,
                **self.naming(each),
                "vtsModelName": f"{each.name}.vtube.json",
                "vtsModelIconName": "icon.png",
            }
            for each in self.library.values()
        ]
        return {"numberOfModels": len(rows), "availableModels": rows}

    def _load(self, request: Request) -> dict[str, Any] | None:
        model_id, now = request.data.get("modelID"), self._fake.timeline.now
        if model_id is None:
            raise Refusal(ErrorId.MODEL_ID_MISSING, "The model ID is missing.")
        if model_id and model_id not in self.library:
            raise Refusal(ErrorId.MODEL_ID_NOT_FOUND, "There is no model with this ID.")
        if self._is_loading or self.has_windows_open:
            raise Refusal(ErrorId.CANNOT_CHANGE_MODEL, "The model can't be changed right now.")
        if now - self._asked_at < LOAD_COOLDOWN_S:
            raise Refusal(ErrorId.MODEL_LOAD_COOLDOWN, "The cooldown is not over.")
        self._asked_at = now
        self._unload()
        if not model_id:
            return {"modelID": ""}
        self._is_loading = True
        self._fake.timeline.at(now + self.load_s, lambda: self._loaded(request, model_id))
        return None

    def _loaded(self, request: Request, model_id: str) -> None:
        self._finish(self.library[model_id])
        self._fake.reply(request, {"modelID": model_id})

    def _unload(self) -> None:
        self.switched_at = self._fake.timeline.now
        if self.model is not None:
            old, self.model = self.model, None
            for each in old.expressions:
                each.is_active = False
            self.tints.clear()
            self._tell_loaded(old, is_loaded=False)

    def _finish(self, model: FakeModel | None) -> None:
        self._is_loading = False
        self._from, self._to, self._steps = Spot(), Spot(), self._steps + 1
        self.switched_at = self._loaded_at = self._fake.timeline.now
        self.model = model
        if model is not None:
            self._tell_loaded(model, is_loaded=True)

    def _tell_loaded(self, model: FakeModel, *, is_loaded: bool) -> None:
        data = {"modelLoaded": is_loaded, **self.naming(model)}
        self._fake.events.emit("ModelLoadedEvent", data, lambda config: model.id in (config.get("modelID") or [model.id]))

    def _move(self, request: Request) -> dict[str, Any]:
        data, now = request.data, self._fake.timeline.now
        if self.model is None:
            raise Refusal(ErrorId.MOVE_NO_MODEL, "No model is loaded.")
        seconds, is_relative = data.get("timeInSeconds"), data.get("valuesAreRelativeToModel")
        if seconds is None or is_relative is None:
            raise Refusal(ErrorId.MOVE_MISSING, "timeInSeconds and valuesAreRelativeToModel are required.")
        given = {name: float(data[name]) for name in _BOUNDS if data.get(name) is not None}
        if not 0 <= seconds <= LONGEST_MOVE_S or any(abs(value) > _BOUNDS[name] for name, value in given.items()):
            raise Refusal(ErrorId.MOVE_OUT_OF_RANGE, "Values are out of range.")
        here = self.spot
        target = here
        for name, value in given.items():
            field = {"positionX": "x", "positionY": "y"}.get(name, name)
            target = replace(target, **{field: getattr(here, field) * is_relative + value})
        self._from, self._to, self._left_at, self._move_s = here, target, now, float(seconds)
        self._steps += 1
        self._step(self._steps)
        return {}

    def _step(self, number: int) -> None:
        """Tell where the model is, in every frame until it has arrived."""
        if number != self._steps:
            return
        self.tell_moved()
        now, end = self._fake.timeline.now, self._left_at + self._move_s
        if now < end and self._fake.events.is_subscribed("ModelMovedEvent"):
            self._fake.timeline.at(min(now + 1 / FPS, end), lambda: self._step(number))

    def tell_moved(self, session: Session | None = None) -> None:
        """Announce where the model stands; to one line alone when it has just subscribed."""
        if self.model is not None:
            data = {**self.naming(self.model), "modelPosition": self.spot.told()}
            self._fake.events.emit("ModelMovedEvent", data, only=session)

    def _meshes(self, request: Request) -> dict[str, Any]:
        meshes, tags = (self.model.art_meshes, self.model.tags) if self.model else ([], [])
        counts = {"numberOfArtMeshNames": len(meshes), "numberOfArtMeshTags": len(tags)}
        return {"modelLoaded": self.model is not None, **counts, "artMeshNames": list(meshes), "artMeshTags": list(tags)}

    def _tint(self, request: Request) -> dict[str, Any]:
        if self.model is None:
            raise Refusal(ErrorId.TINT_NO_MODEL, "No model is loaded.")
        tint, matcher = request.data.get("colorTint"), request.data.get("artMeshMatcher")
        if tint is None or matcher is None or any(tint.get(f"color{each}") is None for each in "RGBA"):
            raise Refusal(ErrorId.TINT_MISSING, "Color or matcher is missing.")
        color = (int(tint["colorR"]), int(tint["colorG"]), int(tint["colorB"]), int(tint["colorA"]))
        if any(not 0 <= part <= 255 for part in color) or not 0 <= tint.get("mixWithSceneLightingColor", 1) <= 1:
            raise Refusal(ErrorId.TINT_INVALID, "Color values have to be between 0 and 255.")
        matched = [mesh for number, mesh in enumerate(self.model.art_meshes) if _matches(number, mesh.lower(), matcher)]
        for mesh in matched:
            if color == (255, 255, 255, 255):
                self.tints.pop(mesh, None)
            else:
                self.tints[mesh] = (request.session, color)
        return {"matchedArtMeshes": len(matched)}


def _matches(number: int, mesh: str, matcher: dict[str, Any]) -> bool:
    return (
        bool(matcher.get("tintAll"))
        or number in (matcher.get("artMeshNumber") or ())
        or mesh in [name.lower() for name in matcher.get("nameExact") or ()]
        or any(name.lower() in mesh for name in matcher.get("nameContains") or ())
    )
