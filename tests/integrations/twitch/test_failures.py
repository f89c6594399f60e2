"""What a broken line means."""

from __future__ import annotations

import errno
import socket
import ssl

import pytest

from voxelle.integrations.twitch import failures
from voxelle.integrations.twitch.failures import network_error


def certificate(code: int, message: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, f"certificate verify failed: {message}")
    error.verify_code = code
    error.verify_message = message
    return error


class ConnectTimeout(Exception):  # noqa: N818 -- named as the client's own
    pass


class ProxyError(Exception):
    pass


@pytest.mark.parametrize(
    "error, sentence",
    [
        (socket.gaierror(-2, "Name or service not known"), failures.NO_NAME),
        (certificate(9, "certificate is not yet valid"), failures.WRONG_CLOCK),
        (certificate(10, "certificate has expired"), failures.WRONG_CLOCK),
        (certificate(0, "“twitch.tv” certificate is expired"), failures.WRONG_CLOCK),
        (certificate(19, "self-signed certificate in certificate chain"), failures.UNTRUSTED),
        (TimeoutError(), failures.TOO_SLOW),
        (ConnectTimeout(), failures.TOO_SLOW),
        (ProxyError("407"), failures.PROXY),
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), failures.REFUSED),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), failures.OFFLINE),
        (ConnectionResetError(errno.ECONNRESET, "reset"), failures.BROKEN_OFF),
        (OSError("something"), failures.BROKEN_OFF),
    ],
)
def test_each_failure_has_its_own_sentence(error: Exception, sentence: str) -> None:
    assert network_error(error).sentence == sentence


def test_the_cause_is_found_below_the_client_and_in_groups() -> None:
    attempts = ExceptionGroup("all attempts failed", [ValueError("x"), OSError(errno.ENETUNREACH, "no route")])
    error = OSError("All connection attempts failed")
    error.__cause__ = attempts
    assert network_error(error).sentence == failures.OFFLINE


def test_a_circle_of_causes_ends() -> None:
    first, second = ValueError("a"), ValueError("b")
    first.__cause__, second.__cause__ = second, first
    assert network_error(first, failures.OFFLINE).sentence == failures.OFFLINE
