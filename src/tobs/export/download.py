"""One file from Telegram to the disk: its parts, its hashes, and whether its bytes are here already."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from typing import Literal, TypeAlias

from tobs.core.ports.files import PartHash
from tobs.core.ports.media import MediaLedger, MediaStore, Partial, Proof
from tobs.core.ranges import Range
from tobs.errors import FileUnavailable
from tobs.export.hashes import HashBook
from tobs.export.pipeline import raising_first
from tobs.export.remote import Remote
from tobs.export.throttle import Throttle

Check: TypeAlias = Literal["full", "resumed"]
"""Which files are held against the server's hashes: all, or those whose download was interrupted."""

PART_BYTES = 512 << 10
"""How much is asked for at once of a file that is larger."""

SMALLEST_PART = 4096
ROUNDS = 3
"""How often parts with a wrong hash are asked for again."""


PEEKS = 4
"""How many files that wait for their turn are compared at once: bytes that are wanted do not wait behind them."""


class Downloader:
    """Brings files here; all of them share the throttle of their parts.

    `compares`: a file of the same size as one that is stored, or just coming, is first compared by the server's hashes,
    so that the same bytes under another id are not sent again.
    """

    def __init__(
        self,
        ledger: MediaLedger,
        store: MediaStore,
        hashes: HashBook,
        throttle: Throttle,
        *,
        check: Check,
        compares: bool,
    ) -> None:
        self._ledger = ledger
        self._store = store
        self._hashes = hashes
        self._throttle = throttle
        self._check = check
        self._announced: Counter[int] = Counter()
        self._coming: defaultdict[int, list[Remote]] = defaultdict(list)
        self._compares = compares
        self._peeking = asyncio.Semaphore(PEEKS)

    @property
    def throttle(self) -> Throttle:
        """What limits the parts in flight."""
        return self._throttle

    async def prepare(self, remote: Remote) -> None:
        """Ask for what a comparison will need, so that the file's turn is not spent waiting for it."""
        self._announced[remote.size_bytes] += 1
        if self._compares and self._announced[remote.size_bytes] > 1:
            async with self._peeking, self._throttle.slot():
                await self._hashes.peek(remote)

    async def bring(self, remote: Remote) -> None:
        """Have a file's bytes here and known to the ledger. Raises FileUnavailable with the reason, DiskFull, and what ends a run."""
        if not remote.size_bytes:
            raise FileUnavailable("announced by Telegram without a size")
        coming = self._coming[remote.size_bytes]
        earlier = [*coming]
        coming.append(remote)
        try:
            same = await self._compare(remote, earlier) if self._compares else ""
            if same:
                await self._ledger.note_done(remote.wanted.key, same, remote.size_bytes, "hashes")
            else:
                await self._download(remote)
        finally:
            coming.remove(remote)
            remote.is_here.set()

    async def _compare(self, remote: Remote, earlier: list[Remote]) -> str:
        """Return the SHA-256 of bytes that are here, or were just coming, and are those of the file; else an empty string."""
        for each in earlier:
            if await self._are_alike(remote, each):
                await each.is_here.wait()
        return await self._find_same(remote)

    async def _download(self, remote: Remote) -> None:
        key = remote.wanted.key
        partial = await self._store.open(key, remote.size_bytes)
        try:
            proof = await self._complete(partial, remote)
            finished = await partial.finish()
        finally:
            await partial.close()
        await self._ledger.note_done(key, finished.sha256, finished.size_bytes, proof)

    async def _are_alike(self, one: Remote, other: Remote) -> bool:
        """Tell whether two files may be the same bytes: whether they begin with the same ones."""
        first, second = await self._hashes.peek(one), await self._hashes.peek(other)
        return bool(first) and first == second

    async def _find_same(self, remote: Remote) -> str:
        """Return the SHA-256 of stored bytes that are those of the file by the server's own hashes, or an empty string."""
        for each in await self._ledger.find_same(remote.size_bytes):
            # Of many files of one size nearly all are told apart by what is remembered, without a look at the disk.
            if self._hashes.tell_apart(remote, each.keys):
                continue
            # Its beginning tells nearly all files apart, and is one request.
            for ask in (self._hashes.peek, self._hashes.list_hashes):
                hashes = await ask(remote)
                if not hashes or not await self._store.matches(each, hashes):
                    break
            else:
                return each.sha256
        return ""

    async def _complete(self, partial: Partial, remote: Remote) -> Proof:
        """Fetch what is missing; return by what the whole is known to be right."""
        part_bytes = choose_part(remote.size_bytes)
        missing = partial.missing(part_bytes)
        is_resumed = sum(each.size for each in missing) < remote.size_bytes
        await self._fetch(partial, remote, _list_offsets(missing, remote.size_bytes, part_bytes), part_bytes)
        if not is_resumed and self._check != "full":
            return "size"
        hashes: list[PartHash] = []
        for _ in range(ROUNDS):
            hashes = await self._hashes.list_hashes(remote) or hashes
            if not hashes:
                return "size"
            if not await partial.find_bad(hashes):
                return "hashes"
            self._hashes.forget(remote)  # or they would be wrong for ever, if it is they that are
            await self._fetch(
                partial, remote, _list_starts(partial.missing(part_bytes), part_bytes), part_bytes
            )
        raise FileUnavailable("not the bytes that Telegram's own hashes tell")

    async def _fetch(self, partial: Partial, remote: Remote, offsets: list[int], part_bytes: int) -> None:
        """Fetch parts, as many at once as the throttle lets through."""
        waiting = iter(offsets)

        async def work() -> None:
            for offset in waiting:
                await self._fetch_part(partial, remote, offset, part_bytes)

        async with raising_first(), asyncio.TaskGroup() as group:
            for _ in range(min(self._throttle.most, len(offsets))):
                group.create_task(work())

    async def _fetch_part(self, partial: Partial, remote: Remote, offset: int, part_bytes: int) -> None:
        size_bytes = remote.size_bytes
        expected = min(part_bytes, size_bytes - offset)
        async with self._throttle.slot():
            part = await remote.read_part(offset, part_bytes if expected else SMALLEST_PART)
        self._throttle.note(part)
        if len(part.data) < expected:
            raise FileUnavailable(f"shorter than the {size_bytes:,} bytes that Telegram announced")
        if len(part.data) > expected:
            raise FileUnavailable(f"longer than the {size_bytes:,} bytes that Telegram announced")
        if expected:
            await partial.write(offset, part.data)


def choose_part(size_bytes: int) -> int:
    """Return how many bytes to ask for at once: a power of two that holds a small file whole."""
    return min(PART_BYTES, max(SMALLEST_PART, 1 << (size_bytes - 1).bit_length()))


def _list_offsets(missing: list[Range], size_bytes: int, part_bytes: int) -> list[int]:
    """Return where parts with a missing range begin; of a file that ends with a part, also where a longer one would go on.

    That is asked whatever is missing: a run before may have had all parts, and not this answer.
    """
    behind = [] if size_bytes % part_bytes else [size_bytes]
    return [*_list_starts(missing, part_bytes), *behind]


def _list_starts(missing: list[Range], part_bytes: int) -> list[int]:
    # What has a wrong hash may begin within a part, and Telegram refuses a request across a multiple of 1 MiB.
    return list(dict.fromkeys(low - low % part_bytes for low, _ in missing))
