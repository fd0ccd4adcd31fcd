"""What pages are read with: Telethon's schema, by parsers that are made from its own (parsers.py).

Telethon spends most of a page's time in small calls of its reader and in the constructor of its convenient Message.
What is read here is the same, without both; dates stay UTC seconds.
"""

from __future__ import annotations

import struct
from typing import Any, ClassVar

from telethon.extensions import BinaryReader
from telethon.tl import types as tl
from telethon.tl.alltlobjects import tlobjects
from telethon.tl.core import core_objects

from tobs.telegram.parsers import Parsers, read_string, read_text

_read_int = struct.Struct("<i").unpack_from
_read_uint = struct.Struct("<I").unpack_from
_read_long = struct.Struct("<q").unpack_from
_read_ulong = struct.Struct("<Q").unpack_from


class _Plain:
    """A message whose fields are just what was read; the rest of tobs knows it by `NAME` and `SIGNATURE`."""

    CONSTRUCTOR_ID: ClassVar[int]
    NAME: ClassVar[str]
    SIGNATURE: ClassVar[Any]

    def __init__(self, **fields: Any) -> None:
        self.__dict__ = fields

    def __getattr__(self, name: str) -> Any:
        """Only for the type checker's sake: what was not read is not there."""
        raise AttributeError(name)


class PlainMessage(_Plain):
    """message, without the conveniences of Telethon's class."""

    CONSTRUCTOR_ID = tl.Message.CONSTRUCTOR_ID
    NAME = "Message"
    SIGNATURE = tl.Message
    from_reader: Any = classmethod(tl.Message.from_reader.__func__)


class PlainService(_Plain):
    """messageService."""

    CONSTRUCTOR_ID = tl.MessageService.CONSTRUCTOR_ID
    NAME = "MessageService"
    SIGNATURE = tl.MessageService
    from_reader: Any = classmethod(tl.MessageService.from_reader.__func__)


class PlainEmpty(_Plain):
    """messageEmpty."""

    CONSTRUCTOR_ID = tl.MessageEmpty.CONSTRUCTOR_ID
    NAME = "MessageEmpty"
    SIGNATURE = tl.MessageEmpty
    from_reader: Any = classmethod(tl.MessageEmpty.from_reader.__func__)


_PLAIN = {each.CONSTRUCTOR_ID: each for each in (PlainMessage, PlainService, PlainEmpty)}


def _call(kind: Any, data: bytes, at: int) -> tuple[Any, int]:
    reader = PageReader(data)
    reader.position = at
    return kind.from_reader(reader), reader.position


_PARSERS = Parsers({**core_objects, **tlobjects, **_PLAIN}, _call)


class PageReader(BinaryReader):  # type: ignore[misc]  # Telethon ships no types
    """Reads what Telethon's reader reads.

    Raises TypeNotFoundError for a constructor that the layer does not have, and BufferError,
    struct.error, IndexError or RuntimeError for bytes that are no TL.
    """

    position: int
    stream: bytes

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
        found, self.position = _PARSERS[number](self.stream, self.position + 4)
        return found
