"""Words of a transcript, made alike, so that they can be compared."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[\u2e80-\uffff]|[^\W_\u2e80-\uffff]+(?:['’][^\W_\u2e80-\uffff]+)*")
"""A letter of a script without spaces, or a word."""


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case, without accents, signs and apostrophes."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return [word.replace("'", "").replace("’", "") for word in _WORD.findall(bare)]
