"""A recorded evening: about 200 raw EventSub messages as JSON lines, the same every time.

`python -m tests.fakes.twitch.recorded > evening.jsonl` writes it into a file.
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from typing import Any

from tests.fakes.twitch import payloads, payloads_moderation, payloads_notices, payloads_support
from tests.fakes.twitch.envelopes import MOMENT, SESSION_ID, envelope
from tests.fakes.twitch.payloads_chat import BOT, Person, badge, chat_message, cheermote, fragment, mention, message, shared, taken_back
from tests.fakes.twitch.world import stamp
from voxelle.kernel.clock import Randomness

_CHAT_LINES = 100
_VIEWERS: tuple[Person, ...] = tuple((str(9000 + number), f"viewer{number}", f"Viewer{number}") for number in range(24))
_REMARKS = (
    "hello!",
    "what game is this?",
    "LUL",
    "how long have you been streaming?",
    "that jump was close",
    "first time here, nice place",
    "can we see the map",
    "gg",
    "I made pancakes today",
    "the music is so good",
    "which keyboard do you use?",
    "あけましておめでとう",
    "good evening from Lisbon 🦊",
)
_QUESTIONS = ("what do you think of pineapple on pizza?", "how are you tonight?", "tell us a joke", "who wins, cats or dogs?")
_GIVER: Person = ("8000", "generous", "Generous")
_TROLL: Person = ("8666", "troll", "Troll")


class _Evening:
    def __init__(self, seed: int) -> None:
        self._randomness = Randomness(seed)
        self._told: list[tuple[float, dict[str, Any]]] = []

    def id(self) -> str:
        value = f"{self._randomness.getrandbits(128):032x}"
        return "-".join((value[:8], value[8:12], value[12:16], value[16:20], value[20:]))

    def tell(self, at_s: float, topic: str, event: dict[str, Any], message_id: str = "") -> str:
        message_id = message_id or self.id()
        self._told.append((at_s, envelope(topic, event, message_id=message_id, moment=MOMENT + timedelta(seconds=at_s))))
        return message_id

    def session(self, at_s: float, kind: str, payload: dict[str, Any]) -> None:
        head = {"message_id": self.id(), "message_type": kind, "message_timestamp": stamp(MOMENT + timedelta(seconds=at_s))}
        self._told.append((at_s, {"metadata": head, "payload": payload}))

    def example(self, at_s: float, topic: str, index: int = 0, **changes: Any) -> None:
        event = payloads.example(topic, index)
        self.tell(at_s, topic, {**event, **changes})

    def say(self, at_s: float, text: str, who: Person, **changes: Any) -> str:
        message_id = self.id()
        self.tell(at_s, "channel.chat.message", chat_message(text, chatter=who, message_id=message_id, **changes))
        return message_id

    def notice(self, at_s: float, event: dict[str, Any]) -> None:
        self.tell(at_s, "channel.chat.notification", {**event, "message_id": self.id()})

    def lines(self) -> list[str]:
        ordered = sorted(self._told, key=lambda told: told[0])
        return [json.dumps(value, ensure_ascii=False, separators=(",", ":")) for _, value in ordered]

    def chatter(self) -> None:
        """The chat of two hours, some of it at her."""
        for number in range(_CHAT_LINES):
            at_s = 60 + number * 68 + self._randomness.random() * 40
            who = self._randomness.choice(_VIEWERS)
            badges = [badge("subscriber", "6", "8")] if int(who[0]) % 3 == 0 else []
            if number % 11 == 0:
                said = message(mention(BOT), fragment(f" {self._randomness.choice(_QUESTIONS)}"))
                self.say(at_s, "", who, message={**said}, badges=badges)
            else:
                self.say(at_s, self._randomness.choice(_REMARKS), who, badges=badges)
        for number, who in enumerate(_VIEWERS[:12]):
            self.say(2000 + number * 0.7, "what game is this?", who)
        self.say(2200, "Look at this", _VIEWERS[3], message_type="channel_points_highlighted")
        self.say(2260, "Hi, I am new here!", ("8100", "newcomer", "Newcomer"), message_type="user_intro")
        elsewhere = shared(("7331", "other", "Other"), self.id(), badge("moderator"))
        self.say(2300, "Greetings from next door", ("9100", "neighbour", "Neighbour"), **elsewhere)

    def support(self) -> None:
        """Follows, subscriptions, a gift bomb, bits, a raid, redemptions."""
        for number in range(12):
            who: Person = (str(8200 + number), f"follower{number}", f"Follower{number}")
            self.tell(900 + number * 0.8, "channel.follow", payloads_support.follow(who))
        self.notice(1200, payloads_notices.resub(13, chatter=_VIEWERS[6]))
        self.example(1200.4, "channel.subscription.message")
        self._bomb(1500, 10)
        cheer = message(cheermote("Cheer", 500), fragment(" for the soundtrack"))
        self.say(2500, "", _VIEWERS[1], message=cheer, cheer={"bits": 500}, badges=[badge("bits", "1000")])
        self.example(2500.2, "channel.cheer", bits=500, message="Cheer500 for the soundtrack")
        self.tell(2500.3, "channel.bits.use", payloads_support.bits(500, text=" for the soundtrack"))
        self.example(2600, "channel.bits.use", 3)
        self.example(2640, "channel.custom_power_up_redemption.add")
        self.example(2700, "channel.subscribe")
        self.notice(2700.2, payloads_notices.NOTICES[0])
        self.example(2800, "channel.subscription.end")
        self.example(3000, "channel.raid", viewers=42)
        self.notice(3000.5, payloads_notices.raid(viewers=42))
        for number in range(8):
            self.say(3003 + number, "raid hype!", (str(8300 + number), f"raider{number}", f"Raider{number}"))
        redemption = "channel.channel_points_custom_reward_redemption"
        first = self.id()
        self.tell(3300, f"{redemption}.add", {**payloads_support.redemption(), "id": first})
        self.tell(3360, f"{redemption}.update", {**payloads_support.redemption("fulfilled"), "id": first})
        self.tell(3400, f"{redemption}.add", {**payloads_support.redemption(text="please sing", title="Sing a song"), "id": self.id()})
        self.example(3450, "channel.channel_points_automatic_reward_redemption.add")
        self.notice(3500, payloads_notices.NOTICES[18])

    def _bomb(self, at_s: float, count: int) -> None:
        gift_id = "12111455614691086753"
        self.notice(at_s, payloads_notices.community_gift(count, gift_id=gift_id, chatter=_GIVER))
        gift = payloads.example("channel.subscription.gift")
        self.tell(
            at_s + 0.2,
            "channel.subscription.gift",
            {**gift, "total": count, "user_id": "8000", "user_login": "generous", "user_name": "Generous"},
        )
        for number in range(count):
            lucky: Person = (str(8400 + number), f"lucky{number}", f"Lucky{number}")
            self.notice(at_s + 0.5 + number * 0.1, payloads_notices.sub_gift(lucky, gift_id=gift_id, chatter=_GIVER))
            known = {"user_id": lucky[0], "user_login": lucky[1], "user_name": lucky[2]}
            self.example(at_s + 0.55 + number * 0.1, "channel.subscribe", 1, tier="1000", **known)

    def programme(self) -> None:
        """The stream, polls, a prediction, a hype train, a goal, charity, shout-outs, an ad."""
        self.example(2, "stream.online")
        self.example(30, "channel.update")
        for family, names in (("poll", "begin progress end"), ("prediction", "begin progress lock end")):
            for number, name in enumerate(names.split()):
                self.example((3700 if family == "poll" else 4100) + number * 60, f"channel.{family}.{name}")
        for number, name in enumerate(("begin", "progress", "end")):
            self.example(2510 + number * 70, f"channel.hype_train.{name}")
            self.example(4500 + number * 40, f"channel.goal.{name}")
        for number, name in enumerate(("start", "donate", "progress", "stop")):
            self.example(4700 + number * 50, f"channel.charity_campaign.{name}")
        self.example(3020, "channel.shoutout.create")
        self.example(5000, "channel.shoutout.receive")
        self.example(5100, "channel.ad_break.begin")
        self.example(7150, "stream.offline")

    def moderation(self) -> None:
        """A troll, a deleted message, AutoMod, shield mode, and at last a cleared chat."""
        bad = self.say(5200, "a bad message", _TROLL)
        self.tell(5203, "channel.chat.message_delete", taken_back(_TROLL, message_id=bad))
        for number in range(3):
            self.say(5210 + number, "more bad messages", _TROLL)
        self.tell(5214, "channel.ban", payloads_moderation.ban(_TROLL, ends_at=payloads_moderation.LATER))
        self.tell(5214.1, "channel.chat.clear_user_messages", taken_back(_TROLL))
        self.example(5214.2, "channel.moderate", 1)
        self.example(5300, "automod.message.hold")
        self.example(5330, "automod.message.update", 1)
        self.example(5400, "channel.shield_mode.begin")
        self.example(5460, "channel.shield_mode.end")
        self.example(5900, "channel.unban")
        self.example(7000, "channel.chat.clear")

    def line(self) -> None:
        """What the line itself says, and what it says twice."""
        session = {"id": SESSION_ID, "status": "connected", "connected_at": stamp(MOMENT), "keepalive_timeout_seconds": 10}
        self.session(0, "session_welcome", {"session": {**session, "reconnect_url": None, "recovery_url": None}})
        for at_s in (14, 24, 44, 7100, 7110):
            self.session(at_s, "session_keepalive", {})
        event = chat_message("did you get that twice?", chatter=_VIEWERS[2], message_id=self.id())
        again = self.tell(6000, "channel.chat.message", event)
        self.tell(6000.5, "channel.chat.message", event, again)
        self.tell(6001, "channel.chat.message", event)


def evening(seed: int = 2026) -> list[str]:
    """Return the messages in the order they came, each a line of JSON."""
    kept = _Evening(seed)
    kept.line()
    kept.programme()
    kept.chatter()
    kept.support()
    kept.moderation()
    return kept.lines()


if __name__ == "__main__":
    sys.stdout.write("\n".join(evening()) + "\n")
