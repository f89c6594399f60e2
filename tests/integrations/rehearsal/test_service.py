"""A rehearsal plays at its own pace, in virtual time."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.ports import FakePorts
from voxelle.domain.chat import Decision, Role, Stimulus, StimulusKind, StreamEvent, Verdict
from voxelle.domain.errors import SetupError
from voxelle.domain.events import HealthLevel
from voxelle.integrations.rehearsal import create, service
from voxelle.integrations.rehearsal.messages import read_line
from voxelle.integrations.rehearsal.service import RehearsalService, find_file
from voxelle.integrations.rehearsal.settings import RehearsalSettings
from voxelle.kernel.clock import Clock, Ids, Randomness, SystemClock
from voxelle.kernel.paths import resource
from voxelle.kernel.tasks import TaskScope

SHIPPED = resource("rehearsals", "first-stream.jsonl")


class Show:
    """Takes what is submitted and notes when."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.heard: list[tuple[float, Stimulus]] = []
        self.lights: list[tuple[HealthLevel, str]] = []
        self.ports = replace(FakePorts(clock).ports, submit=self.submit, report=self.report)

    async def submit(self, stimulus: Stimulus) -> Decision:
        self.heard.append((round(self.clock.monotonic() - self.began, 3), stimulus))
        return Decision(stimulus.id, Verdict.QUEUED, 1.0, "test")

    def report(self, level: HealthLevel, sentence: str) -> None:
        if level is HealthLevel.STARTING:
            self.began = self.clock.monotonic()
        self.lights.append((level, sentence))

    def times(self) -> list[float]:
        """When each line came, counted from the first."""
        first = self.heard[0][0]
        return [round(at - first, 2) for at, _ in self.heard]


def write(path: Path, *lines: Any) -> str:
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), encoding="utf-8")
    return str(path)


def line(at: float, **more: Any) -> dict[str, Any]:
    return {"at": at, "author": "a", "text": f"at {at}", **more}


def service_of(show: Show, **settings: Any) -> RehearsalService:
    made = create(RehearsalSettings(is_enabled=True, **settings), show.ports)
    assert isinstance(made, RehearsalService)
    return made


@pytest.mark.virtual_time
@pytest.mark.parametrize("speed, expected", [(1.0, [0.0, 2.0, 10.0]), (20.0, [0.0, 0.1, 0.5])])
async def test_every_line_comes_at_its_time(tmp_path: Path, clock: Clock, speed: float, expected: list[float]) -> None:
    show = Show(clock)
    file = write(tmp_path / "a.jsonl", line(10), "", line(0), line(2))
    await service_of(show, file=file, speed=speed).run()
    assert show.times() == expected
    assert [stimulus.text for _, stimulus in show.heard] == ["at 0", "at 2", "at 10"]
    assert [level for level, _ in show.lights] == [HealthLevel.STARTING, *[HealthLevel.OK] * 3, HealthLevel.OFF]
    assert len({stimulus.received_at for _, stimulus in show.heard}) == 3


@pytest.mark.virtual_time
async def test_a_pause_stops_its_time_and_resuming_goes_on_where_it_stood(tmp_path: Path, clock: Clock) -> None:
    show = Show(clock)
    played = service_of(show, file=write(tmp_path / "a.jsonl", line(0), line(10), line(11)))
    async with TaskScope("test") as scope:
        run = scope.start(played.run(), name="run", is_awaited=True)
        while not show.heard:
            await clock.sleep(0.01)
        await clock.sleep(4)
        played.pause()
        played.pause()
        assert played.is_paused
        await clock.sleep(100)
        assert len(show.heard) == 1
        played.resume()
        played.resume()
        await run
    assert [round(at) for at in show.times()] == [0, 110, 111]
    assert HealthLevel.DEGRADED in {level for level, _ in show.lights}


@pytest.mark.virtual_time
async def test_again_and_again_every_message_is_a_new_one(tmp_path: Path, clock: Clock) -> None:
    show = Show(clock)
    played = service_of(show, file=write(tmp_path / "a.jsonl", line(0, id="fixed"), line(1)), is_looping=True)
    async with TaskScope("test") as scope:
        scope.start(played.run(), name="run")
        while len(show.heard) < 3:
            await clock.sleep(1)
        played.pause()
        await clock.sleep(20)
        played.resume()
        while played.submitted < 6:
            await clock.sleep(1)
    identities = [stimulus.id for _, stimulus in show.heard]
    assert len(set(identities)) == len(identities)
    assert identities[0] == "fixed"
    assert [stimulus.text for _, stimulus in show.heard][:6] == ["at 0", "at 1"] * 3


@pytest.mark.virtual_time
async def test_paused_in_the_gap_between_two_rounds_it_waits_as_well(tmp_path: Path, clock: Clock) -> None:
    show = Show(clock)
    played = service_of(show, file=write(tmp_path / "a.jsonl", line(0)), is_looping=True)
    async with TaskScope("test") as scope:
        scope.start(played.run(), name="run")
        while not show.heard:
            await clock.sleep(0.1)
        played.pause()
        await clock.sleep(60)
        assert len(show.heard) == 1
        played.resume()
        await clock.sleep(1)
        assert len(show.heard) == 2


async def test_switched_off_it_plays_nothing(clock: Clock) -> None:
    show = Show(clock)
    await create(RehearsalSettings(), show.ports).run()
    assert show.heard == []
    assert [level for level, _ in show.lights] == [HealthLevel.OFF]


@pytest.mark.parametrize(
    "content, words",
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b'{"author": "a", "text": "x"}\n{"author": "a"}', "Line 2"),
        (b"\xff\xfe\x00", "can't be read"),
        (None, "can't be read"),
    ],
)
async def test_a_wrong_file_is_a_setup_error(tmp_path: Path, clock: Clock, content: bytes | None, words: str) -> None:
    file = tmp_path / "a.jsonl"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SetupError, match=words):
        await service_of(Show(clock), file=str(file)).run()


async def test_a_file_beyond_all_measure_is_refused(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "LARGEST_FILE", 10)
    with pytest.raises(SetupError, match="larger than"):
        await service_of(Show(clock), file=write(tmp_path / "a.jsonl", line(0))).run()


def test_a_file_is_found_by_bare_name_or_whole_path_only(tmp_path: Path) -> None:
    assert find_file("first-stream.jsonl") == SHIPPED
    assert find_file(str(tmp_path / "x")) == tmp_path / "x"
    for name in ("../secrets.json", "a/b.jsonl", ".."):
        with pytest.raises(SetupError):
            find_file(name)


def test_the_shipped_rehearsal_is_a_lively_ten_minutes() -> None:
    clock = SystemClock()
    ids = Ids(Randomness(1), clock)
    lines = [
        read_line(text, number=number, clock=clock, ids=ids)
        for number, text in enumerate(SHIPPED.read_text(encoding="utf-8").splitlines(), start=1)
    ]
    stimuli = [each.stimulus for each in lines]
    texts = [stimulus.text for stimulus in stimuli]
    assert len(lines) >= 400
    assert [each.at_s for each in lines] == sorted(each.at_s for each in lines)
    assert 540 <= lines[-1].at_s <= 660
    assert {StreamEvent.RAID, StreamEvent.SUBSCRIPTION, StreamEvent.GIFT, StreamEvent.BITS, StreamEvent.FOLLOW} <= {
        each.event for each in stimuli
    }
    assert {StimulusKind.CHAT, StimulusKind.EVENT, StimulusKind.TYPED, StimulusKind.VOICE} <= {each.kind for each in stimuli}
    assert sum(stimulus.is_mention for stimulus in stimuli) >= 40
    assert len({stimulus.author.id for stimulus in stimuli}) >= 25
    assert sum("what game is this" in text for text in texts) >= 7
    assert any(Role.FIRST_TIME in stimulus.author.roles for stimulus in stimuli)
    assert any("\u0590" <= char <= "\u06ff" for text in texts for char in text)
    assert any("\u3040" <= char <= "\u30ff" for text in texts for char in text)
    assert any("https://" in text for text in texts)
    assert any(text and not any(char.isalnum() for char in text) for text in texts)
