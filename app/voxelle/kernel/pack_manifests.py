"""What a pack of weights consists of: files, sizes, SHA-256, licence and where each file can come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated

import msgspec

from voxelle.domain.errors import SetupError

Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Name = Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9][A-Za-z0-9._-]*$")]
Size = Annotated[int, msgspec.Meta(gt=0)]


@dataclass(frozen=True, slots=True)
class PackPart:
    """A stretch of a file that lies in a wheel of a package registry, as one member of that archive."""

    package: Name
    version: Name
    wheel: Name
    """File name of the wheel."""
    wheel_sha256: Sha256
    wheel_size: Size
    member: str
    size: Size
    sha256: Sha256


@dataclass(frozen=True, slots=True)
class PackFile:
    """One file as the engine loads it: its parts joined, or the whole from a model hub."""

    path: str
    """Relative to the pack's folder, with forward slashes."""
    size: Size
    sha256: Sha256
    parts: tuple[PackPart, ...] = ()
    urls: tuple[Annotated[str, msgspec.Meta(pattern="^https://")], ...] = ()


@dataclass(frozen=True, slots=True)
class Pack:
    """Weights that are installed, verified and removed as one."""

    id: Name
    title: str
    purpose: str
    """The stage it serves: `llm`, `tts`, `emotion`, `embedding` …"""
    licence: str
    """SPDX identifier; the text lies in LICENSES."""
    origin: str
    """Who made the weights, as the model hub names them."""
    files: tuple[PackFile, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(each.size for each in self.files)


def load_packs(folder: Path) -> dict[str, Pack]:
    """Read every manifest of a folder, by pack id. Raises SetupError naming the broken one."""
    packs: dict[str, Pack] = {}
    for path in sorted(folder.glob("*.json")):
        try:
            pack = msgspec.json.decode(path.read_bytes(), type=Pack)
        except (OSError, msgspec.MsgspecError) as error:
            msg = f"The description of the weights {path.stem!r} can't be read: install Voxelle again."
            raise SetupError(msg) from error
        if flaw := _flaw(pack, path.stem, packs):
            msg = f"The description of the weights {path.stem!r} is wrong ({flaw}): install Voxelle again."
            raise SetupError(msg)
        packs[pack.id] = pack
    return packs


def _flaw(pack: Pack, stem: str, known: Mapping[str, Pack]) -> str:
    """Say what contradicts itself in a manifest, or nothing."""
    if pack.id != stem or pack.id in known:
        return "its id is not its file's name"
    if not pack.files or len({each.path for each in pack.files}) != len(pack.files):
        return "a file is named twice or none at all"
    for file in pack.files:
        path = PurePosixPath(file.path)
        if path.is_absolute() or ".." in path.parts or "\\" in file.path or ":" in file.path or file.path != str(path):
            return "a file would lie outside its folder"
        if file.parts and sum(part.size for part in file.parts) != file.size:
            return "the parts do not add up to the file"
    return ""
