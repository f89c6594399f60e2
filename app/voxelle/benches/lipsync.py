"""A minute of speech through the whole road in real time, and an avatar whose mouth is watched against the audio clock.

How a frame is judged says `lip_timing`; the vowels are those that the mouth shows for the words of `vowel_words`.
"""

from __future__ import annotations

import asyncio
import itertools
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from voxelle.benches import Figure, percentile
from voxelle.benches.avatar_end import HERE, MOVED, Arrival, AvatarEnd, open_avatar_end
from voxelle.benches.lip_timing import SoundedClause, first_after, judge
from voxelle.benches.vowel_words import WORDS, read_word, speak
from voxelle.companion.mouth import VowelReader
from voxelle.domain.errors import SetupError
from voxelle.domain.events import ClauseHeard, MouthTrackGrown, PlayheadMoved
from voxelle.headless import Show, ShowOptions, open_show, run_show
from voxelle.kernel.clock import SystemClock
from voxelle.kernel.paths import resource
from voxelle.kernel.tasks import TaskScope
from voxelle.providers.catalogue import EngineSet
from voxelle.providers.tts.hibari_engine import HibariEngine

if TYPE_CHECKING:
    from voxelle.kernel.paths import Paths

SPEECH_S = 60.0
_JOIN_S = 20.0
_LINES = (
    "I woke up late, and my first thought was ramen. Then I practised that impossible song for two hours, until my neighbours knocked.",
    "Dragons are simply lizards with ambition, and I respect that. They sit on gold all day, and nobody tells them to tidy up!",
    "What would you do with a million coins? I would buy a castle, fill it with cats, and let nobody in before noon.",
    "You really want to beat the first boss? Wait for the roar, roll to the left, and never be greedy. Easy, isn't it?",
)
_PLACE = "integrations.vtube_studio"


@dataclass(slots=True)
class Watched:
    """What was said, and what the avatar was told meanwhile."""

    clauses: dict[tuple[str, int], SoundedClause] = field(default_factory=dict)
    arrivals: Sequence[Arrival] = ()
    sources: Counter[str] = field(default_factory=Counter)
    """Shapes of the mouth by where their vowels come from."""

    def clause(self, turn_id: str, index: int) -> SoundedClause:
        """Return a clause, a new one at its first sign."""
        return self.clauses.setdefault((turn_id, index), SoundedClause())

    @property
    def speech_s(self) -> float:
        """How much was audible."""
        return sum(clause.length_s for clause in self.clauses.values())

    def follow(self, show: Show) -> None:
        """Note what the show tells."""

        def on_track(event: MouthTrackGrown) -> None:
            self.clause(event.track.turn_id, event.track.clause_index).add(event.track, show.clock.monotonic())
            self.sources[event.track.source] += len(event.track.shapes)

        def on_playhead(event: PlayheadMoved) -> None:
            self.clause(event.turn_id, event.clause_index).playheads.append((event.at_s, event.position_s))

        def on_clause(event: ClauseHeard) -> None:
            self.clause(event.clause.turn_id, event.clause.index).heard_at_s = show.clock.monotonic()

        show.bus.subscribe(MouthTrackGrown, on_track)
        show.bus.subscribe(PlayheadMoved, on_playhead)
        show.bus.subscribe(ClauseHeard, on_clause)


def measure(paths: Paths) -> tuple[Figure, ...]:
    """Measure with the embedded voice."""
    with tempfile.TemporaryDirectory(prefix="voxelle-bench-") as name:
        profile = replace(type(paths).find(Path(name), environ={}), packs=paths.packs)
        watched = asyncio.run(watch(profile, SPEECH_S, EngineSet.SETTINGS))
    return (*timing(watched), *vowels())


def timing(watched: Watched) -> tuple[Figure, ...]:
    """Return the figures of the mouth's timing."""
    judgements = [judge(clause, watched.arrivals) for clause in watched.clauses.values()]
    frames = sum(each.due for each in judgements)
    on_time = sum(each.on_time for each in judgements)
    offsets_s = [abs(offset) for each in judgements for offset in each.offsets_s]
    signed_s = [offset for each in judgements for offset in each.offsets_s]
    waits_s = [first_after(clause.heard_at_s, watched.arrivals) for clause in watched.clauses.values()]
    leads_s = [lead for clause in watched.clauses.values() for lead in clause.leads_s()]
    shapes = watched.sources.total()
    return (
        Figure("speech_s", watched.speech_s, "s"),
        Figure("clauses", len(watched.clauses), "count"),
        Figure("frames", frames, "count"),
        Figure("on_time_percent", _percent(on_time, frames), "%", ">= 95"),
        Figure("moving_frames", len(offsets_s), "count"),
        Figure("ahead_p50_ms", percentile(signed_s, 0.5) * 1000, "ms"),
        Figure("offset_p50_ms", percentile(offsets_s, 0.5) * 1000, "ms"),
        Figure("offset_p95_ms", percentile(offsets_s, 0.95) * 1000, "ms"),
        Figure("offset_p99_ms", percentile(offsets_s, 0.99) * 1000, "ms"),
        Figure("heard_to_avatar_p50_ms", percentile(waits_s, 0.5) * 1000, "ms"),
        Figure("heard_to_avatar_p99_ms", percentile(waits_s, 0.99) * 1000, "ms", "<= 20"),
        Figure("mouth_messages", sum(each.kind == MOVED for each in watched.arrivals), "count"),
        Figure("shapes_lead_min_ms", percentile(leads_s, 0.0) * 1000, "ms"),
        Figure("shapes_lead_p50_ms", percentile(leads_s, 0.5) * 1000, "ms"),
        Figure("timed_shapes_percent", _percent(watched.sources["timings"], shapes), "%"),
    )


def vowels() -> tuple[Figure, ...]:
    """Return how many words show their vowel: from the spectrum, from the voice's timings, from loudness alone."""
    engine = HibariEngine({})
    engine.load(lambda _share: None)
    spoken = [(vowel, speak(engine, word)) for vowel, words in WORDS.items() for word in words]
    reader = VowelReader.load(resource("mouth", "vowels.npz"))

    def right(using: VowelReader | None, *, knows_phonemes: bool = False) -> float:
        hits = sum(read_word(word, using, knows_phonemes=knows_phonemes) == vowel for vowel, word in spoken)
        return _percent(hits, len(spoken))

    return (
        Figure("vowel_words", len(spoken), "count", ">= 60"),
        Figure("vowels_right_percent", right(reader), "%", ">= 80"),
        Figure("vowels_timings_percent", right(None, knows_phonemes=True), "%"),
        Figure("vowels_loudness_percent", right(None), "%"),
    )


def _percent(part: float, whole: float) -> float:
    return 100 * part / whole if whole else float("nan")


async def watch(profile: Paths, speech_s: float, engine_set: EngineSet) -> Watched:
    """Let her speak for so long, after one answer that warms everything up."""
    options = ShowOptions(engine_set, profile.data / "lipsync.wav", is_greeting=False, has_control=False)
    watched = Watched()
    with open_avatar_end(SystemClock()) as end:
        async with open_show(profile, options) as show, TaskScope("bench") as scope:
            scope.start(run_show(show), name="show")
            await show.companion.settle()
            await _cast(show)
            await _join(show, end)
            await _tell(show)
            end.arrivals.clear()
            watched.follow(show)
            while watched.speech_s < speech_s:
                before_s = watched.speech_s
                await _tell(show)
                if watched.speech_s <= before_s:
                    msg = "She makes no sound, so there is nothing to measure: look whether the embedded voice works."
                    raise SetupError(msg)
            watched.arrivals = tuple(end.arrivals)
    return watched


async def _cast(show: Show) -> None:
    """Put somebody on stage who says what is prepared; no language model is asked."""
    await show.settings.change("language_model.chain", ())
    sample = next(iter(await show.companion.characters()))
    character = replace(sample, id="bench", name="Bench", prepared_lines=_LINES, is_sample=False)
    await show.companion.save_character(character)
    await show.companion.choose_character(character.id)


async def _join(show: Show, end: AvatarEnd) -> None:
    for name, value in (("host", HERE), ("port", end.port.result()), ("discovery_port", 0), ("is_enabled", True)):
        await show.settings.change(f"{_PLACE}.{name}", value)
    if not await asyncio.to_thread(end.is_joined.wait, _JOIN_S):
        msg = "The bench's own avatar was not joined."
        raise SetupError(msg)


_numbers = itertools.count(1)


async def _tell(show: Show) -> None:
    await show.companion.tell(f"Tell me something, number {next(_numbers)}.")
    await show.companion.settle()
