"""Who she is: a character with three texts, a voice and a colour."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VoiceDesign:
    """How a character sounds, independent of the engine. Factors around 1.0."""

    voice: str = "default"
    pitch: float = 1.0
    """Factor on the fundamental frequency, 0.5..2.0."""
    formant: float = 1.0
    """Factor on the spectral envelope, 0.7..1.4: above 1 sounds smaller."""
    speed: float = 1.0
    """Factor on the speaking rate, 0.5..2.0."""
    pitch_range: float = 1.0
    """Exponent on the pitch contour: 0 monotone, 1 as spoken, 2 very lively."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One few-shot pair: what a viewer wrote and what she would say, with its emotion tag."""

    viewer: str
    reply: str


@dataclass(frozen=True, slots=True)
class Character:
    """A character as the streamer edits it.

    `persona`, `scene` and `examples` are the three texts. `examples` holds lines in pairs,
    `viewer: …` then `her: [joy] …`; `voxelle.companion.prompt.exchanges` reads them.
    """

    id: str
    name: str
    persona: str
    scene: str
    examples: str
    greeting: str
    voice: VoiceDesign = VoiceDesign()
    accent: str = "#7c5cff"
    """Colour of the character in the window, `#rrggbb`."""
    aliases: tuple[str, ...] = ()
    """Other names she answers to."""
    prepared_lines: tuple[str, ...] = ()
    """Said when no language model is to be had; may contain `{viewer}`."""
    is_sample: bool = False
