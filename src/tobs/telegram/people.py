"""Reads answers that list messages: what stands beside them, the people and chats, comes as rows.

Answer after answer brings the same people in the same bytes, so each is decoded once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from telethon.tl import types as tl

from tobs.core.model import PeerRow
from tobs.telegram.parsers import Parse, Parsers
from tobs.telegram.peers import peer_row
from tobs.telegram.reader import KINDS, PARSERS, PageReader, read_itself

ANSWERS = (tl.messages.Messages, tl.messages.MessagesSlice, tl.messages.ChannelMessages)

_PEERS = {
    each.CONSTRUCTOR_ID
    for each in (
        tl.User,
        tl.UserEmpty,
        tl.Chat,
        tl.ChatEmpty,
        tl.ChatForbidden,
        tl.Channel,
        tl.ChannelForbidden,
    )
}
_UNNAMED = {tl.UserEmpty.CONSTRUCTOR_ID, tl.ChatEmpty.CONSTRUCTOR_ID}

_HEAD = 16
"""So many bytes of a user or chat hold its flags and its id."""

_MAX_KNOWN = 4000
"""Of each constructor; more than anybody writes in a few pages, and no more than 2 MB."""

_ParseRow: TypeAlias = Callable[[bytes, int], tuple[PeerRow | None, int]]


class _People(dict[int, _ParseRow]):
    """Parsers of users and chats, by constructor, which return their rows; None for those of which only the id is known."""

    def __missing__(self, number: int) -> _ParseRow:
        """Make the parser of a constructor. Raises TypeNotFoundError for one that the layer does not have."""
        self[number] = found = (_remember_rows if number in _PEERS else _refuse)(number, PARSERS[number])
        return found


def _refuse(number: int, parse: Parse) -> _ParseRow:
    """Return a parser that raises TypeError, or TypeNotFoundError as far as that is all that can be said."""

    def parse_row(data: bytes, at: int) -> tuple[PeerRow | None, int]:
        parse(data, at)
        raise TypeError(f"{number:#x} is no person or chat")

    return parse_row


def _remember_rows(number: int, parse: Parse) -> _ParseRow:
    """Return a parser of users or chats that knows those which it has met."""
    known: dict[bytes, tuple[bytes, PeerRow | None]] = {}

    def parse_row(data: bytes, at: int) -> tuple[PeerRow | None, int]:
        head = data[at : at + _HEAD]
        found = known.get(head)
        # What begins with the bytes of a whole object is that object: TL needs no look at what follows.
        if found and data.startswith(found[0], at):
            return found[1], at + len(found[0])
        entity, end = parse(data, at)
        row = None if number in _UNNAMED else peer_row(entity)
        if end <= len(data):
            if len(known) >= _MAX_KNOWN:
                known.clear()
            known[head] = data[at:end], row
        return row, end

    return parse_row


_PEOPLE = _People()
_PARSERS = Parsers(
    KINDS, read_itself, lists={(each, name): _PEOPLE for each in ANSWERS for name in ("users", "chats")}
)


class AnswerReader(PageReader):
    """Reads what a PageReader reads, but for the users and chats of an answer with messages, which are rows or None."""

    parsers = _PARSERS

    def read_person(self) -> PeerRow | None:
        """Return the next user or chat."""
        number = self.read_int(signed=False)
        row, self.position = _PEOPLE[number](self.stream, self.position)
        return row
