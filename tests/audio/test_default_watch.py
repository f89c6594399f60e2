"""Who watches the default device tells every change and nothing else."""

from __future__ import annotations

import queue
from collections.abc import Iterator

from voxelle.audio.default_watch import DefaultWatch


def test_the_first_name_is_told_and_every_other_one_after_it() -> None:
    answers: Iterator[str] = iter(["speaker", "speaker", "", "headset", "speaker"])
    told: queue.SimpleQueue[str] = queue.SimpleQueue()
    watch = DefaultWatch(lambda: next(answers, "speaker"), told.put, every_s=0.0)
    watch.start()
    assert [told.get(timeout=10) for _ in range(3)] == ["speaker", "headset", "speaker"]
    watch.close()
    watch._thread.join(10)
    assert told.empty()


def test_where_nothing_can_be_known_it_ends() -> None:
    told: queue.SimpleQueue[str] = queue.SimpleQueue()
    watch = DefaultWatch(lambda: "", told.put)
    watch.start()
    watch._thread.join(10)
    assert not watch._thread.is_alive()
    assert told.empty()


def test_it_asks_at_once_when_the_moment_is_good() -> None:
    answers: Iterator[str] = iter(["speaker", "headset"])
    told: queue.SimpleQueue[str] = queue.SimpleQueue()
    watch = DefaultWatch(lambda: next(answers, "headset"), told.put, every_s=1_000.0)
    watch.start()
    assert told.get(timeout=10) == "speaker"
    watch.look()
    assert told.get(timeout=10) == "headset"
    watch.close()
    watch._thread.join(10)
