"""Where everything lies: the streamer's folders and the files shipped with the program."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

import voxelle
from voxelle.domain.errors import SetupError

_APP = "voxelle"
_LONGEST_SOCKET_PATH = 100
"""macOS takes 104 bytes for the path of a unix socket, Linux 108."""
_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


@dataclass(frozen=True, slots=True)
class Paths:
    """The folders of one installation. Nothing exists until `create`."""

    data: Path
    """The conversation and characters."""
    config: Path
    """The settings."""
    cache: Path
    """What can be made again."""
    logs: Path
    runtime: Path
    """The local socket."""
    resources: Path
    """Shipped with the program, read-only."""
    packs: Path
    """Weights of the embedded engines."""

    @classmethod
    def find(cls, data_dir: Path | None = None, environ: Mapping[str, str] | None = None) -> Paths:
        """Return the folders: one by one from `VOXELLE_…_DIR`, else below `data_dir`, else where the system keeps such things."""
        env = os.environ if environ is None else environ
        below = data_dir or (Path(env["VOXELLE_DATA_DIR"]) if env.get("VOXELLE_DATA_DIR") else None)
        usual = platformdirs.PlatformDirs(_APP, appauthor=False, ensure_exists=False)

        def place(variable: str, name: str, otherwise: Path) -> Path:
            if env.get(variable):
                chosen = Path(env[variable])
            elif below is not None:
                chosen = below / name
            else:
                chosen = otherwise
            return chosen.expanduser().absolute()

        data = (below or usual.user_data_path).expanduser().absolute()
        return cls(
            data=data,
            config=place("VOXELLE_CONFIG_DIR", "config", usual.user_config_path),
            cache=place("VOXELLE_CACHE_DIR", "cache", usual.user_cache_path),
            logs=place("VOXELLE_LOG_DIR", "logs", usual.user_log_path),
            # Not the session's runtime folder: `voxelle ctl` from a hotkey or over ssh has another session, or none.
            runtime=place("VOXELLE_RUNTIME_DIR", "runtime", data / "runtime"),
            resources=resource(),
            packs=place("VOXELLE_PACKS_DIR", "packs", data / "packs"),
        )

    @property
    def settings_file(self) -> Path:
        """The settings as JSON."""
        return self.config / "settings.json"

    @property
    def database_file(self) -> Path:
        """The SQLite database, where no other is set."""
        return self.data / "voxelle.db"

    @property
    def log_file(self) -> Path:
        """The newest log; older ones have a number behind."""
        return self.logs / "voxelle.log"

    @property
    def lock_file(self) -> Path:
        """Held by the one running instance of this data folder."""
        return self.data / "instance.lock"

    @property
    def control_socket(self) -> Path:
        """Where `voxelle ctl` finds the running instance; moved to the temp folder when the path is too long for a socket."""
        import hashlib  # 4 MB, and the sound process needs only `resource`

        digest = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]
        path = self.runtime / f"control-{digest}.sock"
        if len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH:
            return path
        owner = os.getuid() if hasattr(os, "getuid") else "user"
        return Path(tempfile.gettempdir()) / f"{_APP}-{owner}-{digest}" / "control.sock"

    def create(self) -> None:
        """Make all folders, for this user only. Raises SetupError with a sentence when one can't be written."""
        for folder in (self.data, self.config, self.cache, self.logs, self.runtime, self.packs):
            make_private(folder)


def make_private(folder: Path) -> None:
    """Make a folder that only this user can enter, and make sure it can be written. Raises SetupError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"voxelle")
            probe.flush()
    except OSError as error:
        if error.errno in _FULL:
            msg = f"The disk is full: make room where {folder} lies, then start again."
        elif isinstance(error, FileExistsError | NotADirectoryError):
            msg = f"{folder} has to be a folder, but a file is in the way: move it, or choose another folder with --data-dir."
        else:
            msg = f"{folder} can't be written: check its permissions, or choose another folder with --data-dir."
        raise SetupError(msg) from error


def resource(*parts: str) -> Path:
    """Return a shipped file or folder: from the source tree, an installed wheel or the frozen program."""
    package = Path(voxelle.__path__[0])
    roots = [package / "_resources", package.parent.parent / "resources"]
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen is not None:
        roots[:0] = [Path(frozen) / "resources", Path(frozen) / "voxelle" / "_resources"]
    root = next((each for each in roots if each.is_dir()), roots[0])
    return root.joinpath(*parts)
