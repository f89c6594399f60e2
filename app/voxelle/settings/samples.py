"""Reads the characters that ship with the program: JSON to `Character`, every field checked."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from voxelle.domain.avatar import Emotion
from voxelle.domain.errors import SetupError
from voxelle.domain.persona import Character, VoiceDesign

LARGEST_FILE: Final = 256 * 1024
_TAGGED: Final = re.compile(r"\[(\w+)\] \S")
_OWN_WORDS: Final = frozenset({"her", "him", "them", "you"})
_Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400, pattern=r"^[^\n]+$")]
_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=6000)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SampleVoice(_Part):
    """How she sounds; the bounds are those of `VoiceDesign`."""

    voice: str = Field("default", min_length=1, max_length=100)
    pitch: float = Field(1.0, ge=0.5, le=2.0)
    formant: float = Field(1.0, ge=0.7, le=1.4)
    speed: float = Field(1.0, ge=0.5, le=2.0)
    pitch_range: float = Field(1.0, ge=0.0, le=2.0)


def _another(viewer: str) -> str:
    if viewer.lower() in _OWN_WORDS:
        msg = "it would be read as a line of her own"
        raise ValueError(msg)
    return viewer


def _tagged(reply: str) -> str:
    tag = _TAGGED.match(reply)
    if tag is None or tag[1] not in set(Emotion):
        msg = "it must begin with an emotion in brackets, like [joy]"
        raise ValueError(msg)
    return reply


class SampleExchange(_Part):
    """One few-shot pair: what a viewer of some name wrote, and a reply that begins with one of the 28 emotion tags."""

    viewer: Annotated[str, AfterValidator(_another)] = Field("viewer", pattern=r"^[A-Za-z][A-Za-z0-9_]{1,24}$")
    text: _Line
    reply: Annotated[_Line, AfterValidator(_tagged)]


class SampleCharacter(_Part):
    """A character's file."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,40}$")
    name: _Line
    persona: _Text
    scene: _Text
    examples: tuple[SampleExchange, ...] = Field(min_length=1, max_length=40)
    greeting: _Line
    voice: SampleVoice = SampleVoice()
    accent: str = Field(pattern=r"^#[0-9a-f]{6}$")
    aliases: tuple[_Line, ...] = ()
    prepared_lines: tuple[_Line, ...] = Field(min_length=1, max_length=100)

    def character(self) -> Character:
        """Return the character as the rest of the program knows it."""
        lines = [f"{pair.viewer}: {pair.text}\nher: {pair.reply}" for pair in self.examples]
        return Character(
            id=self.id,
            name=self.name,
            persona=self.persona,
            scene=self.scene,
            examples="\n".join(lines),
            greeting=self.greeting,
            voice=VoiceDesign(**self.voice.model_dump()),
            accent=self.accent,
            aliases=self.aliases,
            prepared_lines=self.prepared_lines,
            is_sample=True,
        )


def load_samples(folder: Path) -> tuple[Character, ...]:
    """Return the characters of a folder's JSON files, by name. Raises SetupError naming the file that is wrong."""
    files = sorted(folder.glob("*.json"))
    if not files:
        msg = f"No characters were found in {folder}: the installation is not complete, install it again."
        raise SetupError(msg)
    return tuple(sorted((_read(file) for file in files), key=lambda character: character.name))


def _read(file: Path) -> Character:
    try:
        if file.stat().st_size > LARGEST_FILE:
            msg = f"The character file {file.name} is too large."
            raise SetupError(msg)
        sample = SampleCharacter.model_validate_json(file.read_bytes())
    except OSError as error:
        msg = f"The character file {file.name} can't be read."
        raise SetupError(msg) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        msg = f"The character file {file.name} is not right{f' at {place}' if place else ''}: {first['msg']}."
        raise SetupError(msg) from error
    if sample.id != file.stem:
        msg = f"The character file {file.name} holds a character called {sample.id}: both have to be the same."
        raise SetupError(msg)
    return sample.character()
