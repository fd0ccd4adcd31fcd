"""How values stand in the archive: raw pages as zstd, content and counters as JSON."""

from __future__ import annotations

import sys
from typing import Any

import msgspec

from tobs.core.model import NO_CONTENT, NO_COUNTERS, Content, Counters, Message, MessageRow
from tobs.errors import Damaged

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# Measured on pages of 100 messages: level 3 is 4 % smaller and takes nearly twice as long, on the one
# thread that writes.
_LEVEL = 1

_OPTIONS: dict[int, int] = {
    zstd.CompressionParameter.compression_level: _LEVEL,
    zstd.CompressionParameter.checksum_flag: 1,
}

QUARANTINED = "quarantined"
"""Stands as the method of an answer that a repair could not read: it has no bytes any more, and proves nothing."""

_MAX_RAW_BYTES = 64 << 20
"""No answer of the server is larger: a frame of MTProto holds at most 16 MiB, gzip aside."""

_CONTENT = MessageRow._fields.index("content")

_NOTHING = "{}"

_read_content = msgspec.json.Decoder(Content).decode
_read_counters = msgspec.json.Decoder(Counters).decode


def pack_raw(raw: bytes) -> bytes:
    """Return the bytes compressed, as `responses.raw` holds them; a checksum finds every flipped bit."""
    return zstd.compress(raw, options=_OPTIONS)


def unpack_raw(packed: bytes, *, size_bytes: int) -> bytes:
    """Return the bytes that `pack_raw` was given; Damaged when they are not `size_bytes` bytes."""
    try:
        stream = zstd.ZstdDecompressor()
        raw = stream.decompress(packed, max_length=min(size_bytes, _MAX_RAW_BYTES) + 1)
    except zstd.ZstdError as error:
        raise Damaged(f"A raw page of the archive cannot be unpacked: {error}.") from error
    if len(raw) != size_bytes or not stream.eof:
        raise Damaged(f"A raw page of the archive has {len(raw)} bytes instead of {size_bytes}.")
    return raw


def read_message(row: tuple[Any, ...]) -> Message:
    """Return the message of a row in the order of core.model.MessageRow; when it was noticed to be gone may follow."""
    message = Message(*row)
    try:
        content, counters = row[_CONTENT], row[_CONTENT + 1]
        message.content = NO_CONTENT if content == _NOTHING else _read_content(content)
        message.counters = NO_COUNTERS if counters == _NOTHING else _read_counters(counters)
    except (msgspec.MsgspecError, TypeError) as error:
        raise Damaged(f"Message {row[0]} has a content that cannot be read: {error}.") from error
    return message
