"""Helix' eventsub/subscriptions: what the real one takes, and how it refuses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.fakes.twitch.lines import MAX_LINES, Lines
from tests.fakes.twitch.replies import Reply, Request, helix_error, json_reply
from tests.fakes.twitch.topics import TOPICS, Topic
from tests.fakes.twitch.world import Token, World, short_stamp

MAX_PER_SESSION = 300
MAX_TOTAL_COST = 10
MAX_ALIKE = 3
_KEPT_S = 3600.0
_READERS = frozenset({"user_id", "moderator_user_id"})


@dataclass(slots=True)
class Subscription:
    """One subscription; after its session ended it is still listed for a while."""

    id: str
    topic: Topic
    condition: dict[str, str]
    session_id: str
    client_id: str
    user_id: str
    cost: int
    created_at: str
    connected_at: str
    status: str = "enabled"
    disconnected_at: str = ""
    ended_at: float = 0.0

    @property
    def is_enabled(self) -> bool:
        """Whether notifications are sent for it."""
        return self.status == "enabled"

    def as_json(self, *, with_times: bool = True) -> dict[str, Any]:
        """Give it in the shape of Helix; without times as notifications carry it."""
        transport = {"method": "websocket", "session_id": self.session_id}
        if with_times:
            transport["connected_at"] = self.connected_at
        if self.disconnected_at:
            transport["disconnected_at"] = self.disconnected_at
        return {
            "id": self.id,
            "status": self.status,
            "type": self.topic.type,
            "version": self.topic.version,
            "condition": dict(self.condition),
            "transport": transport,
            "created_at": self.created_at,
            "cost": self.cost,
        }

    def matches(self, event: dict[str, Any]) -> bool:
        """Whether an event belongs to the channel it watches."""
        for name, wanted in self.condition.items():
            if name in _READERS or not wanted:
                continue
            other = event.get("broadcaster_id", wanted) if name == "broadcaster_user_id" else wanted
            if str(event.get(name, other)) != wanted:
                return False
        return True


class Subscriptions:
    """Answers requests to `eventsub/subscriptions` and knows who is to be told what."""

    def __init__(self, world: World, lines: Lines) -> None:
        self._world = world
        self._lines = lines
        self.all: list[Subscription] = []
        self.refused: dict[str, tuple[int, str]] = {}
        """Types that are refused whatever happens, with status and message."""
        lines.on_lost = self._on_lost
        lines.has_subscriptions = lambda session_id: any(each.session_id == session_id for each in self.enabled())

    def enabled(self) -> list[Subscription]:
        """Return those that notifications are sent for."""
        return [each for each in self.all if each.is_enabled]

    def _on_lost(self, session_id: str, status: str) -> None:
        for each in self.enabled():
            if each.session_id == session_id:
                self._end(each, status)

    def _end(self, subscription: Subscription, status: str) -> None:
        subscription.status = status
        subscription.ended_at = self._world.monotonic()
        subscription.disconnected_at = short_stamp(self._world.now())

    def handle(self, request: Request, token: Token) -> Reply:
        """Answer one request of somebody who is signed in."""
        self._lines.tick()
        now = self._world.monotonic()
        self.all = [each for each in self.all if each.is_enabled or now < each.ended_at + _KEPT_S]
        match request.method:
            case "GET":
                return self._list(request, token)
            case "POST":
                return self._create(request.body, token)
            case "DELETE":
                return self._delete(request, token)
        return helix_error(404, "Not Found")

    def _totals(self, mine: list[Subscription], total: int | None = None) -> dict[str, Any]:
        enabled = [each for each in mine if each.is_enabled]
        return {
            "total": len(mine) if total is None else total,
            "total_cost": sum(each.cost for each in enabled),
            "max_total_cost": MAX_TOTAL_COST,
        }

    def _mine(self, token: Token) -> list[Subscription]:
        return [each for each in self.all if (each.client_id, each.user_id) == (token.client_id, token.user_id)]

    def _list(self, request: Request, token: Token) -> Reply:
        mine = self._mine(token)
        for name, value in request.query:
            if name == "status":
                mine = [each for each in mine if each.status == value]
            elif name == "type":
                mine = [each for each in mine if each.topic.type == value]
        start = int(request.parameter("after") or "0")
        page = mine[start : start + 100]
        after = {"cursor": str(start + 100)} if start + 100 < len(mine) else {}
        return json_reply(200, {"data": [each.as_json() for each in page], **self._totals(mine), "pagination": after})

    def _delete(self, request: Request, token: Token) -> Reply:
        found = [each for each in self._mine(token) if each.id == request.parameter("id")]
        if not request.parameter("id"):
            return helix_error(400, "The id query parameter is required.")
        if not found:
            return helix_error(404, "subscription not found")
        self.all.remove(found[0])
        return Reply(204)

    def _create(self, body: Any, token: Token) -> Reply:
        fault = self._fault(body, token)
        if fault is not None:
            return fault
        topic = TOPICS[body["type"]]
        session_id = body["transport"]["session_id"]
        line = self._lines.current(session_id)
        assert line is not None
        condition = {name: str(body["condition"].get(name, "")) for name in topic.condition}
        mine = [each for each in self._mine(token) if each.is_enabled]
        alike = [each for each in mine if each.topic is topic and each.condition == condition]
        if any(each.session_id == session_id for each in alike):
            return helix_error(409, "subscription already exists")
        if len(alike) >= MAX_ALIKE:
            return helix_error(429, "maximum subscriptions with type and condition exceeded")
        sessions = {each.session_id for each in mine}
        if session_id not in sessions and len(sessions) >= MAX_LINES:
            return helix_error(429, "number of websocket transports limit exceeded")
        if sum(each.session_id == session_id for each in mine) >= MAX_PER_SESSION:
            return helix_error(429, "number of subscriptions per websocket transport exceeded")
        watched = [value for name, value in condition.items() if name not in _READERS and value]
        cost = 0 if topic.scopes or all(self._world.has_authorised(each, token.client_id) for each in watched) else 1
        if sum(each.cost for each in mine) + cost > MAX_TOTAL_COST:
            return helix_error(429, "total cost limit exceeded")
        new = Subscription(
            id=self._world.uuid(),
            topic=topic,
            condition=condition,
            session_id=session_id,
            client_id=token.client_id,
            user_id=token.user_id,
            cost=cost,
            created_at=self._world.stamp(),
            connected_at=line.connected_at,
        )
        self.all.append(new)
        return json_reply(202, {"data": [new.as_json()], **self._totals(mine, len(mine) + 1)})

    def _fault(self, body: Any, token: Token) -> Reply | None:
        """Return the refusal of a request that can't be taken at all."""
        if not isinstance(body, dict) or not all(isinstance(body.get(name), dict) for name in ("condition", "transport")):
            return helix_error(400, "missing or invalid body")
        kind, transport = str(body.get("type")), body["transport"]
        if kind in self.refused:
            return helix_error(*self.refused[kind])
        topic = TOPICS.get(kind)
        if topic is None or body.get("version") != topic.version:
            return helix_error(400, "invalid subscription type and version")
        if transport.get("method") != "websocket":
            return helix_error(400, "invalid transport and auth combination")
        line = self._lines.current(str(transport.get("session_id")))
        if line is None:
            return helix_error(400, "websocket transport session does not exist or has already disconnected")
        if any(each.session_id == line.session_id and each.user_id != token.user_id for each in self.enabled()):
            return helix_error(400, "websocket transport cannot have subscriptions created by different users")
        return self._condition_fault(topic, body["condition"], token)

    def _condition_fault(self, topic: Topic, condition: dict[str, Any], token: Token) -> Reply | None:
        given = {name: str(value) for name, value in condition.items() if value}
        needed = topic.condition if topic.type != "channel.raid" else ()
        if any(name not in given for name in needed) or not any(name in given for name in topic.condition):
            return helix_error(400, "missing required condition field")
        if any(value not in self._world.users for name, value in given.items() if name in topic.condition):
            return helix_error(400, "condition contains an unknown user")
        reader = next((given[name] for name in topic.condition if name in _READERS), "")
        channel = self._world.users[given.get("broadcaster_user_id", token.user_id)]
        is_allowed = topic.is_allowed(token.scopes)
        if reader:
            is_allowed = is_allowed and reader == token.user_id
            if "moderator_user_id" in topic.condition:
                is_allowed = is_allowed and reader in {channel.id, *channel.moderators}
        elif topic.scopes:
            is_allowed = is_allowed and channel.id == token.user_id
        if not is_allowed:
            return helix_error(403, "subscription missing proper authorization")
        if topic.is_for_affiliates and channel.kind not in {"affiliate", "partner"}:
            return helix_error(403, "the broadcaster must have partner or affiliate status")
        return None
