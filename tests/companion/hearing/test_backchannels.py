"""Sounds of agreement, as recognisers write them."""

from __future__ import annotations

import pytest

from voxelle.companion.hearing.backchannels import is_backchannel
from voxelle.settings.hearing import HearingSettings

SHIPPED = HearingSettings().backchannels


@pytest.mark.parametrize(
    "text",
    [
        "mhm",
        "Mhm.",
        "mhmm",
        "Mmmmmm…",
        "Yeah!",
        "yeah okay",
        "Yeah, okay.",
        "OK, right. Wow!",
        "uh huh",
        "Uh-huh.",
        "uhhuh",
        "hahaha",
        "Ha ha ha!",
        "HAHAHAHA",
        "ja ja",
        "Aha.",
        "yes yes yes",
    ],
)
def test_agreement_however_drawn_out_is_no_word(text: str) -> None:
    assert is_backchannel(text, SHIPPED)


@pytest.mark.parametrize("text", ["", "  ", "…", "stop", "yeah but wait", "okay stop", "no", "right there", "hat", "yeahs", "wait, mhm"])
def test_anything_else_counts(text: str) -> None:
    assert not is_backchannel(text, SHIPPED)


def test_the_streamers_own_list_counts_and_nothing_else() -> None:
    assert is_backchannel("Sí, sí. Claro!", ("sí", "claro"))
    assert is_backchannel("うんうん", ("うん",))
    assert not is_backchannel("mhm", ("sí",))
    assert not is_backchannel("mhm", ())
    assert not is_backchannel("mhm", ("", " … "))
