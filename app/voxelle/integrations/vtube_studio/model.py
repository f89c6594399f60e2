"""The model that is loaded over there: what it is called and what it can do."""

from __future__ import annotations

from dataclasses import dataclass

from voxelle.domain.avatar import AvatarExpression, AvatarHotkey


@dataclass(frozen=True, slots=True)
class Model:
    """The current model as VTube Studio told it last. An empty `id`: none is loaded."""

    id: str = ""
    name: str = ""
    hotkeys: tuple[AvatarHotkey, ...] = ()
    expressions: tuple[AvatarExpression, ...] = ()
    parameters: frozenset[str] = frozenset()
    """Names of the inputs that can be injected: the defaults and all custom ones."""
