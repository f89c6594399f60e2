"""The conversation as it grows."""

from __future__ import annotations

from typing import Any

import pytest
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from tests.fakes.companion import MIRA
from tests.ui.facts import clause, ended, heard, message, passed, record, started, stimulus
from tests.ui.show import Show
from voxelle.domain.avatar import Emotion
from voxelle.domain.chat import Retraction, Stimulus, StimulusKind, StreamEvent, Verdict
from voxelle.domain.events import CharacterSaved, ClauseBlocked, MessagesRetracted, ShowChanged, ShowSnapshot, TurnEnded, WordHeard
from voxelle.domain.persona import Character
from voxelle.domain.speech import TurnOutcome
from voxelle.ui.models.conversation import ConversationModel
from voxelle.ui.models.rows import DividerRow, MessageRow, PieceState, ReplyRow, Row, Span, message_row, plain_text, reply_text


@pytest.fixture
def model(show: Show) -> ConversationModel:
    return ConversationModel(show.bridge, show.bridge, row_limit=50)


def rows(model: ConversationModel) -> list[Row]:
    return [model.row(index) for index in range(model.rowCount())]


def reply(model: ConversationModel) -> ReplyRow:
    found = [row for row in rows(model) if isinstance(row, ReplyRow)]
    return found[-1]


def texts(model: ConversationModel) -> list[str]:
    return [plain_text(row) for row in rows(model)]


def test_it_is_a_proper_list_model(model: ConversationModel, show: Show, qtmodeltester: ModelTester) -> None:
    show.announce(*(message(stimulus(key=str(n))) for n in range(70)), started(), heard("Hi."))
    qtmodeltester.check(model)


def test_chat_and_her_answer_stand_in_order(model: ConversationModel, show: Show) -> None:
    show.companion.cast = [MIRA]
    show.announce(ShowChanged(ShowSnapshot(character=MIRA)), message("what is that?"), started("t1", stimulus()), heard("A dragon."))
    assert texts(model) == ["kenji: what is that?", "Mira: A dragon."]
    assert reply(model).to == "kenji"


def test_a_greeting_has_no_line_of_its_own(model: ConversationModel, show: Show) -> None:
    greeting = stimulus(kind=StimulusKind.GREETING)
    show.announce(message(greeting), started("t1", greeting), heard("Hello!"))
    assert texts(model) == ["She: Hello!"]
    assert reply(model).to == ""


def test_merged_askers_are_counted(model: ConversationModel, show: Show) -> None:
    show.announce(started("t1", stimulus(author="a"), stimulus(author="b"), merged=3))
    assert reply(model).to == "a +4"


def test_clauses_come_dim_and_are_heard_one_by_one(model: ConversationModel, show: Show) -> None:
    show.announce(started(), passed("One,", 0), passed("two.", 1), heard("One,", 0))
    assert reply_text(reply(model)) == ("One, two.", (Span(0, 4, PieceState.HEARD), Span(5, 9, PieceState.COMING)), None)


def test_the_word_being_heard_is_found_in_the_whole_reply(model: ConversationModel, show: Show) -> None:
    show.announce(started(), heard("One fine,", 0), heard("two better.", 1), WordHeard("t1", 1, 4, 10))
    text, _, word = reply_text(reply(model))
    assert word is not None
    assert text[slice(*word)] == "better"


def test_a_word_beyond_its_clause_lights_nothing(model: ConversationModel, show: Show) -> None:
    show.announce(started(), heard("One", 0), WordHeard("t1", 0, 90, 99))
    assert reply_text(reply(model))[2] is None


def test_a_cut_reply_keeps_what_was_heard_and_says_so(model: ConversationModel, show: Show) -> None:
    show.announce(started(), heard("All of this.", 0), heard("And half of", 1), passed("Never this.", 2))
    show.announce(ended("All of this.", "And half", outcome=TurnOutcome.CUT))
    assert reply(model).outcome is TurnOutcome.CUT
    assert plain_text(reply(model)) == "She: All of this. And half…"


def test_a_clause_held_back_leaves_a_mark_that_stays(model: ConversationModel, show: Show) -> None:
    show.announce(started(), ClauseBlocked("t1", 0, "blocked_word"), heard("Fine.", 1))
    show.announce(TurnEnded(record()))
    assert plain_text(reply(model)) == "She: [held back by the safety gate]"


def test_a_late_word_changes_nothing_once_the_turn_is_over(model: ConversationModel, show: Show) -> None:
    show.announce(started(), heard("One."), ended("One."))
    show.announce(WordHeard("t1", 0, 0, 3), heard("Two.", 1))
    assert reply(model).word is None
    assert plain_text(reply(model)) == "She: One."


def test_the_emotion_of_the_newest_clause_is_shown(model: ConversationModel, show: Show) -> None:
    show.announce(started(), heard("Oh.", emotion=Emotion.SURPRISE), heard("well", 1))
    assert reply(model).emotion == "surprise"


def test_rows_are_bounded_and_old_turns_may_still_end(model: ConversationModel, show: Show) -> None:
    show.announce(started())
    show.announce(*(message(stimulus(f"line {n}", key=str(n))) for n in range(80)))
    show.announce(ended("Late."))
    assert model.rowCount() == 50
    assert texts(model)[-1] == "kenji: line 79"
    assert [row.key for row in rows(model)] == list(range(model.first_key, model.first_key + 50))


def test_a_flood_is_announced_together(model: ConversationModel, show: Show, qtbot: QtBot) -> None:
    inserted: list[tuple[int, int]] = []
    model.rowsInserted.connect(lambda _parent, first, last: inserted.append((first, last)))
    show.call(lambda: [show.bus.announce(message(stimulus(key=str(n)))) for n in range(40)])  # type: ignore[func-returns-value]
    qtbot.waitUntil(lambda: model.rowCount() == 40)
    assert len(inserted) <= 3


def test_hidden_and_controlling_letters_never_reach_the_window(model: ConversationModel, show: Show) -> None:
    show.announce(message(stimulus("\u202eevil\x07 <b>x</b>", author="\u2066a\nb")), started(), heard("a\u202eb\x00c"))
    row = rows(model)[0]
    assert isinstance(row, MessageRow)
    assert (row.author, row.text) == ("a b", "evil <b>x</b>")
    assert reply(model).pieces[0].text == "a b c"


@pytest.mark.parametrize(
    "event, amount, text, shown",
    [
        (StreamEvent.RAID, 42, "", "raids the channel: 42 viewers"),
        (StreamEvent.RAID, 1, "", "raids the channel: 1 viewer"),
        (StreamEvent.RAID, 0, "", "raids the channel"),
        (StreamEvent.RESUBSCRIPTION, 7, "", "subscribes again: 7 months"),
        (StreamEvent.SUBSCRIPTION, 0, "", "subscribes"),
        (StreamEvent.GIFT, 5, "", "gives subscriptions away: 5 gifts"),
        (StreamEvent.BITS, 1000, "nice", "cheers: 1,000 bits – \u2068nice\u2069"),
        (StreamEvent.FOLLOW, 0, "", "follows the channel"),
        (StreamEvent.REDEMPTION, 0, "", "redeems a reward"),
        (StreamEvent.NONE, 0, " ", "(an empty message)"),
    ],
)
def test_what_happened_is_said_in_words(
    model: ConversationModel, show: Show, event: StreamEvent, amount: int, text: str, shown: str
) -> None:
    kind = StimulusKind.CHAT if event is StreamEvent.NONE else StimulusKind.EVENT
    show.announce(message(stimulus(text, kind=kind, event=event, amount=amount, author="")))
    assert texts(model) == [f"somebody: {shown}"]


def test_the_verdict_and_its_reason_stay_with_the_line(model: ConversationModel, show: Show) -> None:
    show.announce(message("spam", Verdict.DROPPED, "looks like spam"))
    row = rows(model)[0]
    assert isinstance(row, MessageRow)
    assert (row.verdict, row.reason) == (Verdict.DROPPED, "looks like spam")


def test_earlier_turns_stand_above_what_happened_since_the_start(model: ConversationModel, show: Show) -> None:
    show.companion.turns = [
        record("Sleep well!", turn="old", stimuli=[stimulus("good night")]),
        record("Live now.", turn="t1"),
    ]
    show.announce(message("hello"), started("t1"), heard("Live now."))
    show.announce(ShowChanged(ShowSnapshot(character=MIRA)))
    assert texts(model) == ["kenji: good night", "Mira: Sleep well!", "Earlier", "kenji: hello", "She: Live now."]
    assert isinstance(rows(model)[2], DividerRow)
    assert [row.key for row in rows(model)] == list(range(model.first_key, model.first_key + 5))
    show.announce(heard("And on.", 1))
    assert plain_text(reply(model)) == "She: Live now. And on."


def test_earlier_turns_come_in_once(model: ConversationModel, show: Show) -> None:
    show.companion.turns = [record("Once.", turn="old")]
    model.load()
    show.settle()
    show.announce(ShowChanged(ShowSnapshot(character=MIRA)))
    model.load()
    show.settle()
    assert texts(model) == ["Mira: Once.", "Earlier"]


def test_a_renamed_character_speaks_under_her_new_name(model: ConversationModel, show: Show) -> None:
    show.announce(CharacterSaved(Character("mira", "Miranda", "", "", "", "")), started(), heard("Hi."))
    assert texts(model) == ["Miranda: Hi."]


def test_events_of_unknown_turns_are_ignored(model: ConversationModel, show: Show) -> None:
    show.announce(heard("Who?", turn="unknown"), WordHeard("unknown", 0, 0, 1), ended(turn="unknown"))
    assert model.rowCount() == 0
    assert clause("x").turn_id == "t1"


def test_a_line_becomes_a_row_when_somebody_looks_at_it(model: ConversationModel, show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def counted(line: Stimulus, *rest: Any) -> MessageRow:
        made.append(line.id)
        return message_row(line, *rest)

    monkeypatch.setattr("voxelle.ui.models.conversation.message_row", counted)
    show.announce(*(message(stimulus(f"line {n}", key=str(n))) for n in range(60)))
    assert made == []
    row = model.row(3)
    assert model.row(3) is row
    assert (row.key, plain_text(row)) == (13, "kenji: line 13")
    show.announce(MessagesRetracted(Retraction("twitch", ("20",)), ("20",)))
    assert made == ["13", "20"]
    assert plain_text(model.row(10)) == "kenji: removed"
