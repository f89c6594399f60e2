"""Engine processes, against real child processes."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import sys
from contextlib import aclosing
from pathlib import Path

import numpy as np
import psutil
import pytest
from structlog.testing import capture_logs

from tests.kernel.running import pid_of, running, size, until
from voxelle.domain.errors import AuthError, InputError, SetupError, TemporaryError, VoxelleError
from voxelle.domain.events import EngineState
from voxelle.kernel.messages import WINDOW
from voxelle.kernel.processes import EngineProcess, ProcessLimits, ProcessSnapshot
from voxelle.kernel.shared_audio import SLOT_FRAMES, SLOTS


async def test_a_request_is_answered_and_the_process_is_gone_after_stop() -> None:
    states: list[EngineState] = []
    async with running(on_change=lambda snapshot: states.append(snapshot.state)) as process:
        assert process.snapshot == ProcessSnapshot()
        assert process.rss_mb() is None
        await process.start()
        pid = pid_of(process)
        assert pid != os.getpid()
        assert (process.rss_mb() or 0) > 1
        assert (await process.call("echo", {"a": [1, "zwei", None, 2.5]})).data == {"a": [1, "zwei", None, 2.5]}
        await process.start()
        assert process.snapshot.pid == pid
    assert not psutil.pid_exists(pid)
    assert process.snapshot.state is EngineState.UNLOADED
    assert list(dict.fromkeys(states)) == [EngineState.LOADING, EngineState.READY, EngineState.UNLOADED]


async def test_loading_tells_how_far_it_is() -> None:
    progress: list[float | None] = []
    async with running(on_change=lambda snapshot: progress.append(snapshot.progress)) as process:
        await process.start()
    assert progress[:4] == [None, 0.25, 1.0, None]


async def test_sound_arrives_intact_in_both_directions() -> None:
    randomness = np.random.default_rng(7)
    async with running() as process:
        await process.start()
        for frames in (0, 1, SLOT_FRAMES - 1, SLOT_FRAMES, SLOT_FRAMES + 1, SLOT_FRAMES * SLOTS * 3 + 17):
            sound = randomness.random(frames, np.float32)
            reply = await process.call("echo", {}, sound)
            assert reply.audio is not None
            assert hashlib.sha256(reply.audio.tobytes()).digest() == hashlib.sha256(sound.tobytes()).digest()


async def test_sound_of_many_requests_at_once_is_never_mixed_up() -> None:
    async def listen(process: EngineProcess, seed: int) -> None:
        frames = [int(each) for each in np.random.default_rng(100 + seed).integers(1, SLOT_FRAMES * 3, 12)]
        expected = np.random.default_rng(seed)
        async with aclosing(process.stream("tones", {"seed": seed, "frames": frames})) as replies:
            async for reply in replies:
                assert reply.audio is not None
                np.testing.assert_array_equal(reply.audio, expected.random(frames[reply.data["number"]], np.float32))

    async with running() as process:
        await process.start()
        await asyncio.gather(*(listen(process, seed) for seed in range(9)))


async def test_a_slow_listener_holds_back_its_own_stream_and_no_other() -> None:
    async with running() as process:
        await process.start()
        async with aclosing(process.stream("count", {"upto": WINDOW * 5})) as replies:
            numbers = [(await anext(replies)).data["number"]]
            for _ in range(20):
                await process.call("echo", {})
            assert process._link is not None
            assert max(len(pending.replies) for pending in process._link._pending.values()) < WINDOW
            numbers += [reply.data["number"] async for reply in replies]
        assert numbers == list(range(WINDOW * 5))


async def test_cancelling_stops_the_work_and_nothing_stale_comes_after(tmp_path: Path) -> None:
    async with running(target="tests.kernel.worker_engines:Single") as process:
        await process.start()
        for number in range(20):
            names = {name: str(tmp_path / f"{name}{number}") for name in ("steps", "told", "ended")}
            async with aclosing(process.stream("work", names)) as replies:
                assert (await anext(replies)).data == {"started": True}
                await until(lambda names=names: size(names["steps"]) > 0)  # type: ignore[misc]
            # One worker: the next request is served only once the cancelled one has let go.
            assert (await process.call("echo", {"number": number})).data == {"number": number}
            steps = size(names["steps"])
            assert size(names["told"]) == size(names["ended"]) == 0
            assert (await process.call("echo", {})).data == {}
            assert size(names["steps"]) == steps
        assert process._link is not None
        assert not process._link._abandoned
        assert not process._link._pending


async def test_a_request_cancelled_while_it_waits_for_its_turn_never_runs(tmp_path: Path) -> None:
    names = {name: str(tmp_path / name) for name in ("steps", "told", "ended")}
    async with running(target="tests.kernel.worker_engines:Single") as process:
        await process.start()
        async with aclosing(process.stream("deaf", {})) as busy:
            await anext(busy)
            waiting = process.stream("work", names)
            async with asyncio.timeout(0.05):
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.02):
                        await anext(waiting)
    assert not (tmp_path / "steps").exists()


async def test_cancelling_in_the_middle_of_sound_leaks_no_slot() -> None:
    async with running() as process:
        await process.start()
        for _ in range(SLOTS * 2):
            async with aclosing(process.stream("tones", {"seed": 1, "frames": [SLOT_FRAMES * 4] * 50})) as replies:
                await anext(replies)
        sound = np.ones(SLOT_FRAMES * SLOTS * 2, np.float32)
        for _ in range(8):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.0005):
                    await process.call("echo", {}, sound)
        reply = await process.call("echo", {}, sound)
        assert reply.audio is not None
        assert reply.audio.sum() == sound.shape[0]


@pytest.mark.parametrize(
    "how, kind, sentence",
    [
        ("setup", SetupError, "Choose another folder."),
        ("auth", AuthError, "Sign in again."),
        ("input", InputError, "That is no text."),
        ("temporary", TemporaryError, "Wait a little."),
        ("own", SetupError, "It is special."),
        ("bug", TemporaryError, "The engine ran into an error of its own; the log has the details."),
        ("memory", TemporaryError, "The engine ran out of memory."),
        ("exit", TemporaryError, "The engine ran into an error of its own; the log has the details."),
    ],
)
async def test_an_error_arrives_as_what_it_was(how: str, kind: type[VoxelleError], sentence: str) -> None:
    async with running(target="tests.kernel.worker_engines:Single") as process:
        await process.start()
        with capture_logs() as lines:
            async with aclosing(process.stream("fail", {"how": how, "after": True})) as replies:
                assert (await anext(replies)).data == {"number": 0}
                with pytest.raises(kind) as caught:
                    await anext(replies)
        assert type(caught.value) is kind
        assert caught.value.sentence == sentence
        if isinstance(caught.value, TemporaryError) and how == "temporary":
            assert caught.value.retry_after_s == 2.5
        assert any("ZeroDivisionError" in line.get("traceback", "") for line in lines) == (how == "bug")
        assert (await process.call("echo", {"still": "there"})).data == {"still": "there"}


async def test_nothing_is_answered_before_start_and_after_stop() -> None:
    async with running() as process:
        with pytest.raises(SetupError, match="not loaded"):
            await process.call("echo", {})
        await process.start()
        await process.stop()
        with pytest.raises(SetupError, match="not loaded"):
            await process.call("echo", {})
        await process.start()
        assert (await process.call("echo", {"again": True})).data == {"again": True}


async def test_prints_of_native_code_do_not_garble_the_line() -> None:
    async with running() as process:
        await process.start()
        assert (await process.call("shout", {})).data == {"child": 0, "read": 0}
        assert process.snapshot.restarts == 0


async def test_garbage_on_the_line_ends_the_process() -> None:
    async with running() as process:
        await process.start()
        pid = pid_of(process)
        link = process._link
        assert link is not None
        async with aclosing(process.stream("deaf", {})) as replies:
            await anext(replies)
            link.pipe_data_received(1, b"\xff" * 8)
            with pytest.raises(TemporaryError, match="unreadable"):
                await anext(replies)
        assert (await process.call("echo", {"a": 1})).data == {"a": 1}
        assert process.snapshot.pid != pid


async def test_lines_of_the_workers_log_come_out_on_the_host() -> None:
    async with running() as process:
        await process.start()
        with capture_logs() as lines:
            await process.call("tell", {})
        assert {"event": "engine.spoke", "figure": "3", "engine": "Test engine", "log_level": "warning"} in lines
        assert {"event": "engine.spoke_again", "engine": "Test engine", "log_level": "info"} in lines


async def test_values_that_cannot_be_sent_are_refused_with_a_sentence() -> None:
    async with running() as process:
        await process.start()
        with pytest.raises(InputError, match="can't be sent"):
            await process.call("echo", {"it": object()})
        with pytest.raises(TemporaryError, match="error of its own"):
            await process.call("unsendable", {})
        with pytest.raises(TemporaryError, match="error of its own"):
            await process.call("no_such_method", {})
        with pytest.raises(TemporaryError, match="2 answers"):
            await process.call("two", {})
        assert (await process.call("echo", {"a": 1})).data == {"a": 1}


async def test_a_failing_callback_of_a_cancellation_is_logged_and_harmless() -> None:
    async with running() as process:
        await process.start()
        with capture_logs() as lines:
            async with aclosing(process.stream("bad_callback", {})) as replies:
                await anext(replies)
            await process.call("echo", {})
        assert [line for line in lines if line["event"] == "engine.cancel_failed"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps such a limit")
async def test_memory_and_priority_are_limited() -> None:
    async with running({}, ProcessLimits(memory_mb=1500, nice=3)) as process:
        await process.start()
        assert (await process.call("nice", {})).data["nice"] == os.nice(0) + 3
        assert (await process.call("allocate", {"mb": 10})).data == {"bytes": 10 * 1024 * 1024}
        with pytest.raises(TemporaryError, match="out of memory"):
            await process.call("allocate", {"mb": 2000})
        assert (await process.call("echo", {"a": 1})).data == {"a": 1}


async def test_stop_ends_requests_under_way_and_lets_the_engine_close(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    async with running({"closed": str(closed), "close": "bug"}) as process:
        await process.start()
        names = {name: str(tmp_path / name) for name in ("steps", "told", "ended")}
        async with aclosing(process.stream("work", names)) as replies:
            await anext(replies)
            await process.stop()
            with pytest.raises(TemporaryError, match="was stopped"):
                await anext(replies)
        assert (tmp_path / "ended").exists()
        assert closed.exists()


async def test_stop_while_loading_ends_the_start_with_a_sentence() -> None:
    async with running({"load": "hang"}) as process, asyncio.TaskGroup() as group:
        starting = group.create_task(_start_refused(process))
        await until(lambda: process.snapshot.progress is not None)
        await process.stop()
        assert "not loaded" in await starting


async def _start_refused(process: EngineProcess) -> str:
    with pytest.raises(SetupError) as caught:
        await process.start()
    return caught.value.sentence


async def test_two_starts_at_once_make_one_process(tmp_path: Path) -> None:
    lives = tmp_path / "lives"
    async with running({"count_lives": [str(lives)]}) as process:
        await asyncio.gather(process.start(), process.start(), process.start())
        assert lives.read_text() == "x"


def test_the_same_works_on_uvloop() -> None:
    uvloop = pytest.importorskip("uvloop")

    async def main() -> None:
        async with running({}, ProcessLimits(restarts=100)) as process:
            await process.start()
            sound = np.arange(SLOT_FRAMES * SLOTS * 2, dtype=np.float32)
            reply = await process.call("echo", {}, sound)
            assert reply.audio is not None
            np.testing.assert_array_equal(reply.audio, sound)
            for _ in range(3):
                async with aclosing(process.stream("deaf", {})) as replies:
                    await anext(replies)
                    os.kill(pid_of(process), signal.SIGKILL)
                    with pytest.raises(TemporaryError):
                        await anext(replies)
                assert (await process.call("echo", {"a": 1})).data == {"a": 1}

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


def test_the_same_works_on_a_loop_in_another_thread() -> None:
    import threading

    failures: list[BaseException] = []

    def show() -> None:
        async def main() -> None:
            async with running() as process:
                await process.start()
                assert (await process.call("echo", {"a": 1})).data == {"a": 1}
                os.kill(pid_of(process), signal.SIGTERM)
                await until(lambda: process.snapshot.restarts > 0)
                assert (await process.call("echo", {"a": 1})).data == {"a": 1}

        try:
            asyncio.run(main())
        except BaseException as error:  # noqa: BLE001 -- carried over to the test's thread
            failures.append(error)

    thread = threading.Thread(target=show)
    thread.start()
    thread.join()
    assert not failures
