"""A file at Telegram's: where it is now, and its address renewed when that has expired."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from tobs.core.ports.files import FileKey, FilePart, FileSource, Located, PartHash
from tobs.core.ports.media import WantedFile
from tobs.errors import FileUnavailable, StaleReference

T = TypeVar("T")

MOST_RENEWALS = 5
"""How often a file's address is renewed; each lives for about two hours."""


@dataclass(slots=True)
class Remote:
    """A file that can be had; whoever finds its address expired renews it for all who read it.

    `is_here` is set when its download has ended, well or not; `comparing` is held while its hashes are asked for.
    """

    source: FileSource
    wanted: WantedFile
    located: Located
    is_here: asyncio.Event = field(default_factory=asyncio.Event)
    comparing: asyncio.Lock = field(default_factory=asyncio.Lock)
    _renewals: int = 0
    _renewing: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def size_bytes(self) -> int:
        """How long it is, as Telegram announced it."""
        return self.located.size_bytes

    async def read_part(self, offset: int, limit: int) -> FilePart:
        """Return a part. Raises FileUnavailable and what `FileSource` raises."""
        return await self._ask(lambda located: self.source.read_part(located, offset, limit))

    async def list_hashes(self, offset: int) -> list[PartHash]:
        """Return the server's hashes of some parts, as `FileSource.list_hashes` does."""
        return await self._ask(lambda located: self.source.list_hashes(located, offset))

    async def _ask(self, ask: Callable[[Located], Awaitable[T]]) -> T:
        while True:
            located = self.located
            try:
                return await ask(located)
            except StaleReference as error:
                await self._renew(located, error)

    async def _renew(self, expired: Located, error: StaleReference) -> None:
        async with self._renewing:
            if self.located is not expired:
                return
            self._renewals += 1
            if self._renewals > MOST_RENEWALS:
                raise FileUnavailable("its address expired again and again") from error
            found = (await locate_files(self.source, [self.wanted]))[self.wanted.key]
            if isinstance(found, FileUnavailable):
                raise found
            if found.size_bytes != expired.size_bytes:
                raise FileUnavailable("announced with another size than before")
            self.located = found


async def locate_files(
    source: FileSource, wanted: list[WantedFile]
) -> dict[FileKey, Located | FileUnavailable]:
    """Return where files are now, asking the next of their messages where one does not show them any more."""
    found: dict[FileKey, Located | FileUnavailable] = {
        each.key: FileUnavailable("no message shows it any more") for each in wanted
    }
    for turn in range(max((len(each.origins) for each in wanted), default=0)):
        asked = [
            (each.key, each.origins[turn])
            for each in wanted
            if turn < len(each.origins) and not isinstance(found[each.key], Located)
        ]
        found |= await source.locate(asked)
    return found
