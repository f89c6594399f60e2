"""The grammar of the leading emotion tag."""

from __future__ import annotations

import pytest

from voxelle.providers.llm.grammar import tag_grammar


def test_the_tag_is_one_of_those_given() -> None:
    assert tag_grammar(("joy", "sadness", "joy")) == 'root ::= "[" ("joy" | "sadness") "] " [^\\r\\n\\[\\]]+\n'


@pytest.mark.parametrize("tag", ['joy" | "x', "joy]", "", "a\nb", "\\", "9lives", "x" * 50])
def test_a_tag_that_could_break_the_grammar_is_left_out(tag: str) -> None:
    assert tag_grammar((tag,)) == ""
    assert tag_grammar((tag, "fear")) == tag_grammar(("fear",))
