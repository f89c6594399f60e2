"""The OpenAI speech interface against a real server on loopback."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest

from tests.fakes.http_server import Answer, Call, HttpServer, Move, Step, json_answer
from voxelle.contracts.provider import Limits
from voxelle.contracts.tts import Samples, SpeechRequest
from voxelle.domain.errors import AuthError, SetupError, TemporaryError
from voxelle.domain.persona import VoiceDesign
from voxelle.kernel.clock import SystemClock
from voxelle.kernel.tasks import TaskScope
from voxelle.providers.remote import RemoteServer
from voxelle.providers.tts.openai_speech import OpenAiSpeech

ONCE = Limits(attempts=1)
WAVE = (np.sin(np.arange(4800) / 8) * 12000).astype("<i2")
PCM = WAVE.tobytes()
REQUEST = SpeechRequest("Hello there.", VoiceDesign(speed=1.25))


def wav(rate: int = 22_050, size: int | None = None) -> bytes:
    size = len(PCM) if size is None else size
    fmt = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16)
    odd = struct.pack("<4sI", b"LIST", 3) + b"abc\0"
    return struct.pack("<4sI4s", b"RIFF", 0xFFFFFFFF, b"WAVE") + odd + fmt + struct.pack("<4sI", b"data", size) + PCM


def torn(data: bytes, size: int) -> list[Step]:
    return [data[begin : begin + size] for begin in range(0, len(data), size)]


def sound(*steps: Step, content_type: str = "audio/pcm") -> Answer:
    return Answer(steps, content_type=content_type)


@asynccontextmanager
async def voice_at(server: HttpServer, key: str = "", limits: Limits = ONCE) -> AsyncGenerator[OpenAiSpeech, None]:
    async def get_key() -> str:
        return key

    voice = OpenAiSpeech(SystemClock(), lambda: RemoteServer(server.url, "kokoro", "af_sky"), get_key, limits)
    try:
        yield voice
    finally:
        await voice.close()


async def spoken(voice: OpenAiSpeech) -> tuple[Samples, int]:
    chunks = [chunk async for chunk in voice.synthesize(REQUEST)]
    assert len({chunk.sample_rate for chunk in chunks}) == 1
    return np.concatenate([chunk.samples for chunk in chunks]), chunks[0].sample_rate


@pytest.mark.parametrize("size", [1001, 7, 100_000])
async def test_bare_sound_streams_however_it_is_torn(size: int) -> None:
    async with HttpServer(sound(*torn(PCM, size))) as server, voice_at(server, key="key-1") as voice:
        samples, rate = await spoken(voice)
        (call,) = server.calls
    assert rate == 24_000
    np.testing.assert_allclose(samples, WAVE / 32768, atol=1e-6)
    assert call.path == "/v1/audio/speech"
    assert call.headers["authorization"] == "Bearer key-1"
    assert call.json() == {"model": "kokoro", "voice": "af_sky", "input": "Hello there.", "response_format": "pcm", "speed": 1.25}


async def test_a_server_that_refuses_bare_sound_is_asked_for_wav_from_then_on() -> None:
    def respond(call: Call) -> Answer:
        if call.json()["response_format"] != "wav":
            return json_answer({"error": "unsupported response_format"}, 400)
        return sound(*torn(wav(), 999), content_type="audio/wav")

    async with HttpServer(respond=respond) as server, voice_at(server) as voice:
        for calls in (2, 3):
            samples, rate = await spoken(voice)
            assert rate == 22_050
            np.testing.assert_allclose(samples, WAVE / 32768, atol=1e-6)
            assert len(server.calls) == calls


@pytest.mark.parametrize("size", [None, 0, 0xFFFFFFFF])
async def test_wav_is_recognised_though_bare_sound_was_asked_for(size: int | None) -> None:
    async with HttpServer(sound(*torn(wav(16_000, size), 5))) as server, voice_at(server) as voice:
        samples, rate = await spoken(voice)
    assert (rate, samples.size) == (16_000, WAVE.size)


async def test_the_rate_of_bare_sound_is_read_from_its_type() -> None:
    async with HttpServer(sound(PCM, content_type="audio/pcm;rate=16000;channels=1")) as server, voice_at(server) as voice:
        assert (await spoken(voice))[1] == 16_000


@pytest.mark.parametrize(
    "answer, kind, words",
    [
        (json_answer({}, 401), AuthError, "refused the key"),
        (json_answer({"error": {"message": "model not found"}}, 404), SetupError, "kokoro"),
        (json_answer({}, 400), SetupError, "does not accept"),
        (json_answer({}, 429), TemporaryError, "busy"),
        (sound(b"ID3\x04" + b"\0" * 40), SetupError, "neither PCM nor WAV"),
        (sound(b"\0" * 40, content_type="audio/mpeg"), SetupError, "neither PCM nor WAV"),
        (json_answer({"error": "sorry, no sound today"}), SetupError, "neither PCM nor WAV"),
        (sound(wav().replace(struct.pack("<HH", 1, 1), struct.pack("<HH", 85, 1), 1)), SetupError, "can't be read"),
        (sound(), TemporaryError, "broke off"),
        (sound(b"\0"), TemporaryError, "broke off"),
    ],
)
async def test_a_failure_says_what_helps(answer: Answer, kind: type[Exception], words: str) -> None:
    async with HttpServer(answer) as server, voice_at(server) as voice:
        with pytest.raises(kind, match=words):
            await spoken(voice)


async def test_a_drop_in_the_middle_is_raised_after_what_was_heard() -> None:
    heard: list[Any] = []
    async with HttpServer(sound(PCM[:4000], Move.DROP)) as server, voice_at(server) as voice:

        async def listen() -> None:
            async for chunk in voice.synthesize(REQUEST):
                heard.append(chunk)  # noqa: PERF401 -- kept up to the error

        with pytest.raises(TemporaryError, match="broke off"):
            await listen()
    assert sum(chunk.samples.size for chunk in heard) == 2000


async def test_closing_the_stream_closes_the_connection() -> None:
    async with HttpServer(sound(PCM, Move.HANG)) as server, voice_at(server) as voice:
        stream = voice.synthesize(REQUEST)
        await anext(stream)
        await server.reached.wait()
        await stream.aclose()
        await server.abandoned.wait()


async def test_a_slow_server_is_given_up() -> None:
    limits = Limits(first_item_s=0.05, attempts=1)
    async with HttpServer(sound(Move.HANG)) as server, voice_at(server, limits=limits) as voice:
        with pytest.raises(TemporaryError, match="did not answer within"):
            await spoken(voice)


async def test_cancelling_before_the_first_piece_closes_the_connection() -> None:
    async with HttpServer(sound(Move.HANG)) as server, voice_at(server) as voice, TaskScope("test") as scope:
        task = scope.start(spoken(voice), name="reply", is_awaited=True)
        await server.reached.wait()
        task.cancel()
        await server.abandoned.wait()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_probe_asks_without_speaking_and_a_missing_voice_is_a_setup_error() -> None:
    async with HttpServer(json_answer({"data": []}, 404)) as server, voice_at(server) as voice:
        await voice.probe()
        assert server.calls[0].path == "/v1/models"

    async def no_key() -> str:
        return ""

    voiceless = OpenAiSpeech(SystemClock(), lambda: RemoteServer("http://127.0.0.1:9", "tts", ""), no_key)
    with pytest.raises(SetupError, match="the voice"):
        await voiceless.open()
    await voiceless.close()
