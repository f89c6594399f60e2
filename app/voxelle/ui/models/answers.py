"""Keeps an answer from the show loop away from a model that is gone by then."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import shiboken6
from PySide6.QtCore import QObject

T = TypeVar("T")


def for_owner(owner: QObject, callback: Callable[[T], None]) -> Callable[[T], None]:
    """Return the callback, silent once its owner is deleted. The bridge does this by itself for bound methods."""

    def guarded(value: T) -> None:
        if shiboken6.isValid(owner):
            callback(value)

    return guarded
