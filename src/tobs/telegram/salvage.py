"""What can be read of an answer that holds a constructor which our layer does not know.

TL has no lengths (https://core.telegram.org/mtproto/serialize), so nothing behind such a constructor can be read.
What stands before it can: the messages above it, and, since a message begins with its id, mostly the id of the
message that it is in. Messages come first in an answer, so an unknown person costs only people.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

from telethon.errors import TypeNotFoundError
from telethon.tl import types as tl

from tobs.telegram.parsers import VECTOR
from tobs.telegram.people import AnswerReader
from tobs.telegram.reader import PlainEmpty, PlainMessage, PlainService

_COUNT_AT = {tl.messages.MessagesSlice.CONSTRUCTOR_ID: 8, tl.messages.ChannelMessages.CONSTRUCTOR_ID: 12}
"""Where an answer says how many messages the chat has; messages.messages has all of them."""

_ENVELOPES = {tl.messages.Messages.CONSTRUCTOR_ID, *_COUNT_AT}

_LONGEST_HEAD = 40
"""Before this byte of an answer its messages begin."""

_ID_AT = {PlainMessage.CONSTRUCTOR_ID: 12, PlainService.CONSTRUCTOR_ID: 8, PlainEmpty.CONSTRUCTOR_ID: 8}
"""Where a message has its id: behind its constructor and its flags."""


@dataclass(slots=True)
class Salvaged:
    """The readable front of an answer, under the names that the whole one has.

    `is_cut`: messages are missing from it. `unreadable` is the id of the first of those, if it is known.
    """

    count: int | None = None
    messages: list[Any] = field(default_factory=list)
    chats: list[Any] = field(default_factory=list)
    users: list[Any] = field(default_factory=list)
    is_cut: bool = False
    unreadable: int | None = None


def salvage_answer(raw: bytes) -> Salvaged:
    """Return what can be read up to the unknown constructor that is somewhere in the answer.

    Raises what the parsers raise when the bytes are no answer with messages: TypeNotFoundError when it is the
    answer itself that is unknown.
    """
    reader = AnswerReader(raw)
    number = reader.read_int(signed=False)
    if number not in _ENVELOPES:
        raise TypeNotFoundError(number, raw)
    found = Salvaged()
    if place := _COUNT_AT.get(number):
        [found.count] = struct.unpack_from("<i", raw, place)
    while reader.read_int(signed=False) != VECTOR:
        if reader.tell_position() > _LONGEST_HEAD:
            raise BufferError("an answer without a list of messages")
    start = reader.tell_position()
    try:
        for _ in range(reader.read_count()):
            start = reader.tell_position()
            found.messages.append(reader.tgread_object())
    except TypeNotFoundError:
        found.is_cut, found.unreadable = True, _read_id(raw, start)
        return found
    _read_peers(reader, found)
    return found


def _read_peers(reader: AnswerReader, found: Salvaged) -> None:
    """Read the topics, which nobody needs, and then the peers as far as they can be read."""
    try:
        for _ in range(reader.read_length()):
            reader.tgread_object()
        for peers in (found.chats, found.users):
            for _ in range(reader.read_length()):
                peers.append(reader.read_person())
    except TypeNotFoundError:
        pass


def _read_id(raw: bytes, start: int) -> int | None:
    """Return the id of the message that begins there, unless the message itself is of an unknown type."""
    place = _ID_AT.get(struct.unpack_from("<I", raw, start)[0])
    if place is None:
        return None
    message_id: int = struct.unpack_from("<i", raw, start + place)[0]
    return message_id if message_id > 0 else None
