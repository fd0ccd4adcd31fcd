"""An answer that holds an unknown constructor is read up to there, and the message that it is in is named."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telethon.tl import types as tl

from telegram.made import DATE, message, service
from telegram.test_decode import decode
from tobs.errors import Damaged
from tobs.simulator.raw import Encoded
from tobs.simulator.strange import UNKNOWN, make_strange

STRANGE = Encoded(UNKNOWN.to_bytes(4, "little") + b"whatever may follow")
USER = tl.User(42, first_name="Ada")
OTHER = tl.User(43, first_name="Ben")
CHANNEL = tl.Channel(5, "Team", tl.ChatPhotoEmpty(), None)


def answer(kind: Any, *messages: Any, users: Any = (), chats: Any = (), topics: Any = ()) -> bytes:
    """Return an answer of each type, with all the numbers that it may have in front."""
    listed: dict[str, Any] = {
        "messages": [*messages],
        "topics": [*topics],
        "users": [*users],
        "chats": [*chats],
    }
    if kind is tl.messages.Messages:
        return bytes(kind(**listed))
    if kind is tl.messages.MessagesSlice:
        return bytes(kind(count=321, next_rate=8, offset_id_offset=9, inexact=True, **listed))
    return bytes(kind(pts=12, count=321, offset_id_offset=9, inexact=True, **listed))


KINDS = [tl.messages.Messages, tl.messages.MessagesSlice, tl.messages.ChannelMessages]
STRANGERS = {
    "a medium": lambda number: message(number, media=STRANGE),
    "an entity": lambda number: message(number, entities=[STRANGE]),
    "an action": lambda number: service(STRANGE, number),
    "the place of an empty one": lambda number: tl.MessageEmpty(number, STRANGE),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("make", STRANGERS.values(), ids=STRANGERS.keys())
@pytest.mark.parametrize("above", [0, 1, 3])
def test_what_stands_above_is_read_and_the_message_named(kind: Any, make: Any, above: int) -> None:
    readable = [message(number) for number in range(90, 90 - above, -1)]
    raw = answer(kind, *readable, make(50), message(40), users=[USER], chats=[CHANNEL])
    found = decode(raw)
    assert [row.id for row in found.rows] == [90, 89, 88][:above]
    assert (found.is_cut, found.unreadable, found.lowest) == (True, 50, 50)
    assert found.highest == (90 if above else 50)
    assert found.total == (above + 1 if kind is tl.messages.Messages else 321)
    assert found.size_bytes == len(raw)
    assert found.peers == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_of_an_unknown_type_has_no_id(kind: Any) -> None:
    strange = Encoded(make_strange(bytes(message(50))))
    found = decode(answer(kind, message(90), strange, message(40)))
    assert ([row.id for row in found.rows], found.is_cut, found.unreadable) == ([90], True, None)
    assert (found.lowest, found.highest) == (90, 90)
    found = decode(answer(kind, strange))
    assert (found.rows, found.is_cut, found.lowest) == ([], True, None)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("peers", "known"),
    [
        ({"users": [USER, STRANGE, OTHER], "chats": [CHANNEL]}, {42, -1000000000005}),
        ({"users": [USER], "chats": [CHANNEL, STRANGE]}, {-1000000000005}),
        ({"users": [USER], "chats": [CHANNEL], "topics": [STRANGE]}, set()),
    ],
)
@pytest.mark.parametrize("ids", [[], [9], [9, 8]])
def test_an_unknown_person_costs_no_message(
    kind: Any, peers: dict[str, Any], known: set[int], ids: list[int]
) -> None:
    raw = answer(kind, *map(message, ids), **peers)
    found = decode(raw)
    assert [row.id for row in found.rows] == ids
    assert (found.is_cut, found.unreadable, found.size_bytes) == (False, None, len(raw))
    assert {each.id for each in found.peers} == known


@pytest.mark.parametrize(
    "raw",
    [
        make_strange(answer(KINDS[0], message(9))),
        bytes(tl.messages.MessagesNotModified(3)),
        bytes(tl.Updates([STRANGE], [], [], DATE, 1)),
        answer(KINDS[2], message(9), USER),
        answer(KINDS[0])[:4] + b"\0\0\0\0\1\0\0\0" + bytes(STRANGE) * 3,
    ],
    ids=["an unknown answer", "not modified", "updates", "a person among the messages", "no list"],
)
def test_what_is_no_answer_is_damaged(raw: bytes) -> None:
    with pytest.raises(Damaged):
        decode(raw)


@given(st.integers(0, 400))
def test_a_strange_answer_that_is_cut_short_is_damaged_or_an_answer(end: int) -> None:
    raw = answer(KINDS[2], message(9), message(8, media=STRANGE), message(7), users=[USER])
    try:
        found = decode(raw[:end])
    except Damaged:
        return
    assert [row.id for row in found.rows] == [9]
    assert found.unreadable == 8
