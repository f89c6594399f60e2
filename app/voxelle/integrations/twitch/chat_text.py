"""A text as the chat can take it: one line, split at 500 characters on word borders, no link and no command by accident."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from voxelle.integrations.twitch.limits import LONGEST_MESSAGE

_DOTS: Final = str.maketrans({"。": ".", "｡": ".", "．": ".", "․": ".", "／": "/", "！": "!", "⁄": "/"})
"""What browsers and people read as a dot, a stroke or an exclamation mark."""
_COMMAND: Final = re.compile(r"/|!\s*\w|\.\s*[^\W\d_]")
_CONTINUED: Final = "… "
"""Put before a piece that would begin like a command: inside a text that was none."""
_TOP_LEVEL: Final = (
    # General ones, as far as they are seen in chats.
    "com net org edu gov mil int info biz name pro xyz app dev page web site website online store shop blog live stream gift gifts "
    "link links click cloud club fun game games gg chat social media news video tube music art design studio space tech digital "
    "email work world life zone today team group company agency network support help guide wiki codes download software systems "
    "ninja rocks wtf lol cool best top vip win bet casino poker bid trade market markets money cash loan credit exchange finance "
    "crypto nft icu cyou sbs bond quest monster bar pub cafe pizza porn sex adult cam cams dating xxx movie film show theater "
    "tickets events photo photos pics gallery review reviews sale deals discount promo moe dog garden land earth eco green bio "
    "health fit run bike auto taxi travel flights hotel academy school college university foundation center community directory "
    # Those of countries.
    "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cc cd cf cg ch ci "
    "ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gd ge gf gg gh gi gl gm gn gp "
    "gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li "
    "lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om "
    "pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc "
    "td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw "
    "рф укр срб бел москва 中国 香港 台湾 한국 みんな ไทย"
)
_LABEL: Final = r"[^\W_](?:[\w-]*[^\W_])?"
_DOMAIN: Final = re.compile(rf"(?<![\w.-])(?:{_LABEL}\.)+({_LABEL})(?![\w-])")
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*://|\bwww\.|\b(?:mailto|magnet):\S", re.IGNORECASE)
_KNOWN: Final = frozenset(_TOP_LEVEL.split())
_JOINER: Final = "\u200d"


def one_line(text: str) -> str:
    """Return the text without control characters and lone surrogates, with single blanks."""
    clean = "".join(sign if not _is_control(sign) else " " for sign in text)
    return " ".join(clean.encode("utf-8", "replace").decode("utf-8").split())


def has_link(text: str) -> bool:
    """Whether a chat would show something in it as a link, also behind invisible characters."""
    seen = _seen(text)
    return _SCHEME.search(seen) is not None or any(_is_top_level(found.group(1)) for found in _DOMAIN.finditer(seen))


def is_command(text: str) -> bool:
    """Whether Twitch or a bot would take the text as a command."""
    return _COMMAND.match(_seen(text).lstrip()) is not None


def is_visible(text: str) -> bool:
    """Whether there is anything to see in it."""
    return bool(_seen(text).strip())


def split(text: str, limit: int = LONGEST_MESSAGE) -> tuple[str, ...]:
    """Cut a text into pieces of at most `limit` characters, between words where there are any.

    A word longer than that is cut where no sign is torn from its accents, and no emoji apart. No piece
    but the first can begin like a command.
    """
    pieces: list[str] = []
    rest = one_line(text)
    while rest:
        start = 1
        if pieces and is_command(rest):
            rest, start = _CONTINUED + rest, len(_CONTINUED)
        if len(rest) <= limit:
            pieces.append(rest)
            break
        # The sign after the limit may be the blank that makes the last word fit.
        end = rest.rfind(" ", start, limit + 1)
        if end < 0:
            end = _whole(rest, limit)
        pieces.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return tuple(pieces)


def _whole(text: str, limit: int) -> int:
    """Return the last place up to `limit` where a sign ends; `limit` itself if that sign has no end in sight."""
    for end in range(limit, limit // 2, -1):
        if not _belongs(text, end):
            return end
    return limit


def _belongs(text: str, at: int) -> bool:
    """Whether the character at a place is one sign with the one before it (in the main of UAX #29)."""
    sign, before = text[at], text[at - 1]
    if _JOINER in {sign, before} or unicodedata.category(sign) in {"Mn", "Me", "Mc"} or "\U0001f3fb" <= sign <= "\U0001f3ff":
        return True
    if "\U000e0020" <= sign <= "\U000e007f":
        return True
    if _is_flag_half(sign):
        start = at
        while start > 0 and _is_flag_half(text[start - 1]):
            start -= 1
        return (at - start) % 2 == 1
    return False


def _is_flag_half(sign: str) -> bool:
    return "\U0001f1e6" <= sign <= "\U0001f1ff"


def _is_control(sign: str) -> bool:
    return unicodedata.category(sign) in {"Cc", "Zl", "Zp"}


def _seen(text: str) -> str:
    """Return what a reader sees: without invisible characters, and with look-alikes of dots and strokes as such."""
    shown = unicodedata.normalize("NFKC", text.translate(_DOTS)).translate(_DOTS)
    return "".join(
        sign
        for sign in shown
        if unicodedata.category(sign) not in {"Cf", "Cc", "Mn", "Co", "Cn", "Cs"} and sign not in "\u115f\u1160\u3164\uffa0\u2800"
    )


def _is_top_level(label: str) -> bool:
    small = label.lower()
    return small in _KNOWN or small.startswith("xn--")
