"""Voice activity: the host's side, and the network on its real weights."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from tests.providers.conftest import ProcessMaker
from voxelle.benches.noises import NOISES
from voxelle.contracts.audio import INPUT_FRAMES
from voxelle.contracts.provider import Limits
from voxelle.contracts.tts import Samples
from voxelle.domain.errors import InputError, TemporaryError
from voxelle.kernel.clock import Clock
from voxelle.kernel.packs import PackStore
from voxelle.providers.ears import ACTIVITY_FILE, PACK, ears_spec
from voxelle.providers.process import EngineSpec
from voxelle.providers.vad.silero import Silero
from voxelle.providers.vad.silero_engine import MOST_SPEAKERS, SileroNetwork

ECHO = EngineSpec("The echo", "tests.fakes.worker_engines:EchoEars", dict)
FRAME = np.zeros(INPUT_FRAMES, np.float32)


@pytest.fixture
def network(installed: PackStore) -> SileroNetwork:
    return SileroNetwork(installed.file(PACK, ACTIVITY_FILE))


def judged(network: SileroNetwork, sound: Samples, speaker: str = "mic") -> list[float]:
    return [network.judge(speaker, sound[begin : begin + INPUT_FRAMES]) for begin in range(0, len(sound) - INPUT_FRAMES + 1, INPUT_FRAMES)]


async def test_a_frame_is_judged_and_the_speed_is_told(make_process: ProcessMaker, clock: Clock) -> None:
    silero = Silero(make_process(ECHO), clock)
    await silero.open()
    assert await silero.judge("mic", FRAME) == 0.75
    assert silero.speed is not None
    await silero.forget("mic")
    await silero.close()


async def test_nobody_is_forgotten_by_a_process_that_is_not_there(make_process: ProcessMaker, clock: Clock) -> None:
    silero = Silero(make_process(ECHO), clock)
    await silero.forget("mic")
    assert silero.process.snapshot.pid is None


async def test_frames_do_not_overtake_each_other(make_process: ProcessMaker, clock: Clock) -> None:
    silero = Silero(make_process(ECHO), clock)
    assert await asyncio.gather(*(silero.judge("mic", FRAME) for _ in range(20))) == [0.75] * 20


async def test_a_network_that_hangs_is_temporary(make_process: ProcessMaker, clock: Clock) -> None:
    spec = EngineSpec("The hanging", "tests.fakes.worker_engines:HangingEngine", dict)
    silero = Silero(make_process(spec), clock, Limits(first_item_s=0.05))
    await silero.open()
    with pytest.raises(TemporaryError, match="did not answer in time"):
        await silero.judge("mic", FRAME)


@pytest.mark.engines
async def test_the_real_process_hears_a_voice_and_no_silence(
    make_process: ProcessMaker, clock: Clock, installed: PackStore, spoken: list[Samples]
) -> None:
    silero = Silero(make_process(ears_spec(lambda name: installed.file(PACK, name))), clock)
    voice = [await silero.judge("mic", spoken[0][begin : begin + INPUT_FRAMES]) for begin in range(6400, 12800, INPUT_FRAMES)]
    assert max(voice) > 0.9
    await silero.forget("mic")
    assert await silero.judge("mic", FRAME) < 0.1


@pytest.mark.engines
def test_a_voice_is_speech_from_its_beginning_to_its_end(network: SileroNetwork, spoken: list[Samples]) -> None:
    for sound in spoken[:5]:
        assert np.mean(np.array(judged(network, sound)) > 0.5) > 0.6
        network.forget("mic")


@pytest.mark.engines
@pytest.mark.parametrize("noise", list(NOISES))
def test_no_noise_is_speech(network: SileroNetwork, noise: str) -> None:
    assert max(judged(network, NOISES[noise](5.0, np.random.default_rng(7)))) < 0.5


@pytest.mark.engines
def test_each_speaker_is_followed_alone_and_the_most_silent_are_forgotten(network: SileroNetwork, spoken: list[Samples]) -> None:
    alone = judged(network, spoken[0])
    network.forget("mic")
    together = []
    for begin in range(0, len(spoken[0]) - INPUT_FRAMES + 1, INPUT_FRAMES):
        together.append(network.judge("mic", spoken[0][begin : begin + INPUT_FRAMES]))
        network.judge("noise", NOISES["fan"](0.032, np.random.default_rng(begin)))
    assert together == alone
    for number in range(MOST_SPEAKERS):
        network.judge(f"guest {number}", FRAME)
    assert len(network.speakers) == MOST_SPEAKERS
    assert "mic" not in network.speakers


@pytest.mark.engines
def test_broken_samples_are_silence_and_another_length_is_refused(network: SileroNetwork) -> None:
    broken = np.full(INPUT_FRAMES, np.nan, np.float32)
    broken[::2] = np.inf
    assert network.judge("mic", broken) < 0.1
    with pytest.raises(InputError, match="512 samples, not 100"):
        network.judge("mic", np.zeros(100, np.float32))
