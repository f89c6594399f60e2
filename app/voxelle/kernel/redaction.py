"""Keeps secrets and chat out of the log, whatever somebody hands to it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path, PurePath
from uuid import UUID

HIDDEN = "[hidden]"
_LONGEST = 20_000
"""Longer texts are cut: nobody reads them, and every pattern has to run over them."""
_DEEPEST = 6

_SECRET_WORDS = frozenset({
    "apikey", "auth", "authorization", "bearer", "cookie", "cookies", "credential", "credentials", "jwt", "oauth", "otp", "passphrase",
    "passwd", "password", "passwords", "pin", "private", "pwd", "secret", "secrets", "session", "signature",
})  # fmt: skip
"""A field with one of these words in its name is hidden, whatever it holds."""
_PERSONAL_WORDS = frozenset({
    "author", "body", "caption", "chat", "chatter", "clause", "content", "email", "heard", "input", "key", "keys", "line", "login", "mail",
    "message", "messages", "name", "nick", "nickname", "phone", "prompt", "reply", "said", "speech", "stimulus", "text", "texts", "token",
    "tokens", "user", "username", "utterance", "viewer", "words",
})  # fmt: skip
"""A field with one of these words in its name is hidden unless it holds a number: `tokens=12` says nothing."""
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")

_SPACE = r"(?:\s|%20|\+)"
_QUOTE = r"[\"'\\]{0,4}"
_IS = rf"{_QUOTE}\s{{0,4}}(?:=>|=|:|%3d|%3a)\s{{0,4}}"
# A quoted value ends at its own quote, not at an escaped one within; inside quoted JSON the quotes themselves are escaped.
_QUOTED = r"\"(?:\\.|[^\"\\\r\n])*\"?|'(?:\\.|[^'\\\r\n])*'?|(?P<open>\\{1,7}[\"'])(?:.*?(?<!\\)(?P=open)|[^\r\n]*)"
_VALUE = r"[^\s\"'\\,;&<>]"
_RULES: tuple[tuple[str, str], ...] = (
    (r"(?s)-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)", HIDDEN),
    # name:password@ in an address; the scheme stays.
    (r"(?i)\b([a-z][a-z0-9+.\-]{1,30}://)[^\s/\"'<>]{1,400}@", rf"\1{HIDDEN}@"),
    # Headers hide all the rest of their line.
    (rf"(?i)\b((?:proxy-)?authorization|(?:set-)?cookie|x-api-key|client-id)({_IS})[^\r\n]+", rf"\1\2{HIDDEN}"),
    (rf"(?i)\b(bearer){_SPACE}{{1,8}}{_QUOTE}{_VALUE}{{4,}}", rf"\1 {HIDDEN}"),
    (
        rf"(?i)\b(basic|oauth|bot|token)(?:{_SPACE}|:|=){{1,8}}{_QUOTE}(?:(?={_VALUE}{{0,200}}\d){_VALUE}{{8,}}|{_VALUE}{{20,}})",
        rf"\1 {HIDDEN}",
    ),
    # A password may hold spaces: all up to the next quote, comma or end of line.
    (rf"(?i)((?:secret|password|passwd|passphrase|pwd|input_value)s?{_IS})(?:{_QUOTED}|[^\r\n\"',;&<>]+)", rf"\1{HIDDEN}"),
    (rf"(?i)((?:key|token|credential|signature|sig|jwt|otp|auth)s?{_IS})(?:{_QUOTED}|[^\s\"',;&<>)}}\]]+)", rf"\1{HIDDEN}"),
    (r"(?i)([?&#](?:code|state|user|login|name)=)[^\s&#\"'<>]+", rf"\1{HIDDEN}"),
    # Keys that say what they are: OpenAI, Anthropic, Stripe, Groq, xAI, Hugging Face, GitHub, Slack, Google, AWS.
    (
        r"(?i)(?<![a-z0-9])(?:sk|pk|rk|gsk|xai|hf|gh[opsur]|glpat|github_pat|xox[a-z]|ya29|r8|nvapi|pplx|whsec)[_\-.][a-z0-9_\-.]{8,}",
        HIDDEN,
    ),
    (r"AIza[\w\-]{20,}|(?:AKIA|ASIA)[A-Z0-9]{12,}", HIDDEN),
    # JSON web tokens, then tokens of three parts like Discord's.
    (r"eyJ[\w\-]{6,}(?:\.[\w\-]*){0,2}", HIDDEN),
    (r"(?<![\w\-])[\w\-]{23,100}\.[\w\-]{5,10}\.[\w\-]{25,}", HIDDEN),
    # E-mail addresses.
    (r"(?i)(?<![\w.+%\-])[\w.+%\-]{1,64}(?:@|%40)[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,8}", HIDDEN),
    # Whose folder it is.
    (r"(?i)((?:\b[a-z]:)?[\\/]{1,4}(?:home|users|documents and settings)[\\/]{1,4})[^\\/\r\n\"'<>|:;,)\]]{1,100}", r"\1~"),
    # Anything long and random. Ids of ours have dashes and no capitals, so they stay readable.
    (r"(?<![A-Za-z0-9])(?=[A-Za-z]*[0-9])(?=[0-9]*[A-Za-z])[A-Za-z0-9]{24,}", HIDDEN),
    (r"(?<![\w+/\-])(?=[\w+/\-]*[0-9])(?=[\w+/\-]*[a-z])(?=[\w+/\-]*[A-Z])[\w+\-]{32,}={0,2}", HIDDEN),
)
_PLAIN = re.compile(r"[a-z_. ]{0,20}")
"""Most of what is logged: names of events, states and engines. No key is that short and without a number."""
_PATTERNS = tuple((re.compile(pattern), instead) for pattern, instead in _RULES)


def redact_text(text: str) -> str:
    """Return a text without keys, tokens, passwords, addresses of people and names of folders' owners."""
    if _PLAIN.fullmatch(text) and "bearer" not in text:
        return text
    if len(text) > _LONGEST:
        text = f"{text[: _LONGEST // 4]} … {text[-_LONGEST // 4 * 3 :]}"
    if "/" in text or "\\" in text:
        home = str(Path.home())
        if len(home) > 1:
            text = text.replace(home, "~")
    text = _UNPRINTABLE.sub("", text)
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text


def redact_field(name: str, value: object) -> object:
    """Return what may be written of a field: JSON types only, by its name first and then by what it looks like."""
    return _redact(name, value, 0)


def _redact(name: str, value: object, depth: int) -> object:
    if value is None or isinstance(value, bool):
        return value
    words = {word.lower() for word in _WORDS.findall(name)}
    if words & _SECRET_WORDS or (words & _PERSONAL_WORDS and not isinstance(value, int | float)):
        return HIDDEN
    if isinstance(value, int | float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        if depth >= _DEEPEST:
            return "…"
        if isinstance(value, Mapping):
            return {redact_text(str(key)): _redact(str(key), each, depth + 1) for key, each in value.items()}
        return [_redact(name, each, depth + 1) for each in value]
    return _redact_leaf(value)


def _redact_leaf(value: object) -> str:
    """Show texts and things that are one; of any other object only its class, for its repr may say anything."""
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, BaseException):
        return redact_text(f"{type(value).__name__}: {value}")
    if isinstance(value, PurePath | datetime | timedelta | UUID | Enum):
        return redact_text(str(value))
    if isinstance(value, bytes | bytearray | memoryview):
        return f"<{len(value)} bytes>"
    if isinstance(value, type):
        return value.__name__
    return f"<{type(value).__name__}>"
