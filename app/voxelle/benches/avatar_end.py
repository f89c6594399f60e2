"""The other end of the avatar's line: a loopback VTube Studio that knows one model and notes when it is moved."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from voxelle.kernel.clock import Clock

HERE: Final = "127.0.0.1"
MOVED: Final = "InjectParameterDataRequest"
PRESSED: Final = "HotkeyTriggerRequest"
_MODEL: Final = {"modelID": "bench", "modelName": "Bench"}
_INPUTS: Final = ("MouthOpen", "VoiceVolume", "VoiceVolumePlusMouthOpen", "VoiceA", "VoiceI", "VoiceU", "VoiceE", "VoiceO")
_ANSWERS: Final[Mapping[str, dict[str, Any]]] = {
    # A session that is signed in already: a bench asks nobody for a token, and leaves none in a password store.
    "APIState": {"active": True, "vTubeStudioVersion": "1.32.0", "currentSessionAuthenticated": True},
    "CurrentModel": {"modelLoaded": True, **_MODEL},
    "HotkeysInCurrentModel": {"modelLoaded": True, **_MODEL, "availableHotkeys": []},
    "ExpressionState": {"modelLoaded": True, **_MODEL, "expressions": []},
    "Live2DParameterList": {"modelLoaded": True, **_MODEL, "parameters": [{"name": "ParamMouthOpenY"}]},
}


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message that moves the model, when its last byte had come."""

    at_s: float
    kind: str
    values: Mapping[str, float]
    """Inputs and where they were put; empty for a hotkey."""


class AvatarEnd:
    """Answers on a loop of its own, in a thread of its own. Use `open_avatar_end`."""

    def __init__(self, clock: Clock) -> None:
        self.arrivals: list[Arrival] = []
        self.is_joined = threading.Event()
        """The model was read: from now on it is moved."""
        self.port: Future[int] = Future()
        self._clock = clock
        self._created: set[str] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped = asyncio.Event()

    def run(self) -> None:
        """Serve until `stop`."""
        try:
            asyncio.run(self._serve())
        except OSError as error:
            self.port.set_exception(error)

    def stop(self) -> None:
        """End it, from any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stopped.set)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        async with serve(self._take, HERE, 0, compression=None, ping_interval=None, close_timeout=1) as server:
            self.port.set_result(next(iter(server.sockets)).getsockname()[1])
            await self._stopped.wait()

    async def _take(self, connection: ServerConnection) -> None:
        try:
            async for text in connection:
                at_s = self._clock.monotonic()
                request = msgspec.json.decode(text)
                kind, data = request["messageType"], request.get("data") or {}
                await connection.send(msgspec.json.encode(self._answer(at_s, kind, data) | {"requestID": request["requestID"]}).decode())
                if kind == "Live2DParameterListRequest":
                    self.is_joined.set()
        except ConnectionClosed:
            return

    def _answer(self, at_s: float, kind: str, data: dict[str, Any]) -> dict[str, Any]:
        name = kind.removesuffix("Request")
        answer = dict(_ANSWERS.get(name, {}))
        match kind:
            case "InjectParameterDataRequest":
                self.arrivals.append(Arrival(at_s, kind, {each["id"]: each["value"] for each in data["parameterValues"]}))
            case "HotkeyTriggerRequest":
                self.arrivals.append(Arrival(at_s, kind, {}))
            case "ParameterCreationRequest":
                self._created.add(data["parameterName"])
            case "InputParameterListRequest":
                answer = {
                    "defaultParameters": [{"name": each} for each in _INPUTS],
                    "customParameters": [{"name": each} for each in sorted(self._created)],
                }
        return {"apiName": "VTubeStudioPublicAPI", "apiVersion": "1.0", "messageType": f"{name}Response", "data": answer}


@contextmanager
def open_avatar_end(clock: Clock) -> Iterator[AvatarEnd]:
    """Listen on any free port of this computer."""
    end = AvatarEnd(clock)
    thread = threading.Thread(target=end.run, name="avatar end", daemon=True)
    thread.start()
    try:
        end.port.result()
        yield end
    finally:
        end.stop()
        thread.join()
