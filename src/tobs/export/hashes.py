"""The server's own hashes of files: asked for when there is something to compare, and remembered."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from tobs.core.ports.files import FileKey, PartHash
from tobs.core.ports.services import KeyValue
from tobs.errors import FileUnavailable, Skipped, Unanswered
from tobs.export.remote import Remote


class HashBook:
    """Answers what the parts of a file hash to (https://core.telegram.org/method/upload.getFileHashes).

    The bytes of an id never change, so an answer holds for ever. Who gets none goes on without.
    """

    def __init__(self, cache: KeyValue, *, timeout_seconds: float) -> None:
        self._cache = cache
        self._timeout_seconds = timeout_seconds

    async def peek(self, remote: Remote) -> list[PartHash]:
        """Return the hashes of the first parts, those of one answer; nothing where the server does not give them in time."""
        async with remote.comparing:
            return await self._read(remote, up_to=1)

    async def list_hashes(self, remote: Remote) -> list[PartHash]:
        """Return the hashes of all parts of a file; nothing where the server does not give them in time."""
        async with remote.comparing:
            return await self._read(remote, up_to=remote.size_bytes)

    def tell_apart(self, remote: Remote, keys: Iterable[FileKey]) -> bool:
        """Tell whether one of these files, which are the same bytes, is known to begin otherwise; nobody is asked."""
        mine = self._cache.peek(_name(remote.wanted.key)) or []
        return any(
            one != other
            for key in keys
            for one, other in zip(mine, self._cache.peek(_name(key)) or (), strict=False)
        )

    def forget(self, remote: Remote) -> None:
        """Forget what the server said of a file: its bytes are others, and it may be the hashes that are wrong."""
        self._cache.forget(_name(remote.wanted.key))

    async def _read(self, remote: Remote, *, up_to: int) -> list[PartHash]:
        """Return hashes until they reach beyond `up_to` bytes; what is known is not asked for again."""
        name = _name(remote.wanted.key)
        hashes = [PartHash(*each) for each in self._cache.get(name) or ()]
        while (offset := _find_end(hashes)) < up_to:
            found = await self._ask(remote, offset)
            if not found or found[0].offset != offset or _find_end(found) <= offset:
                self._cache.note_failure()
                return []
            hashes += found
            self._cache.put(name, [[*each] for each in hashes])
        return hashes

    async def _ask(self, remote: Remote, offset: int) -> list[PartHash]:
        self._cache.note_call()
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await remote.list_hashes(offset)
        except (Skipped, FileUnavailable, Unanswered, TimeoutError):
            return []


def _name(key: FileKey) -> str:
    return f"{key.kind} {key.id}"


def _find_end(hashes: list[PartHash]) -> int:
    return hashes[-1].offset + hashes[-1].size_bytes if hashes else 0
