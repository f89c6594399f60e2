"""What a refused request to Twitch's API means, in words for the streamer."""

from __future__ import annotations

from typing import Final

from voxelle.domain.errors import SetupError, TemporaryError, VoxelleError
from voxelle.integrations.twitch.net import HttpReply
from voxelle.integrations.twitch.replies import complaint

AFFILIATE: Final = "Twitch gives this to Affiliates and Partners only."
NO_PERMISSION: Final = "A permission is missing: sign in again on the Twitch page to allow it."
NOT_ALLOWED_THERE: Final = "This account may not write in the chat: is it banned there, or is the chat for others only?"
NOT_MODERATOR: Final = "This account is not a moderator of the channel: make it one with /mod, or switch this off."
OTHER_CLIENT: Final = "The client ID was changed: sign in to Twitch again with the new one."
TOO_MANY_LINES: Final = (
    "This account has too many event lines open: close other programs that use this client ID. She tries again by herself."
)
LINE_GONE: Final = "The event line ended before it was set up. She tries again by herself."
NO_ROOM: Final = "Twitch gives no more subscriptions of this kind at once: another program may hold them."
TOO_FAST: Final = "Twitch asks to wait: too many requests. She tries again by herself."

BAD_REQUEST: Final = 400
UNAUTHORIZED: Final = 401
FORBIDDEN: Final = 403
NOT_FOUND: Final = 404
CONFLICT: Final = 409
TOO_MANY: Final = 429
OWN_FAULT: Final = 500


def lacks_permission(reply: HttpReply) -> bool:
    """Whether a 401 is about what the token allows, or whose it is, and not about the token as such: a new one would not help."""
    said = complaint(reply).lower()
    return any(word in said for word in ("scope", "must match", "do not match", "permission"))


def refusal(reply: HttpReply, retry_after_s: float | None = None) -> VoxelleError:
    """Turn a refused request into what helps. Lost tokens are handled before."""
    if reply.status == TOO_MANY:
        return TemporaryError(TOO_FAST, retry_after_s=retry_after_s)
    if reply.status >= OWN_FAULT or reply.status < BAD_REQUEST:
        return TemporaryError(f"Twitch has a fault of its own ({reply.status}). She tries again by herself.")
    return SetupError(reason(reply))


def reason(reply: HttpReply) -> str:
    """Say why Twitch refused."""
    said = complaint(reply)
    known = said.lower()
    if "affiliate" in known or "partner" in known:
        return AFFILIATE
    if "client id" in known and "match" in known and reply.status == UNAUTHORIZED:
        return OTHER_CLIENT
    if "authorization" in known or "scope" in known:
        return NO_PERMISSION
    if "permitted to send" in known or "banned" in known:
        return NOT_ALLOWED_THERE
    if reply.status == FORBIDDEN and "moderator" in known:
        return NOT_MODERATOR
    if reply.status == NOT_FOUND and not said:
        return "There is nothing at the API address in the settings of Twitch: put the default back."
    return f"Twitch refuses this: “{said}” ({reply.status})." if said else f"Twitch refuses this ({reply.status})."


def subscription_refusal(reply: HttpReply, retry_after_s: float | None = None) -> str:
    """Say why one subscription is not given. TemporaryError: the line is gone, or all of them have to wait."""
    known = complaint(reply).lower()
    if reply.status >= OWN_FAULT or reply.status < BAD_REQUEST:
        raise refusal(reply)
    if reply.status == BAD_REQUEST and ("session" in known or "different users" in known):
        raise TemporaryError(LINE_GONE)
    if reply.status == TOO_MANY:
        if "transport" in known and "per" not in known:
            raise TemporaryError(TOO_MANY_LINES)
        if "exceeded" in known and ("subscription" in known or "cost" in known or "transport" in known):
            return NO_ROOM
        raise TemporaryError(TOO_FAST, retry_after_s=retry_after_s)
    return reason(reply)
