"""What the Twitch connection can be asked to do, and what each act needs."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from voxelle.contracts.integration import Action
from voxelle.domain.channel import AccountRole
from voxelle.domain.chat import StreamEvent


class OfAccount(BaseModel):
    """Which of the two accounts is meant."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    account: AccountRole = Field(AccountRole.BROADCASTER, title="Account")


class TestOf(BaseModel):
    """What kind of event is tried; none means a chat message."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: StreamEvent = Field(StreamEvent.NONE, title="Kind")


class Written(BaseModel):
    """What is written into the chat."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str = Field(min_length=1, max_length=2000, title="Text")


ACTIONS: Final = (
    Action("sign_in", "Sign in", OfAccount),
    Action("cancel_sign_in", "Cancel signing in", OfAccount),
    Action("sign_out", "Sign out", OfAccount),
    Action("test_event", "Send a test event", TestOf),
    Action("send_message", "Write into the chat", Written),
    Action("refresh", "Ask Twitch again"),
)
