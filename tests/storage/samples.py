"""Stimuli, turns and characters to keep."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from voxelle.domain.avatar import Emotion, Feeling, FeelingSource
from voxelle.domain.chat import Author, Decision, Role, Stimulus, StimulusKind, StreamEvent, Verdict
from voxelle.domain.persona import Character, VoiceDesign
from voxelle.domain.speech import GateVerdict, HeardClause, TurnOutcome, TurnRecord, TurnTrace

NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
CAST = (
    Character("mira", "Mira", "Curious.", "A ship.", "viewer: hi\nher: [joy] Hello!", "Ahoy!", VoiceDesign(pitch=1.1), is_sample=True),
    Character("basil", "Basil", "Grumpy.", "A shop.", "", "What?", is_sample=True),
)


def stimulus(number: int = 0, text: str = "hello", amount: int = 0) -> Stimulus:
    """Return a chat line."""
    return Stimulus(
        id=f"s-{number:06}",
        kind=StimulusKind.CHAT,
        author=Author(f"u{number % 7}", "Ann", "twitch", frozenset({Role.VIP, Role.SUBSCRIBER})),
        text=text,
        received_at=NOON + timedelta(seconds=number),
        source="rehearsal",
        event=StreamEvent.BITS if amount else StreamEvent.NONE,
        amount=amount,
        is_mention=True,
    )


def decision(of: Stimulus) -> Decision:
    """Return what triage might have said."""
    return Decision(of.id, Verdict.MERGED, 0.75, "asks the same", "s-other")


def turn(number: int = 0, character_id: str = "mira") -> TurnRecord:
    """Return a turn that was cut."""
    return TurnRecord(
        id=f"t-{number:06}",
        character_id=character_id,
        started_at=NOON + timedelta(minutes=number),
        ended_at=NOON + timedelta(minutes=number, seconds=9),
        outcome=TurnOutcome.CUT,
        stimuli=(stimulus(number), stimulus(number + 1000, "and me")),
        prompt_line="Ann: hello\nAnn: and me",
        heard=(
            HeardClause(0, "Oh, hello Ann!", Feeling(Emotion.JOY, 0.9, FeelingSource.TAG), is_whole=True),
            HeardClause(1, "And you", Feeling(), is_whole=False),
        ),
        trace=TurnTrace(
            marks={"dequeued": 0.0125, "first_token": 0.4, "audible": 0.7},
            prompt_tokens={"persona": 200},
            verdicts=(GateVerdict(0, is_allowed=True), GateVerdict(2, is_allowed=False, rule="links")),
            engines={"llm": "llama_cpp"},
            notes=("The first voice was lost.",),
        ),
    )
