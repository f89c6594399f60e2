"""The safety gate: everything she is about to say passes here, or is not said.

Deterministic first form. A clause is folded (case, accents, look-alike letters, digits for letters,
spaced-out words) and checked together with the end of what was said before, so that nothing slips
through at a clause border. It fails closed: whatever goes wrong in here, the clause is not spoken.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from voxelle.domain.errors import SetupError
from voxelle.domain.speech import GateVerdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from voxelle.settings.schema import SafetySettings

WINDOW = 240
"""So many characters of what passed before are looked at together with a new clause."""

_LOOKALIKES = str.maketrans(
    "авекмнорстухгіѕјԁһӏбзαβεηικνορτυχωϲɑɡɩʀʏᴀᴇɪᴏᴜ",
    "abekmhopctyxrisjdhlbeabenikvoptuxwcagiryaeiou",
)
_LEET = str.maketrans(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s", "!": "i", "|": "i", "€": "e", "+": "t"}
)
_EMAIL = re.compile(
    r"[\w.+-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\s?(?:\.|\bdot\b)\s?[a-z]{2,})+|[\w.+-]+ at [\w-]+ dot (?:com|net|org|de|io|gg|tv)\b",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?<![\w.])(?!\d\.\d)(?:\+|00)?\d(?:[\s().-]{0,3}\d){8,14}(?!\w)")
_CARD = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){3,7}(?:\s?[A-Z0-9]{1,4})?\b")
_IPV4 = re.compile(r"(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.])")
_IPV6 = re.compile(r"(?<![\w:])(?:[0-9a-f]{1,4}:){4,7}[0-9a-f]{1,4}(?![\w:])", re.IGNORECASE)
_ADDRESS = re.compile(
    r"\b\d{1,5}[a-z]?\s+(?:[A-Z][\w'-]+\s+){1,3}(?:street|st|road|rd|avenue|ave|lane|ln|drive|boulevard|blvd|court|terrace)\b\.?",
    re.IGNORECASE,
)
_SECRET = re.compile(r"\b(?:sk-[\w-]{16,}|gh[pousr]_\w{20,}|oauth:\w{20,}|xox[abp]-[\w-]{10,}|eyJ[\w-]{10,}\.[\w-]{10,})")
_LINK = re.compile(
    r"(?:[a-z][a-z0-9+.-]*://\S|\bwww\.\S|\b(?:discord\.gg|bit\.ly|t\.me|youtu\.be)\b"
    r"|\b[a-z0-9][a-z0-9-]*\.(?:com|net|org|gg|tv|io|me|ru|xyz|info|biz|link|shop|app|dev|co|uk|de|fr|es)(?:/\S*|\b))",
    re.IGNORECASE,
)
_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_DIGIT_WORDS = {word: str(digit) for digit, word in enumerate(_DIGITS)} | {"oh": "0"}


@lru_cache(maxsize=512)
def fold(text: str) -> str:
    """Return the text in plain lower-case Latin letters and digits, words apart by one space.

    Accents, full-width and look-alike letters, zero-width characters and stretched letters are
    levelled; digits standing for letters are read as letters inside words.
    """
    flat = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text)).casefold()
    flat = "".join(char for char in flat if unicodedata.category(char) not in ("Mn", "Cf", "Cc")).translate(_LOOKALIKES)
    words: list[str] = []
    for raw in flat.split():
        word = raw.strip(".,;:?\"'()[]{}<>*_~-…“”‘’")
        if any(char.isalpha() for char in word):
            word = word.rstrip("!").translate(_LEET)
        words.extend(part for part in re.split(r"[\W_]+", word) if part)
    return re.sub(r"([a-z])\1{2,}", r"\1\1", " ".join(words))


def _joined_letters(folded: str) -> str:
    """Return spaced-out words put together: `f u c k` becomes `fuck`; other words stay apart."""
    return re.sub(r"\b\w(?: \w\b){2,}", lambda run: run[0].replace(" ", ""), folded)


def _single(folded: str) -> str:
    """Return the text with every doubled letter written once."""
    return re.sub(r"([a-z])\1+", r"\1", folded)


class WordList:
    """Words, stems (`abc*`) and phrases to be found in folded text, however they are spelled."""

    def __init__(self, entries: Iterable[str], allowed: Iterable[str] = ()) -> None:
        exceptions = {fold(word) for word in allowed}
        patterns = []
        for entry in entries:
            folded = fold(entry.rstrip("*"))
            if folded and folded not in exceptions:
                ending = r"\w*" if entry.endswith("*") else r"(?:s|es)?"
                patterns += [re.escape(form).replace(r"\ ", " ") + ending for form in (folded, _single(folded), folded.replace(" ", ""))]
        self._pattern = re.compile(rf"\b(?:{'|'.join(sorted(set(patterns), key=len, reverse=True))})\b") if patterns else None
        self._exceptions = exceptions

    def find(self, text: str) -> bool:
        """Whether any entry stands in the text."""
        if self._pattern is None:
            return False
        folded = fold(text)
        joined = _joined_letters(folded)
        forms = {folded, joined, _single(folded), _single(joined)}
        return any(match[0] not in self._exceptions for form in forms for match in self._pattern.finditer(form))


def read_words(file: Path) -> tuple[str, ...]:
    """Read the shipped list. SetupError if it is missing: without it nothing may be said."""
    try:
        text = codecs.decode(file.read_text(encoding="utf-8"), "rot13")
    except OSError as error:
        msg = "The list of words that must never be said is missing; install Voxelle again. Until then she stays silent."
        raise SetupError(msg) from error
    return tuple(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))


@dataclass(frozen=True, slots=True)
class _Rule:
    name: str
    pattern: re.Pattern[str]

    def hits(self, text: str) -> bool:
        return any(self.name != "card_number" or _is_card(match[0]) for match in self.pattern.finditer(text))


def _is_card(text: str) -> bool:
    """Whether the digits pass the Luhn check (ISO/IEC 7812)."""
    digits = [int(char) for char in text if char.isdigit()]
    doubled = [digit if index % 2 == 0 else (digit * 2 - 9 if digit > 4 else digit * 2) for index, digit in enumerate(reversed(digits))]  # noqa: PLR2004
    return sum(doubled) % 10 == 0


def _with_digits(text: str) -> str:
    """Return the text with spoken digits written as digits: `five five five` becomes `5 5 5`."""
    return re.sub(r"[a-z]+", lambda word: _DIGIT_WORDS.get(word[0].lower(), word[0]), text, flags=re.IGNORECASE)


class SafetyGate:
    """Checks the clauses of one reply after the other. `judge` is the only way to a voice."""

    def __init__(self, shipped_words: Sequence[str], settings: SafetySettings) -> None:
        self._never = WordList(shipped_words, settings.allowed_words)
        self._own = WordList(settings.blocked_words)
        self._private = WordList(settings.private_words)
        personal = (
            _Rule("email", _EMAIL),
            _Rule("card_number", _CARD),
            _Rule("iban", _IBAN),
            _Rule("phone", _PHONE),
            _Rule("ip_address", _IPV4),
            _Rule("ip_address", _IPV6),
            _Rule("address", _ADDRESS),
            _Rule("secret", _SECRET),
        )
        self._rules = (*personal, _Rule("link", _LINK)) if settings.block_links else personal

    def judge(self, index: int, clause: str, said_before: str) -> GateVerdict:
        """Judge a clause in the light of what passed before it in this reply."""
        rule = self._violation(clause, said_before[-WINDOW:])
        return GateVerdict(index, not rule, rule)

    def _violation(self, clause: str, before: str) -> str:
        for text in (clause, f"{before} {clause}" if before else ""):
            if not text:
                continue
            for name, words in (("word_list", self._never), ("own_words", self._own), ("private_words", self._private)):
                if words.find(text):
                    return name
            for form in {text, _with_digits(text)}:
                for rule in self._rules:
                    if rule.hits(form):
                        return rule.name
        return ""
