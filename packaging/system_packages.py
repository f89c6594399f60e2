"""System libraries Voxelle needs on Debian and Ubuntu: which are missing, and how they are installed. Standard library only."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field

# Package and its installed size in MB (0 is below one). Measured one by one on a bare Debian 12.
WINDOW = {
    "libgl1": 1,
    "libegl1": 0,
    "libxkbcommon0": 0,
    "libdbus-1-3": 0,
    "libfontconfig1": 1,
    "libglib2.0-0": 4,
    "libxcb-cursor0": 0,
    "libxcb-icccm4": 0,
    "libxcb-keysyms1": 0,
    "libxcb-shape0": 0,
    "libxkbcommon-x11-0": 0,
}
# libgomp1 is what llama.cpp computes with.
SOUND = {"libportaudio2": 0, "libasound2-plugins": 0, "libgomp1": 0}
# Failing to get these is a warning: the last fallback voice, and letters beyond Latin.
OPTIONAL = {"espeak-ng": 5, "fonts-noto-color-emoji": 11, "fonts-noto-cjk": 91}
# What the tests talk to: a screen, a sound server, a keyring, a database; and what freezing needs.
TEST = {
    "xvfb": 5,
    "xauth": 0,
    "pulseaudio": 7,
    "pulseaudio-utils": 0,
    "espeak-ng": 5,
    "gnome-keyring": 5,
    "dbus": 1,
    "postgresql": 60,
    "binutils": 25,
    "git": 45,
}
# Node.js, where there is none yet: an independent client and the TypeScript compiler, which the tests run.
NODE = {"nodejs": 48, "npm": 22}


@dataclass(frozen=True)
class Missing:
    """Packages to install, with their sizes in MB."""

    required: dict[str, int] = field(default_factory=dict)
    optional: dict[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.required or self.optional)

    def describe(self) -> str:
        """Say what will be installed, for the terminal."""
        names = {**self.required, **self.optional}
        return f"system packages, about {max(1, sum(names.values()))} MB, by apt: {', '.join(sorted(names))}"


def is_apt_system() -> bool:
    """Tell whether this is Debian, Ubuntu or a child of theirs."""
    return sys.platform.startswith("linux") and bool(shutil.which("apt-get") and shutil.which("dpkg-query"))


def find_missing(*, for_tests: bool) -> Missing:
    """Return what this machine lacks; nothing where there is no apt."""
    if not is_apt_system():
        return Missing()
    required = {**WINDOW, **SOUND}
    optional = dict(OPTIONAL)
    if for_tests:
        required.update(TEST)
        # Packages of other makers bring both programs in one, and bear Debian's npm no longer.
        required.update({name: size for name, size in NODE.items() if shutil.which(name.removesuffix("js")) is None})
        optional = {name: size for name, size in optional.items() if name not in required}
    if not _can_make_venv():
        required["python3-venv" if sys.executable == "/usr/bin/python3" else f"python3.{sys.version_info[1]}-venv"] = 6
    present = _installed([*required, *optional])
    return Missing(
        {name: size for name, size in required.items() if name not in present},
        {name: size for name, size in optional.items() if name not in present},
    )


def _can_make_venv() -> bool:
    """Debian ships Python without the parts that make environments."""
    return subprocess.run([sys.executable, "-c", "import ensurepip, venv"], capture_output=True, check=False).returncode == 0


def _installed(names: list[str]) -> set[str]:
    """Return which of the packages dpkg has installed; newer systems have some under a name that ends in t64."""
    asked = [*names, *(name + "t64" for name in names)]
    listing = subprocess.run(
        ["dpkg-query", "-W", "-f=${Package} ${db:Status-Status}\n", *asked], capture_output=True, text=True, check=False
    )
    rows = (line.split() for line in listing.stdout.splitlines())
    return {row[0].removesuffix("t64") for row in rows if row[1:] == ["installed"]}


def install(missing: Missing) -> str:
    """Install by apt, as root or through sudo. Returns a sentence when a required package could not be had, else nothing."""
    prefix = [] if os.geteuid() == 0 else ["sudo"]
    if prefix and shutil.which("sudo") is None:
        command = "apt-get install " + " ".join(missing.required)
        return f"This needs the rights of root, and there is no sudo. Run as root: {command}" if missing.required else ""
    _apt(prefix, ["update"])
    if missing.required and not _apt(prefix, ["install", *missing.required]):
        return f"apt could not install {', '.join(missing.required)}: see its message above, then run this again."
    for name in missing.optional:
        if not _apt(prefix, ["install", name]):
            print(f"Warning: {name} could not be installed. Voxelle works without it.")
    return ""


def _apt(prefix: list[str], order: list[str]) -> bool:
    environ = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    options = ["-y", "--no-install-recommends", "-o", "Dpkg::Use-Pty=0", "-q"] if order[0] == "install" else ["-q"]
    keep = ["env", "DEBIAN_FRONTEND=noninteractive"] if prefix else []
    return subprocess.call([*prefix, *keep, "apt-get", order[0], *options, *order[1:]], env=environ, stdin=subprocess.DEVNULL) == 0
