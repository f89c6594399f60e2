"""The sentences for VTube Studio's errors."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.vtube_studio import ErrorId
from voxelle.integrations.vtube_studio.errors import ERRORS, NOTHING_KNOWN, Remedy, read_error, remedy_for, sentence_for


def test_every_number_that_is_known_has_a_sentence_of_its_own() -> None:
    for error_id in ErrorId:
        assert int(error_id) in ERRORS, error_id.name
    for sentence, _ in ERRORS.values():
        assert sentence.endswith("."), sentence
        assert len(sentence) < 140, sentence


@pytest.mark.parametrize(
    "error_id, remedy",
    [(8, Remedy.SIGN_IN), (50, Remedy.SIGN_IN), (51, Remedy.RETRY), (203, Remedy.RETRY), (202, Remedy.DROP), (4321, Remedy.DROP)],
)
def test_it_is_known_what_helps(error_id: int, remedy: Remedy) -> None:
    assert remedy_for(error_id) is remedy


def test_an_unknown_number_is_named() -> None:
    assert "error 4321" in sentence_for(4321)
    assert "settings of an event (error 100777)" in sentence_for(100_777)


@pytest.mark.parametrize("value", [None, "8", True, [], {}])
def test_an_error_without_a_number_is_an_unknown_one(value: Any) -> None:
    error = read_error({"errorID": value, "message": "their own words"})
    assert error.error_id == NOTHING_KNOWN
    assert "their own words" not in error.sentence
