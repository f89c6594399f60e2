"""api.twitch.tv/helix: users, streams, channels, rewards and redemptions; hands on subscriptions and chat."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.fakes.twitch.chat import Chat
from tests.fakes.twitch.rates import Rates
from tests.fakes.twitch.replies import RefusalError, Reply, Request, helix_error, json_reply
from tests.fakes.twitch.subscriptions import Subscriptions
from tests.fakes.twitch.world import Reward, Token, User, World, short_stamp

POINTS = 800
_POINTS_SCOPES = ("channel:read:redemptions", "channel:manage:redemptions")
_Answer = Callable[[Request, Token], Reply]


class Helix:
    """Answers requests below `/helix`."""

    def __init__(self, world: World, subscriptions: Subscriptions, chat: Chat) -> None:
        self._world = world
        self.rates = Rates(world, POINTS, 60.0)
        self.chat_rates = Rates(world, POINTS, 60.0)
        """Sending messages has a bucket of its own."""
        self._routes: dict[tuple[str, str], tuple[_Answer, tuple[str, ...]]] = {
            ("GET", "users"): (self._users, ()),
            ("GET", "streams"): (self._streams, ()),
            ("GET", "channels"): (self._channels, ()),
            ("GET", "channel_points/custom_rewards"): (self._rewards, _POINTS_SCOPES),
            ("GET", "channel_points/custom_rewards/redemptions"): (self._redemptions, _POINTS_SCOPES),
            ("POST", "chat/messages"): (chat.send, ("user:write:chat",)),
            ("POST", "chat/announcements"): (chat.announce, ("moderator:manage:announcements",)),
            ("GET", "eventsub/subscriptions"): (subscriptions.handle, ()),
            ("POST", "eventsub/subscriptions"): (subscriptions.handle, ()),
            ("DELETE", "eventsub/subscriptions"): (subscriptions.handle, ()),
        }

    def handle(self, request: Request) -> Reply:
        """Answer one request; whatever stands before the resource in the path is not looked at."""
        resource = request.path.removeprefix("/helix/").strip("/")
        token = self._token(request)
        rates = self.chat_rates if resource == "chat/messages" else self.rates
        key = (token.client_id, token.user_id)
        has_point = rates.take(key)
        headers = rates.headers(key)
        if not has_point:
            return _with(helix_error(429, "Too many requests: the rate limit was exceeded"), headers)
        route = self._routes.get((request.method, resource))
        if route is None:
            return _with(helix_error(404, ""), headers)
        answer, scopes = route
        if scopes and not any(scope in token.scopes for scope in scopes):
            return _with(helix_error(401, f"Missing scope: {' or '.join(scopes)}"), headers)
        return _with(answer(request, token), headers)

    def _token(self, request: Request) -> Token:
        access = request.bearer()
        if not access:
            raise RefusalError(helix_error(401, "OAuth token is missing"))
        token = self._world.valid(access)
        if token is None:
            raise RefusalError(helix_error(401, "Invalid OAuth token"))
        client_id = request.headers.get("client-id", "")
        if not client_id:
            raise RefusalError(helix_error(400, "Client ID is missing"))
        if client_id != token.client_id:
            raise RefusalError(helix_error(401, "Client ID and OAuth token do not match"))
        return token

    def _users(self, request: Request, token: Token) -> Reply:
        ids, logins = request.parameters("id"), request.parameters("login")
        if not ids and not logins:
            ids = [token.user_id]
        found = [user for user in self._world.users.values() if user.id in ids or user.login in logins]
        return json_reply(200, {"data": [self._user(user) for user in found]})

    def _user(self, user: User) -> dict[str, Any]:
        return {
            "id": user.id,
            "login": user.login,
            "display_name": user.name,
            "type": "",
            "broadcaster_type": user.kind,
            "description": "",
            "profile_image_url": f"https://static-cdn.jtvnw.net/jtv_user_pictures/{user.login}-profile_image-300x300.png",
            "offline_image_url": "",
            "view_count": 0,
            "created_at": "2016-12-14T20:32:28Z",
        }

    def _streams(self, request: Request, token: Token) -> Reply:
        ids, logins = request.parameters("user_id"), request.parameters("user_login")
        live = [user for user in self._world.users.values() if user.stream and (user.id in ids or user.login in logins)]
        return json_reply(200, {"data": [self._stream(user) for user in live], "pagination": {}})

    def _stream(self, user: User) -> dict[str, Any]:
        stream = user.stream
        assert stream is not None
        return {
            "id": stream.id,
            "user_id": user.id,
            "user_login": user.login,
            "user_name": user.name,
            "game_id": user.category_id,
            "game_name": user.category,
            "type": "live",
            "title": user.title,
            "tags": ["English"],
            "viewer_count": stream.viewers,
            "started_at": short_stamp(stream.started_at),
            "language": "en",
            "thumbnail_url": f"https://static-cdn.jtvnw.net/previews-ttv/live_user_{user.login}-{{width}}x{{height}}.jpg",
            "tag_ids": [],
            "is_mature": False,
        }

    def _channels(self, request: Request, token: Token) -> Reply:
        ids = request.parameters("broadcaster_id")
        if not ids:
            return helix_error(400, 'Missing required parameter "broadcaster_id"')
        found = [user for user in self._world.users.values() if user.id in ids]
        data = [
            {
                "broadcaster_id": user.id,
                "broadcaster_login": user.login,
                "broadcaster_name": user.name,
                "broadcaster_language": "en",
                "game_id": user.category_id,
                "game_name": user.category,
                "title": user.title,
                "delay": 0,
                "tags": ["English"],
                "content_classification_labels": [],
                "is_branded_content": False,
            }
            for user in found
        ]
        return json_reply(200, {"data": data})

    def _points_fault(self, request: Request, token: Token) -> Reply | None:
        if request.parameter("broadcaster_id") != token.user_id:
            return helix_error(401, "The ID in broadcaster_id must match the user ID found in the request's OAuth token.")
        if self._world.users[token.user_id].kind not in {"affiliate", "partner"}:
            return helix_error(403, "The broadcaster must have partner or affiliate status.")
        return None

    def _rewards(self, request: Request, token: Token) -> Reply:
        fault = self._points_fault(request, token)
        if fault is not None:
            return fault
        only_own = request.parameter("only_manageable_rewards") == "true"
        found = [
            reward
            for reward in self._world.rewards.values()
            if reward.broadcaster_id == token.user_id and (not only_own or reward.client_id == token.client_id)
        ]
        return json_reply(200, {"data": [self._reward(reward) for reward in found]})

    def _reward(self, reward: Reward) -> dict[str, Any]:
        user = self._world.users[reward.broadcaster_id]
        images = {f"url_{size}x": f"https://static-cdn.jtvnw.net/custom-reward-images/default-{size}.png" for size in (1, 2, 4)}
        return {
            "broadcaster_id": user.id,
            "broadcaster_login": user.login,
            "broadcaster_name": user.name,
            "id": reward.id,
            "title": reward.title,
            "prompt": reward.prompt,
            "cost": reward.cost,
            "image": None,
            "default_image": images,
            "background_color": "#00E5CB",
            "is_enabled": True,
            "is_user_input_required": False,
            "max_per_stream_setting": {"is_enabled": False, "max_per_stream": 0},
            "max_per_user_per_stream_setting": {"is_enabled": False, "max_per_user_per_stream": 0},
            "global_cooldown_setting": {"is_enabled": False, "global_cooldown_seconds": 0},
            "is_paused": False,
            "is_in_stock": True,
            "should_redemptions_skip_request_queue": False,
            "redemptions_redeemed_current_stream": None,
            "cooldown_expires_at": None,
        }

    def _redemptions(self, request: Request, token: Token) -> Reply:
        fault = self._points_fault(request, token)
        if fault is not None:
            return fault
        reward = self._world.rewards.get(request.parameter("reward_id"))
        if reward is None or reward.broadcaster_id != token.user_id:
            return helix_error(404, "The custom reward specified in reward_id was not found.")
        if reward.client_id != token.client_id:
            return helix_error(403, "The ID in the Client-Id header must match the client ID used to create the custom reward.")
        ids, status = request.parameters("id"), request.parameter("status")
        if not ids and status not in {"UNFULFILLED", "FULFILLED", "CANCELED"}:
            return helix_error(400, "The status query parameter is required if you do not specify the id query parameter.")
        found = [each for each in self._world.redemptions if each["reward"]["id"] == reward.id]
        found = [each for each in found if (each["id"] in ids if ids else each["status"] == status)]
        if request.parameter("sort") == "NEWEST":
            found.reverse()
        size, start = min(int(request.parameter("first") or "20"), 50), int(request.parameter("after") or "0")
        after = {"cursor": str(start + size)} if start + size < len(found) else {}
        return json_reply(200, {"data": found[start : start + size], "pagination": after})


def _with(reply: Reply, headers: dict[str, str]) -> Reply:
    return Reply(reply.status, reply.body, {**reply.headers, **headers}, reply.delay_s)
