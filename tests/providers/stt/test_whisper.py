"""The embedded recogniser: the host's side, and the model on its real weights."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from tests.providers.conftest import ProcessMaker
from voxelle.benches.noises import NOISES
from voxelle.benches.spoken_lines import SENTENCES, word_errors
from voxelle.companion.hearing.guard import objection
from voxelle.contracts.stt import RecognitionRequest, Transcript
from voxelle.contracts.tts import Samples
from voxelle.domain.errors import InputError, SetupError
from voxelle.kernel.clock import Clock
from voxelle.kernel.packs import PackStore
from voxelle.kernel.worker import CancelToken, Reply
from voxelle.providers.process import EngineSpec
from voxelle.providers.stt.whisper import BASE_PACK, TINY_PACK, Whisper, choose_pack, threads_for, whisper_spec
from voxelle.providers.stt.whisper_engine import WhisperEngine, joined
from voxelle.providers.stt.whisper_model import LONGEST_S, REPEATED, Heard, WhisperModel, is_repetitive, pieces

ECHO = EngineSpec("The echo", "tests.fakes.worker_engines:EchoEars", dict)


@pytest.fixture(scope="module")
def engine(packs_dir: Path) -> WhisperEngine:
    """The small recogniser, loaded in this process."""
    spec = whisper_spec(lambda name: packs_dir / TINY_PACK / name, threads=2)
    made = WhisperEngine(spec.configure())
    made.load(lambda _share: None)
    return made


def asked(engine: WhisperEngine, samples: Samples | None, **arguments: object) -> list[Reply]:
    return list(engine.perform("transcribe", arguments, samples, CancelToken()))


def heard(engine: WhisperEngine, samples: Samples | None, **arguments: object) -> Transcript:
    (reply,) = asked(engine, samples, **arguments)
    return Transcript(**reply.data)


async def test_a_request_becomes_a_transcript_and_the_speed_is_that_of_whole_utterances(make_process: ProcessMaker, clock: Clock) -> None:
    whisper = Whisper(make_process(ECHO), clock)
    await whisper.open()
    samples = np.zeros(8000, np.float32)
    assert await whisper.transcribe(RecognitionRequest(samples, "de", is_interim=True)) == Transcript("0.5 s", "de", -0.25, 0.125)
    assert whisper.speed is None
    assert (await whisper.transcribe(RecognitionRequest(samples))).language == "en"
    assert whisper.speed is not None
    await whisper.close()


async def test_a_cancelled_request_gives_its_place_to_the_next(make_process: ProcessMaker, clock: Clock) -> None:
    whisper = Whisper(make_process(ECHO), clock)
    await whisper.open()
    waiting = RecognitionRequest(np.zeros(800, np.float32), hot_words=("the echo hangs at these",), is_interim=True)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await whisper.transcribe(waiting)
    assert (await whisper.transcribe(RecognitionRequest(np.zeros(16_000, np.float32)))).text == "1 s"


@pytest.mark.engines
async def test_the_real_process_understands_a_sentence(
    make_process: ProcessMaker, clock: Clock, installed: PackStore, spoken: list[Samples]
) -> None:
    whisper = Whisper(make_process(whisper_spec(lambda name: installed.file(TINY_PACK, name))), clock)
    transcript = await whisper.transcribe(RecognitionRequest(spoken[0]))
    assert word_errors(SENTENCES[0], transcript.text)[0] == 0
    assert transcript.language == "en"
    assert transcript.log_probability > -0.5
    assert transcript.no_speech < 0.5


@pytest.mark.engines
def test_of_the_words_of_her_own_voice_hardly_one_is_wrong(engine: WhisperEngine, spoken: list[Samples]) -> None:
    errors = [word_errors(said, heard(engine, sound).text) for said, sound in zip(SENTENCES, spoken, strict=True)]
    assert sum(wrong for wrong, _ in errors) <= 0.05 * sum(words for _, words in errors)


@pytest.mark.engines
@pytest.mark.parametrize("noise", ["silence", "fan", "music", "keyboard"])
def test_what_is_invented_from_noise_does_not_pass_the_guard(engine: WhisperEngine, noise: str) -> None:
    chance = np.random.default_rng(11)
    for hot_words in ((), ("Mira", "Pixel Pete")):
        assert objection(heard(engine, NOISES[noise](3.0, chance), hot_words=hot_words), 3.0)


@pytest.mark.engines
def test_of_nothing_nothing_is_understood(engine: WhisperEngine) -> None:
    for samples in (None, np.zeros(0, np.float32), np.zeros(1000, np.float32)):
        assert heard(engine, samples) == Transcript("", "", 0.0, 1.0)
    assert objection(heard(engine, np.full(16_000, np.nan, np.float32)), 1.0)


@pytest.mark.engines
def test_names_to_expect_are_written_as_given_and_never_crowd_out_the_sentence(engine: WhisperEngine, spoken: list[Samples]) -> None:
    many = ("Mira", "Voxelle", *(f"chatter_number_{number}" for number in range(200)))
    assert word_errors(SENTENCES[1], heard(engine, spoken[1], hot_words=many).text)[0] <= 1


@pytest.mark.engines
def test_long_speech_is_cut_in_its_pauses_and_joined_again(engine: WhisperEngine, spoken: list[Samples]) -> None:
    gap = np.zeros(8000, np.float32)
    sound = np.concatenate([part for line in spoken[:12] for part in (line, gap)])
    assert len(sound) / 16_000 > LONGEST_S
    transcript = heard(engine, sound)
    errors, words = word_errors(" ".join(SENTENCES[:12]), transcript.text)
    assert errors <= 0.1 * words
    assert -0.5 < transcript.log_probability < 0


@pytest.mark.engines
def test_a_loop_gets_a_second_chance_unless_it_is_in_a_hurry(engine: WhisperEngine) -> None:
    tone = (0.3 * np.sin(2 * np.pi * 440 * np.arange(48_000) / 16_000)).astype(np.float32)
    hurried = heard(engine, tone, hot_words=("Mira", "Pixel Pete"), is_interim=True)
    assert (hurried.log_probability, is_repetitive(hurried.text)) == (REPEATED, True)
    assert not is_repetitive(heard(engine, tone, hot_words=("Mira", "Pixel Pete")).text)


@pytest.mark.engines
def test_a_cancel_is_seen_between_listening_and_writing(
    engine: WhisperEngine, spoken: list[Samples], monkeypatch: pytest.MonkeyPatch
) -> None:
    token = CancelToken()
    encode = engine._model.encode

    def encode_and_cancel(samples: Samples) -> object:
        encoded = encode(samples)
        token.cancel()
        return encoded

    monkeypatch.setattr(engine._model, "encode", encode_and_cancel)
    monkeypatch.setattr(engine._model, "decode", None)
    assert list(engine.perform("transcribe", {}, spoken[0], token)) == []


@pytest.mark.engines
def test_the_small_recogniser_knows_english_alone_and_no_other_method(engine: WhisperEngine, spoken: list[Samples]) -> None:
    with pytest.raises(SetupError, match=r"does not know the language “de”: choose stt-base"):
        asked(engine, spoken[0], language="de")
    with pytest.raises(InputError, match="no method sing"):
        list(engine.perform("sing", {}, None, CancelToken()))


def test_a_damaged_model_is_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="missing or damaged: open Engines and press Install"):
        WhisperModel(tmp_path, 1)


def test_a_sound_is_cut_where_it_is_quietest_and_never_too_long() -> None:
    chance = np.random.default_rng(3)
    sound = chance.standard_normal(70 * 16_000).astype(np.float32)
    sound[25 * 16_000 : 25 * 16_000 + 3200] = 0.0
    parts = pieces(sound)
    assert np.array_equal(np.concatenate(parts), sound)
    assert all(len(part) <= LONGEST_S * 16_000 for part in parts)
    assert 25.0 <= len(parts[0]) / 16_000 <= 25.2
    assert len(pieces(sound[:16_000])) == 1


def test_a_token_counts_as_much_in_a_short_piece_as_in_a_long_one() -> None:
    whole = joined([Heard("a b c", -0.1, 0.2, 3), Heard("", 0.0, 0.9, 0), Heard("d", -0.5, 0.1, 1)])
    assert whole == {"text": "a b c d", "log_probability": pytest.approx(-0.2), "no_speech": 0.1}
    assert joined([Heard("", 0.0, 1.0, 0)]) == {"text": "", "log_probability": 0.0, "no_speech": 1.0}


@pytest.mark.parametrize("text, expected", [("Be " * 60, True), ("no no no", False), ("", False), (SENTENCES[1], False)])
def test_texts_that_go_round_in_circles_are_told_from_others(text: str, expected: bool) -> None:
    assert is_repetitive(text) is expected


@pytest.mark.parametrize(
    "wanted, low_impact, processors, threads",
    [(0, False, 2, 2), (0, False, 16, 4), (0, False, 1, 1), (3, False, 8, 3), (9, False, 8, 4), (3, True, 8, 1), (0, False, 6, 3)],
)
def test_threads_leave_room_for_the_game(wanted: int, low_impact: bool, processors: int, threads: int) -> None:
    assert threads_for(wanted, low_impact=low_impact, processors=processors) == threads


@pytest.mark.parametrize(
    "wanted, language, there, pack",
    [
        ("auto", "", (BASE_PACK, TINY_PACK), BASE_PACK),
        ("auto", "en", (TINY_PACK,), TINY_PACK),
        ("auto", "", (TINY_PACK,), TINY_PACK),
        ("auto", "de", (TINY_PACK,), BASE_PACK),
        ("auto", "", (), BASE_PACK),
        (TINY_PACK, "", (BASE_PACK,), TINY_PACK),
    ],
)
def test_the_larger_recogniser_is_taken_unless_only_the_small_one_is_there(
    wanted: str, language: str, there: tuple[str, ...], pack: str
) -> None:
    assert choose_pack(wanted, language, lambda each: each in there) == pack


def test_priority_and_low_impact_reach_the_process(tmp_path: Path) -> None:
    assert whisper_spec(lambda name: tmp_path / name).limits().nice == 2
    assert whisper_spec(lambda name: tmp_path / name, priority=1).limits().nice == 0
    spec = whisper_spec(lambda name: tmp_path / name, low_impact=True)
    assert spec.limits().nice == 15
    assert spec.configure() == {"folder": str(tmp_path), "threads": 1}


class ManyTongues:
    """A model that takes every sound for English or Thai, the longer one for English."""

    is_multilingual = True

    def encode(self, samples: Samples) -> int:
        return len(samples)

    def languages_of(self, encoded: int) -> dict[str, float]:
        return {"en": 0.9, "th": 0.1} if encoded > 16_000 else {"en": 0.4, "th": 0.6}

    def decode(self, encoded: int, seconds: float, language: str, hot_words: tuple[str, ...], *, is_strict: bool = False) -> Heard:
        return Heard(language, -0.1, 0.0, 1)


def test_a_whole_sentence_tells_the_language_of_the_next_and_an_interim_one_does_not() -> None:
    engine = WhisperEngine({})
    engine._model = ManyTongues()  # type: ignore[assignment]
    long, short = np.zeros(32_000, np.float32), np.zeros(8000, np.float32)
    assert heard(engine, long, is_interim=True).language == "en"
    assert heard(engine, short).language == "th"
    for _ in range(3):
        assert heard(engine, long).language == "en"
    assert heard(engine, short).language == "en"
