"""Clicks on the model and on items, as something she can react to.

https://github.com/DenchiSoft/VTubeStudio/blob/master/Events/README.md#model-clicked-event
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from voxelle.domain.chat import Author, ChannelEvent, StreamEvent
from voxelle.integrations.vtube_studio.messages import flag_of, number_of, objects_of, text_of
from voxelle.kernel.clock import Clock, Ids

SOURCE: Final = "vtube_studio"
EVERY_S: Final = 1.0
"""At most one touch so often: who clicks like mad is not answered like mad."""
LONGEST_WORDS: Final = 60
_LEFT: Final = 0
_ITEM_CLICKS: Final = ("Clicked", "ItemClicked")
_SOMEWHERE: Final = "somewhere"
_SAYING_NOTHING: Final = ("artmesh", "art mesh", "mesh", "part", "layer", "drawable", "")
_SIDES: Final = {"l": "left", "r": "right"}
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SIGNS = re.compile(r"[\W_\d]+")
_ENDING = re.compile(r"\.(png|jpe?g|gif)$", re.IGNORECASE)
_ARTIST = re.compile(r"\s*\(@[^)]*\)\s*")


class Touch:
    """Turns clicks into events, one a second at most."""

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids
        self._last_s = float("-inf")

    def read(self, kind: str, data: Mapping[str, Any]) -> ChannelEvent | None:
        """Return what a ModelClickedEvent or ItemEvent is to her; None for nothing, or for too many."""
        words = touched_part(data) if kind == "ModelClickedEvent" else touched_item(data)
        if not words:
            return None
        now = self._clock.monotonic()
        if now - self._last_s < EVERY_S:
            return None
        self._last_s = now
        return _event(f"{SOURCE}:{self._ids.new()}", words, self._clock.now())


def _event(event_id: str, words: str, at: datetime) -> ChannelEvent:
    nobody = Author("", "", SOURCE)
    return ChannelEvent(event_id, StreamEvent.TOUCH, nobody, at, SOURCE, text=words)


def touched_part(data: Mapping[str, Any]) -> str:
    """Return which part of the model was clicked, in words; empty when it was none."""
    if not flag_of(data, "modelWasClicked") or number_of(data, "mouseButtonID") != _LEFT:
        return ""
    hits = sorted(objects_of(data, "artMeshHits"), key=lambda hit: number_of(hit, "artMeshOrder"))
    for hit in hits:
        info = hit.get("hitInfo")
        words = plain_words(text_of(info, "artMeshID")) if isinstance(info, dict) else ""
        if words:
            return words
    return _SOMEWHERE


def touched_item(data: Mapping[str, Any]) -> str:
    """Return which item was clicked, in words; empty for anything else that happens to items."""
    if text_of(data, "itemEventType") not in _ITEM_CLICKS:
        return ""
    words = plain_words(_ARTIST.sub(" ", _ENDING.sub("", text_of(data, "itemFileName"))))
    return f"the item {words}" if words else "an item"


def plain_words(name: str) -> str:
    """Make words of an artist's name for a part: `D_HairR6` → `hair right`; empty where it says nothing (`ArtMesh12`)."""
    words = _SIGNS.sub(" ", _CAMEL.sub(" ", name)).lower().split()
    told = " ".join(_SIDES.get(word, word) for word in words if not word.isascii() or len(word) > 1 or word in _SIDES)
    return "" if told in _SAYING_NOTHING else told[:LONGEST_WORDS]
