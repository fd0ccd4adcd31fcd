"""How a cache stands on disk: a header, a checksum, and msgpack.

    "tobs cache" | version, 1 byte | SHA-256 of the rest, 32 bytes | msgpack array [used_at, counters, entries]

An entry is [key, data, created_at, accessed_at, ttl], the least recently used first. `counters` are those of the
command that looked something up last, `used_at` is when it ended (UTC seconds). The checksum makes every damage a
refusal: what passes is what we wrote.
"""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import Any

import msgpack
import msgspec

from tobs._util.atomic import save
from tobs.cache.entry import CacheCounters, CacheEntry

_MAGIC = b"tobs cache"
_VERSION = 2
_HEADER_BYTES = len(_MAGIC) + 1 + hashlib.sha256().digest_size
_BODY = tuple[float, list[int], list[tuple[str, Any, float, float, float]]]


class NotReadable(ValueError):
    """The file is damaged, of another version, or no cache at all."""


@dataclass(slots=True)
class Stored:
    """What a file holds."""

    entries: list[CacheEntry] = field(default_factory=list)
    counters: CacheCounters = field(default_factory=CacheCounters)
    used_at: float = 0


def write_stored(path: Path, stored: Stored) -> None:
    """Replace the file, for its owner alone (0600). Raises DiskFull or ForeignFolder."""
    rows = [[each.key, each.data, each.created_at, each.accessed_at, each.ttl] for each in stored.entries]
    body: bytes = msgpack.packb([stored.used_at, astuple(stored.counters), rows])
    header = _MAGIC + bytes([_VERSION]) + hashlib.sha256(body).digest()
    save(path, (header, body), mode=0o600)


def read_stored(path: Path) -> Stored:
    """Return what the file holds, entries in the order written. Raises NotReadable, or OSError."""
    content = path.read_bytes()
    header, body = content[:_HEADER_BYTES], content[_HEADER_BYTES:]
    if not header.startswith(_MAGIC):
        raise NotReadable("it is not a cache of tobs")
    if header[len(_MAGIC) : len(_MAGIC) + 1] != bytes([_VERSION]):
        raise NotReadable("another version of tobs wrote it")
    if header[len(_MAGIC) + 1 :] != hashlib.sha256(body).digest():
        raise NotReadable("its checksum does not match")
    try:
        unpacked = msgpack.unpackb(body, strict_map_key=False)
        used_at, counters, rows = msgspec.convert(unpacked, _BODY)
        entries = [
            CacheEntry(key, data, created_at, accessed_at, ttl, size_of(data))
            for key, data, created_at, accessed_at, ttl in rows
        ]
        return Stored(entries, CacheCounters(*counters), used_at)
    except (ValueError, TypeError, msgpack.UnpackException) as error:
        raise NotReadable("what it holds is no cache of this version of tobs") from error


def size_of(data: Any) -> int:
    """Return the bytes that a plain value takes in msgpack. Raises TypeError for any other value."""
    packed: bytes = msgpack.packb(data)
    return len(packed)
