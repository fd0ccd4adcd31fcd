"""Telethon's own parsers over a faster reader.

Telethon spends most of a page's time in small calls of its BinaryReader and in the constructor of its
convenient Message. Its parsers only call the reader's methods and `cls(**fields)`, so both can be
replaced without touching the schema: what is read is the same, dates stay UTC seconds.
"""

from __future__ import annotations

import struct
from typing import Any, ClassVar

from telethon.errors import TypeNotFoundError
from telethon.extensions import BinaryReader
from telethon.tl import types as tl
from telethon.tl.alltlobjects import tlobjects
from telethon.tl.core import core_objects

_read_int = struct.Struct("<i").unpack_from
_read_uint = struct.Struct("<I").unpack_from
_read_long = struct.Struct("<q").unpack_from
_read_ulong = struct.Struct("<Q").unpack_from

_VECTOR = 0x1CB5C415
_TRUE = 0x997275B5
_FALSE = 0xBC799737
_LONG_STRING = 254


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
_PARSERS = {number: kind.from_reader for number, kind in {**core_objects, **tlobjects, **_PLAIN}.items()}


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
        start = self.position + 1
        length = self.stream[self.position]
        if length == _LONG_STRING:
            length = int.from_bytes(self.stream[start : start + 3], "little")
            start += 3
        end = start + length
        data: bytes = self.stream[start:end]
        # Padded so that length, data and padding together are a multiple of four.
        self.position = end + (self.position - end) % 4
        if len(data) != length:
            raise BufferError(f"{length} bytes were announced, {len(data)} are there")
        return data

    def tgread_string(self) -> str:
        """Return a text; bytes that are no UTF-8 become U+FFFD, as in Telethon (the raw page keeps them)."""
        return str(self.tgread_bytes(), "utf-8", "replace")

    def tgread_date(self) -> int:
        """Return UTC seconds, where Telethon would make a datetime."""
        return self.read_int()

    def tgread_object(self) -> Any:
        """Return the next object, of whatever kind."""
        position = self.position
        number = _read_uint(self.stream, position)[0]
        self.position = position + 4
        if parse := _PARSERS.get(number):
            return parse(self)
        if number == _VECTOR:
            return [self.tgread_object() for _ in range(self.read_int())]
        if number in {_TRUE, _FALSE}:
            return number == _TRUE
        self.position = position
        raise TypeNotFoundError(number, self.stream[position:])
