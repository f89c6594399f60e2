"""Whether a text can be the end of what somebody says: nobody ends with "and", "um" or a comma."""

from __future__ import annotations

_JOINING: dict[str, str] = {
    "en": "and but or because cause so um uh uhm erm er hmm like which if when while the a an to of with for my your is are was",
    "de": "und aber oder weil dass also äh ähm öh denn wenn ob der die das ein eine mit von für mein dein ist sind",
    "fr": "et mais ou parce car donc euh ben que qui si quand le la les un une de des avec pour mon est",
    "es": "y pero o porque entonces eh este que si cuando pues el la los las un una de con para mi es",
    "pt": "e mas ou porque então é eh que se quando pois o a os as um uma de com para meu",
    "it": "e ma o perché quindi allora ehm eh che se quando il la i gli un una di con per mio è",
    "nl": "en maar of omdat dus want eh uh uhm dat als de het een van met voor mijn is",
    "pl": "i ale albo bo więc że yyy eee czy gdy kiedy jak z w na do",
    "ru": "и но или потому поэтому что э эм если когда как с в на для",
    "sv": "och men eller för att så eh öh som om när en ett av med",
}
_WORDS = {language: frozenset(words.split()) for language, words in _JOINING.items()}
_ENDING_NOTHING = (
    "and but or because um uh uhm erm und aber oder weil dass äh ähm et mais euh y pero porque e mas ma en maar ale и но och men"
)
_ALWAYS = frozenset(_ENDING_NOTHING.split())
"""These end no sentence even where a recogniser put a full stop after them."""
_JOINING_WITHOUT_SPACES = "けど から ので って あの えっと えーと 还有 因为 所以 那个 그리고 그런데 그래서"
_WITHOUT_SPACES = tuple(_JOINING_WITHOUT_SPACES.split())
_OPEN_SIGNS = (",", "、", "，", "…", "...", "-", "–", "—", ":", ";")
_FULL_STOPS = ".。!?！？"


def is_open_ended(text: str, language: str = "") -> bool:
    """Whether the speaker must go on after this."""
    stripped = text.strip().casefold()
    if not stripped:
        return False
    if stripped.endswith(_OPEN_SIGNS):
        return True
    bare = stripped.rstrip(_FULL_STOPS)
    if len(bare) == len(stripped) and bare.endswith(_WITHOUT_SPACES):
        return True
    if stripped[-1] in "!?！？":
        return False
    word = bare.split()[-1].strip("\"'«»“”’") if bare.split() else ""
    if len(bare) < len(stripped):
        return word in _ALWAYS
    return word in _WORDS.get(language[:2] or "en", frozenset())


def is_question(text: str) -> bool:
    """Whether a recogniser heard a question."""
    return text.strip().endswith(("?", "？"))


def is_whole(text: str, language: str = "") -> bool:
    """Whether a recogniser set a sign there that ends a sentence."""
    return text.strip().endswith(tuple(_FULL_STOPS)) and not is_open_ended(text, language)
