"""Messages encoded once, with the places of the numbers that change from copy to copy."""

import struct
from dataclasses import dataclass
from typing import Any, Protocol

from tobs.simulator.raw import mentioned_peers

# Values that no corpus uses: their bytes mark the places to patch. Dates are seconds, so they must look like some.
ID_MARK = 0x71D0_0A01
DATE_MARK = 0x71D0_0A02
EDIT_MARK = 0x71D0_0A03
REPLY_MARK = 0x71D0_0A04
ALBUM_MARK = 0x71D0_0A05_71D0_0A05

_put_int = struct.Struct("<i").pack_into
_put_long = struct.Struct("<q").pack_into
_EDIT_SECONDS = 95


class Numbers(Protocol):
    """What a copy of a template asks of its log."""

    def id_at(self, rank: int) -> int:
        """Return the id of the message with that rank."""
        ...

    def date_at(self, rank: int) -> int:
        """Return its date in UTC seconds."""
        ...


@dataclass(frozen=True, slots=True)
class Template:
    """One encoded message: offsets of its patched numbers (0: it has none), and what it mentions.

    `back` is how many messages earlier the one stands that it replies to; `member` counts from 0 within an album.
    """

    data: bytes
    id_offset: int
    date_offset: int
    edit_offset: int
    reply_offset: int
    album_offset: int
    back: int
    member: int
    peers: frozenset[int]


def make_template(message: Any, *, back: int = 0, member: int = 0) -> Template:
    """Encode a message whose changing numbers hold the marks above."""
    data = bytes(message)
    return Template(
        data,
        _place(data, struct.pack("<i", ID_MARK)),
        _place(data, struct.pack("<i", DATE_MARK)),
        _place(data, struct.pack("<i", EDIT_MARK)),
        _place(data, struct.pack("<i", REPLY_MARK)),
        _place(data, struct.pack("<q", ALBUM_MARK)),
        back,
        member,
        frozenset(mentioned_peers(message)),
    )


def _place(data: bytes, mark: bytes) -> int:
    """Return where the mark stands, 0 if nowhere (a message starts with its constructor)."""
    if data.count(mark) > 1:
        raise ValueError("A template holds a mark twice. This is a bug of its corpus.")
    return max(0, data.find(mark))


def patch(page: bytearray, start: int, template: Template, log: Numbers, rank: int) -> None:
    """Write the numbers of one message into its copy, which begins at `start`."""
    date = log.date_at(rank)
    _put_int(page, start + template.id_offset, log.id_at(rank))
    _put_int(page, start + template.date_offset, date)
    if template.reply_offset:
        # The first messages answer ones that are gone: id 1 belongs to the creation of the chat or to nobody.
        _put_int(page, start + template.reply_offset, log.id_at(max(0, rank - template.back)))
    if template.edit_offset:
        _put_int(page, start + template.edit_offset, date + _EDIT_SECONDS)
    if template.album_offset:
        _put_long(page, start + template.album_offset, 13_500_000_000_000_000 + rank - template.member)
