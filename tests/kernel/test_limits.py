"""What a process does about its own limits."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from voxelle.kernel.limits import settle_heap


@pytest.fixture(autouse=True)
def _thaw() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


def test_what_is_there_when_the_heap_is_settled_is_not_searched_again() -> None:
    gc.set_threshold(700, 10, 10)  # whoever ran before in this process may have settled it
    before = gc.get_threshold()
    settle_heap()
    assert gc.get_freeze_count() > len(gc.get_objects()), "almost all there is was there"
    assert gc.get_threshold()[:2] == before[:2]
    assert gc.get_threshold()[2] > before[2]
