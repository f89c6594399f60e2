"""Services that are kept running."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from voxelle.domain.errors import AuthError, InputError, SetupError, TemporaryError, VoxelleError
from voxelle.domain.events import HealthChanged, HealthLevel
from voxelle.kernel.bus import Bus
from voxelle.kernel.clock import Clock, Randomness
from voxelle.kernel.supervisor import Backoff, Supervisor
from voxelle.kernel.tasks import TaskScope

pytestmark = pytest.mark.virtual_time


class Scripted:
    """A service whose runs follow a script: an error is raised, None returns, a function is called."""

    def __init__(self, name: str, *script: BaseException | Callable[[], Awaitable[None]] | None) -> None:
        self.name = name
        self.script = list(script)
        self.began: list[float] = []
        self.running = 0
        self.most_at_once = 0
        self.ended = 0

    async def run(self) -> None:
        self.began.append(asyncio.get_running_loop().time())
        self.running += 1
        self.most_at_once = max(self.most_at_once, self.running)
        try:
            step = self.script.pop(0) if self.script else _last
            if isinstance(step, BaseException):
                raise step
            if step is not None:
                await step()
        finally:
            self.running -= 1
            self.ended += 1


async def _last() -> None:
    await asyncio.Event().wait()


def _until_cancelled_then_clean(seconds: float) -> Callable[[], Awaitable[None]]:
    async def run() -> None:
        try:
            await _last()
        finally:
            await asyncio.sleep(seconds)

    return run


@pytest.fixture
def lights(bus: Bus) -> list[HealthChanged]:
    seen: list[HealthChanged] = []
    bus.subscribe(HealthChanged, seen.append)
    return seen


@pytest.fixture
def supervisor(bus: Bus, clock: Clock, randomness: Randomness) -> Supervisor:
    return Supervisor(bus, clock, randomness, Backoff(jitter=0.0))


def _levels(lights: list[HealthChanged], name: str) -> list[HealthLevel]:
    return [light.level for light in lights if light.service == name]


async def test_services_run_side_by_side_until_the_supervisor_is_cancelled(supervisor: Supervisor, lights: list[HealthChanged]) -> None:
    first, second = Scripted("first"), Scripted("second")
    supervisor.add(first)
    async with TaskScope("show") as scope:
        running = scope.start(supervisor.run(), name="supervisor")
        await asyncio.sleep(1)
        supervisor.add(second)
        await asyncio.sleep(1)
        assert (first.running, second.running) == (1, 1)
    assert running.cancelled()
    assert (first.running, second.running) == (0, 0)
    assert _levels(lights, "first") == [HealthLevel.STARTING, HealthLevel.OFF]
    assert _levels(lights, "second") == [HealthLevel.STARTING, HealthLevel.OFF]


async def test_a_service_that_returns_is_stopped_and_can_be_restarted(supervisor: Supervisor, lights: list[HealthChanged]) -> None:
    service = Scripted("once", None)
    supervisor.add(service)
    async with TaskScope("show") as scope:
        scope.start(supervisor.run(), name="supervisor")
        await asyncio.sleep(1000)
        assert len(service.began) == 1
        assert _levels(lights, "once") == [HealthLevel.STARTING, HealthLevel.OFF]
        supervisor.restart("once")
        await asyncio.sleep(1)
        assert service.running == 1


async def test_a_service_that_cancels_itself_is_stopped(supervisor: Supervisor) -> None:
    supervisor.add(Scripted("shy", asyncio.CancelledError()))
    async with TaskScope("show") as scope:
        scope.start(supervisor.run(), name="supervisor")
        await asyncio.sleep(1000)
        assert supervisor.health()["shy"].level is HealthLevel.OFF


async def test_a_temporary_error_is_tried_again_with_growing_waits(supervisor: Supervisor, lights: list[HealthChanged]) -> None:
    service = Scripted("line", *[TemporaryError("The line dropped.")] * 8)
    supervisor.add(service)
    with capture_logs() as logs:
        async with TaskScope("show") as scope:
            scope.start(supervisor.run(), name="supervisor")
            await asyncio.sleep(1000)
            waits = [round(after - before, 3) for before, after in zip(service.began, service.began[1:], strict=False)]
            assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
            assert service.running == 1
    assert HealthChanged("line", HealthLevel.RETRYING, "The line dropped.") in lights
    assert {line["event"] for line in logs} == {"service.retried"}


async def test_the_other_side_may_ask_for_a_longer_wait(supervisor: Supervisor) -> None:
    service = Scripted("line", TemporaryError("Busy.", retry_after_s=300))
    supervisor.add(service)
    async with TaskScope("show") as scope:
        scope.start(supervisor.run(), name="supervisor")
        await asyncio.sleep(1000)
    assert service.began == [0, 300]


async def test_a_long_healthy_run_makes_the_next_failure_count_as_the_first(supervisor: Supervisor) -> None:
    async def work_long() -> None:
        await asyncio.sleep(3600)
        msg = "The line dropped."
        raise TemporaryError(msg)

    failure = TemporaryError("The line dropped.")
    service = Scripted("line", failure, failure, failure, work_long)
    supervisor.add(service)
    async with TaskScope("show") as scope:
        scope.start(supervisor.run(), name="supervisor")
        await asyncio.sleep(10_000)
    assert service.began == pytest.approx([0, 1, 3, 7, 7 + 3600 + 1])


@pytest.mark.parametrize("failure", [AuthError("Sign in again."), SetupError("Choose a device.")])
async def test_what_needs_the_streamer_waits_for_them_with_a_sentence(
    supervisor: Supervisor, lights: list[HealthChanged], failure: VoxelleError
) -> None:
    service = Scripted("chat", failure)
    supervisor.add(service)
    async with TaskScope("show") as scope:
        scope.start(supervisor.run(), name="supervisor")
        await asyncio.sleep(100_000)
        assert len(service.began) == 1
        assert supervisor.health()["chat"] == HealthChanged("chat", HealthLevel.NEEDS_YOU, failure.sentence)
        supervisor.restart("chat")
        await asyncio.sleep(1)
        assert service.running == 1
    assert _levels(lights, "chat") == [HealthLevel.STARTING, HealthLevel.NEEDS_YOU, HealthLevel.STARTING, HealthLevel.OFF]


async def test_a_bug_is_logged_with_its_traceback_and_leaves_neighbours_alone(supervisor: Supervisor) -> None:
    broken, healthy = Scripted("broken", ZeroDivisionError("what chat said")), Scripted("healthy")
    supervisor.add(broken)
    supervisor.add(healthy)
    with capture_logs() as logs:
        async with TaskScope("show") as scope:
            scope.start(supervisor.run(), name="supervisor")
            await asyncio.sleep(1000)
            assert healthy.running == 1
            assert len(broken.began) == 1
            light = supervisor.health()["broken"]
            assert light.level is HealthLevel.FAILED
            assert "what chat said" not in light.sentence
    assert [(line["event"], line["service"], line["exc_info"]) for line in logs] == [("service.failed", "broken", True)]


@pytest.mark.parametrize("failure", [InputError("That is no name."), VoxelleError("That went wrong.")])
async def test_any_other_expected_failure_is_failed_with_its_sentence(supervisor: Supervisor, failure: VoxelleError) -> None:
    supervisor.add(Scripted("odd", failure))
    async with TaskScope("show") as scope:
        scope.start(supervisor.run(), name="supervisor")
        await asyncio.sleep(1000)
        assert supervisor.health()["odd"] == HealthChanged("odd", HealthLevel.FAILED, failure.sentence)


_TEMPORARY, _AUTH, _BUG = TemporaryError("Wait."), AuthError("Sign in."), ValueError("a mistake")


@pytest.mark.parametrize(
    "group, level",
    [
        (ExceptionGroup("", [_TEMPORARY, ExceptionGroup("", [_TEMPORARY])]), HealthLevel.RETRYING),
        (ExceptionGroup("", [_TEMPORARY, ExceptionGroup("", [_AUTH])]), HealthLevel.NEEDS_YOU),
        (ExceptionGroup("", [_TEMPORARY, InputError("Odd.")]), HealthLevel.FAILED),
        (ExceptionGroup("", [_TEMPORARY, _BUG]), HealthLevel.FAILED),
    ],
)
async def test_a_group_of_errors_counts_as_the_worst_of_them(supervisor: Supervisor, group: BaseException, level: HealthLevel) -> None:
    supervisor.add(Scripted("many", group))
    async with TaskScope("show") as scope:
        scope.start(supervisor.run(), name="supervisor")
        await asyncio.sleep(0.5)
        assert supervisor.health()["many"].level is level


async def test_a_restart_cuts_the_wait_short_and_a_removal_ends_it(supervisor: Supervisor, lights: list[HealthChanged]) -> None:
    service = Scripted("line", *[TemporaryError("Busy.", retry_after_s=1e6)] * 2)
    supervisor.add(service)
    async with TaskScope("show") as scope:
        scope.start(supervisor.run(), name="supervisor")
        await asyncio.sleep(10)
        supervisor.restart("line")
        await asyncio.sleep(10)
        assert service.began == [0, 10]
        await supervisor.remove("line")
        assert supervisor.health() == {}
    assert _levels(lights, "line")[-2:] == [HealthLevel.RETRYING, HealthLevel.OFF]


async def test_two_runs_of_a_service_never_overlap_however_often_it_is_restarted(supervisor: Supervisor) -> None:
    service = Scripted("slow", _until_cancelled_then_clean(5))
    supervisor.add(service)
    async with TaskScope("show") as scope:
        scope.start(supervisor.run(), name="supervisor")
        await asyncio.sleep(1)
        for _ in range(5):
            supervisor.restart("slow")
        await asyncio.sleep(1)
        supervisor.restart("slow")
        await asyncio.sleep(10)
        assert service.running == 1
        assert service.most_at_once == 1


async def test_removing_waits_until_the_service_is_gone(supervisor: Supervisor, lights: list[HealthChanged]) -> None:
    service = Scripted("slow", _until_cancelled_then_clean(5))
    supervisor.add(service)
    async with TaskScope("show") as scope:
        scope.start(supervisor.run(), name="supervisor")
        await asyncio.sleep(1)
        await supervisor.remove("slow")
        assert service.running == 0
        assert asyncio.get_running_loop().time() == 6
        supervisor.add(Scripted("slow"))
        await asyncio.sleep(1)
    assert _levels(lights, "slow") == [HealthLevel.STARTING, HealthLevel.OFF, HealthLevel.STARTING, HealthLevel.OFF]


async def test_a_service_may_remove_itself(supervisor: Supervisor) -> None:
    async def leave() -> None:
        await supervisor.remove("guest")
        await _last()

    supervisor.add(Scripted("guest", leave))
    async with TaskScope("show") as scope:
        scope.start(supervisor.run(), name="supervisor")
        await asyncio.sleep(1)
        with pytest.raises(InputError, match="no service called guest"):
            supervisor.restart("guest")


async def test_what_a_service_says_of_itself_is_kept_while_the_supervisor_runs(supervisor: Supervisor, bus: Bus) -> None:
    async def greet() -> None:
        bus.announce(HealthChanged("chat", HealthLevel.OK, "Connected."))
        await _last()

    supervisor.add(Scripted("chat", greet))
    async with TaskScope("show") as scope:
        scope.start(supervisor.run(), name="supervisor")
        await asyncio.sleep(1)
        assert supervisor.health() == {"chat": HealthChanged("chat", HealthLevel.OK, "Connected.")}
    assert supervisor.health()["chat"].level is HealthLevel.OFF


async def test_names_are_taken_once_and_unknown_ones_are_refused(supervisor: Supervisor) -> None:
    supervisor.add(Scripted("one"))
    with pytest.raises(InputError, match="already there"):
        supervisor.add(Scripted("one"))
    with pytest.raises(InputError, match="no service called two"):
        await supervisor.remove("two")
    supervisor.restart("one")
    await supervisor.remove("one")


async def test_it_runs_once_at_a_time_and_again_after_it_ended(supervisor: Supervisor) -> None:
    service = Scripted("one")
    supervisor.add(service)
    for _ in range(2):
        async with TaskScope("show") as scope:
            scope.start(supervisor.run(), name="supervisor")
            await asyncio.sleep(1)
            with pytest.raises(RuntimeError, match="already running"):
                await supervisor.run()
            assert service.running == 1
    assert len(service.began) == 2


@given(st.integers(min_value=1, max_value=10_000), st.integers(), st.floats(min_value=0, max_value=1))
def test_a_wait_is_shortened_by_chance_and_never_beyond_its_bounds(failures: int, seed: int, jitter: float) -> None:
    wait = Backoff(first_s=1, longest_s=60, jitter=jitter).delay(failures, Randomness(seed))
    full = min(60.0, 2.0 ** min(failures - 1, 10))
    assert full * (1 - jitter) <= wait <= full
