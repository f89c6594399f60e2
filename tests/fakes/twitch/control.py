"""What a person may do with a running fake: confirm a code, let something happen, let something break."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.fakes.twitch import malformed, payloads, payloads_notices
from tests.fakes.twitch.fake import FakeTwitch
from tests.fakes.twitch.faults import Fault
from tests.fakes.twitch.lines import Line
from tests.fakes.twitch.world import User

_FRAMES: dict[str, str | bytes] = {**malformed.BROKEN, **malformed.OVERSIZED, **malformed.NEWER, **malformed.UNKNOWN}


class Control:
    """Verbs by name; each takes its arguments as a JSON object and answers with one."""

    def __init__(self, fake: FakeTwitch) -> None:
        self._fake = fake
        self._verbs: dict[str, Callable[..., Any]] = {
            "state": self._state,
            "approve": self._approve,
            "deny": lambda user_code, login="": fake.deny(user_code),
            "emit": self._emit,
            "say": self._say,
            "gift_bomb": self._gift_bomb,
            "redeem": self._redeem,
            "live": lambda viewers=12: fake.begin_stream(viewers),
            "end": fake.end_stream,
            "line": self._line,
            "frame": self._frame,
            "fault": self._fault,
            "offline": lambda seconds=30.0: fake.faults.go_offline(float(seconds)),
            "clear": fake.faults.clear,
            "refuse": self._refuse,
            "revoke": self._revoke,
            "expire": lambda login="": fake.expire_access(self._user(login) if login else None),
            "disconnect": lambda login="": fake.disconnect_app(self._user(login) if login else None),
            "skew": fake.skew_clock,
            "drop_next": lambda code, message="": fake.chat.drops.append((code, message)),
        }

    def perform(self, verb: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Do it. LookupError or TypeError when the verb or an argument is not known."""
        result = self._verbs[verb](**arguments)
        return result if isinstance(result, dict) else {"done": verb}

    def _state(self) -> dict[str, Any]:
        fake = self._fake
        fake.tick()
        waiting = [code for code in fake.world.codes.values() if not code.is_used and not code.is_denied]
        return {
            "verbs": sorted(self._verbs),
            "topics": sorted(payloads.EXAMPLES),
            "frames": sorted(_FRAMES),
            "client_ids": sorted(fake.world.apps),
            "users": {user.login: user.id for user in fake.world.users.values()},
            "codes": [code.user_code for code in waiting],
            "lines": [{"session": line.session_id, "silent": line.is_silent} for line in fake.lines.open_lines()],
            "subscriptions": sorted(each.topic.type for each in fake.subscriptions.enabled()),
            "delivered": len(fake.delivered),
            "written": [each.text for each in fake.chat.written],
            "dropped": [list(each) for each in fake.chat.dropped],
        }

    def _user(self, login: str) -> User:
        known = [user for user in self._fake.world.users.values() if user.login == login]
        return known[0] if known else self._fake.add_user(login, kind="")

    def _approve(self, user_code: str, login: str = "streamer") -> None:
        self._fake.approve(user_code, self._user(login))

    def _emit(self, topic: str, *, index: int = 0, event: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
        happened = event if event is not None or not index else payloads.example(topic, index)
        return {"sent": list(self._fake.emit(topic, happened, **options))}

    def _say(self, text: str, login: str = "viewer23", **changes: Any) -> dict[str, Any]:
        who = self._user(login)
        event = payloads.chat_message(text, chatter=(who.id, who.login, who.name), message_id=self._fake.world.uuid(), **changes)
        return {"message_id": event["message_id"], "sent": list(self._fake.emit("channel.chat.message", event))}

    def _gift_bomb(self, count: int = 5, login: str = "generous") -> dict[str, Any]:
        """A community gift as Twitch tells it: the head, and every single gift."""
        who = self._user(login)
        giver = (who.id, who.login, who.name)
        gift_id = str(self._fake.world.randomness.randrange(10**18, 10**19))
        head = payloads_notices.community_gift(count, gift_id=gift_id, chatter=giver, message_id=self._fake.world.uuid())
        sent = [*self._fake.emit("channel.chat.notification", head)]
        for number in range(count):
            lucky = (str(7000 + number), f"lucky{number}", f"Lucky{number}")
            gift = payloads_notices.sub_gift(lucky, gift_id=gift_id, chatter=giver, message_id=self._fake.world.uuid())
            sent += self._fake.emit("channel.chat.notification", gift)
        sent += self._fake.emit("channel.subscription.gift", total=count, user_id=who.id, user_login=who.login, user_name=who.name)
        return {"sent": sent}

    def _redeem(self, title: str = "Hydrate", text: str = "", cost: int = 100) -> dict[str, Any]:
        known = [reward for reward in self._fake.world.rewards.values() if reward.title == title]
        reward = known[0] if known else self._fake.add_reward(title, cost)
        return {"id": self._fake.redeem(reward, text)}

    def _lines(self) -> list[Line]:
        return self._fake.lines.open_lines()

    def _line(self, act: str, code: int = 4000, *, accept: bool = True) -> dict[str, Any]:
        """What happens to all open lines: drop, silence, close (with a code) or reconnect."""
        lines = self._lines()
        acts: dict[str, Callable[[Line], object]] = {
            "drop": lambda line: self._fake.lines.close(line, 1006, is_abrupt=True),
            "silence": self._fake.lines.silence,
            "close": lambda line: self._fake.lines.close(line, code),
            "reconnect": lambda line: self._fake.lines.ask_to_reconnect(line, is_accepted=accept),
        }
        for line in lines:
            acts[act](line)
        return {"lines": len(lines)}

    def _frame(self, name: str = "", text: str = "") -> None:
        self._fake.send_raw(_FRAMES[name] if name else text)

    def _fault(self, **options: Any) -> None:
        """Plan trouble for requests: `kind` is html or error, or the fields of a Fault."""
        match options.pop("kind", ""):
            case "html":
                self._fake.faults.html(**options)
            case "error":
                self._fake.faults.error(**options)
            case _:
                self._fake.faults.add(Fault(**options))

    def _refuse(self, topic: str, status: int = 403, message: str = "the broadcaster must have partner or affiliate status") -> None:
        self._fake.subscriptions.refused[topic] = (status, message)

    def _revoke(self, topic: str, status: str = "authorization_revoked") -> dict[str, Any]:
        found = [each for each in self._fake.subscriptions.enabled() if each.topic.type == topic]
        for each in found:
            self._fake.revoke(each, status)
        return {"revoked": len(found)}
