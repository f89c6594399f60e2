"""What is really heard, through the microphone of a real sound server."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from tests.audio.conftest import SoundServer
from voxelle.audio.input import MicrophoneInput, list_inputs
from voxelle.audio.output import SoundOutput
from voxelle.contracts.audio import INPUT_FRAMES, INPUT_RATE, OUTPUT_RATE, Captured, Clip, Drained, InputChanged, MicrophoneFrame, Progress
from voxelle.contracts.tts import Samples
from voxelle.kernel.clock import Clock, Randomness
from voxelle.kernel.paths import Paths
from voxelle.kernel.processes import EngineProcess
from voxelle.settings.hearing import HearingSettings

pytestmark = pytest.mark.sound

TONE_HZ = 440.0
PATIENCE_S = 20.0


def run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def plug(name: str) -> str:
    """Put a microphone in: what is played on the null sink of the same name is what it hears. Returns its number."""
    module = ["module-remap-source", f"source_name={name}", "master=throat.monitor", f"source_properties=device.description={name}"]
    return run("pactl", "load-module", *module).strip()


class Listener:
    """Takes what an input tells."""

    def __init__(self, microphone: MicrophoneInput) -> None:
        self.told: list[Captured] = []
        self._news = asyncio.Event()
        microphone.listen(self._take)

    def _take(self, captured: Captured) -> None:
        self.told.append(captured)
        self._news.set()

    @property
    def frames(self) -> list[MicrophoneFrame]:
        return [each for each in self.told if isinstance(each, MicrophoneFrame)]

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                self._news.clear()
                await self._news.wait()

    async def until_told(self, words: str, *, is_lost: bool = False) -> None:
        await self.until(
            lambda: any(isinstance(each, InputChanged) and words in each.sentence and each.is_lost is is_lost for each in self.told)
        )

    async def until_heard(self, level: float) -> None:
        await self.until(lambda: bool(self.frames) and self.frames[-1].level > level)


@pytest_asyncio.fixture
async def process(sound_server: SoundServer, clock: Clock, randomness: Randomness) -> AsyncIterator[EngineProcess]:
    run("pactl", "load-module", "module-null-sink", "sink_name=throat", "rate=48000", "channels=1", "norewinds=1")
    run("pactl", "set-default-sink", "stage")
    process = EngineProcess("Sound", SoundOutput.target, {}, clock=clock, randomness=randomness)
    yield process
    await process.stop()


@contextmanager
def speaking(folder: Path, samples: Samples) -> Iterator[None]:
    """Play into the microphone meanwhile."""
    file = folder / "said.raw"
    samples.tofile(file)
    # All of it is handed over at once, so that a busy machine makes no gap in it.
    form = ["--format=float32le", "--rate=48000", "--channels=1", "--latency-msec=1500"]
    player = subprocess.Popen(["pacat", "-d", "throat", *form, str(file)])
    try:
        yield
    finally:
        player.terminate()
        player.wait()


def tone(seconds: float) -> Samples:
    return (0.5 * np.sin(2 * np.pi * TONE_HZ * np.arange(round(seconds * OUTPUT_RATE)) / OUTPUT_RATE)).astype(np.float32)


async def test_what_is_said_arrives_whole_and_a_closed_microphone_is_released(process: EngineProcess, clock: Clock, tmp_path: Path) -> None:
    plug("mic")
    microphone = MicrophoneInput(process, lambda: HearingSettings(input_device="pulse:mic"), clock)
    listener = Listener(microphone)
    await microphone.open()
    await listener.until_told("She hears through mic.")
    await listener.until(lambda: len(listener.frames) > 3)
    began_s = clock.monotonic()
    with speaking(tmp_path, tone(1.0)):
        await listener.until_heard(0.2)
        await listener.until(lambda: listener.frames[-1].level < 0.01)
    frames = listener.frames
    assert {each.samples.shape for each in frames} == {(INPUT_FRAMES,)}
    assert frames[-1].overruns == 0
    heard = np.concatenate([each.samples for each in frames])
    loud = np.flatnonzero(np.abs(heard) > 0.01)
    sounding = heard[loud[0] : loud[-1] + 1]
    assert sounding.size == pytest.approx(INPUT_RATE, abs=40)
    middle = sounding[200:-200]
    jumps = np.abs(middle[2:] - 2 * np.cos(2 * np.pi * TONE_HZ / INPUT_RATE) * middle[1:-1] + middle[:-2])
    assert float(jumps.max()) < 5e-3
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(middle.size)))
    assert np.argmax(spectrum) * INPUT_RATE / middle.size == pytest.approx(TONE_HZ, abs=1.5)
    first = frames[loud[0] // INPUT_FRAMES]
    assert began_s - 0.1 < first.at_s < clock.monotonic()
    steps = np.diff([each.at_s for each in frames])
    assert float(np.mean(steps)) == pytest.approx(INPUT_FRAMES / INPUT_RATE, rel=0.05)
    assert "protocol-native" in run("pactl", "list", "short", "source-outputs")
    await microphone.close()
    assert "protocol-native" not in run("pactl", "list", "short", "source-outputs")
    assert listener.told[-1] == InputChanged("The microphone is closed.")
    await microphone.open()
    await listener.until(lambda: isinstance(listener.told[-1], MicrophoneFrame))
    await microphone.close()


async def test_a_microphone_unplugged_in_mid_sentence_is_told_and_taken_again(process: EngineProcess, clock: Clock, tmp_path: Path) -> None:
    number = plug("mic")
    microphone = MicrophoneInput(process, lambda: HearingSettings(input_device="pulse:mic"), clock)
    listener = Listener(microphone)
    await microphone.open()
    with speaking(tmp_path, tone(30.0)):
        await listener.until_heard(0.2)
        run("pactl", "unload-module", number)
        await listener.until_told("The chosen microphone is not there", is_lost=True)
        plug("mic")
        listener.told.clear()
        await listener.until_told("She hears through mic.")
        await listener.until_heard(0.2)
    assert process.snapshot.restarts == 0
    await microphone.close()


async def test_without_a_setting_a_microphone_that_comes_is_used_and_the_default_one_followed(process: EngineProcess, clock: Clock) -> None:
    microphone = MicrophoneInput(process, HearingSettings, clock)
    listener = Listener(microphone)
    await microphone.open()
    assert (microphone.sentence, microphone.is_lost) == ("This computer has no microphone.", True)
    plug("first")
    await listener.until_told("She hears through first.")
    await listener.until(lambda: bool(listener.frames))
    plug("second")
    names = [(each.name, each.is_default) for each in await list_inputs(process)]
    assert names[:2] == [("pulse:first", True), ("pulse:second", False)]
    assert all(name.endswith(".monitor") for name, _ in names[2:])
    run("pactl", "set-default-source", "second")
    await listener.until_told("She hears through second.")
    await microphone.close()


async def test_her_own_voice_is_taken_out_and_nothing_is_disturbed(
    sound_server: SoundServer, paths: Paths, clock: Clock, randomness: Randomness
) -> None:
    output = SoundOutput(paths, "pulse:stage", clock=clock, randomness=randomness)
    await output.open()
    run("pactl", "load-module", "module-remap-source", "source_name=near", "master=stage.monitor")
    drained = asyncio.Event()

    def on_progress(progress: Progress) -> None:
        if isinstance(progress, Drained):
            drained.set()

    output.listen(on_progress)
    microphone = MicrophoneInput(output.process, lambda: HearingSettings(input_device="pulse:near"), clock)
    listener = Listener(microphone)
    await microphone.open()
    noise = np.random.default_rng(1).standard_normal(OUTPUT_RATE * 3).astype(np.float32) * 0.1
    await output.play(Clip(0, 0, 0, noise))
    await output.finish(0)
    await asyncio.wait_for(drained.wait(), PATIENCE_S)
    loud = [each for each in listener.frames if each.level > 0.05][30:]
    assert len(loud) > 40
    left = float(np.mean([np.mean(each.samples**2) for each in loud]))
    heard = float(np.mean([each.level**2 for each in loud]))
    assert 10 * np.log10(heard / left) > 15
    await microphone.close()
    await output.close()
