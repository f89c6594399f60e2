"""Secrets and chat stay out of the log, whatever somebody hands to it."""

from __future__ import annotations

import json
import string
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path, PureWindowsPath
from urllib.parse import quote
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from voxelle.kernel.clock import Ids, Randomness, SystemClock
from voxelle.kernel.redaction import HIDDEN, redact_field, redact_text

_ALNUM = string.ascii_letters + string.digits
_OPAQUE = st.text(_ALNUM, min_size=24, max_size=60).filter(
    lambda text: any(each.isdigit() for each in text) and any(each.isalpha() for each in text)
)
_KEYS = st.one_of(
    st.builds("{}{}".format, st.sampled_from(["sk-", "sk-proj-", "sk-ant-api03-", "sk_live_", "pk_test_", "rk_live_"]), _OPAQUE),
    st.builds("{}{}".format, st.sampled_from(["gsk_", "xai-", "hf_", "ghp_", "gho_", "github_pat_", "glpat-", "xoxb-", "whsec_"]), _OPAQUE),
    st.builds("AIza{}".format, _OPAQUE),
    st.builds("AKIA{}".format, st.text(string.ascii_uppercase + string.digits, min_size=16, max_size=16)),
    st.builds("eyJ{}.{}.{}".format, _OPAQUE, _OPAQUE, _OPAQUE),
    st.builds("M{}.{}.{}".format, st.text(_ALNUM, min_size=23, max_size=27), st.text(_ALNUM, min_size=6, max_size=6), _OPAQUE),
    _OPAQUE,
)
# Words that look like nothing by themselves: only what stands around them says that they are secret.
_WORDS = st.text(string.ascii_letters + string.digits + "_-~!$*", min_size=6, max_size=30)
_AROUND_ANY: list[Callable[[str], str]] = [
    "Bearer {}".format,
    "bearer  {}".format,
    "Authorization: Bearer {}".format,
    "authorization=Bearer%20{}".format,
    "{{'Authorization': 'Bearer {}'}}".format,
    "Authorization: Basic {} trailing".format,
    "Cookie: session={}; path=/".format,
    "x-api-key: {}".format,
    "api_key={}".format,
    "OPENAI_API_KEY={}".format,
    "apiKey: '{}'".format,
    '{{"api-key": "{}"}}'.format,
    r"{{\"access_token\": \"{}\"}}".format,
    "https://example.org/cb?access_token={}&x=1".format,
    "https://example.org/cb?code={}&state=1".format,
    "https://example.org/#refresh_token={}".format,
    "https://somebody:{}@example.org/x".format,
    "postgresql+psycopg://voxelle:{}@db.example.org:5432/voxelle".format,
    "password={}".format,
    "Password: {}".format,
    "client_secret => {}".format,
    "token%3D{}".format,
    "input_value='{}', input_type=str".format,
]


@given(_KEYS, st.sampled_from(["{}", "key {} end", "({})", '"{}"', "\n{}\n", "https://example.org/{}/x", "a={},b", "[{}]", "…{}…"]))
def test_keys_that_look_like_keys_are_hidden_wherever_they_stand(key: str, around: str) -> None:
    assert key not in redact_text(around.format(key))


@given(_WORDS, st.sampled_from(_AROUND_ANY))
@example("oneoneone", "Authorization: Bearer {}".format)
def test_what_stands_where_a_secret_stands_is_hidden_whatever_it_looks_like(word: str, around: Callable[[str], str]) -> None:
    assert word not in redact_text(around(word)).replace(HIDDEN, "")


@given(_KEYS | _WORDS)
def test_secrets_in_json_and_in_json_within_json_are_hidden(secret: str) -> None:
    once = json.dumps({"access_token": secret, "x": 1})
    for text in (once, json.dumps(once), json.dumps(json.dumps(once)), repr({"token": secret}), repr(once)):
        assert secret not in redact_text(text)


@given(st.text(_ALNUM, min_size=30, max_size=30), st.sampled_from(["oauth:{}", "OAuth {}", "PASS oauth:{}", "Bot {}", "token {}"]))
def test_tokens_of_chat_services_are_hidden(token: str, around: str) -> None:
    assert token not in redact_text(around.format(token))


def test_a_password_with_spaces_is_hidden_to_its_end() -> None:
    assert redact_text("password: correct horse battery staple") == f"password: {HIDDEN}"
    assert redact_text('{"password": "correct horse, battery", "port": 5}') == f'{{"password": {HIDDEN}, "port": 5}}'


@given(st.text("ab\"'\\,} ", max_size=20).map("s3cret{}s3cret".format))
def test_a_password_with_quotes_is_hidden_to_its_end(password: str) -> None:
    once = json.dumps({"password": password, "port": 5})
    for text in (once, json.dumps(once), json.dumps(json.dumps(once)), repr({"password": password, "port": 5})):
        assert "s3cret" not in redact_text(text)
    assert redact_text(once).endswith('"port": 5}')


def test_a_private_key_is_hidden_even_when_its_end_is_missing() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nabc\n"
    assert "MIIEow" not in redact_text(f"loaded {key}-----END RSA PRIVATE KEY----- done")
    assert redact_text(f"loaded {key}") == f"loaded {HIDDEN}"


_LOCAL = st.text(string.ascii_letters + string.digits + "._+-", min_size=1, max_size=20)
_LABEL = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=15)


@given(_LOCAL, _LABEL, _LABEL)
def test_mail_addresses_are_hidden(local: str, label: str, ending: str) -> None:
    address = f"{local}@{label}.{ending}"
    for text in (address, f"<{address}>", f"mailto:{address}?x", f"from {address}.", quote(f"a {address} b")):
        assert f"@{label}.{ending}" not in redact_text(text)
        assert f"%40{label}.{ending}" not in redact_text(text)


@given(st.text(string.ascii_letters + string.digits + " .äß-", min_size=1, max_size=20).filter(lambda name: name.strip(" .")))
def test_whose_folder_it_is_does_not_show(name: str) -> None:
    for path in (
        f"/home/{name}/x.py",
        f"/Users/{name}/Library",
        rf"C:\Users\{name}\AppData",
        f"C:/Users/{name}/x",
        rf"c:\\Users\\{name}\\x",
    ):
        hidden = redact_text(f'File "{path}", line 3')
        assert "~" in hidden
        assert f"{name}/" not in hidden.replace("Users/", "").replace("home/", "")
        assert f"{name}\\" not in hidden.replace("Users\\", "")
        assert "line 3" in hidden


def test_the_own_home_does_not_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "bob"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "bob"))
    assert redact_text(f"{tmp_path / 'bob'}/voxelle") == "~/voxelle"
    monkeypatch.setenv("HOME", "/")
    monkeypatch.setenv("USERPROFILE", "/")
    assert redact_text("/usr/lib") == "/usr/lib"


def test_what_helps_in_a_log_stays_readable() -> None:
    for text in (
        "engine.restarted",
        "The language model did not answer within 20 seconds.",
        "The basic engine could not start.",
        "The token expired; sign in again.",
        Ids(Randomness(1), SystemClock()).new(),
        "http://127.0.0.1:11434/v1/chat",
        'File "/usr/lib/python3.11/asyncio/tasks.py", line 490, in wait_for',
        "ValueError: could not convert string to float",
        "voice.volume, language_model.openai_base_url",
    ):
        assert redact_text(text) == text


def test_control_signs_can_not_forge_lines_or_hide_a_key() -> None:
    assert redact_text("a\x1b[31mb\rc\u202ed\ud800") == "a[31mbcd"
    assert "abcdefgh12345678" not in redact_text("s\u200bk-abcdefgh12345678")
    assert redact_text("two\nlines\tstay") == "two\nlines\tstay"


@given(st.text())
def test_any_text_can_be_written(text: str) -> None:
    redact_text(text).encode()


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "piece",
    ["a", "a1", "=", "key=", 'key="', "key='", 'key=\\"', "\\", "a.", "a@", "@a.", "/home/", "Bearer ", "eyJ",
     "-----BEGIN PRIVATE KEY-----", "a_-", "http://a"],
)  # fmt: skip
def test_no_text_makes_a_pattern_run_for_ever(piece: str) -> None:
    redact_text(piece * 100_000)


def test_a_long_text_keeps_its_end_where_the_cause_of_a_traceback_stands() -> None:
    hidden = redact_text("start " + "word " * 20_000 + "the cause")
    assert len(hidden) < 25_000
    assert hidden.startswith("start")
    assert hidden.endswith("the cause")


@dataclass
class _Viewer:
    nickname: str


class _Colour(Enum):
    RED = 1


@pytest.mark.parametrize(
    "name",
    ["text", "name", "author", "message", "key", "token", "secret", "password", "api_key", "apiKey", "APIKey",
     "OPENAI_API_KEY", "display_name", "chatLine", "viewer"],
)  # fmt: skip
def test_fields_that_hold_secrets_or_chat_are_hidden_by_their_name(name: str) -> None:
    assert redact_field(name, "anything") == HIDDEN
    assert redact_field(name, ["anything"]) == HIDDEN
    assert redact_field("context", {name: {"deeper": "anything"}}) == {redact_text(name): HIDDEN}


def test_numbers_of_tokens_or_lines_say_nothing_but_a_pin_does() -> None:
    assert redact_field("prompt_tokens", 12) == 12
    assert redact_field("line", 3) == 3
    assert redact_field("pin", 1234) == HIDDEN
    assert redact_field("is_secret", False) is False
    assert redact_field("secret", None) is None


@pytest.mark.parametrize(
    "value, shown",
    [
        (1.5, 1.5),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
        ("sk-abcdefgh12345678", HIDDEN),
        (b"chat", "<4 bytes>"),
        (_Viewer("bob"), "<_Viewer>"),
        (_Viewer, "_Viewer"),
        (_Colour.RED, "_Colour.RED"),
        (ValueError("token=abc"), f"ValueError: token={HIDDEN}"),
        (PureWindowsPath(r"C:\Users\bob\x"), r"C:\Users\~\x"),
        (datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01 00:00:00+00:00"),
        (timedelta(seconds=3), "0:00:03"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ((1, "a@b.cd"), [1, HIDDEN]),
        ({"size": {"name": "x", "mb": 3}}, {"size": {"name": HIDDEN, "mb": 3}}),
        ([[[[[[[[1]]]]]]]], [[[[[["…"]]]]]]),
    ],
)
def test_values_are_shown_as_json_and_objects_only_as_their_class(value: object, shown: object) -> None:
    assert redact_field("value", value) == shown
