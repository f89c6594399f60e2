"""A reaction to one kind of event: what she is told of it, when, and how urgently."""

from __future__ import annotations

import string
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from voxelle.settings.part import SettingsPart

PLACEHOLDERS = (
    "name", "names", "count", "amount", "total", "message", "tier", "months", "streak", "reward", "cost", "status", "target", "value",
    "charity", "choices", "winner", "category", "duration", "reason", "recipient",
)  # fmt: skip
"""What a template may contain in braces. `names`, `count` and `total` speak of all that were joined."""


def placeholders(template: str) -> Iterator[str]:
    """Yield what stands in braces in a template. ValueError for a lone brace or anything but a plain name."""
    for _text, name, spec, conversion in string.Formatter().parse(template):
        if name is not None:
            if spec or conversion or not name.isidentifier():
                msg = "only plain names may stand in braces, such as {name}"
                raise ValueError(msg)
            yield name


def _known(template: str) -> str:
    for name in placeholders(template):
        if name not in PLACEHOLDERS:
            msg = f"there is no {{{name}}}; there are {', '.join(f'{{{each}}}' for each in PLACEHOLDERS)}"
            raise ValueError(msg)
    return template


_OWN_PLACE: dict[str, Any] = {"widget": "hidden"}
Template = Annotated[str, AfterValidator(_known)]


class Reaction(SettingsPart):
    """What she makes of one kind of event."""

    is_on: bool = Field(True, title="On", description="Off: it is shown and kept, and she says nothing.", json_schema_extra=_OWN_PLACE)
    template: Template = Field(
        "", max_length=500, title="What she is told", description="With fields in braces, such as {name}.", json_schema_extra=_OWN_PLACE
    )
    template_many: Template = Field(
        "",
        max_length=500,
        title="What she is told of several",
        description="For events that were joined. Empty: as for one.",
        json_schema_extra=_OWN_PLACE,
    )
    is_verbatim: bool = Field(
        False, title="Say it word for word", description="The text is spoken as it stands; no model is asked.", json_schema_extra=_OWN_PLACE
    )
    threshold: int = Field(
        0,
        ge=0,
        le=1_000_000_000,
        title="From",
        description="Bits, viewers, gifts … below this are passed over.",
        json_schema_extra=_OWN_PLACE,
    )
    cooldown_s: float = Field(
        0.0, ge=0.0, le=86_400.0, title="Pause (s)", description="No reaction of this kind before.", json_schema_extra=_OWN_PLACE
    )
    merge_s: float = Field(
        0.0,
        ge=0.0,
        le=120.0,
        title="Join within (s)",
        description="Events of this kind so close together become one.",
        json_schema_extra=_OWN_PLACE,
    )
    priority: float = Field(0.0, ge=-100.0, le=100.0, title="Urgency", description="Higher goes first.", json_schema_extra=_OWN_PLACE)
    is_guaranteed: bool = Field(
        False,
        title="Never passed over",
        description="It waits as long as it takes; for what viewers pay for.",
        json_schema_extra=_OWN_PLACE,
    )
