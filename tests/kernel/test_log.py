"""What is written down for troubleshooting."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog

from voxelle.kernel import log as log_module
from voxelle.kernel.log import LogLine, LogTail, close, configure

_engine_log = structlog.get_logger("engine")


def _records(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_an_event_reaches_the_file_stderr_and_the_tail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "voxelle.log"
    tail = configure("info", file, to_stderr=True)
    _engine_log.info("engine.restarted", engine="llm", pid=7, ratio=0.5)
    (record,) = _records(file)
    assert record.pop("at")
    assert record == {"level": "info", "category": "engine", "event": "engine.restarted", "engine": "llm", "pid": 7, "ratio": 0.5}
    (line,) = tail.lines()
    assert (line.level, line.category, line.event, line.fields, line.turn) == (
        "info",
        "engine",
        "engine.restarted",
        {"engine": "llm", "pid": "7", "ratio": "0.5"},
        "",
    )
    assert "info     engine: engine.restarted engine=llm pid=7 ratio=0.5\n" in capsys.readouterr().err


def test_the_turn_rides_along_with_everything_that_happens_in_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tail = configure("info", tmp_path / "log", to_stderr=True)
    with structlog.contextvars.bound_contextvars(turn="0190-7"):
        _engine_log.info("engine.asked")
    _engine_log.info("engine.idle")
    assert [line.turn for line in tail.lines()] == ["0190-7", ""]
    assert [record.get("turn") for record in _records(tmp_path / "log")] == ["0190-7", None]
    assert "engine.asked turn=0190-7\n" in capsys.readouterr().err


@pytest.mark.parametrize("level, heard", [("debug", 4), ("info", 3), ("warning", 2), ("error", 1)])
def test_what_is_less_urgent_than_the_level_is_not_written(level: str, heard: int) -> None:
    tail = configure(level, None, to_stderr=False)
    _engine_log.debug("a")
    _engine_log.info("b")
    _engine_log.warning("c")
    _engine_log.error("d")
    assert len(tail.lines()) == heard


def test_an_event_without_a_category_belongs_to_the_app() -> None:
    tail = configure("info", None, to_stderr=False)
    structlog.get_logger().info("app.started")
    assert tail.lines()[0].category == "app"


def test_secrets_and_chat_reach_neither_file_nor_stderr_nor_tail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tail = configure("debug", tmp_path / "log", to_stderr=True)
    with structlog.contextvars.bound_contextvars(token="s3cret", turn="api_key=s3cret"):
        _engine_log.warning("refused: Bearer s3cret", text="s3cret", url="https://s3cret@example.org", deep={"name": ["s3cret"]})
        try:
            int("password=s3cret")
        except ValueError:
            _engine_log.exception("engine.failed")
    logging.getLogger("openai").warning("header %s", {"authorization": "Bearer s3cret"})
    everything = (tmp_path / "log").read_text() + capsys.readouterr().err + repr(tail.lines())
    assert "engine.failed" in everything
    assert "s3cret" not in everything


def test_a_traceback_is_written_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tail = configure("info", tmp_path / "log", to_stderr=True)
    try:
        _ = 1 // 0
    except ZeroDivisionError:
        _engine_log.exception("engine.failed")
    assert "ZeroDivisionError" in _records(tmp_path / "log")[0]["exception"]
    assert "ZeroDivisionError" in tail.lines()[0].fields["exception"]
    printed = capsys.readouterr().err
    assert printed.index("engine.failed\n") < printed.index("Traceback")


def test_libraries_are_heard_from_warnings_upwards() -> None:
    tail = configure("debug", None, to_stderr=False)
    library = logging.getLogger("some.library")
    library.setLevel(logging.DEBUG)
    library.info("whole request")
    library.warning("slow: %d s", 3)
    try:
        _ = 1 // 0
    except ZeroDivisionError:
        library.exception("lost")
    library.setLevel(logging.NOTSET)
    assert [(line.level, line.category, line.event) for line in tail.lines()] == [
        ("warning", "app", "slow: 3 s"),
        ("error", "app", "lost"),
    ]
    assert tail.lines()[0].fields == {"library": "some.library"}
    assert "ZeroDivisionError" in tail.lines()[1].fields["exception"]


def test_a_library_whose_message_is_broken_is_heard_all_the_same() -> None:
    tail = configure("info", None, to_stderr=False)
    (handler,) = (each for each in logging.getLogger().handlers if type(each).__module__ == log_module.__name__)
    handler.handle(logging.makeLogRecord({"name": "some.library", "levelname": "WARNING", "msg": "broken: %d s", "args": ("three",)}))
    assert tail.lines()[0].event == "broken: %d s"


def test_fields_can_not_pretend_to_be_another_event(tmp_path: Path) -> None:
    tail = configure("info", tmp_path / "log", to_stderr=False)
    _engine_log.info("engine.asked", category="chat", at="never")
    (record,) = _records(tmp_path / "log")
    assert record["category"] == "engine"
    assert record["at"] != "never"
    assert tail.lines()[0].category == "engine"


def test_configuring_again_moves_the_log_and_closing_ends_it(tmp_path: Path) -> None:
    first = configure("info", tmp_path / "a", to_stderr=False)
    second = configure("error", tmp_path / "b", to_stderr=False)
    _engine_log.info("too quiet")
    _engine_log.error("loud")
    assert first.lines() == ()
    assert [line.event for line in second.lines()] == ["loud"]
    assert not (tmp_path / "a").exists()
    close()
    close()
    assert not [each for each in logging.getLogger().handlers if type(each).__module__ == log_module.__name__]


def test_what_logs_after_the_end_harms_nobody(tmp_path: Path) -> None:
    configure("info", tmp_path / "log", to_stderr=True)
    bound = _engine_log.bind(engine="llm")
    close()
    bound.info("engine.late")
    assert not (tmp_path / "log").exists()


def test_the_file_is_turned_over_when_it_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "_FILE_BYTES", 2000)
    monkeypatch.setattr(log_module, "_FILE_COPIES", 2)
    configure("info", tmp_path / "log", to_stderr=False)
    for number in range(200):
        _engine_log.info("engine.counted", number=number)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["log", "log.1", "log.2"]
    assert all(each.stat().st_size <= 2000 for each in tmp_path.iterdir())
    assert _records(tmp_path / "log")[-1]["number"] == 199


def test_a_file_that_can_not_be_written_is_said_once_and_tried_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "logs"
    folder.write_text("a file in the way")
    tail = configure("info", folder / "log", to_stderr=True)
    _engine_log.info("one")
    _engine_log.info("two")
    assert [line.event for line in tail.lines()] == ["log.file_failed", "one", "two"]
    printed = capsys.readouterr().err
    assert "Traceback" not in printed
    assert printed.count("log.file_failed") == 1
    folder.unlink()
    folder.mkdir()
    _engine_log.info("three")
    assert [record["event"] for record in _records(folder / "log")] == ["three"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_said_and_the_show_goes_on() -> None:
    tail = configure("info", Path("/dev/full"), to_stderr=False)
    _engine_log.info("one")
    _engine_log.info("two")
    assert [line.event for line in tail.lines()] == ["log.file_failed", "one", "two"]
    assert "No space left" in tail.lines()[0].fields["sentence"]


@contextmanager
def _stderr(stream: object) -> Iterator[None]:
    before = sys.stderr
    sys.stderr = stream
    try:
        yield
    finally:
        sys.stderr = before


class _Gone(io.StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError


def test_a_terminal_that_went_away_stops_nothing() -> None:
    with _stderr(_Gone()):
        tail = configure("info", None, to_stderr=True)
    _engine_log.info("one")
    _engine_log.info("two")
    assert len(tail.lines()) == 2


def test_a_closed_stderr_and_none_at_all_stop_nothing() -> None:
    closed = io.StringIO()
    closed.close()
    for stream in (closed, None):
        with _stderr(stream):
            tail = configure("info", None, to_stderr=True)
        _engine_log.info("one")
        assert len(tail.lines()) == 1


def test_the_tail_keeps_the_newest_and_tells_who_listens() -> None:
    tail = configure("info", None, to_stderr=False)
    heard: list[LogLine] = []
    unsubscribe = tail.subscribe(heard.append)
    _engine_log.info("one")
    unsubscribe()
    unsubscribe()
    _engine_log.info("two")
    assert [line.event for line in heard] == ["one"]
    for number in range(6000):
        _engine_log.info("more", number=number)
    assert len(tail.lines()) == 5000
    assert tail.lines()[-1].fields == {"number": "5999"}


def test_a_listener_may_log_and_subscribe_itself() -> None:
    tail = configure("info", None, to_stderr=False)
    unsubscribe = tail.subscribe(lambda line: _engine_log.info("echo") if line.event == "call" else None)
    _engine_log.info("call")
    unsubscribe()
    assert [line.event for line in tail.lines()] == ["call", "echo"]


def test_threads_log_side_by_side_without_mixing_lines(tmp_path: Path) -> None:
    tail = configure("info", tmp_path / "log", to_stderr=False)

    def work(worker: int) -> None:
        for number in range(100):
            _engine_log.info("engine.counted", worker=worker, number=number)

    threads = [threading.Thread(target=work, args=(each,)) for each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    records = _records(tmp_path / "log")
    assert len(records) == len(tail.lines()) == 400
    for worker in range(4):
        assert [record["number"] for record in records if record["worker"] == worker] == list(range(100))


def test_an_unknown_level_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError):
        configure("loud", None, to_stderr=False)


def test_a_tail_of_its_own_can_be_made() -> None:
    assert LogTail(3).lines() == ()
