"""A sign-in goes through its stages and says how it ended."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ui.pages.connections import ConnectionsShow, channel, code, signed_in
from voxelle.domain.channel import AccountRole, AccountState, AccountStatus
from voxelle.domain.errors import TemporaryError
from voxelle.ui.models.channel import ChannelModel
from voxelle.ui.models.connections import ConnectionsModel
from voxelle.ui.models.sign_in import SignInModel, Stage

OUT = AccountStatus(AccountRole.BROADCASTER)


class SignIn:
    """A sign-in of the broadcaster and what the connection says of it."""

    def __init__(self, show: ConnectionsShow) -> None:
        self._show = show
        connections = ConnectionsModel(show.bridge, show.bridge)
        connections.refresh()
        show.settle()
        self.channel = ChannelModel(connections, "twitch", show.clock, show.bridge)
        self.code = code(show.clock.now())
        show.desk.results["sign_in"] = self.code

    def begin(self, before: AccountStatus = OUT) -> SignInModel:
        self.say(before)
        model = SignInModel(self.channel, AccountRole.BROADCASTER, self._show.bridge)
        model.begin()
        return model

    def say(self, account: AccountStatus) -> None:
        self._show.tell(channel(self._show.clock.now(), account))

    def say_signing_in(self, **changes: Any) -> None:
        self.say(signed_in(self._show.clock.now(), state=AccountState.SIGNING_IN, name="", scopes=(), code=self.code, **changes))


@pytest.fixture
def sign_in(connections_show: ConnectionsShow) -> SignIn:
    return SignIn(connections_show)


def test_it_asks_for_a_code_and_waits_until_it_is_confirmed(sign_in: SignIn, connections_show: ConnectionsShow) -> None:
    model = sign_in.begin()
    stages = [model.stage]
    connections_show.settle()
    assert stages == [Stage.ASKING]
    assert (model.stage, model.code) == (Stage.WAITING, sign_in.code)
    assert 1400 < model.seconds_left <= 1500
    sign_in.say_signing_in(sentence="Twitch can't be reached; still trying.")
    assert (model.stage, model.sentence) == (Stage.WAITING, "Twitch can't be reached; still trying.")
    sign_in.say(signed_in(connections_show.clock.now()))
    assert (model.stage, model.account.name) == (Stage.DONE, "こはる_ch🌸")
    sign_in.say(OUT)
    assert (model.stage, model.account.name) == (Stage.DONE, "")


def test_it_is_done_before_the_name_is_known(sign_in: SignIn, connections_show: ConnectionsShow) -> None:
    model = sign_in.begin()
    connections_show.settle()
    sign_in.say(AccountStatus(AccountRole.BROADCASTER, AccountState.UNCHECKED))
    assert (model.stage, model.account.name) == (Stage.DONE, "")
    changes: list[None] = []
    model.changed.connect(lambda: changes.append(None))
    sign_in.say(signed_in(connections_show.clock.now()))
    assert (len(changes), model.account.name) == (1, "こはる_ch🌸")


def test_a_code_that_waits_already_is_shown_again(sign_in: SignIn, connections_show: ConnectionsShow) -> None:
    sign_in.say_signing_in()
    model = SignInModel(sign_in.channel, AccountRole.BROADCASTER, connections_show.bridge)
    model.begin()
    assert model.stage is Stage.WAITING
    assert connections_show.commands("sign_in") == []


def test_an_offline_computer_is_told_and_can_try_again(sign_in: SignIn, connections_show: ConnectionsShow) -> None:
    connections_show.desk.errors["sign_in"] = TemporaryError("Twitch can't be reached. Is this computer online?")
    model = sign_in.begin()
    connections_show.settle()
    assert (model.stage, model.sentence) == (Stage.FAILED, "Twitch can't be reached. Is this computer online?")
    connections_show.desk.errors.clear()
    model.begin()
    connections_show.settle()
    assert model.stage is Stage.WAITING


def test_a_denial_is_told_in_its_own_sentence(sign_in: SignIn, connections_show: ConnectionsShow) -> None:
    model = sign_in.begin()
    connections_show.settle()
    sign_in.say_signing_in()
    sign_in.say(AccountStatus(AccountRole.BROADCASTER, sentence="Signing in was declined."))
    assert (model.stage, model.sentence) == (Stage.FAILED, "Signing in was declined.")


def test_an_end_without_a_reason_is_still_told(sign_in: SignIn, connections_show: ConnectionsShow) -> None:
    model = sign_in.begin()
    connections_show.settle()
    sign_in.say_signing_in()
    sign_in.say(AccountStatus(AccountRole.BROADCASTER))
    assert (model.stage, model.sentence) == (Stage.FAILED, "The sign-in has ended.")


def test_a_code_runs_out(sign_in: SignIn, connections_show: ConnectionsShow) -> None:
    sign_in.code = code(connections_show.clock.now(), -1)
    connections_show.desk.results["sign_in"] = sign_in.code
    model = sign_in.begin()
    model.tick()
    assert model.stage is Stage.ASKING
    connections_show.settle()
    model.tick()
    assert (model.stage, model.sentence) == (Stage.FAILED, "The code has expired. Get a new one.")


def test_a_code_on_its_way_is_asked_for(sign_in: SignIn, connections_show: ConnectionsShow) -> None:
    model = sign_in.begin()
    sign_in.say(AccountStatus(AccountRole.BROADCASTER, AccountState.SIGNING_IN))
    assert model.stage is Stage.ASKING


def test_allowing_more_is_done_once_the_account_changed(sign_in: SignIn, connections_show: ConnectionsShow) -> None:
    before = signed_in(connections_show.clock.now(), missing=("Polls",))
    model = sign_in.begin(before)
    connections_show.settle()
    sign_in.say(before)
    assert (model.stage, model.code) == (Stage.WAITING, sign_in.code)
    sign_in.say_signing_in()
    sign_in.say(signed_in(connections_show.clock.now(), scopes=(*before.scopes, "channel:read:polls")))
    assert (model.stage, model.code) == (Stage.DONE, None)


def test_declining_to_allow_more_is_told_though_the_account_stays(sign_in: SignIn, connections_show: ConnectionsShow) -> None:
    before = signed_in(connections_show.clock.now(), missing=("Polls",))
    model = sign_in.begin(before)
    connections_show.settle()
    sign_in.say_signing_in()
    sign_in.say(signed_in(connections_show.clock.now(), missing=("Polls",), sentence="Signing in was declined."))
    assert (model.stage, model.sentence) == (Stage.FAILED, "Signing in was declined.")


def test_only_what_still_waits_is_given_up(sign_in: SignIn, connections_show: ConnectionsShow) -> None:
    model = sign_in.begin()
    connections_show.settle()
    model.cancel()
    sign_in.say_signing_in()
    sign_in.say(signed_in(connections_show.clock.now()))
    model.cancel()
    connections_show.settle()
    assert connections_show.commands("cancel_sign_in") == [("twitch", {"account": "broadcaster"})]
