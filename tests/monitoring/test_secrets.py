"""Lines of the log: no secret, no escape sequence, one line for one message."""

from __future__ import annotations

import logging
import sys
import unicodedata
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attacks import hostile_texts
from tobs.monitoring.secrets import HIDDEN, SafeFormatter

KNOWN = ["correct horse battery", "0123456789abcdef0123456789abcdef", "abc"]
PLANTED = {
    "a phone number": "logged in as +49 151 2345678 today",
    "a login code": "phone_code='12345' was right",
    "a code in a request": "SignInRequest(phone_number='4915123', phone_code_hash='a1b2c3', phone_code='54321')",
    "a password": "password=hunter2,",
    "an access hash": "InputPeerUser(user_id=5, access_hash=-6021023456789)",
    "a file reference": "InputDocument(id=3, access_hash=77, file_reference=b'\\x01\\x02abc')",
    "bytes": "sent b'\\x00\\xffkey'",
    "an auth key": "auth_key: 4f3c2a1b",
    "hex": "key is " + "0f" * 32,
    "the token of a bot": "for 123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",
    "a proxy": "through socks5://me:hunter2@10.0.0.1:1080",
    "a proxy whose password has an @": "through socks5://me:p@ss:hunter2@10.0.0.1:1080",
    "a proxy as Telethon takes it": "proxy=('socks5', '10.0.0.1', 1080, True, 'me', 'hunter2')",
    "a quoted password with a quote": "password='it\\'s hunter2'",
    "a session as a word": "session " + "1AgAOMTQ5" * 40,
    "json": '{"api_hash": "a1b2c3", "session_key": "hunter2"}',
}
SECRETS = [
    "151 2345678", "12345'", "54321", "4915123", "a1b2c3", "hunter2", "6021023456789", "=77", "x02abc", "xffkey",
    "4f3c2a1b", "0f0f", "AAHdqTcv", "AgAOMTQ5",
]  # fmt: skip


def write(message: str, *args: object, form: str = "%(message)s") -> str:
    record = logging.LogRecord("tobs", logging.INFO, __file__, 1, message, args, None)
    return SafeFormatter(form, KNOWN).format(record)


@pytest.mark.parametrize("line", PLANTED.values(), ids=PLANTED)
def test_what_looks_like_a_secret_is_hidden(line: str) -> None:
    written = write("%s", line)
    assert HIDDEN in written
    assert [each for each in SECRETS if each in written] == []


def test_secrets_whose_values_are_known_are_hidden_anywhere_and_short_ones_stand() -> None:
    written = write("%s and %s, abc", KNOWN[0], KNOWN[1])
    assert written == f"{HIDDEN} and {HIDDEN}, abc"


@pytest.mark.parametrize(
    "line",
    [
        "messages.getHistory for @durov took 81 ms",
        "Team: 12 new, 0 edited, 3 deleted in 2 pages and 1.5 s, 4 files here; done",
        "waiting 35 s, asked by Telegram (upload.getFile)",
        "exporting -1001234567890 into /home/me/Vault",
    ],
)
def test_all_else_is_left_as_it_is(line: str) -> None:
    assert write("%s", line) == line


@pytest.mark.parametrize("words", ["a-", "a_", "key=( ", "key=[ ", "key=b'\\", "://a", "12345678:", "+1 "])
def test_a_line_that_somebody_made_to_keep_us_busy_is_written_all_the_same(words: str) -> None:
    # Time in proportion to the square of its length would run into the limit of a test.
    assert write("%s end", 200_000 // len(words) * words).endswith("end")


def test_tracebacks_are_hidden_in_too() -> None:
    try:
        int(f"password={KNOWN[0]}")
    except ValueError:
        record = logging.LogRecord("tobs", logging.ERROR, __file__, 1, "failed", (), sys.exc_info())
    written = SafeFormatter("%(message)s", KNOWN).format(record)
    assert "Traceback" in written
    assert KNOWN[0] not in written


def fail(text: str) -> NoReturn:
    raise ValueError(text)


@given(st.text())
def test_no_line_of_a_traceback_can_pass_for_a_record(text: str) -> None:
    try:
        fail(text)
    except ValueError:
        record = logging.LogRecord("tobs", logging.ERROR, __file__, 1, "failed", (), sys.exc_info())
    head, *rest = SafeFormatter("%(message)s").format(record).splitlines()
    assert head == "failed"
    assert rest
    assert all(each.startswith("    ") for each in rest)


@given(st.one_of(st.text(), hostile_texts))
def test_whatever_a_stranger_writes_stays_one_line_that_moves_nothing(title: str) -> None:
    written = write("%s: begun", title)
    assert "\n" not in written
    assert not any(unicodedata.category(char) == "Cc" for char in written)


def test_times_are_utc() -> None:
    record = logging.LogRecord("tobs", logging.INFO, __file__, 1, "x", (), None)
    record.created, record.msecs = 0.25, 250
    assert SafeFormatter("%(asctime)s %(message)s").format(record) == "1970-01-01T00:00:00.250Z x"
