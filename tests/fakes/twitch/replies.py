"""Requests as they come in and answers as Twitch gives them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any


@dataclass(frozen=True, slots=True)
class Request:
    """One request: the path without a host, lower-case header names, a form or a JSON body."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    query: tuple[tuple[str, str], ...] = ()
    form: Mapping[str, str] = field(default_factory=dict)
    body: Any = None

    def parameter(self, name: str) -> str:
        """Return a parameter of the form or, as Twitch allows, of the query; or an empty text."""
        return self.form.get(name) or next((value for key, value in self.query if key == name), "")

    def parameters(self, name: str) -> list[str]:
        """Return all values of a parameter of the query."""
        return [value for key, value in self.query if key == name]

    def bearer(self) -> str:
        """Return the access token in the header, or an empty text."""
        kind, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if kind.lower() in {"bearer", "oauth"} else ""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    """So long after the request was taken."""


class UnreachableError(Exception):
    """The client sees no answer: no network, a broken line. `delay_s` later it notices."""

    def __init__(self, reason: str, delay_s: float = 0.0) -> None:
        super().__init__(reason)
        self.delay_s = delay_s


class RefusalError(Exception):
    """Ends the work on a request with an error of Twitch."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def json_reply(status: int, value: Any, headers: Mapping[str, str] | None = None) -> Reply:
    """Answer with JSON."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Reply(status, text, {"content-type": "application/json; charset=utf-8", **(headers or {})})


def auth_error(status: int, message: str) -> Reply:
    """An error as id.twitch.tv words it."""
    return json_reply(status, {"status": status, "message": message})


def helix_error(status: int, message: str) -> Reply:
    """An error as api.twitch.tv words it."""
    return json_reply(status, {"error": HTTPStatus(status).phrase, "status": status, "message": message})


def html_reply(status: int = 200) -> Reply:
    """What a proxy or a hotel's portal answers instead of Twitch."""
    page = b"<!DOCTYPE html><html><head><title>Sign in to the network</title></head><body><h1>Welcome, guest</h1></body></html>"
    return Reply(status, page, {"content-type": "text/html; charset=utf-8"})
