"""Sets Voxelle up on a fresh machine, then runs or tests it. Standard library only; every start after the first is quick and offline.

python3 packaging/bootstrap.py run [--small] [--yes] [--data-dir FOLDER] [-- ARGUMENTS FOR VOXELLE]
python3 packaging/bootstrap.py test [--yes] [--data-dir FOLDER] [-- STEPS]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST, NEWEST = (3, 11), (3, 13)
NODE_FOLDER = Path("tests", "integrations", "vtube_studio", "node")
OLDEST_NODE = 18
ENVIRONMENT_MB = {"run": 910, "test": 1280}
PACKS = {
    "run": ["llm-default", "minilm", "ears", "stt-base"],
    "small": ["llm-small", "minilm", "ears", "stt-tiny"],
    "test": ["llm-small", "minilm", "ears", "speaker", "stt-tiny"],
}
LOCKS = {"run": "requirements.lock", "test": "requirements-dev.lock"}
SOURCES = Path("tests", "requirements-source.lock")
"""What the tests need and no registry holds ready-made: built here, with the tools of the lock."""


class Trouble(Exception):  # noqa: N818 it is what the user reads, not a bug
    """Setting up can't go on. The message is a sentence for the user."""


def main(arguments: list[str]) -> int:
    """Run one of the two commands and return its exit code."""
    # Windows and pipes: what we say must come before what the programs say that we start.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(line_buffering=True, errors="replace")
    ours, theirs = _split(arguments)
    options = _parser().parse_args(ours)
    try:
        suitable = find_python()
        if suitable:
            return subprocess.call([*suitable, str(Path(__file__).resolve()), *arguments])
        environ = dict(os.environ)
        if options.data_dir is not None:
            environ["VOXELLE_DATA_DIR"] = str(options.data_dir.expanduser().absolute())
        prepare(options, environ)
    except Trouble as trouble:
        print(f"\nVoxelle could not be set up: {trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. What was fetched is kept; run the same command again to go on.", file=sys.stderr)
        return 130
    return start(options.command, theirs, environ)


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Part our arguments from those after `--`, which are handed on."""
    if "--" not in arguments:
        return arguments, []
    border = arguments.index("--")
    return arguments[:border], arguments[border + 1 :]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bootstrap.py", description="Set Voxelle up on this machine, then run or test it.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="run|test")
    run = commands.add_parser("run", help="set up what is missing and start Voxelle")
    run.add_argument("--small", action="store_true", help="smaller models (0.6 GB) for small machines, not the larger ones (1.3 GB)")
    test = commands.add_parser("test", help="set up what is missing and run every check")
    test.set_defaults(small=True)
    for command in (run, test):
        command.add_argument("--yes", "-y", action="store_true", help="do not ask before installing")
        command.add_argument("--data-dir", type=Path, help="keep everything of Voxelle in this folder")
    return parser


def find_python() -> list[str]:
    """Return nothing if this Python suits, else the command of one that does. Raises Trouble when there is none."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return []
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        command = ["py", f"-3.{minor}"] if os.name == "nt" else [f"python3.{minor}"]
        works = shutil.which(command[0]) and subprocess.call([*command, "-c", ""], stderr=subprocess.DEVNULL) == 0
        if works:
            return command
    here = ".".join(str(number) for number in sys.version_info[:2])
    msg = (
        f"it needs Python 3.{OLDEST[1]} to 3.{NEWEST[1]}, and this is Python {here}. Install one of them "
        "(Debian, Ubuntu: apt install python3.12 python3.12-venv; macOS: brew install python@3.12; "
        "Windows: winget install Python.Python.3.12), then run the same command again."
    )
    raise Trouble(msg)


def prepare(options: argparse.Namespace, environ: dict[str, str]) -> None:
    """Bring everything that is missing, after saying what and asking."""
    sys.path.insert(0, str(ROOT / "packaging"))
    import system_packages

    profile = options.command
    wanted = PACKS["small" if profile == "run" and options.small else profile]
    missing = system_packages.find_missing(for_tests=profile == "test")
    needs_environment = not is_current(profile)
    absent = wanted if needs_environment else absent_packs(wanted, environ)
    plan = [missing.describe()] if missing else []
    needs_node = profile == "test" and not is_node_current()
    if needs_node:
        plan.append(f"packages for Node.js, about 25 MB, pinned and verified, for the tests alone: in {ROOT / NODE_FOLDER}")
    if needs_environment:
        plan.append(f"Python packages, about {ENVIRONMENT_MB[profile]} MB, pinned and verified: in {ROOT / '.venv'}")
    if absent:
        size = sum(_pack_mb(pack) for pack in absent)
        place = environ.get("VOXELLE_PACKS_DIR") or environ.get("VOXELLE_DATA_DIR") or "your data folder"
        plan.append(f"weights of the embedded engines, {size:,} MB unless already there: in {place}")
    if not plan:
        return
    print("Voxelle is about to install:", *(f"  - {line}" for line in plan), sep="\n")
    if not (options.yes or is_agreed()):
        msg = "nothing was installed."
        raise Trouble(msg)
    if missing and (sentence := system_packages.install(missing)):
        raise Trouble(sentence)
    if needs_node:
        fetch_node_packages()
    if needs_environment:
        make_environment(profile)
    fetch_packs(wanted, environ, is_needed=profile == "test")


def is_agreed() -> bool:
    """Ask, where there is somebody to ask."""
    if not sys.stdin or not sys.stdin.isatty():
        return True
    return input("Go on? [Y/n] ").strip().lower() in ("", "y", "yes")


def _pack_mb(pack: str) -> int:
    manifest = json.loads((ROOT / "resources" / "packs" / f"{pack}.json").read_text(encoding="utf-8"))
    return int(sum(file["size"] for file in manifest["files"])) // 1_000_000


def python_of_environment() -> Path:
    """Return the interpreter inside `.venv`."""
    return ROOT / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _stamp_file() -> Path:
    return ROOT / ".venv" / "voxelle-stamp.json"


def wanted_stamp(profile: str) -> str:
    """Return what the environment was made from: lock, project file, place and Python version."""
    digest = hashlib.sha256()
    sources = [SOURCES.as_posix()] if profile == "test" else []
    for part in (LOCKS[profile], "pyproject.toml", *sources):
        digest.update((ROOT / part).read_bytes())
    digest.update(f"{ROOT} {sys.version_info[:2]}".encode())
    return digest.hexdigest()


def _stamps() -> dict[str, str]:
    try:
        stamps: dict[str, str] = json.loads(_stamp_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamps


def is_current(profile: str) -> bool:
    """Tell whether `.venv` was made from the lock as it is now."""
    return python_of_environment().exists() and _stamps().get(profile) == wanted_stamp(profile)


def make_environment(profile: str) -> None:
    """Make or renew `.venv` from the lock; every package is verified by its hash."""
    python = python_of_environment()
    version = f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]!r})"
    is_usable = python.exists() and subprocess.call([str(python), "-c", version], stderr=subprocess.DEVNULL) == 0
    stamps = _stamps() if is_usable else {}
    if is_usable:
        _stamp_file().unlink(missing_ok=True)
    else:
        _call([sys.executable, "-m", "venv", "--clear", str(ROOT / ".venv")], "the environment .venv can't be made")
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"]
    print("Installing Python packages. This takes a few minutes the first time.")
    lock = str(ROOT / LOCKS[profile])
    _call([*pip, "--only-binary", ":all:", "--require-hashes", "-r", lock], "Python packages could not be fetched")
    if profile == "test":
        order = ["--no-deps", "--no-build-isolation", "--require-hashes", "-r", str(ROOT / SOURCES)]
        _call([*pip, *order], "a Python package of the tests could not be built")
    _call([*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)], "Voxelle itself could not be installed")
    # The environment of the tests holds all that running needs.
    made = {"run", "test"} if profile == "test" else {"run"}
    kept = {name: stamp for name, stamp in stamps.items() if name == "test" and stamp == wanted_stamp("test")}
    _stamp_file().write_text(json.dumps({**kept, **{name: wanted_stamp(name) for name in made}}), encoding="utf-8")


def _call(command: list[str], failure: str) -> None:
    if subprocess.call(command, stdin=subprocess.DEVNULL) != 0:
        msg = f"{failure}: see the message above. With the internet connection and room on the disk checked, run the same command again."
        raise Trouble(msg)


def _node_stamp() -> tuple[Path, str]:
    folder = ROOT / NODE_FOLDER
    return folder / "node_modules" / "voxelle-stamp", hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()


def is_node_current() -> bool:
    """Tell whether the packages for Node.js were installed from their lock as it is now."""
    file, wanted = _node_stamp()
    return file.is_file() and file.read_text(encoding="utf-8") == wanted


def fetch_node_packages() -> None:
    """Install the packages for Node.js from their lock; each is verified by its hash, and no script of theirs runs."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None or node_version(node) < OLDEST_NODE:
        msg = (
            f"the tests need Node.js {OLDEST_NODE} or newer with npm. Install it (Debian, Ubuntu: apt install nodejs npm; "
            "macOS: brew install node; Windows: winget install OpenJS.NodeJS.LTS), then run the same command again."
        )
        raise Trouble(msg)
    order = [npm, "--prefix", str(ROOT / NODE_FOLDER), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    _call(order, "packages for Node.js could not be fetched")
    file, stamp = _node_stamp()
    file.parent.mkdir(exist_ok=True)
    file.write_text(stamp, encoding="utf-8")


def node_version(node: str) -> int:
    """Return the first number of Node.js' version; 0 when it does not say."""
    said = subprocess.run([node, "--version"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    number = said.stdout.strip().removeprefix("v").partition(".")[0]
    return int(number) if number.isdecimal() else 0


def absent_packs(packs: list[str], environ: dict[str, str]) -> list[str]:
    """Return the packs that are not installed and verified yet."""
    question = [str(python_of_environment()), "-m", "voxelle", "packs", "list", "--json"]
    answer = subprocess.run(question, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8", check=False)
    try:
        present = {row["id"] for row in json.loads(answer.stdout) if row["is_installed"]}
    except ValueError:
        return packs  # installing says what is wrong
    return [pack for pack in packs if pack not in present]


def fetch_packs(packs: list[str], environ: dict[str, str], *, is_needed: bool) -> None:
    """Fetch and verify weights; Voxelle starts without them too and offers to fetch them again."""
    if subprocess.call([str(python_of_environment()), "-m", "voxelle", "packs", "install", *packs], env=environ) != 0:
        if is_needed:
            msg = "the weights of the embedded engines could not be fetched: see the message above."
            raise Trouble(msg)
        print("Warning: the weights are not all there. Voxelle starts anyway; its Engines page can fetch them.")


def start(command: str, arguments: list[str], environ: dict[str, str]) -> int:
    """Hand over to Voxelle or to the checks, and return their exit code."""
    target = ["-m", "voxelle"] if command == "run" else [str(ROOT / "packaging" / "checks.py")]
    process = subprocess.Popen([str(python_of_environment()), *target, *arguments], env=environ)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # it got the same signal and ends by itself


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
