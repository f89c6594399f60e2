"""The mapping editor, opened on a show, and what it was asked to save."""

from __future__ import annotations

from typing import Any

from pytestqt.qtbot import QtBot

from tests.ui.pages.avatars import avatar
from tests.ui.pages.connections import ConnectionsShow
from voxelle.ui.pages.connections import ConnectionsPage
from voxelle.ui.pages.connections.vtube_studio import VTubeStudioPanel
from voxelle.ui.pages.connections.vtube_studio.emotions import EmotionsTab

PATH = "integrations.vtube_studio.mappings"


def edit(qtbot: QtBot, show: ConnectionsShow, mapping: dict[str, Any] | None) -> EmotionsTab:
    """Open the tab, with a mapping kept for the loaded model."""
    values = {"integrations.vtube_studio.is_enabled": True, PATH: {"m1": mapping} if mapping else {}}
    show.do(lambda: show.settings.change_all(values))
    show.desk.snapshots["vtube_studio"] = avatar(show.clock.now())
    page = ConnectionsPage(show.bridge)
    qtbot.addWidget(page)
    page.resize(1000, 700)
    page.show()
    show.settle()
    page.choose("vtube_studio")
    panel = page.panel("vtube_studio")
    assert isinstance(panel, VTubeStudioPanel)
    panel.tabs.setCurrentIndex(2)
    show.settle()
    return panel.emotions


def saved(show: ConnectionsShow) -> dict[str, Any]:
    """Return the one mapping that was saved."""
    ((_connection, arguments),) = show.commands("save_mapping")
    assert arguments["model_id"] == "m1"
    mapping: dict[str, Any] = arguments["mapping"]
    return mapping
