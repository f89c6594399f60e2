"""Answers, typed and bounded."""

from __future__ import annotations

import pytest

from tests.fakes.twitch.replies import json_reply
from voxelle.integrations.twitch.net import HttpReply
from voxelle.integrations.twitch.replies import TokenReply, complaint, read


@pytest.mark.parametrize(
    "scope, scopes",
    [(["b", "a"], ("a", "b")), ("b a", ("a", "b")), ([], ()), (None, None)],
)
def test_permissions_come_as_a_list_as_a_text_or_not_at_all(scope: object, scopes: tuple[str, ...] | None) -> None:
    reply = json_reply(200, {"access_token": "x", "refresh_token": "y", "scope": scope, "expires_in": "soon"})
    assert read(HttpReply(200, body=reply.body), TokenReply).scopes() == scopes


@pytest.mark.parametrize(
    "body, line",
    [
        (b'{"status":400,"message":"Invalid refresh token"}', "Invalid refresh token"),
        (b'{"error":"invalid_grant"}', "invalid_grant"),
        (b'{"message":"two\\nlines\\u0007 and  more"}', "two lines and more"),
        (b'{"message":7}', ""),
        (b"[1]", ""),
        (b"<html>", ""),
    ],
)
def test_a_complaint_is_one_line(body: bytes, line: str) -> None:
    assert complaint(HttpReply(400, body=body)) == line


def test_a_complaint_is_bounded() -> None:
    assert len(complaint(HttpReply(400, body=b'{"message":"' + b"x" * 10_000 + b'"}'))) == 200
