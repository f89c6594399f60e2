"""The streamer's voice print: one small file beside the conversation, readable by nobody else. No export holds it."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np
import structlog

from voxelle.contracts.speaker import VoicePrint, VoicePrintStore
from voxelle.domain.errors import SetupError

if TYPE_CHECKING:
    from pathlib import Path

log = structlog.get_logger("store")

FILE = "voice-print.npz"
_LARGEST = 1_000_000


class VoicePrintFile(VoicePrintStore):
    """Keeps it in the data folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    def load(self) -> VoicePrint | None:
        """Return the print; None if there is none, or it can't be read."""
        try:
            if self.path.stat().st_size > _LARGEST:
                log.warning("voice_print.unreadable", kind="size")
                return None
            with np.load(io.BytesIO(self.path.read_bytes()), allow_pickle=False) as kept:
                vector = np.asarray(kept["vector"], np.float32).reshape(1, -1)
                if not np.isfinite(vector).all():
                    log.warning("voice_print.unreadable", kind="numbers")
                    return None
                return VoicePrint(str(kept["engine"]), str(kept["enrolled_at"]), vector)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            log.warning("voice_print.unreadable", kind=type(error).__name__)
            return None

    def save(self, voice_print: VoicePrint) -> None:
        """Keep a print instead of the one before: the old one or the new one is there, whatever happens."""
        content = io.BytesIO()
        np.savez(content, vector=voice_print.vector, engine=np.array(voice_print.engine), enrolled_at=np.array(voice_print.enrolled_at))
        fresh = self.path.with_suffix(".new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            fresh.unlink(missing_ok=True)
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content.getvalue())
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self.path)
        except OSError as error:
            msg = "Your voice could not be kept: the data folder can't be written. Make room on the disk, then record it again."
            raise SetupError(msg) from error

    def delete(self) -> None:
        """Keep none."""
        try:
            self.path.with_suffix(".new").unlink(missing_ok=True)
            self.path.unlink(missing_ok=True)
        except OSError as error:
            msg = "Your voice could not be forgotten: the file voice-print.npz in the data folder can't be deleted. Delete it by hand."
            raise SetupError(msg) from error
