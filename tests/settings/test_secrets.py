"""Keys in the system's password store."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keyring.backends.chainer
import keyring.backends.fail
import keyring.backends.null
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from keyring.backend import KeyringBackend
from keyring.errors import InitError, KeyringLocked, NoKeyringError, PasswordDeleteError, PasswordSetError

from voxelle.domain.errors import InputError, SetupError
from voxelle.settings import secrets as module
from voxelle.settings.secrets import Secrets

LONGEST_ON_WINDOWS = 2560


class Memory(KeyringBackend):
    """Keeps entries in a dictionary, with the limit of Windows."""

    priority = 1.0
    name = "memory"

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.entries: dict[str, str] = {}
        self.error: Exception | None = None
        self.sets_left = 10**9
        self.threads: set[str] = set()

    def get_password(self, service: str, username: str) -> str | None:
        self._check(service)
        return self.entries.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self._check(service)
        assert len(password.encode("utf-16-le")) <= LONGEST_ON_WINDOWS
        self.sets_left -= 1
        if self.sets_left < 0:
            raise PasswordSetError
        self.entries[username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._check(service)
        if username not in self.entries:
            raise PasswordDeleteError(username)
        del self.entries[username]

    def _check(self, service: str) -> None:
        assert service == "voxelle"
        self.threads.add(threading.current_thread().name)
        if self.error is not None:
            raise self.error


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def secrets(memory: Memory) -> Secrets:
    return Secrets(memory)


async def test_a_secret_is_kept_listed_replaced_and_deleted(secrets: Secrets, memory: Memory) -> None:
    assert await secrets.get("openai") is None
    await secrets.set("openai", "sk-1")
    await secrets.set("anthropic", "sk-2")
    await secrets.set("openai", "sk-3")
    assert await secrets.get("openai") == "sk-3"
    assert await secrets.names() == ["anthropic", "openai"]
    await secrets.delete("openai")
    await secrets.delete("openai")
    assert await secrets.get("openai") is None
    assert await secrets.names() == ["anthropic"]
    assert set(memory.entries) == {"anthropic", "index"}


async def test_the_store_is_never_called_on_the_loops_thread(secrets: Secrets, memory: Memory) -> None:
    await secrets.set("openai", "sk-1")
    await secrets.status()
    assert threading.current_thread().name not in memory.threads


@given(
    values=st.lists(
        st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), min_size=1, max_size=3000).filter(str.strip),
        min_size=1,
        max_size=3,
    )
)
@examples(max_examples=40, deadline=None)
def test_any_text_comes_back_and_leaves_no_parts_behind(values: list[str]) -> None:
    memory = Memory()
    secrets = Secrets(memory)

    async def keep() -> None:
        for value in values:
            await secrets.set("key", value)
            assert await secrets.get("key") == value
        await secrets.delete("key")

    asyncio.run(keep())
    assert set(memory.entries) == {"index"}


@pytest.mark.parametrize("length", [1200, 1201, 4000, 100_000])
async def test_a_long_key_is_split_into_entries_that_windows_takes(secrets: Secrets, memory: Memory, length: int) -> None:
    await secrets.set("key", "x" * length)
    assert await secrets.get("key") == "x" * length
    assert await secrets.names() == ["key"]
    await secrets.set("key", "voxelle-parts:like")
    assert await secrets.get("key") == "voxelle-parts:like"


async def test_a_write_that_breaks_off_leaves_the_old_key(secrets: Secrets, memory: Memory) -> None:
    await secrets.set("key", "old " * 1000)
    for left in range(5):
        memory.sets_left = left
        if left < 4:
            with pytest.raises(SetupError):
                await secrets.set("key", "new!" * 900)
            assert await secrets.get("key") == "old " * 1000
    memory.sets_left = 10**9
    await secrets.set("key", "new!" * 900)
    assert await secrets.get("key") == "new!" * 900


async def test_a_key_of_which_a_part_is_gone_is_told(secrets: Secrets, memory: Memory) -> None:
    await secrets.set("key", "x" * 4000)
    memory.entries = {name: value for name, value in memory.entries.items() if not name.endswith(".1")}
    with pytest.raises(SetupError, match="incomplete"):
        await secrets.get("key")


async def test_an_index_that_was_damaged_is_begun_anew(secrets: Secrets, memory: Memory) -> None:
    for damaged in ("?", "5"):
        memory.entries["index"] = damaged
        assert await secrets.names() == []
        await secrets.set("key", "x")
        assert await secrets.names() == ["key"]


@pytest.mark.parametrize("name", ["", "index", "Öffne", "a b", "-a", "a#0", "x" * 101, "UPPER"])
async def test_a_name_that_cannot_be_used_is_refused(secrets: Secrets, name: str) -> None:
    with pytest.raises(InputError):
        await secrets.get(name)


@pytest.mark.parametrize("value", ["", "  \n", "nul \x00", "\ud800", "x" * 100_001])
async def test_a_value_that_cannot_be_a_key_is_refused_without_being_repeated(secrets: Secrets, memory: Memory, value: str) -> None:
    with pytest.raises(InputError) as caught:
        await secrets.set("openai", value)
    assert not value.strip() or value not in caught.value.sentence
    assert memory.entries == {}


class Pywin32Error(Exception):
    """Named like the errors of pywin32, which exist on Windows alone."""


Pywin32Error.__name__ = "error"


@pytest.mark.parametrize(
    "error, words",
    [
        (NoKeyringError(), "offers no password store"),
        (KeyringLocked("secret path"), "is locked"),
        (InitError("Prompt dismissed"), "is locked"),
        (PasswordSetError("x"), "did not do what was asked"),
        (OSError("no bus"), "did not do what was asked"),
        (Pywin32Error(8, "CredWrite", "no room"), "did not do what was asked"),
    ],
)
async def test_every_failure_of_a_store_is_a_sentence(
    secrets: Secrets, memory: Memory, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    class FakeModule:
        error = Pywin32Error

    monkeypatch.setitem(sys.modules, "pywintypes", FakeModule)
    memory.error = error
    with pytest.raises(SetupError, match=words):
        await secrets.get("openai")
    is_available, sentence = await secrets.status()
    assert not is_available
    assert words in sentence


async def test_a_store_that_serves_says_what_it_is(secrets: Secrets) -> None:
    assert await secrets.status() == (True, "Keys are kept in memory.")


@pytest.mark.parametrize("kind", [keyring.backends.null.Keyring, keyring.backends.fail.Keyring])
async def test_a_store_that_forgets_is_no_store(kind: Callable[[], KeyringBackend]) -> None:
    secrets = Secrets(kind())
    assert (await secrets.status())[0] is False
    with pytest.raises(SetupError, match="offers no password store"):
        await secrets.set("openai", "sk-1")


@pytest.mark.parametrize("name", ["null", "fail"])
async def test_a_store_chosen_by_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", f"keyring.backends.{name}.Keyring")
    monkeypatch.setattr("keyring.core._keyring_backend", None)
    assert (await Secrets().status())[0] is False


class Plaintext(Memory):
    """Stands for keyrings.alt, which writes keys into a file."""


Plaintext.__module__ = "keyrings.alt.file"


class Native(Memory):
    """Stands for a store of the system."""

    name = "the system's store"


Native.__module__ = "keyring.backends.SecretService"


class Chain(keyring.backends.chainer.ChainerBackend):
    """Offers both."""

    backends: Any = (Plaintext(), Native())


@pytest.mark.parametrize("found, is_available", [(Plaintext, False), (Native, True), (Chain, True)])
async def test_a_plug_in_that_merely_is_installed_is_not_used(
    monkeypatch: pytest.MonkeyPatch, found: Callable[[], KeyringBackend], is_available: bool
) -> None:
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND")
    monkeypatch.setattr("keyring.get_keyring", found)
    assert (await Secrets().status())[0] is is_available


async def test_values_and_names_never_reach_the_log(secrets: Secrets, memory: Memory, capsys: pytest.CaptureFixture[str]) -> None:
    await secrets.set("openai", "sk-very-secret")
    memory.error = PasswordSetError("sk-very-secret could not be kept")
    with pytest.raises(SetupError):
        await secrets.set("openai", "sk-very-secret")
    output = capsys.readouterr()
    assert "store_failed" in output.out + output.err
    assert "sk-very-secret" not in output.out + output.err


def test_the_module_is_imported_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import sys, voxelle.settings.secrets; sys.exit('keyring' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env=environment(), check=False).returncode == 0
    assert module.SERVICE == "voxelle"


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **more}


CHILD = """
import asyncio, json, sys
from voxelle.settings.secrets import Secrets

async def main():
    secrets = Secrets()
    found = [await secrets.status(), await secrets.get("openai"), await secrets.get("token")]
    await secrets.set("openai", "sk-1 ü")
    await secrets.set("token", "x" * 5000)
    found += [await secrets.names(), await secrets.get("openai"), len(await secrets.get("token"))]
    if "delete" in sys.argv:
        await secrets.delete("openai")
        found.append(await secrets.names())
    print("FOUND", json.dumps(found))

asyncio.run(main())
"""

LOCKED = """
import asyncio, json
from voxelle.settings.secrets import Secrets
print("FOUND", json.dumps(asyncio.run(Secrets().status())))
"""


def under_a_session_bus(home: Path, script: str, *, unlocks: bool) -> Any:
    """Run Python with a D-Bus session of its own and a real keyring daemon in a home of its own."""
    runtime = home / "run"
    runtime.mkdir(parents=True, exist_ok=True, mode=0o700)
    unlock = "printf testpw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1;" if unlocks else ""
    command = f'{unlock} "$0" -c "$SCRIPT" delete'  # the daemon ends with its bus
    done = subprocess.run(
        ["dbus-run-session", "--", "bash", "-c", command, sys.executable],
        env=environment(
            HOME=str(home), XDG_RUNTIME_DIR=str(runtime), XDG_DATA_HOME=str(home / "data"), SCRIPT=script, GNOME_KEYRING_CONTROL=""
        ),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    answers = [line for line in done.stdout.splitlines() if line.startswith("FOUND ")]
    assert answers, done.stdout + done.stderr
    return json.loads(answers[0].removeprefix("FOUND "))


needs_daemon = pytest.mark.skipif(
    shutil.which("gnome-keyring-daemon") is None or shutil.which("dbus-run-session") is None, reason="needs gnome-keyring and dbus"
)


@pytest.mark.keyring
@needs_daemon
def test_the_real_secret_service_keeps_keys_between_sessions(tmp_path: Path) -> None:
    first = under_a_session_bus(tmp_path, CHILD, unlocks=True)
    assert first[0][0] is True, first
    assert first[1:3] == [None, None]
    assert first[3:] == [["openai", "token"], "sk-1 ü", 5000, ["token"]]
    second = under_a_session_bus(tmp_path, CHILD, unlocks=True)
    assert second[1:3] == [None, "x" * 5000]


@pytest.mark.keyring
@needs_daemon
def test_a_secret_service_that_nobody_unlocked_is_told_in_a_sentence(tmp_path: Path) -> None:
    is_available, sentence = under_a_session_bus(tmp_path, LOCKED, unlocks=False)
    assert is_available is False
    assert sentence.endswith((".",))
