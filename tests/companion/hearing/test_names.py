"""Her name, as a recogniser may write it."""

from __future__ import annotations

import pytest

from voxelle.companion.hearing.names import is_named


@pytest.mark.parametrize(
    "text, names",
    [
        ("Hey Mira, how are you?", ("Mira",)),
        ("MIRA!", ("Mira",)),
        ("Hey Myra.", ("Mira",)),
        ("hey meera how are you", ("Mira",)),
        ("Mera, stop", ("Mira",)),
        ("Mira's song", ("Mira",)),
        ("Hallo Zoë", ("Zoe",)),
        ("Vox L, what time is it?", ("Voxelle",)),
        ("so voxel tell me", ("Voxelle",)),
        ("Catherine, hello", ("Katharina",)),
        ("Lady Kitsune please", ("Lady Kitsune",)),
        ("lady kit sune please", ("Lady Kitsune",)),
        ("ね、ミラさん", ("ミラ",)),
        ("hey fox", ("Mira", "Fox")),
    ],
)
def test_she_is_named(text: str, names: tuple[str, ...]) -> None:
    assert is_named(text, names)


@pytest.mark.parametrize(
    "text, names",
    [
        ("", ("Mira",)),
        ("how are you?", ("Mira",)),
        ("more of that mine", ("Mira",)),
        ("admirable", ("Mira",)),
        ("the era of Lira", ("Mira",)),
        ("am I right?", ("Ami",)),
        ("box, fix, fog", ("Fox",)),
        ("anything", ()),
        ("anything", ("",)),
        ("ね、ミルさん", ("ミラ",)),
    ],
)
def test_she_is_not_named(text: str, names: tuple[str, ...]) -> None:
    assert not is_named(text, names)
