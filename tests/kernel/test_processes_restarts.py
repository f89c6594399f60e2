"""Engine processes that fail to load, die or hang, and how they come back, against real child processes."""

from __future__ import annotations

import os
import signal
from contextlib import aclosing
from pathlib import Path
from typing import Any

import psutil
import pytest
from structlog.testing import capture_logs

from tests.kernel.running import pid_of, posix_only, running
from voxelle.domain.errors import SetupError, TemporaryError, VoxelleError
from voxelle.domain.events import EngineState
from voxelle.kernel.clock import Randomness
from voxelle.kernel.processes import ProcessLimits, ProcessSnapshot


@pytest.mark.parametrize("how, kind", [("setup", SetupError), ("temporary", TemporaryError), ("bug", TemporaryError)])
async def test_a_failed_load_is_told_and_not_tried_again_by_itself(how: str, kind: type[VoxelleError], tmp_path: Path) -> None:
    lives = tmp_path / "lives"
    async with running({"load": how, "count_lives": [str(lives)]}) as process:
        for attempt in (1, 2):
            with pytest.raises(kind):
                await process.start()
            assert process.snapshot.state is EngineState.FAILED
            assert process.snapshot.sentence
            assert lives.read_text() == "x" * attempt
        with pytest.raises(kind):
            await process.call("echo", {})


async def test_death_while_loading_is_told() -> None:
    async with running({"load": "die"}) as process:
        with pytest.raises(TemporaryError, match="stopped unexpectedly"):
            await process.start()


async def test_an_unknown_engine_is_a_plain_failure() -> None:
    async with running(target="tests.kernel.worker_engines:Missing") as process:
        with pytest.raises(TemporaryError):
            await process.start()


@posix_only
async def test_loading_for_too_long_is_ended() -> None:
    async with running({"load": "hang"}, ProcessLimits(start_timeout_s=0.7)) as process:
        with pytest.raises(TemporaryError, match="not ready within"):
            await process.start()
        assert process.snapshot.state is EngineState.FAILED


async def test_a_program_that_cannot_be_started_is_a_setup_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voxelle.kernel.engine_link.worker_command", lambda: ("/nowhere/at/all",))
    async with running() as process:
        with pytest.raises(SetupError, match="could not be started"):
            await process.start()


@posix_only
async def test_kill_9_in_mid_stream_many_times_ends_the_request_and_the_next_one_works() -> None:
    limits = ProcessLimits(restarts=1000)
    pids = set()
    async with running({}, limits) as process:
        await process.start()
        for number in range(25):
            pids.add(pid_of(process))
            async with aclosing(process.stream("deaf", {})) as replies:
                await anext(replies)
                os.kill(pid_of(process), signal.SIGKILL)
                with pytest.raises(TemporaryError, match="stopped unexpectedly"):
                    await anext(replies)
            assert process.snapshot.state is EngineState.RESTARTING
            assert (await process.call("echo", {"number": number})).data == {"number": number}
            process._deaths.clear()
        assert process.snapshot.restarts == 25
    assert len(pids) == 25
    assert not [pid for pid in pids if psutil.pid_exists(pid)]


async def test_a_crash_keeps_its_last_words_for_the_log() -> None:
    async with running() as process:
        await process.start()
        with capture_logs() as lines:
            async with aclosing(process.stream("die", {})) as replies:
                await anext(replies)
                with pytest.raises(TemporaryError):
                    await anext(replies)
        died = next(line for line in lines if line["event"] == "engine.died")
        assert "last words" in died["stderr"]
        assert died["code"] == 1


async def test_a_segfault_is_survived() -> None:
    async with running() as process:
        await process.start()
        with pytest.raises(TemporaryError):
            await process.call("die", {"segfault": True})
        assert (await process.call("echo", {"a": 1})).data == {"a": 1}


async def test_one_that_keeps_dying_is_left_alone_until_it_is_started_again() -> None:
    limits = ProcessLimits(restarts=3)
    async with running({}, limits) as process:
        await process.start()
        for _ in range(3):
            with pytest.raises(TemporaryError):
                await process.call("die", {})
        with pytest.raises(TemporaryError, match="stopped 3 times"):
            await process.call("echo", {})
        assert process.snapshot.state is EngineState.FAILED
        assert process.snapshot.restarts == 2
        assert process.snapshot.pid is None
        await process.start()
        with pytest.raises(TemporaryError):
            await process.call("die", {})
        assert (await process.call("echo", {"a": 1})).data == {"a": 1}


async def test_a_load_that_fails_after_a_crash_ends_in_a_sentence(tmp_path: Path) -> None:
    config: dict[str, Any] = {}
    async with running(config) as process:
        await process.start()
        config["load"] = "setup"
        with pytest.raises(TemporaryError):
            await process.call("die", {})
        with pytest.raises(SetupError, match="Choose another folder"):
            await process.call("echo", {})
        assert process.snapshot.state is EngineState.FAILED


async def test_a_crash_loop_while_loading_again_is_limited() -> None:
    config: dict[str, Any] = {}
    async with running(config, ProcessLimits(restarts=3)) as process:
        await process.start()
        config["load"] = "die"
        with pytest.raises(TemporaryError):
            await process.call("die", {})
        with pytest.raises(TemporaryError, match="stopped 3 times"):
            await process.call("echo", {})


async def test_a_request_waits_for_a_restart_only_so_long() -> None:
    config: dict[str, Any] = {}
    limits = ProcessLimits(start_timeout_s=5)
    async with running(config, limits) as process:
        await process.start()
        process._randomness = _Slow()
        process._limits = ProcessLimits(start_timeout_s=0.05)
        with pytest.raises(TemporaryError):
            await process.call("die", {})
        with pytest.raises(TemporaryError, match="still starting"):
            await process.call("echo", {})
        assert process.snapshot.state is EngineState.RESTARTING


class _Slow(Randomness):
    def uniform(self, a: float, b: float) -> float:
        return 1000.0


@posix_only
async def test_a_process_that_hangs_is_ended_after_the_ping_time_out() -> None:
    async with running({}, ProcessLimits(ping_every_s=0.05, ping_timeout_s=0.5)) as process:
        await process.start()
        pid = pid_of(process)
        with pytest.raises(TemporaryError, match="did not answer any more"):
            await process.call("freeze", {})
        assert (await process.call("echo", {"a": 1})).data == {"a": 1}
        assert process.snapshot.pid != pid


async def test_an_engine_that_does_not_let_go_of_cancelled_work_is_ended() -> None:
    async with running({}, ProcessLimits(ping_every_s=0.02, cancel_timeout_s=0.1), target="tests.kernel.worker_engines:Single") as process:
        await process.start()
        pid = pid_of(process)
        async with aclosing(process.stream("deaf", {})) as replies:
            await anext(replies)
        with pytest.raises(TemporaryError, match="did not stop working"):
            await process.call("echo", {})
        assert (await process.call("echo", {"a": 1})).data == {"a": 1}
        assert process.snapshot.pid != pid


async def test_pings_leave_a_healthy_process_alone() -> None:
    async with running({}, ProcessLimits(ping_every_s=0.001)) as process:
        await process.start()
        for number in range(50):
            assert (await process.call("echo", {"number": number})).data == {"number": number}
        assert process.snapshot.restarts == 0


async def test_a_bug_in_the_keeper_is_told_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: ProcessSnapshot) -> None:
        if _.state is EngineState.READY:
            raise ZeroDivisionError

    async with running(on_change=broken) as process:
        with pytest.raises(TemporaryError, match="could not be kept running"):
            await process.start()
