"""Rehearsals from a file, a single sentence and the self-test, on stub engines and a real profile."""

from __future__ import annotations

import json
import wave
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.fakes.twitch.envelopes import envelope
from tests.fakes.twitch.payloads import example
from tests.fakes.twitch.payloads_chat import chat_message
from voxelle.domain.chat import Author, Role, Stimulus, StimulusKind
from voxelle.domain.errors import InputError
from voxelle.domain.speech import TurnOutcome, TurnRecord, TurnTrace
from voxelle.rehearsal import as_json, rehearse

LINES = [
    json.dumps({"at": 0, "author": "pixel_pete", "text": "hi Mira! how are you?", "mention": True, "roles": ["subscriber"]}),
    "",
    json.dumps({"at": 2, "author": "zoe", "text": "", "kind": "event", "event": "raid", "amount": 12}),
]


async def test_a_rehearsal_prints_a_record_a_turn_and_writes_the_sound(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wav = tmp_path / "voice.wav"
    assert await rehearse(LINES, wav=wav, speed=50.0, engine_set="stub", data_dir=None) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [record["outcome"] for record in records] == ["completed", "completed"]
    assert records[0]["prompt_line"] == "pixel_pete: hi Mira! how are you?"
    assert records[1]["prompt_line"] == "(zoe raids the stream with 12 viewers!)"
    assert all(record["heard_text"] for record in records)
    with wave.open(str(wav)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (48_000, 1, 2)
        assert file.getnframes() > 48_000


async def test_a_rehearsal_in_a_data_folder_is_remembered_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert await rehearse(LINES[:1], wav=None, speed=50.0, engine_set="stub", data_dir=tmp_path) == 0
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert first["trace"]["prompt_tokens"]["history"] == 0
    assert second["trace"]["prompt_tokens"]["history"] > 0
    assert (tmp_path / "voxelle.db").exists()


async def test_a_recorded_twitch_chat_is_rehearsed_as_fast_as_it_goes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [
        envelope("channel.raid", example("channel.raid")),
        envelope("channel.raid", example("channel.raid")),
        envelope("channel.chat.message", chat_message("what is behind that door?")),
    ]
    assert await rehearse([json.dumps(line) for line in lines], wav=None, speed=0.0, engine_set="stub", data_dir=tmp_path) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert sorted(record["stimuli"][0]["kind"] for record in records) == ["chat", "event"]
    assert any(f"{example('channel.raid')['viewers']} viewers" in record["prompt_line"] for record in records)


async def test_a_bad_line_of_a_recording_is_named_and_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = '{"metadata": {"message_type": 7}, "payload": {"secret": 1}}'
    lines = [bad, json.dumps(envelope("channel.raid", example("channel.raid"))), '{"metadata": {"message_id": "broken o']
    assert await rehearse(lines, wav=None, speed=0.0, engine_set="stub", data_dir=tmp_path) == 0
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 1
    left_out = [f"Line {number} of the recording can't be read and was left out." for number in (1, 3)]
    assert [line for line in captured.err.splitlines() if line.startswith("Line")] == left_out
    assert "secret" not in captured.err


async def test_a_bad_line_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="2"):
        await rehearse([LINES[0], "{not json"], wav=None, speed=50.0, engine_set="stub", data_dir=tmp_path)


@pytest.mark.parametrize("speed", [-1.0, 10_000.0, float("nan")])
async def test_an_impossible_speed_is_refused(speed: float) -> None:
    with pytest.raises(InputError, match="speed"):
        await rehearse(LINES, wav=None, speed=speed, engine_set="stub", data_dir=None)


def test_a_record_becomes_plain_json() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    stimulus = Stimulus("s", StimulusKind.CHAT, Author("a", "A", "twitch", frozenset({Role.VIP, Role.MODERATOR})), "hi", now)
    values = as_json(TurnRecord("t", "mira", now, now, TurnOutcome.FAILED, (stimulus,), "a: hi", (), TurnTrace()))
    assert values["stimuli"][0]["author"]["roles"] == ["moderator", "vip"]
    assert values["started_at"] == "2026-01-01T00:00:00+00:00"
    assert (values["heard_text"], values["was_cut"], values["outcome"]) == ("", False, "failed")
