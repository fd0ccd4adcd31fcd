"""How much a server may make this process hold: frames and compressed answers have an end (gzip can grow a thousandfold).

A frame's length is read before anything is decrypted, so whoever is on the line can write it.
"""

from __future__ import annotations

import asyncio
import gzip
import zlib

from telethon.errors import InvalidBufferError
from telethon.network.connection.tcpfull import FullPacketCodec
from telethon.tl.core import gzippacked

LARGEST_FRAME = 17 << 20
"""Bytes: an MTProto message has at most 16 MiB (https://core.telegram.org/mtproto/description), and some around it."""

LARGEST_ANSWER = 32 << 20
"""Bytes that a compressed answer may unpack to: of the answers that tobs asks for, the largest have a few MiB."""


class BoundedPackets(FullPacketCodec):  # type: ignore[misc]  # Telethon has no types
    """Telethon's frames, as long as they may be."""

    async def read_packet(self, reader: asyncio.StreamReader) -> bytes:
        """Return what the next frame holds. Raises ConnectionError when it is announced too long."""
        body: bytes = await super().read_packet(_BoundedReader(reader))
        return body


class _BoundedReader:
    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader

    async def readexactly(self, size: int) -> bytes:
        """Read so many bytes. Raises ConnectionError when no frame is that long."""
        if size > LARGEST_FRAME:
            raise ConnectionError(f"the server announced a frame of {size:,} bytes")
        return await self._reader.readexactly(size)


class BadAnswer(InvalidBufferError):  # type: ignore[misc]  # Telethon has no types
    """An answer that cannot be unpacked; Telethon takes it for a broken connection, and so do we."""

    def __init__(self, text: str) -> None:
        super().__init__(b"")
        self.args = (text,)


class _BoundedGzip:
    """Stands in for the module gzip where Telethon unpacks answers: it has no other place to say a limit."""

    compress = staticmethod(gzip.compress)

    @staticmethod
    def decompress(packed: bytes) -> bytes:
        """Return what was compressed. Raises BadAnswer."""
        try:
            stream = zlib.decompressobj(wbits=31)
            body = stream.decompress(packed, LARGEST_ANSWER)
        except zlib.error as error:
            raise BadAnswer(f"a compressed answer is damaged: {error}") from error
        if not stream.eof:
            raise BadAnswer(f"a compressed answer is cut, or has more than {LARGEST_ANSWER:,} bytes")
        return body


def bound_answers() -> None:
    """Let no compressed answer that this process receives unpack to more than an answer may have."""
    gzippacked.gzip = _BoundedGzip
