"""What pages are read with: Telethon's schema, by parsers that are made from its own (parsers.py).

Telethon spends most of a page's time in small calls of its reader and in the constructor of its convenient Message.
What is read here is the same, without both; dates stay UTC seconds.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, ClassVar

from telethon.extensions import BinaryReader
from telethon.tl import types as tl
from telethon.tl.alltlobjects import tlobjects

from tobs.telegram.parsers import VECTOR, Parsers, read_string, read_text, refuse_vector
from tobs.telegram.rest import list_fields

_read_int = struct.Struct("<i").unpack_from
_read_uint = struct.Struct("<I").unpack_from
_read_long = struct.Struct("<q").unpack_from
_read_ulong = struct.Struct("<Q").unpack_from


class _Plain:
    """A message whose fields are just what was sent; the rest of tobs knows it by `NAME` and `SIGNATURE`.

    What was not sent is only in the class, so that the names in `vars` tell what a message has.
    """

    CONSTRUCTOR_ID: ClassVar[int]
    NAME: ClassVar[str]
    SIGNATURE: ClassVar[Any]
    from_reader: ClassVar[Any]

    def __init_subclass__(cls, *, of: Any) -> None:
        cls.CONSTRUCTOR_ID, cls.NAME, cls.SIGNATURE = of.CONSTRUCTOR_ID, of.__name__, of
        cls.from_reader = classmethod(of.from_reader.__func__)
        for each in list_fields(of):
            if each.is_optional:
                setattr(cls, each.name, each.blank)

    def __init__(self, **fields: Any) -> None:
        self.__dict__ = fields

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...


class PlainMessage(_Plain, of=tl.Message):
    """message, without the conveniences of Telethon's class."""


class PlainService(_Plain, of=tl.MessageService):
    """messageService."""


class PlainEmpty(_Plain, of=tl.MessageEmpty):
    """messageEmpty."""


_PLAIN = {each.CONSTRUCTOR_ID: each for each in (PlainMessage, PlainService, PlainEmpty)}


def read_itself(kind: Any, data: bytes, at: int) -> tuple[Any, int]:
    """Let a class of Telethon read an object, as far as no parser of ours can."""
    reader = PageReader(data)
    reader.position = at
    return kind.from_reader(reader), reader.position


KINDS: dict[int, Any] = {**tlobjects, **_PLAIN}
"""The classes of all that can be read, by their numbers.

What MTProto wraps answers in is none of it: Telethon has taken that off, and packed once more inside of an answer it
could grow without bounds.
"""

PARSERS = Parsers(KINDS, read_itself)


class PageReader(BinaryReader):  # type: ignore[misc]  # Telethon ships no types
    """Reads what Telethon's reader reads.

    Raises TypeNotFoundError for a constructor that the layer does not have, and BufferError,
    struct.error, IndexError or RuntimeError for bytes that are no TL.
    """

    position: int
    stream: bytes
    parsers: ClassVar[Parsers] = PARSERS

    def read_int(self, signed: bool = True) -> int:
        """Return four bytes as a number."""
        position = self.position
        self.position = position + 4
        number: int = (_read_int if signed else _read_uint)(self.stream, position)[0]
        return number

    def read_long(self, signed: bool = True) -> int:
        """Return eight bytes as a number."""
        position = self.position
        self.position = position + 8
        number: int = (_read_long if signed else _read_ulong)(self.stream, position)[0]
        return number

    def read_length(self) -> int:
        """Return how many entries follow, behind the constructor of a vector. Raises BufferError when it is none."""
        mark = self.read_int(signed=False)
        count = self.read_int()
        if mark != VECTOR or count < 0:
            refuse_vector(mark, count)
        return count

    def read_count(self) -> int:
        """Return how many entries follow, where the constructor of a vector was read. Raises BufferError."""
        count = self.read_int()
        if count < 0:
            refuse_vector(VECTOR, count)
        return count

    def tgread_bytes(self) -> bytes:
        """Return a byte string with its length in front and its padding behind."""
        found, self.position = read_string(self.stream, self.position)
        return found

    def tgread_string(self) -> str:
        """Return a text."""
        found, self.position = read_text(self.stream, self.position)
        return found

    def tgread_date(self) -> int:
        """Return UTC seconds, where Telethon would make a datetime."""
        return self.read_int()

    def tgread_object(self) -> Any:
        """Return the next object, of whatever kind; what cannot be read leaves the reader where it is."""
        number = _read_uint(self.stream, self.position)[0]
        found, self.position = self.parsers[number](self.stream, self.position + 4)
        return found
