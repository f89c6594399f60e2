"""The mouth: what it shows for sounds whose vowels are known, and for any sound at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from voxelle.benches.vowel_words import WORDS, SpokenWord, read_word, speak
from voxelle.companion.mouth import HOP, VOWELS, Mouth, VowelReader, vowels_of
from voxelle.contracts.audio import OUTPUT_RATE
from voxelle.domain.avatar import MOUTH_RATE, MouthShape, MouthTrack
from voxelle.domain.speech import Clause, PhonemeTiming
from voxelle.kernel.paths import resource
from voxelle.providers.tts.hibari_engine import HibariEngine

CLAUSE = Clause("turn", 2, "Hello there.")


@pytest.fixture(scope="module")
def reader() -> VowelReader:
    return VowelReader.load(resource("mouth", "vowels.npz"))


@pytest.fixture(scope="module")
def spoken() -> dict[str, SpokenWord]:
    engine = HibariEngine({})
    engine.load(lambda _share: None)
    return {word: speak(engine, word) for words in WORDS.values() for word in words}


def right(spoken: dict[str, SpokenWord], reader: VowelReader | None, *, knows_phonemes: bool = False) -> float:
    """Return the share of words whose vowel the mouth shows."""
    hits = [read_word(spoken[word], reader, knows_phonemes=knows_phonemes) == vowel for vowel, words in WORDS.items() for word in words]
    return sum(hits) / len(hits)


def tone(seconds: float, loudness: float = 0.3) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    times = np.arange(round(seconds * OUTPUT_RATE)) / OUTPUT_RATE
    return (loudness * np.sin(2 * np.pi * 220 * times)).astype(np.float32)


def shapes_of(*tracks: MouthTrack | None) -> list[MouthShape]:
    return [shape for track in tracks if track is not None for shape in track.shapes]


@pytest.mark.engines
def test_the_spectrum_alone_tells_the_vowel_of_four_words_in_five(spoken: dict[str, SpokenWord], reader: VowelReader) -> None:
    assert sum(len(words) for words in WORDS.values()) >= 60
    assert right(spoken, reader) >= 0.8


@pytest.mark.engines
def test_phoneme_times_tell_nearly_every_vowel_and_loudness_only_one_in_five(spoken: dict[str, SpokenWord]) -> None:
    assert right(spoken, None, knows_phonemes=True) >= 0.95
    assert right(spoken, None) == pytest.approx(0.2)


@pytest.mark.parametrize("pieces", [1, 2, 7, 40])
def test_shapes_do_not_depend_on_how_the_sound_was_cut(reader: VowelReader, pieces: int) -> None:
    chance = np.random.default_rng(3)
    sound = (tone(1.7) * chance.uniform(0.2, 1.0, round(1.7 * OUTPUT_RATE))).astype(np.float32)
    whole, cut = Mouth(CLAUSE, reader), Mouth(CLAUSE, reader)
    expected = shapes_of(whole.push(sound), whole.finish())
    tracks = [*(cut.push(piece) for piece in np.array_split(sound, pieces)), cut.finish()]
    places = [place for track in tracks if track for place in range(track.first, track.first + len(track.shapes))]
    assert places == list(range(len(expected)))
    assert np.allclose(shapes_of(*tracks), expected, atol=1e-6)


def test_a_shape_stands_where_its_sound_is(reader: VowelReader) -> None:
    sound = np.concatenate([np.zeros(OUTPUT_RATE // 2, np.float32), tone(0.5), np.zeros(OUTPUT_RATE // 2, np.float32)])
    mouth = Mouth(CLAUSE, reader)
    shapes = shapes_of(mouth.push(sound), mouth.finish())
    open_at = [place / MOUTH_RATE for place, shape in enumerate(shapes) if shape.openness > 0.1]
    assert open_at[0] == pytest.approx(0.5, abs=0.025)
    assert open_at[-1] == pytest.approx(1.0, abs=0.025)
    assert len(shapes) == len(sound) // HOP + 1


def test_long_sound_is_not_kept(reader: VowelReader) -> None:
    mouth = Mouth(CLAUSE, reader)
    for _ in range(40):
        mouth.push(tone(0.5))
    assert len(mouth._sound) < 3 * OUTPUT_RATE


def test_lips_are_closed_in_a_word_that_closes_them() -> None:
    mouth = Mouth(CLAUSE, None)
    phonemes = (PhonemeTiming("ɑ", 0.0, 0.2), PhonemeTiming("m", 0.2, 0.4), PhonemeTiming("i", 0.4, 0.6))
    shapes = shapes_of(mouth.push(tone(0.6), phonemes), mouth.finish())
    assert shapes[6].a > 0.5
    assert shapes[18].openness < 0.05
    assert shapes[30].i > shapes[30].a


def test_a_diphthong_has_two_shapes_and_cut_silence_is_counted() -> None:
    mouth = Mouth(CLAUSE, None)
    shapes = shapes_of(mouth.push(tone(0.4), (PhonemeTiming("aʊ", 0.5, 0.9),), 0.5), mouth.finish())
    assert shapes[3].a > 0.5 > shapes[3].u
    assert shapes[20].u > 0.5 > shapes[20].a


def test_silence_keeps_the_mouth_closed(reader: VowelReader) -> None:
    for kind in (reader, None):
        mouth = Mouth(CLAUSE, kind)
        shapes = shapes_of(mouth.push(np.zeros(OUTPUT_RATE, np.float32)), mouth.finish())
        assert max(shape.openness for shape in shapes) == 0


def test_all_values_keep_their_bounds(reader: VowelReader) -> None:
    for kind, phonemes in ((reader, ()), (None, ()), (None, (PhonemeTiming("eɪ", 0.0, 1.0),))):
        mouth = Mouth(CLAUSE, kind)
        for shape in shapes_of(mouth.push(tone(1.0, 1.0), phonemes), mouth.finish()):
            assert all(0 <= value <= 1 for value in shape)


def test_the_source_of_the_vowels_is_told(reader: VowelReader) -> None:
    for kind, phonemes, source in (
        (reader, (), "spectrum"),
        (None, (), "loudness"),
        (reader, (PhonemeTiming("i", 0.0, 1.0),), "timings"),
    ):
        track = Mouth(CLAUSE, kind).push(tone(1.0), phonemes)
        assert track is not None
        assert (track.source, track.turn_id, track.clause_index) == (source, "turn", 2)


@pytest.mark.parametrize("symbol,vowels", [("ɑ", "a"), ("oʊ", "ou"), ("t", ""), ("ɔɪ", "oi"), (" ", "")])
def test_phonemes_are_sorted_into_vowels(symbol: str, vowels: str) -> None:
    assert vowels_of(symbol) == vowels
    assert set(vowels) <= set(VOWELS)


def test_damaged_weights_are_an_error(tmp_path: Path) -> None:
    file = tmp_path / "vowels.npz"
    file.write_bytes(b"no weights")
    with pytest.raises(ValueError, match="pickle"):
        VowelReader.load(file)
