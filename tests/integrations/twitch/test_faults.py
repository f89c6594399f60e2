"""A thousand faults of the line, from a seed: nothing that was delivered is lost, nothing is handled twice, no sign-in is lost.

Delivered is what a client took from a socket. That it takes everything that can be taken is checked too: no notification may
wait on a line that the client itself hangs up. What was on its way on a line that broke off was not delivered; of that,
redemptions have to arrive all the same, for Helix still has them.

`VOXELLE_TEST_SEED=… pytest tests/integrations/twitch/test_faults.py` replays a run.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass

import pytest

from tests.fakes.twitch import FakeTwitch, payloads
from tests.fakes.twitch.faults import Fault
from tests.fakes.twitch.lines import Line
from tests.fakes.twitch.payloads_notices import community_gift, raid, sub_gift
from tests.fakes.twitch.payloads_support import bits
from tests.fakes.twitch.payloads_support import raid as raided
from tests.integrations.twitch.connected import Connected, connected
from voxelle.domain.channel import AccountRole, AccountState, TopicState
from voxelle.domain.events import HealthLevel
from voxelle.kernel.clock import Clock, Randomness

SEED = int(os.environ.get("VOXELLE_TEST_SEED", "20260924"))
FAULTS = 1000
PAUSES_S = (0.0, 0.05, 1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 240.0)
BROKEN = ("{", "null", "[]", '{"metadata":{}}', '{"metadata":{"message_type":"notification","message_id":"x"},"payload":{}}', "\x00" * 50)


@dataclass(frozen=True, slots=True)
class Truth:
    """One thing that happened, and the messages that told it."""

    what: str
    """How it is known on the other side: the start of an id, or kind and viewer."""
    message_ids: tuple[str, ...]
    is_kept_by_helix: bool = False


class Evening:
    """Lets things happen on the channel, and things go wrong."""

    def __init__(self, made: Connected, chance: Randomness) -> None:
        self.made = made
        self.fake: FakeTwitch = made.fake
        self.chance = chance
        self.truths: list[Truth] = []
        self.unread: list[str] = []
        self.reward = made.fake.add_reward("Hydrate")
        # Where the answer to an exchange is lost, only Twitch can save the sign-in; so here it does.
        made.fake.auth.refresh_grace_s = 86_400.0
        self.number = 0
        self._watch_hanging_up()

    def _watch_hanging_up(self) -> None:
        lines, hang_up = self.fake.lines, self.fake.lines.hang_up

        def watched(line: Line) -> None:
            self.unread += [frame.message_id for frame in line.outbox if frame.is_notification]
            hang_up(line)

        lines.hang_up = watched  # type: ignore[method-assign] # looks over its shoulder

    # ---- what happens ----

    def happen(self) -> None:
        """One of the things that happen on a channel, delivered once, twice, or under two ids."""
        self.number += 1
        kinds = [self._line, self._line, self._redemption, self._cheer, self._raid, self._bomb, self._follow]
        self.chance.choice(kinds)()

    def _emit(self, topic: str, event: dict[str, object]) -> tuple[str, ...]:
        copies = self.chance.choice((1, 1, 1, 2, 3))
        is_twin = copies > 1 and topic == "channel.chat.message" and self.chance.random() < 0.5
        return self.fake.emit(topic, event, copies=copies, is_twin=is_twin)

    def _line(self) -> None:
        key = self.fake.world.uuid()
        event = payloads.chat_message(f"line {self.number}", message_id=key)
        self.truths.append(Truth(f"twitch:{key}", self._emit("channel.chat.message", event)))

    def _redemption(self) -> None:
        before = len(self.fake.emitted)
        key = self.fake.redeem(self.reward)
        told = tuple(list(self.fake.emitted)[before:])
        self.truths.append(Truth(f"twitch:redemption:{key}", told, is_kept_by_helix=True))

    def _cheer(self) -> None:
        count = 10_000 + self.number
        tellings = self._emit("channel.bits.use", bits(count)) + self._emit(
            "channel.cheer", {**payloads.example("channel.cheer"), "bits": count}
        )
        self.truths.append(Truth(f"bits {count}", tellings))

    def _raid(self) -> None:
        who = (str(500_000 + self.number), f"raider{self.number}", f"Raider{self.number}")
        tellings = self._emit("channel.raid", raided(20, who)) + self._emit("channel.chat.notification", self._unique(raid(who, 20)))
        self.truths.append(Truth(f"raid twitch:{who[0]}", tellings))

    def _bomb(self) -> None:
        giver = (str(700_000 + self.number), "giver", "Giver")
        gift_id = str(self.number)
        head = self._unique(community_gift(3, gift_id=gift_id, chatter=giver))
        gift = {**payloads.example("channel.subscription.gift"), "total": 3, "user_id": giver[0]}
        tellings = self._emit("channel.chat.notification", head) + self._emit("channel.subscription.gift", gift)
        for _ in range(3):
            self._emit("channel.chat.notification", self._unique(sub_gift(payloads.VIEWER, gift_id=gift_id, chatter=giver)))
        self.truths.append(Truth(f"gift twitch:{giver[0]}", tellings))

    def _follow(self) -> None:
        user_id = str(300_000 + self.number)
        tellings = self._emit("channel.follow", {**payloads.example("channel.follow"), "user_id": user_id})
        self.truths.append(Truth(f"follow twitch:{user_id}", tellings))

    def _unique(self, event: dict[str, object]) -> dict[str, object]:
        return {**event, "message_id": self.fake.world.uuid()}

    # ---- what goes wrong ----

    def go_wrong(self) -> None:
        """One fault of the line, of the network, of the tokens, or of what is delivered. What was planned before is over mostly."""
        if self.chance.random() < 0.8:
            self.fake.faults.clear()
        kinds = (self._drop, self._move, self._fall_silent, self._close, self._expire, self._disorder, self._break, self._slow)
        self.chance.choice(kinds)()

    def _a_line(self) -> Line | None:
        lines = self.fake.lines.open_lines()
        return self.chance.choice(lines) if lines else None

    def _drop(self) -> None:
        if line := self._a_line():
            self.fake.lines.close(line, 1006, is_abrupt=self.chance.random() < 0.5)

    def _move(self) -> None:
        if line := self._a_line():
            self.fake.lines.ask_to_reconnect(line, is_accepted=self.chance.random() < 0.8)

    def _fall_silent(self) -> None:
        if line := self._a_line():
            self.fake.lines.silence(line)

    def _close(self) -> None:
        if line := self._a_line():
            self.fake.lines.close(line, self.chance.choice((4000, 4002, 4003, 4004, 4005, 4006, 4007)))

    def _expire(self) -> None:
        """Every token is refused at once, and the exchange for a new one may fail in the middle."""
        self.fake.expire_access()
        trouble = self.chance.randrange(5)
        if trouble == 1:
            self.fake.faults.add(Fault("/oauth2/token", is_refused=True))
        elif trouble == 2:
            self.fake.faults.add(Fault("/oauth2/token", is_lost=True))
        elif trouble == 3:
            self.fake.faults.add(Fault("/oauth2/token", delay_s=5.0))
        elif trouble == 4:
            self.fake.faults.error(503, path="/oauth2/token", times=2)
        if self.chance.random() < 0.5:
            self._drop()

    def _disorder(self) -> None:
        with self.fake.shuffled():
            for _ in range(4):
                self.happen()

    def _break(self) -> None:
        for _ in range(3):
            self.fake.send_raw(self.chance.choice(BROKEN))

    def _slow(self) -> None:
        """The API or the whole network is in trouble."""
        trouble = self.chance.randrange(4)
        if trouble == 0:
            self.fake.faults.go_offline(self.chance.uniform(1, 20))
        elif trouble == 1:
            self.fake.faults.error(500, path="/helix/", times=5)
        elif trouble == 2:
            self.fake.faults.html("/helix/", times=3)
        else:
            self.fake.faults.error(429, path="/eventsub/subscriptions", times=3)
        if self.chance.random() < 0.5:
            self._drop()

    # ---- what came of it ----

    def told(self) -> Counter[str]:
        """How often each thing reached the show."""
        house = self.made.house
        found = Counter(stimulus.id for stimulus in house.stimuli)
        for event in house.told:
            if event.id.startswith("twitch:redemption:"):
                found[event.id] += 1
            else:
                found[f"bits {event.amount}" if event.event == "bits" else f"{event.event} {event.author.id}"] += 1
        return found

    def lost(self) -> list[Truth]:
        """What was delivered, or is kept by Helix, and was not told."""
        delivered, told = set(self.fake.delivered), self.told()
        return [
            truth
            for truth in self.truths
            if not told[truth.what] and (truth.is_kept_by_helix or not delivered.isdisjoint(truth.message_ids))
        ]

    def twice(self) -> list[str]:
        """What was told more than once."""
        return [what for what, count in self.told().items() if count > 1]

    async def settle(self) -> None:
        """Let the network be, until everything stands again."""
        self.fake.faults.clear()
        wanted = {TopicState.ACTIVE, TopicState.OFF}
        await self.made.until(lambda: self.made.last_light()[0] is HealthLevel.OK, 600)
        await self.made.until(lambda: all(each.state in wanted for each in self.made.snapshot.topics), 600)
        await self.made.clock.sleep(150)


@pytest.mark.virtual_time
async def test_a_thousand_faults_lose_nothing_and_tell_nothing_twice(clock: Clock) -> None:
    chance = Randomness(SEED)
    async with connected(clock, seed=SEED) as made:
        evening = Evening(made, chance)
        for _ in range(FAULTS):
            for _ in range(chance.randrange(3)):
                evening.happen()
            evening.go_wrong()
            for _ in range(chance.randrange(3)):
                evening.happen()
            await clock.sleep(chance.choice(PAUSES_S))
        await evening.settle()
        account = made.service._channel.accounts[AccountRole.BROADCASTER]
        replay = f"replay with VOXELLE_TEST_SEED={SEED}"
        assert len(evening.truths) > FAULTS, replay
        assert evening.lost() == [], replay
        assert evening.twice() == [], replay
        assert evening.unread == [], replay
        assert HealthLevel.NEEDS_YOU not in made.house.levels, replay
        assert account.status.state is AccountState.SIGNED_IN, replay
        assert account._pair is not None, replay
        assert account._pair.refresh in made.fake.world.refresh, replay
        assert account._pair.refresh in made.secrets.kept["twitch.broadcaster"], replay
