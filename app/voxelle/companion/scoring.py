"""What a stimulus weighs, and why: the streamer first, then what happens on the stream, then the chat."""

from __future__ import annotations

import re

from voxelle.domain.chat import Role, Stimulus, StimulusKind, StreamEvent
from voxelle.settings.reactions import ReactionsSettings

PERSONAL = (StimulusKind.TYPED, StimulusKind.VOICE, StimulusKind.GREETING)
"""Said to her by the streamer, or by herself."""
HIGHEST = 99.0
"""Whatever happens and whoever pays: what the streamer types or says comes first."""
_KIND_SCORES = {
    StimulusKind.TYPED: (100.0, "you wrote it"),
    StimulusKind.GREETING: (95.0, "she says hello"),
    StimulusKind.VOICE: (90.0, "spoken to her"),
    StimulusKind.EVENT: (60.0, "something happened on the stream"),
    StimulusKind.CHAT: (20.0, "a chat line"),
    StimulusKind.IDLE: (1.0, "nothing else happened"),
}
_EVENT_SCORES = {
    StreamEvent.RAID: (25.0, "a raid"),
    StreamEvent.SUBSCRIPTION: (20.0, "a subscription"),
    StreamEvent.GIFT: (20.0, "gifted subscriptions"),
    StreamEvent.BITS: (15.0, "bits"),
    StreamEvent.REDEMPTION: (15.0, "a redemption"),
    StreamEvent.FOLLOW: (-20.0, "a follow"),
}
_ROLE_SCORES = {
    Role.BROADCASTER: (20.0, "from the broadcaster"),
    Role.MODERATOR: (8.0, "from a moderator"),
    Role.VIP: (6.0, "from a VIP"),
    Role.SUBSCRIBER: (5.0, "from a subscriber"),
    Role.FIRST_TIME: (12.0, "first message here"),
}
_TITLES = {StreamEvent(name): str(field.title).lower() for name, field in ReactionsSettings.model_fields.items()}
_QUESTION = re.compile(r"[?？]|^(?:who|what|when|where|why|how|which|can|could|do|does|did|is|are|will|would|should)\b", re.IGNORECASE)
_MOST_FOR_BITS = 30.0


def is_question(text: str) -> bool:
    """Whether a line asks something."""
    return _QUESTION.search(text) is not None


def score(stimulus: Stimulus, *, has_keyword: bool = False) -> tuple[float, list[str]]:
    """Return how urgent a stimulus is, and the reasons in words."""
    points, reason = _KIND_SCORES[stimulus.kind]
    if stimulus.kind is StimulusKind.VOICE and Role.BROADCASTER in stimulus.author.roles:
        points, reason = _KIND_SCORES[StimulusKind.TYPED][0], "you said it"
    reasons = [reason]
    if stimulus.kind is StimulusKind.EVENT and stimulus.event is not StreamEvent.NONE:
        bonus, reason = _EVENT_SCORES.get(stimulus.event, (0.0, _TITLES.get(stimulus.event, reason)))
        # The streamer's own urgency takes the place of ours.
        points, reasons = points + (0.0 if stimulus.cue else bonus), [reason]
    if stimulus.kind is StimulusKind.CHAT:
        for bonus, reason in _chat_bonuses(stimulus, has_keyword=has_keyword):
            points, reasons = points + bonus, [*reasons, reason]
    if stimulus.event is StreamEvent.BITS:
        points += min(_MOST_FOR_BITS, stimulus.amount / 10)
    points += stimulus.priority
    if stimulus.is_guaranteed:
        reasons.append("never passed over")
    if stimulus.is_test:
        reasons.append("a test")
    return (points if stimulus.kind in PERSONAL else min(points, HIGHEST)), reasons


def _chat_bonuses(stimulus: Stimulus, *, has_keyword: bool) -> list[tuple[float, str]]:
    bonuses = [_ROLE_SCORES[role] for role in sorted(stimulus.author.roles & _ROLE_SCORES.keys())]
    if stimulus.is_mention:
        bonuses.append((30.0, "names her"))
    if stimulus.is_highlighted:
        bonuses.append((25.0, "highlighted"))
    if is_question(stimulus.text):
        bonuses.append((10.0, "a question"))
    if has_keyword:
        bonuses.append((10.0, "has a keyword"))
    return bonuses
