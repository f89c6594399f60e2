"""A line of a rehearsal file to a stimulus and back. Pure: time and ids are handed in.

One JSON object a line, for example:
{"at": 12.5, "author": "pixel_pete", "text": "hi Mira", "roles": ["subscriber"], "mention": true}
{"at": 90, "author": "luna", "text": "we come in peace", "event": "raid", "amount": 30}

`at` is in seconds from the start (0 if not given) and `kind` one of the kinds of stimuli (`event` where an
event is named, else `chat`). `id`, `platform` and `author_id` may be given. Unknown fields are ignored.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeVar

from voxelle.domain.chat import Author, Role, Stimulus, StimulusKind, StreamEvent
from voxelle.domain.errors import InputError
from voxelle.kernel.clock import Clock, Ids

LONGEST_LINE: Final = 4 * 1024 * 1024
"""In characters. A chat line far beyond any platform's limit is still taken: what to do with it is triage's business."""
LONGEST_NAME: Final = 200
LATEST_S: Final = 7 * 86_400.0
HIGHEST_AMOUNT: Final = 1_000_000_000
SOURCE: Final = "rehearsal"
STREAMER: Final = "streamer"

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class RehearsalLine:
    """What happens, and how many seconds after the start."""

    at_s: float
    stimulus: Stimulus


def read_line(text: str, *, number: int, clock: Clock, ids: Ids) -> RehearsalLine:
    """Read one line. Raises InputError naming the line by its number."""
    if len(text) > LONGEST_LINE:
        raise _wrong(number, f"it is longer than {LONGEST_LINE // 1024 // 1024} million characters")
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _wrong(number, "it is not JSON") from error
    if not isinstance(values, dict):
        raise _wrong(number, "it has to be an object in braces")
    fields = _Fields(values, number)
    event = fields.choice("event", StreamEvent, StreamEvent.NONE)
    kind = fields.choice("kind", StimulusKind, StimulusKind.EVENT if event is not StreamEvent.NONE else StimulusKind.CHAT)
    is_ours = kind in {StimulusKind.TYPED, StimulusKind.VOICE, StimulusKind.GREETING, StimulusKind.IDLE}
    name = fields.text("author", STREAMER if is_ours else None, LONGEST_NAME)
    platform = fields.text("platform", "local", LONGEST_NAME)
    stimulus = Stimulus(
        id=fields.text("id", "", LONGEST_NAME) or ids.new(),
        kind=kind,
        author=Author(
            id=fields.text("author_id", "", LONGEST_NAME) or f"{platform}:{name.casefold()}",
            name=name,
            platform=platform,
            roles=fields.roles() or (frozenset({Role.BROADCASTER}) if is_ours else frozenset()),
        ),
        text=fields.text("text", None if kind is StimulusKind.CHAT else "", LONGEST_LINE),
        received_at=clock.now(),
        source=SOURCE,
        event=event,
        amount=fields.amount(),
        is_mention=fields.flag("mention"),
    )
    return RehearsalLine(fields.seconds("at"), stimulus)


def write_line(line: RehearsalLine) -> str:
    """Return the line that `read_line` reads as the same, without the time of arrival."""
    stimulus = line.stimulus
    values: dict[str, Any] = {
        "at": line.at_s,
        "author": stimulus.author.name,
        "text": stimulus.text,
        "kind": stimulus.kind.value,
        "id": stimulus.id,
        "author_id": stimulus.author.id,
        "platform": stimulus.author.platform,
        "roles": sorted(stimulus.author.roles),
        "event": stimulus.event.value,
        "amount": stimulus.amount,
        "mention": stimulus.is_mention,
    }
    return json.dumps(values, ensure_ascii=False)


def _wrong(number: int, what: str) -> InputError:
    return InputError(f"Line {number} of the rehearsal can't be read: {what}.")


class _Fields:
    """The fields of one line, taken out with their type and bounds."""

    def __init__(self, values: dict[str, Any], number: int) -> None:
        self._values = values
        self._number = number

    def text(self, name: str, default: str | None, longest: int) -> str:
        """Return a text; halves of characters become replacement marks, since nothing can store them."""
        value = self._values.get(name)
        if value is None:
            if default is None:
                raise _wrong(self._number, f"“{name}” is missing")
            return default
        if not isinstance(value, str):
            raise _wrong(self._number, f"“{name}” has to be a text")
        if len(value) > longest:
            raise _wrong(self._number, f"“{name}” is longer than {longest} characters")
        if name != "text" and not value.strip() and default is None:
            raise _wrong(self._number, f"“{name}” is empty")
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def choice(self, name: str, kinds: type[E], default: E) -> E:
        """Return a member of an enum."""
        value = self._values.get(name)
        if value is None:
            return default
        if not isinstance(value, str) or value not in set(kinds):
            raise _wrong(self._number, f"“{name}” has to be one of {', '.join(kind for kind in kinds if kind)}")
        return kinds(value)

    def seconds(self, name: str) -> float:
        """Return a time from the start."""
        value = self._values.get(name, 0)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not 0 <= value <= LATEST_S:
            raise _wrong(self._number, f"“{name}” has to be seconds from the start, 0 to {LATEST_S:g}")
        return float(value)

    def amount(self) -> int:
        """Return bits, raiders and the like."""
        value = self._values.get("amount", 0)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= HIGHEST_AMOUNT:
            raise _wrong(self._number, f"“amount” has to be a whole number, 0 to {HIGHEST_AMOUNT}")
        return value

    def flag(self, name: str) -> bool:
        """Return yes or no."""
        value = self._values.get(name, False)
        if not isinstance(value, bool):
            raise _wrong(self._number, f"“{name}” has to be true or false")
        return value

    def roles(self) -> frozenset[Role]:
        """Return the author's standing."""
        value = self._values.get("roles", [])
        if not isinstance(value, list) or any(not isinstance(role, str) or role not in set(Role) for role in value):
            raise _wrong(self._number, f"“roles” has to be a list of {', '.join(Role)}")
        return frozenset(Role(role) for role in value)
