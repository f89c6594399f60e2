"""Inputs are taken over, held and given back with as few messages as will do."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from tests.fakes.vtube_studio.fake import FakeVTubeStudio
from tests.fakes.vtube_studio.memory import MemoryApi
from tests.integrations.vtube_studio.faces import model_of
from voxelle.domain.errors import TemporaryError
from voxelle.integrations.vtube_studio.api import Api
from voxelle.integrations.vtube_studio.model import Model
from voxelle.integrations.vtube_studio.parameters import OWN_PARAMETERS, ParameterMixer, Wish
from voxelle.kernel.clock import Clock
from voxelle.kernel.tasks import TaskScope


class Wanting:
    """A source that wants what a test says."""

    def __init__(self) -> None:
        self.wanted: dict[str, Wish] = {}
        self.is_moving = False

    def wishes(self, now: float) -> Mapping[str, Wish]:
        return self.wanted

    def is_live(self, now: float) -> bool:
        return self.is_moving


class Bench:
    """A mixer before a fake, stepped as the frames do."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.fake = FakeVTubeStudio(clock)
        self.api: Api = MemoryApi(self.fake)
        self.problems: list[str] = []
        self.source, self.other = Wanting(), Wanting()
        self.additions: dict[str, float] = {}
        self.face_found = False
        self.mixer = ParameterMixer(self.api, clock, lambda: None, self.problems.append)
        self.mixer.use_model(model_of(self.fake))
        self.rate = 60

    async def play(self, seconds: float) -> None:
        """Step every millisecond: the mixer itself decides what is due."""
        for _ in range(round(seconds * 1000)):
            sources = (self.source, self.other)
            self.mixer.step(self.clock.monotonic(), sources, self.additions, rate=self.rate, face_found=self.face_found)
            await self.clock.sleep(0.001)

    def want(self, **values: float) -> None:
        self.source.wanted = {name: Wish(value) for name, value in values.items()}

    def sent(self, mode: str = "set") -> list[tuple[float, dict[str, Any]]]:
        logged = self.fake.log("InjectParameterDataRequest")
        return [(each.at, {row["id"]: row for row in each.data["parameterValues"]}) for each in logged if each.data["mode"] == mode]


@asynccontextmanager
async def bench_of(clock: Clock) -> AsyncIterator[Bench]:
    """Run a mixer's lanes."""
    bench = Bench(clock)
    async with TaskScope("test") as scope:
        tasks = [scope.start(work(), name="lane", is_awaited=True) for work in (bench.mixer.run_set, bench.mixer.run_add)]
        yield bench
        for task in tasks:
            task.cancel()
            with suppress(BaseException):
                await task
    assert [each.kind for each in bench.fake.violations] == []


def test_our_own_parameters_fit_the_rules_of_vtube_studio() -> None:
    assert len({own.name for own in OWN_PARAMETERS}) == len(OWN_PARAMETERS) <= 100
    for own in OWN_PARAMETERS:
        assert re.fullmatch(r"Voxelle[A-Za-z0-9]{1,25}", own.name)
        assert 4 <= len(own.name) <= 32
        assert 0 < len(own.explanation) < 256
        assert own.minimum <= own.default <= own.maximum


@pytest.mark.virtual_time
async def test_nothing_is_sent_when_nothing_is_wanted(clock: Clock) -> None:
    async with bench_of(clock) as bench:
        await bench.play(5.0)
        assert bench.sent() == []
        assert bench.mixer.is_empty


@pytest.mark.virtual_time
async def test_a_held_input_is_sent_twice_a_second_and_never_lost(clock: Clock) -> None:
    async with bench_of(clock) as bench:
        bench.want(FaceAngleX=10.0)
        await bench.play(10.0)
        late = [at for at, _ in bench.sent() if at > 1.0]
        assert 17 <= len(late) <= 19
        assert bench.fake.parameters.value("FaceAngleX") == 10.0


@pytest.mark.virtual_time
async def test_an_input_is_taken_over_and_given_back_by_its_weight(clock: Clock) -> None:
    async with bench_of(clock) as bench:
        bench.want(FaceAngleX=10.0)
        await bench.play(1.0)
        bench.want()
        await bench.play(1.0)
        weights = [rows["FaceAngleX"]["weight"] for _, rows in bench.sent()]
        steps = [abs(second - first) for first, second in zip([0.0, *weights], weights, strict=False)]
        assert max(steps) <= 0.34
        assert 1.0 in weights
        assert weights[-1] == 0.0
        assert bench.mixer.is_empty
        assert {rows["FaceAngleX"]["value"] for _, rows in bench.sent()} == {10.0}


@pytest.mark.virtual_time
async def test_a_ramp_of_no_time_is_a_jump(clock: Clock) -> None:
    async with bench_of(clock) as bench:
        bench.source.wanted = {"FaceAngleX": Wish(10.0, 0.0)}
        await bench.play(0.1)
        assert bench.sent()[0][1]["FaceAngleX"]["weight"] == 1.0


@pytest.mark.virtual_time
@pytest.mark.parametrize("rate", [30, 60])
async def test_while_something_moves_frames_come_at_the_rate_that_was_set(clock: Clock, rate: int) -> None:
    async with bench_of(clock) as bench:
        bench.rate = rate
        bench.source.is_moving = True
        bench.want(MouthOpen=0.5)
        await bench.play(10.0)
        assert abs(len(bench.sent()) - 10 * rate) <= 2


@pytest.mark.virtual_time
async def test_all_inputs_of_a_mode_go_in_one_message(clock: Clock) -> None:
    async with bench_of(clock) as bench:
        bench.want(MouthOpen=0.5, FaceAngleX=1.0, FaceAngleY=2.0)
        bench.additions = {"EyeOpenLeft": -1.0}
        await bench.play(1.0)
        assert all(len(rows) == 3 for _, rows in bench.sent())
        assert all(set(rows["EyeOpenLeft"]) == {"id", "value"} for _, rows in bench.sent("add"))
        assert bench.fake.parameters.value("EyeOpenLeft") == 0.0


@pytest.mark.virtual_time
async def test_what_was_added_ends_with_a_zero(clock: Clock) -> None:
    async with bench_of(clock) as bench:
        bench.additions = {"EyeOpenLeft": -1.0}
        await bench.play(0.2)
        bench.additions = {}
        await bench.play(0.2)
        assert bench.sent("add")[-1][1]["EyeOpenLeft"]["value"] == 0.0
        assert bench.mixer.is_empty


@pytest.mark.virtual_time
async def test_a_slow_server_gets_the_newest_values_and_never_two_at_once(clock: Clock) -> None:
    async with bench_of(clock) as bench:
        bench.fake.faults.delay_s = 0.2
        bench.source.is_moving = True
        for step in range(200):
            bench.want(MouthOpen=step / 200)
            await bench.play(0.01)
        times = [at for at, _ in bench.sent()]
        assert 8 <= len(times) <= 11
        for at, rows in bench.sent():
            assert rows["MouthOpen"]["value"] == pytest.approx(at / 2, abs=0.011)


@pytest.mark.virtual_time
async def test_an_input_that_is_not_there_is_left_out_with_a_note_and_the_others_move(clock: Clock) -> None:
    async with bench_of(clock) as bench:
        bench.mixer.use_model(Model("m"))
        bench.want(MouthOpen=0.5, Lost=1.0, FaceAngleX=1.0, Gone=1.0, FaceAngleY=1.0)
        await bench.play(1.0)
        assert set(bench.sent()[-1][1]) == {"MouthOpen", "FaceAngleX", "FaceAngleY"}
        assert sorted(bench.problems) == [
            "VTube Studio has no input Gone: it is left out.",
            "VTube Studio has no input Lost: it is left out.",
        ]
        before = len(bench.problems)
        await bench.play(2.0)
        assert len(bench.problems) == before


@pytest.mark.virtual_time
async def test_what_the_model_is_known_to_lack_is_not_even_tried(clock: Clock) -> None:
    async with bench_of(clock) as bench:
        bench.want(Lost=1.0)
        await bench.play(1.0)
        assert bench.sent() == []
        bench.mixer.use_model(Model("m", parameters=frozenset({"MouthOpen"})))
        bench.want(MouthOpen=1.0, FaceAngleX=1.0)
        await bench.play(1.0)
        assert set(bench.sent()[-1][1]) == {"MouthOpen"}


@pytest.mark.virtual_time
async def test_an_input_that_another_plugin_holds_is_added_to_and_our_own_moves(clock: Clock) -> None:
    async with bench_of(clock) as bench:
        bench.mixer.use_model(Model("m"))
        await bench.api.ask("ParameterCreationRequest", {"parameterName": "VoxelleMouthOpen", "min": 0, "max": 1, "defaultValue": 0})
        bench.fake.parameters.hold_by_other("MouthOpen", 0.2)
        bench.fake.parameters.hold_by_other("MouthSmile", 0.1)
        bench.want(MouthOpen=0.5, MouthSmile=0.7, VoiceA=0.3)
        await bench.play(1.0)
        assert bench.fake.parameters.value("MouthOpen") == pytest.approx(0.7)
        assert bench.fake.parameters.value("MouthSmile") == pytest.approx(0.3)
        assert bench.fake.parameters.value("VoxelleMouthOpen") == pytest.approx(0.5)
        assert bench.fake.parameters.value("VoiceA") == pytest.approx(0.3)
        assert any(
            "Another plugin holds MouthOpen" in problem and "VoxelleMouthOpen moves as well" in problem for problem in bench.problems
        )
        bench.fake.parameters.release_by_other("MouthOpen")
        await bench.play(31.0)
        assert set(bench.sent()[-1][1]) >= {"MouthOpen", "VoiceA"}
        assert bench.fake.parameters.value("MouthOpen") == pytest.approx(0.5)


@pytest.mark.virtual_time
async def test_an_unknown_input_that_is_added_is_left_out_too(clock: Clock) -> None:
    async with bench_of(clock) as bench:
        bench.mixer.use_model(Model("m"))
        bench.additions = {"EyeOpenLeft": -0.5, "Lost": 1.0}
        await bench.play(1.0)
        assert set(bench.sent("add")[-1][1]) == {"EyeOpenLeft"}
        assert bench.problems == ["VTube Studio has no input Lost: it is left out."]


@pytest.mark.virtual_time
async def test_other_refusals_are_told_once_and_tried_again_gently(clock: Clock) -> None:
    async with bench_of(clock) as bench:
        bench.fake.faults.fail_next("InjectParameterDataRequest", 0, 8)
        bench.source.is_moving = True
        bench.want(MouthOpen=0.5)
        await bench.play(1.0)
        assert len(bench.sent()) <= 5
        await bench.play(2.0)
        assert bench.fake.parameters.value("MouthOpen") == 0.5
        assert bench.problems == ["VTube Studio refused to move the model: Made to fail."]


@pytest.mark.virtual_time
async def test_values_stay_within_what_an_input_takes(clock: Clock) -> None:
    async with bench_of(clock) as bench:
        bench.mixer.use_model(Model("m"))
        bench.want(VoxelleMood=-5.0, VoxelleEnergy=float("nan"), FaceAngleX=1e12, FaceAngleY=float("inf"))
        await bench.play(0.1)
        rows = bench.sent()[0][1]
        assert {name: each["value"] for name, each in rows.items()} == {
            "VoxelleMood": -1.0,
            "VoxelleEnergy": 0.0,
            "FaceAngleX": 1_000_000.0,
            "FaceAngleY": 0.0,
        }


@pytest.mark.virtual_time
async def test_the_mouth_has_the_last_word_but_a_pose_may_have_its_form(clock: Clock) -> None:
    async with bench_of(clock) as bench:
        bench.want(MouthOpen=0.1, MouthSmile=1.0)
        bench.other.wanted = {"MouthOpen": Wish(0.9), "MouthSmile": Wish(0.2), "VoiceFrequency": Wish(0.3)}
        await bench.play(0.5)
        rows = bench.sent()[-1][1]
        assert {name: each["value"] for name, each in rows.items()} == {"MouthOpen": 0.9, "MouthSmile": 1.0, "VoiceFrequency": 0.3}


@pytest.mark.virtual_time
async def test_a_face_is_said_to_be_there_when_the_streamer_says_so(clock: Clock) -> None:
    async with bench_of(clock) as bench:
        bench.want(MouthOpen=0.1)
        await bench.play(0.1)
        assert "faceFound" not in bench.fake.log("InjectParameterDataRequest")[-1].data
        bench.face_found = True
        await bench.play(1.0)
        assert bench.fake.log("InjectParameterDataRequest")[-1].data["faceFound"] is True


@pytest.mark.virtual_time
async def test_signed_out_the_lane_ends(clock: Clock) -> None:
    bench = Bench(clock)
    bench.fake.faults.fail_next("InjectParameterDataRequest", 8)
    bench.want(MouthOpen=0.1)
    bench.mixer.step(clock.monotonic(), (bench.source,), {}, rate=60, face_found=False)
    with pytest.raises(TemporaryError):
        await bench.mixer.run_set()
