"""Asks what the loaded model is called and what it can do, and says what does not fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import structlog

from voxelle.domain.errors import TemporaryError
from voxelle.integrations.vtube_studio.api import Api, ApiError
from voxelle.integrations.vtube_studio.mapping import missing
from voxelle.integrations.vtube_studio.messages import (
    read_expressions,
    read_hotkeys,
    read_model_name,
    read_model_parameters,
    read_parameters,
    text_of,
)
from voxelle.integrations.vtube_studio.model import Model
from voxelle.integrations.vtube_studio.parameters import OWN_PARAMETERS
from voxelle.integrations.vtube_studio.settings import VTubeStudioSettings
from voxelle.integrations.vtube_studio.suggestions import mapping_of

log = structlog.get_logger("app")

OPTIONAL_S: Final = 3.0
"""How long an answer is waited for that can be done without."""
MOST_NOTES: Final = 12
NO_MODEL: Final = "No model is loaded in VTube Studio: load one, and she moves it."
NO_MAPPING: Final = "No emotions are saved for this model yet: what the names of its hotkeys suggest serves meanwhile."
NO_MOUTH: Final = "This model has no parameter for an open mouth, so its mouth can't move: Voxelle's parameters can move something else."
_MOUTH = ("mouth", "open")


class ModelReader:
    """Reads the loaded model anew whenever it may be another."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.model = Model()
        self.moving: frozenset[str] | None = None
        """What the model itself can move; None while that is not known."""

    async def create_parameters(self) -> list[str]:
        """Create our own inputs over there; harmless when they are there already. Returns what went wrong, in words."""
        problems: list[str] = []
        for own in OWN_PARAMETERS:
            data = {
                "parameterName": own.name,
                "explanation": own.explanation,
                "min": own.minimum,
                "max": own.maximum,
                "defaultValue": own.default,
            }
            try:
                await self._api.ask("ParameterCreationRequest", data)
            except ApiError as error:
                problems.append(f"{own.name} could not be created. {error.sentence}")
        return problems

    async def read(self) -> bool:
        """Read the model. False: it changed meanwhile, so read again."""
        model_id, name = read_model_name(await self._demand("CurrentModelRequest"))
        hotkeys = await self._optional("HotkeysInCurrentModelRequest", {})
        expressions = await self._optional("ExpressionStateRequest", {"details": False})
        inputs = await self._optional("InputParameterListRequest")
        if any(_is_of_another(reply, model_id) for reply in (hotkeys, expressions)):
            return False
        before = self.model if self.model.id == model_id else Model()
        if not model_id:
            self.moving = None
        elif not before.id or self.moving is None:
            moving = await self._optional("Live2DParameterListRequest")
            self.moving = None if moving is None else read_model_parameters(moving)
        # What was not told this time is as it was.
        self.model = Model(
            model_id,
            name,
            before.hotkeys if hotkeys is None else read_hotkeys(hotkeys),
            before.expressions if expressions is None else read_expressions(expressions),
            self.model.parameters if inputs is None else read_parameters(inputs),
        )
        return True

    async def read_expressions(self) -> None:
        """Read which expressions are on; anything else about them stays as it was."""
        reply = await self._optional("ExpressionStateRequest", {"details": False})
        if reply is not None and self.model.id and not _is_of_another(reply, self.model.id):
            self.model = replace(self.model, expressions=read_expressions(reply))

    async def is_face_lost(self) -> bool:
        """Tell whether VTube Studio says that it sees nobody."""
        reply = await self._optional("FaceFoundRequest")
        return reply is not None and reply.get("found") is False

    def unload(self) -> Model:
        """The model is gone; the inputs stay."""
        self.moving = None
        self.model = Model(parameters=self.model.parameters)
        return self.model

    def notes(self, settings: VTubeStudioSettings) -> tuple[str, ...]:
        """Say what does not fit the model, or the model what is set."""
        if not self.model.id:
            return (NO_MODEL,)
        notes: list[str] = []
        if settings.moves_mouth and self.moving and not any(_is_mouth(name) for name in self.moving):
            notes.append(NO_MOUTH)
        mapping = mapping_of(settings, self.model)
        if mapping is not None:
            notes.extend(missing(mapping, self.model))
        elif settings.shows_emotions:
            notes.append(NO_MAPPING)
        return tuple(notes[:MOST_NOTES])

    async def _demand(self, kind: str) -> dict[str, Any]:
        try:
            return await self._api.ask(kind)
        except ApiError as error:
            raise TemporaryError(error.sentence) from error

    async def _optional(self, kind: str, data: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
        """Ask for something that an older or other program may not answer; a lost line shows elsewhere."""
        try:
            return await self._api.ask(kind, data, timeout_s=OPTIONAL_S)
        except (ApiError, TemporaryError) as error:
            log.info("vtube_studio.not_told", request=kind, kind=type(error).__name__)
            return None


def is_other(before: Model, now: Model) -> bool:
    """Whether there is something else to move; an expression that was merely switched is none."""
    files = [tuple(each.file for each in model.expressions) for model in (before, now)]
    return (before.id, before.hotkeys, before.parameters, files[0]) != (now.id, now.hotkeys, now.parameters, files[1])


def _is_of_another(reply: Mapping[str, Any] | None, model_id: str) -> bool:
    told = text_of(reply or {}, "modelID")
    return bool(told) and told != model_id


def _is_mouth(name: str) -> bool:
    plain = name.lower()
    return all(word in plain for word in _MOUTH)
