"""Errands of one owner."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from voxelle.domain.errors import TemporaryError
from voxelle.kernel.tasks import TaskScope


async def _fail(error: BaseException) -> None:
    await asyncio.sleep(0)
    raise error


async def _turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_an_errand_gives_its_result_to_who_awaits_it() -> None:
    async with TaskScope("owner") as scope:
        task = scope.start(asyncio.sleep(0, "done"), name="nap")
        assert await task == "done"
        assert task.get_name() == "owner: nap"


async def test_closing_cancels_and_waits_for_slow_cleaning() -> None:
    steps: list[str] = []

    async def clean_slowly() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await _turns()
            steps.append("clean")

    async with TaskScope("owner") as scope:
        scope.start(clean_slowly(), name="slow")
        await asyncio.sleep(0)
    assert steps == ["clean"]


async def test_closing_insists_when_an_errand_swallows_the_cancellation() -> None:
    swallowed = 0

    async def stubborn() -> None:
        nonlocal swallowed
        while swallowed < 1:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                swallowed += 1
        await asyncio.sleep(0)

    scope = TaskScope("owner")
    scope.start(stubborn(), name="stubborn")
    await asyncio.sleep(0)
    await scope.close()
    assert swallowed == 1


async def test_nothing_starts_in_a_closed_scope() -> None:
    scope = TaskScope("owner")
    await scope.close()
    with pytest.raises(RuntimeError, match="owner is closed"):
        scope.start(asyncio.sleep(0), name="late")
    await scope.close()


async def test_an_error_nobody_takes_is_logged_with_its_traceback() -> None:
    error = ValueError("a mistake")
    with capture_logs() as logs:
        async with TaskScope("owner") as scope:
            scope.start(_fail(error), name="errand")
            await _turns()
    assert logs == [{"event": "errand.failed", "owner": "owner", "errand": "errand", "exc_info": error, "log_level": "error"}]


async def test_an_expected_failure_nobody_takes_is_logged_as_its_sentence() -> None:
    with capture_logs() as logs:
        async with TaskScope("owner") as scope:
            scope.start(_fail(TemporaryError("The line dropped.")), name="errand")
            await _turns()
    assert [(line["log_level"], line["kind"], line["sentence"]) for line in logs] == [("warning", "TemporaryError", "The line dropped.")]


async def test_an_error_goes_to_on_error_instead_of_the_log() -> None:
    told: list[tuple[BaseException, str]] = []
    error = ValueError("a mistake")
    with capture_logs() as logs:
        async with TaskScope("owner", lambda failure, name: told.append((failure, name))) as scope:
            scope.start(_fail(error), name="errand")
            await _turns()
    assert told == [(error, "errand")]
    assert logs == []


async def test_who_awaits_an_errand_gets_its_error_and_nobody_else_does() -> None:
    with capture_logs() as logs:
        async with TaskScope("owner") as scope:
            with pytest.raises(ValueError, match="mine"):
                await scope.start(_fail(ValueError("mine")), name="errand")
            (result,) = await asyncio.gather(scope.start(_fail(ValueError("mine")), name="errand"), return_exceptions=True)
            assert isinstance(result, ValueError)
    assert logs == []


async def test_an_errand_promised_to_be_awaited_later_is_not_told_here() -> None:
    with capture_logs() as logs:
        async with TaskScope("owner") as scope:
            task = scope.start(_fail(ValueError("mine")), name="errand", is_awaited=True)
            await _turns()
            with pytest.raises(ValueError, match="mine"):
                await task
    assert logs == []


async def test_an_error_while_closing_is_told_before_the_owner_goes_on() -> None:
    async def fail_at_the_end() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise ValueError

    with capture_logs() as logs:
        scope = TaskScope("owner")
        scope.start(fail_at_the_end(), name="errand")
        await asyncio.sleep(0)
        await scope.close()
        assert [line["event"] for line in logs] == ["errand.failed"]


async def test_cancelling_close_still_leaves_no_errand() -> None:
    finish = asyncio.Event()
    has_ended = False

    async def clean_slowly() -> None:
        nonlocal has_ended
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            while not finish.is_set():
                try:
                    await finish.wait()
                except asyncio.CancelledError:
                    continue
            has_ended = True
            raise

    scope = TaskScope("owner")
    scope.start(clean_slowly(), name="slow")
    await asyncio.sleep(0)
    async with TaskScope("closers") as closers:
        closing = closers.start(scope.close(), name="close")
        await _turns()
        closing.cancel()
        await _turns()
        assert not closing.done()
        finish.set()
        with pytest.raises(asyncio.CancelledError):
            await closing
    assert has_ended


async def test_cancelling_close_in_its_last_moment_is_not_forgotten() -> None:
    scope = TaskScope("owner")
    async with TaskScope("closers") as closers:
        closing = closers.start(scope.close(), name="close")
        await asyncio.sleep(0)
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing


async def test_an_errand_may_close_its_own_scope() -> None:
    scope = TaskScope("owner")
    other = scope.start(asyncio.Event().wait(), name="other")

    async def close_all() -> str:
        await scope.close()
        return "closed"

    assert await scope.start(close_all(), name="closer") == "closed"
    assert other.cancelled()


async def test_the_scope_ends_its_errands_when_its_owner_fails() -> None:
    started: list[asyncio.Task[bool]] = []

    async def own() -> None:
        async with TaskScope("owner") as scope:
            started.append(scope.start(asyncio.Event().wait(), name="errand"))
            raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        await own()
    assert started[0].cancelled()
