"""Which secret keys are stored; the keys themselves never come back to the window."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal

from voxelle.domain.errors import VoxelleError
from voxelle.ui.bridge import Bridge

KEY_NAMES = ("openai", "anthropic", "speech", "transcription")
KeyState = tuple[Sequence[str], bool, str]
"""Names of stored secrets, whether the store serves, and a sentence about it."""


class SecretStore(Protocol):
    """What the window uses of the password store; `voxelle.settings.secrets.Secrets` is one."""

    async def set(self, name: str, value: str) -> None:
        """Keep a secret."""

    async def delete(self, name: str) -> None:
        """Delete a secret."""

    async def names(self) -> Sequence[str]:
        """Return the names of all secrets."""

    async def status(self) -> tuple[bool, str]:
        """Return whether the store serves, and a sentence."""


class KeysModel(QObject):
    """`changed`: what is stored, or how the store is. `failed(sentence)`: setting or deleting failed."""

    changed = Signal()
    failed = Signal(str)

    def __init__(self, bridge: Bridge, secrets: SecretStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._secrets = secrets
        self._stored: frozenset[str] = frozenset()
        self.is_available: bool | None = None
        self.status = ""
        self.is_busy = False

    def refresh(self) -> None:
        """Ask the password store; the system may ask the streamer to unlock it."""
        secrets = self._secrets

        async def read() -> KeyState:
            is_available, sentence = await secrets.status()
            return (await secrets.names() if is_available else ()), is_available, sentence

        self._bridge.run(read, self._take, self._on_refresh_failed)

    def is_stored(self, name: str) -> bool:
        """Tell whether there is a key of this name."""
        return name in self._stored

    def set_key(self, name: str, key: str) -> None:
        """Store a key."""
        self._command(lambda: self._secrets.set(name, key))

    def delete_key(self, name: str) -> None:
        """Delete a key."""
        self._command(lambda: self._secrets.delete(name))

    def _command(self, start: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self.is_busy = True
        self.changed.emit()
        self._bridge.run(start, self._on_done, self._on_failed)

    def _on_done(self, _nothing: None) -> None:
        self.is_busy = False
        self.refresh()

    def _on_failed(self, error: VoxelleError) -> None:
        self.is_busy = False
        self.failed.emit(error.sentence)
        self.refresh()

    def _take(self, state: KeyState) -> None:
        names, self.is_available, self.status = state
        self._stored = frozenset(names)
        self.changed.emit()

    def _on_refresh_failed(self, error: VoxelleError) -> None:
        self.is_available, self.status = False, error.sentence
        self.changed.emit()
