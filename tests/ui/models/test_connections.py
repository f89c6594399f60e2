"""All connections: their lights and switches, and what each shows of itself."""

from __future__ import annotations

import pytest
from pydantic import BaseModel
from pytestqt.qtbot import QtBot

from tests.ui.pages.connections import ConnectionsShow, channel
from tests.ui.show import Show
from voxelle.contracts.integration import Declaration
from voxelle.domain.errors import InputError, SetupError, TemporaryError, VoxelleError
from voxelle.domain.events import HealthLevel, NoticeRaised
from voxelle.ui.models.connections import ConnectionsModel


@pytest.fixture
def model(connections_show: ConnectionsShow) -> ConnectionsModel:
    made = ConnectionsModel(connections_show.bridge, connections_show.bridge)
    made.refresh()
    connections_show.settle()
    return made


def test_it_lists_what_is_installed_with_switch_and_light(model: ConnectionsModel) -> None:
    assert [card.id for card in model.cards] == ["rehearsal", "twitch", "vtube_studio"]
    twitch = model.card("twitch")
    assert (twitch.title, twitch.icon, twitch.is_on, twitch.level) == ("Twitch", "twitch", True, HealthLevel.OFF)
    assert not model.card("vtube_studio").is_on


def test_a_light_changes_its_card_alone(model: ConnectionsModel, connections_show: ConnectionsShow) -> None:
    changed: list[str] = []
    model.card_changed.connect(changed.append)
    connections_show.light("twitch", HealthLevel.OK, "Connected.")
    connections_show.light("twitch", HealthLevel.OK, "Connected.")
    connections_show.light("engine", HealthLevel.FAILED, "Not a connection.")
    assert changed == ["twitch"]
    assert model.card("twitch").sentence == "Connected."


def test_switching_changes_the_setting(model: ConnectionsModel, connections_show: ConnectionsShow, qtbot: QtBot) -> None:
    model.switch("vtube_studio", is_on=True)
    assert model.card("vtube_studio").is_busy
    connections_show.settle()
    assert model.card("vtube_studio").is_on
    qtbot.waitUntil(lambda: not model.card("vtube_studio").is_busy)
    assert connections_show.settings.current.integrations["vtube_studio"]["is_enabled"]


def test_a_command_that_fails_leaves_its_sentence_until_it_works(model: ConnectionsModel, connections_show: ConnectionsShow) -> None:
    connections_show.desk.errors["switch"] = SetupError("The settings can't be saved.")
    model.switch("twitch", is_on=False)
    connections_show.settle()
    assert model.card("twitch").error == "The settings can't be saved."
    connections_show.desk.errors.clear()
    model.restart("twitch")
    connections_show.settle()
    assert model.card("twitch").error == ""
    assert connections_show.commands("restart") == [("twitch",)]


def test_it_keeps_what_a_connection_shows_of_itself(connections_show: ConnectionsShow) -> None:
    first = channel(connections_show.clock.now())
    connections_show.desk.snapshots["twitch"] = first
    model = ConnectionsModel(connections_show.bridge, connections_show.bridge)
    model.refresh()
    connections_show.settle()
    assert model.snapshot("twitch") == first
    changed: list[str] = []
    model.snapshot_changed.connect(changed.append)
    second = channel(connections_show.clock.now(), last_problem="The line dropped.")
    connections_show.tell(second)
    assert changed == ["twitch"]
    assert model.snapshot("twitch") == second
    assert model.snapshot("rehearsal") is None


def test_a_desk_that_fails_says_why_and_can_be_asked_again(connections_show: ConnectionsShow) -> None:
    connections_show.desk.errors["declarations"] = TemporaryError("The show is still opening.")
    model = ConnectionsModel(connections_show.bridge, connections_show.bridge)
    model.refresh()
    connections_show.settle()
    assert (model.is_loaded, model.error, model.cards) == (True, "The show is still opening.", ())
    connections_show.desk.errors.clear()
    model.refresh()
    connections_show.settle()
    assert model.error == ""
    assert len(model.cards) == 3


def test_a_connection_without_a_switch_is_always_on(connections_show: ConnectionsShow) -> None:
    class Nothing(BaseModel):
        pass

    connections_show.desk.installed = {"plain": Declaration("plain", "Plain", "Is there.", Nothing, lambda _settings, _ports: None)}  # type: ignore[arg-type, return-value]
    model = ConnectionsModel(connections_show.bridge, connections_show.bridge)
    model.refresh()
    connections_show.settle()
    assert (model.card("plain").has_switch, model.card("plain").is_on) == (False, True)


def test_actions_answer_or_fail(model: ConnectionsModel, connections_show: ConnectionsShow) -> None:
    connections_show.desk.results["refresh"] = {"is_live": True}
    answers: list[object] = []
    errors: list[VoxelleError] = []
    model.perform("twitch", "refresh", done=answers.append, failed=errors.append)
    model.perform("twitch", "dance", done=answers.append, failed=errors.append)
    model.perform("twitch", "test_event", {"kind": "nonsense"}, done=answers.append, failed=errors.append)
    connections_show.settle()
    assert answers == [{"is_live": True}]
    assert [type(error) for error in errors] == [InputError, InputError]


def test_an_action_nobody_waits_for_tells_its_error_as_a_notice(model: ConnectionsModel, connections_show: ConnectionsShow) -> None:
    notices: list[str] = []
    connections_show.bridge.subscribe(NoticeRaised, lambda notice: notices.append(notice.sentence))
    model.perform("twitch", "dance")
    connections_show.settle()
    assert notices == ["This connection can't do “dance”."]


def test_a_show_without_connections_has_none(show: Show) -> None:
    model = ConnectionsModel(show.bridge, show.bridge)
    model.refresh()
    show.settle()
    assert (model.is_available, model.is_loaded, model.cards, model.error) == (False, True, (), "")
    errors: list[VoxelleError] = []
    model.perform("twitch", "refresh", failed=errors.append)
    model.switch("twitch", is_on=True)
    show.settle()
    assert [error.sentence for error in errors] == ["There are no connections here."]
