"""The command line as a person types it: output, exit codes, and one sentence for what goes wrong."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

import voxelle
from voxelle import benches
from voxelle.cli import ProgressLine, main
from voxelle.doctor import Finding
from voxelle.domain.errors import AuthError, InputError, SetupError, TemporaryError, VoxelleError
from voxelle.kernel.packs import InstallProgress
from voxelle.start import EXIT_AUTH, EXIT_FAILED, EXIT_INTERRUPTED, EXIT_SETUP, EXIT_TEMPORARY, EXIT_USAGE


def run(*arguments: str) -> int:
    """Run the command line in this process and return its exit code."""
    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    return int(end.value.code or 0)


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--version") == 0
    assert capsys.readouterr().out.strip() == voxelle.__version__


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    out = capsys.readouterr().out
    assert all(command in out for command in ("rehearse", "say", "doctor", "bench", "ctl", "self-test", "packs", "--version"))


def test_a_wrong_option_is_a_usage_error() -> None:
    assert run("rehearse") != 0
    assert run("dance") != 0


def test_a_rehearsal_runs_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "lines.jsonl"
    file.write_text('{"at": 0, "author": "tom", "text": "hello?"}\n', encoding="utf-8")
    assert run("rehearse", str(file), "--engine-set", "stub", "--speed", "50", "--wav", str(tmp_path / "a.wav")) == 0
    assert json.loads(capsys.readouterr().out)["outcome"] == "completed"


def test_a_rehearsal_reads_standard_input(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "voxelle", "rehearse", "-", "--engine-set", "stub", "--speed", "50", "--data-dir", str(tmp_path)],
        input='{"at": 0, "author": "tom", "text": "hello?"}\n',
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["heard_text"]


@pytest.mark.parametrize("content,sentence", [(None, "can't be read"), (b"\xff\xfe\x00", "UTF-8"), (b"{nonsense\n", "1")])
def test_a_file_that_is_no_rehearsal_is_a_sentence(
    tmp_path: Path, content: bytes | None, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "lines.jsonl"
    if content is not None:
        file.write_bytes(content)
    assert run("rehearse", str(file), "--engine-set", "stub") == EXIT_USAGE
    err = capsys.readouterr().err
    assert sentence in err
    assert "Traceback" not in err


def test_ctl_says_when_nothing_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("ctl", "status", "--data-dir", str(tmp_path)) == EXIT_SETUP
    assert "not running" in capsys.readouterr().err


@pytest.mark.parametrize("is_json", [True, False])
def test_ctl_prints_the_answer(is_json: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    asked = []

    async def call(_path: Path, verb: str, arguments: dict[str, str]) -> dict[str, str]:
        await asyncio.sleep(0)
        asked.append((verb, arguments))
        return {"state": "idle"}

    monkeypatch.setattr("voxelle.kernel.control.call", call)
    assert run("ctl", "tell", "hi", *(["--json"] if is_json else [])) == 0
    assert asked == [("tell", {"text": "hi"})]
    out = capsys.readouterr().out
    assert (json.loads(out) == {"state": "idle"}) if is_json else (out == "state: idle\n")


@pytest.mark.parametrize(
    "error,code",
    [
        (AuthError("Sign in again."), EXIT_AUTH),
        (SetupError("Correct that."), EXIT_SETUP),
        (TemporaryError("Wait."), EXIT_TEMPORARY),
        (InputError("What?"), EXIT_USAGE),
        (VoxelleError("Hm."), EXIT_FAILED),
        (KeyboardInterrupt(), EXIT_INTERRUPTED),
    ],
)
def test_every_failure_has_its_exit_code(
    error: BaseException, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_name: str, _paths: object) -> None:
        raise error

    monkeypatch.setattr(benches, "run", fail)
    assert run("bench", "turn") == code
    assert capsys.readouterr().err == (f"{error}\n" if isinstance(error, VoxelleError) else "")


@pytest.mark.parametrize("value,code", [(1.0, 0), (9.0, EXIT_FAILED)])
def test_a_bench_that_misses_its_goal_exits_with_1(
    value: float, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    figure = benches.Figure("orchestration_p99_ms", value, "ms", "<= 5")
    monkeypatch.setattr(benches, "run", lambda name, _paths: benches.Report(name, (figure,)))
    assert run("bench", "turn", "--json") == code
    assert json.loads(capsys.readouterr().out)["ok"] == (code == 0)
    assert run("bench", "turn") == code
    assert "orchestration_p99_ms" in capsys.readouterr().out


def test_an_unknown_bench_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("bench", "dance") == EXIT_USAGE
    assert "there are turn" in capsys.readouterr().err


@pytest.mark.parametrize("level", ["ok", "bad"])
def test_the_doctor_prints_his_findings(level: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    async def examine(_paths: object) -> list[Finding]:
        await asyncio.sleep(0)
        return [Finding("Sound", level, "There is a device.")]

    monkeypatch.setattr("voxelle.doctor.examine", examine)
    code = EXIT_FAILED if level == "bad" else 0
    assert run("doctor", "--json") == code
    assert json.loads(capsys.readouterr().out)["ok"] == (level == "ok")
    assert run("doctor") == code
    assert "Sound: There is a device." in capsys.readouterr().out


def test_packs_are_listed_and_an_unknown_one_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("packs", "list") == 0
    assert "llm-small" in capsys.readouterr().out
    assert run("packs", "list", "--json") == 0
    assert {row["id"] for row in json.loads(capsys.readouterr().out)} >= {"llm-default", "llm-small", "minilm"}
    assert run("packs", "install", "nothing") == EXIT_USAGE
    assert run("packs", "install") == EXIT_USAGE
    assert "Known packs" in capsys.readouterr().err


def test_without_a_display_the_companion_runs_headless(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    async def converse(_paths: object) -> int:
        await asyncio.sleep(0)
        return 0

    monkeypatch.setattr("voxelle.headless.converse", converse)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert run() == 0
    assert "There is no display." in capsys.readouterr().err
    assert run("--headless") == 0
    assert "You asked for no window." in capsys.readouterr().err


@pytest.mark.engines
def test_the_self_test_says_a_sentence_with_the_embedded_voice(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("self-test") == 0
    assert capsys.readouterr().out.count("ok ") == 3


@pytest.mark.engines
def test_say_writes_the_voice_into_a_file_and_holds_back_what_must_not_be_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wav = tmp_path / "voice.wav"
    assert run("say", "Hello, this is a test.", "--wav", str(wav)) == 0
    assert wav.stat().st_size > 50_000
    assert run("say", "Visit foo.com now.", "--wav", str(wav)) == EXIT_FAILED
    assert "safety gate" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words,arguments",
    [
        (("connections",), {}),
        (("connection", "twitch"), {"connection": "twitch", "arguments": {}}),
        (
            ("connection", "twitch", "sign_in", "account=bot"),
            {"connection": "twitch", "action": "sign_in", "arguments": {"account": "bot"}},
        ),
        (
            ("connection", "x", "do", 'deed={"kind": "hotkey"}', "list=[1, 2]", "note=[not json", "formula=a=b"),
            {
                "connection": "x",
                "action": "do",
                "arguments": {"deed": {"kind": "hotkey"}, "list": [1, 2], "note": "[not json", "formula": "a=b"},
            },
        ),
        (("tell", "hello", "you"), {"text": "hello you"}),
    ],
)
def test_ctl_takes_words_behind_a_verb(words: tuple[str, ...], arguments: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    async def call(_path: Path, verb: str, given: dict[str, object]) -> None:
        await asyncio.sleep(0)
        asked.append((verb, given))

    monkeypatch.setattr("voxelle.kernel.control.call", call)
    assert run("ctl", *words) == 0
    assert asked == [(words[0], arguments)]


def test_ctl_says_how_an_action_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("ctl", "connection", "twitch", "sign_in", "bot") == EXIT_USAGE
    assert "name=value" in capsys.readouterr().err


def test_ctl_prints_what_has_parts_in_lines(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    async def call(_path: Path, _verb: str, _arguments: dict[str, object]) -> object:
        await asyncio.sleep(0)
        return {"twitch": {"level": "ok"}}

    monkeypatch.setattr("voxelle.kernel.control.call", call)
    assert run("ctl", "connections") == 0
    assert json.loads(capsys.readouterr().out) == {"twitch": {"level": "ok"}}


@pytest.mark.parametrize("is_terminal, lines", [(True, 0), (False, 11)])
def test_progress_is_shown_in_place_and_in_a_file_every_tenth(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], is_terminal: bool, lines: int
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: is_terminal)
    show = ProgressLine(lambda progress: f"{progress.share:.0%}")
    for done in range(101):
        show(InstallProgress("ears", "Ears", done, 100))
    said = capsys.readouterr().err
    assert said.count("\n") == lines
    assert said.rstrip().endswith("100%")
