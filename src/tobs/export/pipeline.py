"""The one pipeline: pages of one chat from a feed over decoding into the archive, with bounded queues."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tobs.core.model import Chat
from tobs.core.ports.archive import Archive
from tobs.core.ports.meter import NO_METER, Meter
from tobs.core.ports.services import Clock, Emit, Pool
from tobs.core.ports.source import Decoder, Source
from tobs.core.report import ChatReport
from tobs.errors import TobsError
from tobs.export.fetch import Fetched, Fetcher
from tobs.export.horizon import Horizon
from tobs.export.process import PageProcessor, Processed
from tobs.export.stopwatch import Stopwatch
from tobs.export.throttle import Throttle
from tobs.export.write import PageWriter

Feed = Callable[[Fetcher], Awaitable[None]]
"""Asks a fetcher for what is wanted."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many pages may wait between two stages, and how many requests may be in flight."""

    fetch_queue: int = 16
    write_queue: int = 16
    requests: int = 32


@dataclass(slots=True)
class Pipeline:
    """What pages pass through, whichever chat they are of; wired by app."""

    source: Source
    archive: Archive
    decoder: Decoder
    pool: Pool
    clock: Clock
    emit: Emit
    bounds: Bounds
    meter: Meter = NO_METER
    horizon: Horizon = field(init=False)
    committed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set with each page that is in the archive."""

    def __post_init__(self) -> None:
        self.horizon = Horizon(self.source, self.archive, self.emit)

    def make_throttle(self) -> Throttle:
        """Return what limits the requests in flight for one chat."""
        return Throttle(self.clock, most=self.bounds.requests, meter=self.meter)

    def make_writer(self, chat: Chat, report: ChatReport, scope: int = 0) -> PageWriter:
        """Return what commits the pages of one chat, or of a thread in it."""
        return PageWriter(
            self.archive,
            self.horizon,
            self.emit,
            chat,
            report,
            scope,
            self.committed,
            stopwatch=Stopwatch(self.clock, self.meter),
        )

    async def run(self, feed: Feed, writer: PageWriter, throttle: Throttle) -> None:
        """Return when all that `feed` fetches is committed; raises the error that ended it."""
        pages: asyncio.Queue[Fetched | None] = asyncio.Queue(self.bounds.fetch_queue)
        rows: asyncio.Queue[Processed | None] = asyncio.Queue(self.bounds.write_queue)
        stopwatch = Stopwatch(self.clock, self.meter)
        processor = PageProcessor(self.decoder, self.pool, self.source.account_id, stopwatch)
        fetcher = Fetcher(
            self.source,
            self.archive,
            pages,
            throttle,
            self.horizon,
            stopwatch,
            walkers=self.bounds.requests,
        )
        failure: TobsError | None
        try:
            async with asyncio.TaskGroup() as group:
                fetching = group.create_task(_feed_pages(feed, fetcher, pages))
                group.create_task(processor.process_pages(pages, rows))
                group.create_task(writer.write_pages(rows, throttle))
        except* TobsError as errors:
            failure = first_error(errors)
        else:
            failure = fetching.result()
        if failure:
            raise failure


async def _feed_pages(feed: Feed, fetcher: Fetcher, pages: asyncio.Queue[Fetched | None]) -> TobsError | None:
    """Return the error that ended the fetching: what came before it is still to be committed."""
    failure: TobsError | None = None
    try:
        await feed(fetcher)
    except TobsError as error:
        failure = error
    # Not when cancelled: then nobody reads any more, and a full queue would hold the run up for ever.
    await pages.put(None)
    return failure


@asynccontextmanager
async def raising_first() -> AsyncIterator[None]:
    """Raise the first of the errors with which a TaskGroup in the block ends, by itself."""
    failure: TobsError | None = None
    try:
        yield
    except* TobsError as errors:  # what is raised in here would come out as a group again
        failure = first_error(errors)
    if failure:
        raise failure


def first_error(group: BaseExceptionGroup[TobsError]) -> TobsError:
    """Return the first of the errors that ended a TaskGroup."""
    first: BaseException = group
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    assert isinstance(first, TobsError)
    return first
