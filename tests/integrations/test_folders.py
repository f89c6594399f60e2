"""Reviews every integration's folder: whoever adds one is held to the same promises."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from voxelle import integrations
from voxelle.contracts.integration import Declaration, Integration, IntegrationPorts
from voxelle.domain.chat import Decision, Stimulus, Verdict
from voxelle.domain.events import HealthLevel
from voxelle.integrations import discover
from voxelle.kernel.clock import Clock, Ids, Randomness
from voxelle.kernel.tasks import TaskScope

FOUND = discover()
EVERY = pytest.mark.parametrize("declaration", FOUND.values(), ids=FOUND)


async def accept(stimulus: Stimulus) -> Decision:
    return Decision(stimulus.id, Verdict.QUEUED, 1.0, "test")


def create(declaration: Declaration, clock: Clock, values: dict[str, Any] | None = None) -> tuple[Integration, list[HealthLevel]]:
    lights: list[HealthLevel] = []
    ports = IntegrationPorts(clock, Randomness(1), Ids(Randomness(2), clock), accept, lambda level, _: lights.append(level))
    return declaration.create(declaration.settings_type.model_validate(values or {}), ports), lights


def test_the_rehearsal_is_found() -> None:
    assert "rehearsal" in FOUND


@EVERY
def test_the_id_is_the_name_of_the_folder(declaration: Declaration) -> None:
    folder = Path(integrations.__path__[0]) / declaration.id
    assert (folder / "__init__.py").is_file()
    assert {"settings.py", "service.py", "messages.py"} <= {file.name for file in folder.iterdir()}


@EVERY
def test_the_streamer_can_read_what_it_is(declaration: Declaration) -> None:
    assert declaration.title
    assert declaration.summary.endswith(".")


@EVERY
def test_every_setting_has_a_title_and_a_help_text(declaration: Declaration) -> None:
    def check(model: type[BaseModel]) -> None:
        for name, field in model.model_fields.items():
            assert field.title, name
            assert field.description, name
            if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
                check(field.annotation)

    check(declaration.settings_type)


@EVERY
async def test_creating_opens_nothing(declaration: Declaration, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        pytest.fail("create opened something")

    before = asyncio.all_tasks()
    with monkeypatch.context() as patch:
        for owner, name in ((Path, "open"), (Path, "read_text"), (Path, "read_bytes"), (socket, "socket"), (socket, "getaddrinfo")):
            patch.setattr(owner, name, refuse)
        patch.setattr("builtins.open", refuse)
        service, lights = create(declaration, clock)
    assert service.name == declaration.id
    assert asyncio.all_tasks() == before
    assert lights == []


def test_discovering_imports_no_sdk_and_no_service() -> None:
    heavy = ("twitchio", "discord", "openai", "anthropic", "httpx2", "websockets", "aiohttp", "PySide6")
    program = (
        "import sys; from voxelle.integrations import discover; found = discover(); "
        f"print([name for name in sys.modules if name in {heavy!r} or name.endswith('.service')"
        " and name.startswith('voxelle.integrations')])"
    )
    paths = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=paths)
    assert result.stdout.strip() == "[]"


@EVERY
async def test_cancelling_leaves_no_task(declaration: Declaration, clock: Clock) -> None:
    service, _ = create(declaration, clock)
    before = asyncio.all_tasks()
    async with TaskScope("test") as scope:
        scope.start(service.run(), name="run")
        await asyncio.sleep(0)
    assert asyncio.all_tasks() == before


def package(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch, content: str) -> types.ModuleType:
    folder = tmp_path / name
    (folder / "thing").mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    (folder / "loose.py").write_text("raise RuntimeError")
    (folder / "thing" / "__init__.py").write_text(content)
    monkeypatch.syspath_prepend(tmp_path)
    module = __import__(name)
    assert isinstance(module, types.ModuleType)
    return module


def test_a_folder_without_a_declaration_is_a_mistake_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TypeError, match="has no declaration"):
        discover(package(tmp_path, "folders_without", monkeypatch, "declaration = 7"))


def test_a_folder_is_found_by_being_there_and_loose_files_are_not_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = "from voxelle.integrations.rehearsal import declaration"
    assert set(discover(package(tmp_path, "folders_with", monkeypatch, content))) == {"rehearsal"}
