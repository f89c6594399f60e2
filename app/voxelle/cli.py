"""The command line. Imports stay light: what a command needs is imported when it runs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from voxelle import __version__
from voxelle.domain.errors import InputError
from voxelle.start import EXIT_FAILED, guarded, run_loop, start, tell

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Sequence

    from voxelle.kernel.packs import InstallProgress, PackStore
    from voxelle.kernel.paths import Paths

DataDir = Annotated[Path | None, Parameter(name="--data-dir", help="Keep everything below this folder (or set VOXELLE_DATA_DIR).")]
EngineSet = Literal["settings", "default", "small", "stub"]
Json = Annotated[bool, Parameter(name="--json", negative="", help="Print JSON.")]

app = App(name="voxelle", version=__version__, help="The AI co-host on a streamer's own computer. Without a command: open the window.")
packs_app = App(name="packs", help="Weights of the embedded engines.")
app.command(packs_app)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; every expected failure is one sentence and an exit code."""
    sys.exit(guarded(lambda: app(arguments, result_action="return_value", exit_on_error=True)))


@app.default
def window(
    *, data_dir: DataDir = None, headless: Annotated[bool, Parameter(negative="", help="No window, even with a display.")] = False
) -> int:
    """Open the window; without a display, run the same companion headless."""
    return start(_paths(data_dir), is_headless=headless)


@app.command
def rehearse(
    file: Annotated[str, Parameter(allow_leading_hyphen=True, help="A file of JSON lines, or - for standard input.")],
    *,
    wav: Annotated[Path | None, Parameter(help="Write her voice into this WAV file.")] = None,
    speed: Annotated[float, Parameter(help="How many times faster than written the lines arrive; 0: as fast as it goes.")] = 1.0,
    engine_set: Annotated[
        EngineSet, Parameter(help="Which engines: those of the settings, the default or small pack, or stubs that need no weights.")
    ] = "settings",
    data_dir: DataDir = None,
) -> int:
    """Play a file of JSON lines (`-` for standard input) and print one JSON record a turn.

    A line is a stimulus, or a message as it came from Twitch's EventSub.
    """
    from voxelle.rehearsal import rehearse as play

    return _exit_code(play(_lines(file), wav=wav, speed=speed, engine_set=engine_set, data_dir=data_dir))


@app.command
def say(
    text: str,
    *,
    wav: Annotated[Path | None, Parameter(help="Write into this WAV file instead of the loudspeakers.")] = None,
    data_dir: DataDir = None,
) -> int:
    """Let the character on stage say a text, through the safety gate."""
    from voxelle.rehearsal import say as speak

    return _exit_code(speak(_paths(data_dir), text, wav))


@app.command
def ctl(verb: str, *words: str, json_: Json = False, data_dir: DataDir = None) -> int:
    """Ask the running instance for something.

    Verbs: status, tell TEXT, stop, panic, mute, unmute, toggle-mute, pause-chat, resume-chat, show, quit, events, react-again EVENT,
    acknowledge EVENT, connections, connection NAME ACTION KEY=VALUE… (such as: connection twitch sign_in account=bot).
    """
    from voxelle.kernel.control import call

    answer = run_loop(call(_paths(data_dir).control_socket, verb, _arguments(verb, words)))
    if answer is not None:
        _print(json.dumps(answer) if json_ else _readable(answer))
    return 0


@app.command
def doctor(*, json_: Json = False, data_dir: DataDir = None) -> int:
    """Check this installation and say what to do about each finding."""
    from voxelle.doctor import examine

    findings = run_loop(examine(_paths(data_dir)))
    if json_:
        _print(json.dumps({"findings": [finding.as_json() for finding in findings], "ok": not any(finding.is_bad for finding in findings)}))
    else:
        for finding in findings:
            _print(f"{finding.level.upper():8} {finding.title}: {finding.sentence}")
    return EXIT_FAILED if any(finding.is_bad for finding in findings) else 0


@app.command
def bench(name: str, *, json_: Json = False, data_dir: DataDir = None) -> int:
    """Measure something (turn, road, lipsync, chat-flood, startup, idle, kill-engine, kill-app) and compare it with its goal."""
    from voxelle.benches import run

    report = run(name, _paths(data_dir))
    _print(json.dumps(report.as_json()) if json_ else report.as_text())
    return 0 if report.is_ok else EXIT_FAILED


@app.command(name="self-test")
def self_test(*, data_dir: DataDir = None) -> int:
    """Say one sentence through the whole road into memory, and check every part of it. For a fresh or frozen installation."""
    from voxelle.rehearsal import self_test as check

    return _exit_code(check(data_dir))


@packs_app.command(name="list")
def packs_list(*, json_: Json = False, data_dir: DataDir = None) -> int:
    """List the packs and which of them are installed."""
    store = _pack_store(_paths(data_dir))
    rows = [
        {
            "id": pack.id,
            "title": pack.title,
            "size": pack.size,
            "megabytes": round(pack.size / 1e6),
            "licence": pack.licence,
            "is_installed": store.is_installed(pack.id),
        }
        for pack in store.packs.values()
    ]
    for row in rows if not json_ else []:
        state = "installed" if row["is_installed"] else "missing"
        _print(f"{row['id']:14} {state:10} {row['megabytes']:8.0f} MB  {row['title']} ({row['licence']})")
    if json_:
        _print(json.dumps(rows))
    return 0


@packs_app.command(name="install")
def packs_install(*ids: str, data_dir: DataDir = None) -> int:
    """Fetch packs and verify them; goes on where it was stopped."""
    from voxelle.kernel.packs import progress_line

    store = _pack_store(_paths(data_dir))
    unknown = [pack_id for pack_id in ids if pack_id not in store.packs]
    if unknown or not ids:
        msg = f"There is no pack {', '.join(unknown) or 'given'}. Known packs: {', '.join(store.packs)}."
        raise InputError(msg)
    for pack_id in ids:
        if store.is_installed(pack_id):
            tell(f"{store.packs[pack_id].title} is installed.")
            continue
        store.install(pack_id, ProgressLine(progress_line))
        tell(f"\n{store.packs[pack_id].title} is installed and verified.")
    return 0


def _pack_store(paths: Paths) -> PackStore:
    from voxelle.kernel.packs import open_packs

    paths.create()
    return open_packs(paths)


def _paths(data_dir: Path | None) -> Paths:
    from voxelle.kernel.paths import Paths

    return Paths.find(data_dir)


def _lines(file: str) -> Iterable[str]:
    if file == "-":
        from voxelle.headless import typed_lines

        return typed_lines()
    try:
        return Path(file).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        msg = f"{file} can't be read: {error.strerror}."
        raise InputError(msg) from error
    except UnicodeDecodeError as error:
        msg = f"{file} is not a text file in UTF-8."
        raise InputError(msg) from error


def _exit_code(work: Coroutine[Any, Any, int]) -> int:
    return int(run_loop(work))


def _arguments(verb: str, words: Sequence[str]) -> dict[str, Any]:
    """Return the words behind a verb as its arguments."""
    if verb != "connection":
        return {"text": " ".join(words)} if words else {}
    pairs = [word.partition("=") for word in words[2:]]
    lone = [name for name, equals, _value in pairs if not equals]
    if lone:
        msg = f"Write what an action needs as name=value, not “{lone[0]}”."
        raise InputError(msg)
    return {**dict(zip(("connection", "action"), words[:2], strict=False)), "arguments": {name: _value(text) for name, _, text in pairs}}


def _value(text: str) -> Any:
    """Return a list or an object that was written as JSON, any other text as it is."""
    if not text.startswith(("[", "{")):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _readable(answer: Any) -> str:
    if isinstance(answer, list) or (isinstance(answer, dict) and any(isinstance(value, dict | list) for value in answer.values())):
        return json.dumps(answer, indent=2, ensure_ascii=False)
    if isinstance(answer, dict):
        return "\n".join(f"{key}: {value}" for key, value in answer.items())
    return str(answer)


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


class ProgressLine:
    """Shows how far it has come: in place on a terminal, in a file every tenth."""

    def __init__(self, wording: Callable[[InstallProgress], str]) -> None:
        self._wording = wording
        self._told = -1

    def __call__(self, progress: InstallProgress) -> None:
        """Show this much."""
        line, tenth = self._wording(progress), int(progress.share * 10)
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{line:<78}")
        elif tenth != self._told:
            sys.stderr.write(f"{line}\n")
        self._told = tenth
        sys.stderr.flush()
