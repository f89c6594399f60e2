"""Items in the scene."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.fakes.vtube_studio.errors import ErrorId, Refusal
from tests.fakes.vtube_studio.session import Request, Session

if TYPE_CHECKING:
    from tests.fakes.vtube_studio.fake import FakeVTubeStudio

ALLOWED = 60
FADES = {"linear", "easeIn", "easeOut", "easeBoth", "overshoot", "zip"}
MOST_MOVES = 64


@dataclass(slots=True)
class Item:
    """One item in the scene."""

    id: str
    file: str
    order: int
    x: float
    y: float
    size: float
    session: Session | None
    """Who loaded it; None: the user."""
    plugin: str
    leaves_with_plugin: bool = False


class Items:
    """Items of the folder and of the scene."""

    def __init__(self, fake: FakeVTubeStudio) -> None:
        self._fake = fake
        self.files = ["b_woozy (@denchisoft).png", "heart.png", "hat.gif", "ANIM_headpat"]
        self.scene: dict[str, Item] = {}
        self._made = 0
        self.answers = {
            "ItemListRequest": self._list,
            "ItemLoadRequest": self._load,
            "ItemUnloadRequest": self._unload,
            "ItemMoveRequest": self._move,
        }

    def add(self, file: str, session: Session | None = None, plugin: str = "") -> Item:
        """Put an item into the scene, as the user does when no line is given."""
        self._made += 1
        order = next(spot for spot in range(1, ALLOWED + 2) if spot not in {each.order for each in self.scene.values()})
        item = Item(f"{self._made:032x}", file, order, 0.0, 0.0, 0.32, session, plugin)
        self.scene[item.id] = item
        self._tell("Added", item)
        return item

    def remove(self, item_id: str) -> Item:
        """Take an item away."""
        item = self.scene.pop(item_id)
        self._tell("Removed", item)
        return item

    def click(self, item_id: str, *, as_shown_in_example: bool = False) -> None:
        """Click an item. The official text says `Clicked`, its example `ItemClicked`."""
        self._tell("ItemClicked" if as_shown_in_example else "Clicked", self.scene[item_id])

    def on_dropped(self, session: Session) -> None:
        """Take away what was to leave with its plugin; the rest of its items is the user's from now on."""
        for item in [each for each in self.scene.values() if each.session is session]:
            if item.leaves_with_plugin:
                self.remove(item.id)
            item.session = None

    def _tell(self, what: str, item: Item) -> None:
        data = {
            "itemEventType": what,
            "itemInstanceID": item.id,
            "itemFileName": item.file,
            "itemPosition": {"x": item.x, "y": item.y},
        }
        self._fake.events.emit("ItemEvent", data, lambda config: _wants(config, item))

    def _list(self, request: Request) -> dict[str, Any]:
        data = request.data
        file, item_id = data.get("onlyItemsWithFileName") or "", data.get("onlyItemsWithInstanceID") or ""
        found = [each for each in self.scene.values() if file in ("", each.file) and item_id in ("", each.id)]
        taken = {each.order for each in self.scene.values()}
        files = [name for name in self.files if file in ("", name)] if data.get("includeAvailableItemFiles") else []
        return {
            "itemsInSceneCount": len(self.scene),
            "totalItemsAllowedCount": ALLOWED,
            "canLoadItemsRightNow": not self._fake.stage.has_windows_open,
            "availableSpots": [spot for spot in range(-30, 31) if spot and spot not in taken] if data.get("includeAvailableSpots") else [],
            "itemInstancesInScene": [_row(each) for each in found] if data.get("includeItemInstancesInScene") else [],
            "availableItemFiles": [
                {"fileName": name, "type": _type(name), "loadedCount": sum(each.file == name for each in self.scene.values())}
                for name in files
            ],
        }

    def _load(self, request: Request) -> dict[str, Any]:
        data = request.data
        file, order = data.get("fileName") or "", data.get("order") or 0
        if data.get("customDataBase64"):
            raise Refusal(ErrorId.NEEDS_PERMISSION, "Loading custom images needs a permission.")
        if not file:
            raise Refusal(ErrorId.ITEM_FILE_MISSING, "The file name is missing.")
        if file not in self.files:
            raise Refusal(ErrorId.ITEM_FILE_NOT_FOUND, f"There is no item {file}.")
        if self._fake.stage.has_windows_open:
            raise Refusal(ErrorId.CANNOT_LOAD_ITEM, "Items can't be loaded right now.")
        if len(self.scene) >= ALLOWED:
            raise Refusal(ErrorId.ITEM_SCENE_FULL, "The scene is full.")
        bounds = {"positionX": 1000, "positionY": 1000, "rotation": 360}
        shares = {"size": 1, "smoothing": 1, "fadeTime": 2}
        is_in = all(abs(data.get(name) or 0) <= most for name, most in bounds.items())
        if not is_in or not all(0 <= (data.get(name) or 0) <= most for name, most in shares.items()):
            raise Refusal(ErrorId.ITEM_VALUES_INVALID, "Values are out of range.")
        if abs(order) > 30:
            raise Refusal(ErrorId.ITEM_ORDER_INVALID, "The order is invalid.")
        if data.get("failIfOrderTaken") and order in {each.order for each in self.scene.values()}:
            raise Refusal(ErrorId.ITEM_ORDER_TAKEN, "The order is taken.")
        item = self.add(file, request.session, request.plugin)
        item.leaves_with_plugin = bool(data.get("unloadWhenPluginDisconnects"))
        item.x, item.y, item.size = float(data.get("positionX") or 0), float(data.get("positionY") or 0), float(data.get("size") or 0.32)
        return {"instanceID": item.id, "fileName": item.file}

    def _unload(self, request: Request) -> dict[str, Any]:
        data = request.data
        if self._fake.stage.has_windows_open:
            raise Refusal(ErrorId.CANNOT_UNLOAD_ITEM, "Items can't be unloaded right now.")
        named = {*(data.get("instanceIDs") or ()), *(data.get("fileNames") or ())}
        is_own = {each.id for each in self.scene.values() if each.plugin == request.plugin}
        chosen = [
            each.id
            for each in self.scene.values()
            if data.get("unloadAllInScene")
            or (data.get("unloadAllLoadedByThisPlugin") and each.id in is_own)
            or (named & {each.id, each.file} and (each.id in is_own or data.get("allowUnloadingItemsLoadedByUserOrOtherPlugins")))
        ]
        gone = [self.remove(item_id) for item_id in chosen]
        return {"unloadedItems": [{"instanceID": each.id, "fileName": each.file} for each in gone]}

    def _move(self, request: Request) -> dict[str, Any]:
        moves = (request.data.get("itemsToMove") or [])[:MOST_MOVES]
        return {"movedItems": [self._moved(each) for each in moves]}

    def _moved(self, move: dict[str, Any]) -> dict[str, Any]:
        item, error_id = self.scene.get(move.get("itemInstanceID") or ""), -1
        if item is None:
            error_id = ErrorId.ITEM_MOVE_NOT_FOUND
        elif (move.get("fadeMode") or "linear") not in FADES:
            error_id = ErrorId.ITEM_MOVE_FADE_INVALID
        else:
            # -1000 and less: this one stays as it is.
            item.x, item.y, item.size = (
                old if move.get(name) is None or move[name] <= -1000 else float(move[name])
                for name, old in (("positionX", item.x), ("positionY", item.y), ("size", item.size))
            )
        return {"itemInstanceID": move.get("itemInstanceID") or "", "success": error_id == -1, "errorID": int(error_id)}


def _type(file: str) -> str:
    return {"png": "PNG", "jpg": "JPG", "gif": "GIF"}.get(file.rpartition(".")[2].lower(), "AnimationFolder")


def _row(item: Item) -> dict[str, Any]:
    return {
        "fileName": item.file,
        "instanceID": item.id,
        "order": item.order,
        "type": _type(item.file),
        **dict.fromkeys(("censored", "flipped", "locked"), False),
        "smoothing": 0.0,
        "framerate": 0.0,
        "frameCount": -1,
        "currentFrame": -1,
        "pinnedToModel": False,
        **dict.fromkeys(("pinnedModelID", "pinnedArtMeshID", "groupName", "sceneName"), ""),
        "fromWorkshop": False,
    }


def _wants(config: dict[str, Any], item: Item) -> bool:
    ids, files = config.get("itemInstanceIDs") or (), config.get("itemFileNames") or ()
    return not (ids or files) or item.id in ids or any(name in item.file for name in files)
