"""Which deed an emotion asks for. Pure: time, chance and what was done before are handed in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from voxelle.domain.avatar import AvatarExpression, AvatarHotkey, Emotion, Feeling
from voxelle.integrations.vtube_studio.model import Model
from voxelle.integrations.vtube_studio.settings import Deed, DeedKind, EmotionRow, ModelMapping
from voxelle.kernel.clock import Randomness

TOGGLE_EXPRESSION = "ToggleExpression"
_TOGGLE = "Toggle"
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Target:
    """A deed, found in the model that is loaded."""

    deed: Deed
    id: str = ""
    """Id of the hotkey, file of the expression; empty for a pose."""
    name: str = ""
    file: str = ""
    """The expression that is set, or flipped by the hotkey."""
    is_toggle: bool = False
    """A hotkey that is undone by pressing it again."""

    @property
    def words(self) -> str:
        """How the timeline calls it: `hotkey Smile`."""
        return describe(self.deed, self.name)

    @property
    def key(self) -> str:
        """The same for everything that moves the same thing."""
        return f"expression:{self.file}" if self.file else f"hotkey:{self.id}"


@dataclass(slots=True)
class Memory:
    """What each row did last."""

    done_at: dict[tuple[Emotion, ...], float] = field(default_factory=dict)
    last: dict[tuple[Emotion, ...], Deed] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """What an emotion leads to: a target, or none and in words why."""

    words: str
    row: EmotionRow | None = None
    target: Target | None = None


def describe(deed: Deed, name: str = "") -> str:
    """Return a deed in words."""
    if deed.kind is DeedKind.POSE:
        return f"pose {deed.name}".rstrip()
    return f"{deed.kind.value} {name or deed.name or deed.target}".rstrip()


def beginning(words: str) -> str:
    """Return words as they stand at the beginning of a sentence."""
    return words[:1].upper() + words[1:]


def clean(text: str) -> str:
    """Return a name of the model's as settings take it."""
    return "".join(letter for letter in text if letter >= " ")[:_LONGEST]


def find(model: Model, deed: Deed) -> Target | None:
    """Look a deed up in a model: by id or file, then by name, as models of one artist often share their names."""
    match deed.kind:
        case DeedKind.HOTKEY:
            hotkey = _find_hotkey(model, deed)
            return None if hotkey is None else _press(deed, hotkey)
        case DeedKind.EXPRESSION:
            expression = _find_expression(model, deed)
            return None if expression is None else Target(deed, expression.file, expression.name, expression.file)
        case DeedKind.POSE:
            known = {each.parameter for each in deed.pose}
            return Target(deed, name=deed.name) if known and (not model.parameters or known & model.parameters) else None


def _press(deed: Deed, hotkey: AvatarHotkey) -> Target:
    file = hotkey.file if hotkey.kind == TOGGLE_EXPRESSION else ""
    return Target(deed, hotkey.id, hotkey.name or deed.name, file, is_toggle=hotkey.kind.startswith(_TOGGLE))


def _find_hotkey(model: Model, deed: Deed) -> AvatarHotkey | None:
    for hotkey in model.hotkeys:
        if hotkey.id == deed.target and hotkey.id:
            return hotkey
    names = _names(deed)
    return next((each for each in model.hotkeys if each.name.strip().casefold() in names), None)


def _find_expression(model: Model, deed: Deed) -> AvatarExpression | None:
    for expression in model.expressions:
        if expression.file == deed.target and expression.file:
            return expression
    names = _names(deed)
    return next((each for each in model.expressions if {each.name.casefold(), each.file.casefold()} & names), None)


def _names(deed: Deed) -> set[str]:
    return {text for each in (deed.name, deed.target) if (text := each.strip().casefold())}


def row_for(mapping: ModelMapping, emotion: Emotion) -> EmotionRow | None:
    """Return the first row that fits and is on; one that fits and is off where none is on; else the row of all others.

    A neutral clause is served by a row of its own alone.
    """
    fitting = [row for row in mapping.rows if emotion in row.emotions]
    for row in fitting:
        if row.is_on:
            return row
    if fitting:
        return fitting[0]
    return None if emotion is Emotion.NEUTRAL else mapping.default


def choose(mapping: ModelMapping, model: Model, feeling: Feeling, now: float, memory: Memory, randomness: Randomness) -> Choice:
    """Decide what a heard feeling leads to, and remember it."""
    row = row_for(mapping, feeling.emotion)
    if row is None:
        return Choice("nothing: neutral" if feeling.emotion is Emotion.NEUTRAL else "nothing: no row has it")
    if not row.is_on:
        return Choice("nothing: switched off")
    if feeling.intensity < row.threshold:
        return Choice("nothing: below the threshold")
    if now - memory.done_at.get(row.emotions, -row.cooldown_s) < row.cooldown_s:
        return Choice("nothing: too soon again", row)
    able = [target for deed in row.deeds if deed.weight > 0 and (target := find(model, deed)) is not None]
    spare = mapping.default
    if not able and row.deeds and spare is not None and spare is not row and feeling.emotion is not Emotion.NEUTRAL:
        # What the row asks for has vanished: that of all others serves.
        return choose(ModelMapping(default=spare), model, feeling, now, memory, randomness)
    if not able:
        missing = next((describe(deed) for deed in row.deeds), "")
        return Choice(f"nothing: {missing} is not in this model" if missing else "nothing: the row is empty", row)
    before = memory.last.get(row.emotions)
    others = [target for target in able if target.deed != before] or able
    target = randomness.choices(others, [each.deed.weight for each in others])[0]
    memory.done_at[row.emotions] = now
    memory.last[row.emotions] = target.deed
    return Choice(target.words, row, target)


def deeds_of(mapping: ModelMapping) -> Iterator[Deed]:
    """Yield every deed of a mapping."""
    for row in (*mapping.rows, *((mapping.default,) if mapping.default else ())):
        yield from row.deeds
    yield from mapping.idle
    yield from (deed for deed in (mapping.listening, mapping.thinking) if deed is not None)


def missing(mapping: ModelMapping, model: Model) -> tuple[str, ...]:
    """Say what of a mapping this model does not have, each once."""
    lost = dict.fromkeys(describe(deed) for deed in deeds_of(mapping) if find(model, deed) is None)
    return tuple(f"{beginning(words)} is not in this model." for words in lost)
