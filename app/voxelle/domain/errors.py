"""What can go wrong, named by what helps. The message is a sentence for the streamer."""

from __future__ import annotations


class VoxelleError(Exception):
    """An expected failure; its message can be shown to the streamer as it is."""

    @property
    def sentence(self) -> str:
        """The message, for a label or a log field."""
        return str(self)


class TemporaryError(VoxelleError):
    """Waiting helps: the line dropped, the engine is restarting, the server is busy."""

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class AuthError(VoxelleError):
    """Signing in again, or a new key, helps."""


class SetupError(VoxelleError):
    """Correcting a setting, a file or a device helps."""


class InputError(VoxelleError):
    """The caller sent something that cannot be taken."""
