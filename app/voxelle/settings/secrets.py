"""Passwords and keys: one entry each in the operating system's password store, never in a file, log or history."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import uuid
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import structlog

from voxelle.domain.errors import InputError, SetupError

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

log = structlog.get_logger("settings")
T = TypeVar("T")

SERVICE = "voxelle"
DATABASE_PASSWORD = "database"  # noqa: S105 -- the name of an entry
"""Goes beside `storage.database_url`, which is kept without one."""

_INDEX = "index"
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}")
_PARTS = "voxelle-parts:"
_LONGEST = 1_200
"""UTF-16 units an entry can hold: Windows takes 2,560 bytes."""
_LONGEST_SECRET = 100_000

_NO_STORE = (
    "This computer offers no password store, so keys can't be kept. "
    "On Linux install and unlock GNOME Keyring or KWallet; engines that need a key wait for that."
)
_LOCKED = "The password store is locked, and unlocking it was refused or not possible. Unlock it, then try again."
_FAILED = "The password store did not do what was asked of it. Unlock it or start it again, then try once more."
_BY_NAME = {
    "NoKeyringError": _NO_STORE,
    "KeyringLocked": _LOCKED,
    "InitError": _LOCKED,
    "LockedException": _LOCKED,
    "PromptDismissedException": _LOCKED,
    "SecretServiceNotAvailableException": _NO_STORE,
}


class Secrets:
    """Keeps texts by name in the keyring; every call runs in a thread, since the system may ask the user first.

    A plug-in of `keyring` that merely is installed (a plain file, or one that asks on a terminal) is
    not used; one chosen by PYTHON_KEYRING_BACKEND is. Long texts are split over several entries,
    because Windows allows 1,280 characters. The names are kept in an entry of their own. All methods
    raise SetupError with a sentence when the store does not serve.
    """

    def __init__(self, backend: KeyringBackend | None = None) -> None:
        self._chosen = backend
        self._lock = asyncio.Lock()

    async def get(self, name: str) -> str | None:
        """Return a secret, None if there is none of that name."""
        _check_name(name)
        return await self._call(lambda store: _get(store, name))

    async def set(self, name: str, value: str) -> None:
        """Keep a secret, in place of an older one of that name. Raises InputError for an empty or unusable text."""
        _check_name(name)
        _check_value(value)

        def put(store: KeyringBackend) -> None:
            names = _names(store)
            if name not in names:
                _set(store, _INDEX, json.dumps(sorted({*names, name})))
            _set(store, name, value)

        await self._call(put)

    async def delete(self, name: str) -> None:
        """Delete a secret; one that is not there is no error."""
        _check_name(name)

        def remove(store: KeyringBackend) -> None:
            _delete(store, name)
            names = _names(store)
            if name in names:
                _set(store, _INDEX, json.dumps([each for each in names if each != name]))

        await self._call(remove)

    async def names(self) -> Sequence[str]:
        """Return the names of all secrets, sorted."""
        return await self._call(_names)

    async def status(self) -> tuple[bool, str]:
        """Try the store; return whether it serves and a sentence for the streamer."""
        try:
            title = await self._call(_probe)
        except SetupError as error:
            return False, error.sentence
        return True, f"Keys are kept in {title}."

    async def _call(self, work: Callable[[KeyringBackend], T]) -> T:
        async with self._lock:
            return await asyncio.to_thread(self._work, work)

    def _work(self, work: Callable[[KeyringBackend], T]) -> T:
        try:
            store = self._backend()
            if type(store).__module__.endswith((".fail", ".null")):
                raise SetupError(_NO_STORE)  # the null backend would take a key and forget it
            return work(store)
        except _store_errors() as error:
            kind = type(error).__name__
            log.warning("secrets.store_failed", kind=kind)
            raise SetupError(_BY_NAME.get(kind, _FAILED)) from error

    def _backend(self) -> KeyringBackend:
        if self._chosen is None:
            self._chosen = _system_store()
        return self._chosen


def _system_store() -> KeyringBackend:
    """Return the system's own store. Raises SetupError if only stand-ins are installed."""
    import keyring

    found = keyring.get_keyring()
    if os.environ.get("PYTHON_KEYRING_BACKEND"):
        return found
    candidates = [found, *getattr(found, "backends", ())]
    for candidate in candidates:
        module = type(candidate).__module__
        is_own = module.startswith("keyring.backends.") and not module.endswith((".fail", ".null", ".chainer"))
        if is_own:
            store: KeyringBackend = candidate
            return store
    raise SetupError(_NO_STORE)


def _store_errors() -> tuple[type[Exception], ...]:
    """Return what a store can raise, as far as its libraries are loaded: the native ones exist on one system each."""
    from keyring.errors import KeyringError

    found: list[type[Exception]] = [KeyringError, OSError, RuntimeError]
    for module, name in (
        ("pywintypes", "error"),
        ("secretstorage.exceptions", "SecretStorageException"),
        ("jeepney.wrappers", "DBusErrorResponse"),
        ("jeepney.auth", "AuthenticationError"),
    ):
        error = getattr(sys.modules.get(module), name, None)
        if isinstance(error, type) and issubclass(error, Exception):
            found.append(error)
    return tuple(found)


def _probe(store: KeyringBackend) -> str:
    store.get_password(SERVICE, _INDEX)
    return str(store.name)


def _names(store: KeyringBackend) -> list[str]:
    kept = _get(store, _INDEX)
    if kept is None:
        return []
    try:
        names = json.loads(kept)
    except ValueError:
        log.warning("secrets.index_unreadable")
        return []
    return sorted(str(name) for name in names) if isinstance(names, list) else []


def _get(store: KeyringBackend, name: str) -> str | None:
    head = store.get_password(SERVICE, name)
    if head is None or not head.startswith(_PARTS):
        return head
    parts = [store.get_password(SERVICE, entry) for entry in _part_entries(name, head)]
    if any(part is None for part in parts):
        msg = f"The saved secret {name} is incomplete: enter it again."
        raise SetupError(msg)
    return "".join(part for part in parts if part is not None)


def _set(store: KeyringBackend, name: str, value: str) -> None:
    """Write new parts first, then the entry that names them, then drop the old parts: a crash leaves the old or the new text."""
    before = store.get_password(SERVICE, name)
    step = _LONGEST if value.isascii() else _LONGEST // 2
    if len(value) <= step and not value.startswith(_PARTS):
        store.set_password(SERVICE, name, value)
    else:
        pieces = [value[start : start + step] for start in range(0, len(value), step)]
        head = f"{_PARTS}{uuid.uuid4().hex}:{len(pieces)}"
        for entry, piece in zip(_part_entries(name, head), pieces, strict=True):
            store.set_password(SERVICE, entry, piece)
        store.set_password(SERVICE, name, head)
    _drop_parts(store, name, before)


def _delete(store: KeyringBackend, name: str) -> None:
    before = store.get_password(SERVICE, name)
    if before is not None:
        store.delete_password(SERVICE, name)
        _drop_parts(store, name, before)


def _drop_parts(store: KeyringBackend, name: str, head: str | None) -> None:
    if head is None or not head.startswith(_PARTS):
        return
    for entry in _part_entries(name, head):
        if store.get_password(SERVICE, entry) is not None:
            store.delete_password(SERVICE, entry)


def _part_entries(name: str, head: str) -> list[str]:
    token, _, count = head.removeprefix(_PARTS).partition(":")
    return [f"{name}#{token}.{number}" for number in range(int(count) if count.isdigit() else 0)]


def _check_name(name: str) -> None:
    if name == _INDEX or _NAME.fullmatch(name) is None:
        msg = "The name of a secret has small letters, digits, dots, dashes and underscores."
        raise InputError(msg)


def _check_value(value: str) -> None:
    if not value.strip():
        msg = "An empty key cannot be saved. Delete it instead."
        raise InputError(msg)
    if len(value) > _LONGEST_SECRET or any(ord(sign) < ord(" ") and sign not in "\t\r\n" for sign in value) or _has_surrogates(value):
        msg = "This does not look like a key or a password: it is too long or has control characters."
        raise InputError(msg)


def _has_surrogates(value: str) -> bool:
    return any("\ud800" <= sign <= "\udfff" for sign in value)
