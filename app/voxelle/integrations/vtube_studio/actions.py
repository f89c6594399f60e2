"""What this connection can be asked to do, and with which arguments."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from voxelle.contracts.integration import Action
from voxelle.integrations.vtube_studio.settings import Deed, ModelMapping

_HOST = r"^$|^[A-Za-z0-9._:\-\[\]]+$"
_LINE = r"^[^\x00-\x1f]+$"


class _Arguments(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Place(_Arguments):
    """Where VTube Studio runs. An empty host: found by itself on this computer."""

    host: str = Field("", max_length=253, pattern=_HOST)
    port: int = Field(8001, ge=1, le=65535)


class HotkeyChoice(_Arguments):
    """A hotkey by its id or name."""

    id: str = Field(min_length=1, max_length=200, pattern=_LINE)


class DeedChoice(_Arguments):
    """A deed to try."""

    deed: Deed


class ExpressionChoice(_Arguments):
    """An expression, to be set or cleared."""

    file: str = Field(min_length=1, max_length=200, pattern=_LINE)
    active: bool = True


class MappingChoice(_Arguments):
    """What a model is to do from now on."""

    model_id: str = Field(min_length=1, max_length=100, pattern=_LINE)
    mapping: ModelMapping


class ImportText(_Arguments):
    """The content of a hotkey file."""

    text: str = Field(max_length=1_000_000)


class PresetName(_Arguments):
    """A place where the model can stand."""

    name: str = Field(min_length=1, max_length=60, pattern=_LINE)


class Tint(_Arguments):
    """A colour over the whole model, 0..255; white takes it off again."""

    r: int = Field(255, ge=0, le=255)
    g: int = Field(255, ge=0, le=255)
    b: int = Field(255, ge=0, le=255)
    a: int = Field(255, ge=0, le=255)


class ItemFile(_Arguments):
    """An item of VTube Studio's items folder."""

    file: str = Field(min_length=1, max_length=200, pattern=_LINE)


ACTIONS = (
    Action("search", "Search again"),
    Action("connect", "Connect to a place", Place),
    Action("allow", "Ask VTube Studio for permission"),
    Action("forget", "Forget the permission"),
    Action("play_hotkey", "Press a hotkey", HotkeyChoice),
    Action("play_deed", "Try what a row does", DeedChoice),
    Action("set_expression", "Set or clear an expression", ExpressionChoice),
    Action("save_mapping", "Save a model's emotions", MappingChoice),
    Action("suggest_mapping", "Suggest a model's emotions"),
    Action("import_mapping", "Import a hotkey file", ImportText),
    Action("go_to_preset", "Move to a place", PresetName),
    Action("save_preset", "Keep where the model stands", PresetName),
    Action("tint", "Tint the model", Tint),
    Action("load_item", "Load an item", ItemFile),
    Action("unload_items", "Take our items away"),
    Action("test_event", "Test the line"),
)
