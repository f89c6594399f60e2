"""Settings of an integration that tests bring along."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Reconnecting(BaseModel):
    """A part within the part."""

    model_config = ConfigDict(extra="forbid")

    attempts: int = Field(3, ge=1, title="Attempts")


class ChatSettings(BaseModel):
    """A made-up chat."""

    model_config = ConfigDict(extra="forbid", title="Chat")

    channel: str = Field("", max_length=25, title="Channel", description="Where she listens.")
    port: int | None = Field(None, ge=1, le=65535, title="Port", json_schema_extra={"restart": "app"})
    words: tuple[str, ...] = Field((), title="Words")
    reconnecting: Reconnecting = Field(Reconnecting(), title="Reconnecting")


class StrictSettings(BaseModel):
    """A part without defaults."""

    address: str = Field(title="Address")
    room: str = Field(min_length=1, title="Room")


class Place(BaseModel):
    """A structured entry."""

    name: str = Field(min_length=1, title="Name")
    size: float = Field(1.0, le=2.0, title="Size")


class StageSettings(BaseModel):
    """A part with structured settings."""

    model_config = ConfigDict(extra="forbid", title="Stage")

    is_enabled: bool = Field(False, title="On")
    places: tuple[Place, ...] = Field((Place(name="Chat"),), title="Places")
    mappings: dict[str, Place] = Field(default_factory=dict, title="Mappings")
    words: list[str] = Field(default_factory=list, title="Words")
