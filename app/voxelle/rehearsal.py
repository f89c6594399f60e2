"""Shows without an audience: a rehearsal from a file, a single sentence, the self-test."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

import msgspec
import structlog

from voxelle.domain.chat import ChannelEvent, Retraction, Stimulus
from voxelle.domain.errors import InputError, SetupError
from voxelle.domain.events import TurnEnded
from voxelle.domain.speech import TurnOutcome, TurnRecord
from voxelle.headless import Show, ShowOptions, open_show, run_show, write
from voxelle.integrations.rehearsal.messages import read_line
from voxelle.integrations.twitch.recording import Recording
from voxelle.kernel.paths import Paths
from voxelle.kernel.tasks import TaskScope
from voxelle.providers.catalogue import EngineSet

log = structlog.get_logger("app")

_FASTEST = 1_000.0
Happening = Stimulus | ChannelEvent | Retraction


def as_json(record: TurnRecord) -> dict[str, Any]:
    """Return a turn record as JSON values, with what was heard in one text."""
    values: dict[str, Any] = json.loads(json.dumps(asdict(record), default=_plain))
    return {**values, "heard_text": record.heard_text, "was_cut": record.was_cut}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Enum):
        return value.value
    msg = f"{type(value).__name__} has no JSON form"
    raise TypeError(msg)


@asynccontextmanager
async def _private_profile(data_dir: Path | None) -> AsyncIterator[Paths]:
    """Give a profile that is thrown away, with the weights of the real one; or the one that was asked for."""
    real = Paths.find(data_dir)
    if data_dir is not None:
        yield real
        return
    with tempfile.TemporaryDirectory(prefix="voxelle-rehearsal-") as folder:
        profile = replace(Paths.find(Path(folder), environ={}), packs=real.packs)
        if real.settings_file.is_file():
            profile.config.mkdir(parents=True)
            shutil.copy(real.settings_file, profile.settings_file)
        yield profile


async def rehearse(lines: Iterable[str], *, wav: Path | None, speed: float, engine_set: str, data_dir: Path | None) -> int:
    """Play stimuli to a companion and print a JSON record a turn. Returns the exit code.

    A line is one of our own, or a message of Twitch as it was recorded. `at` of a line is its time in seconds from the
    start; `speed` divides it, and 0 hands over the lines as fast as they can be read. InputError for a bad line; what can't
    be read in a recording is named and left out.
    """
    if not 0 <= speed <= _FASTEST:
        msg = f"The speed must be 0 (as fast as it goes) or up to {_FASTEST:g}."
        raise InputError(msg)
    async with _private_profile(data_dir) as paths:
        with tempfile.TemporaryDirectory(prefix="voxelle-sound-") as folder:
            options = ShowOptions(
                EngineSet(engine_set), wav or Path(folder) / "rehearsal.wav", speed=speed, is_greeting=False, has_control=False
            )
            async with _running(paths, options) as show:
                show.bus.subscribe(TurnEnded, lambda event: write(json.dumps(as_json(event.record), ensure_ascii=False) + "\n"))
                await _play(show, lines, speed)
                await show.companion.settle()
    return 0


async def _play(show: Show, lines: Iterable[str], speed: float) -> None:
    started_s = show.clock.monotonic()
    number = 0
    recording = Recording(show.companion.names)
    has_recorded = False
    arriving: asyncio.Queue[str | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    # A daemon: nobody waits for a terminal that never ends its input.
    threading.Thread(target=_read, args=(lines, loop, arriving), name="lines", daemon=True).start()
    while (text := await arriving.get()) is not None:
        number += 1
        if not text.strip():
            continue
        has_recorded = has_recorded or is_recorded(text)
        happenings: tuple[Happening, ...]
        try:
            if is_recorded(text):
                at_s, happenings = recording.read(text)
            else:
                line = read_line(text, number=number, clock=show.clock, ids=show.ids)
                at_s, happenings = line.at_s, (line.stimulus,)
        except InputError:
            if not has_recorded:
                raise
            # What really came in is as it is: a line that broke off, or a frame that nobody can read.
            sys.stderr.write(f"Line {number} of the recording can't be read and was left out.\n")
            continue
        if speed:
            await show.clock.sleep(started_s + at_s / speed - show.clock.monotonic())
        for happening in happenings:
            await _hand_over(show, happening)


async def _hand_over(show: Show, happening: Happening) -> None:
    match happening:
        case Retraction():
            await show.companion.retract(happening)
        case ChannelEvent():
            await show.companion.tell_event(replace(happening, received_at=show.clock.now()))
        case _:
            await show.companion.submit(replace(happening, received_at=show.clock.now()))


def is_recorded(text: str) -> bool:
    """Tell a message of Twitch from a line of our own, by what stands in its outermost braces."""
    try:
        names = msgspec.json.decode(text, type=dict[str, msgspec.Raw]).keys()
    except (msgspec.MsgspecError, UnicodeError):
        return False
    return "metadata" in names or "subscription" in names or {"at", "message"} == set(names)


def _read(lines: Iterable[str], loop: asyncio.AbstractEventLoop, arriving: asyncio.Queue[str | None]) -> None:
    try:
        for text in lines:
            loop.call_soon_threadsafe(arriving.put_nowait, text)
        loop.call_soon_threadsafe(arriving.put_nowait, None)
    except RuntimeError:
        log.info("lines.left")  # the rehearsal ended before its input


@asynccontextmanager
async def _running(paths: Paths, options: ShowOptions) -> AsyncIterator[Show]:
    async with open_show(paths, options) as show, TaskScope("rehearsal") as scope:
        scope.start(run_show(show), name="show")
        await show.companion.settle_in()
        if options.wav is not None and show.companion.output.is_silent:
            raise SetupError(show.companion.output.sentence)
        yield show


async def say(paths: Paths, text: str, wav: Path | None) -> int:
    """Let the character on stage say a text. Returns the exit code: 1 if nothing of it could be said."""
    options = ShowOptions(wav=wav, speed=0.0 if wav else 1.0, is_greeting=False, has_control=False, has_connections=False)
    outcomes: list[TurnOutcome] = []
    async with _running(paths, options) as show:
        show.bus.subscribe(TurnEnded, lambda event: outcomes.append(event.record.outcome))
        await show.companion.settle()
        # A text that was asked for is to be heard, whatever the streamer's mute says.
        await show.companion.output.set_volume(show.settings.current.voice.volume)
        character = show.companion.snapshot().character
        if character is None:
            msg = "There is nobody on stage."
            raise SetupError(msg)
        await show.companion.preview_voice(character, text)
    if outcomes == [TurnOutcome.BLOCKED]:
        sys.stderr.write("The safety gate held it back.\n")
    return 0 if outcomes == [TurnOutcome.COMPLETED] else 1


async def self_test(data_dir: Path | None) -> int:
    """Run one sentence through the whole road with the embedded voice, and one turn with stub engines. Returns the exit code."""
    lines = [json.dumps({"at": 0, "author": "self_test", "text": "Hello, are you there?", "mention": True})]
    with tempfile.TemporaryDirectory(prefix="voxelle-self-test-") as folder:
        data = Path(folder)
        records: list[TurnRecord] = []
        wav = data / "stub.wav"
        paths = replace(Paths.find(data, environ={}), packs=Paths.find(data_dir).packs)
        async with _running(
            paths, ShowOptions(EngineSet.STUB, wav, speed=0.0, is_greeting=False, has_control=False, has_connections=False)
        ) as show:
            show.bus.subscribe(TurnEnded, lambda event: records.append(event.record))
            await _play(show, lines, 1.0)
            await show.companion.settle()
        voice = await say(paths, "Hello, this is my own voice.", data / "voice.wav")
        checks = {
            "the road": len(records) == 1 and records[0].outcome is TurnOutcome.COMPLETED and bool(records[0].heard_text),
            "the sound file": wav.stat().st_size > 44,  # noqa: PLR2004 - the size of an empty WAV file
            "the embedded voice": voice == 0 and (data / "voice.wav").stat().st_size > 20_000,  # noqa: PLR2004 - a second of sound is 96 kB
        }
    for name, is_good in checks.items():
        write(f"{'ok' if is_good else 'FAILED':7} {name}\n")
    return 0 if all(checks.values()) else 1
