"""The engine process of an embedded engine."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.providers.conftest import ProcessMaker
from voxelle.domain.errors import SetupError, TemporaryError
from voxelle.domain.events import EngineState
from voxelle.kernel.processes import ProcessSnapshot
from voxelle.providers.process import EngineSpec, well_formed

ECHO = "tests.fakes.worker_engines:EchoEngine"


async def test_the_configuration_is_read_at_the_start_and_not_before(make_process: ProcessMaker) -> None:
    asked: list[str] = []

    def configure() -> dict[str, Any]:
        asked.append("again")
        return {}

    process = make_process(EngineSpec("The echo", ECHO, configure))
    assert (asked, process.snapshot.state) == ([], EngineState.UNLOADED)
    await asyncio.gather(process.start(), process.start())
    assert len(asked) == 1
    await process.stop()
    await process.stop()
    await process.start()
    assert len(asked) == 2


async def test_a_request_starts_the_engine(make_process: ProcessMaker) -> None:
    process = make_process(EngineSpec("The echo", ECHO, dict))
    reply = await process.call("warm", {"n": 1})
    assert reply.data["arguments"] == {"n": 1}
    assert process.snapshot.state is EngineState.READY
    assert (process.rss_mb() or 0) > 1


async def test_every_listener_hears_of_every_change(make_process: ProcessMaker) -> None:
    heard: list[ProcessSnapshot] = []
    process = make_process(EngineSpec("The echo", ECHO, dict))
    process.listen(heard.append)
    await process.start()
    await process.stop()
    states = [snapshot.state for snapshot in heard]
    assert states[0] is EngineState.LOADING
    assert states[-1] is EngineState.UNLOADED
    assert EngineState.READY in states


async def test_a_failed_engine_is_built_anew_with_what_is_set_now(make_process: ProcessMaker) -> None:
    configs = [{"broken": "Its file is damaged."}, {}]
    process = make_process(EngineSpec("The echo", ECHO, lambda: configs.pop(0)))
    with pytest.raises(SetupError, match="file is damaged"):
        await process.start()
    states = [process.snapshot.state]
    await process.start()
    assert [*states, process.snapshot.state] == [EngineState.FAILED, EngineState.READY]


async def test_stopping_while_it_starts_ends_the_wait(make_process: ProcessMaker) -> None:
    process = make_process(EngineSpec("The echo", ECHO, dict))
    is_loading = asyncio.Event()
    process.listen(lambda _snapshot: is_loading.set())
    async with asyncio.TaskGroup() as group:
        asked = group.create_task(_error_of(process.call("warm", {})))
        await is_loading.wait()
        await process.stop()
    assert isinstance(asked.result(), TemporaryError | SetupError)


async def _error_of(work: Any) -> Exception | None:
    try:
        await work
    except (TemporaryError, SetupError) as error:
        return error
    return None


def test_broken_text_is_made_sendable() -> None:
    assert well_formed("a\ud800b🎉") == "a?b🎉"
