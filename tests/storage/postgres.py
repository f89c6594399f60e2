"""A real PostgreSQL server in a temporary folder, on loopback, run by a user who is not root."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

USER = "voxelle"
PASSWORD = "open sesame"


@dataclass
class Server:
    """A running server."""

    programs: Path
    folder: Path
    port: int
    databases: int = field(default=0)

    def new_database(self) -> str:
        """Create an empty database and return its address, without the password."""
        self.databases += 1
        name = f"test_{self.databases}"
        with psycopg.connect(f"postgresql://{USER}@127.0.0.1:{self.port}/postgres", password=PASSWORD, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        """Start and wait until it answers."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        _run(self.programs / "pg_ctl", "-D", str(self.folder / "data"), "-o", options, "-l", str(self.folder / "log"), "-w", "start")

    def stop(self) -> None:
        """Stop at once, as a crash would."""
        _run(self.programs / "pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")


def binaries() -> Path | None:
    """Return the folder of the server's programs."""
    on_path = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep)]
    of_debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in [*on_path, *of_debian] if (place / "initdb").exists() and (place / "pg_ctl").exists()), None)


@contextmanager
def running() -> Iterator[Server]:
    """Make a server, run it, and leave nothing behind."""
    programs = binaries()
    assert programs is not None
    folder = Path(tempfile.mkdtemp(prefix="vx-pg-"))
    password_file = folder / "password"
    password_file.write_text(PASSWORD)
    user = _other_user()
    if user is not None:
        for path in (folder, password_file):
            shutil.chown(path, user)
    server = Server(programs, folder, _free_port())
    try:
        _run(
            programs / "initdb",
            *("-D", str(folder / "data"), "-U", USER, "--pwfile", str(password_file)),
            *("--auth=scram-sha-256", "-E", "UTF8", "--no-locale", "--no-sync"),
        )
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


def _run(program: Path, *arguments: str) -> None:
    """Run a program of PostgreSQL's, which refuses to be root."""
    user = _other_user()
    # Not a pipe: the server would hold it open.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            [program, *arguments],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            user=user,
            extra_groups=None if user is None else (),
            timeout=60,
            check=False,
        )
        output.seek(0)
        assert done.returncode == 0, output.read().decode(errors="replace")


def _other_user() -> str | None:
    return "nobody" if hasattr(os, "geteuid") and os.geteuid() == 0 else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
