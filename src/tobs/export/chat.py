"""One chat of a run: which of its messages are asked for, and what is done when they are in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tobs.core.model import Chat
from tobs.core.ranges import Range
from tobs.core.report import AskedRange, ChatReport
from tobs.core.request import Refresh
from tobs.core.span import EVERYTHING, Limits
from tobs.errors import ChatNotFound, TobsError
from tobs.export.anchor import Anchorer
from tobs.export.choose import ENDS_THE_RUN, note_failure
from tobs.export.fetch import Fetcher, Sweep
from tobs.export.pipeline import Pipeline
from tobs.export.topics import TopicNamer
from tobs.export.write import PageWriter


@dataclass(slots=True)
class ChatExporter:
    """Brings the archive up to date with what a run wants of each chat."""

    pipeline: Pipeline
    stop: asyncio.Event
    refresh: Refresh
    limits: Limits = EVERYTHING

    async def export_chat(self, chat: Chat, report: ChatReport) -> None:
        """Fetch what is wanted and fill in the report; raises only what the next chat would meet as well."""
        async with self.reporting(chat, report):
            if self.limits.is_open:
                await self._fetch_whole(chat, report)
            else:
                await self._fetch_part(chat, report, self.limits)

    @asynccontextmanager
    async def reporting(self, chat: Chat, report: ChatReport) -> AsyncIterator[TopicNamer]:
        """Name topics around a fetch, and put down in the report how it ended."""
        line = self.pipeline
        topics = TopicNamer(line.source, line.archive, line.clock, line.emit)
        try:
            await topics.list_once(chat)
            yield topics
            await topics.name_rest(chat)
        except TobsError as error:
            report.changes_known_from = None
            note_failure(line.emit, report, error)
            if isinstance(error, ENDS_THE_RUN):
                raise
        finally:
            report.tally = await line.archive.tally(chat)
            report.is_interrupted = self.stop.is_set() and not report.tally.is_complete

    async def _fetch_whole(self, chat: Chat, report: ChatReport) -> None:
        async def fetch(fetcher: Fetcher, sweep: Sweep) -> None:
            known_from = await fetcher.fetch_chat(chat, report, sweep, self.stop)
            report.changes_known_from = known_from

        await self._fetch_and_sweep(chat, report, fetch)

    async def fetch_thread(self, chat: Chat, root: int, report: ChatReport) -> None:
        """Fetch a topic, or the answers below a message."""

        async def fetch(fetcher: Fetcher, sweep: Sweep) -> None:
            await fetcher.fetch_thread(chat, root, report, sweep, self.stop)

        await self._fetch_and_sweep(chat, report, fetch, scope=root)

    async def _fetch_and_sweep(
        self,
        chat: Chat,
        report: ChatReport,
        feed: Callable[[Fetcher, Sweep], Awaitable[None]],
        *,
        scope: int = 0,
    ) -> None:
        """Fetch what is new and sweep; then, when all pages are in, look up by id what they left out."""
        throttle = self.pipeline.make_throttle()
        writer = self._make_writer(chat, report, scope)
        sweep = Sweep(self.refresh, self.pipeline.clock.now())

        async def fetch(fetcher: Fetcher) -> None:
            await feed(fetcher, sweep)

        async def look_up(fetcher: Fetcher) -> None:
            if not await fetcher.look_up(chat, missing, self.stop):
                report.changes_known_from = None

        await self.pipeline.run(fetch, writer, throttle)
        missing = sorted(set(writer.missing), reverse=True)
        if missing and self.refresh.is_on and not self.stop.is_set():
            await self.pipeline.run(look_up, writer, throttle)

    async def fetch_message(self, chat: Chat, message_id: int, report: ChatReport) -> None:
        """Fetch one message. Raises ChatNotFound when the chat has none with that id."""
        await self._fetch_part(chat, report, Limits(low=message_id, high=message_id))
        if not (
            self.stop.is_set()
            or await self.pipeline.archive.count_stored(chat, Range(message_id, message_id))
        ):
            raise ChatNotFound(f"{chat.title} has no message {message_id}.", hint="It may have been deleted.")

    async def _fetch_part(self, chat: Chat, report: ChatReport, limits: Limits) -> None:
        """Fetch what the limits leave of a chat; once it is stored, it is counted whether it is enough."""
        pipeline = self.pipeline
        anchorer = Anchorer(pipeline.source, pipeline.decoder, pipeline.pool)
        anchored = await anchorer.find_range(chat, limits)
        while anchored:
            report.asked = AskedRange(*anchored.ids, is_part=True, since=limits.since, until=limits.until)
            await self._fetch_range(chat, report, anchored.ids)
            missing = (limits.last or 0) - await pipeline.archive.count_stored(chat, anchored.ids)
            is_whole = not anchored.is_counted or anchored.ids.low <= anchored.floor
            if missing <= 0 or is_whole or self.stop.is_set():
                return
            anchored = await anchorer.reach_further(chat, anchored, missing)

    async def _fetch_range(self, chat: Chat, report: ChatReport, asked: Range) -> None:
        async def fetch(fetcher: Fetcher) -> None:
            await fetcher.fetch_range(chat, asked, self.stop)

        writer = self._make_writer(chat, report)
        await self.pipeline.run(fetch, writer, self.pipeline.make_throttle())

    def _make_writer(self, chat: Chat, report: ChatReport, scope: int = 0) -> PageWriter:
        return PageWriter(self.pipeline.archive, self.pipeline.emit, chat, report, scope)
