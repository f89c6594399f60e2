"""The whole road on real embedded engines, beside a pipeline of the same engines that speaks only whole replies."""

from __future__ import annotations

import asyncio
import random
import tempfile
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from voxelle.benches import Figure, percentile
from voxelle.companion.prompt import PromptWriter
from voxelle.companion.reply import ReplyCleaner
from voxelle.contracts.tts import SpeechRequest
from voxelle.domain.errors import SetupError
from voxelle.domain.events import TurnEnded
from voxelle.domain.persona import Character
from voxelle.domain.speech import TurnRecord
from voxelle.headless import Show, ShowOptions, open_show, run_show
from voxelle.kernel.tasks import TaskScope

if TYPE_CHECKING:
    from voxelle.kernel.paths import Paths

TURNS = 20
_LONG = 3
"""A reply of so many sentences is a long one."""
_QUESTIONS = (
    "Tell me about the best day you ever had on this stream.",
    "What would you do with a million coins in this game?",
    "Explain to a beginner how to beat the first boss.",
    "Describe the most beautiful place you can imagine.",
    "Why should people come back tomorrow?",
)
_EXAMPLES = """tom: what did you do today?
her: [joy] I woke up late and my first thought was ramen. Then I practised the drum part of that impossible song for two hours. \
My neighbours knocked on the wall, and I think it was applause. After that I came straight here to see all of you.
rika: what do you think of dragons?
her: [excitement] Dragons are simply lizards with ambition, and I respect that. They sit on gold all day and nobody tells them to tidy up. \
If I had wings I would steal one hat from every castle. Would you ride with me?"""


@dataclass(frozen=True, slots=True)
class WholeReply:
    """One turn of the other pipeline: everything is written, then everything is synthesized, then it would be heard."""

    text: str
    ready_s: float


def measure(paths: Paths) -> tuple[Figure, ...]:
    """Measure with the embedded pack that the settings choose."""
    with tempfile.TemporaryDirectory(prefix="voxelle-bench-") as name:
        profile = replace(type(paths).find(Path(name), environ={}), packs=paths.packs)
        records, wholes = asyncio.run(_perform(profile))
    marks = [{stage: at - record.trace.marks["dequeued"] for stage, at in record.trace.marks.items()} for record in records]
    first = [mark["first_sample"] for mark in marks if "first_sample" in mark]
    ours = [mark["first_sample"] for mark, record in zip(marks, records, strict=True) if sentences(record.heard_text) >= _LONG]
    theirs = [whole.ready_s for whole in wholes if sentences(whole.text) >= _LONG]
    ratio = percentile(theirs, 0.5) / percentile(ours, 0.5)
    stages = ("first_token", "first_clause", "gated", "first_sample", "llm_done", "last_sample")
    return (
        Figure("turns", len(first), "count", f"== {TURNS}"),
        Figure("first_sample_p50_ms", percentile(first, 0.5) * 1000, "ms"),
        Figure("first_sample_p95_ms", percentile(first, 0.95) * 1000, "ms"),
        *(Figure(f"{stage}_mean_ms", _mean([mark[stage] for mark in marks if stage in mark]) * 1000, "ms") for stage in stages),
        Figure("long_replies", len(ours), "count"),
        Figure("long_whole_replies", len(theirs), "count"),
        Figure("whole_reply_p50_ms", percentile(theirs, 0.5) * 1000, "ms"),
        Figure("whole_reply_ratio", ratio, "ratio", ">= 2"),
    )


def sentences(text: str) -> int:
    """Count the sentences of a reply by their ends."""
    return sum(word.rstrip("\"')").endswith((".", "!", "?", "…")) for word in text.split())


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else float("nan")


async def _perform(profile: Paths) -> tuple[list[TurnRecord], list[WholeReply]]:
    records: list[TurnRecord] = []
    wholes: list[WholeReply] = []
    chance = random.Random(7)
    options = ShowOptions(wav=profile.data / "road.wav", speed=0.0, is_greeting=False, has_control=False)
    async with open_show(profile, options) as show, TaskScope("bench") as scope:
        scope.start(run_show(show), name="show")
        await show.companion.settle()
        await show.settings.change("language_model.max_reply_tokens", 160)
        character = await cast_talkative(show)
        await _tell(show, "Hello!")
        if show.engines.model.serving == "prepared":
            msg = "The embedded model does not run, so there is nothing to measure. Install it with: voxelle packs install llm-small"
            raise SetupError(msg)
        show.bus.subscribe(TurnEnded, lambda event: records.append(event.record))
        writer = PromptWriter(character, show.settings.current.language_model)
        for number in range(TURNS):
            question = f"{_QUESTIONS[number % len(_QUESTIONS)]} ({chance.randrange(1000)})"
            await _tell(show, question)
            wholes.append(await _whole_reply(show, writer, question))
    return records, wholes


async def cast_talkative(show: Show) -> Character:
    """Put somebody on stage whose answers are long enough to be compared."""
    sample = next(iter(await show.companion.characters()))
    character = replace(
        sample,
        id="bench",
        name="Bench",
        examples=_EXAMPLES,
        persona="You are a talkative fox who always answers in three or four sentences.",
        is_sample=False,
    )
    await show.companion.save_character(character)
    await show.companion.choose_character(character.id)
    return character


async def _tell(show: Show, text: str) -> None:
    await show.companion.tell(text)
    await show.companion.settle()


async def _whole_reply(show: Show, writer: PromptWriter, question: str) -> WholeReply:
    """Do what a whole-reply pipeline does with the same engines, the same prompt and the same history."""
    prompt = writer.write(f"Streamer (the streamer): {question}", "Streamer", await show.companion.recent_turns(12))
    began_s = show.clock.monotonic()
    cleaner, text = ReplyCleaner(writer.character.name), ""
    async with aclosing(show.engines.model.stream(prompt.request)) as stream:
        async for delta in stream:
            text += "".join(piece for piece in cleaner.push(delta.text) if isinstance(piece, str))
    text += "".join(piece for piece in cleaner.flush() if isinstance(piece, str))
    async with aclosing(show.engines.voice.synthesize(SpeechRequest(text, writer.character.voice))) as chunks:
        async for _chunk in chunks:
            pass
    return WholeReply(text, show.clock.monotonic() - began_s)
