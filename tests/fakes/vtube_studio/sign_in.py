"""Tokens and the pop-up that asks the user."""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tests.fakes.vtube_studio.errors import ErrorId, Refusal
from tests.fakes.vtube_studio.session import Request, Session

if TYPE_CHECKING:
    from tests.fakes.vtube_studio.fake import FakeVTubeStudio

ICON_SIDE = 128
STORM, STORM_S = 3, 60.0
"""So many pop-ups within so many seconds are a storm."""
_PNG = b"\x89PNG\r\n\x1a\n"


class Consent(StrEnum):
    """What the user does at a pop-up."""

    WAITS = "waits"
    """Nothing, until `allow` or `deny` is called."""
    ALLOWS = "allows"
    DENIES = "denies"


@dataclass(frozen=True, slots=True)
class PopUp:
    """A question that is shown."""

    request: Request
    plugin: str
    developer: str
    icon: bytes


class SignIn:
    """Gives tokens once the user agreed, and takes them again."""

    def __init__(self, fake: FakeVTubeStudio) -> None:
        self._fake = fake
        self.consent = Consent.WAITS
        self.pop_up: PopUp | None = None
        """What is shown now."""
        self.popups: list[float] = []
        """When a pop-up came up."""
        self.tokens: dict[tuple[str, str], str] = {}
        """Plugin and developer → token."""
        self.revoked_error = int(ErrorId.TOKEN_DENIED)
        """Given to a line whose token was revoked, as the README says; some versions give 8."""
        self.keeps_popup = False
        """The pop-up stays though the line that asked is gone."""
        self.answers = {
            "APIStateRequest": self._state,
            "AuthenticationTokenRequest": self._ask,
            "AuthenticationRequest": self._authenticate,
            "PermissionRequest": self._permission,
        }

    def allow(self) -> str:
        """Click “Allow”; returns the token."""
        assert self.pop_up is not None, "no pop-up is shown"
        shown, self.pop_up = self.pop_up, None
        token = self.grant(shown.plugin, shown.developer)
        self._fake.reply(shown.request, {"authenticationToken": token})
        return token

    def deny(self) -> None:
        """Click “Deny”."""
        assert self.pop_up is not None, "no pop-up is shown"
        shown, self.pop_up = self.pop_up, None
        self._fake.refuse(shown.request, ErrorId.TOKEN_DENIED, "User has denied API access for your plugin.")

    def grant(self, plugin: str, developer: str) -> str:
        """Make a token without asking anybody."""
        digest = zlib.crc32(f"{plugin}/{developer}/{len(self.popups)}/{len(self.tokens)}".encode())
        token = f"{digest:08x}-{'0123456789abcdef' * 3}"
        self.tokens[plugin, developer] = token
        return token

    def revoke(self, plugin: str = "") -> None:
        """Take a plugin's token away, everybody's without a name: open lines are refused, its own parameters are deleted."""
        for name, developer in [key for key in self.tokens if plugin in ("", key[0])]:
            del self.tokens[name, developer]
            for session in self._fake.sessions:
                if session.plugin == name:
                    session.plugin, session.is_revoked, session.was_told_at = "", True, None
            self._fake.parameters.forget_plugin(name)

    def on_dropped(self, session: Session) -> None:
        """Take away the pop-up of a line that is gone."""
        if self.pop_up is not None and self.pop_up.request.session is session and not self.keeps_popup:
            self.pop_up = None

    def _state(self, request: Request) -> dict[str, Any]:
        return {
            "active": self._fake.is_api_on,
            "vTubeStudioVersion": self._fake.version,
            "currentSessionAuthenticated": bool(request.session.plugin),
        }

    def _ask(self, request: Request) -> dict[str, Any] | None:
        plugin, developer = request.data.get("pluginName") or "", request.data.get("pluginDeveloper") or ""
        if self.pop_up is not None:
            self._fake.violate("popups", "a token was asked for while the user was still being asked")
            raise Refusal(ErrorId.TOKEN_REQUEST_ONGOING, "A token request is currently ongoing.")
        if not 3 <= len(plugin) <= 32:
            raise Refusal(ErrorId.PLUGIN_NAME_INVALID, "The plugin name must have 3 to 32 characters.")
        if not 3 <= len(developer) <= 32:
            raise Refusal(ErrorId.DEVELOPER_NAME_INVALID, "The developer name must have 3 to 32 characters.")
        icon = _icon(request.data.get("pluginIcon") or "")
        now = self._fake.timeline.now
        self.popups.append(now)
        if sum(at > now - STORM_S for at in self.popups) >= STORM:
            self._fake.violate("popups", f"{STORM} pop-ups within {STORM_S:g} seconds")
        self.pop_up = PopUp(request, plugin, developer, icon)
        if self.consent is Consent.ALLOWS:
            self.allow()
        elif self.consent is Consent.DENIES:
            self.deny()
        return None

    def _authenticate(self, request: Request) -> dict[str, Any]:
        data = request.data
        required = (
            ("authenticationToken", ErrorId.TOKEN_MISSING),
            ("pluginName", ErrorId.PLUGIN_NAME_MISSING),
            ("pluginDeveloper", ErrorId.DEVELOPER_MISSING),
        )
        for name, error_id in required:
            if not data.get(name):
                raise Refusal(error_id, f"{name} is missing.")
        session = request.session
        is_valid = self.tokens.get((data["pluginName"], data["pluginDeveloper"])) == data["authenticationToken"]
        session.plugin = data["pluginName"] if is_valid else ""
        if is_valid:
            session.is_revoked = False
            return {"authenticated": True, "reason": "Token valid. The plugin is authenticated for the duration of this session."}
        return {"authenticated": False, "reason": "Token invalid or revoked by user. Request a new token."}

    def _permission(self, request: Request) -> dict[str, Any]:
        name = request.data.get("requestedPermission") or ""
        if name not in ("", "LoadCustomImagesAsItems"):
            raise Refusal(ErrorId.PERMISSION_UNKNOWN, "This permission is unknown.")
        rows = [{"name": "LoadCustomImagesAsItems", "granted": False}]
        return {"grantSuccess": False, "requestedPermission": name or None, "permissions": rows}


def _icon(text: str) -> bytes:
    """Decode an icon as VTube Studio does: a PNG or JPG of exactly 128 by 128."""
    if not text:
        return b""
    try:
        data = base64.b64decode(text, validate=True)
        size = _png_size(data) if data.startswith(_PNG) else _jpg_size(data)
    except (binascii.Error, ValueError, IndexError, struct.error, zlib.error) as error:
        raise Refusal(ErrorId.ICON_INVALID, "The icon can't be decoded.") from error
    if size != (ICON_SIDE, ICON_SIDE):
        raise Refusal(ErrorId.ICON_INVALID, f"The icon has {size[0]} by {size[1]} pixels instead of 128 by 128.")
    return data


def _png_size(data: bytes) -> tuple[int, int]:
    """Read a PNG to its end (https://www.w3.org/TR/png-3/): checksums and packed pixels must be right."""
    place, pixels, size, name = len(_PNG), b"", (0, 0), b""
    while name != b"IEND":
        length, name = struct.unpack_from(">I4s", data, place)
        body = data[place + 8 : place + 8 + length]
        (checksum,) = struct.unpack_from(">I", data, place + 8 + length)
        if zlib.crc32(name + body) != checksum:
            msg = "a checksum is wrong"
            raise ValueError(msg)
        size = struct.unpack_from(">II", body) if name == b"IHDR" else size
        pixels += body if name == b"IDAT" else b""
        place += 12 + length
    zlib.decompress(pixels)
    return size


def _jpg_size(data: bytes) -> tuple[int, int]:
    """Return what the frame header of a JPEG says (ITU-T T.81, B.2.2)."""
    if not data.startswith(b"\xff\xd8") or not data.rstrip(b"\0").endswith(b"\xff\xd9"):
        msg = "no JPEG"
        raise ValueError(msg)
    place = 2
    while data[place] == 0xFF:
        marker, length = data[place + 1], struct.unpack_from(">H", data, place + 2)[0]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", data, place + 5)
            return width, height
        place += 2 + length
    msg = "no frame header"
    raise ValueError(msg)
