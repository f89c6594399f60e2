"""Embedded engines as they run in the program, and one that stands in for them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from voxelle.benches.spoken_lines import embedded_lines
from voxelle.contracts.tts import Samples
from voxelle.kernel.clock import Clock, Randomness
from voxelle.kernel.packs import PackStore, load_packs
from voxelle.kernel.paths import resource
from voxelle.providers.process import EmbeddedProcess, EngineSpec

ProcessMaker = Callable[[EngineSpec], EmbeddedProcess]


@pytest.fixture
def installed(packs_dir: Path, tmp_path: Path) -> PackStore:
    """The packs of this machine."""
    return PackStore(load_packs(resource("packs")), packs_dir, tmp_path)


@pytest.fixture
async def make_process(clock: Clock, randomness: Randomness) -> AsyncIterator[ProcessMaker]:
    """Build engine processes that end with the test."""
    made: list[EmbeddedProcess] = []

    def make(spec: EngineSpec) -> EmbeddedProcess:
        made.append(EmbeddedProcess(spec, clock=clock, randomness=randomness))
        return made[-1]

    yield make
    for process in made:
        await process.stop()


@pytest.fixture(scope="session")
def spoken() -> list[Samples]:
    """The sentences of the bench as the embedded voice says them, at 16 kHz."""
    return embedded_lines()
