"""The grammar that forces a reply to begin with one emotion tag (GBNF, as llama.cpp reads it)."""

from __future__ import annotations

import re
from collections.abc import Sequence

_TAG = re.compile(r"[A-Za-z][A-Za-z0-9_ -]{0,39}")


def tag_grammar(tags: Sequence[str]) -> str:
    """Return the grammar of `[tag] text`, text being one line without brackets; empty if no tag is usable.

    See https://github.com/ggml-org/llama.cpp/blob/master/grammars/README.md.
    """
    names = [tag for tag in dict.fromkeys(tags) if _TAG.fullmatch(tag)]
    if not names:
        return ""
    choice = " | ".join(f'"{name}"' for name in names)
    return f'root ::= "[" ({choice}) "] " [^\\r\\n\\[\\]]+\n'
