"""Figures keep their goals or miss them, and a missed one is told by the exit code."""

from __future__ import annotations

import json
import math
import sys
from types import ModuleType

import pytest

from voxelle import cli, start
from voxelle.benches import NAMES, Figure, Report, percentile, run
from voxelle.domain.errors import InputError
from voxelle.kernel.paths import Paths


@pytest.mark.parametrize(
    "goal,value,is_ok",
    [
        ("<= 5", 5.0, True),
        ("<= 5", 5.001, False),
        ("< 1", 0.999, True),
        ("< 1", 1.0, False),
        (">= 2", 2.0, True),
        (">= 2", 1.999, False),
        ("== 0", 0.0, True),
        ("== 0", 1.0, False),
        ("", 1e9, True),
    ],
)
def test_a_figure_is_held_against_its_goal(goal: str, value: float, is_ok: bool) -> None:
    assert Figure("n", value, "ms", goal).is_ok is is_ok


@pytest.mark.parametrize("goal", ["", "<= 5", "< 5", ">= 0", "== 0"])
def test_what_is_no_number_is_never_good(goal: str) -> None:
    assert not Figure("n", math.nan, "ms", goal).is_ok


def test_a_report_without_figures_proves_nothing() -> None:
    assert not Report("turn", ()).is_ok


def test_one_missed_goal_fails_the_report() -> None:
    report = Report("turn", (Figure("a", 1, "ms", "<= 5"), Figure("b", 6, "ms", "<= 5")))
    assert not report.is_ok
    assert "MISSED" in report.as_text()
    assert "a goal was missed" in report.as_text()


def test_the_json_form_is_what_was_agreed() -> None:
    report = Report("turn", (Figure("a", 1.5, "ms", "<= 5"), Figure("b", math.nan, "ms")))
    assert json.loads(json.dumps(report.as_json(), allow_nan=False)) == {
        "bench": "turn",
        "figures": [
            {"name": "a", "value": 1.5, "unit": "ms", "goal": "<= 5", "ok": True},
            {"name": "b", "value": None, "unit": "ms", "goal": "", "ok": False},
        ],
        "ok": False,
    }


@pytest.mark.parametrize(
    "values,share,expected", [([3, 1, 2], 0.5, 2), ([1], 0.99, 1), (range(1, 101), 0.99, 99), ([2, 1], 1.0, 2), ([2, 1], 0.0, 1)]
)
def test_a_percentile_is_the_nearest_rank(values: list[float], share: float, expected: float) -> None:
    assert percentile(values, share) == expected


def test_a_percentile_of_nothing_is_no_number() -> None:
    assert math.isnan(percentile([], 0.5))


def test_an_unknown_bench_is_a_sentence(paths: Paths) -> None:
    with pytest.raises(InputError, match="There is no bench 'speed'"):
        run("speed", paths)


@pytest.fixture
def value(monkeypatch: pytest.MonkeyPatch) -> Figure:
    """Put a bench in the place of `turn` that prints and measures what `value.value` says."""
    figure = Figure("a", 1.0, "ms", "<= 5")

    def measure(_paths: Paths) -> tuple[Figure, ...]:
        sys.stdout.write("a library that talks")
        return (figure,)

    module = ModuleType("voxelle.benches.turn")
    monkeypatch.setattr(module, "measure", measure, raising=False)
    monkeypatch.setitem(sys.modules, "voxelle.benches.turn", module)
    return figure


@pytest.mark.parametrize("measured,code", [(1.0, 0), (9.0, start.EXIT_FAILED), (math.nan, start.EXIT_FAILED)])
def test_the_command_prints_one_object_and_tells_a_missed_goal(
    value: Figure, measured: float, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    object.__setattr__(value, "value", measured)
    with pytest.raises(SystemExit) as ended:
        cli.main(["bench", "turn", "--json"])
    assert ended.value.code == code
    assert json.loads(capsys.readouterr().out)["ok"] is (code == 0)


def test_an_unknown_bench_has_the_exit_code_of_a_wrong_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["bench", "speed"])
    assert ended.value.code == start.EXIT_USAGE
    told = capsys.readouterr().err
    assert all(name in told for name in NAMES)
