"""What goes wrong between this computer and Twitch, as sentences that say what to do."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from typing import Final

from voxelle.domain.errors import TemporaryError

OFFLINE: Final = "Twitch can't be reached: this computer seems to have no network. She tries again by herself."
NO_NAME: Final = "The address of Twitch can't be looked up: check the network of this computer and its DNS. She tries again by herself."
REFUSED: Final = "Nobody answers at the address of Twitch: is a firewall in the way, or another address set? She tries again by herself."
TOO_SLOW: Final = "Twitch did not answer in time. She tries again by herself."
BROKEN_OFF: Final = "The line to Twitch broke off. She tries again by herself."
PROXY: Final = "A proxy stands between this computer and Twitch and refuses the way: sign in to it, or change the proxy of this system."
PAGE: Final = (
    "Something answered in place of Twitch with a web page: "
    "a proxy, or the sign-in page of this network. Open a browser, and sign in to the network."
)
WRONG_CLOCK: Final = "The certificate of Twitch is not valid at this date: check the clock of this computer."
UNTRUSTED: Final = (
    "The certificate of Twitch was not recognised: a proxy or a virus scanner looks into the line, "
    "or this system's certificates are out of date."
)
MALFORMED: Final = "Twitch sent an answer that could not be read. She tries again by herself."

_NOT_YET_VALID: Final = 9
_EXPIRED: Final = 10
"""X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED of OpenSSL (x509_vfy.h)."""
_BY_DATE: Final = ("not yet valid", "expired", "not valid at", "validity period")
"""How macOS and Windows say it, where the code says nothing."""
_NO_WAY: Final = frozenset({"ENETUNREACH", "EHOSTUNREACH", "ENETDOWN", "EHOSTDOWN", "EADDRNOTAVAIL"})
_DEEPEST: Final = 20


def causes(error: BaseException) -> Iterator[BaseException]:
    """Go through an error and everything that led to it, groups too."""
    waiting, seen = [error], set[int]()
    while waiting and len(seen) < _DEEPEST:
        each = waiting.pop(0)
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        if isinstance(each, BaseExceptionGroup):
            waiting.extend(each.exceptions)
        waiting.extend(found for found in (each.__cause__, each.__context__) if found is not None)


def network_error(error: BaseException, otherwise: str = BROKEN_OFF) -> TemporaryError:
    """Say what a failure of the line means; `otherwise` when nothing better is known."""
    for each in causes(error):
        sentence = _sentence(each)
        if sentence:
            return TemporaryError(sentence)
    return TemporaryError(otherwise)


def _sentence(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return WRONG_CLOCK if _is_about_time(error) else UNTRUSTED
    if isinstance(error, socket.gaierror):
        return NO_NAME
    if isinstance(error, TimeoutError) or type(error).__name__.endswith("Timeout"):
        return TOO_SLOW
    if "Proxy" in type(error).__name__:
        return PROXY
    if isinstance(error, ConnectionRefusedError):
        return REFUSED
    if isinstance(error, OSError) and error.errno is not None and _errno_name(error.errno) in _NO_WAY:
        return OFFLINE
    return ""


def _is_about_time(error: ssl.SSLCertVerificationError) -> bool:
    code = getattr(error, "verify_code", 0)
    words = f"{getattr(error, 'verify_message', '')} {error}".lower()
    return code in {_NOT_YET_VALID, _EXPIRED} or any(each in words for each in _BY_DATE)


def _errno_name(number: int) -> str:
    import errno

    return errno.errorcode.get(number, "")
