"""Her own messages: what she writes from the broadcaster's account comes back through the chat, and is nothing to answer."""

from __future__ import annotations

from collections import deque
from typing import Final

from voxelle.integrations.twitch.accounts import Account
from voxelle.integrations.twitch.helix import Helix, Sent
from voxelle.integrations.twitch.mapping import LONGEST_TEXT, clean
from voxelle.integrations.twitch.net import Net
from voxelle.integrations.twitch.settings import TwitchSettings
from voxelle.kernel.clock import Clock

RETURN_S: Final = 60.0
"""So long a message may take to come back."""
_MOST: Final = 200


class OwnMessages:
    """What was written and has not come back yet, and the ids of what Twitch took.

    A message may come back before Twitch's answer names its id; until then its text tells it.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._texts: deque[tuple[float, str]] = deque(maxlen=_MOST)
        self._ids: deque[str] = deque(maxlen=_MOST)

    def note_text(self, text: str) -> None:
        """A text is being written."""
        self._texts.append((self._clock.monotonic(), clean(text, LONGEST_TEXT)))

    def note_id(self, message_id: str) -> None:
        """Twitch took a message."""
        if message_id:
            self._ids.append(message_id)

    def take_back(self, text: str) -> None:
        """A text did not appear after all."""
        self._consume(clean(text, LONGEST_TEXT))

    def is_own(self, message_id: str, text: str) -> bool:
        """Whether a message from her account is one of hers. Each text is taken once."""
        was_written = self._consume(text)
        return message_id in self._ids or was_written

    def _consume(self, text: str) -> bool:
        while self._texts and self._clock.monotonic() - self._texts[0][0] > RETURN_S:
            self._texts.popleft()
        found = next((each for each in self._texts if each[1] == text), None)
        if found is not None:
            self._texts.remove(found)
        return found is not None


class SpeakingHelix(Helix):
    """The API in the name of an account that she writes with."""

    def __init__(self, net: Net, account: Account, settings: TwitchSettings, clock: Clock, own: OwnMessages) -> None:
        super().__init__(net, account, settings, clock)
        self._own = own

    async def send_message(self, broadcaster_id: str, text: str, reply_to: str = "") -> Sent:
        """Write into a chat. One that failed may have appeared all the same: its text stays noted."""
        self._own.note_text(text)
        sent = await super().send_message(broadcaster_id, text, reply_to)
        if sent.is_sent:
            self._own.note_id(sent.message_id)
        else:
            self._own.take_back(text)
        return sent

    async def announce(self, broadcaster_id: str, text: str, color: str = "primary") -> None:
        """Write an announcement."""
        self._own.note_text(text)
        await super().announce(broadcaster_id, text, color)
