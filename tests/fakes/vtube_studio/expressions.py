"""Expressions: what is on, and switching it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fakes.vtube_studio.errors import ErrorId, Refusal
from tests.fakes.vtube_studio.models import Expression, FakeModel
from tests.fakes.vtube_studio.session import Request

if TYPE_CHECKING:
    from tests.fakes.vtube_studio.fake import FakeVTubeStudio

_ENDING = ".exp3.json"
LONGEST_FADE_S = 2.0


class Expressions:
    """The two requests about expressions."""

    def __init__(self, fake: FakeVTubeStudio) -> None:
        self._fake = fake
        self.answers = {"ExpressionStateRequest": self._state, "ExpressionActivationRequest": self._activate}

    def _state(self, request: Request) -> dict[str, Any]:
        model, file = self._fake.model, request.data.get("expressionFile") or ""
        if file and not file.endswith(_ENDING):
            raise Refusal(ErrorId.EXPRESSION_STATE_FILE_INVALID, f"{file} does not end in {_ENDING}.")
        found = [each for each in (model.expressions if model else ()) if file in ("", each.file)]
        if file and not found:
            raise Refusal(ErrorId.EXPRESSION_STATE_NOT_FOUND, f"The model has no expression {file}.")
        rows = [_row(model, each, has_details=bool(request.data.get("details"))) for each in found if model]
        return {**self._fake.stage.naming(model), "modelLoaded": model is not None, "expressions": rows}

    def _activate(self, request: Request) -> dict[str, Any]:
        model, file = self._fake.model, request.data.get("expressionFile") or ""
        if not file.endswith(_ENDING):
            raise Refusal(ErrorId.EXPRESSION_FILE_INVALID, f"{file} does not end in {_ENDING}.")
        if model is None:
            raise Refusal(ErrorId.EXPRESSION_NO_MODEL, "No model is loaded.")
        expression = model.expression(file)
        if expression is None:
            raise Refusal(ErrorId.EXPRESSION_NOT_FOUND, f"The model has no expression {file}.")
        fade = float(request.data.get("fadeTime", 0.25))
        if not 0 <= fade <= LONGEST_FADE_S:
            self._fake.violate("range", f"a fade of {fade:g} seconds")
        expression.is_active, expression.activated_by = bool(request.data.get("active")), request.plugin
        if expression.is_active:
            expression.fade_s = min(max(fade, 0.0), LONGEST_FADE_S)
        return {}


def _row(model: FakeModel, expression: Expression, *, has_details: bool) -> dict[str, Any]:
    used = [{"name": each.name, "id": each.id} for each in model.hotkeys if each.file == expression.file]
    return {
        "name": expression.name,
        "file": expression.file,
        "active": expression.is_active,
        "deactivateWhenKeyIsLetGo": False,
        "autoDeactivateAfterSeconds": False,
        "secondsRemaining": 0,
        "usedInHotkeys": used if has_details else [],
        "parameters": [{"name": "ParamMouthForm", "value": 1.0}] if has_details else [],
    }
