"""The OpenAI transcription interface against a real server on loopback."""

from __future__ import annotations

import asyncio
import io
import wave
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import numpy as np
import pytest

from tests.fakes.http_server import Answer, Call, HttpServer, Move, json_answer
from voxelle.contracts.provider import Limits
from voxelle.contracts.stt import RecognitionRequest, Transcript
from voxelle.domain.errors import AuthError, SetupError, TemporaryError
from voxelle.kernel.clock import SystemClock
from voxelle.kernel.tasks import TaskScope
from voxelle.providers.remote import RemoteServer, api_root
from voxelle.providers.stt.openai_transcription import OpenAiTranscription, wav_of

ONCE = Limits(attempts=1)
SOUND = np.sin(np.arange(8000) / 8).astype(np.float32)
REQUEST = RecognitionRequest(SOUND, "de", ("Mira", "\ud800"))
DETAILED = {
    "task": "transcribe",
    "language": "german",
    "text": " Hallo du. ",
    "segments": [
        {"id": 0, "start": 0.0, "end": 3.0, "text": "Hallo", "avg_logprob": -0.2, "no_speech_prob": 0.1},
        {"id": 1, "start": 3.0, "end": 4.0, "text": "du.", "avg_logprob": -0.6, "no_speech_prob": 0.4},
        {"id": 2, "start": 4.0, "end": 5.0, "text": ""},
    ],
}


@asynccontextmanager
async def recogniser_at(server: HttpServer, model: str = "whisper-1", key: str = "") -> AsyncGenerator[OpenAiTranscription, None]:
    async def get_key() -> str:
        return key

    recogniser = OpenAiTranscription(SystemClock(), lambda: RemoteServer(server.url, model), get_key, ONCE)
    try:
        yield recogniser
    finally:
        await recogniser.close()


def form(call: Call) -> str:
    """Return what was posted, without the sound."""
    return call.body.decode("utf-8", "replace")


async def test_the_detailed_answer_becomes_a_transcript() -> None:
    async with HttpServer(json_answer(DETAILED)) as server, recogniser_at(server, key="secret") as recogniser:
        await recogniser.open()
        transcript = await recogniser.transcribe(REQUEST)
    assert (transcript.text, transcript.language, transcript.no_speech) == ("Hallo du.", "de", 0.1)
    assert transcript.log_probability == pytest.approx(-0.3)
    (call,) = server.calls
    assert call.path.endswith("/v1/audio/transcriptions")
    assert call.headers["authorization"] == "Bearer secret"
    posted = form(call)
    assert 'name="language"\r\n\r\nde\r\n' in posted
    assert 'name="prompt"\r\n\r\nMira, ?\r\n' in posted
    assert 'name="response_format"\r\n\r\nverbose_json\r\n' in posted
    assert 'filename="speech.wav"' in posted
    assert wav_of(SOUND) in call.body


async def test_a_server_that_refuses_details_is_asked_for_the_plain_answer_from_then_on() -> None:
    def respond(call: Call) -> Answer:
        if "verbose_json" in form(call):
            return json_answer({"error": {"message": "response_format 'verbose_json' is not compatible"}}, status=400)
        return json_answer({"text": "hello"})

    async with HttpServer(respond=respond) as server, recogniser_at(server) as recogniser:
        plain = RecognitionRequest(SOUND)
        assert await recogniser.transcribe(plain) == Transcript("hello")
        assert await recogniser.transcribe(REQUEST) == Transcript("hello", "de")
    assert ["verbose_json" in form(call) for call in server.calls] == [True, False, False]
    assert all('name="language"' not in form(call) and 'name="prompt"' not in form(call) for call in server.calls[:2])
    assert "authorization" not in server.calls[0].headers


@pytest.mark.parametrize(
    "answer, error, sentence",
    [
        (json_answer({"error": {"message": "no"}}, status=401), AuthError, "refused the key"),
        (json_answer({"error": {"message": "model"}}, status=404), SetupError, "no model called “whisper-1”"),
        (json_answer({"error": {"message": "unknown"}}, status=400), SetupError, "does not accept the request"),
        (json_answer({"error": {"message": "oops"}}, status=500), TemporaryError, "a fault of its own"),
        (json_answer({"ok": True}), TemporaryError, "gave no text"),
        (json_answer(["text"]), TemporaryError, "gave no text|broke off"),
        (Answer(("<html>", "</html>"), content_type="text/html"), TemporaryError, "gave no text|broke off"),
        (Answer((Move.DROP,)), TemporaryError, "can't be reached|broke off"),
    ],
)
async def test_failures_are_sentences(answer: Answer, error: type[Exception], sentence: str) -> None:
    async with HttpServer(answer) as server, recogniser_at(server) as recogniser:
        with pytest.raises(error, match=sentence):
            await recogniser.transcribe(RecognitionRequest(SOUND))


async def test_without_a_model_nothing_is_sent() -> None:
    async with HttpServer(json_answer(DETAILED)) as server, recogniser_at(server, model="") as recogniser:
        for ask in (recogniser.open, recogniser.probe):
            with pytest.raises(SetupError, match="Enter the model of the transcription server"):
                await ask()
        assert server.calls == []


async def test_a_probe_asks_for_the_list_of_models_alone() -> None:
    async with HttpServer(json_answer({"data": []})) as server, recogniser_at(server) as recogniser:
        await recogniser.probe()
        assert [(call.method, call.path.rpartition("/")[2]) for call in server.calls] == [("GET", "models")]


async def test_cancelling_leaves_the_server_at_once() -> None:
    async with HttpServer(Answer((Move.HANG,))) as server, recogniser_at(server) as recogniser, TaskScope("test") as scope:
        errand = scope.start(recogniser.transcribe(REQUEST), name="transcribe", is_awaited=True)
        await server.reached.wait()
        errand.cancel()
        await server.abandoned.wait()
        with pytest.raises(asyncio.CancelledError):
            await errand


@pytest.mark.parametrize(
    "language, code", [("english", "en"), ("DE", "de"), ("yue", "yue"), ("klingon", "fr"), (None, "fr"), (7, "fr"), ("x", "fr")]
)
async def test_languages_are_codes_however_the_server_names_them(language: object, code: str) -> None:
    async with HttpServer(json_answer({"text": "a", "language": language})) as server, recogniser_at(server) as recogniser:
        assert (await recogniser.transcribe(RecognitionRequest(SOUND, "fr"))).language == code


def test_sound_is_packed_as_a_wav_file_without_going_through_the_roof() -> None:
    with wave.open(io.BytesIO(wav_of(np.array([0.0, 2.0, -2.0, np.nan, 0.5], np.float32)))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 16_000)
        assert np.frombuffer(file.readframes(9), "<i2").tolist() == [0, 32767, -32767, 0, 16383]


def test_a_pasted_endpoint_loses_its_end() -> None:
    assert api_root("http://127.0.0.1:8000/v1/audio/transcriptions") == "http://127.0.0.1:8000/v1"
