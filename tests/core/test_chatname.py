"""How a person may name a chat."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tobs.core.chatname import ChatName, NameKind, parse_chat_name
from tobs.errors import UsageError

SELF, ID, USERNAME, TITLE = NameKind.SELF, NameKind.ID, NameKind.USERNAME, NameKind.TITLE


@pytest.mark.parametrize(
    ("typed", "kind", "value"),
    [
        ("me", SELF, "me"),
        ("Me", SELF, "me"),
        ("@durov", USERNAME, "durov"),
        (" @durov\n", USERNAME, "durov"),
        ("t.me/durov", USERNAME, "durov"),
        ("https://t.me/durov", USERNAME, "durov"),
        ("HTTPS://T.ME/Durov/", USERNAME, "Durov"),
        ("http://www.telegram.me/durov?start=1", USERNAME, "durov"),
        ("telegram.dog/durov", USERNAME, "durov"),
        ("12345", ID, "12345"),
        ("-1001234567890", ID, "-1001234567890"),
        ("durov", TITLE, "durov"),
        ("Team chat", TITLE, "Team chat"),
        ("C++ / Rust", TITLE, "C++ / Rust"),
        ("+1 for the win", TITLE, "+1 for the win"),
        ("-- dashes --", TITLE, "-- dashes --"),
    ],
)
def test_a_name_is_taken_for_what_it_is(typed: str, kind: NameKind, value: str) -> None:
    assert parse_chat_name(typed) == ChatName(kind, value)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "@",
        "@1abc",
        "@no spaces",
        "t.me/",
        "https://t.me/+AbCdEf",
        "https://t.me/joinchat/AbCdEf",
        "t.me/c/123/4",
        "t.me/durov/5",
        "t.me/s/durov",
        "+49 151 23456789",
        "+49 (151) 234-567",
    ],
)
def test_what_tobs_does_not_take_is_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_chat_name(typed)
    assert str(caught.value).endswith(".")


@given(st.text())
def test_whatever_is_typed_is_a_name_or_a_usage_error(typed: str) -> None:
    try:
        assert parse_chat_name(typed).value
    except UsageError:
        return
