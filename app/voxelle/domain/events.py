"""Every fact announced on the bus. Past tense, frozen, dispatched by class."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from voxelle.domain.avatar import AvatarSnapshot, Feeling, MouthShape, MouthTrack
from voxelle.domain.channel import ChannelSnapshot
from voxelle.domain.chat import ChannelEvent, Decision, QueueSnapshot, Retraction, Stimulus
from voxelle.domain.hearing import BargeInState, HearingSnapshot
from voxelle.domain.persona import Character
from voxelle.domain.speech import Clause, TurnRecord, TurnState


@dataclass(frozen=True, slots=True)
class Event:
    """Root of all events."""


@dataclass(frozen=True, slots=True)
class MessageReceived(Event):
    """A stimulus arrived and triage decided about it."""

    stimulus: Stimulus
    decision: Decision


@dataclass(frozen=True, slots=True)
class ChannelEventReceived(Event):
    """Something happened on a channel, and this is what she makes of it."""

    channel_event: ChannelEvent
    reaction: str
    """In words: `she answers`, `joined with 4 others`, `switched off` …"""
    is_answered: bool = False


@dataclass(frozen=True, slots=True)
class MessagesRetracted(Event):
    """Messages were taken back: whoever shows or keeps them forgets their text."""

    retraction: Retraction
    stimulus_ids: tuple[str, ...] = ()
    """Those that were still at hand."""


@dataclass(frozen=True, slots=True)
class QueueChanged(Event):
    """What waits has changed."""

    queue: QueueSnapshot


@dataclass(frozen=True, slots=True)
class TurnStarted(Event):
    """She took something from the queue and begins to think."""

    turn_id: str
    character_id: str
    stimuli: tuple[Stimulus, ...]
    merged_count: int = 0


@dataclass(frozen=True, slots=True)
class TurnStateChanged(Event):
    """The show moved to another state. `turn_id` is empty when idle."""

    state: TurnState
    turn_id: str = ""


@dataclass(frozen=True, slots=True)
class ReplyGrown(Event):
    """The model wrote more; `text` is the piece, cleaned of tags. Not yet checked, not for the stream."""

    turn_id: str
    text: str


@dataclass(frozen=True, slots=True)
class ClausePassed(Event):
    """A clause passed the safety gate and goes to the voice."""

    clause: Clause


@dataclass(frozen=True, slots=True)
class ClauseBlocked(Event):
    """The safety gate held a clause back. Its text stays inside; `rule` says why."""

    turn_id: str
    index: int
    rule: str


@dataclass(frozen=True, slots=True)
class ClauseHeard(Event):
    """The first sample of a clause is audible now: the moment for face and caption."""

    clause: Clause
    duration_s: float
    """Length of the clause's sound, 0 when it is shown without a voice."""


@dataclass(frozen=True, slots=True)
class WordHeard(Event):
    """A word is audible now. `start` and `end` are character positions in the clause's text."""

    turn_id: str
    clause_index: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class MouthTrackGrown(Event):
    """More of the mouth's movement is known, ahead of its sound."""

    track: MouthTrack


@dataclass(frozen=True, slots=True)
class PlayheadMoved(Event):
    """Where the sound is, by the audio clock: at `at_s` of the show's clock, `position_s` of the clause were audible."""

    turn_id: str
    clause_index: int
    position_s: float
    at_s: float


@dataclass(frozen=True, slots=True)
class MouthMoved(Event):
    """What was sent to the avatar last, for meters. Far fewer than are sent."""

    shape: MouthShape
    mood: float = 0.0
    """-1 is sad or angry, 1 is happy."""


@dataclass(frozen=True, slots=True)
class HearingChanged(Event):
    """Her ears: the state announced whole."""

    hearing: HearingSnapshot


@dataclass(frozen=True, slots=True)
class MicrophoneHeard(Event):
    """One frame of the microphone, for a meter: far more come than a window shows."""

    level: float
    """RMS, 0..1."""
    speech: float
    """Probability of speech, 0..1."""


@dataclass(frozen=True, slots=True)
class UtteranceDropped(Event):
    """Something was heard and does not reach her; `reason` in words, never what was said."""

    reason: str


@dataclass(frozen=True, slots=True)
class BargeInChanged(Event):
    """Somebody's voice did something to hers."""

    state: BargeInState
    turn_id: str


@dataclass(frozen=True, slots=True)
class TurnEnded(Event):
    """A turn is over; announced exactly once for every TurnStarted."""

    record: TurnRecord


class HealthLevel(StrEnum):
    """A light. Green only when traffic or a heartbeat was really seen lately."""

    OFF = "off"
    STARTING = "starting"
    OK = "ok"
    DEGRADED = "degraded"
    RETRYING = "retrying"
    NEEDS_YOU = "needs_you"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class HealthChanged(Event):
    """A service's light changed; `sentence` says what it means for the streamer."""

    service: str
    level: HealthLevel
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class ConnectionChanged(Event):
    """What a connection shows of itself changed, announced whole."""

    connection: str
    """Id of the integration."""
    snapshot: ChannelSnapshot | AvatarSnapshot


class EngineState(StrEnum):
    """Where an engine stands."""

    ABSENT = "absent"
    """Its weights or program are not on this machine."""
    UNLOADED = "unloaded"
    INSTALLING = "installing"
    LOADING = "loading"
    READY = "ready"
    RESTARTING = "restarting"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """An engine as the Engines page shows it. Figures are measured here, None while unknown."""

    id: str
    stage: str
    """`llm`, `tts`, `stt`, `vad`, `end_of_turn`, `emotion`, `embedding` or `sound`."""
    title: str
    state: EngineState
    is_active: bool = False
    """It serves its stage now."""
    is_offline: bool = True
    progress: float | None = None
    """0..1 while installing or loading, None when it can't be known."""
    size_mb: float | None = None
    rss_mb: float | None = None
    speed: float | None = None
    speed_unit: str = ""
    """`tokens/s`, `× real time` …"""
    sentence: str = ""
    """What went wrong and what to do, or empty."""
    can_install: bool = False


@dataclass(frozen=True, slots=True)
class EngineChanged(Event):
    """One engine's status changed, announced whole."""

    status: EngineStatus


@dataclass(frozen=True, slots=True)
class FallbackSwitched(Event):
    """A stage moved to another engine of its chain."""

    stage: str
    from_engine: str
    to_engine: str
    sentence: str


class NoticeLevel(StrEnum):
    """How urgent a notice is."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class NoticeRaised(Event):
    """A sentence the streamer should read."""

    level: NoticeLevel
    sentence: str


@dataclass(frozen=True, slots=True)
class ShowSnapshot:
    """The whole visible state of the companion."""

    state: TurnState = TurnState.IDLE
    turn_id: str = ""
    character: Character | None = None
    is_muted: bool = False
    is_chat_paused: bool = False
    is_listening: bool = False
    """Somebody is speaking or writing to her at this moment."""
    feeling: Feeling = Feeling()
    sound: str = ""
    """A sentence about where her voice goes: a device's name, a file, or why there is none."""


@dataclass(frozen=True, slots=True)
class ShowChanged(Event):
    """Muted, paused, another character …: the state announced whole."""

    show: ShowSnapshot


@dataclass(frozen=True, slots=True)
class CharacterSaved(Event):
    """A character's texts or voice changed."""

    character: Character


@dataclass(frozen=True, slots=True)
class SettingsChanged(Event):
    """Some settings changed; `paths` are dotted, like `voice.volume`."""

    paths: tuple[str, ...]
    needs_restart: bool = False


@dataclass(frozen=True, slots=True)
class Underrun(Event):
    """The sound device ran dry in the middle of speech."""

    total: int
    at: datetime
