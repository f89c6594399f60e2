"""What the parts of this connection ask of VTube Studio's socket, once it is open and signed in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from voxelle.domain.errors import VoxelleError


class ApiError(VoxelleError):
    """VTube Studio answered with an APIError. The message is our sentence for it; `error_id` is theirs."""

    def __init__(self, sentence: str, error_id: int) -> None:
        super().__init__(sentence)
        self.error_id = error_id


class Api(Protocol):
    """Requests over the open socket."""

    async def ask(self, kind: str, data: Mapping[str, Any] | None = None, *, timeout_s: float = 10.0) -> dict[str, Any]:
        """Send a request of a message type (`HotkeyTriggerRequest`) and return the `data` of its reply.

        Raises ApiError when it is answered with an error, TemporaryError when the line drops or nothing comes in time.
        """
        ...
