"""Which phonemes belong to which word."""

from __future__ import annotations

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from voxelle.providers.tts.alignment import PhonemeClock, SpokenWord, spans_of


def spoken(*words: str) -> list[SpokenWord]:
    """Place words one after the other, a space between them."""
    ends = accumulate(len(word) + 1 for word in words)
    return [SpokenWord(word, end - len(word) - 1, end - 1) for word, end in zip(words, ends, strict=True)]


def clock(phonemes: str) -> PhonemeClock:
    return PhonemeClock(phonemes, [index * 0.1 for index in range(len(phonemes) + 1)])


def test_words_read_as_they_stand_keep_their_own_phonemes() -> None:
    assert spans_of(["Hello,", "you!"], spoken("hello,", "you!")) == [(0, 6), (7, 11)]


def test_a_number_covers_all_the_words_it_is_read_as() -> None:
    assert spans_of(["at", "3:30", "now"], spoken("at", "three", "thirty", "now")) == [(0, 2), (3, 15), (16, 19)]


def test_words_that_were_rewritten_together_share_by_their_length() -> None:
    assert spans_of(["10", "km"], spoken("ten")) == [(0, 2), (2, 3)]


def test_a_word_that_is_not_read_aloud_has_no_phonemes() -> None:
    assert spans_of(["wow", "🎉", "ok"], spoken("wow", "ok")) == [(0, 3), None, (4, 6)]


def test_a_spoken_word_too_many_belongs_to_the_one_before_it_or_else_after() -> None:
    assert spans_of(["at", "noon"], spoken("at", "noon", "sharp")) == [(0, 2), (3, 13)]
    assert spans_of(["noon"], spoken("at", "noon")) == [(3, 7)]
    assert spans_of([], spoken("noon")) == []


def test_words_sound_without_the_pauses_around_them() -> None:
    timings = clock("haɪ, juː.").words(["Hi,", "you."], spoken("haɪ,", "juː."))
    assert [(word.text, round(word.start_s, 1), round(word.end_s, 1)) for word in timings] == [("Hi,", 0.0, 0.3), ("you.", 0.5, 0.8)]


def test_a_silent_word_sounds_for_no_time_where_it_stands() -> None:
    timings = clock("haɪ ju").words(["Hi", "🎉", "you"], [SpokenWord("Hi", 0, 3), SpokenWord("you", 4, 6)])
    assert timings[1].start_s == timings[1].end_s == timings[0].end_s


def test_phonemes_are_told_in_ipa_with_stress_and_length_folded_in() -> None:
    sounds = clock("ˈO, ɑːt").sounds()
    assert [(each.symbol, round(each.start_s, 1), round(each.end_s, 1)) for each in sounds] == [
        ("oʊ", 0.0, 0.2),
        ("ɑː", 0.4, 0.6),
        ("t", 0.6, 0.7),
    ]


@given(
    st.lists(st.sampled_from(["Hi", "10km", "🎉", "—", "the", "the", "$5", "ok?"]), max_size=12),
    st.lists(st.sampled_from(["hi", "ten", "the", "five", "ok?", "dollars", "kilometers"]), max_size=14),
)
def test_every_word_gets_a_time_and_none_goes_back(words: list[str], read: list[str]) -> None:
    places = spoken(*read)
    phonemes = " ".join(read)
    timings = clock(phonemes).words(words, places)
    assert [word.text for word in timings] == words
    now = 0.0
    for word in timings:
        assert now <= word.start_s <= word.end_s <= len(phonemes) * 0.1 + 1e-9
        now = word.end_s
