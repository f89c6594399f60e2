"""Any server with the OpenAI speech interface: Kokoro, Piper and other servers on one's own computer, or a cloud.

https://platform.openai.com/docs/api-reference/audio/createSpeech
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any, Final

import numpy as np
import structlog

from voxelle.contracts.provider import Abilities, Limits
from voxelle.contracts.tts import Samples, SpeechChunk, SpeechRequest, SpeechSynthesizer
from voxelle.domain.errors import SetupError
from voxelle.kernel.clock import Clock
from voxelle.providers.official import OfficialClient
from voxelle.providers.openai_sdk import make_client, probe_models
from voxelle.providers.reading import reading
from voxelle.providers.remote import KeyGetter, RemoteServer, broken_off
from voxelle.providers.tts.pcm import OPENAI_RATE, PcmReader, SoundReader, WavReader

log = structlog.get_logger("engine")
_SMALLEST_CHUNK_S: Final = 0.04
"""Pieces are gathered to this length, so that a chatty network makes no thousand chunks."""
_REFUSALS: Final = frozenset({400, 415, 422})
_SLOWEST, _FASTEST = 0.25, 4.0
_MAGIC: Final = 12
_RATE: Final = re.compile(r"rate=(\d{4,6})")
_COMPRESSED: Final = (b"ID3", b"OggS", b"fLaC", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xf1", b"\xff\xf9")


class OpenAiSpeech(SpeechSynthesizer):
    """Streams from `/v1/audio/speech`: bare PCM where the server has it, WAV where it refuses."""

    id = "openai_speech"
    title = "The speech server"
    abilities = Abilities(streaming=True, offline=False)

    def __init__(self, clock: Clock, server: Callable[[], RemoteServer], key: KeyGetter, limits: Limits | None = None) -> None:
        super().__init__(clock, limits)
        self._official = OfficialClient("openai", self.title, server, key, clock, make_client)
        self._wav_only: set[str] = set()
        """Addresses that refused bare PCM."""

    async def open(self) -> None:
        """Make the client; nothing is sent."""
        await self._ready()

    async def close(self) -> None:
        """Close all connections."""
        await self._official.close()

    async def probe(self) -> None:
        """Ask whether the server answers at all: costs nothing."""
        await self.open()
        async with self._official.client() as (client, _):
            await probe_models(client)

    async def _ready(self) -> RemoteServer:
        server = await self._official.ready()
        if not server.model or not server.voice:
            msg = "Enter the model and the voice of the speech server in the settings."
            raise SetupError(msg)
        return server

    async def _synthesize(self, request: SpeechRequest) -> AsyncGenerator[SpeechChunk, None]:
        server = await self._ready()
        sound = _Sound(self.title)
        async with aclosing(reading(self._read(request))) as pieces:
            async for content_type, piece in pieces:
                if chunk := sound.push(piece, content_type):
                    yield chunk
        if chunk := sound.flush():
            yield chunk
        if not sound.has_any:
            raise broken_off(self.title, server)

    async def _read(self, request: SpeechRequest) -> AsyncGenerator[tuple[str, bytes], None]:
        """Give the type of the sound, and its bytes."""
        async with self._official.client() as (client, server), self._answer(client, server, request) as response:
            content_type = response.headers.get("content-type", "")
            async for piece in response.iter_bytes():
                yield content_type, piece

    @asynccontextmanager
    async def _answer(self, client: Any, server: RemoteServer, request: SpeechRequest) -> AsyncGenerator[Any, None]:
        """Give the streaming response; a server that refuses PCM is asked for WAV, and from then on."""
        from openai import APIStatusError

        is_wav = server.base_url in self._wav_only
        try:
            response = await self._ask(client, server, request, "wav" if is_wav else "pcm")
        except APIStatusError as error:
            if is_wav or error.status_code not in _REFUSALS:
                raise
            response = await self._ask(client, server, request, "wav")
            log.info("engine.form_changed", engine=self.id, response_format="wav")
            self._wav_only.add(server.base_url)
        try:
            yield response
        finally:
            await response.close()

    async def _ask(self, client: Any, server: RemoteServer, request: SpeechRequest, response_format: str) -> Any:
        speed = min(_FASTEST, max(_SLOWEST, request.voice.speed))
        return await client.audio.speech.with_streaming_response.create(
            model=server.model,
            voice=server.voice,
            input=request.text,
            response_format=response_format,
            speed=speed,
        ).__aenter__()


class _Sound:
    """Bytes to chunks of a useful length."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._head = b""
        self._reader: SoundReader | None = None
        self._waiting: list[Samples] = []
        self.has_any = False

    def push(self, piece: bytes, content_type: str) -> SpeechChunk | None:
        """Take bytes; return a chunk once there is enough. Raises SetupError for what can't be read."""
        if self._reader is None:
            self._head += piece
            if len(self._head) < _MAGIC:
                return None
            self._reader = choose_reader(self._head, content_type, self._title)
            piece, self._head = self._head, b""
        try:
            self._waiting.append(self._reader.push(piece))
        except ValueError as error:
            msg = f"{self._title} sends sound that can't be read: choose another server or model."
            raise SetupError(msg) from error
        if sum(map(len, self._waiting)) < _SMALLEST_CHUNK_S * self._reader.rate:
            return None
        return self.flush()

    def flush(self) -> SpeechChunk | None:
        """Return all that waits, None if nothing does."""
        if self._reader is None or not any(map(len, self._waiting)):
            return None
        self.has_any = True
        samples, self._waiting = np.concatenate(self._waiting), []
        return SpeechChunk(samples, self._reader.rate)


def choose_reader(head: bytes, content_type: str, title: str) -> SoundReader:
    """Tell by the first bytes what the server really sends. Raises SetupError for what can't be read."""
    if head.startswith(b"RIFF"):
        return WavReader()
    if head.startswith(_COMPRESSED) or "mpeg" in content_type or "json" in content_type or "html" in content_type:
        msg = f"{title} sends neither PCM nor WAV: choose a server or model that does."
        raise SetupError(msg)
    rate = _RATE.search(content_type)
    return PcmReader(int(rate[1]) if rate else OPENAI_RATE)
