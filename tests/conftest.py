"""Guards that every test runs under, and the fixtures they share."""

from __future__ import annotations

import asyncio
import functools
import os
import shutil
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path

import pytest
import pytest_asyncio
import structlog
from hypothesis import HealthCheck, settings

from tests import guards
from voxelle.kernel import log
from voxelle.kernel.bus import Bus
from voxelle.kernel.clock import Clock, Ids, LoopClock, Randomness, SystemClock
from voxelle.kernel.paths import Paths, resource
from voxelle.kernel.virtual_loop import VirtualTimeLoop

# No test fails for being slow on a busy machine, and none writes into the tree.
settings.register_profile("house", deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

_SHARED = ("sound", "engines", "keyring")
_SMALL_SET = ("llm-small", "minilm", "ears", "speaker", "stt-tiny")
# Before the home is moved: where the weights really lie.
_TRUE_PACKS = Paths.find().packs
# Before Qt starts: no window on anybody's screen.
if not os.environ.get("DISPLAY"):
    os.environ["QT_QPA_PLATFORM"] = "offscreen"


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Run tests marked `virtual_time` on the loop whose time jumps."""
    if item.get_closest_marker("virtual_time"):
        return {"virtual": VirtualTimeLoop}
    return {"real": asyncio.new_event_loop}


@functools.cache
def _missing_packs() -> tuple[str, ...]:
    from voxelle.kernel.packs import PackStore, load_packs

    packs = load_packs(resource("packs"))
    store = PackStore(packs, _TRUE_PACKS, Path(tempfile.gettempdir()), local_folders=())
    return tuple(each for each in _SMALL_SET if not store.is_installed(each))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep what shares one device, keyring or set of weights in one process, one after the other."""
    for item in items:
        if any(item.get_closest_marker(name) for name in _SHARED):
            item.add_marker(pytest.mark.xdist_group("shared"))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail what needs weights that are not there: a skipped test proves nothing."""
    if item.get_closest_marker("engines") and _missing_packs():
        missing = " and ".join(_missing_packs())
        sentence = f"No weights of {missing} in {_TRUE_PACKS}: run `python3 packaging/bootstrap.py test`, or set VOXELLE_PACKS_DIR."
        pytest.fail(sentence, pytrace=False)


def _move_home(patch: pytest.MonkeyPatch, home: Path, runtime: Path) -> None:
    """Let everything that looks for the user's folders find a temporary one."""
    for name in [name for name in os.environ if name.startswith("VOXELLE_")]:
        patch.delenv(name)
    folders = {
        "HOME": "",
        "USERPROFILE": "",
        "APPDATA": "AppData/Roaming",
        "LOCALAPPDATA": "AppData/Local",
        "XDG_CONFIG_HOME": ".config",
        "XDG_DATA_HOME": ".local/share",
        "XDG_STATE_HOME": ".local/state",
        "XDG_CACHE_HOME": ".cache",
        "VOXELLE_DATA_DIR": "voxelle",
        "VOXELLE_CONFIG_DIR": "voxelle/config",
        "VOXELLE_CACHE_DIR": "voxelle/cache",
        "VOXELLE_LOG_DIR": "voxelle/logs",
        "VOXELLE_PACKS_DIR": "voxelle/packs",
    }
    for name, folder in folders.items():
        patch.setenv(name, str(home / folder))
    patch.setenv("VOXELLE_RUNTIME_DIR", str(runtime))
    patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")


@pytest.fixture(scope="session")
def _refused() -> list[str]:
    return []


@pytest.fixture(scope="session", autouse=True)
def _safe_session(tmp_path_factory: pytest.TempPathFactory, _refused: list[str]) -> Iterator[None]:
    """Keep fixtures of wider scope off the user's folders and off the net as well."""
    home = tmp_path_factory.mktemp("session")
    with pytest.MonkeyPatch.context() as patch:
        _move_home(patch, home, home / "runtime")
        guards.loopback_only(patch, _refused)
        yield


@pytest.fixture(autouse=True)
def _safe_home(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give each test a home of its own, and the real keyring only to those that ask for it."""
    # The path of a unix socket has to be short.
    runtime = Path(tempfile.mkdtemp(prefix="vx-"))
    with pytest.MonkeyPatch.context() as patch:
        _move_home(patch, tmp_path_factory.mktemp("home"), runtime)
        if request.node.get_closest_marker("keyring"):
            patch.delenv("PYTHON_KEYRING_BACKEND")
        yield
    shutil.rmtree(runtime)


@pytest.fixture(autouse=True)
def _quiet_log() -> Iterator[None]:
    """Log plainly to the captured output, and undo what a test set up."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(),
        ],
        cache_logger_on_first_use=False,
    )
    yield
    log.close()
    structlog.contextvars.clear_contextvars()


@pytest.fixture(autouse=True)
def _nothing_left(request: pytest.FixtureRequest, _safe_home: None, _quiet_log: None, _refused: list[str]) -> Iterator[None]:
    """Fail a test that leaves a thread, a child process, a widget or a timer, or that reached for the net."""
    threads, processes, widgets = set(threading.enumerate()), guards.children(), guards.widgets()
    _refused.clear()
    yield
    left = {
        "threads": guards.threads_left(threads),
        "processes": guards.processes_left(processes),
        "widgets": guards.widgets_left(widgets),
        "timers": guards.qt_timers_left() if "qapp" in request.fixturenames else [],
        "hosts reached for": list(_refused),
    }
    if any(left.values()):
        pytest.fail("Left behind: " + "; ".join(f"{what}: {', '.join(names)}" for what, names in left.items() if names), pytrace=False)


@pytest.fixture(autouse=True)
def _no_task_left(request: pytest.FixtureRequest, _nothing_left: None) -> None:
    """Fail an async test that leaves a task or a timer on its loop."""
    if pytest_asyncio.is_async_test(request.node):
        request.getfixturevalue("_task_guard")


@pytest_asyncio.fixture
async def _task_guard() -> AsyncIterator[None]:
    yield
    # What was cancelled by the fixtures around may take a few turns to end.
    for _ in range(3):
        await asyncio.sleep(0)
    left = guards.tasks_left(asyncio.get_running_loop(), asyncio.current_task())
    if left:
        pytest.fail("Left behind on the loop: " + "; ".join(left), pytrace=False)


@pytest.fixture
def paths() -> Paths:
    """Folders of this test alone, created."""
    found = Paths.find()
    found.create()
    return found


@pytest.fixture
def clock(request: pytest.FixtureRequest) -> Clock:
    """The virtual loop's time for tests marked `virtual_time`, else the system's."""
    return LoopClock() if request.node.get_closest_marker("virtual_time") else SystemClock()


@pytest.fixture
def randomness() -> Randomness:
    """Chance that is the same every time."""
    return Randomness(20260101)


@pytest.fixture
def ids(randomness: Randomness, clock: Clock) -> Ids:
    """Ids that are the same every time, as far as the clock is."""
    return Ids(randomness, clock)


@pytest.fixture
def bus() -> Bus:
    """A bus of this test alone."""
    return Bus()


@pytest.fixture(scope="session")
def packs_dir() -> Path:
    """Where the real weights lie, outside of the temporary home. For tests marked `engines`."""
    return _TRUE_PACKS
