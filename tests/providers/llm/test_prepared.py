"""Prepared lines, the last resort of a chain."""

from __future__ import annotations

from itertools import pairwise

import pytest

from voxelle.contracts.llm import ChatMessage, ChatRequest, ChatRole
from voxelle.domain.errors import SetupError
from voxelle.kernel.clock import Clock, Randomness
from voxelle.providers.llm.prepared import PreparedLines


def asked_by(viewer: str) -> ChatRequest:
    return ChatRequest((ChatMessage(ChatRole.USER, "hi"),), viewer=viewer)


async def said(model: PreparedLines, viewer: str = "") -> str:
    return "".join([delta.text async for delta in model.stream(asked_by(viewer))])


async def test_no_line_comes_twice_running(clock: Clock, randomness: Randomness) -> None:
    model = PreparedLines(clock, randomness, lambda: ("a", "b", "c"))
    lines = [await said(model) for _ in range(60)]
    assert set(lines) == {"a", "b", "c"}
    assert all(one != other for one, other in pairwise(lines))


async def test_the_viewer_is_addressed_by_name_and_braces_in_a_name_are_only_text(clock: Clock, randomness: Randomness) -> None:
    model = PreparedLines(clock, randomness, lambda: ("Hi {viewer}!",))
    assert await said(model, "pete") == "Hi pete!"
    assert await said(model, "{viewer}\n{0}") == "Hi {viewer} {0}!"
    assert await said(model, "x" * 500) == f"Hi {'x' * 40}!"


async def test_without_a_viewer_lines_that_need_none_are_said(clock: Clock, randomness: Randomness) -> None:
    lines = ["Hi {viewer}!", "One moment."]
    model = PreparedLines(clock, randomness, lambda: lines)
    assert {await said(model) for _ in range(20)} == {"One moment."}
    lines.pop()
    assert await said(model) == "Hi you!"


async def test_another_character_applies_at_once_and_none_is_a_setup_error(clock: Clock, randomness: Randomness) -> None:
    lines = ["one"]
    model = PreparedLines(clock, randomness, lambda: lines)
    await model.open()
    assert await said(model) == "one"
    lines[:] = ["two"]
    assert await said(model) == "two"
    lines[:] = ["  "]
    with pytest.raises(SetupError, match="no prepared lines"):
        await said(model)
    await model.close()
