"""Addresses, pauses and sentences of engines behind an address."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxelle.providers.remote import LONGEST_RETRY_AFTER_S, RemoteServer, api_root, host_root, retry_after_s, unreachable

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "given_url, expected",
    [
        ("http://127.0.0.1:1234", "http://127.0.0.1:1234/v1"),
        ("http://127.0.0.1:1234/", "http://127.0.0.1:1234/v1"),
        (" https://api.openai.com/v1/ ", "https://api.openai.com/v1"),
        ("https://host/v1/chat/completions", "https://host/v1"),
        ("https://host/v1/audio/speech/", "https://host/v1"),
        ("https://host/openai/v1", "https://host/openai/v1"),
        ("https://host/v1beta/openai/", "https://host/v1beta/openai"),
        ("https://host/v1?key=x#y", "https://host/v1"),
    ],
)
def test_an_address_as_people_paste_it_is_understood(given_url: str, expected: str) -> None:
    assert api_root(given_url) == expected


@pytest.mark.parametrize("path", ["", "/", "/v1", "/v1/", "/api", "/v1/messages"])
def test_the_host_is_found_below_any_of_its_paths(path: str) -> None:
    assert host_root(f"http://127.0.0.1:11434{path}") == "http://127.0.0.1:11434"


@pytest.mark.parametrize(
    "headers, expected",
    [
        ({}, None),
        ({"retry-after": "30"}, 30.0),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"retry-after": "Sun, 01 Nov 2026 12:01:00 GMT"}, 60.0),
        ({"retry-after": "Sun, 01 Nov 2026 12:01:00"}, 60.0),
        ({"retry-after": "Sun, 01 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "999999999"}, LONGEST_RETRY_AFTER_S),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after-ms": "nan"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "tomorrow"}, None),
    ],
)
def test_how_long_to_wait_is_read_from_any_form(headers: dict[str, str], expected: float | None) -> None:
    assert retry_after_s(headers, NOW) == expected


@given(st.text())
def test_no_header_is_too_odd(value: str) -> None:
    seconds = retry_after_s({"retry-after": value}, NOW)
    assert seconds is None or 0 <= seconds <= LONGEST_RETRY_AFTER_S


def test_a_sentence_never_holds_the_password_of_an_address() -> None:
    server = RemoteServer("https://user:secret@host.example:8443/v1", "m")
    assert server.place == "host.example:8443"
    assert "secret" not in str(unreachable("The server", server))


@pytest.mark.parametrize(
    "url, expected",
    [
        ("http://127.0.0.1:1", True),
        ("http://localhost", True),
        ("http://[::1]:80", True),
        ("http://10.0.0.1", False),
        ("https://api.example", False),
    ],
)
def test_this_computer_is_recognised(url: str, expected: bool) -> None:
    assert RemoteServer(url, "m").is_loopback is expected
