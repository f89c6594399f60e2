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

from tests.fakes.ports import FakePorts
from voxelle import integrations
from voxelle.contracts.integration import Declaration, Integration, NoArguments
from voxelle.domain.errors import InputError, VoxelleError
from voxelle.integrations import discover
from voxelle.kernel.clock import Clock
from voxelle.kernel.paths import resource
from voxelle.kernel.tasks import TaskScope

FOUND = discover()
EVERY = pytest.mark.parametrize("declaration", FOUND.values(), ids=FOUND)


def create(declaration: Declaration, clock: Clock, values: dict[str, Any] | None = None) -> tuple[Integration, FakePorts]:
    fake = FakePorts(clock)
    return declaration.create(declaration.settings_type.model_validate(values or {}), fake.ports), fake


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
def test_every_act_has_a_title_and_a_name_of_its_own(declaration: Declaration) -> None:
    assert len({action.id for action in declaration.actions}) == len(declaration.actions)
    assert all(action.title and action.id.isidentifier() for action in declaration.actions)


@EVERY
def test_its_icon_is_there(declaration: Declaration) -> None:
    assert resource("icons", f"{declaration.icon}.svg").is_file()


@EVERY
async def test_an_act_that_it_does_not_know_is_refused(declaration: Declaration, clock: Clock) -> None:
    service, fake = create(declaration, clock)
    with pytest.raises(InputError):
        await service.perform("dance", NoArguments())
    await fake.close()


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
        service, fake = create(declaration, clock)
    assert service.name == declaration.id
    assert asyncio.all_tasks() == before
    assert fake.lights == []


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
    service, fake = create(declaration, clock)
    ended: list[BaseException] = []
    before = asyncio.all_tasks()
    async with TaskScope("test", lambda error, _: ended.append(error)) as scope:
        scope.start(service.run(), name="run")
        await asyncio.sleep(0)
    await fake.close()
    assert asyncio.all_tasks() == before
    assert all(isinstance(error, VoxelleError) for error in ended)


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
