"""The account of what is set: for whom, and whether it still has to be cleared."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from tests.integrations.vtube_studio.desk import Desk
from tests.integrations.vtube_studio.faces import expression, hotkey, small_model
from voxelle.integrations.vtube_studio.held import HeldDeeds, Slot
from voxelle.integrations.vtube_studio.mapping import Target, find
from voxelle.integrations.vtube_studio.model import Model
from voxelle.integrations.vtube_studio.poses import Poses
from voxelle.integrations.vtube_studio.settings import Deed
from voxelle.integrations.vtube_studio.writer import Outcome, Pace, PacedWriter
from voxelle.kernel.clock import Clock
from voxelle.kernel.tasks import TaskScope

pytestmark = pytest.mark.virtual_time

MODEL = small_model("Smile", "Angry", expressions=("Smile.exp3.json", "love.exp3.json"))
OTHER = Model("other", "Other", expressions=MODEL.expressions)
LOVE = expression("love.exp3.json")


def target(deed: Deed, model: Model = MODEL) -> Target:
    found = find(model, deed)
    assert found is not None
    return found


class Account:
    """What is held, and the desk before which it is."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.held = HeldDeeds(clock, Poses())
        self.outcomes: list[Outcome] = []
        self.problems: list[str] = []

    @asynccontextmanager
    async def line(self, model: Model = MODEL) -> AsyncIterator[Desk]:
        """Let a line stand."""
        desk = Desk(self.clock)
        desk.takes_s = 0.05
        writer = PacedWriter(desk, self.clock, Pace(), self.problems.append)
        self.held.attach(writer, model)
        async with TaskScope("line") as scope:
            task = scope.start(writer.run(), name="writer", is_awaited=True)
            yield desk
            task.cancel()
            with suppress(BaseException):
                await task
        self.held.detach()

    def begin(self, slot: Slot, deed: Deed, hold_s: float | None = None) -> None:
        self.held.begin(slot, target(deed), hold_s, on_outcome=lambda outcome, _: self.outcomes.append(outcome))


def asked(desk: Desk) -> list[str]:
    """Return what was pressed and set, without the questions."""
    return [what for _, kind, what in desk.asked if kind != "ExpressionState"]


@pytest.fixture
def account(clock: Clock) -> Account:
    return Account(clock)


async def test_what_two_want_is_set_once_and_cleared_when_the_last_is_done(account: Account, clock: Clock) -> None:
    async with account.line() as desk:
        account.begin(Slot.LISTENING, LOVE)
        account.begin(Slot.EMOTION, LOVE)
        await clock.sleep(1.0)
        account.held.end(Slot.LISTENING)
        await clock.sleep(1.0)
        assert asked(desk) == ["love.exp3.json=True"]
        account.held.end(Slot.EMOTION)
        account.held.end(Slot.EMOTION)
        await clock.sleep(1.0)
        assert asked(desk) == ["love.exp3.json=True", "love.exp3.json=False"]
    assert account.outcomes == [Outcome.WAS_SO, Outcome.DONE]


async def test_what_was_not_sent_yet_is_just_taken_back(account: Account, clock: Clock) -> None:
    async with account.line() as desk:
        account.begin(Slot.EMOTION, hotkey("Smile"))
        account.begin(Slot.EMOTION, hotkey("Angry"))
        account.begin(Slot.EMOTION, LOVE)
        account.held.end(Slot.EMOTION)
        await clock.sleep(2.0)
        assert asked(desk) == []
    assert account.outcomes == [Outcome.OUTDATED] * 3


async def test_what_is_under_way_is_cleared_once_it_arrived(account: Account, clock: Clock) -> None:
    async with account.line() as desk:
        account.begin(Slot.EMOTION, LOVE)
        await clock.sleep(0.07)
        account.held.end(Slot.EMOTION)
        await clock.sleep(1.0)
        assert asked(desk) == ["love.exp3.json=True", "love.exp3.json=False"]


async def test_what_waits_to_be_cleared_can_be_kept(account: Account, clock: Clock) -> None:
    async with account.line() as desk:
        account.begin(Slot.EMOTION, hotkey("Smile"))
        await clock.sleep(0.2)
        account.held.end(Slot.EMOTION)
        account.begin(Slot.EMOTION, hotkey("Smile"))
        await clock.sleep(2.0)
        assert asked(desk) == ["k0"]
        account.held.end(Slot.EMOTION)
        await clock.sleep(1.0)
        assert asked(desk) == ["k0", "Smile.exp3.json=False"]


async def test_what_is_being_cleared_is_set_again_right_after(account: Account, clock: Clock) -> None:
    async with account.line() as desk:
        account.begin(Slot.EMOTION, LOVE)
        await clock.sleep(0.2)
        account.held.end(Slot.EMOTION)
        await clock.sleep(0.02)
        account.begin(Slot.EMOTION, LOVE)
        await clock.sleep(1.0)
        assert asked(desk) == ["love.exp3.json=True", "love.exp3.json=False", "love.exp3.json=True"]
        account.held.end(Slot.EMOTION)
        await clock.sleep(1.0)
        assert asked(desk)[-1] == "love.exp3.json=False"


async def test_what_was_refused_is_not_cleared(account: Account, clock: Clock) -> None:
    async with account.line() as desk:
        desk.errors = [205]
        account.begin(Slot.EMOTION, hotkey("Smile"), 1.0)
        await clock.sleep(0.5)
        account.held.tick(clock.monotonic() + 1.0)
        await clock.sleep(1.0)
        assert asked(desk) == ["k0"]
    assert account.outcomes == [Outcome.FAILED]


async def test_a_line_that_drops_before_anything_is_restored_forgets_nothing(account: Account, clock: Clock) -> None:
    async with account.line():
        account.begin(Slot.EMOTION, LOVE)
        await clock.sleep(0.2)
    for _ in range(3):
        # Not even the first message goes out.
        async with account.line():
            pass
    account.held.end_all()
    async with account.line() as desk:
        await clock.sleep(0.2)
        assert asked(desk) == ["love.exp3.json=False"]


async def test_a_line_that_drops_while_it_is_set_anew_forgets_nothing(account: Account, clock: Clock) -> None:
    async with account.line():
        account.begin(Slot.EMOTION, LOVE)
        await clock.sleep(0.2)
        account.held.end(Slot.EMOTION)
        await clock.sleep(0.02)
        account.begin(Slot.EMOTION, LOVE)
    account.held.end_all()
    async with account.line() as desk:
        await clock.sleep(0.2)
        assert asked(desk) == ["love.exp3.json=False"]


async def test_what_came_newer_is_not_replaced_by_what_was_due_before(account: Account, clock: Clock) -> None:
    async with account.line():
        account.begin(Slot.EMOTION, LOVE)
        await clock.sleep(0.2)
        before = account.held.end_all()
        account.begin(Slot.EMOTION, hotkey("Smile"))
    account.held.take_up(before)
    async with account.line() as desk:
        await clock.sleep(0.2)
        account.held.end_all()
        await clock.sleep(0.2)
        assert asked(desk) == ["love.exp3.json=False"]


async def test_what_begins_without_a_line_is_set_with_the_next_one(account: Account, clock: Clock) -> None:
    account.held.use_model(MODEL)
    account.begin(Slot.LISTENING, LOVE)
    account.held.just_do(target(hotkey("Smile")), on_outcome=lambda outcome, _: account.outcomes.append(outcome))
    assert account.outcomes == [Outcome.LOST, Outcome.LOST]
    async with account.line() as desk:
        await clock.sleep(0.2)
        assert asked(desk) == ["love.exp3.json=True"]


async def test_what_a_slot_had_is_let_go_for_a_deed_that_needs_no_undoing(account: Account, clock: Clock) -> None:
    model = small_model("Wave", "Nod", expressions=("love.exp3.json",), kind="TriggerAnimation")
    async with account.line(model) as desk:
        account.begin(Slot.EMOTION, LOVE)
        await clock.sleep(0.2)
        for name in ("Wave", "Nod", "Wave"):
            account.held.begin(Slot.EMOTION, target(hotkey(name), model), 1.0)
            await clock.sleep(0.2)
        account.held.end(Slot.EMOTION)
        await clock.sleep(1.0)
        assert asked(desk) == ["love.exp3.json=True", "k0", "love.exp3.json=False", "k1", "k0"]


async def test_the_same_deed_again_is_done_again_where_nothing_holds_it(account: Account, clock: Clock) -> None:
    model = small_model("Wave", kind="TriggerAnimation")
    async with account.line(model) as desk:
        for _ in range(3):
            account.held.begin(Slot.EMOTION, target(hotkey("Wave"), model), 1.0)
            await clock.sleep(0.2)
        assert asked(desk) == ["k0"] * 3


async def test_a_press_for_a_model_that_is_gone_is_neither_repeated_nor_told(account: Account, clock: Clock) -> None:
    async with account.line() as desk:
        desk.errors = [203]
        account.begin(Slot.EMOTION, hotkey("Angry"))
        await clock.sleep(0.07)
        account.held.use_model(small_model("Other"))
        account.held.use_model(Model("third"))
        await clock.sleep(2.0)
        assert asked(desk) == ["k1"]
    assert account.problems == []


async def test_what_may_have_reached_another_model_is_cleared_there(account: Account, clock: Clock) -> None:
    async with account.line() as desk:
        account.begin(Slot.EMOTION, LOVE)
        await clock.sleep(0.07)
        account.held.use_model(OTHER)
        await clock.sleep(1.0)
        assert asked(desk) == ["love.exp3.json=True", "love.exp3.json=False"]


async def test_a_press_for_a_model_that_goes_while_its_state_is_asked_is_never_sent(account: Account, clock: Clock) -> None:
    async with account.line() as desk:
        account.begin(Slot.EMOTION, hotkey("Smile"))
        await clock.sleep(0.02)
        account.held.use_model(Model())
        await clock.sleep(1.0)
        assert "k0" not in asked(desk)


async def test_what_is_under_way_while_no_model_is_known_is_cleared_too(account: Account, clock: Clock) -> None:
    async with account.line() as desk:
        account.begin(Slot.EMOTION, LOVE)
        await clock.sleep(0.07)
        account.held.use_model(Model())
        await clock.sleep(1.0)
        assert asked(desk) == ["love.exp3.json=True", "love.exp3.json=False"]


async def test_what_was_set_long_before_another_model_came_is_gone_with_the_old_one(account: Account, clock: Clock) -> None:
    async with account.line() as desk:
        account.begin(Slot.EMOTION, LOVE)
        await clock.sleep(10.0)
        account.held.use_model(OTHER)
        account.held.end_all()
        await clock.sleep(1.0)
        assert asked(desk) == ["love.exp3.json=True"]
