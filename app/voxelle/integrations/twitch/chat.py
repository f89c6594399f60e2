"""Writes into the chat: within its limits, without links and commands unless allowed, and honest about what did not appear."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog

from voxelle.domain.channel import AccountRole
from voxelle.domain.chat import Stimulus
from voxelle.domain.errors import AuthError, InputError, SetupError, TemporaryError, VoxelleError
from voxelle.integrations.twitch.chat_answers import Answers, Line
from voxelle.integrations.twitch.chat_text import has_link, is_command, is_visible, one_line, split
from voxelle.integrations.twitch.helix import Helix, Sent
from voxelle.integrations.twitch.limits import (
    ANNOUNCEMENT_SPACING_S,
    CHAT_NORMAL,
    CHAT_PERIOD_S,
    CHAT_PRIVILEGED,
    CHAT_SPACING_S,
    DUPLICATE_WINDOW_S,
    LONGEST_QUEUE,
)
from voxelle.integrations.twitch.rates import Pace
from voxelle.integrations.twitch.scopes import ANNOUNCE, WRITE_CHAT
from voxelle.integrations.twitch.settings import TwitchSettings
from voxelle.kernel.bus import Bus
from voxelle.kernel.clock import Clock
from voxelle.kernel.tasks import TaskScope

log = structlog.get_logger("chat")

EMPTY: Final = "There is nothing to write."
LINK: Final = "A text with a link was not written into the chat: allow links on the Twitch page if that is wanted."
COMMAND: Final = "A text that would have been taken as a command was not written into the chat: allow commands if that is wanted."
NOBODY: Final = (
    "She may not write into the chat yet: switch “Answer in the chat” on and press “Allow more …” on the Twitch page, "
    "or sign her own account in there."
)
NO_CHANNEL: Final = "Sign in with the broadcaster's account first: the chat that is written into is theirs."
TOO_MUCH: Final = "More was to be written than the chat allows at once: the oldest text was left out."
SAME_AGAIN: Final = "The same text was just written, and Twitch shows none twice within 30 seconds."
WITHDRAWN: Final = "What was answered has been taken back, so the answer was not written."
CLOSING: Final = "The connection to Twitch was closed before this was written."
_DROPPED: Final = "Twitch did not show a message of hers"
_TRIES: Final = 3
_JITTER_S: Final = 0.2
"""Twitch counts when messages arrive, and one may be faster on its way than the one before."""


@dataclass(slots=True, eq=False)
class _Text:
    """One text on its way, and what became of it."""

    line: Line
    pieces: deque[str]
    outcome: asyncio.Future[VoxelleError | None]


class ChatWriter:
    """Writes as the bot account if that is signed in, else as the broadcaster. One text after the other, in order.

    `on_problem` hears a sentence for everything that did not appear in the chat; `sent` and `not_sent` count pieces.
    """

    def __init__(
        self,
        settings: Callable[[], TwitchSettings],
        broadcaster: Helix,
        bot: Helix,
        clock: Clock,
        scope: TaskScope,
        on_problem: Callable[[str], None],
    ) -> None:
        self.sent = 0
        self.not_sent = 0
        self._settings = settings
        self._broadcaster = broadcaster
        self._bot = bot
        self._clock = clock
        self._scope = scope
        self._on_problem = on_problem
        self._waiting: deque[_Text] = deque()
        self._current: _Text | None = None
        self._draining: asyncio.Task[None] | None = None
        self._paces = {
            AccountRole.BROADCASTER: Pace(clock, CHAT_PRIVILEGED, CHAT_PERIOD_S + _JITTER_S),
            AccountRole.BOT: Pace(clock, CHAT_NORMAL, CHAT_PERIOD_S + _JITTER_S, CHAT_SPACING_S + _JITTER_S),
        }
        self._announcing = Pace(clock, 1, ANNOUNCEMENT_SPACING_S + _JITTER_S)
        self._last: dict[AccountRole, tuple[str, float]] = {}
        self._is_bot_privileged = False

    def note_bot(self, *, is_privileged: bool) -> None:
        """Take note whether the bot is a moderator or VIP of the channel, as its badges in the chat say: then it may write more."""
        self._is_bot_privileged = is_privileged
        pace = self._paces[AccountRole.BOT]
        pace.count = CHAT_PRIVILEGED if is_privileged else CHAT_NORMAL
        pace.spacing_s = 0.0 if is_privileged else CHAT_SPACING_S + _JITTER_S

    async def write(self, text: str, reply_to: str = "") -> None:
        """Write a text and wait until Twitch took all of it.

        InputError: empty, or with a link or command that is not allowed. The other errors say why it did not appear.
        """
        sentence = self._objection(text)
        if sentence:
            raise InputError(sentence)
        self._speaker()
        failure = await self._put(Line(text, reply_to))
        if failure is not None:
            raise failure

    def answers(self, bus: Bus) -> Callable[[], None]:
        """Write her answers to this chat as long as the settings say so; returns the function that ends it."""
        return Answers(self._settings, self._clock, self.offer, self.withdraw).listen(bus)

    def offer(self, line: Line) -> None:
        """Write a text when its turn comes. What is refused is told through `on_problem`."""
        sentence = self._objection(line.text)
        if sentence == EMPTY:
            return
        if sentence:
            self._complain(sentence, 1)
        else:
            self._put(line)

    def withdraw(self, is_gone: Callable[[Stimulus], bool]) -> None:
        """Leave out what answers something that was taken back. What is already on its way stays written."""
        for text in [each for each in (self._current, *self._waiting) if each is not None]:
            if any(is_gone(each) for each in text.line.stimuli):
                self._end(text, InputError(WITHDRAWN))
        self._waiting = deque(each for each in self._waiting if not each.outcome.done())

    def _objection(self, text: str) -> str:
        """Return why a text is not written at all, or nothing."""
        settings = self._settings()
        if not is_visible(text):
            return EMPTY
        if not settings.may_write_links and has_link(text):
            return LINK
        return COMMAND if not settings.may_write_commands and is_command(one_line(text)) else ""

    def _put(self, line: Line) -> asyncio.Future[VoxelleError | None]:
        outcome: asyncio.Future[VoxelleError | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Text(line, deque(split(line.mark + line.text)), outcome))
        while len(self._waiting) > 1 and sum(len(each.pieces) for each in self._waiting) > LONGEST_QUEUE:
            self._fail(self._waiting.popleft(), TemporaryError(TOO_MUCH))
        if self._draining is None or self._draining.done():
            try:
                self._draining = self._scope.start(self._drain(), name="write into the chat")
            except RuntimeError:
                self._give_up()
        return outcome

    async def _drain(self) -> None:
        try:
            while self._waiting:
                self._current = text = self._waiting.popleft()
                while text.pieces and not text.outcome.done():
                    await self._piece(text)
                self._end(text, None)
                self._current = None
        finally:
            self._give_up()

    def _give_up(self) -> None:
        """Tell whoever still waits that nothing more is written."""
        for text in [each for each in (self._current, *self._waiting) if each is not None]:
            self._end(text, TemporaryError(CLOSING))
        self._waiting.clear()
        self._current = None

    async def _piece(self, text: _Text) -> None:
        """Write the next piece of a text; when that fails, the rest of it would make no sense."""
        piece = text.pieces[0]
        try:
            sent = await self._send(text, piece)
        except VoxelleError as error:
            self._fail(text, error)
            return
        if sent is None:
            return
        text.pieces.popleft()
        if sent.is_sent:
            self.sent += 1
        else:
            why = sent.drop_reason or sent.drop_code or "no reason was given"
            self._fail(text, SetupError(f"{_DROPPED}: {why}"), missing=1)

    async def _send(self, text: _Text, piece: str) -> Sent | None:
        """Send one piece, waiting as long as Twitch asks; None if the text was taken back meanwhile."""
        tries_left = _TRIES
        while True:
            tries_left -= 1
            helix = self._speaker()
            is_announced = text.line.is_announcement and ANNOUNCE in helix.account.scopes
            await (self._announcing if is_announced else self._paces[helix.account.role]).wait()
            if text.outcome.done():
                return None
            if not is_announced and self._is_repeated(helix.account.role, piece):
                raise InputError(SAME_AGAIN)
            try:
                return await self._request(helix, text, piece, is_announced=is_announced)
            except (AuthError, TemporaryError) as error:
                # Another account may still be signed in, and a named pause is waited for. All else might write it twice.
                pause = 0.0 if isinstance(error, AuthError) else error.retry_after_s
                if not tries_left or pause is None:
                    raise
                await self._clock.sleep(pause)

    async def _request(self, helix: Helix, text: _Text, piece: str, *, is_announced: bool) -> Sent:
        channel = self._broadcaster.account.user_id
        if is_announced:
            await helix.announce(channel, piece)
            return Sent(is_sent=True)
        sent = await helix.send_message(channel, piece, text.line.reply_to)
        if sent.is_sent:
            self._last[helix.account.role] = (piece, self._clock.monotonic())
        return sent

    def _is_repeated(self, role: AccountRole, piece: str) -> bool:
        """Whether Twitch would drop it as the same again. It lets broadcasters and moderators repeat themselves."""
        if role is AccountRole.BROADCASTER or self._is_bot_privileged:
            return False
        last, at = self._last.get(role, ("", float("-inf")))
        return last == piece and self._clock.monotonic() - at < DUPLICATE_WINDOW_S

    def _speaker(self) -> Helix:
        """Return who writes. SetupError: nobody may."""
        if not self._broadcaster.account.user_id:
            raise SetupError(NO_CHANNEL)
        for helix in (self._bot, self._broadcaster):
            account = helix.account
            if account.is_signed_in and account.user_id and WRITE_CHAT in account.scopes:
                return helix
        raise SetupError(NOBODY)

    def _fail(self, text: _Text, error: VoxelleError, missing: int = 0) -> None:
        self._complain(error.sentence, missing + len(text.pieces))
        self._end(text, error)

    def _end(self, text: _Text, error: VoxelleError | None) -> None:
        if not text.outcome.done():
            text.outcome.set_result(error)

    def _complain(self, sentence: str, pieces: int) -> None:
        self.not_sent += pieces
        log.info("twitch.not_written", pieces=pieces)
        self._on_problem(sentence)
