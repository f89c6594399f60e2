"""The connection over real sockets: an evening in a second, a move, and a broken line."""

from __future__ import annotations

from typing import Any

from tests.fakes.twitch import CLIENT_ID, FakeTwitch, payloads
from tests.fakes.twitch.serving import serve
from tests.integrations.twitch.connected import connected
from voxelle.domain.events import HealthLevel
from voxelle.integrations.twitch.net import real_net
from voxelle.kernel.clock import Clock, Randomness


async def test_it_hears_writes_moves_and_comes_back(clock: Clock) -> None:
    fake = FakeTwitch(clock, Randomness(1))
    async with serve(fake) as urls:
        switches: dict[str, Any] = {
            "auth_base_url": urls.auth,
            "helix_base_url": urls.helix,
            "eventsub_url": urls.eventsub,
            "client_id": CLIENT_ID,
        }
        async with connected(clock, fake=fake, net=real_net, **switches) as made:
            fake.emit("channel.chat.message", payloads.chat_message("hi Mira", message_id="one"))
            await made.until(lambda: len(made.house.stimuli) == 1)
            assert made.last_light()[0] is HealthLevel.OK
            await made.perform("send_message", text="Hello from her")
            assert [each.text for each in fake.chat.written] == ["Hello from her"]
            fake.lines.ask_to_reconnect(fake.lines.open_lines()[0])
            fake.emit("channel.chat.message", payloads.chat_message("in the move", message_id="two"))
            await made.until(lambda: len(made.house.stimuli) == 2)
            await made.until(lambda: len(fake.lines.all) == 2)
            fake.emit("channel.raid")
            await made.until(lambda: made.house.told)
            assert [each.id for each in made.house.stimuli] == ["twitch:one", "twitch:two"]
            for line in fake.lines.open_lines():
                fake.lines.close(line, 1006, is_abrupt=True)
            await made.until(lambda: made.last_light()[0] is HealthLevel.RETRYING)
            await made.until(lambda: fake.subscriptions.enabled() and made.snapshot.connected_at is not None)
