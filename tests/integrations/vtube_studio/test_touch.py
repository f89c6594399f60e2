"""What was clicked, in words."""

from __future__ import annotations

from typing import Any

import pytest

from voxelle.integrations.vtube_studio.touch import plain_words, touched_item, touched_part


@pytest.mark.parametrize(
    "name, words",
    [
        ("hair_right6", "hair right"),
        ("face_skin", "face skin"),
        ("D_FACE_00", "face"),
        ("EyeL2", "eye left"),
        ("HairFront1", "hair front"),
        ("ArtMesh12", ""),
        ("Part_3", ""),
        ("123", ""),
        ("髪_前", "髪 前"),
        ("x" * 200, "x" * 60),
    ],
)
def test_names_of_parts_become_words(name: str, words: str) -> None:
    assert plain_words(name) == words


def hit(mesh: Any, order: int) -> dict[str, Any]:
    return {"artMeshOrder": order, "hitInfo": {"artMeshID": mesh}}


def test_the_topmost_part_that_says_something_is_told() -> None:
    hits = [hit("face_skin", 1), hit("ArtMesh1", 0), "nonsense", {"hitInfo": None}]
    assert touched_part({"modelWasClicked": True, "mouseButtonID": 0, "artMeshHits": hits}) == "face skin"
    assert touched_part({"modelWasClicked": True, "mouseButtonID": 0, "artMeshHits": []}) == "somewhere"
    assert touched_part({"modelWasClicked": True, "mouseButtonID": 1, "artMeshHits": hits}) == ""
    assert touched_part({"modelWasClicked": False, "artMeshHits": hits}) == ""


@pytest.mark.parametrize(
    "kind, file, words",
    [
        ("Clicked", "my_item.png", "the item my item"),
        ("ItemClicked", "b_woozy (@denchisoft).png", "the item woozy"),
        ("Clicked", "123.png", "an item"),
        ("Added", "my_item.png", ""),
        ("", "", ""),
    ],
)
def test_clicked_items_are_told_by_name(kind: str, file: str, words: str) -> None:
    assert touched_item({"itemEventType": kind, "itemFileName": file}) == words
