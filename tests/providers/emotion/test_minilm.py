"""What a sentence feels like: the host's side, and how often the classifier is right."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.providers.conftest import ProcessMaker
from voxelle.domain.avatar import Emotion, Feeling, FeelingSource
from voxelle.kernel.clock import Clock
from voxelle.kernel.packs import PackStore
from voxelle.kernel.paths import resource
from voxelle.providers.emotion.minilm import MiniLmEmotion
from voxelle.providers.process import EmbeddedProcess, EngineSpec

HELD_OUT: Mapping[str, Sequence[str]] = json.loads((Path(__file__).parent / "held_out.json").read_text("utf-8"))
SEEDS: Mapping[str, Sequence[str]] = json.loads(resource("emotion", "seeds.json").read_text("utf-8"))
HEAD = resource("emotion", "head.npz")


def real_process(make_process: ProcessMaker, installed: PackStore) -> EmbeddedProcess:
    def configure() -> dict[str, str]:
        return {
            "model": str(installed.file("minilm", "model.onnx")),
            "tokenizer": str(installed.file("minilm", "tokenizer.json")),
            "head": str(HEAD),
        }

    return make_process(EngineSpec("The sentence model", "voxelle.providers.embedding.minilm_engine:MiniLmEngine", configure))


async def test_the_strongest_label_is_the_feeling_and_its_probability_the_intensity(make_process: ProcessMaker, clock: Clock) -> None:
    classifier = MiniLmEmotion(make_process(EngineSpec("The echo", "tests.fakes.worker_engines:EchoEngine", dict)), clock)
    await classifier.open()
    assert await classifier.classify("boo") == Feeling(Emotion.FEAR, 0.75, FeelingSource.CLASSIFIER)
    assert [feeling.emotion for feeling in await classifier.ranked("boo")] == [Emotion.FEAR, Emotion.JOY]
    assert await classifier.classify("  ") == Feeling(Emotion.NEUTRAL, 0.0, FeelingSource.CLASSIFIER)
    assert classifier.speed is not None
    await classifier.close()


def test_every_label_has_seeds_and_held_out_sentences_that_are_not_the_same() -> None:
    labels = {emotion.value for emotion in Emotion}
    assert set(SEEDS) == set(HELD_OUT) == labels
    assert min(len(set(SEEDS[label])) for label in labels) >= 20
    assert min(len(set(HELD_OUT[label])) for label in labels) >= 5
    assert not {text for texts in SEEDS.values() for text in texts} & {text for texts in HELD_OUT.values() for text in texts}


@pytest.mark.engines
async def test_it_is_right_as_often_as_we_say(make_process: ProcessMaker, clock: Clock, installed: PackStore) -> None:
    """Measured: 89 % first and 98 % among the first three of 140 sentences by the same authors as the seeds.

    Of the seeds, a fifth left out of the training at a time, 67 % are right: nearer to what strangers' sentences give.
    """
    classifier = MiniLmEmotion(real_process(make_process, installed), clock)
    first = among_three = 0
    for label, texts in HELD_OUT.items():
        for text in texts:
            ranks = [feeling.emotion.value for feeling in await classifier.ranked(text)]
            first += ranks[0] == label
            among_three += label in ranks[:3]
    count = sum(len(texts) for texts in HELD_OUT.values())
    assert first / count >= 0.85
    assert among_three / count >= 0.95


@pytest.mark.engines
@pytest.mark.parametrize("text", ["\ud800", "🎉", "مرحبا", "x" * 50_000])
async def test_any_text_gets_a_label(make_process: ProcessMaker, clock: Clock, installed: PackStore, text: str) -> None:
    feeling = await MiniLmEmotion(real_process(make_process, installed), clock).classify(text)
    assert 0.0 < feeling.intensity <= 1.0
