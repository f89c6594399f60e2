"""Any server with the OpenAI transcription interface: speaches, whisper.cpp and others on one's own computer, or a cloud.

https://platform.openai.com/docs/api-reference/audio/createTranscription
"""

from __future__ import annotations

import io
import wave
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import structlog

from voxelle.contracts.audio import INPUT_RATE
from voxelle.contracts.provider import Abilities, Limits
from voxelle.contracts.stt import RecognitionRequest, SpeechRecognizer, Transcript
from voxelle.contracts.tts import Samples
from voxelle.domain.errors import SetupError, TemporaryError
from voxelle.kernel.clock import Clock
from voxelle.providers.official import OfficialClient
from voxelle.providers.openai_sdk import make_client, probe_models
from voxelle.providers.process import well_formed
from voxelle.providers.remote import KeyGetter, RemoteServer

log = structlog.get_logger("engine")
_REFUSALS: Final = frozenset({400, 415, 422})
_LONGEST_PROMPT: Final = 400
_LONGEST_CODE: Final = 3


class OpenAiTranscription(SpeechRecognizer):
    """Sends each utterance as WAV to `/v1/audio/transcriptions`; servers that do not say how sure they are, are believed."""

    id = "openai_transcription"
    title = "The transcription server"
    abilities = Abilities(streaming=False, offline=False, languages=())

    def __init__(self, clock: Clock, server: Callable[[], RemoteServer], key: KeyGetter, limits: Limits | None = None) -> None:
        super().__init__(clock, limits)
        self._official = OfficialClient("openai", self.title, server, key, clock, make_client)
        self._plain_only: set[tuple[str, str]] = set()
        """Addresses and models that refused the detailed answer."""

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

    async def _ready(self) -> None:
        server = await self._official.ready()
        if not server.model:
            msg = "Enter the model of the transcription server in the settings."
            raise SetupError(msg)

    async def _transcribe(self, request: RecognitionRequest) -> Transcript:
        await self._ready()
        async with self._official.client() as (client, server):
            answer = await self._answer(client, server, request)
        text = getattr(answer, "text", None)
        if not isinstance(text, str):
            msg = f"{self.title} at {server.place} gave no text: check that its address leads to a transcription server."
            raise TemporaryError(msg)
        segments = _numbers(getattr(answer, "segments", None))
        seconds = sum(length for length, _, _ in segments) or 1.0
        return Transcript(
            text.strip(),
            _language(getattr(answer, "language", None)) or request.language,
            sum(length * score for length, score, _ in segments) / seconds,
            min((silence for _, _, silence in segments), default=0.0),
        )

    async def _answer(self, client: Any, server: RemoteServer, request: RecognitionRequest) -> Any:
        """Ask for the detailed answer; a server that refuses it is asked for the plain one, and from then on."""
        from openai import APIStatusError

        place = (server.base_url, server.model)
        is_plain = place in self._plain_only
        try:
            return await self._ask(client, server, request, "json" if is_plain else "verbose_json")
        except APIStatusError as error:
            if is_plain or error.status_code not in _REFUSALS:
                raise
            answer = await self._ask(client, server, request, "json")
            log.info("engine.form_changed", engine=self.id, response_format="json")
            self._plain_only.add(place)
            return answer

    async def _ask(self, client: Any, server: RemoteServer, request: RecognitionRequest, response_format: str) -> Any:
        further: dict[str, Any] = {}
        if request.language:
            further["language"] = request.language
        if request.hot_words:
            further["prompt"] = well_formed(", ".join(request.hot_words))[:_LONGEST_PROMPT]
        return await client.audio.transcriptions.create(
            file=("speech.wav", wav_of(request.samples), "audio/wav"),
            model=server.model,
            response_format=response_format,
            temperature=0,
            **further,
        )


def wav_of(samples: Samples) -> bytes:
    """Return sound at INPUT_RATE as a WAV file of 16 bits, in memory."""
    whole = io.BytesIO()
    with wave.open(whole, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(INPUT_RATE)
        file.writeframes((np.clip(np.nan_to_num(samples), -1.0, 1.0) * 32767).astype("<i2").tobytes())
    return whole.getvalue()


def _numbers(segments: Any) -> list[tuple[float, float, float]]:
    """Return length, log-probability and probability of silence of each segment that tells them."""
    found = []
    for each in segments if isinstance(segments, list) else []:
        values = [getattr(each, name, None) for name in ("start", "end", "avg_logprob", "no_speech_prob")]
        numbers = [float(value) for value in values if isinstance(value, int | float)]
        if len(numbers) == len(values):
            start, end, score, silence = numbers
            found.append((max(0.01, end - start), score, silence))
    return found


_CODES: Final = {
    "arabic": "ar",
    "chinese": "zh",
    "czech": "cs",
    "danish": "da",
    "dutch": "nl",
    "english": "en",
    "finnish": "fi",
    "french": "fr",
    "german": "de",
    "hindi": "hi",
    "italian": "it",
    "japanese": "ja",
    "korean": "ko",
    "norwegian": "no",
    "polish": "pl",
    "portuguese": "pt",
    "russian": "ru",
    "spanish": "es",
    "swedish": "sv",
    "turkish": "tr",
    "ukrainian": "uk",
}


def _language(said: Any) -> str:
    """Return the code of a language that a server names, by code or in English; empty if it is not known."""
    name = said.lower() if isinstance(said, str) else ""
    return name if 1 < len(name) <= _LONGEST_CODE else _CODES.get(name, "")
