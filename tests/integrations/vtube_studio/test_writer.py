"""Hotkeys and expressions at the pace VTube Studio takes them."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from tests.integrations.vtube_studio.desk import Desk
from voxelle.domain.errors import TemporaryError
from voxelle.integrations.vtube_studio.api import ApiError
from voxelle.integrations.vtube_studio.writer import HOTKEY_EVERY_S, Outcome, Pace, PacedWriter, Write
from voxelle.kernel.clock import Clock
from voxelle.kernel.tasks import TaskScope

pytestmark = pytest.mark.virtual_time


class Writing:
    """A writer at work, and what it told."""

    def __init__(self, clock: Clock) -> None:
        self.desk = Desk(clock)
        self.problems: list[str] = []
        self.outcomes: list[tuple[str, Outcome]] = []
        self.writer = PacedWriter(self.desk, clock, Pace(), self.problems.append)

    def press(self, name: str, **more: Any) -> None:
        self._put(Write(name, more.pop("key", name), hotkey=name, **more))

    def show(self, file: str, *, is_active: bool = True, **more: Any) -> None:
        self._put(Write(file, more.pop("key", file), file=file, is_active=is_active, **more))

    def _put(self, write: Write) -> None:
        write.on_outcome = lambda outcome, _: self.outcomes.append((write.name, outcome))
        self.writer.put(write)


@asynccontextmanager
async def writing(clock: Clock) -> AsyncIterator[Writing]:
    """Run a writer."""
    work = Writing(clock)
    async with TaskScope("test") as scope:
        task = scope.start(work.writer.run(), name="writer", is_awaited=True)
        yield work
        task.cancel()
        with suppress(BaseException):
            await task


async def test_different_hotkeys_keep_five_frames_apart_and_expressions_need_not(clock: Clock) -> None:
    async with writing(clock) as work:
        for name in "abc":
            work.press(name)
        work.show("smile.exp3.json")
        await work.writer.written()
        times = [at for at, _ in work.desk.presses]
        assert [what for _, what in work.desk.presses] == ["a", "b", "c"]
        assert all(second - first >= 5 / 60 for first, second in itertools.pairwise(times))
        assert times[0] == 0.0
        assert (0.0, "ExpressionActivation", "smile.exp3.json=True") in work.desk.asked
    assert {outcome for _, outcome in work.outcomes} == {Outcome.DONE}


async def test_a_flood_never_fills_the_queue_over_there(clock: Clock) -> None:
    async with writing(clock) as work:
        for number in range(60):
            work.press(f"k{number}", is_undoing=True)
        await work.writer.written()
        times = [at for at, _ in work.desk.presses]
    assert len(times) == 60
    for place, at in enumerate(times):
        # At 30 frames a second one of them is executed every 167 ms.
        assert place + 1 - at / (5 / 30) < 32


async def test_of_what_is_to_begin_the_newest_wins_over_a_long_queue(clock: Clock) -> None:
    async with writing(clock) as work:
        work.press("undone", is_undoing=True)
        for number in range(20):
            work.press(f"k{number}")
        await work.writer.written()
        pressed = [what for _, what in work.desk.presses]
    assert pressed == ["undone", *[f"k{number}" for number in range(12, 20)]]
    assert [name for name, outcome in work.outcomes if outcome is Outcome.OUTDATED] == [f"k{number}" for number in range(12)]


async def test_too_soon_is_tried_again_a_little_later(clock: Clock) -> None:
    async with writing(clock) as work:
        work.desk.errors = [203, 203]
        work.press("a")
        await work.writer.written()
        assert [at for at, _ in work.desk.presses] == [0.0, 0.25, 0.5]
    assert work.outcomes == [("a", Outcome.DONE)]
    assert work.problems == []


async def test_too_soon_three_times_over_is_dropped_with_a_note(clock: Clock) -> None:
    async with writing(clock) as work:
        work.desk.errors = [203] * 10
        work.press("a")
        await work.writer.written()
        assert len(work.desk.presses) == 4
    assert work.outcomes == [("a", Outcome.FAILED)]
    assert work.problems == ["A was dropped: VTube Studio found it too soon again, three times over."]


async def test_while_one_waits_to_be_tried_again_others_go_on(clock: Clock) -> None:
    async with writing(clock) as work:
        work.desk.errors = [203]
        work.press("a")
        work.press("b")
        await work.writer.written()
        assert work.desk.presses == [(0.0, "a"), (HOTKEY_EVERY_S, "b"), (0.25, "a")]


async def test_what_waits_to_be_tried_again_can_be_taken_back(clock: Clock) -> None:
    async with writing(clock) as work:
        work.desk.errors = [203]
        work.press("a")
        await clock.sleep(0.1)
        taken = work.writer.take_back("a", is_undoing=False)
        assert taken is not None
        assert work.writer.take_back("a", is_undoing=False) is None
        await clock.sleep(1)
        assert len(work.desk.presses) == 1
    assert work.outcomes == [("a", Outcome.OUTDATED)]


@pytest.mark.parametrize(
    "error_id, words",
    [
        (200, "queue of hotkeys is full"),
        (201, "no model is loaded"),
        (202, "not in this model any more"),
        (204, "file is missing"),
        (205, "settings window is open"),
        (206, "was refused: Made to fail."),
        (0, "was refused: Made to fail."),
    ],
)
async def test_what_is_refused_is_told_in_a_sentence_and_not_repeated(clock: Clock, error_id: int, words: str) -> None:
    async with writing(clock) as work:
        work.desk.errors = [error_id]
        work.press("smile")
        await work.writer.written()
        assert len(work.desk.presses) == 1
    (problem,) = work.problems
    assert problem.startswith("Smile ")
    assert words in problem
    assert work.outcomes == [("smile", Outcome.FAILED)]


async def test_what_brings_back_to_neutral_is_tried_longer(clock: Clock) -> None:
    async with writing(clock) as work:
        work.desk.errors = [0, 205, 200, 0, 203, 0]
        work.show("a", is_active=False, is_undoing=True)
        await work.writer.written()
        assert len(work.desk.asked) == 7
        assert clock.monotonic() < 5
    assert work.outcomes == [("a", Outcome.DONE)]


async def test_it_gives_up_in_the_end(clock: Clock) -> None:
    async with writing(clock) as work:
        work.desk.errors = [0] * 50
        work.show("a", is_active=False, is_undoing=True)
        await work.writer.written()
        assert len(work.desk.asked) == 8
    assert work.outcomes == [("a", Outcome.FAILED)]
    assert len(work.problems) == 1


@pytest.mark.parametrize("error_id", [201, 202, 651, 652])
async def test_what_is_gone_needs_no_undoing_and_no_words(clock: Clock, error_id: int) -> None:
    async with writing(clock) as work:
        work.desk.errors = [error_id]
        work.show("a", is_active=False, is_undoing=True)
        await work.writer.written()
        assert len(work.desk.asked) == 1
    assert work.problems == []


async def test_a_toggle_is_not_pressed_when_it_is_on_already(clock: Clock) -> None:
    async with writing(clock) as work:
        work.desk.active = {"smile.exp3.json"}
        work.press("a", file="smile.exp3.json", leaves_others=True)
        work.press("b", file="cry.exp3.json", leaves_others=True)
        await work.writer.written()
        assert [what for _, what in work.desk.presses] == ["b"]
    assert work.outcomes == [("a", Outcome.WAS_SO), ("b", Outcome.DONE)]


async def test_two_writes_of_one_thing_keep_their_order(clock: Clock) -> None:
    async with writing(clock) as work:
        work.show("a", not_before=0.5)
        work.show("a", is_active=False, is_undoing=True)
        work.show("b")
        await work.writer.written()
        assert [(at, what) for at, _, what in work.desk.asked] == [(0.0, "b=True"), (0.5, "a=True"), (0.5, "a=False")]


@pytest.mark.parametrize("error_id", [1, 8, 50])
async def test_signed_out_it_ends_at_once(clock: Clock, error_id: int) -> None:
    work = Writing(clock)
    work.desk.errors = [error_id]
    work.press("a")
    work.press("b")
    with pytest.raises(TemporaryError, match="Made to fail"):
        await work.writer.run()
    assert len(work.desk.asked) == 1
    work.writer.close()
    assert work.outcomes == [("b", Outcome.OUTDATED), ("a", Outcome.LOST)]


async def test_a_lost_line_leaves_open_what_became_of_the_one_under_way(clock: Clock) -> None:
    work = Writing(clock)
    work.desk.is_gone = True
    work.show("a")
    with pytest.raises(TemporaryError):
        await work.writer.run()
    assert work.writer.is_sending("a")
    work.writer.close()
    work.writer.close()
    await work.writer.written()
    assert work.outcomes == [("a", Outcome.LOST)]


async def test_nothing_waits_once_all_was_dropped(clock: Clock) -> None:
    work = Writing(clock)
    work.press("a")
    work.writer.drop_all()
    await work.writer.written()
    assert work.outcomes == [("a", Outcome.OUTDATED)]


async def test_an_expression_whose_state_is_not_told_is_set_all_the_same(clock: Clock) -> None:
    states = [601, 8]

    class Untold(Desk):
        async def ask(self, kind: str, data: Mapping[str, Any] | None = None, *, timeout_s: float = 10.0) -> dict[str, Any]:
            if kind == "ExpressionStateRequest":
                msg = "Not told."
                raise ApiError(msg, states.pop(0))
            return await super().ask(kind, data, timeout_s=timeout_s)

    writer = PacedWriter(Untold(clock), clock, Pace(), lambda _: None)
    outcomes: list[Outcome] = []
    for _ in range(2):
        writer.put(Write("a", "a", file="a", leaves_others=True, on_outcome=lambda outcome, _: outcomes.append(outcome)))
    with pytest.raises(TemporaryError):
        await writer.run()
    assert outcomes == [Outcome.DONE]
