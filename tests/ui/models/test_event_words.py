"""Every kind of event has words, a sign and a place."""

from __future__ import annotations

import pytest

from voxelle.domain.chat import StreamEvent
from voxelle.kernel.paths import resource
from voxelle.settings.reactions import ReactionsSettings
from voxelle.ui.models.event_kinds import KINDS, EventGroup, group_of, group_title, icon_of, kind_description, kind_title
from voxelle.ui.models.event_words import amount_words, happened, has_actor, sentence
from voxelle.ui.models.reaction_samples import fields_of, preview, sample_event
from voxelle.ui.text import isolated

ALL = [kind for kind in StreamEvent if kind is not StreamEvent.NONE]


def test_the_list_holds_every_kind_there_is_a_reaction_to_exactly_once() -> None:
    listed = [kind.value for kinds in KINDS.values() for kind in kinds]
    assert sorted(listed) == sorted(ReactionsSettings.model_fields)
    assert all(group_title(group) for group in EventGroup)
    assert group_of(StreamEvent.NONE) is EventGroup.PROGRAM


@pytest.mark.parametrize("kind", ALL)
def test_every_kind_has_a_name_words_and_a_sign(kind: StreamEvent) -> None:
    assert kind_title(kind)
    assert kind_description(kind)
    words = happened(kind)
    assert words
    assert words != "Something happened"
    assert "{" not in words
    assert words[0].islower() is has_actor(kind)
    assert resource("icons", f"{icon_of(kind)}.svg").is_file()


def test_a_kind_nobody_knows_is_told_all_the_same() -> None:
    assert happened(StreamEvent.NONE) == "Something happened"
    assert kind_title(StreamEvent.NONE) == ""
    assert icon_of(StreamEvent.NONE) == "chat"


@pytest.mark.parametrize(
    "kind, amount, words",
    [
        (StreamEvent.BITS, 1, "1 bit"),
        (StreamEvent.BITS, 12_500, "12,500 bits"),
        (StreamEvent.RAID, 2, "2 viewers"),
        (StreamEvent.GIFT, 1, "1 gift"),
        (StreamEvent.HYPE_TRAIN_END, 4, "level 4"),
        (StreamEvent.GOAL_PROGRESS, 95, "95"),
        (StreamEvent.RAID, 0, ""),
        (StreamEvent.FOLLOW, 3, ""),
    ],
)
def test_an_amount_has_its_unit_in_the_right_number(kind: StreamEvent, amount: int, words: str) -> None:
    assert amount_words(kind, amount) == words


def test_what_comes_from_outside_is_quoted_and_harmless() -> None:
    told = happened(StreamEvent.REDEMPTION, lambda _name: "Hyd\u202erate\n{name}")
    assert told == f"redeems {isolated('“Hydrate {name}”')}"
    assert happened(StreamEvent.POLL_END, lambda _name: "") == "A poll ends: nobody wins"
    assert sentence(StreamEvent.RAID, 3) == "raids the channel: 3 viewers"


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("is_for_many", [False, True])
def test_the_templates_that_come_with_it_use_the_fields_that_are_offered(kind: StreamEvent, is_for_many: bool) -> None:
    reaction = ReactionsSettings().of(kind)
    template = reaction.template_many if is_for_many else reaction.template
    hidden = ("name",) if group_of(kind) is EventGroup.MODERATION else ()
    offered = {*fields_of(kind, is_for_many=is_for_many), *hidden}
    used = {name for name in offered if f"{{{name}}}" in template}
    assert template.count("{") <= sum(template.count(f"{{{name}}}") for name in used)
    assert bool(preview(kind, template, is_verbatim=False, is_for_many=is_for_many)) is bool(template)
    assert sample_event(kind).event is kind


def test_a_preview_of_several_names_them_and_adds_up() -> None:
    told = preview(StreamEvent.BITS, "{names}: {total} of {count}", is_verbatim=True, is_for_many=True)
    assert told == "Haruka, tom_plays and Nightjar: 850 of 3"
    assert preview(StreamEvent.BITS, "{", is_verbatim=True) == ""
