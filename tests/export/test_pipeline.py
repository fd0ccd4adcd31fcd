"""The pipeline ends when one of its stages fails, however full the queues are."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from export.memory import CHAT, MemoryArchive, MemorySource, NoPool, decode_ids
from tobs._util.clock import ManualClock
from tobs.core.model import Decoded
from tobs.core.ports.archive import CommitResult
from tobs.core.ports.source import RawPage
from tobs.core.ranges import Range
from tobs.core.report import ChatReport
from tobs.errors import DiskFull
from tobs.export.fetch import Fetcher
from tobs.export.pipeline import Bounds, Pipeline


@dataclass
class SlowArchive(MemoryArchive):
    """Commits so slowly that pages wait, and then has no room."""

    async def commit_page(self, page: RawPage, decoded: Decoded, covers: Range | None) -> CommitResult:
        for _ in range(400):
            await asyncio.sleep(0)
        raise DiskFull("There is no room left.")


@dataclass
class CountingArchive(MemoryArchive):
    """Commits slowly, and knows how many pages it was given at once."""

    given: int = 0
    most: int = 0

    async def commit_page(self, page: RawPage, decoded: Decoded, covers: Range | None) -> CommitResult:
        self.given += 1
        self.most = max(self.most, self.given)
        for _ in range(200):
            await asyncio.sleep(0)
        self.given -= 1
        return await super().commit_page(page, decoded, covers)


async def test_pages_that_wait_are_given_to_the_archive_together() -> None:
    source, archive, clock = MemorySource([*range(1, 5_001)]), CountingArchive(), ManualClock()
    line = Pipeline(source, archive, decode_ids, NoPool(), clock, lambda _: None, Bounds())
    report = ChatReport(CHAT.id, CHAT.title)

    async def feed(fetcher: Fetcher) -> None:
        await fetcher.fetch_chat(CHAT, report, None, asyncio.Event())

    async with asyncio.timeout(20):
        await line.run(feed, line.make_writer(CHAT, report), line.make_throttle())
    assert (archive.most, report.new, report.pages) == (8, 5_000, 50)


async def test_a_full_disk_ends_a_run_whose_queues_are_full() -> None:
    source, archive, clock = MemorySource([*range(1, 5_001)]), SlowArchive(), ManualClock()
    line = Pipeline(source, archive, decode_ids, NoPool(), clock, lambda _: None, Bounds(1, 1, 8))
    report = ChatReport(CHAT.id, CHAT.title)

    async def feed(fetcher: Fetcher) -> None:
        await fetcher.fetch_chat(CHAT, report, None, asyncio.Event())

    writer = line.make_writer(CHAT, report)
    async with asyncio.timeout(20):
        with pytest.raises(DiskFull):
            await line.run(feed, writer, line.make_throttle())
