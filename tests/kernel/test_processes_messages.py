"""What travels between host and worker."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxelle.domain.errors import SetupError, TemporaryError, VoxelleError
from voxelle.kernel import shared_audio, spawn
from voxelle.kernel.messages import (
    FRAME_LIMIT,
    Answer,
    Bodies,
    Failed,
    Ping,
    Pong,
    Request,
    body_length,
    decode_for_host,
    encode,
    error_of,
    failure,
)
from voxelle.kernel.shared_audio import AudioShape, SharedAudio, assembled

values = st.integers(-5, 5) | st.text(max_size=50) | st.none()
contents_of_answers = st.lists(st.dictionaries(st.text(max_size=5), values, max_size=3), max_size=8)


@given(contents_of_answers, st.integers(1, 40))
def test_messages_come_out_whole_however_the_pipe_cuts_them(contents: list[dict[str, object]], portion: int) -> None:
    stream = b"".join(encode(Answer(number, content, None)) for number, content in enumerate(contents))
    bodies = Bodies()
    found = [decode_for_host(body) for begin in range(0, len(stream), portion) for body in bodies.push(stream[begin : begin + portion])]
    assert found == [Answer(number, content, None) for number, content in enumerate(contents)]


def test_garbage_is_noticed_and_nothing_endless_is_awaited() -> None:
    with pytest.raises(ValueError, match="no message"):
        body_length(b"\xff\xff\xff\xff")
    with pytest.raises(ValueError, match="too long"):
        encode(Request(1, "echo", {"a": bytes(FRAME_LIMIT)}, None))
    with pytest.raises(ValueError):  # noqa: PT011 -- msgspec's own child of it
        decode_for_host(encode(Ping())[4:])
    assert decode_for_host(encode(Pong())[4:]) == Pong()


def test_errors_arrive_as_their_nearest_known_class() -> None:
    class SpecialError(SetupError):
        pass

    assert type(error_of(failure(1, SpecialError("Look here.")))) is SetupError
    assert type(error_of(failure(1, VoxelleError("Hm.")))) is VoxelleError
    again = error_of(failure(1, TemporaryError("Wait.", retry_after_s=3)))
    assert isinstance(again, TemporaryError)
    assert again.retry_after_s == 3
    assert isinstance(error_of(Failed(1, "FromTheFuture", "New.", None, "")), TemporaryError)


def test_both_sides_see_the_same_sound_in_opposite_halves() -> None:
    host = SharedAudio.create(slots=2, slot_frames=8)
    shape = host.shape
    if host.inherited:
        import os

        shape = AudioShape(os.dup(shape.descriptor), "", 2, 8)
    child = SharedAudio.attach(shape)
    host.write(1, np.arange(8, dtype=np.float32))
    child.write(1, -np.arange(8, dtype=np.float32))
    np.testing.assert_array_equal(child.read(1, 8), np.arange(8))
    np.testing.assert_array_equal(host.read(1, 5), -np.arange(5))
    for slot, frames in ((2, 1), (-1, 1), (0, 9), (0, -1)):
        with pytest.raises(IndexError):
            host.read(slot, frames)
    child.close()
    host.close()
    host.close()


def test_a_block_that_cannot_be_had_leaves_no_descriptor(monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform == "win32":
        pytest.skip("there is no descriptor")
    import os

    opened: list[int] = []
    original = shared_audio._nameless_file

    def open_it() -> int:
        opened.append(original())
        return opened[-1]

    def refuse(descriptor: int, size: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shared_audio, "_nameless_file", open_it)
    monkeypatch.setattr(os, "ftruncate", refuse)
    with pytest.raises(OSError, match="No space"):
        SharedAudio.create()
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(opened[0])


def test_pieces_are_joined_to_one_sound() -> None:
    assert assembled([]).shape == (0,)
    np.testing.assert_array_equal(assembled([np.ones(2, np.float32), np.zeros(1, np.float32)]), [1, 1, 0])


def test_a_frozen_program_starts_itself_as_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    assert spawn.worker_command()[1:] == ("-P", "-m", "voxelle", "engine-worker")
    assert "PYTHONPATH" in spawn.worker_environment()
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert spawn.worker_command() == (sys.executable, "engine-worker")
    assert "PYTHONPATH" not in spawn.worker_environment()
