"""Speaker recognition: the host's side, and the network on its real weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.providers.conftest import ProcessMaker
from voxelle.contracts.provider import Limits
from voxelle.contracts.tts import Samples
from voxelle.domain.errors import InputError, SetupError, TemporaryError
from voxelle.kernel.clock import Clock
from voxelle.kernel.packs import PackStore
from voxelle.kernel.worker import CancelToken
from voxelle.providers.process import EngineSpec
from voxelle.providers.speaker.resemblyzer import PACK, WEIGHTS_FILE, Resemblyzer, speaker_spec
from voxelle.providers.speaker.resemblyzer_engine import DIMENSIONS, SpeakerEngine, VoiceNetwork

RATE = 16_000


@pytest.fixture
def network(installed: PackStore) -> VoiceNetwork:
    return VoiceNetwork(installed.file(PACK, WEIGHTS_FILE))


def voice(network: VoiceNetwork, sound: Samples) -> Samples:
    mean: Samples = np.mean(network.embed(sound), axis=0, dtype=np.float32)
    unit: Samples = np.divide(mean, np.linalg.norm(mean), dtype=np.float32)
    return unit


def lower(sound: Samples, factor: float) -> Samples:
    """Play it slower: another throat, and another pitch."""
    at = np.arange(0, len(sound) - 1, factor)
    slower: Samples = np.interp(at, np.arange(len(sound)), sound).astype(np.float32)
    return slower


@pytest.mark.engines
async def test_the_real_process_gives_vectors_of_length_one(
    make_process: ProcessMaker, clock: Clock, installed: PackStore, spoken: list[Samples]
) -> None:
    speakers = Resemblyzer(make_process(speaker_spec(lambda name: installed.file(PACK, name))), clock)
    await speakers.open()
    vectors = await speakers.embed(spoken[0])
    assert vectors.shape[1] == speakers.dimensions == DIMENSIONS
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-3)
    assert speakers.speed is not None
    await speakers.close()


@pytest.mark.engines
def test_a_voice_is_known_again_whatever_it_says_and_another_is_not(network: VoiceNetwork, spoken: list[Samples]) -> None:
    known = voice(network, np.concatenate(spoken[:2]))
    mine = [float(voice(network, sound) @ known) for sound in spoken[2:5]]
    others = [float(voice(network, lower(sound, 0.75)) @ known) for sound in spoken[2:5]]
    assert min(mine) > Resemblyzer.same_from
    assert max(others) < min(mine)
    assert max(others) < Resemblyzer.same_from


@pytest.mark.engines
def test_silence_around_a_voice_and_its_loudness_change_nothing(network: VoiceNetwork, spoken: list[Samples]) -> None:
    plain = voice(network, spoken[0])
    padded = np.concatenate([np.zeros(RATE, np.float32), spoken[0] * np.float32(0.01), np.zeros(RATE, np.float32)])
    assert float(voice(network, padded) @ plain) > 0.95


@pytest.mark.engines
@pytest.mark.parametrize(
    "sound", [np.zeros(0), np.zeros(100), np.zeros(RATE * 3), np.full(RATE, np.nan), np.full(RATE, np.inf), np.ones(RATE) * 1e-9]
)
def test_no_sound_is_too_strange(network: VoiceNetwork, sound: Samples) -> None:
    vectors = network.embed(sound.astype(np.float32))
    assert len(vectors) >= 1
    assert np.isfinite(vectors).all()


@pytest.mark.engines
def test_longer_sound_gives_more_stretches(network: VoiceNetwork) -> None:
    hum = np.sin(np.arange(4 * RATE) / 20).astype(np.float32)
    assert [len(network.embed(hum[: seconds * RATE])) for seconds in (1, 2, 4)] == [1, 1, 4]


@pytest.mark.engines
def test_only_its_own_method_is_served(installed: PackStore) -> None:
    engine = SpeakerEngine({"weights": str(installed.file(PACK, WEIGHTS_FILE))})
    engine.load(lambda _share: None)
    with pytest.raises(InputError, match="no method judge"):
        list(engine.perform("judge", {}, np.zeros(RATE, np.float32), CancelToken()))


def test_other_weights_are_refused_and_nothing_of_them_is_run(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="missing or damaged"):
        VoiceNetwork(tmp_path / "none.pt")
    (tmp_path / "short.pt").write_bytes(b"cposix\nsystem\n(S'exit 1'\ntR.")
    with pytest.raises(SetupError, match="missing or damaged"):
        VoiceNetwork(tmp_path / "short.pt")
    (tmp_path / "zeros.pt").write_bytes(bytes(17_090_379))
    with pytest.raises(SetupError, match="missing or damaged"):
        VoiceNetwork(tmp_path / "zeros.pt")


async def test_a_network_that_hangs_is_temporary(make_process: ProcessMaker, clock: Clock) -> None:
    spec = EngineSpec("The hanging", "tests.fakes.worker_engines:HangingEngine", dict)
    speakers = Resemblyzer(make_process(spec), clock, Limits(first_item_s=0.05))
    await speakers.open()
    with pytest.raises(TemporaryError, match="did not answer in time"):
        await speakers.embed(np.zeros(RATE, np.float32))


async def test_an_answer_of_the_wrong_size_is_temporary(make_process: ProcessMaker, clock: Clock) -> None:
    spec = EngineSpec("The echo", "tests.fakes.worker_engines:EchoEars", dict)
    speakers = Resemblyzer(make_process(spec), clock)
    with pytest.raises(TemporaryError):
        await speakers.embed(np.zeros(RATE, np.float32))
