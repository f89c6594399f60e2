"""The whole way over real sockets, against a server that shares no code with the application."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta

from tests.fakes.twitch.serving import serve
from tests.integrations.twitch.signed_in import desk
from voxelle.domain.channel import AccountRole, AccountState
from voxelle.integrations.twitch.chat import ChatWriter
from voxelle.integrations.twitch.helix import Outcome
from voxelle.integrations.twitch.net import real_net
from voxelle.kernel.clock import Clock, SystemClock


class HurryingClock(Clock):
    """A clock that makes every wait short and counts it in full."""

    def __init__(self) -> None:
        self._inner = SystemClock()
        self._skipped = 0.0

    def monotonic(self) -> float:
        return self._inner.monotonic() + self._skipped

    def now(self) -> datetime:
        return self._inner.now() + timedelta(seconds=self._skipped)

    async def sleep(self, seconds: float) -> None:
        self._skipped += seconds
        await asyncio.sleep(0)


async def test_from_the_code_to_a_message_that_is_heard() -> None:
    async with desk(HurryingClock(), answers_in_chat=True) as house, serve(house.fake) as urls:
        addresses = {"auth_base_url": urls.auth, "helix_base_url": urls.helix, "eventsub_url": urls.eventsub}
        house.settings = house.settings.model_copy(update=addresses)
        house.net = real_net()
        is_signed_in = asyncio.Event()
        account, bot = house.account(), house.account(AccountRole.BOT)
        account._on_change = lambda status: is_signed_in.set() if status.state is AccountState.SIGNED_IN else None

        code = await account.sign_in()
        assert code.address.startswith(urls.activate)
        house.fake.approve(code.user_code)
        await is_signed_in.wait()
        house.fake.expire_access()

        helix = house.helix(account)
        socket = await house.net.connect(urls.eventsub)
        session = json.loads(await socket.receive())["payload"]["session"]["id"]
        condition = {"broadcaster_user_id": account.user_id, "user_id": account.user_id}
        assert (await helix.subscribe("channel.chat.message", "1", condition, session)).outcome is Outcome.CREATED
        assert house.fake.auth.refreshes == 1
        assert (await helix.broadcast(account.user_id)).title == "Building things"

        writer = ChatWriter(lambda: house.settings, helix, house.helix(bot), house.clock, house.scope, lambda _: None)
        await writer.write("Grüße aus dem Äther 🎉")
        heard = json.loads(await socket.receive())
        assert heard["payload"]["event"]["message"]["text"] == "Grüße aus dem Äther 🎉"
        await socket.close()
        await house.net.http.close()
