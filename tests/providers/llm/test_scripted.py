"""The reciting model keeps its times and its seed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxelle.contracts.llm import ChatMessage, ChatRequest, ChatRole
from voxelle.kernel.clock import Clock
from voxelle.providers.llm.scripted import ScriptedModel, tokens

HELLO = ChatRequest((ChatMessage(ChatRole.USER, "hi"),), emotion_tags=("joy", "neutral"))


async def said(model: ScriptedModel, request: ChatRequest = HELLO) -> str:
    return "".join([delta.text async for delta in model.stream(request)])


@given(st.text())
def test_tokens_joined_are_the_text_again(text: str) -> None:
    assert "".join(tokens(text)) == text


@pytest.mark.virtual_time
async def test_every_token_comes_exactly_when_it_should(clock: Clock) -> None:
    model = ScriptedModel(clock, replies=["One two three."], first_token_s=0.3, per_token_s=0.05)
    begin = clock.monotonic()
    times = [(delta.text, round(clock.monotonic() - begin, 6)) async for delta in model.stream(HELLO)]
    assert times == [("One", 0.3), (" two", 0.35), (" three", 0.4), (".", 0.45)]


@pytest.mark.virtual_time
async def test_given_replies_come_in_turn_and_stop_at_the_token_limit(clock: Clock) -> None:
    model = ScriptedModel(clock, replies=["a", "b c d"])
    assert [await said(model) for _ in range(3)] == ["a", "b c d", "a"]
    assert await said(model, ChatRequest(HELLO.messages, max_tokens=2)) == "b c"
    assert not model.abilities.grammar


@pytest.mark.virtual_time
async def test_the_same_seed_says_the_same_and_begins_with_a_tag(clock: Clock) -> None:
    one, two, other = (ScriptedModel(clock, seed=seed) for seed in (7, 7, 8))
    replies = [await said(one) for _ in range(20)]
    assert replies == [await said(two) for _ in range(20)]
    assert replies != [await said(other) for _ in range(20)]
    assert all(re.match(r"\[(joy|neutral)\] \w", reply) for reply in replies)
    seeded = ChatRequest(HELLO.messages, seed=3, max_tokens=500)
    assert await said(one, seeded) == await said(two, seeded) == await said(one, seeded)
    assert not (await said(one, seeded)).startswith("[")
    await one.open()
    await one.close()
