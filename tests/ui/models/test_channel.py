"""A connection to a channel: accounts, commands, and its subscriptions as a table."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from pytestqt.modeltest import ModelTester

from tests.ui.pages.connections import ConnectionsShow, channel, signed_in, topic
from voxelle.domain.avatar import AvatarSnapshot
from voxelle.domain.channel import AccountRole, AccountState, TopicState
from voxelle.domain.chat import StreamEvent
from voxelle.domain.errors import VoxelleError
from voxelle.domain.events import HealthLevel
from voxelle.ui.models.channel import ChannelModel
from voxelle.ui.models.connections import ConnectionsModel
from voxelle.ui.models.topics import SentenceRole, TopicColumn, TopicsModel
from voxelle.ui.theme import Theme


@pytest.fixture
def model(connections_show: ConnectionsShow, theme: Theme) -> ChannelModel:
    connections = ConnectionsModel(connections_show.bridge, connections_show.bridge)
    connections.refresh()
    connections_show.settle()
    return ChannelModel(connections, "twitch", connections_show.clock, connections_show.bridge)


def cells(topics: TopicsModel, row: int) -> list[str]:
    return [topics.data(topics.index(row, column)) for column in TopicColumn]


def test_an_account_that_was_never_heard_of_is_signed_out(model: ChannelModel) -> None:
    assert model.account(AccountRole.BOT).state is AccountState.SIGNED_OUT
    assert not model.is_signed_in


def test_it_follows_its_own_connection_alone(model: ChannelModel, connections_show: ConnectionsShow) -> None:
    changes: list[None] = []
    model.changed.connect(lambda: changes.append(None))
    connections_show.tell(channel(model.now()))
    assert model.is_signed_in
    assert model.account(AccountRole.BROADCASTER).name == "こはる_ch🌸"
    connections_show.light("twitch", HealthLevel.OK)
    connections_show.tell(AvatarSnapshot(), "vtube_studio")
    assert len(changes) == 2
    connections_show.tell(AvatarSnapshot())
    assert not model.is_signed_in


def test_each_command_is_an_action_of_the_connection(model: ChannelModel, connections_show: ConnectionsShow) -> None:
    answers: list[object] = []
    errors: list[VoxelleError] = []
    model.sign_in(AccountRole.BROADCASTER, answers.append, errors.append)
    model.cancel_sign_in(AccountRole.BOT)
    model.sign_out(AccountRole.BROADCASTER)
    model.test_event(StreamEvent.RAID, answers.append, errors.append)
    model.write("hello 👋", answers.append, errors.append)
    model.refresh()
    model.switch_on()
    connections_show.settle()
    assert connections_show.desk.calls == [
        ("sign_in", "twitch", {"account": "broadcaster"}),
        ("cancel_sign_in", "twitch", {"account": "bot"}),
        ("sign_out", "twitch", {"account": "broadcaster"}),
        ("test_event", "twitch", {"kind": "raid"}),
        ("send_message", "twitch", {"text": "hello 👋"}),
        ("refresh", "twitch", {}),
        ("switch", "twitch", True),
    ]
    assert len(answers) == 3
    assert errors == []


def test_topics_are_a_proper_table_model(model: ChannelModel, connections_show: ConnectionsShow, qtmodeltester: ModelTester) -> None:
    connections_show.tell(channel(model.now()))
    qtmodeltester.check(model.topics)


def test_what_needs_the_streamer_comes_first(model: ChannelModel) -> None:
    states = [TopicState.OFF, TopicState.ACTIVE, TopicState.REFUSED, TopicState.PENDING, TopicState.REVOKED, TopicState.ACTIVE]
    model.topics.take(tuple(topic(f"t{number}", state) for number, state in enumerate(states)))
    assert [model.topics.topic(row).topic for row in range(6)] == [f"channel.t{number}" for number in (4, 2, 3, 1, 5, 0)]
    assert model.topics.counts() == (2, 5)


def test_a_row_says_state_age_and_count(model: ChannelModel) -> None:
    model.topics.take((topic("follow", last_event_at=model.now() - timedelta(seconds=40), events=1204), topic("raid")))
    assert cells(model.topics, 0) == ["Follow", "Active", "40 s ago", "1,204"]
    assert cells(model.topics, 1) == ["Raid", "Active", "never", ""]


def test_a_refused_row_is_grey_and_says_why(model: ChannelModel, theme: Theme) -> None:
    model.topics.take((topic("hype_train", TopicState.REFUSED, sentence="Only affiliates\nhave it."),))
    title = model.topics.index(0, TopicColumn.TITLE)
    assert cells(model.topics, 0) == ["Hype train", "Refused", "", ""]
    assert title.data(SentenceRole) == "Only affiliates have it."
    assert title.data(Qt.ItemDataRole.ForegroundRole).color() == theme.colour("muted")
    assert title.data(Qt.ItemDataRole.AccessibleTextRole) == "Hype train. Only affiliates have it."
    assert "channel.hype_train" in title.data(Qt.ItemDataRole.ToolTipRole)
    state = model.topics.index(0, TopicColumn.STATE)
    assert state.data(Qt.ItemDataRole.ForegroundRole).color() == theme.colour("warning")
    assert not state.data(Qt.ItemDataRole.DecorationRole).isNull()


def test_a_changed_topic_changes_its_row_alone_and_ticking_the_ages(model: ChannelModel) -> None:
    topics = (topic("follow"), topic("raid"))
    model.topics.take(topics)
    chosen = QPersistentModelIndex(model.topics.index(1, 0))
    changed: list[tuple[int, int, int]] = []
    model.topics.dataChanged.connect(lambda first, last: changed.append((first.row(), last.row(), first.column())))
    model.topics.take((topics[0], replace(topics[1], events=1)))
    model.topics.tick()
    assert changed == [(1, 1, 0), (0, 1, TopicColumn.LAST)]
    assert chosen.isValid()
    model.topics.take(())
    model.topics.tick()
    assert model.topics.rowCount() == 0


def test_the_header_names_the_columns(model: ChannelModel) -> None:
    names = [model.topics.headerData(column, Qt.Orientation.Horizontal) for column in TopicColumn]
    assert names == ["What she hears", "State", "Last one", "Count"]
    assert model.topics.headerData(0, Qt.Orientation.Vertical) is None


def test_unchecked_counts_as_signed_in(model: ChannelModel, connections_show: ConnectionsShow) -> None:
    connections_show.tell(channel(model.now(), signed_in(model.now(), state=AccountState.UNCHECKED)))
    assert model.is_signed_in
