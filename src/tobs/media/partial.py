"""One file while its parts come: written in any order, hashed on the way, and gone on with after a kill.

| killed | what is left |
|---|---|
| before a part's line in the journal | bytes that count as missing: the part is asked for again |
| after it | the part; after a power cut only if `synced` stands behind it |
| while a line is written | a line without its end, which does not count |
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from io import FileIO
from itertools import pairwise
from pathlib import Path
from threading import Lock
from typing import TypeVar

from tobs._util.atomic import said_clearly, save
from tobs.core.ports.files import PartHash
from tobs.core.ports.media import Finished
from tobs.core.ports.services import Pool
from tobs.core.ranges import Range, count_ids, find_holes, merge_ranges
from tobs.media import journal

_T = TypeVar("_T")

_SYNC_BYTES = 32 << 20
"""After how many bytes what was written is made durable: a power cut takes no more of one file."""

_WINDOW_BYTES = 4 << 20
"""How much of what came early is kept in memory for the hash; the rest is read again at the end."""

_BLOCK_BYTES = 1 << 20
_sync_data: Callable[[int], None] = getattr(os, "fdatasync", os.fsync)


class PartialFile:
    """Implements core.ports.media.Partial; made by `DiskStore.open`. One call at a time works on the disk."""

    def __init__(self, path: Path, size_bytes: int, pool: Pool, boot: str, watch: Callable[[], None]) -> None:
        """`watch` is called now and then while bytes are written, and raises DiskFull. Raises OSError."""
        self._path = path
        self.size_bytes = size_bytes
        self._pool = pool
        self._watch = watch
        self._turn = asyncio.Lock()
        self._lock = Lock()
        self._there = _find_there(path, size_bytes, boot)
        self._file = _open_file(path, is_new=not self._there)
        self._unsynced = 0
        self._hash = hashlib.sha256()
        self._hashed = 0
        self._early: dict[int, bytes] = {}
        self._journal = self._begin_journal(boot)

    @property
    def left_bytes(self) -> int:
        """How many bytes are missing."""
        return self.size_bytes - count_ids(self._there)

    @property
    def is_closed(self) -> bool:
        """Tell whether nothing more is written."""
        return self._file.closed

    def missing(self, part_bytes: int) -> list[Range]:
        """Return what is not here yet as ranges of offsets, cut at the multiples of `part_bytes`."""
        if not self.size_bytes:
            return []
        holes = find_holes(self._there, Range(0, self.size_bytes - 1))
        return [part for each in holes for part in _cut(each, part_bytes)]

    async def write(self, offset: int, part: bytes) -> None:
        """Store a part. Raises DiskFull."""
        await self._do(self._write, offset, part)

    async def find_bad(self, hashes: Sequence[PartHash]) -> list[PartHash]:
        """Return the parts whose bytes are not what the server says; they are missing again."""
        return await self._do(self._find_bad, hashes)

    async def finish(self) -> Finished:
        """Return what the whole file is, once no part is missing (durable when this returns)."""
        return await self._do(self._finish)

    async def close(self) -> None:
        """Make durable what was written, and close the file; twice is harmless."""
        if not self._file.closed:
            await self._do(self._close)

    def abandon(self) -> None:
        """Close a file as it is; twice is harmless."""
        self._file.close()
        self._journal.close()

    async def _do(self, work: Callable[..., _T], *values: object) -> _T:
        # A thread that waited for its turn would be missing elsewhere.
        async with self._turn:
            return await self._pool.run(self._say_clearly, work, *values)

    def _say_clearly(self, work: Callable[..., _T], *values: object) -> _T:
        # Whoever is cancelled gives up the turn while its thread still works.
        with self._lock, said_clearly(self._path):
            return work(*values)

    def _write(self, offset: int, part: bytes) -> None:
        span = Range(offset, offset + len(part) - 1)
        if not part or span.high >= self.size_bytes:
            raise ValueError(f"{len(part)} bytes at {offset} are not a part of {self.size_bytes} bytes")
        self._file.seek(offset)
        rest = memoryview(part)
        while rest:
            rest = rest[self._file.write(rest) :]
        self._journal.write(journal.say_written(span).encode())
        self._there = merge_ranges([*self._there, span])
        self._take_hash(offset, part)
        self._unsynced += len(part)
        if self._unsynced >= _SYNC_BYTES:
            self._sync()
            self._watch()

    def _take_hash(self, offset: int, part: bytes) -> None:
        if offset != self._hashed:
            if offset > self._hashed and sum(map(len, self._early.values())) + len(part) <= _WINDOW_BYTES:
                self._early[offset] = part
            return
        following: bytes | None = part
        while following:
            self._hash.update(following)
            self._hashed += len(following)
            following = self._early.pop(self._hashed, None)

    def _find_bad(self, hashes: Sequence[PartHash]) -> list[PartHash]:
        bad = [each for each in hashes if not matches_part(self._file, each)]
        for each in bad:
            span = Range(each.offset, each.offset + each.size_bytes - 1)
            self._journal.write(journal.say_lost(span).encode())
            self._there = [part for one in self._there for part in find_holes([span], one)]
        if bad:
            self._hash, self._hashed = hashlib.sha256(), 0
            self._early.clear()
        return bad

    def _finish(self) -> Finished:
        if self.left_bytes:
            raise ValueError(f"{self.left_bytes} bytes of {self._path.name} are missing")
        self._sync()
        self._early.clear()
        self._file.seek(self._hashed)
        while block := self._file.read(_BLOCK_BYTES):
            self._hash.update(block)
            self._hashed += len(block)
        if self._hashed != self.size_bytes:
            raise OSError(f"{self._path} has {self._hashed} bytes instead of {self.size_bytes}")
        _drop_cached(self._file.fileno())
        return Finished(self._hash.hexdigest(), self.size_bytes)

    def _close(self) -> None:
        try:
            self._sync()
        finally:
            self._file.close()
            self._journal.close()

    def _sync(self) -> None:
        if self._unsynced:
            _sync_data(self._file.fileno())
            self._journal.write(f"{journal.SYNCED}\n".encode())
            self._unsynced = 0

    def _begin_journal(self, boot: str) -> FileIO:
        """Return the journal to add to: one that says what is there in few lines, and ends with a whole one."""
        path = journal_path(self._path)
        if self._there:
            _sync_data(self._file.fileno())
        spans = "".join(journal.say_written(each) for each in self._there)
        settled = f"{spans}{journal.SYNCED}\n" if spans else ""
        save(path, (journal.say_head(self.size_bytes, boot) + settled).encode())
        return FileIO(path, "a")


def _drop_cached(descriptor: int) -> None:
    """Let the system forget a file's pages, which are on the disk: those of thousands of files would push all else out."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def journal_path(path: Path) -> Path:
    """Return where the journal of a partial file is."""
    return path.with_name(f"{path.name}.journal")


def matches_part(file: FileIO, part: PartHash) -> bool:
    """Tell whether a file has these bytes at that place. Raises OSError."""
    file.seek(part.offset)
    found = hashlib.sha256()
    left = part.size_bytes
    while left and (block := file.read(min(left, _BLOCK_BYTES))):
        found.update(block)
        left -= len(block)
    return not left and found.digest() == part.sha256


def _find_there(path: Path, size_bytes: int, boot: str) -> list[Range]:
    with suppress(FileNotFoundError):
        length = path.stat().st_size
        found = journal.read_journal(journal_path(path), size_bytes, boot)
        return [each for each in found or [] if each.high < length <= size_bytes]
    return []


def _open_file(path: Path, *, is_new: bool) -> FileIO:
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
    flags |= os.O_TRUNC if is_new else 0
    return FileIO(os.open(path, flags, 0o644), "r+")


def _cut(hole: Range, part_bytes: int) -> list[Range]:
    first, last = hole.low // part_bytes, hole.high // part_bytes
    edges = [hole.low, *(number * part_bytes for number in range(first + 1, last + 1)), hole.high + 1]
    return [Range(low, high - 1) for low, high in pairwise(edges)]
