"""One file from Telegram to the disk: its parts, its hashes, and whether its bytes are here already."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from tobs.core.ports.files import FileKey, FilePart, FileSource, Located, PartHash
from tobs.core.ports.media import MediaLedger, MediaStore, Partial, Proof, WantedFile
from tobs.core.ranges import Range
from tobs.errors import FileUnavailable, Skipped, StaleReference, TobsError
from tobs.export.pipeline import first_error
from tobs.export.throttle import Throttle

Check: TypeAlias = Literal["full", "resumed"]
"""Which files are held against the server's hashes: all, or those whose download was interrupted."""

PART_BYTES = 512 << 10
"""How much is asked for at once of a file that is larger."""

SMALLEST_PART = 4096
ROUNDS = 3
"""How often a file's address is renewed, and how often parts with a wrong hash are asked for again."""


@dataclass(slots=True)
class Remote:
    """A file and where it is now; whoever finds the address expired renews it for all who read it."""

    wanted: WantedFile
    located: Located
    renewals: int = 0
    renewing: asyncio.Lock = field(default_factory=asyncio.Lock)


class Downloader:
    """Brings files here; all of them share the throttle of their parts.

    `compares`: a file of the same size as a stored one is first held against its hashes.
    """

    def __init__(
        self,
        source: FileSource,
        ledger: MediaLedger,
        store: MediaStore,
        throttle: Throttle,
        *,
        check: Check,
        compares: bool,
    ) -> None:
        self._source = source
        self._ledger = ledger
        self._store = store
        self._throttle = throttle
        self._check = check
        self._compares = compares

    async def bring(self, remote: Remote) -> None:
        """Have a file's bytes here and known to the ledger. Raises FileUnavailable with the reason, DiskFull, and what ends a run."""
        key, size_bytes = remote.wanted.key, remote.located.size_bytes
        if not size_bytes:
            raise FileUnavailable("announced by Telegram without a size")
        if same := await self._find_same(remote):
            await self._ledger.note_done(key, same, size_bytes, "hashes")
            return
        partial = await self._store.open(key, size_bytes)
        try:
            proof = await self._complete(partial, remote)
            finished = await partial.finish()
        finally:
            await partial.close()
        await self._ledger.note_done(key, finished.sha256, finished.size_bytes, proof)

    async def _find_same(self, remote: Remote) -> str:
        """Return the SHA-256 of stored bytes that are those of the file by the server's own hashes, or an empty string."""
        size_bytes = remote.located.size_bytes
        known = await self._ledger.find_same(size_bytes) if self._compares else []
        if not known:
            return ""
        hashes = await self._list_hashes(remote)
        for each in known if hashes else []:
            if await self._store.matches(each, hashes):
                return each.sha256
        return ""

    async def _complete(self, partial: Partial, remote: Remote) -> Proof:
        """Fetch what is missing; return by what the whole is known to be right."""
        part_bytes = choose_part(remote.located.size_bytes)
        missing = partial.missing(part_bytes)
        is_resumed = sum(each.size for each in missing) < remote.located.size_bytes
        await self._fetch(partial, remote, missing, part_bytes)
        if not is_resumed and self._check != "full":
            return "size"
        hashes = await self._list_hashes(remote)
        for _ in range(ROUNDS):
            if not hashes:
                return "size"
            if not await partial.find_bad(hashes):
                return "hashes"
            await self._fetch(partial, remote, partial.missing(part_bytes), part_bytes)
        raise FileUnavailable("not the bytes that Telegram's own hashes tell")

    async def _fetch(self, partial: Partial, remote: Remote, missing: list[Range], part_bytes: int) -> None:
        """Fetch ranges of offsets, as many at once as the throttle lets through."""
        offsets = _list_offsets(missing, remote.located.size_bytes, part_bytes)

        async def work() -> None:
            for offset in offsets:
                await self._fetch_part(partial, remote, offset, part_bytes)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self._throttle.most, len(missing) + 1)):
                    group.create_task(work())
        except* TobsError as errors:
            raise first_error(errors) from None

    async def _fetch_part(self, partial: Partial, remote: Remote, offset: int, part_bytes: int) -> None:
        size_bytes = remote.located.size_bytes
        expected = min(part_bytes, size_bytes - offset)
        part = await self._read_part(remote, offset, part_bytes if expected else SMALLEST_PART)
        if len(part.data) < expected:
            raise FileUnavailable(f"sent only up to byte {offset + len(part.data):,} of {size_bytes:,}")
        if len(part.data) > expected:
            raise FileUnavailable(f"longer than the {size_bytes:,} bytes that Telegram announced")
        if expected:
            await partial.write(offset, part.data)

    async def _read_part(self, remote: Remote, offset: int, limit: int) -> FilePart:
        while True:
            located = remote.located
            try:
                async with self._throttle.slot():
                    part = await self._source.read_part(located, offset, limit)
            except StaleReference as error:
                await self._renew(remote, located, error)
            else:
                self._throttle.note(part)
                return part

    async def _list_hashes(self, remote: Remote) -> list[PartHash]:
        """Return the server's hashes of the whole file; nothing where it does not give them now."""
        hashes: list[PartHash] = []
        offset, size_bytes = 0, remote.located.size_bytes
        while offset < size_bytes:
            located = remote.located
            try:
                found = await self._source.list_hashes(located, offset)
            except StaleReference as error:
                await self._renew(remote, located, error)
                continue
            except (Skipped, FileUnavailable):
                return []
            if not found or found[0].offset != offset:
                return []
            hashes += found
            offset = found[-1].offset + found[-1].size_bytes
        return hashes

    async def _renew(self, remote: Remote, located: Located, error: StaleReference) -> None:
        """Ask the file's messages for a new address, once for all who were told that it has expired."""
        async with remote.renewing:
            if remote.located is not located:
                return
            remote.renewals += 1
            if remote.renewals > ROUNDS:
                raise FileUnavailable("its address expired again and again") from error
            found = await locate_files(self._source, [remote.wanted])
            fresh = found[remote.wanted.key]
            if isinstance(fresh, FileUnavailable):
                raise fresh
            if fresh.size_bytes != located.size_bytes:
                raise FileUnavailable("announced with another size than before")
            remote.located = fresh


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


def choose_part(size_bytes: int) -> int:
    """Return how many bytes to ask for at once: a power of two that holds a small file whole."""
    return min(PART_BYTES, max(SMALLEST_PART, 1 << (size_bytes - 1).bit_length()))


def _list_offsets(missing: list[Range], size_bytes: int, part_bytes: int) -> Iterator[int]:
    """Yield where parts begin; behind a file that ends with a part, also where a longer one would go on."""
    for low, high in missing:
        yield from range(low, high + 1, part_bytes)
    if missing and missing[-1].high == size_bytes - 1 and size_bytes % part_bytes == 0:
        yield size_bytes
