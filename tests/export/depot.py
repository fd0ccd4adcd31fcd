"""Files that are served from memory, and what downloads them into a real export folder."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Container, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from archive.rows import TEAM
from export.media import MediaFolder, open_media, sent
from tobs._util.pool import Pool
from tobs.cache.store import Cache
from tobs.core.choice import MediaChoice
from tobs.core.model import Chat, WantRow
from tobs.core.ports.files import FileKey, FileLimits, FilePart, Located, Origin, PartHash
from tobs.core.ports.media import StoredContent, WantedFile
from tobs.core.ranges import Range
from tobs.core.report import MediaTally
from tobs.errors import FileUnavailable, StaleReference, TobsError
from tobs.export.download import Check, Downloader
from tobs.export.hashes import HashBook
from tobs.export.lane import Downloads, MediaLane
from tobs.export.remote import Remote, locate_files
from tobs.export.throttle import Throttle
from tobs.media.partial import PartialFile
from tobs.media.store import DiskStore

HASHED_BYTES = 128 << 10
MIB = 1 << 20
_HASHES_AT_ONCE = 8
_TURNS = 6


@dataclass(slots=True)
class Held:
    """A file as the other side has it; `announced` is the size it is said to have, `hidden` the messages that lost it."""

    body: bytes
    announced: int
    centre: int = 2
    hidden: set[int] = field(default_factory=set)
    refusal: TobsError | None = None
    refusals: int = 1 << 30
    """How often it is still to be refused."""
    damage: Counter[int] = field(default_factory=Counter)
    """How often the part of the hash at an offset is still to come with other bytes."""
    lies: int = 0
    """How many answers about hashes are still to be wrong."""


class MemoryFiles:
    """Implements core.ports.files.FileSource. Each answer takes a few turns of the pool, so that all who may ask do.

    Addresses are numbered from 1 on, those in `expired` are not taken. `told_waits` are the parts, by their turn, before
    which a wait was told. `under_way` is set with the eighth part. No part is answered before `crowd` of them are in flight,
    and with `holds_hashes` no hashes are told before a part was asked for.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._serial = count(1)
        self._flying: Counter[FileKey] = Counter()
        self.held: dict[FileKey, Held] = {}
        self.limits = FileLimits()
        self.expired: Container[int] = ()
        self.under_way = asyncio.Event()
        self.crowd = 0
        self._is_crowded = asyncio.Event()
        self.is_mute = False
        self.told_waits: set[int] = set()
        self.limits_asked = 0
        self.located: list[tuple[int, int]] = []
        self.parts: list[tuple[int, int]] = []
        self.hashes_asked: list[tuple[int, int]] = []
        self.is_begun = asyncio.Event()
        self.holds_hashes = False
        self.most_parts = 0
        self.most_files: defaultdict[tuple[int, bool], int] = defaultdict(int)

    async def read_limits(self) -> FileLimits:
        self.limits_asked += 1
        return self.limits

    async def locate(
        self, wanted: Iterable[tuple[FileKey, Origin]]
    ) -> dict[FileKey, Located | FileUnavailable]:
        found: dict[FileKey, Located | FileUnavailable] = {}
        for key, origin in wanted:
            held = self.held[key]
            self.located.append((key.id, origin.message_id))
            found[key] = (
                FileUnavailable("its message is gone", is_lasting=True)
                if origin.message_id in held.hidden
                else Located(key, held.announced, held.centre, next(self._serial))
            )
        return found

    async def read_part(self, located: Located, offset: int, limit: int) -> FilePart:
        assert (limit % 4096, MIB % limit, offset % limit) == (0, 0, 0)
        number = len(self.parts)
        self.is_begun.set()
        self.parts.append((located.key.id, offset))
        self._flying[located.key] += 1
        if len(self.parts) == 8:
            self.under_way.set()
        try:
            self._count_flying()
            if self._flying.total() >= self.crowd:
                self._is_crowded.set()
            await self._is_crowded.wait()
            for _ in range(_TURNS):
                await self._pool.run(int)
        finally:
            self._flying[located.key] -= 1
        held = self._use(located)
        body = bytearray(held.body[offset : offset + limit])
        for at in [each for each, times in held.damage.items() if times and 0 <= each - offset < limit]:
            held.damage[at] -= 1
            body[at - offset] ^= 1
        return FilePart(bytes(body), float(number), 0.05, int(number in self.told_waits))

    async def list_hashes(self, located: Located, offset: int) -> list[PartHash]:
        self.hashes_asked.append((located.key.id, offset))
        if self.holds_hashes:
            await self.is_begun.wait()
        if self.is_mute:
            await asyncio.Event().wait()
        await self._pool.run(int)
        held = self._use(located)
        body = held.body
        if held.lies:
            held.lies -= 1
            body = bytes(len(body))
        starts = range(offset, len(body), HASHED_BYTES)[:_HASHES_AT_ONCE]
        pieces = [(at, body[at : at + HASHED_BYTES]) for at in starts]
        return [PartHash(at, len(each), hashlib.sha256(each).digest()) for at, each in pieces]

    def asked_for(self, file_id: int) -> list[int]:
        """Return the offsets from which parts of a file were asked for, in order."""
        return [offset for each, offset in self.parts if each == file_id]

    def _use(self, located: Located) -> Held:
        held = self.held[located.key]
        if located.address in self.expired:
            raise StaleReference("its address has expired")
        if held.refusal and held.refusals:
            held.refusals -= 1
            raise held.refusal
        return held

    def _count_flying(self) -> None:
        self.most_parts = max(self.most_parts, self._flying.total())
        flying = [self.held[key] for key, times in self._flying.items() if times]
        queues = Counter((each.centre, each.announced >= self.limits.large_bytes) for each in flying)
        for queue, files in queues.items():
            self.most_files[queue] = max(self.most_files[queue], files)


class WatchedStore(DiskStore):
    """Remembers what it opened."""

    def __init__(self, output: Path, pool: Pool) -> None:
        super().__init__(output, pool, min_free_bytes=1)
        self._opened: list[PartialFile] = []
        self.looks = 0

    async def matches(self, content: StoredContent, hashes: Sequence[PartHash]) -> bool:
        self.looks += 1
        return await super().matches(content, hashes)

    def _open(self, key: FileKey, size_bytes: int) -> PartialFile:
        partial = super()._open(key, size_bytes)
        self._opened.append(partial)
        return partial

    @property
    def has_open_files(self) -> bool:
        """Tell whether something that was opened is not closed."""
        return not all(each.is_closed for each in self._opened)


@dataclass
class Depot:
    """An export folder of one chat, and what downloads its files."""

    folder: MediaFolder
    store: WatchedStore
    files: MemoryFiles
    cache: Cache
    chat: Chat = field(default_factory=lambda: TEAM)
    ids: count[int] = field(default_factory=lambda: count(1))
    throttle: Throttle = field(init=False)
    hashes: HashBook = field(init=False)

    async def add(self, *bodies: bytes, centre: int = 2, messages: int = 1) -> list[FileKey]:
        """Store messages that carry files, each file in as many messages; ids go on from the last ones."""
        keys = [FileKey("document", next(self.ids)) for _ in bodies]
        rows, wants = [], list[WantRow]()
        for key, body in zip(keys, bodies, strict=True):
            self.files.held[key] = Held(body, len(body), centre)
            for turn in range(messages):
                message_id = key.id + 1000 * turn
                rows.append(sent(message_id))
                wants.append(WantRow(message_id, "document", key.id, "document", len(body), "", ""))
        self.chat = await self.folder.commit(TEAM, rows, wants, Range(1, max(each.id for each in rows)))
        return keys

    def make_downloader(
        self, *, most: int = 4, start: int = 4, check: Check = "resumed", compares: bool = True
    ) -> Downloader:
        workshop = self.folder.workshop
        self.throttle = Throttle(workshop.clock, most=most, start=start)
        self.hashes = HashBook(self.cache, timeout_seconds=0.01 if self.files.is_mute else 60)
        return Downloader(
            workshop.archive.media, self.store, self.hashes, self.throttle, check=check, compares=compares
        )

    def make_lane(self, downloader: Downloader | None = None) -> MediaLane:
        workshop = self.folder.workshop
        media, emit = workshop.archive.media, workshop.events.append
        return MediaLane(self.files, media, downloader or self.make_downloader(), workshop.clock, emit)

    async def list_wanted(self, *, after: float = 0.0) -> list[WantedFile]:
        """Return what a run that begins so many seconds from now would download."""
        now = self.folder.workshop.clock.now() + after
        found = self.folder.workshop.archive.media.list_wanted([self.chat], MediaChoice(), now=now)
        return [each async for each in found]

    async def find_remote(self, key: FileKey) -> Remote:
        [wanted] = [each for each in await self.list_wanted() if each.key == key]
        located = (await locate_files(self.files, [wanted]))[key]
        assert isinstance(located, Located)
        return Remote(self.files, wanted, located)

    async def bring(self, *keys: FileKey, downloader: Downloader | None = None) -> None:
        """Download files at once, the first one begins first; when all have ended, raise what one of them raised."""
        downloader = downloader or self.make_downloader()
        remotes = [await self.find_remote(each) for each in keys]
        for ended in await asyncio.gather(*map(downloader.bring, remotes), return_exceptions=True):
            if ended:
                raise ended

    async def interrupt(self, key: FileKey, *spans: Range, spoiled: Iterable[int] = ()) -> None:
        """Leave a partial file with some bytes, as a run that was killed does; those at `spoiled` are wrong."""
        body = bytearray(self.files.held[key].body)
        for offset in spoiled:
            body[offset] ^= 1
        partial = await self.store.open(key, len(body))
        for low, high in spans:
            await partial.write(low, bytes(body[low : high + 1]))
        await partial.close()

    async def run(self, lane: MediaLane | None, choice: MediaChoice | None = None) -> Downloads:
        """Hand the chat over beside a run, and return when its downloads have ended."""
        downloads = Downloads(lane, choice or MediaChoice())
        async with downloads.running():
            downloads.hand_over(self.chat)
        return downloads

    async def tally(self) -> MediaTally:
        return await self.folder.workshop.archive.media.tally([self.chat])

    def read(self, key: FileKey) -> bytes:
        """Return the bytes that were downloaded."""
        return self.store.find_whole(key).read_bytes()


def make_body(size_bytes: int, seed: int = 0) -> bytes:
    """Return bytes that are the same for the same seed only."""
    return random.Random(seed).randbytes(size_bytes)


@asynccontextmanager
async def open_depot(output: Path) -> AsyncIterator[Depot]:
    """Open an export folder; in the end no file may be open, whatever ended a download."""
    async with open_media(output) as folder:
        clock, pool = folder.workshop.clock, folder.workshop.pool
        cache = Cache(output.parent / "hashes", clock=clock, max_entries=100, ttl_seconds=86_400)
        store = WatchedStore(output, pool)
        yield Depot(folder, store, MemoryFiles(pool), cache)
    store.close()
    assert not store.has_open_files
