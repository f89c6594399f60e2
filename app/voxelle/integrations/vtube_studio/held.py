"""What of the model is set by us, for whom, and how it gets back to neutral.

A thing that two ask for is set once and cleared when the last of them is done. Only what we set ourselves is cleared.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto

from voxelle.integrations.vtube_studio.mapping import Target, find
from voxelle.integrations.vtube_studio.model import Model
from voxelle.integrations.vtube_studio.poses import Poses
from voxelle.integrations.vtube_studio.settings import DeedKind
from voxelle.integrations.vtube_studio.writer import SETTLE_S, OnOutcome, Outcome, PacedWriter, Write
from voxelle.kernel.clock import Clock

_JUST_SENT_S = 3.0
"""What was sent so shortly before another model came may have reached that one."""


class Slot(Enum):
    """For whom something is set; each has one thing at a time."""

    EMOTION = auto()
    LISTENING = auto()
    THINKING = auto()
    IDLE = auto()
    TEST = auto()


@dataclass(slots=True)
class Part:
    """What a slot has."""

    target: Target
    until: float | None
    """When it goes back to neutral; None: when it is told to."""
    intensity: float = 1.0


class _State(Enum):
    ASKED = auto()
    ON = auto()
    UNDOING = auto()


@dataclass(slots=True, eq=False)
class _Claim:
    """Something over there that we set, or are about to."""

    target: Target
    slots: set[Slot] = field(default_factory=set)
    state: _State = _State.ASKED
    turn: int = 0
    """Grows with every write, so that the outcome of an older one is not taken for this one's."""
    may_be_on: bool = False
    """It was sent once, and not surely cleared since."""
    sent_at: float = 0.0


def _ignore(_outcome: Outcome, _sentence: str) -> None:
    """Nobody asks."""


class HeldDeeds:
    """Keeps the account over lost lines and switched models."""

    def __init__(self, clock: Clock, poses: Poses) -> None:
        self._clock = clock
        self._poses = poses
        self._writer: PacedWriter | None = None
        self._model = Model()
        self._parts: dict[Slot, Part] = {}
        self._claims: dict[str, _Claim] = {}

    def attach(self, writer: PacedWriter, model: Model) -> None:
        """A line stands: bring back what is still due, clear what is not."""
        self.use_model(model)
        for key, claim in list(self._claims.items()):
            if not claim.target.file:
                # Whether another toggle is still on, nobody can tell: VTube Studio may have been started anew.
                del self._claims[key]
                self._parts = {slot: part for slot, part in self._parts.items() if part.target.key != key}
        self._writer = writer
        self.tick(self._clock.monotonic())
        for claim in list(self._claims.values()):
            if claim.slots:
                self._ask(claim, _ignore, is_restoring=True)
            elif claim.state is not _State.UNDOING:
                self._undo(claim)

    def detach(self) -> None:
        """The line is gone, or about to be."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()

    def use_model(self, model: Model) -> None:
        """Another model: what was set is gone with the old one. The same one: keep what it still has."""
        is_other = model.id != self._model.id
        self._model = model
        if not is_other:
            for slot in [slot for slot, part in self._parts.items() if find(model, part.target.deed) is None]:
                self.end(slot)
            return
        before, self._claims = self._claims, {}
        self._parts.clear()
        self._poses.clear()
        if self._writer is None:
            return
        writer = self._writer
        writer.drop_all()
        now = self._clock.monotonic()
        files = {each.file for each in model.expressions}
        for key, claim in before.items():
            is_recent = writer.is_sending(key) or (claim.may_be_on and now - claim.sent_at < _JUST_SENT_S)
            if is_recent and claim.target.file and (claim.target.file in files or not model.id):
                self._claims[claim.target.key] = claim
                claim.slots.clear()
                self._undo(claim)

    def begin(self, slot: Slot, target: Target, hold_s: float | None, *, intensity: float = 1.0, on_outcome: OnOutcome = _ignore) -> None:
        """Do a deed for a slot, in place of what it had. `hold_s` None: until it ends; what needs no undoing is just done."""
        until = None if hold_s is None else self._clock.monotonic() + hold_s
        before = self._parts.pop(slot, None)
        self._parts[slot] = Part(target, until, intensity)
        if target.deed.kind is DeedKind.POSE:
            self._poses.put(slot, target.deed, intensity)
            on_outcome(Outcome.DONE, "")
        elif not (target.file or target.is_toggle):
            self._press_once(target, on_outcome)
        elif before is not None and before.target.key == target.key and target.key in self._claims:
            on_outcome(Outcome.WAS_SO, "")
            return
        else:
            self._claim(slot, target, on_outcome)
        if before is not None and before.target.key != target.key:
            self._let_go(slot, before.target)

    def just_do(self, target: Target, *, on_outcome: OnOutcome = _ignore) -> None:
        """Do a deed that is to stay as it is: it is nobody's afterwards."""
        if self._writer is None:
            on_outcome(Outcome.LOST, "")
        else:
            self._writer.put(_write(target, on_outcome))

    def by_hand(self, write: Write, on_outcome: OnOutcome) -> None:
        """The streamer wants it so: what we set of it is ours no more, and nobody takes it back."""
        self._claims.pop(write.key, None)
        self._parts = {slot: part for slot, part in self._parts.items() if part.target.key != write.key}
        write.on_outcome = on_outcome
        if self._writer is None:
            on_outcome(Outcome.LOST, "")
        else:
            self._writer.put(write)

    def extend(self, slot: Slot, hold_s: float) -> None:
        """Let what a slot has last for so long from now, if it was to end earlier."""
        part = self._parts.get(slot)
        if part is not None and part.until is not None:
            part.until = max(part.until, self._clock.monotonic() + hold_s)

    def end(self, slot: Slot) -> None:
        """Take back what a slot has."""
        part = self._parts.pop(slot, None)
        if part is not None:
            self._let_go(slot, part.target)

    def end_open(self, slot: Slot) -> None:
        """Take back what was to last until the next one."""
        part = self._parts.get(slot)
        if part is not None and part.until is None:
            self.end(slot)

    def end_all(self) -> dict[Slot, Part]:
        """Back to neutral. Returns what there was, for `take_up`."""
        before = dict(self._parts)
        for slot in before:
            self.end(slot)
        return before

    def take_up(self, parts: dict[Slot, Part]) -> None:
        """The way back to neutral was cut off: with the next line, what is still due is brought back."""
        for slot, part in parts.items():
            if slot in self._parts:
                # Something newer came meanwhile.
                continue
            if part.target.deed.kind is DeedKind.POSE:
                self._poses.put(slot, part.target.deed, part.intensity)
            elif (claim := self._claims.get(part.target.key)) is not None:
                claim.slots.add(slot)
            self._parts[slot] = part

    def tick(self, now: float) -> float | None:
        """Take back whose time is over; return when to look again."""
        for slot in [slot for slot, part in self._parts.items() if part.until is not None and part.until <= now]:
            self.end(slot)
        return min((part.until for part in self._parts.values() if part.until is not None), default=None)

    def _press_once(self, target: Target, on_outcome: OnOutcome) -> None:
        if self._writer is None:
            on_outcome(Outcome.LOST, "")
            return
        self._writer.take_back(target.key, is_undoing=False)
        self._writer.put(_write(target, on_outcome))

    def _claim(self, slot: Slot, target: Target, on_outcome: OnOutcome) -> None:
        claim = self._claims.get(target.key)
        if claim is not None and claim.state is _State.UNDOING and self._writer is not None:
            if self._writer.take_back(target.key, is_undoing=True) is not None:
                claim.state = _State.ON
            else:
                # It is being cleared at this moment: set it again right after.
                claim.slots.add(slot)
                self._ask(claim, on_outcome)
                return
        if claim is not None:
            claim.slots.add(slot)
            on_outcome(Outcome.WAS_SO, "")
            return
        claim = self._claims[target.key] = _Claim(target, {slot})
        self._ask(claim, on_outcome)

    def _ask(self, claim: _Claim, on_outcome: OnOutcome, *, is_restoring: bool = False) -> None:
        """Have it set. What is restored is set by its expression, which can be said twice."""
        claim.state = _State.ASKED
        claim.turn += 1
        turn = claim.turn

        def on_written(outcome: Outcome, sentence: str) -> None:
            self._asked(claim, turn, outcome)
            on_outcome(outcome, sentence)

        if self._writer is None:
            on_written(Outcome.LOST, "")
        elif is_restoring:
            self._writer.put(Write(claim.target.words, claim.target.key, file=claim.target.file, on_outcome=on_written))
        else:
            self._writer.put(_write(claim.target, on_written))

    def _asked(self, claim: _Claim, turn: int, outcome: Outcome) -> None:
        if claim.turn != turn or self._claims.get(claim.target.key) is not claim:
            return
        if outcome in (Outcome.DONE, Outcome.LOST):
            claim.may_be_on = True
            claim.sent_at = self._clock.monotonic()
        if not claim.may_be_on:
            del self._claims[claim.target.key]
            return
        claim.state = _State.ON
        if not claim.slots:
            self._undo(claim)

    def _let_go(self, slot: Slot, target: Target) -> None:
        if target.deed.kind is DeedKind.POSE:
            part = self._parts.get(slot)
            if part is None or part.target.deed.kind is not DeedKind.POSE:
                self._poses.take(slot)
            return
        claim = self._claims.get(target.key)
        if claim is None:
            if self._writer is not None and not (target.file or target.is_toggle):
                self._writer.take_back(target.key, is_undoing=False)
            return
        claim.slots.discard(slot)
        if claim.slots or claim.state is _State.UNDOING:
            return
        if claim.state is _State.ON:
            self._undo(claim)
        elif self._writer is not None:
            # Not sent yet: it never happened. Being sent: it is cleared once that is certain.
            self._writer.take_back(target.key, is_undoing=False)

    def _undo(self, claim: _Claim) -> None:
        """Have it cleared; a hotkey that was just pressed is given time to be executed."""
        if self._writer is None:
            return
        claim.state = _State.UNDOING
        claim.turn += 1
        turn = claim.turn
        target = claim.target
        not_before = claim.sent_at + SETTLE_S if target.deed.kind is DeedKind.HOTKEY else 0.0
        undo = Write(target.words, target.key, is_active=False, is_undoing=True, not_before=not_before)
        undo.hotkey, undo.file = ("", target.file) if target.file else (target.id, "")
        undo.on_outcome = lambda outcome, _: self._undone(claim, turn, outcome)
        self._writer.put(undo)

    def _undone(self, claim: _Claim, turn: int, outcome: Outcome) -> None:
        is_cleared = outcome not in (Outcome.OUTDATED, Outcome.LOST)
        if is_cleared:
            claim.may_be_on = False
        if claim.turn != turn or self._claims.get(claim.target.key) is not claim:
            return
        if is_cleared:
            del self._claims[claim.target.key]
        else:
            claim.state = _State.ON


def _write(target: Target, on_outcome: OnOutcome) -> Write:
    write = Write(target.words, target.key, file=target.file, leaves_others=bool(target.file), on_outcome=on_outcome)
    write.fade_s = target.deed.fade_s
    if target.deed.kind is DeedKind.HOTKEY:
        write.hotkey = target.id
    return write
