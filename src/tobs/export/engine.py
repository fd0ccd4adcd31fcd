"""One run: chats one after the other through the pipeline, then the notes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tobs.core.events import Failed
from tobs.core.model import Chat
from tobs.core.ports.archive import Archive
from tobs.core.ports.services import Clock, Emit, Pool
from tobs.core.ports.source import Decoder, Source
from tobs.core.ranges import Range
from tobs.core.report import AskedRange, ChatReport, RunReport
from tobs.core.request import ExportRequest, Refresh
from tobs.core.span import EVERYTHING, Limits
from tobs.errors import EXIT_DONE, EXIT_INCOMPLETE, EXIT_INTERRUPTED, ChatNotFound, TobsError
from tobs.export.anchor import Anchorer
from tobs.export.choose import ENDS_THE_RUN, Chooser, note_failure
from tobs.export.fetch import Fetched, Fetcher, Sweep
from tobs.export.process import PageProcessor, Processed
from tobs.export.project import Projector
from tobs.export.throttle import Throttle
from tobs.export.write import PageWriter


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many pages may wait between two stages, and how many requests may be in flight."""

    fetch_queue: int = 16
    write_queue: int = 16
    requests: int = 32


@dataclass(slots=True)
class Engine:
    """Everything that a run needs, wired by app."""

    source: Source
    archive: Archive
    decoder: Decoder
    projector: Projector
    pool: Pool
    clock: Clock
    emit: Emit
    bounds: Bounds
    limits: Limits = EVERYTHING

    async def run(self, request: ExportRequest, report: RunReport, stop: asyncio.Event) -> None:
        """Export the chats asked for, draw their notes, and fill in the report.

        A failing chat never touches the others; an error that the next chat would meet as well ends
        the fetching, and what is archived is drawn all the same. `stop` ends it after the pages in flight.
        """
        try:
            chats = await Chooser(self.source, self.archive, self.emit).find_chats(request, report)
            for chat, chat_report in chats:
                if stop.is_set():
                    chat_report.is_interrupted = True
                    continue
                await self._export_chat(chat, chat_report, request.refresh, stop)
        except (*ENDS_THE_RUN, ChatNotFound) as error:
            self._note_end(report, error)
        await self._draw(report)
        report.exit_code = judge_run(report, is_stopped=stop.is_set())

    async def _export_chat(
        self, chat: Chat, report: ChatReport, refresh: Refresh, stop: asyncio.Event
    ) -> None:
        try:
            if self.limits.is_open:
                await self._fetch_chat(chat, report, refresh, stop)
            else:
                await self._fetch_part(chat, report, stop)
        except TobsError as error:
            report.changes_known_from = None
            note_failure(self.emit, report, error)
            if isinstance(error, ENDS_THE_RUN):
                raise
        finally:
            report.tally = await self.archive.tally(chat)
            report.is_interrupted = stop.is_set() and not report.tally.is_complete

    async def _fetch_part(self, chat: Chat, report: ChatReport, stop: asyncio.Event) -> None:
        """Fetch what the limits leave of a chat; once it is stored, it is counted whether it is enough."""
        limits = self.limits
        anchorer = Anchorer(self.source, self.decoder, self.pool)
        anchored = await anchorer.find_range(chat, limits)
        while anchored:
            report.asked = AskedRange(*anchored.ids, is_part=True, since=limits.since, until=limits.until)
            await self._fetch_range(chat, report, anchored.ids, stop)
            missing = (limits.last or 0) - await self.archive.count_stored(chat, anchored.ids)
            is_whole = not anchored.is_counted or anchored.ids.low <= anchored.floor
            if missing <= 0 or is_whole or stop.is_set():
                return
            anchored = await anchorer.reach_further(chat, anchored, missing)

    async def _fetch_range(self, chat: Chat, report: ChatReport, asked: Range, stop: asyncio.Event) -> None:
        async def fetch(fetcher: Fetcher) -> None:
            await fetcher.fetch_range(chat, asked, stop)

        writer = PageWriter(self.archive, self.emit, chat, report)
        await self._pump(fetch, writer, Throttle(self.clock, most=self.bounds.requests))

    async def _fetch_chat(
        self, chat: Chat, report: ChatReport, refresh: Refresh, stop: asyncio.Event
    ) -> None:
        """Fetch what is new and sweep; then, when all pages are in, look up by id what they left out."""
        throttle = Throttle(self.clock, most=self.bounds.requests)
        writer = PageWriter(self.archive, self.emit, chat, report)
        sweep = Sweep(refresh, self.clock.now())

        async def fetch(fetcher: Fetcher) -> None:
            known_from = await fetcher.fetch_chat(chat, report, sweep, stop)
            report.changes_known_from = known_from

        async def look_up(fetcher: Fetcher) -> None:
            if not await fetcher.look_up(chat, missing, stop):
                report.changes_known_from = None

        await self._pump(fetch, writer, throttle)
        missing = sorted(set(writer.missing), reverse=True)
        if missing and refresh.is_on and not stop.is_set():
            await self._pump(look_up, writer, throttle)

    async def _pump(
        self, feed: Callable[[Fetcher], Awaitable[None]], writer: PageWriter, throttle: Throttle
    ) -> None:
        """Run the pipeline until what `feed` fetches is committed; raises the error that ended it."""
        pages: asyncio.Queue[Fetched | None] = asyncio.Queue(self.bounds.fetch_queue)
        rows: asyncio.Queue[Processed | None] = asyncio.Queue(self.bounds.write_queue)
        processor = PageProcessor(self.decoder, self.pool, self.source.account_id)
        fetcher = Fetcher(self.source, self.archive, pages, throttle, walkers=self.bounds.requests)
        failure: TobsError | None
        try:
            async with asyncio.TaskGroup() as group:
                fetching = group.create_task(_feed_pages(feed, fetcher, pages))
                group.create_task(processor.process_pages(pages, rows))
                group.create_task(writer.write_pages(rows))
        except* TobsError as errors:
            failure = _first_error(errors)
        else:
            failure = fetching.result()
        if failure:
            raise failure

    async def _draw(self, report: RunReport) -> None:
        try:
            report.render = await self.projector.draw_stale()
        except TobsError as error:
            self._note_end(report, error)

    def _note_end(self, report: RunReport, error: TobsError) -> None:
        if not any(each.error == str(error) for each in report.chats):
            self.emit(Failed(str(error), hint=error.hint, exit_code=error.exit_code))
        report.error, report.exit_code = str(error), error.exit_code


async def _feed_pages(
    feed: Callable[[Fetcher], Awaitable[None]], fetcher: Fetcher, pages: asyncio.Queue[Fetched | None]
) -> TobsError | None:
    """Return the error that ended the fetching: what came before it is still to be committed."""
    try:
        await feed(fetcher)
    except TobsError as error:
        return error
    finally:
        await pages.put(None)
    return None


def _first_error(group: BaseExceptionGroup[TobsError]) -> TobsError:
    first: BaseException = group
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    assert isinstance(first, TobsError)
    return first


def judge_run(report: RunReport, *, is_stopped: bool) -> int:
    """Return the exit code that the report amounts to (DESIGN section 7)."""
    if report.error:
        return report.exit_code
    if is_stopped:
        return EXIT_INTERRUPTED
    failures = {each.exit_code for each in report.chats if each.error}
    if failures and all(each.error for each in report.chats):
        return failures.pop() if len(failures) == 1 else TobsError.exit_code
    if failures or not all(each.tally.is_complete for each in report.chats):
        return EXIT_INCOMPLETE
    return EXIT_DONE
