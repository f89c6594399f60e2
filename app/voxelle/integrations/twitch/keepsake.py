"""A sign-in as it is kept in the password store: the pair of tokens, whose they are, and what they allow."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Final

import msgspec
import structlog

from voxelle.contracts.integration import SecretStore
from voxelle.domain.errors import SetupError, VoxelleError
from voxelle.integrations.twitch.replies import Secret
from voxelle.integrations.twitch.shelter import Shelter

log = structlog.get_logger("app")
PATIENCE_S: Final = 20.0
"""So long an unlocked store is waited for; then the show goes on with what is in memory."""
STORE_WAITS: Final = "The password store does not answer: unlock it, so that the sign-in to Twitch can be kept."


class Pair(msgspec.Struct, frozen=True):
    """An access token with its refresh token. Its text shows neither."""

    access: Secret
    refresh: Secret
    client_id: str = ""
    scopes: tuple[str, ...] = ()
    user_id: str = ""
    login: str = ""
    obtained_at: datetime | None = None
    """By this computer's date: for the days left alone."""

    def __repr__(self) -> str:
        return "Pair(…)"


class Keepsake:
    """One entry of the password store. However often it is changed, one writer at a time, and the last change wins."""

    def __init__(self, secrets: SecretStore, name: str, shelter: Shelter) -> None:
        self._secrets = secrets
        self._name = name
        self._shelter = shelter
        self._wanted: str | None = None
        self._writer: asyncio.Task[VoxelleError | None] | None = None

    async def load(self) -> tuple[Pair | None, bool]:
        """Return what is kept, and whether something was there that can't be read. SetupError: the store does not serve."""
        text = await self._secrets.get(self._name)
        if text is None:
            return None, False
        try:
            return msgspec.json.decode(text, type=Pair), False
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            log.warning("twitch.sign_in_unreadable", entry=self._name)
            return None, True

    async def keep(self, pair: Pair | None) -> None:
        """Write a pair durably, or delete it with None. SetupError: not done, or not yet.

        A store that takes its time is not waited for longer than PATIENCE_S; it may still finish later.
        """
        self._wanted = None if pair is None else msgspec.json.encode(pair).decode()
        if self._writer is None or self._writer.done():
            self._writer = self._shelter.start(self._write(), f"keep {self._name}")
        writer = self._writer
        done, _ = await asyncio.wait({writer}, timeout=PATIENCE_S)
        if not done or writer.cancelled():
            raise SetupError(STORE_WAITS)
        failure = writer.result()
        if failure is not None:
            raise SetupError(failure.sentence) from failure

    async def _write(self) -> VoxelleError | None:
        while True:
            text = self._wanted
            try:
                if text is None:
                    await self._secrets.delete(self._name)
                else:
                    await self._secrets.set(self._name, text)
            except VoxelleError as error:
                if text == self._wanted:
                    return error
            else:
                if text == self._wanted:
                    return None
