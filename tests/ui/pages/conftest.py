"""Fixtures of the pages' tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.pages.show import PagesShow


@pytest.fixture
def pages_show(qtbot: QtBot, tmp_path: Path) -> Iterator[PagesShow]:
    """A show for pages."""
    made = PagesShow(tmp_path)
    yield made
    made.end()
    made.bridge.deleteLater()
