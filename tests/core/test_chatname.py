"""How a person may name a chat."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tobs.core.chatname import ChatName, NameKind, parse_chat_name, pick_chats
from tobs.core.model import Chat
from tobs.errors import UsageError

SELF, ID, USERNAME, TITLE = NameKind.SELF, NameKind.ID, NameKind.USERNAME, NameKind.TITLE
PHONE, INVITE = NameKind.PHONE, NameKind.INVITE


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
        ("t.me/s/durov", USERNAME, "durov"),
        ("t.me/c/123", ID, "-1000000000123"),
        ("https://t.me/c/1234567890/", ID, "-1001234567890"),
        ("https://t.me/+AbCd-Ef_1234", INVITE, "AbCd-Ef_1234"),
        ("https://t.me/joinchat/AbCdEf", INVITE, "AbCdEf"),
        ("tg://join?invite=AbCdEf", INVITE, "AbCdEf"),
        ("+49 151 23456789", PHONE, "4915123456789"),
        ("+49 (151) 234-567", PHONE, "49151234567"),
        ("https://t.me/+4915123456789", PHONE, "4915123456789"),
        ("tg://resolve?phone=4915123456789", PHONE, "4915123456789"),
        ("tg://resolve?domain=durov", USERNAME, "durov"),
        ("tg:resolve?domain=durov&start=1", USERNAME, "durov"),
        ("tg://openmessage?user_id=777000", ID, "777000"),
        ("tg://openmessage?chat_id=-1001234567890", ID, "-1001234567890"),
        ("tg://user?id=777000", ID, "777000"),
        ("tg://privatepost?channel=1234567890", ID, "-1001234567890"),
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
        "t.me/c/",
        "t.me/c/name",
        "t.me/addlist/AbCdEf",
        "t.me/+Ab%20Cd",
        "t.me/1abc/5",
        "tg://resolve?start=1",
        "tg://openmessage?user_id=me",
        "tg://settings?x=1",
        "+123456789012345678",
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


@pytest.mark.parametrize(
    ("link", "chat"),
    [
        ("https://t.me/durov/123", "@durov"),
        ("t.me/s/durov/123", "@durov"),
        ("t.me/durov/123?comment=45", "@durov"),
        ("t.me/durov/7/123", "@durov"),
        ("t.me/durov?topic=7", "@durov"),
        ("t.me/c/1234567890/45", "-1001234567890"),
        ("https://t.me/c/1234567890/7/45?single", "-1001234567890"),
        ("t.me/c/1234567890/45?thread=7", "-1001234567890"),
        ("tg://resolve?domain=durov&post=123&comment=45", "@durov"),
        ("tg://privatepost?channel=1234567890&post=45", "-1001234567890"),
        ("tg://openmessage?user_id=777000&message_id=4", "777000"),
    ],
)
def test_a_link_into_a_chat_is_refused_with_the_command_for_the_whole_chat(link: str, chat: str) -> None:
    with pytest.raises(UsageError, match="leads to one message or topic") as caught:
        parse_chat_name(link)
    assert caught.value.hint == f"Export the whole chat with `tobs export {chat}`."


def test_a_link_with_a_bare_id_is_refused_with_both_ids_that_it_may_mean() -> None:
    with pytest.raises(UsageError, match="basic group or a channel") as caught:
        parse_chat_name("tg://openmessage?chat_id=1234567890")
    assert "-1234567890 for a basic group" in caught.value.hint
    assert "-1001234567890 for a channel" in caught.value.hint


@pytest.mark.parametrize("typed", ["+49 151 23456789", "t.me/+AbCdEf"])
def test_an_archive_says_that_it_does_not_know_numbers_and_invites(typed: str) -> None:
    with pytest.raises(UsageError, match="An archive does not know its chats by"):
        pick_chats([typed], [Chat(0, -1000000000005, "channel", "Team")])
