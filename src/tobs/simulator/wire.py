"""MTProto's TCP transports (core.telegram.org/mtproto/mtproto-transports), seen from the server.

The first bytes of a connection say which one the client speaks: full, abridged, intermediate or padded intermediate,
plain or obfuscated. Obfuscation runs on Telethon's AES-CTR in pure Python: right, but slow.
"""

import os
import struct
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable
from typing import Protocol
from zlib import crc32

from telethon.crypto import AESModeCTR

FRAME_LIMIT = 2 << 20
"""Bytes of the largest packet taken; Telegram's own limit for a container is about 1 MiB."""


class WireError(Exception):
    """The client sent bytes that are no frame of its transport; nothing after them can be understood."""


class Source(Protocol):
    """Where frames are read from."""

    async def readexactly(self, n: int, /) -> bytes:
        """Read n bytes; IncompleteReadError when the client has gone."""


class Framing(Protocol):
    """One transport: how packets are cut out of the stream and put into it."""

    async def read(self, source: Source) -> bytes:
        """The next packet; WireError when the frame is malformed or too long."""

    def frame(self, packet: bytes) -> bytes:
        """The packet as this transport sends it."""


def _checked(length: int) -> int:
    if not 0 < length <= FRAME_LIMIT:
        raise WireError(f"a frame of {length} bytes")
    return length


class Full:
    """Length, sequence number, packet, CRC-32; the head of the first frame is already read."""

    def __init__(self, head: bytes) -> None:
        self._head = head
        self._sent = 0

    async def read(self, source: Source) -> bytes:
        """The next packet; its checksum must be right, its number is not looked at."""
        head, self._head = self._head or await source.readexactly(8), b""
        length = _checked(int.from_bytes(head[:4], "little") - 12)
        rest = await source.readexactly(length + 4)
        packet = rest[:-4]
        if crc32(packet, crc32(head)) != int.from_bytes(rest[-4:], "little"):
            raise WireError("a frame with a wrong checksum")
        return packet

    def frame(self, packet: bytes) -> bytes:
        """The packet with its length, running number and checksum."""
        head = struct.pack("<II", len(packet) + 12, self._sent)
        self._sent += 1
        return b"".join((head, packet, struct.pack("<I", crc32(packet, crc32(head)))))


class Abridged:
    """A length in words of 4 bytes: one byte, or 0x7f and three."""

    async def read(self, source: Source) -> bytes:
        """The next packet."""
        words = (await source.readexactly(1))[0]
        if words == 0x7F:
            words = int.from_bytes(await source.readexactly(3), "little")
        return await source.readexactly(_checked(words * 4))

    def frame(self, packet: bytes) -> bytes:
        """The packet with its short or long length."""
        words = len(packet) // 4
        head = bytes([words]) if words < 0x7F else b"\x7f" + words.to_bytes(3, "little")
        return head + packet


class Intermediate:
    """A length of 4 bytes; the padded form adds up to 3 random bytes, which are cut off again."""

    def __init__(self, *, is_padded: bool = False) -> None:
        self._is_padded = is_padded

    async def read(self, source: Source) -> bytes:
        """The next packet without its padding."""
        length = _checked(int.from_bytes(await source.readexactly(4), "little"))
        packet = await source.readexactly(length)
        return packet[: length & ~3] if self._is_padded else packet

    def frame(self, packet: bytes) -> bytes:
        """The packet with its length."""
        padding = os.urandom(os.urandom(1)[0] & 3) if self._is_padded else b""
        return struct.pack("<I", len(packet) + len(padding)) + packet + padding


class _Obfuscation:
    """The two AES-CTR streams of an obfuscated connection, keyed by its first 64 bytes."""

    def __init__(self, reader: StreamReader, init: bytes) -> None:
        backwards = init[55:7:-1]
        self._reader = reader
        self._incoming = AESModeCTR(init[8:40], init[40:56])
        self._outgoing = AESModeCTR(backwards[:32], backwards[32:48])
        self.tag: bytes = self._incoming.encrypt(init)[56:60]

    async def readexactly(self, n: int, /) -> bytes:
        """Read and uncover n bytes."""
        plain: bytes = self._incoming.encrypt(await self._reader.readexactly(n))
        return plain

    def cover(self, data: bytes) -> bytes:
        """The bytes to send for the data."""
        covered: bytes = self._outgoing.encrypt(data)
        return covered


class Wire:
    """A client's connection as a stream of packets in both directions."""

    def __init__(
        self,
        reader: StreamReader,
        writer: StreamWriter,
        framing: Framing,
        obfuscation: _Obfuscation | None = None,
    ) -> None:
        self._source: Source = obfuscation or reader
        self._writer = writer
        self._framing = framing
        self._obfuscation = obfuscation

    async def receive(self) -> bytes:
        """The next packet of the client; WireError, IncompleteReadError or ConnectionError end the connection."""
        return await self._framing.read(self._source)

    def send(self, packet: bytes) -> None:
        """Write a packet of a multiple of 4 bytes; `drain` waits until the client has taken most of it."""
        framed = self._framing.frame(packet)
        self._writer.write(self._obfuscation.cover(framed) if self._obfuscation else framed)

    def cut(self, packet: bytes) -> None:
        """Write the first half of a packet and hang up."""
        framed = self._framing.frame(packet)
        covered = self._obfuscation.cover(framed) if self._obfuscation else framed
        self._writer.write(covered[: len(covered) // 2])
        self._writer.close()

    async def drain(self) -> None:
        """Wait while too much is unsent."""
        await self._writer.drain()

    def close(self) -> None:
        """Drop the connection without waiting for anything."""
        self._writer.transport.abort()


_TAGS: dict[bytes, Callable[[], Framing]] = {
    b"\xef\xef\xef\xef": Abridged,
    b"\xee\xee\xee\xee": Intermediate,
    b"\xdd\xdd\xdd\xdd": lambda: Intermediate(is_padded=True),
}


async def open_wire(reader: StreamReader, writer: StreamWriter) -> Wire:
    """Recognise the transport of a fresh connection; WireError when it is none of them."""
    head = await reader.readexactly(1)
    if head == b"\xef":
        return Wire(reader, writer, Abridged())
    head += await reader.readexactly(3)
    if head in _TAGS:
        return Wire(reader, writer, _TAGS[head]())
    head += await reader.readexactly(4)
    if head[4:] == bytes(4):  # the first frame of the full transport has number 0; obfuscation avoids that
        return Wire(reader, writer, Full(head))
    obfuscation = _Obfuscation(reader, head + await reader.readexactly(56))
    framing = _TAGS.get(obfuscation.tag)
    if framing is None:
        raise WireError("no transport that is known")
    return Wire(reader, writer, framing(), obfuscation)
