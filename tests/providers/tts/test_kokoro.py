"""The optional embedded voice, with a network that stands in for the real one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.providers.conftest import ProcessMaker
from voxelle.contracts.tts import SpeechRequest
from voxelle.domain.errors import InputError, SetupError
from voxelle.domain.speech import WordTiming
from voxelle.kernel.clock import Clock
from voxelle.kernel.worker import CancelToken, Reply
from voxelle.providers.process import EngineSpec
from voxelle.providers.tts.hibari_engine import SAMPLE_RATE
from voxelle.providers.tts.kokoro import Kokoro, kokoro_spec
from voxelle.providers.tts.kokoro_engine import BORDERS_OUTPUT, KokoroEngine, read_styles

STEP = SAMPLE_RATE // 40


class Network:
    """Stands in for the session: each phoneme hums for two steps."""

    def __init__(self) -> None:
        self.asked: list[dict[str, npt.NDArray[Any]]] = []

    def run(self, _names: None, inputs: dict[str, npt.NDArray[Any]], _options: object) -> list[npt.NDArray[Any]]:
        self.asked.append(inputs)
        count = inputs["tokens"].shape[1]
        return [np.full(count * 2 * STEP, 0.5, np.float32), np.arange(1, count + 1)[np.newaxis] * 2]


@pytest.fixture
def styles(tmp_path: Path) -> Path:
    path = tmp_path / "voices.npz"
    rows = np.arange(510, dtype=np.float32)[:, np.newaxis, np.newaxis] * np.ones((1, 1, 256), np.float32)
    np.savez(path, first=rows, second=rows + 1000)
    return path


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"weights")
    return path


@pytest.fixture
def loaded(styles: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[KokoroEngine, Network]:
    """The engine as it loads, and what stands in for its network."""
    network = Network()

    def session(graph: bytes, _options: object, *, providers: list[str]) -> Network:
        assert BORDERS_OUTPUT.encode() in graph
        assert providers == ["CPUExecutionProvider"]
        return network

    monkeypatch.setattr("onnxruntime.InferenceSession", session)
    engine = KokoroEngine({"model": str(model), "voices": str(styles), "threads": 1})
    shares: list[float] = []
    engine.load(shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    network.asked.clear()
    return engine, network


def speak(engine: KokoroEngine, text: str, **more: Any) -> list[Reply]:
    return list(engine.perform("speak", {"text": text, **more}, None, CancelToken()))


def test_a_sentence_is_a_reply_and_its_words_are_timed_by_the_network(loaded: tuple[KokoroEngine, Network]) -> None:
    engine, network = loaded
    first, second = speak(engine, "Good evening. Welcome!")
    assert len(network.asked) == 2
    assert [word for word, _, _ in first.data["words"]] == ["Good", "evening."]
    assert first.data["sample_rate"] == SAMPLE_RATE
    assert first.audio is not None
    (_, start, end), (_, next_start, _) = first.data["words"]
    assert (end - start, next_start - end) == pytest.approx((4 * 0.05, 0.05))
    assert second.data["words"][0][1] >= len(first.audio) / SAMPLE_RATE
    assert first.data["phonemes"][0][0] == "ɡ"


def test_the_style_is_the_named_one_for_the_length_of_the_sentence(loaded: tuple[KokoroEngine, Network]) -> None:
    engine, network = loaded
    for voice in ("first", "second", "default"):
        speak(engine, "Good evening.", voice=voice, prosody={"speed": 1.5})
    row = network.asked[0]["tokens"].shape[1] - 3
    assert [float(inputs["style"][0, 0]) for inputs in network.asked] == [row, row + 1000, row]
    assert network.asked[0]["style"].shape == (1, 256)
    assert network.asked[0]["speed"].tolist() == [1.5]


def test_a_word_of_many_numbers_fits_into_the_network(loaded: tuple[KokoroEngine, Network]) -> None:
    engine, network = loaded
    (reply,) = speak(engine, "$9,999,999.99/" * 4)
    assert network.asked[0]["tokens"].shape[1] <= 502
    assert len(reply.data["words"]) == 1


def test_a_cancel_ends_it_between_sentences(loaded: tuple[KokoroEngine, Network]) -> None:
    engine, network = loaded
    token = CancelToken()
    replies = engine.perform("speak", {"text": "One is here. Two is here. Three is here."}, None, token)
    next(replies)
    token.cancel()
    assert list(replies) == []
    assert len(network.asked) <= 2


def test_loudness_scales_the_sound(loaded: tuple[KokoroEngine, Network]) -> None:
    engine, _ = loaded
    (plain,), (quiet,) = speak(engine, "Good evening."), speak(engine, "Good evening.", prosody={"loudness": 0.5})
    assert plain.audio is not None
    assert quiet.audio is not None
    assert np.abs(quiet.audio).max() == pytest.approx(np.abs(plain.audio).max() / 2)


def test_another_method_is_refused(loaded: tuple[KokoroEngine, Network]) -> None:
    with pytest.raises(InputError, match="no method sing"):
        list(loaded[0].perform("sing", {}, None, CancelToken()))


@pytest.mark.parametrize("spoilt", ["voices", "model"])
def test_files_that_can_not_be_read_name_the_way_out(styles: Path, model: Path, tmp_path: Path, spoilt: str) -> None:
    config = {"model": str(model), "voices": str(styles), "threads": 1} | {spoilt: str(tmp_path / "missing")}
    with pytest.raises(SetupError, match="open Engines and press Install"):
        KokoroEngine(config).load(lambda _share: None)


def test_a_file_without_styles_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "none.npz")
    with pytest.raises(ValueError, match="no style"):
        read_styles(tmp_path / "none.npz")


async def test_sound_and_times_arrive(make_process: ProcessMaker, clock: Clock) -> None:
    voice = Kokoro(make_process(EngineSpec("The echo", "tests.fakes.worker_engines:EchoEngine", dict)), clock)
    await voice.open()
    (chunk,) = [chunk async for chunk in voice.synthesize(SpeechRequest("two words"))]
    await voice.close()
    assert chunk.words == (WordTiming("two", 0.0, 0.1), WordTiming("words", 0.1, 0.2))
    assert voice.speed is not None


def test_the_process_is_given_the_verified_files(tmp_path: Path) -> None:
    config = kokoro_spec(lambda name: tmp_path / name).configure()
    assert config == {"model": str(tmp_path / "kokoro-v1.0.int8.onnx"), "voices": str(tmp_path / "voices_ja.npz"), "threads": 2}
