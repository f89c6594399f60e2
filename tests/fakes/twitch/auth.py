"""id.twitch.tv/oauth2: device codes (RFC 8628 as Twitch does it), tokens, validation, revocation."""

from __future__ import annotations

from tests.fakes.twitch.replies import RefusalError, Reply, Request, auth_error, json_reply
from tests.fakes.twitch.world import Code, Token, World

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
CODE_S = 1800
INTERVAL_S = 5
_SLOWER_S = 5.0
_TOLERANCE_S = 0.25
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


class Auth:
    """Answers requests below `/oauth2`.

    A refresh token serves once. An answer that was lost on its way leaves the client with a used token: the next try gets
    400 `Invalid refresh token`, as Twitch documents no time of grace. `refresh_grace_s` may allow one, to try both worlds:
    within it the same new pair is given again.
    A refresh does not end the old access token: it lives until its time is over.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.refresh_grace_s = 0.0
        self._used_at: dict[str, float] = {}
        self.activation_url = "https://www.twitch.tv/activate"
        """Where a code is confirmed; the served fake has a page of its own."""
        self.refreshes = 0
        """How many refresh tokens were exchanged."""

    def handle(self, request: Request) -> Reply:
        """Answer one request; the path begins with `/oauth2/`."""
        match request.method, request.path.removeprefix("/oauth2/").strip("/"):
            case "POST", "device":
                return self._device(request)
            case "POST", "token":
                return self._token(request)
            case "GET", "validate":
                return self._validate(request)
            case "POST", "revoke":
                return self._revoke(request)
        return auth_error(404, "not found")

    def _client(self, request: Request, status: int = 400, message: str = "invalid client") -> str:
        client_id = request.parameter("client_id")
        if not client_id:
            raise RefusalError(auth_error(400, "missing client id"))
        if client_id not in self._world.apps:
            raise RefusalError(auth_error(status, message))
        return client_id

    def _device(self, request: Request) -> Reply:
        client_id = self._client(request)
        scopes = tuple((request.parameter("scopes") or request.parameter("scope")).split())
        unknown = [scope for scope in scopes if ":" not in scope and scope != "openid"]
        if unknown:
            return auth_error(400, f"invalid scope requested: '{unknown[0]}'")
        world = self._world
        user_code = "".join(world.randomness.choices(_LETTERS, k=8))
        code = Code(world.text(40), user_code, client_id, scopes, world.monotonic() + CODE_S, INTERVAL_S)
        world.codes[code.device_code] = code
        return json_reply(
            200,
            {
                "device_code": code.device_code,
                "expires_in": CODE_S,
                "interval": INTERVAL_S,
                "user_code": user_code,
                "verification_uri": f"{self.activation_url}?public=true&device-code={user_code}",
            },
        )

    def _token(self, request: Request) -> Reply:
        match request.parameter("grant_type"):
            case grant if grant == DEVICE_GRANT:
                return self._redeem(request)
            case "refresh_token":
                return self._refresh(request)
            case "":
                return auth_error(400, "missing grant type")
        return auth_error(400, "invalid grant type")

    def _redeem(self, request: Request) -> Reply:
        client_id = self._client(request)
        code = self._world.codes.get(request.parameter("device_code"))
        now = self._world.monotonic()
        if code is None or code.is_used or code.client_id != client_id or now >= code.ends_at:
            return auth_error(400, "invalid device code")
        was_early = code.polled_at is not None and now < code.polled_at + code.interval_s - _TOLERANCE_S
        code.polled_at = now
        if was_early:
            code.interval_s += _SLOWER_S
            return auth_error(400, "slow_down")
        if code.is_denied:
            return auth_error(400, "access_denied")
        if not code.user_id:
            return auth_error(400, "authorization_pending")
        code.is_used = True
        return self._pair(self._world.issue(client_id, code.user_id, code.scopes))

    def _refresh(self, request: Request) -> Reply:
        client_id = self._client(request)
        secret = self._world.apps[client_id].secret
        if secret is not None and request.parameter("client_secret") != secret:
            return auth_error(403, "invalid client secret")
        refresh = request.parameter("refresh_token")
        old = self._world.refresh.get(refresh)
        now = self._world.monotonic()
        if old is None or old.client_id != client_id or now >= old.refresh_ends_at:
            return self._bad_refresh()
        if old.is_refresh_used:
            if old.successor is None or now >= self._used_at[refresh] + self.refresh_grace_s:
                return self._bad_refresh()
            return self._pair(old.successor)
        old.is_refresh_used = True
        self._used_at[refresh] = now
        self.refreshes += 1
        old.successor = self._world.issue(client_id, old.user_id, old.scopes)
        return self._pair(old.successor)

    def _bad_refresh(self) -> Reply:
        return json_reply(400, {"error": "Bad Request", "status": 400, "message": "Invalid refresh token"})

    def _pair(self, token: Token) -> Reply:
        return json_reply(
            200,
            {
                "access_token": token.access,
                "expires_in": int(token.access_ends_at - self._world.monotonic()),
                "refresh_token": token.refresh,
                "scope": list(token.scopes),
                "token_type": "bearer",
            },
        )

    def _validate(self, request: Request) -> Reply:
        access = request.bearer()
        if not access:
            return auth_error(401, "missing authorization token")
        token = self._world.valid(access)
        if token is None:
            return auth_error(401, "invalid access token")
        return json_reply(
            200,
            {
                "client_id": token.client_id,
                "login": self._world.users[token.user_id].login,
                "scopes": list(token.scopes) or None,
                "user_id": token.user_id,
                "expires_in": int(token.access_ends_at - self._world.monotonic()),
            },
        )

    def _revoke(self, request: Request) -> Reply:
        client_id = self._client(request, 404, "client does not exist")
        token = self._world.valid(request.parameter("token"))
        if token is None or token.client_id != client_id:
            return auth_error(400, "Invalid token")
        token.access_ends_at = self._world.monotonic()
        self._world.refresh.pop(token.refresh, None)
        return Reply(200)
