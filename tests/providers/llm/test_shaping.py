"""Prompts in the forms that servers accept."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voxelle.contracts.llm import ChatMessage, ChatRole
from voxelle.providers.llm.shaping import SILENCE, Dialect, Shape, shaped, split_system

MESSAGES = st.lists(st.builds(ChatMessage, st.sampled_from(ChatRole), st.text(max_size=8)), max_size=8)


@given(MESSAGES)
def test_turns_alternate_from_user_to_user_and_nothing_is_empty(messages: list[ChatMessage]) -> None:
    _, turns = split_system(messages)
    assert [turn.role for turn in turns] == [ChatRole.USER, *[ChatRole.ASSISTANT, ChatRole.USER] * (len(turns) // 2)]
    assert all(turn.text.strip() for turn in turns)


@given(MESSAGES)
def test_no_word_is_lost_in_any_form(messages: list[ChatMessage]) -> None:
    words = [word for message in messages for word in message.text.split()]
    for shape in Shape:
        kept = [word for message in shaped(messages, shape) for word in message.text.split()]
        assert [word for word in kept if word != SILENCE] == [word for word in words if word != SILENCE]


@given(MESSAGES)
def test_the_strictest_form_has_no_system_message(messages: list[ChatMessage]) -> None:
    assert all(message.role is not ChatRole.SYSTEM for message in shaped(messages, Shape.WITHOUT_SYSTEM))
    roles = [message.role for message in shaped(messages, Shape.ALTERNATING)]
    assert ChatRole.SYSTEM not in roles[1:]


@given(
    MESSAGES, st.sampled_from([400, 422, 500, 404]), st.sampled_from(["system", "temperature", "max_completion_tokens", "alternate", "x"])
)
def test_getting_stricter_comes_to_an_end(messages: list[ChatMessage], status: int, complaint: str) -> None:
    dialect: Dialect | None = Dialect()
    seen = []
    while dialect is not None:
        assert dialect not in seen
        seen.append(dialect)
        dialect = dialect.stricter(status, complaint, messages)
    assert len(seen) <= 5
