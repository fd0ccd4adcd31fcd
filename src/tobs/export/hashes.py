"""The server's own hashes of files: asked for when there is something to compare, and remembered."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from tobs.core.ports.files import PartHash
from tobs.core.ports.services import KeyValue
from tobs.errors import FileUnavailable, Skipped
from tobs.export.remote import Remote


@dataclass(slots=True)
class HashCounts:
    """How often the server was asked for hashes, and in vain."""

    api_calls: int = 0
    api_failures: int = 0


class HashBook:
    """Answers what the parts of a file hash to (https://core.telegram.org/method/upload.getFileHashes).

    The bytes of an id never change, so an answer holds for ever. Who gets none goes on without.
    """

    def __init__(self, cache: KeyValue, *, timeout_seconds: float) -> None:
        self._cache = cache
        self._timeout_seconds = timeout_seconds
        self.counts = HashCounts()

    async def list_hashes(self, remote: Remote) -> list[PartHash]:
        """Return the hashes of all parts of a file; nothing where the server does not give them in time."""
        name = f"{remote.wanted.key.kind} {remote.wanted.key.id}"
        known = self._cache.get(name)
        if known is not None:
            return [PartHash(*each) for each in known]
        hashes = await self._ask(remote)
        if hashes:
            self._cache.put(name, [[*each] for each in hashes])
        return hashes

    async def _ask(self, remote: Remote) -> list[PartHash]:
        hashes: list[PartHash] = []
        offset = 0
        while offset < remote.size_bytes:
            self.counts.api_calls += 1
            try:
                async with asyncio.timeout(self._timeout_seconds):
                    found = await remote.list_hashes(offset)
            except (Skipped, FileUnavailable, TimeoutError):
                found = []
            if not found or found[0].offset != offset or found[-1].size_bytes < 1:
                self.counts.api_failures += 1
                return []
            hashes += found
            offset = found[-1].offset + found[-1].size_bytes
        return hashes
