"""The doctor: looks at this installation and says what it found, one sentence a finding, with what to do."""

from __future__ import annotations

import asyncio
import platform
import shutil
import sys
import tempfile
from contextlib import aclosing
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import voxelle
from voxelle.contracts.audio import INPUT_FRAMES, INPUT_RATE
from voxelle.contracts.llm import ChatMessage, ChatRequest, ChatRole
from voxelle.contracts.stt import RecognitionRequest
from voxelle.contracts.tts import SpeechRequest
from voxelle.domain.errors import VoxelleError
from voxelle.domain.events import EngineState
from voxelle.headless import Show, ShowOptions, open_show

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from voxelle.contracts.tts import Samples
    from voxelle.kernel.paths import Paths

_ROOM_MB = 500
_MB = 1_000_000
_EAR_STAGES = ("vad", "end_of_turn", "stt")
_SENTENCE = "Please turn the music down a little."
_VOICED = 0.5


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the doctor looked at. `level` is `ok`, `note`, `warning` or `bad`."""

    title: str
    level: str
    sentence: str

    @property
    def is_bad(self) -> bool:
        """Whether the show can't go on like this."""
        return self.level == "bad"

    def as_json(self) -> dict[str, Any]:
        """Return the finding as JSON values."""
        return asdict(self)


async def examine(paths: Paths) -> list[Finding]:
    """Examine versions, folders, keyring, weights, every embedded engine with a real sample, and the sound device.

    Runs beside an open instance: it works on a profile of its own with the real weights and settings.
    """
    findings = [_versions(), *await asyncio.to_thread(_folders, paths)]
    if any(finding.is_bad for finding in findings):
        return findings
    with tempfile.TemporaryDirectory(prefix="voxelle-doctor-") as folder:
        profile = replace(paths, data=Path(folder), runtime=Path(folder) / "runtime", logs=Path(folder) / "logs")
        try:
            async with open_show(profile, ShowOptions(has_control=False, has_connections=False, is_greeting=False)) as show:
                findings.append(await _keyring(show))
                findings += _weights(show)
                findings.append(await _checked(show, "Thinking", lambda: _think(show)))
                findings.append(await _checked(show, "Voice", lambda: _speak(show)))
                findings.append(await _checked(show, "Feelings", lambda: _feel(show)))
                findings.append(await _hearing(show))
                findings.append(await _sound(show))
        except VoxelleError as error:
            findings.append(Finding("Opening", "bad", error.sentence))
    return findings


def _versions() -> Finding:
    parts = ", ".join(f"{name} {version(name)}" for name in ("PySide6-Essentials", "xllamacpp", "hibari-tts", "onnxruntime", "ctranslate2"))
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    return Finding(
        "Versions", "ok", f"Voxelle {voxelle.__version__}{' (frozen)' if getattr(sys, 'frozen', False) else ''}, {system}; {parts}."
    )


def _folders(paths: Paths) -> list[Finding]:
    try:
        paths.create()
    except VoxelleError as error:
        return [Finding("Folders", "bad", error.sentence)]
    free_mb = shutil.disk_usage(paths.data).free / _MB
    if free_mb < _ROOM_MB:
        return [
            Finding("Disk", "warning", f"Only {free_mb:,.0f} MB are free where {paths.data} lies; make room before you install weights.")
        ]
    return [Finding("Folders", "ok", f"{paths.data} can be written, {free_mb:,.0f} MB are free.")]


async def _keyring(show: Show) -> Finding:
    is_available, sentence = await show.secrets.status()
    return Finding("Keyring", "ok" if is_available else "note", sentence)


def _weights(show: Show) -> list[Finding]:
    """Name what is missing; a voice that is not chosen is not missed, nor are ears while she does not listen."""
    settings = show.settings.current
    unused = {status.id for status in show.engines.room.statuses() if status.stage == "tts"} - set(settings.voice.chain)
    if not settings.hearing.is_enabled:
        unused |= _ears_of(show)
    return [
        Finding(status.title, "warning", status.sentence or "It is not installed: press Install on the Engines page.")
        for status in show.engines.room.statuses()
        if status.state is EngineState.ABSENT and status.id not in unused
    ]


def _ears_of(show: Show) -> set[str]:
    return {status.id for status in show.engines.room.statuses() if status.stage in _EAR_STAGES}


async def _checked(show: Show, title: str, sample: Callable[[], Awaitable[str]]) -> Finding:
    """Take a real sample and its time."""
    began_s = show.clock.monotonic()
    try:
        sentence = await sample()
    except VoxelleError as error:
        return Finding(title, "bad", error.sentence)
    return Finding(title, "ok", f"{sentence} ({show.clock.monotonic() - began_s:.1f} s with loading)")


async def _think(show: Show) -> str:
    request = ChatRequest((ChatMessage(ChatRole.SYSTEM, "You are brief."), ChatMessage(ChatRole.USER, "Say hello.")), max_tokens=16)
    text = ""
    async with aclosing(show.engines.model.stream(request)) as stream:
        async for delta in stream:
            text += delta.text
    return f"{show.engines.model.serving} answered with {len(text)} characters"


async def _speak(show: Show) -> str:
    seconds = 0.0
    async with aclosing(show.engines.voice.synthesize(SpeechRequest("Hello, this is a test."))) as chunks:
        async for chunk in chunks:
            seconds += chunk.samples.size / chunk.sample_rate
    return f"{show.engines.voice.serving} spoke for {seconds:.1f} s"


async def _feel(show: Show) -> str:
    if show.engines.classifier is None:
        return "No classifier is in use"
    feeling = await show.engines.classifier.classify("I am so happy to see you all!")
    return f"{show.engines.classifier.id} felt {feeling.emotion}"


async def _hearing(show: Show) -> Finding:
    """Let her ears hear a sentence of the voice; they are not missed while she does not listen."""
    missing = [status for status in show.engines.room.statuses() if status.stage in _EAR_STAGES and status.state is EngineState.ABSENT]
    if missing and not show.settings.current.hearing.is_enabled:
        return Finding("Hearing", "note", "She does not listen, and her ears are not all installed.")
    return await _checked(show, "Hearing", lambda: _hear(show))


async def _hear(show: Show) -> str:
    """Speak a sentence, and judge, end and write down what was spoken."""
    engines, sound = show.engines, await _said(show, _SENTENCE)
    speech = [
        await engines.activity.judge("doctor", sound[begin : begin + INPUT_FRAMES])
        for begin in range(0, len(sound) - INPUT_FRAMES + 1, INPUT_FRAMES)
    ]
    await engines.activity.forget("doctor")
    ended = f", {await engines.end_of_turn.probability(sound):.0%} finished" if engines.end_of_turn is not None else ""
    began_s = show.clock.monotonic()
    transcript = await engines.recognizer.transcribe(RecognitionRequest(sound, "en"))
    took_s = show.clock.monotonic() - began_s
    wanted = _SENTENCE.lower().strip(".").split()
    found = sum(word in transcript.text.lower() for word in wanted)
    voiced = sum(each > _VOICED for each in speech) / len(speech)
    heard = f"{found} of {len(wanted)} words of {len(sound) / INPUT_RATE:.1f} s in {took_s:.2f} s"
    return f"{engines.recognizer.serving} understood {heard}; {voiced:.0%} was voice{ended}"


async def _said(show: Show, sentence: str) -> Samples:
    """Return a sentence as her voice says it, as a microphone would hear it, with a pause behind it."""
    import numpy as np
    import soxr

    pieces = []
    async with aclosing(show.engines.voice.synthesize(SpeechRequest(sentence))) as chunks:
        async for chunk in chunks:
            pieces.append(soxr.resample(chunk.samples, chunk.sample_rate, INPUT_RATE))  # noqa: PERF401 -- closed when it breaks off
    return np.concatenate([*pieces, np.zeros(INPUT_RATE // 5)]).astype(np.float32)


async def _sound(show: Show) -> Finding:
    output = show.companion.output
    await output.open()
    is_silent = output.is_silent
    return Finding("Sound", "warning" if is_silent else "ok", output.sentence)
