"""Signing in: one question at the first time, and later only at a click."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.vtube_studio import Consent, ErrorId, FakeVTubeStudio
from tests.integrations.vtube_studio.room import Room, allow
from voxelle.domain.avatar import AvatarInstance, AvatarState
from voxelle.domain.errors import AuthError
from voxelle.domain.events import HealthLevel
from voxelle.integrations.vtube_studio import sign_in
from voxelle.integrations.vtube_studio.api import Api
from voxelle.integrations.vtube_studio.errors import ApiOffError
from voxelle.integrations.vtube_studio.net import HERE
from voxelle.integrations.vtube_studio.sign_in import (
    ASKED_SENTENCE,
    CLICK_ALLOW,
    CONSENT_S,
    DENIED_SENTENCE,
    NOT_ALLOWED,
    PLUGIN_DEVELOPER,
    PLUGIN_NAME,
    REVOKED,
    UNHEARD,
    Kept,
    SignIn,
    Tokens,
)
from voxelle.kernel.clock import Clock
from voxelle.kernel.paths import resource

pytestmark = pytest.mark.virtual_time


@pytest.fixture
def fake(clock: Clock) -> FakeVTubeStudio:
    return FakeVTubeStudio(clock)


def test_the_icon_is_a_png_of_exactly_128_by_128() -> None:
    data = resource("icons", "plugin-128.png").read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack_from(">II", data, 16) == (128, 128)
    assert len(data) < 20_000


def test_the_names_have_3_to_32_characters() -> None:
    assert all(3 <= len(name) <= 32 for name in (PLUGIN_NAME, PLUGIN_DEVELOPER))


async def test_the_first_time_it_asks_once_and_waits_for_minutes(clock: Clock, fake: FakeVTubeStudio) -> None:
    async with Room(clock, fake).open() as room:
        await room.until(lambda: fake.sign_in.pop_up is not None)
        await clock.sleep(300)
        assert room.snapshot.state is AvatarState.WAITING_FOR_CONSENT
        assert room.snapshot.sentence == CLICK_ALLOW
        assert room.light == (HealthLevel.NEEDS_YOU, CLICK_ALLOW)
        assert fake.sign_in.pop_up is not None
        assert (fake.sign_in.pop_up.plugin, fake.sign_in.pop_up.developer) == (PLUGIN_NAME, PLUGIN_DEVELOPER)
        assert base64.b64encode(fake.sign_in.pop_up.icon) == base64.b64encode(resource("icons", "plugin-128.png").read_bytes())
        token = fake.sign_in.allow()
        await room.until_ready(2)
        assert room.secrets.tokens == [token]
        assert room.snapshot.is_token_kept
        (name,) = room.secrets.kept
        assert name.startswith("vtube_studio.")
        assert name.replace("vtube_studio.", "").isalnum()
    assert len(fake.sign_in.popups) == 1
    assert fake.violations == []


async def test_a_kept_token_signs_in_without_a_question(clock: Clock, fake: FakeVTubeStudio) -> None:
    room = Room(clock, fake)
    token = allow(fake)
    await Tokens(room.secrets).save(AvatarInstance("localhost", 8001, ""), Kept(token, was_asked=True))
    async with room.open():
        await room.until_ready(5)
    assert fake.sign_in.popups == []


async def test_a_denial_is_told_and_nothing_pops_up_until_it_is_asked_for(clock: Clock, fake: FakeVTubeStudio) -> None:
    fake.sign_in.consent = Consent.DENIES
    async with Room(clock, fake).open() as room:
        await room.until(lambda: room.snapshot.state is AvatarState.REFUSED)
        assert room.light == (HealthLevel.NEEDS_YOU, DENIED_SENTENCE)
        await clock.sleep(3600)
        room.ports.restart()
        await room.until(lambda: room.light == (HealthLevel.NEEDS_YOU, NOT_ALLOWED))
        assert len(fake.sign_in.popups) == 1
        fake.sign_in.consent = Consent.ALLOWS
        assert "click “Allow”" in await room.perform("allow")
        await room.until_ready(5)
        assert len(fake.sign_in.popups) == 2
        assert await room.perform("allow") == "VTube Studio has allowed Voxelle already."
    assert fake.violations == []


async def test_asking_twice_while_it_asks_shows_one_question(clock: Clock, fake: FakeVTubeStudio) -> None:
    async with Room(clock, fake).open() as room:
        await room.until(lambda: room.snapshot.state is AvatarState.WAITING_FOR_CONSENT)
        await room.perform("allow")
        await room.perform("search")
        await clock.sleep(5)
        assert len(fake.sign_in.popups) == 1
        fake.sign_in.allow()
        await room.until_ready(2)
    assert fake.violations == []


async def test_a_question_of_another_plugin_is_told(clock: Clock, fake: FakeVTubeStudio) -> None:
    fake.faults.fail_next("AuthenticationTokenRequest", ErrorId.TOKEN_REQUEST_ONGOING)
    async with Room(clock, fake).open() as room:
        await room.until(lambda: room.light == (HealthLevel.NEEDS_YOU, ASKED_SENTENCE))
        await clock.sleep(600)
        assert fake.sign_in.popups == []
        fake.sign_in.consent = Consent.ALLOWS
        await room.perform("allow")
        await room.until_ready(5)


async def test_nobody_clicking_is_told_after_ten_minutes(clock: Clock, fake: FakeVTubeStudio) -> None:
    async with Room(clock, fake).open() as room:
        await room.until(lambda: room.light == (HealthLevel.NEEDS_YOU, UNHEARD), CONSENT_S + 30)
        await clock.sleep(3600)
        assert len(fake.sign_in.popups) == 1


async def test_a_line_lost_at_the_question_does_not_ask_again_by_itself(clock: Clock, fake: FakeVTubeStudio) -> None:
    async with Room(clock, fake).open() as room:
        await room.until(lambda: fake.sign_in.pop_up is not None)
        fake.drop_all()
        await room.until(lambda: room.light == (HealthLevel.NEEDS_YOU, NOT_ALLOWED))
        await clock.sleep(3600)
        assert len(fake.sign_in.popups) == 1


@pytest.mark.parametrize("error_id", [int(ErrorId.TOKEN_DENIED), int(ErrorId.NOT_AUTHENTICATED)])
async def test_a_permission_taken_back_while_connected_is_no_storm(clock: Clock, fake: FakeVTubeStudio, error_id: int) -> None:
    fake.sign_in.consent = Consent.ALLOWS
    fake.sign_in.revoked_error = error_id
    async with Room(clock, fake).open() as room:
        await room.until_ready()
        fake.sign_in.revoke()
        fake.stage.change_config()
        await room.until(lambda: room.light == (HealthLevel.NEEDS_YOU, REVOKED), 30)
        assert room.snapshot.state is AvatarState.REFUSED
        assert room.secrets.tokens == []
        await clock.sleep(24 * 3600)
        assert len(fake.sign_in.popups) == 1
        await room.perform("allow")
        await room.until_ready(5)
        assert len(room.secrets.tokens) == 1
        # What was deleted with the permission is there again.
        assert "VoxelleMouthOpen" in room.snapshot.parameters
    assert fake.violations == []


async def test_a_permission_taken_back_meanwhile_is_told_at_the_next_start(clock: Clock, fake: FakeVTubeStudio) -> None:
    room = Room(clock, fake)
    await Tokens(room.secrets).save(AvatarInstance(HERE, 8001, ""), Kept("an-old-token", was_asked=True))
    async with room.open():
        await room.until(lambda: room.light == (HealthLevel.NEEDS_YOU, REVOKED))
        await clock.sleep(3600)
        assert fake.sign_in.popups == []


async def test_a_click_while_the_old_token_is_refused_asks_at_once(clock: Clock, fake: FakeVTubeStudio) -> None:
    room = Room(clock, fake)
    fake.sign_in.consent = Consent.ALLOWS
    await Tokens(room.secrets).save(AvatarInstance(HERE, 8001, ""), Kept("an-old-token", was_asked=True))
    room.service._is_wanted = True
    async with room.open():
        await room.until_ready(5)
    assert len(fake.sign_in.popups) == 1


@pytest.mark.parametrize("error_id", [ErrorId.TOKEN_MISSING, ErrorId.PLUGIN_NAME_MISSING, ErrorId.DEVELOPER_MISSING, ErrorId.TOKEN_DENIED])
async def test_a_refused_sign_in_is_a_permission_taken_back(clock: Clock, fake: FakeVTubeStudio, error_id: ErrorId) -> None:
    room = Room(clock, fake)
    await Tokens(room.secrets).save(AvatarInstance(HERE, 8001, ""), Kept(allow(fake), was_asked=True))
    fake.faults.fail_next("AuthenticationRequest", error_id)
    async with room.open():
        await room.until(lambda: room.light == (HealthLevel.NEEDS_YOU, REVOKED))


async def test_an_error_of_theirs_at_signing_in_is_tried_again(clock: Clock, fake: FakeVTubeStudio) -> None:
    fake.sign_in.consent = Consent.ALLOWS
    fake.faults.fail_next("APIStateRequest", ErrorId.INTERNAL)
    fake.faults.fail_next("AuthenticationRequest", ErrorId.INTERNAL)
    async with Room(clock, fake).open() as room:
        await room.until_ready(30)
    assert len(fake.sign_in.popups) == 1


async def test_without_a_password_store_the_permission_lasts_for_this_session(clock: Clock, fake: FakeVTubeStudio) -> None:
    fake.sign_in.consent = Consent.ALLOWS
    room = Room(clock, fake)
    room.secrets.is_missing = True
    async with room.open():
        await room.until_ready()
        assert not room.snapshot.is_token_kept
        for _ in range(3):
            fake.drop_all()
            await room.until(lambda: room.service.session is None)
            await room.until_ready()
    assert len(fake.sign_in.popups) == 1
    assert room.secrets.kept == {}


async def test_forgetting_ends_the_session_and_asks_nobody(clock: Clock, fake: FakeVTubeStudio) -> None:
    fake.sign_in.consent = Consent.ALLOWS
    async with Room(clock, fake).open() as room:
        await room.until_ready()
        await room.perform("forget")
        await room.until(lambda: room.light == (HealthLevel.NEEDS_YOU, NOT_ALLOWED))
        assert room.secrets.tokens == []
        assert len(fake.sign_in.popups) == 1
        await room.perform("allow")
        await room.until_ready()


async def test_an_icon_that_is_not_taken_does_not_prevent_the_question(clock: Clock, fake: FakeVTubeStudio) -> None:
    fake.sign_in.consent = Consent.ALLOWS
    fake.faults.fail_next("AuthenticationTokenRequest", ErrorId.ICON_INVALID)
    async with Room(clock, fake).open() as room:
        await room.until_ready()
    assert ["pluginIcon" in each.data for each in fake.log("AuthenticationTokenRequest")] == [True, False]


@pytest.mark.parametrize("error_id", [ErrorId.PLUGIN_NAME_INVALID, ErrorId.DEVELOPER_NAME_INVALID])
async def test_names_that_are_not_taken_are_told_and_not_tried_again(clock: Clock, fake: FakeVTubeStudio, error_id: ErrorId) -> None:
    fake.faults.fail_next("AuthenticationTokenRequest", ErrorId.ICON_INVALID)
    fake.faults.fail_next("AuthenticationTokenRequest", error_id)
    async with Room(clock, fake).open() as room:
        await room.until(lambda: room.light[0] is HealthLevel.NEEDS_YOU and "did not take" in room.light[1])
        await clock.sleep(600)
    assert len(fake.log("AuthenticationTokenRequest")) == 2


@pytest.mark.parametrize("kept", ["", "no json", "[]", '{"token": 7}', '{"token": "", "was_asked": "yes"}'])
async def test_a_spoiled_entry_counts_as_none(clock: Clock, kept: str) -> None:
    room = Room(clock)
    tokens, place = Tokens(room.secrets), AvatarInstance(HERE, 8001, "")
    await tokens.save(place, Kept("a"))
    (name,) = room.secrets.kept
    assert json.loads(room.secrets.kept[name]) == {"token": "a", "was_asked": False}
    room.secrets.kept[name] = kept
    assert await tokens.load(place) == Kept()


async def test_every_place_has_its_own_token(clock: Clock) -> None:
    tokens = Tokens(Room(clock).secrets)
    await tokens.save(AvatarInstance(HERE, 8001, ""), Kept("a"))
    await tokens.save(AvatarInstance(HERE, 8002, ""), Kept("b"))
    await tokens.save(AvatarInstance("Studio-PC", 8001, ""), Kept("c"))
    assert (await tokens.load(AvatarInstance("LOCALHOST", 8001, ""))).token == "a"
    assert (await tokens.load(AvatarInstance("::1", 8002, ""))).token == "b"
    assert (await tokens.load(AvatarInstance("studio-pc", 8001, ""))).token == "c"


class Answers(Api):
    """Answers each kind of request as it is told."""

    def __init__(self, **answers: dict[str, Any]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    async def ask(self, kind: str, data: Mapping[str, Any] | None = None, *, timeout_s: float = 10.0) -> dict[str, Any]:
        self.asked.append(kind)
        return self.answers[kind]


PLACE = AvatarInstance(HERE, 8001, "")


async def test_a_session_that_is_signed_in_already_needs_nothing(clock: Clock) -> None:
    api = Answers(APIStateRequest={"active": True, "vTubeStudioVersion": "1.9.0", "currentSessionAuthenticated": True})
    assert await SignIn(api, Tokens(Room(clock).secrets), PLACE, lambda: None).run(is_wanted=False) == "1.9.0"
    assert api.asked == ["APIStateRequest"]


async def test_an_api_that_says_it_is_off_is_off(clock: Clock) -> None:
    api = Answers(APIStateRequest={"active": False})
    with pytest.raises(ApiOffError):
        await SignIn(api, Tokens(Room(clock).secrets), PLACE, lambda: None).run(is_wanted=False)


async def test_a_consent_without_a_token_is_told(clock: Clock) -> None:
    api = Answers(APIStateRequest={}, AuthenticationTokenRequest={"authenticationToken": None})
    with pytest.raises(AuthError, match="sent no token"):
        await SignIn(api, Tokens(Room(clock).secrets), PLACE, lambda: None).run(is_wanted=False)


async def test_a_new_token_that_is_refused_at_once_is_not_kept(clock: Clock) -> None:
    room = Room(clock)
    answers = {"APIStateRequest": {}, "AuthenticationTokenRequest": {"authenticationToken": "a"}, "AuthenticationRequest": {}}
    with pytest.raises(AuthError, match="no longer takes"):
        await SignIn(Answers(**answers), Tokens(room.secrets), PLACE, lambda: None).run(is_wanted=False)
    assert room.secrets.tokens == []


async def test_without_the_icon_it_asks_without_one(clock: Clock, fake: FakeVTubeStudio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in, "resource", lambda *_: Path("nowhere.png"))
    fake.sign_in.consent = Consent.ALLOWS
    async with Room(clock, fake).open() as room:
        await room.until_ready()
    assert "pluginIcon" not in fake.log("AuthenticationTokenRequest")[0].data


async def test_a_click_is_good_for_one_question(clock: Clock, fake: FakeVTubeStudio) -> None:
    fake.sign_in.consent = Consent.DENIES
    async with Room(clock, fake).open() as room:
        await room.until(lambda: room.light == (HealthLevel.NEEDS_YOU, DENIED_SENTENCE))
        fake.sign_in.consent = Consent.WAITS
        fake.faults.fail_next("APIStateRequest", ErrorId.INTERNAL)
        await room.perform("allow")
        await room.until(lambda: len(fake.sign_in.popups) == 2)
        await room.until(lambda: room.snapshot.state is AvatarState.WAITING_FOR_CONSENT)
        fake.drop_all()
        await room.until(lambda: room.light == (HealthLevel.NEEDS_YOU, NOT_ALLOWED))
        await clock.sleep(3600)
        assert len(fake.sign_in.popups) == 2
