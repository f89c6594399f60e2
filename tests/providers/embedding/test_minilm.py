"""Sentence vectors: the host's side, and the model on its real weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.providers.conftest import ProcessMaker
from voxelle.domain.errors import InputError, SetupError, TemporaryError
from voxelle.kernel.clock import Clock
from voxelle.kernel.packs import PackStore
from voxelle.kernel.paths import resource
from voxelle.kernel.worker import CancelToken
from voxelle.providers.embedding.minilm import PACK, MiniLm, minilm_spec
from voxelle.providers.embedding.minilm_engine import MiniLmEngine, embed, load_model
from voxelle.providers.process import EngineSpec

HEAD = resource("emotion", "head.npz")


async def test_vectors_come_in_the_shape_of_the_texts(make_process: ProcessMaker, clock: Clock) -> None:
    embedder = MiniLm(make_process(EngineSpec("The echo", "tests.fakes.worker_engines:EchoEngine", dict)), clock)
    await embedder.open()
    assert (await embedder.embed(["a", "b"])).shape == (2, 384)
    assert (await embedder.embed([])).shape == (0, 384)
    assert embedder.speed is not None
    await embedder.close()


async def test_an_answer_without_vectors_is_temporary(make_process: ProcessMaker, clock: Clock) -> None:
    embedder = MiniLm(make_process(EngineSpec("The mute", "tests.fakes.worker_engines:SilentEngine", dict)), clock)
    with pytest.raises(TemporaryError, match="no vectors"):
        await embedder.embed(["a"])


@pytest.mark.engines
async def test_what_means_the_same_lies_close_together(make_process: ProcessMaker, clock: Clock, installed: PackStore) -> None:
    embedder = MiniLm(make_process(minilm_spec(lambda path: installed.file(PACK, path), HEAD)), clock)
    texts = ["My cat is asleep.", "The pet is napping.", "The car needs new tyres.", "", "\ud800 🎉", "x" * 100_000]
    vectors = await embedder.embed(texts)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    cat, pet, car = vectors[:3]
    assert cat @ pet > cat @ car + 0.15
    many = await embedder.embed(["one"] * 40)
    assert many.shape == (40, 384)


@pytest.mark.engines
def test_a_cancel_is_seen_between_batches(installed: PackStore) -> None:
    engine = MiniLmEngine({"model": str(installed.file(PACK, "model.onnx")), "tokenizer": str(installed.file(PACK, "tokenizer.json"))})
    engine.load(lambda _share: None)
    token = CancelToken()
    token.cancel()
    assert list(engine.perform("embed", {"texts": ["a"]}, None, token)) == []
    with pytest.raises(InputError, match="no method"):
        list(engine.perform("classify", {"text": "no head was given"}, None, CancelToken()))


@pytest.mark.engines
def test_a_text_has_nearly_the_same_vector_alone_and_in_a_batch(installed: PackStore) -> None:
    session, tokenizer = load_model(installed.file(PACK, "model.onnx"), installed.file(PACK, "tokenizer.json"))
    texts = ["hi", "a much longer sentence about the weather of yesterday evening"]
    together = embed(session, tokenizer, texts)
    for text, vector in zip(texts, together, strict=True):
        assert embed(session, tokenizer, [text])[0] @ vector > 0.97


def test_damaged_files_are_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"nothing")
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(SetupError, match="damaged"):
        load_model(tmp_path / "model.onnx", tmp_path / "tokenizer.json")


@pytest.mark.engines
def test_a_damaged_head_is_told_in_a_sentence(tmp_path: Path, installed: PackStore) -> None:
    head = tmp_path / "head.npz"
    head.write_bytes(b"PK nothing")
    engine = MiniLmEngine(
        {"model": str(installed.file(PACK, "model.onnx")), "tokenizer": str(installed.file(PACK, "tokenizer.json")), "head": str(head)}
    )
    with pytest.raises(SetupError, match="emotion classifier"):
        engine.load(lambda _share: None)
