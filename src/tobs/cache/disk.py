"""How a cache stands on disk: a header, a checksum, and msgpack.

    "tobs cache" | version, 1 byte | SHA-256 of the rest, 32 bytes | msgpack array of entries

An entry is [key, data, created_at, accessed_at, ttl], the least recently used first. The checksum
makes every damage a refusal: what passes is what we wrote.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgpack

from tobs._util.atomic import save
from tobs.cache.entry import CacheEntry

_MAGIC = b"tobs cache"
_VERSION = 1
_HEADER_BYTES = len(_MAGIC) + 1 + hashlib.sha256().digest_size


class NotReadable(ValueError):
    """The file is damaged, of another version, or no cache at all."""


def write_entries(path: Path, entries: Iterable[CacheEntry]) -> None:
    """Replace the file, for its owner alone (0600). Raises DiskFull or ForeignFolder."""
    rows = [[each.key, each.data, each.created_at, each.accessed_at, each.ttl] for each in entries]
    body: bytes = msgpack.packb(rows)
    header = _MAGIC + bytes([_VERSION]) + hashlib.sha256(body).digest()
    save(path, (header, body), mode=0o600)


def read_entries(path: Path) -> list[CacheEntry]:
    """Return the entries in the order written. Raises NotReadable, or OSError."""
    content = path.read_bytes()
    header, body = content[:_HEADER_BYTES], content[_HEADER_BYTES:]
    if not header.startswith(_MAGIC):
        raise NotReadable("it is not a cache of tobs")
    if header[len(_MAGIC) : len(_MAGIC) + 1] != bytes([_VERSION]):
        raise NotReadable("another version of tobs wrote it")
    if header[len(_MAGIC) + 1 :] != hashlib.sha256(body).digest():
        raise NotReadable("its checksum does not match")
    rows: list[tuple[str, Any, float, float, float]] = msgpack.unpackb(body, strict_map_key=False)
    return [CacheEntry(*row, size_bytes=size_of(row[1])) for row in rows]


def size_of(data: Any) -> int:
    """Return the bytes that a plain value takes in msgpack. Raises TypeError for any other value."""
    packed: bytes = msgpack.packb(data)
    return len(packed)
