"""How a person may name a chat."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tobs.core.chatname import (
    ChatName,
    NameKind,
    Spot,
    parse_chat_name,
    parse_topic,
    pick_chats,
)
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
    ("link", "chat", "spot"),
    [
        ("https://t.me/durov/123", "durov", Spot(message=123)),
        ("t.me/s/durov/123", "durov", Spot(message=123)),
        ("t.me/durov/123?comment=45", "durov", Spot(message=123)),
        ("t.me/durov/7/123", "durov", Spot(thread=7, message=123)),
        ("t.me/durov/123?thread=7", "durov", Spot(thread=7, message=123)),
        ("t.me/durov?topic=7", "durov", Spot(thread=7)),
        ("t.me/c/1234567890/45", "-1001234567890", Spot(message=45)),
        ("https://t.me/c/1234567890/7/45?single", "-1001234567890", Spot(thread=7, message=45)),
        ("tg://resolve?domain=durov&post=123&comment=45", "durov", Spot(message=123)),
        ("tg://resolve?domain=durov&post=123&thread=7", "durov", Spot(thread=7, message=123)),
        ("tg://privatepost?channel=1234567890&post=45", "-1001234567890", Spot(message=45)),
        ("tg://openmessage?user_id=777000&message_id=4", "777000", Spot(message=4)),
    ],
)
def test_a_link_into_a_chat_says_where(link: str, chat: str, spot: Spot) -> None:
    found = parse_chat_name(link)
    assert (found.value, found.spot) == (chat, spot)
    assert found.chat == ChatName(found.kind, chat)


@pytest.mark.parametrize(
    "link", ["t.me/durov/0", "t.me/durov/1/2/3", "t.me/durov/9999999999", "t.me/durov?topic=x"]
)
def test_a_link_to_no_possible_message_is_refused(link: str) -> None:
    with pytest.raises(UsageError):
        parse_chat_name(link)


def test_an_option_names_a_topic_by_number_or_title() -> None:
    assert parse_topic("12") == Spot(thread=12)
    assert parse_topic(" Seeds & bulbs ") == Spot(title="Seeds & bulbs")
    for wrong in (" ", "0"):
        with pytest.raises(UsageError):
            parse_topic(wrong)


def test_a_link_into_a_chat_is_refused_where_a_whole_chat_is_meant() -> None:
    with pytest.raises(UsageError, match="leads to one message or topic") as caught:
        pick_chats(["t.me/durov/123"], [Chat(0, -1000000000005, "channel", "Team")])
    assert caught.value.hint == "Say @durov."


def test_a_link_with_a_bare_id_is_refused_with_both_ids_that_it_may_mean() -> None:
    with pytest.raises(UsageError, match="basic group or a channel") as caught:
        parse_chat_name("tg://openmessage?chat_id=1234567890")
    assert "-1234567890 for a basic group" in caught.value.hint
    assert "-1001234567890 for a channel" in caught.value.hint


@pytest.mark.parametrize("typed", ["+49 151 23456789", "t.me/+AbCdEf"])
def test_an_archive_says_that_it_does_not_know_numbers_and_invites(typed: str) -> None:
    with pytest.raises(UsageError, match="An archive does not know its chats by"):
        pick_chats([typed], [Chat(0, -1000000000005, "channel", "Team")])
