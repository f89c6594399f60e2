"""The Twitch panel: the way in, accounts, stream, subscriptions, settings, and trying it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from tests.ui.pages.connections import CLIENT_ID, ConnectionsShow, channel, code, signed_in, topic
from voxelle.domain.channel import AccountRole, AccountState, AccountStatus, Broadcast, ChannelSnapshot, TopicState
from voxelle.domain.chat import StreamEvent
from voxelle.domain.errors import InputError
from voxelle.domain.events import HealthLevel
from voxelle.ui.dialogs.confirm import ConfirmDialog
from voxelle.ui.dialogs.sign_in import SignInDialog
from voxelle.ui.models.topics import TopicColumn
from voxelle.ui.pages.connections import ConnectionsPage
from voxelle.ui.pages.connections.twitch import TwitchPanel
from voxelle.ui.pages.connections.twitch.accounts import AccountRow
from voxelle.ui.pages.connections.twitch.wording import counter_title, kind_title, state_look
from voxelle.ui.pages.settings.editors import SwitchEditor
from voxelle.ui.theme import Theme

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the offscreen platform has no window manager to tell
Open = Callable[..., TwitchPanel]


@pytest.fixture
def opened(qtbot: QtBot, connections_show: ConnectionsShow, theme: Theme) -> Open:
    def make(snapshot: ChannelSnapshot | None = None, tab: int = 0) -> TwitchPanel:
        if snapshot is not None:
            connections_show.desk.snapshots["twitch"] = snapshot
        page = ConnectionsPage(connections_show.bridge)
        qtbot.addWidget(page)
        page.resize(900, 700)
        page.show()
        connections_show.settle()
        panel = page.panel("twitch")
        assert isinstance(panel, TwitchPanel)
        panel.tabs.setCurrentIndex(tab)
        return panel

    return make


def row(panel: TwitchPanel, role: AccountRole = AccountRole.BROADCASTER) -> AccountRow:
    return panel.overview.accounts.rows[role]


def say(show: ConnectionsShow, account: AccountStatus) -> None:
    show.tell(channel(show.clock.now(), account))


def without_client_id(show: ConnectionsShow, **values: object) -> None:
    wanted = {"client_id": "", **values}
    show.do(lambda: show.settings.change_all({f"integrations.twitch.{name}": value for name, value in wanted.items()}))


def test_a_newcomer_sees_the_steps_to_a_client_id_alone(opened: Open, connections_show: ConnectionsShow, qtbot: QtBot) -> None:
    without_client_id(connections_show, is_enabled=False)
    panel = opened()
    first = panel.overview.first_run
    assert first.isVisible()
    assert not panel.overview.accounts.isVisible()
    first.field.setText(f"  {CLIENT_ID} ")
    qtbot.keyClick(first.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: connections_show.settings.current.integrations.get("twitch", {}).get("is_enabled"))
    connections_show.settle()
    assert connections_show.settings.current.integrations["twitch"]["client_id"] == CLIENT_ID
    qtbot.waitUntil(panel.overview.accounts.isVisible)
    assert not first.isVisible()


@pytest.mark.parametrize(
    "text, problem, can_save",
    [
        ("", "", False),
        ("abc def", "A client ID has only letters and digits: was too much copied?", False),
        ("abc", "Client IDs usually have 30 characters; this one has 3.", True),
        (CLIENT_ID, "", True),
    ],
)
def test_a_client_id_is_checked_while_it_is_typed(
    text: str, problem: str, can_save: bool, opened: Open, connections_show: ConnectionsShow
) -> None:
    without_client_id(connections_show)
    first = opened().overview.first_run
    first.field.setText(text)
    assert (first.problem.text(), first.save_button.isEnabled()) == (problem, can_save)
    assert first.problem.isVisible() is bool(problem)


def test_a_console_that_can_not_be_opened_is_named(opened: Open, connections_show: ConnectionsShow) -> None:
    without_client_id(connections_show)
    first = opened().overview.first_run
    pages: list[str] = []

    def no_browser(address: str) -> bool:
        pages.append(address)
        return False

    first._open_page = no_browser
    first.console_button.click()
    assert pages == ["https://dev.twitch.tv/console/apps"]
    assert first.problem.text() == "No browser could be opened. Go to https://dev.twitch.tv/console/apps yourself."
    first._on_save()
    assert connections_show.commands("switch") == []


def test_a_refused_client_id_says_why(opened: Open, connections_show: ConnectionsShow) -> None:
    without_client_id(connections_show)
    panel = opened()
    first = panel.overview.first_run
    first.entered.emit("not! letters")
    connections_show.settle()
    assert first.isVisible()
    assert "Client ID" in first.problem.text()


def test_while_nobody_is_signed_in_the_client_id_can_be_changed_in_place(
    opened: Open, connections_show: ConnectionsShow, qtbot: QtBot
) -> None:
    panel = opened()
    button, first = panel.overview.accounts.client_button, panel.overview.first_run
    say(connections_show, AccountStatus(AccountRole.BROADCASTER, AccountState.SIGNED_IN, name="pixel_pete"))
    assert not button.isVisible()
    say(connections_show, AccountStatus(AccountRole.BROADCASTER))
    assert button.isVisible()
    assert not first.isVisible()
    button.click()
    assert first.isVisible()
    assert first.field.text() == connections_show.settings.current.integrations["twitch"]["client_id"]
    first.field.setText("b" * 30)
    first.save_button.click()
    qtbot.waitUntil(lambda: connections_show.settings.current.integrations["twitch"]["client_id"] == "b" * 30)
    assert not first.isVisible()


def test_both_accounts_are_offered(opened: Open) -> None:
    panel = opened()
    for role in AccountRole:
        assert row(panel, role).chip.word == "Signed out"
        assert row(panel, role).sign_in_button.isVisible()
    assert "Optional" in row(panel, AccountRole.BOT).name.text()


def test_an_account_tells_name_age_days_left_and_what_is_missing(opened: Open, connections_show: ConnectionsShow) -> None:
    now = connections_show.clock.now()
    account = row(opened(channel(now, signed_in(now, missing=("Polls", "Predictions"), is_kept=False))))
    assert "こはる_ch🌸" in account.name.text()
    assert account.facts.text().startswith("checked 12 min ago · ends after 29 days without use · only until Voxelle closes")
    assert account.missing.text() == "Not allowed yet: Polls, Predictions"
    assert account.allow_button.isVisible()
    assert not account.sign_in_button.isVisible()
    assert not account.scopes.isVisible()
    account.scopes_button.click()
    assert account.scopes.isVisible()
    assert "bits:read" in account.scopes.text()


def test_names_from_outside_stay_letters(opened: Open, connections_show: ConnectionsShow) -> None:
    now = connections_show.clock.now()
    account = row(opened(channel(now, signed_in(now, name="<b>x</b>\n\u202eevil" + "a" * 200))))
    assert account.name.textFormat() is Qt.TextFormat.PlainText
    assert "\n" not in account.name.text()
    assert "\u202e" not in account.name.text()
    assert len(account.name.text()) < 70


def test_signing_in_opens_the_dialog_and_can_be_looked_at_again(opened: Open, connections_show: ConnectionsShow) -> None:
    connections_show.desk.results["sign_in"] = code(connections_show.clock.now())
    panel = opened()
    row(panel).sign_in_button.click()
    connections_show.settle()
    dialog = panel.window().findChild(SignInDialog)
    assert isinstance(dialog, SignInDialog)
    assert dialog.code.text() == "ABCDEFGH"
    say(connections_show, AccountStatus(AccountRole.BROADCASTER, AccountState.SIGNING_IN, code=code(connections_show.clock.now())))
    assert row(panel).code_button.isVisible()
    row(panel).cancel_button.click()
    dialog.reject()
    connections_show.settle()
    assert connections_show.commands("cancel_sign_in") == [("twitch", {"account": "broadcaster"})] * 2


def test_signing_out_asks_first(opened: Open, connections_show: ConnectionsShow) -> None:
    panel = opened(channel(connections_show.clock.now()))
    row(panel).sign_out_button.click()
    dialog = panel.window().findChild(ConfirmDialog)
    assert isinstance(dialog, ConfirmDialog)
    next(button for button in dialog.findChildren(QPushButton) if button.text() == "Sign out").click()
    connections_show.settle()
    assert connections_show.commands("sign_out") == [("twitch", {"account": "broadcaster"})]


def test_a_refused_sign_in_says_what_to_do(opened: Open, connections_show: ConnectionsShow) -> None:
    panel = opened()
    say(connections_show, AccountStatus(AccountRole.BROADCASTER, AccountState.REFUSED, "kenji", sentence="Sign in again."))
    assert (row(panel).chip.word, row(panel).chip.tone) == ("Sign in again", "danger")
    assert row(panel).sentence.isVisible()
    assert row(panel).sign_in_button.isVisible()
    assert row(panel).sign_out_button.isVisible()


def test_whoever_is_needed_can_sign_in_again(opened: Open, connections_show: ConnectionsShow) -> None:
    panel = opened(channel(connections_show.clock.now()))
    assert not row(panel).sign_in_button.isVisible()
    connections_show.light("twitch", HealthLevel.NEEDS_YOU, "Voxelle was disconnected: sign in again.")
    assert (row(panel).sign_in_button.isVisible(), row(panel).sign_in_button.words) == (True, "Sign in again …")
    assert row(panel, AccountRole.BOT).sign_in_button.words == "Sign in …"


def test_a_missing_password_store_is_told_once(opened: Open, connections_show: ConnectionsShow) -> None:
    unkept = [AccountStatus(role, is_kept=False, sentence="There is no password store.") for role in AccountRole]
    panel = opened(channel(connections_show.clock.now(), *unkept))
    assert row(panel).sentence.isVisible()
    assert not row(panel, AccountRole.BOT).sentence.isVisible()


def test_nobody_can_sign_in_while_the_connection_is_off(opened: Open, connections_show: ConnectionsShow) -> None:
    connections_show.do(lambda: connections_show.settings.change("integrations.twitch.is_enabled", value=False))
    panel = opened(channel(connections_show.clock.now()))
    assert row(panel).chip.word == "Off"
    assert panel.overview.on_air.chip.word == "Not known yet"
    assert not row(panel).sign_in_button.isEnabled()
    assert not panel.overview.on_air.refresh_button.isEnabled()
    assert not panel.trial.test_button.isEnabled()


def test_the_buttons_of_an_account_give_way(opened: Open, connections_show: ConnectionsShow) -> None:
    account = row(opened(channel(connections_show.clock.now())))
    account.resize(300, 200)
    assert (account.sign_out_button.text(), account.sign_out_button.accessibleName()) == ("", "Sign out …")


def test_the_stream_as_twitch_sees_it(opened: Open, connections_show: ConnectionsShow) -> None:
    card = opened(channel(connections_show.clock.now())).overview.on_air
    assert card.chip.word == "Live"
    assert "【雑談】" in card.title.text()
    assert card.facts.value("Viewers") == "1,234"
    assert card.facts.value("On air for").startswith("2:05:")
    card.refresh_button.click()
    connections_show.settle()
    assert connections_show.commands("refresh") == [("twitch", {})]
    now = connections_show.clock.now()
    connections_show.tell(channel(now, broadcast=Broadcast(title="Later", checked_at=now)))
    assert (card.chip.word, card.facts.value("Viewers")) == ("Offline", "")
    connections_show.tell(ChannelSnapshot())
    assert (card.chip.word, card.title.isVisible()) == ("Not known yet", False)


def test_the_line_tells_when_something_came_last(opened: Open, connections_show: ConnectionsShow) -> None:
    panel = opened(channel(connections_show.clock.now(), last_problem="Not written: followers only."))
    facts = panel.overview.line.facts
    assert facts.value("Last event") in {"3 s ago", "4 s ago"}
    assert facts.value("Heartbeat") in {"9 s ago", "10 s ago"}
    assert (facts.value("Duplicates left out"), facts.value("Unreadable, left out")) == ("3", "")
    assert panel.overview.line.problem.text() == "Last problem: Not written: followers only."
    connections_show.tell(ChannelSnapshot())
    assert (facts.value("Last event"), facts.value("Connected")) == ("never", "no")


def test_voice_and_chat_answers_are_switches_of_their_own_at_the_top(opened: Open, connections_show: ConnectionsShow, qtbot: QtBot) -> None:
    panel = opened()
    assert list(panel.overview.answers.rows) == ["integrations.twitch.answers_by_voice", "integrations.twitch.answers_in_chat"]
    editor = panel.overview.answers.row("answers_in_chat").editor
    assert isinstance(editor, SwitchEditor)
    editor.box.click()
    panel.overview._settings.apply()
    qtbot.waitUntil(lambda: connections_show.settings.current.integrations["twitch"].get("answers_in_chat") is True)


def test_every_setting_has_one_place_on_the_panel(opened: Open, connections_show: ConnectionsShow) -> None:
    panel = opened(tab=2)
    panel.tabs.setCurrentIndex(0)
    panel.tabs.setCurrentIndex(2)
    shown = [*panel.overview.answers.rows, *panel.features.rows, *panel.servers.rows]
    whole = {field.path for field in connections_show.settings.fields() if field.part == "integrations.twitch"}
    assert len(shown) == len(set(shown))
    assert set(shown) == whole - {"integrations.twitch.is_enabled"}


def test_the_table_tells_what_is_heard_and_greys_what_is_refused(opened: Open, connections_show: ConnectionsShow) -> None:
    panel = opened(channel(connections_show.clock.now()), tab=1)
    assert panel.hearing.total.text() == "1 of 2 wanted subscriptions are active."
    table = panel.hearing.table
    assert table.rowHeight(0) > table.rowHeight(1)
    plain = table.grab().toImage()
    table.selectRow(0)
    assert table.grab().toImage() != plain
    panel.hearing.resize(300, 300)
    assert table.isColumnHidden(TopicColumn.EVENTS)


def test_an_empty_table_says_why(opened: Open, connections_show: ConnectionsShow) -> None:
    panel = opened(tab=1)
    assert panel.hearing.pane.heading.text() == "Nobody is signed in"
    connections_show.tell(channel(connections_show.clock.now(), topics=()))
    assert panel.hearing.pane.heading.text() == "Subscribing …"
    connections_show.do(lambda: connections_show.settings.change("integrations.twitch.is_enabled", value=False))
    connections_show.settle()
    assert panel.hearing.pane.heading.text() == "She hears nothing"
    panel.hearing.pane.button.click()
    connections_show.settle()
    assert connections_show.commands("switch") == [("twitch", True)]


def test_times_go_on_while_the_panel_is_seen(opened: Open, connections_show: ConnectionsShow, qtbot: QtBot) -> None:
    now = connections_show.clock.now()
    panel = opened(channel(now, topics=(topic("follow", last_event_at=now, events=1),)))
    connections_show.tell(replace(channel(now), last_event_at=now - timedelta(hours=1)))
    panel.hide()
    panel.show()
    assert panel.overview.line.facts.value("Last event") == "60 min ago"


def test_a_test_event_says_what_was_sent_or_why_not(opened: Open, connections_show: ConnectionsShow) -> None:
    trial = opened(tab=3).trial
    trial.kinds.setCurrentIndex(trial.kinds.findData("raid"))
    trial.test_button.click()
    connections_show.settle()
    assert connections_show.commands("test_event") == [("twitch", {"kind": "raid"})]
    assert trial.test_card.outcome.text() == "Sent: Raid. See the Live page for what she makes of it."
    connections_show.desk.errors["test_event"] = InputError("There is no sample of it.")
    trial.test_button.click()
    connections_show.settle()
    assert trial.test_card.outcome.text() == "There is no sample of it."
    assert trial.kinds.findData("touch") == -1
    assert trial.kinds.itemText(0) == "Chat message"


def test_a_line_for_the_chat_is_written(opened: Open, connections_show: ConnectionsShow, qtbot: QtBot) -> None:
    trial = opened(tab=3).trial
    qtbot.keyClick(trial.line, Qt.Key.Key_Return)
    assert not trial.write_button.isEnabled()
    trial.line.setText(" hello ")
    qtbot.keyClick(trial.line, Qt.Key.Key_Return)
    connections_show.settle()
    assert connections_show.commands("send_message") == [("twitch", {"text": "hello"})]
    assert (trial.write_card.outcome.text(), trial.line.text()) == ("Written.", "")


def test_a_line_that_can_not_be_written_says_why(opened: Open, connections_show: ConnectionsShow) -> None:
    connections_show.desk.errors["send_message"] = InputError("Sign in first.")
    trial = opened(tab=3).trial
    trial.line.setText("hello")
    trial.write_button.click()
    connections_show.settle()
    assert (trial.write_card.outcome.text(), trial.line.text()) == ("Sign in first.", "hello")


def test_a_snapshot_of_another_light_is_followed(opened: Open, connections_show: ConnectionsShow) -> None:
    panel = opened(channel(connections_show.clock.now(), topics=(topic("polls", TopicState.PENDING),)))
    connections_show.light("twitch", HealthLevel.RETRYING, "The line dropped.")
    assert panel.channel.card.sentence == "The line dropped."


def test_everything_has_a_word(qtbot: QtBot) -> None:
    assert len({state_look(state)[0] for state in AccountState}) == len(AccountState)
    assert counter_title("something_new") == "Something new"
    assert len({kind_title(kind) for kind in StreamEvent}) == len(StreamEvent)
