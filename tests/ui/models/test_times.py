"""Times as they are read on screen."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.ui.facts import AT
from voxelle.ui.models.times import ago, clock_text, lasting


@pytest.mark.parametrize(
    "seconds, text",
    [
        (-5, "just now"),
        (0, "just now"),
        (3, "3 s ago"),
        (89, "89 s ago"),
        (90, "1 min ago"),
        (3600, "60 min ago"),
        (5400, "1 h ago"),
        (86_400, "24 h ago"),
        (200_000, "2 days ago"),
    ],
)
def test_an_age_is_told_in_the_unit_that_fits(seconds: int, text: str) -> None:
    assert ago(AT - timedelta(seconds=seconds), AT) == text


def test_what_never_was_has_no_age() -> None:
    assert ago(None, AT) == "never"
    assert lasting(None, AT) == ""


@pytest.mark.parametrize("seconds, text", [(-1, "0:00"), (5, "0:05"), (245, "4:05"), (7509, "2:05:09")])
def test_a_length_of_time_reads_like_a_clock(seconds: int, text: str) -> None:
    assert clock_text(seconds) == text
    assert lasting(AT - timedelta(seconds=seconds), AT) == text
