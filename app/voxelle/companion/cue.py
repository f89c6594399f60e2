"""The cue: what she is told of an event. The streamer's template, filled with names and words from outside.

Pure. What comes from outside is cleaned, bounded and, where a viewer wrote it, put in quotes that it can't close,
so that it stays talk beside the streamer's instruction.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from voxelle.companion.event_words import MODERATION, NOBODY
from voxelle.companion.prompt import MAX_CUE, safe_name, safe_text
from voxelle.domain.chat import StreamEvent

if TYPE_CHECKING:
    from voxelle.companion.gathering import Gathering
    from voxelle.domain.chat import ChannelEvent

ANONYMOUS = "an anonymous viewer"
_NAMED = 3
"""So many of those who did the same are named."""
_LONGEST_FIELD = 120
_LONGEST_MESSAGE = 400
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_QUOTES = str.maketrans(dict.fromkeys('"“”„«»‹›', "'"))
_BY_AMOUNT = ("months", "streak", "cost", "value", "duration")
"""Fields that say the amount when the platform gives none of their own."""
_UNKNOWN = {
    "tier": "unknown",
    "reward": "a reward",
    "status": "settled",
    "target": NOBODY,
    "recipient": NOBODY,
    "charity": "the charity",
    "choices": "unknown",
    "winner": "nobody",
    "category": "none",
    "reason": "none",
}
_HIDDEN = {"name": NOBODY, "names": NOBODY, "target": NOBODY, "recipient": NOBODY, "message": "", "reason": "none"}
"""What moderators do, and to whom, is not for the stream."""


def cue_for(template: str, gathering: Gathering, *, is_verbatim: bool = False) -> str:
    """Fill a template for events that were joined. Spoken word for word, it has no quotes."""
    values = _values(gathering)
    if not is_verbatim:
        values["message"] = f"“{values['message']}”" if values["message"] else ""
    filled = " ".join(_fill(sentence, values) for sentence in _sentences(template, values))
    return safe_text(filled.replace("““", "“").replace("””", "”"), MAX_CUE)


def name_of(event: ChannelEvent) -> str:
    """Return how somebody is called on the stream."""
    if event.event in MODERATION:
        return NOBODY
    if event.is_anonymous:
        return ANONYMOUS
    return safe_name(event.author.name) if event.author.name else NOBODY


def _sentences(template: str, values: Mapping[str, str]) -> Sequence[str]:
    """Leave out the sentence that would quote a message where there is none, unless nothing else is left."""
    sentences = _SENTENCE.split(template)
    kept = [each for each in sentences if values["message"] or "message" not in _names_in(each)]
    return kept or sentences


def _names_in(text: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name}


def _fill(text: str, values: Mapping[str, str]) -> str:
    """Put the values in place. A value is never read as a template; what nothing is known of becomes nothing."""
    parts = string.Formatter().parse(text)
    return "".join(before + (values.get(name, "") if name else "") for before, name, _spec, _conversion in parts)


def _values(gathering: Gathering) -> dict[str, str]:
    event = gathering.speaker
    fields = {name: _field(event, name) for name in (*_BY_AMOUNT, *_UNKNOWN)}
    amount = gathering.total if gathering.is_of_one and gathering.is_additive else event.amount
    values = {
        **fields,
        "name": name_of(event),
        "names": _names(gathering),
        "count": str(gathering.people if event.event is not StreamEvent.TOUCH else gathering.count),
        "amount": str(amount),
        "total": str(gathering.total),
        "message": safe_text(event.text, _LONGEST_MESSAGE).translate(_QUOTES),
    }
    return {**values, **_HIDDEN} if event.event in MODERATION else values


def _field(event: ChannelEvent, name: str) -> str:
    known = safe_text(event.field(name), _LONGEST_FIELD).translate(_QUOTES)
    return known or (str(event.amount) if name in _BY_AMOUNT else _UNKNOWN[name])


def _names(gathering: Gathering) -> str:
    """Return the first few names, those who gave most in front, and whether there are others."""
    names = list(dict.fromkeys(name_of(event) for event in gathering.by_weight()))
    if len(names) > _NAMED or gathering.people > len(names):
        return f"{', '.join(names[:_NAMED])} and others"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
