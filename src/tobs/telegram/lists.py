"""Answers that list chats, each with its newest message, which may be of a type that our layer does not know.

TL has no lengths (https://core.telegram.org/mtproto/serialize), so where such a message ends is not said. But what
comes behind it is known: the newest message of another chat of the list, or the chats and people themselves. The
first place from which one of them can be read, and is what the list speaks of, is where the answer goes on.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

from telethon.tl import types as tl

from tobs.errors import ServerError
from tobs.telegram.decode import UNREADABLE
from tobs.telegram.peers import mark_entity, mark_peer
from tobs.telegram.reader import PageReader, PlainMessage, PlainService

_VECTOR = struct.pack("<I", 0x1CB5C415)
_VECTOR_HEAD = 8
"""How long a vector's constructor and its count are."""

_MESSAGES = {struct.pack("<I", each.CONSTRUCTOR_ID) for each in (PlainMessage, PlainService)}
_WHOLE = {tl.messages.Dialogs.CONSTRUCTOR_ID, tl.messages.SavedDialogs.CONSTRUCTOR_ID}
_SLICES = {tl.messages.DialogsSlice.CONSTRUCTOR_ID, tl.messages.SavedDialogsSlice.CONSTRUCTOR_ID}
_PEOPLE = (tl.User, tl.UserEmpty)
_CHATS = (tl.Chat, tl.ChatEmpty, tl.ChatForbidden, tl.Channel, tl.ChannelForbidden)


@dataclass(slots=True)
class ChatList:
    """What such an answer holds. `dates` are those of the newest messages, by chat and id, that can be read.

    `count` is how many chats there are in all, None when these are all. `entities` are the chats and people by
    marked id.
    """

    dialogs: list[Any]
    count: int | None = None
    dates: dict[tuple[int | None, int], int] = field(default_factory=dict)
    entities: dict[int, Any] = field(default_factory=dict)


def read_list(raw: bytes, what: str) -> ChatList:
    """Return an answer that lists chats. Raises ServerError for any other, and where the chats cannot be read."""
    try:
        reader = PageReader(raw)
        number = reader.read_int(signed=False)
        if number not in _WHOLE | _SLICES:
            raise ServerError(f"Telegram's {what} is none: it begins with {number:#x}.")
        count = reader.read_int() if number in _SLICES else None
        found = ChatList(reader.tgread_object(), count)
        _read_tops(reader, raw, found)
        found.entities = _list_entities(reader)
    except UNREADABLE as error:
        raise ServerError(f"Telegram's {what} cannot be read: {error!r}.") from error
    return found


def _read_tops(reader: PageReader, raw: bytes, found: ChatList) -> None:
    """Read the newest messages, and go to where they end: there is the list of chats."""
    listed = {(mark_peer(each.peer), each.top_message) for each in found.dialogs}
    reader.set_position(reader.tell_position() + _VECTOR_HEAD)
    while not raw.startswith(_VECTOR, start := reader.tell_position()):
        try:
            top = reader.tgread_object()
        except UNREADABLE:
            _skip_unreadable(reader, raw, start, listed - found.dates.keys())
            continue
        found.dates |= dict.fromkeys(_list_places(top), getattr(top, "date", 0))


def _skip_unreadable(reader: PageReader, raw: bytes, start: int, listed: set[tuple[int | None, int]]) -> None:
    """Go behind a message that cannot be read, and others of its kind. Raises BufferError when nothing there can be."""
    wanted = {marked for marked, _ in listed}
    for place in range(start + 4, len(raw) - 4, 4):
        head = raw[place : place + 4]
        try:
            reader.set_position(place)
            if head in _MESSAGES:
                if not _list_places(reader.tgread_object()) & listed:
                    continue
            elif head != _VECTOR or not wanted <= _list_entities(reader).keys():
                continue
        except UNREADABLE:
            continue
        reader.set_position(place)
        return
    raise BufferError("nothing can be read behind a message of an unknown type")


def _list_places(top: Any) -> set[tuple[int | None, int]]:
    """Return of which chats, or list of Saved Messages, a message can be the newest one, with its id."""
    peers = (getattr(top, each, None) for each in ("peer_id", "saved_peer_id"))
    return {(mark_peer(each), top.id) for each in peers if each}


def _list_entities(reader: PageReader) -> dict[int, Any]:
    """Return the chats and the people that stand here, by marked id. Raises TypeError when something else does."""
    entities: dict[int, Any] = {}
    for kinds in (_CHATS, _PEOPLE):
        for each in reader.tgread_object():
            if not isinstance(each, kinds):
                raise TypeError(f"a {type(each).__name__} among chats and people")
            entities[mark_entity(each)] = each
    return entities
