"""What the streamer asks of this connection: every declared action, with a sentence where it can't be done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any, Final, Protocol

from pydantic import BaseModel

from voxelle.contracts.integration import IntegrationPorts
from voxelle.domain.avatar import AvatarInstance, AvatarState
from voxelle.domain.errors import InputError, TemporaryError
from voxelle.integrations.vtube_studio.actions import (
    DeedChoice,
    ExpressionChoice,
    HotkeyChoice,
    ImportText,
    ItemFile,
    MappingChoice,
    Place,
    PresetName,
    Tint,
)
from voxelle.integrations.vtube_studio.api import ApiError
from voxelle.integrations.vtube_studio.board import Board
from voxelle.integrations.vtube_studio.errors import Remedy, remedy_for
from voxelle.integrations.vtube_studio.importer import read_hotkeys_file
from voxelle.integrations.vtube_studio.session import Session
from voxelle.integrations.vtube_studio.settings import VTubeStudioSettings
from voxelle.integrations.vtube_studio.sign_in import Tokens
from voxelle.integrations.vtube_studio.stage import Stage
from voxelle.integrations.vtube_studio.suggestions import suggest

MOST_PRESETS: Final = 20
NOT_CONNECTED: Final = "VTube Studio is not connected: start it, and look at the connection's light."
NO_MODEL: Final = "No model is loaded in VTube Studio."


class Service(Protocol):
    """What the controls need of the service."""

    @property
    def settings(self) -> VTubeStudioSettings:
        """What is set now."""
        ...

    @property
    def session(self) -> Session | None:
        """The line that is signed in."""
        ...

    @property
    def place(self) -> AvatarInstance | None:
        """Where it connected last."""
        ...

    def want_consent(self) -> None:
        """Let the question pop up at the next sign-in, and sign in anew."""
        ...


class Controls:
    """One method an action."""

    def __init__(self, service: Service, ports: IntegrationPorts, board: Board, stage: Stage, tokens: Tokens) -> None:
        self._service = service
        self._ports = ports
        self._board = board
        self._stage = stage
        self._tokens = tokens
        self._acts: dict[str, Callable[[Any], Awaitable[Any]]] = {
            "search": self._search,
            "connect": self._connect,
            "allow": self._allow,
            "forget": self._forget,
            "play_hotkey": self._play_hotkey,
            "play_deed": self._play_deed,
            "set_expression": self._set_expression,
            "save_mapping": self._save_mapping,
            "suggest_mapping": self._suggest_mapping,
            "import_mapping": self._import_mapping,
            "go_to_preset": self._go_to_preset,
            "save_preset": self._save_preset,
            "tint": self._tint,
            "load_item": self._load_item,
            "unload_items": self._unload_items,
            "test_event": self._test_event,
        }

    async def perform(self, action: str, arguments: BaseModel) -> Any:
        """Do it. InputError: it can't be done so. TemporaryError: not now."""
        act = self._acts.get(action)
        if act is None:
            msg = f"VTube Studio can't do “{action}”."
            raise InputError(msg)
        try:
            return await act(arguments)
        except ApiError as error:
            self._board.add_problem(error.sentence)
            if remedy_for(error.error_id) is Remedy.DROP:
                raise InputError(error.sentence) from error
            raise TemporaryError(error.sentence) from error

    @property
    def _session(self) -> Session:
        session = self._service.session
        if session is None:
            raise InputError(NOT_CONNECTED)
        return session

    # The connection

    async def _search(self, _: BaseModel) -> Any:
        """Search anew, unless it is connected. Returns what runs now."""
        if self._service.session is None and self._board.snapshot.state is not AvatarState.WAITING_FOR_CONSENT:
            self._ports.restart()
        return [asdict(each) for each in self._board.snapshot.instances]

    async def _connect(self, place: Place) -> None:
        settings = self._service.settings
        if (place.host, place.port) == (settings.host, settings.port):
            self._ports.restart()
            return
        await self._ports.change_settings({"host": place.host, "port": place.port})

    async def _allow(self, _: BaseModel) -> str:
        if self._service.session is not None:
            return "VTube Studio has allowed Voxelle already."
        if self._board.snapshot.state is not AvatarState.WAITING_FOR_CONSENT:
            self._service.want_consent()
        return "VTube Studio asks now: click “Allow” over there."

    async def _forget(self, _: BaseModel) -> None:
        place = self._service.place
        if place is None:
            msg = "There is no permission to forget: VTube Studio was not connected yet."
            raise InputError(msg)
        await self._tokens.drop(place)
        self._board.update(is_token_kept=self._tokens.is_kept)
        self._ports.restart()

    async def _test_event(self, _: BaseModel) -> dict[str, float]:
        answer_s, round_trip_s = await self._session.test()
        return {"answer_s": round(answer_s, 4), "round_trip_s": round(round_trip_s, 4)}

    # The face

    async def _play_hotkey(self, choice: HotkeyChoice) -> None:
        await self._session.face.press(choice.id)

    async def _play_deed(self, choice: DeedChoice) -> None:
        await self._session.face.play(choice.deed)

    async def _set_expression(self, choice: ExpressionChoice) -> None:
        await self._session.face.express(choice.file, is_active=choice.active)

    async def _save_mapping(self, choice: MappingChoice) -> None:
        mappings = {key: each.model_dump(mode="json") for key, each in self._service.settings.mappings.items()}
        await self._ports.change_settings({"mappings": mappings | {choice.model_id: choice.mapping.model_dump(mode="json")}})

    async def _suggest_mapping(self, _: BaseModel) -> dict[str, Any]:
        model = self._session.reader.model
        if not model.id:
            raise InputError(NO_MODEL)
        return suggest(model).model_dump(mode="json")

    async def _import_mapping(self, given: ImportText) -> dict[str, Any]:
        """Read a hotkey file for the loaded model. Nothing is saved: the streamer looks at it first."""
        report = read_hotkeys_file(given.text, self._session.reader.model)
        return {"mapping": report.mapping.model_dump(mode="json"), "rows": [asdict(row) for row in report.rows]}

    # The stage

    async def _go_to_preset(self, choice: PresetName) -> None:
        preset = next((each for each in self._service.settings.presets if each.name == choice.name), None)
        if preset is None:
            msg = f"There is no place called {choice.name}."
            raise InputError(msg)
        await self._stage.go_to(self._session.client, preset)

    async def _save_preset(self, choice: PresetName) -> None:
        here = await self._stage.here(self._session.client, choice.name)
        presets = [here if each.name == choice.name else each for each in self._service.settings.presets]
        if here not in presets:
            presets.append(here)
        if len(presets) > MOST_PRESETS:
            msg = f"There are {MOST_PRESETS} places already: use the name of one of them."
            raise InputError(msg)
        await self._ports.change_settings({"presets": [each.model_dump(mode="json") for each in presets]})

    async def _tint(self, tint: Tint) -> None:
        await self._stage.tint(self._session.client, (tint.r, tint.g, tint.b, tint.a))

    async def _load_item(self, item: ItemFile) -> dict[str, str]:
        return {"instance": await self._stage.load(self._session.client, item.file)}

    async def _unload_items(self, _: BaseModel) -> dict[str, int]:
        return {"unloaded": await self._stage.unload(self._session.client)}
