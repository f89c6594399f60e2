"""Where the model stands, its tint, and the items that are ours."""

from __future__ import annotations

from typing import Any, Final

import structlog

from voxelle.domain.errors import InputError, TemporaryError
from voxelle.integrations.vtube_studio.api import Api, ApiError
from voxelle.integrations.vtube_studio.messages import read_standing, text_of
from voxelle.integrations.vtube_studio.settings import StagePreset

log = structlog.get_logger("app")

WHITE: Final = (255, 255, 255, 255)
MOST_ITEMS: Final = 30
_ITEM: Final[dict[str, Any]] = {
    "positionX": 0.0,
    "positionY": 0.5,
    "size": 0.32,
    "rotation": 0.0,
    "fadeTime": 0.5,
    "order": 4,
    "failIfOrderTaken": False,
    "smoothing": 0.0,
    "censored": False,
    "flipped": False,
    "locked": False,
    "unloadWhenPluginDisconnects": True,
}


class Stage:
    """What was done to the scene. Remembered beyond a lost line, so that it can be done again."""

    def __init__(self) -> None:
        self._tint = WHITE
        self._items: list[tuple[str, str]] = []
        """Instance and file."""

    async def go_to(self, api: Api, preset: StagePreset) -> None:
        """Move the model smoothly; a move that is under way gives way."""
        data = {
            "timeInSeconds": preset.seconds,
            "valuesAreRelativeToModel": False,
            "positionX": preset.position_x,
            "positionY": preset.position_y,
            "rotation": preset.rotation,
            "size": preset.size,
        }
        await api.ask("MoveModelRequest", data)

    async def here(self, api: Api, name: str) -> StagePreset:
        """Return where the model stands now, under a name. InputError: no model is loaded."""
        standing = read_standing(await api.ask("CurrentModelRequest"))
        if standing is None:
            msg = "No model is loaded in VTube Studio, so there is no place to keep."
            raise InputError(msg)
        return StagePreset(
            name=name, position_x=standing.position_x, position_y=standing.position_y, rotation=standing.rotation, size=standing.size
        )

    async def tint(self, api: Api, colour: tuple[int, int, int, int]) -> None:
        """Tint the whole model; white takes it off again."""
        red, green, blue, alpha = colour
        data = {
            "colorTint": {"colorR": red, "colorG": green, "colorB": blue, "colorA": alpha, "mixWithSceneLightingColor": 1},
            "artMeshMatcher": {"tintAll": True},
        }
        await api.ask("ColorTintRequest", data)
        self._tint = colour

    async def load(self, api: Api, file: str) -> str:
        """Load an item and return its instance. It goes with the line at the latest."""
        if len(self._items) >= MOST_ITEMS:
            msg = f"{MOST_ITEMS} items are loaded already: take them away first."
            raise InputError(msg)
        reply = await api.ask("ItemLoadRequest", {"fileName": file, **_ITEM})
        instance = text_of(reply, "instanceID")
        self._items.append((instance, file))
        return instance

    async def unload(self, api: Api) -> int:
        """Take our own items away, and nobody else's. Returns how many there were."""
        if not self._items:
            return 0
        data = {
            "unloadAllInScene": False,
            "unloadAllLoadedByThisPlugin": True,
            "allowUnloadingItemsLoadedByUserOrOtherPlugins": False,
            "instanceIDs": [],
            "fileNames": [],
        }
        await api.ask("ItemUnloadRequest", data)
        count = len(self._items)
        self._items.clear()
        return count

    async def restore(self, api: Api) -> None:
        """After a lost line: tint the model again and load the items again. What fails is let go with a note in the log."""
        files = [file for _, file in self._items]
        self._items.clear()
        try:
            for file in files:
                await self.load(api, file)
            if self._tint != WHITE:
                await self.tint(api, self._tint)
        except ApiError as error:
            log.info("vtube_studio.not_restored", error_id=error.error_id)

    async def retint(self, api: Api) -> None:
        """Tint another model as the one before."""
        if self._tint != WHITE:
            try:
                await self.tint(api, self._tint)
            except ApiError as error:
                log.info("vtube_studio.not_tinted", error_id=error.error_id)

    async def leave(self, api: Api) -> None:
        """Take our items away at the end, while the line still stands."""
        try:
            await self.unload(api)
        except (ApiError, TemporaryError):
            # They go with the line.
            log.info("vtube_studio.items_left")
