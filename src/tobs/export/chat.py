"""One chat of a run: which of its messages are asked for, and what is done when they are in."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from tobs.core.events import Said
from tobs.core.model import Chat
from tobs.core.ports.source import Search
from tobs.core.ranges import Range
from tobs.core.report import SHOWN_UNREADABLE, AskedRange, ChatReport
from tobs.core.request import Refresh
from tobs.core.span import EVERYTHING, Limits
from tobs.errors import NoAccess, Stopped, TobsError
from tobs.export.anchor import Anchored, Anchorer
from tobs.export.catchup import CatchUp
from tobs.export.choose import ENDS_THE_RUN, Wanted, note_failure
from tobs.export.fetch import Fetcher, Reading, Sweep
from tobs.export.pipeline import Pipeline
from tobs.export.search import ChatSearch
from tobs.export.topics import TopicNamer

log = logging.getLogger("tobs.run")


@dataclass(slots=True)
class ChatExporter:
    """Brings the archive up to date with what a run wants of each chat."""

    pipeline: Pipeline
    stop: asyncio.Event
    catch_up: CatchUp
    refresh: Refresh
    limits: Limits = EVERYTHING
    searches: Sequence[Search] = ()
    hand_over: Callable[[Chat], None] = field(default=lambda _chat: None)
    _counted: dict[int, int] = field(default_factory=dict)

    def order_chats(self, chats: list[Wanted]) -> list[Wanted]:
        """Return the chats in the order in which they are to be exported.

        A group comes before the supergroup that it became; but of the newest messages it has only those
        that the supergroup lacks.
        """
        return sorted(chats, key=lambda each: bool(each.chat.migrated_to)) if self.limits.last else chats

    async def export_chat(self, chat: Chat, report: ChatReport) -> None:
        """Fetch what is wanted and fill in the report; raises only what the next chat would meet as well."""
        async with self.reporting(chat, report):
            if self.searches:
                search = ChatSearch(self.pipeline, chat, report, self.stop)
                await search.store_found(self.searches, self.limits)
            elif self.limits.is_open:
                await self._fetch_whole(chat, report)
            elif limits := self._limit_half(chat, report):
                await self._fetch_part(chat, report, limits)

    @asynccontextmanager
    async def reporting(self, chat: Chat, report: ChatReport) -> AsyncIterator[TopicNamer]:
        """Name topics around a fetch, try again what could not be read, and put down how it ended."""
        line = self.pipeline
        topics = TopicNamer(line.source, line.archive, line.clock, line.emit)
        begin = line.clock.monotonic()
        log.info("%s: begun (id %d)", chat.title, chat.id)
        try:
            await line.horizon.recall(chat)
            unreadable = await line.archive.unreadable_layers(chat)
            await topics.list_once(chat)
            yield topics
            await self._try_again(chat, report, unreadable)
            await topics.name_rest(chat)
        except Stopped:
            report.is_interrupted = True
            raise
        except TobsError as error:
            report.changes_known_from = None
            if chat.migrated_to and isinstance(error, NoAccess):
                self._leave_out(chat, report)
                return
            note_failure(line.emit, report, error)
            if isinstance(error, ENDS_THE_RUN):
                raise
        finally:
            report.fetch_seconds = round(line.clock.monotonic() - begin, 3)
            log.info("%s: fetched %d pages in %.1f s", chat.title, report.pages, report.fetch_seconds)
            report.tally = await line.archive.tally(chat)
            self.hand_over(chat)
            report.unreadable = sorted(await line.archive.unreadable_layers(chat))[:SHOWN_UNREADABLE]
            is_cut = report.searched is not None and not report.searched.is_whole
            report.is_interrupted |= self.stop.is_set() and (is_cut or not report.tally.is_complete)

    def _limit_half(self, chat: Chat, report: ChatReport) -> Limits | None:
        """Return the limits as they hold for a half, or None, with the reason in the report, when they leave nothing of it."""
        limits = self.limits
        if not chat.migrated_to:
            return limits
        if limits.low > 1 or limits.high is not None:
            report.left_out = "--from-id and --to-id are ids of the supergroup"
            return None
        if not limits.last:
            return limits
        missing = limits.last - self._counted.get(chat.migrated_to, 0)
        if missing > 0:
            return replace(limits, last=missing)
        report.left_out = "the supergroup alone has as many messages as --last wants"
        return None

    def _leave_out(self, group: Chat, report: ChatReport) -> None:
        """Say that a group cannot be read; that is no failure of the supergroup, nor of a later run."""
        report.error = (
            f"this account cannot read the basic group that {group.title} was before (id {group.id}),"
            " so its messages are left out"
        )
        self.pipeline.emit(Said("warning", f"{report.error[0].upper()}{report.error[1:]}."))

    async def _fetch_whole(self, chat: Chat, report: ChatReport) -> None:
        """Catch up and fetch what is new, or sweep."""
        readings: list[Reading] = []

        async def fetch(fetcher: Fetcher, sweep: Sweep | None) -> None:
            readings.append(await fetcher.fetch_chat(chat, report, sweep, self.stop))

        is_current = await self._fetch_and_sweep(chat, report, fetch)
        if not self.stop.is_set():
            await self._note_known(chat, report, readings[0], is_current=is_current)

    async def fetch_thread(self, chat: Chat, root: int, report: ChatReport) -> None:
        """Fetch a topic, or the answers below a message, in the same way.

        A sweep of it tells nothing of the rest of the chat, so that only a chain says what is known.
        """

        async def fetch(fetcher: Fetcher, sweep: Sweep | None) -> None:
            await fetcher.fetch_thread(chat, root, report, sweep, self.stop)

        is_current = await self._fetch_and_sweep(chat, report, fetch, scope=root)
        chain = await self.pipeline.archive.chains.read(chat)
        if chain and not report.difference:  # it began with this thread: nothing else of the chat was stored
            is_current, report.difference = True, "begun"
        if chain and is_current and not self.stop.is_set():
            report.changes_known_from = chain.known_from

    async def _fetch_and_sweep(
        self,
        chat: Chat,
        report: ChatReport,
        feed: Callable[[Fetcher, Sweep | None], Awaitable[None]],
        *,
        scope: int = 0,
    ) -> bool:
        """Fetch what is new, and sweep unless Telegram tells what changed; then look up what pages left out.

        Tell whether Telegram did, so that what is stored is up to date.
        """
        is_current = await self.catch_up.follow_chat(chat, report)
        throttle = self.pipeline.make_throttle()
        writer = self.pipeline.make_writer(chat, report, scope)
        is_swept = not is_current or (self.refresh.is_asked and self.refresh.is_on)
        sweep = Sweep(self.refresh, self.pipeline.clock.now()) if is_swept else None

        async def fetch(fetcher: Fetcher) -> None:
            await feed(fetcher, sweep)

        async def look_up(fetcher: Fetcher) -> None:
            await fetcher.look_up(chat, missing, self.stop)

        await self.pipeline.run(fetch, writer, throttle)
        missing = sorted(set(writer.missing), reverse=True)
        if missing and not self.stop.is_set():
            await self.pipeline.run(look_up, writer, throttle)
        return is_current

    async def _note_known(
        self, chat: Chat, report: ChatReport, reading: Reading, *, is_current: bool
    ) -> None:
        """Say down to where all changes are known, now that all is committed."""
        chains = self.pipeline.archive.chains
        if reading.known_from:
            await chains.renew(chat, reading.pts, reading.known_from)
        chain = await chains.read(chat)
        report.changes_known_from = chain.known_from if chain and is_current else reading.known_from
        if chain and not report.difference:
            report.difference = "begun"

    async def _try_again(self, chat: Chat, report: ChatReport, unreadable: dict[int, int]) -> None:
        """Ask once more for what earlier runs could not read: Telegram, or this version, may say it otherwise now."""

        async def look_up(fetcher: Fetcher) -> None:
            await fetcher.try_again(chat, unreadable, self.stop)

        if unreadable and not self.stop.is_set():
            writer = self.pipeline.make_writer(chat, report)
            await self.pipeline.run(look_up, writer, self.pipeline.make_throttle())

    async def fetch_message(self, chat: Chat, message_id: int, report: ChatReport) -> bool:
        """Fetch one message; tell whether the chat has it, or had it when it was archived."""
        archive = self.pipeline.archive
        await self._fetch_part(chat, report, Limits(low=message_id, high=message_id))
        stored = await archive.count_stored(chat, Range(message_id, message_id))
        is_known = stored or message_id in await archive.unreadable_layers(chat)
        return self.stop.is_set() or bool(is_known)

    async def _fetch_part(self, chat: Chat, report: ChatReport, limits: Limits) -> None:
        """Catch up with what is stored, and fetch what the limits leave of a chat."""
        chains = self.pipeline.archive.chains
        is_current = await self.catch_up.follow_chat(chat, report)
        anchorer = Anchorer(self.pipeline.source, self.pipeline.decoder, self.pipeline.pool)
        hidden = 0 if limits.start is None else await self.pipeline.horizon.consult(chat)
        anchored = await anchorer.find_range(chat, limits, hidden=hidden)
        if anchored:
            if await chains.begin(chat, anchored.pts):
                is_current, report.difference = True, report.difference or "begun"
            await self._fetch_anchored(chat, report, limits, anchored)
        chain = await chains.read(chat)
        if is_current and chain and not self.stop.is_set():
            report.changes_known_from = chain.known_from

    async def _fetch_anchored(
        self, chat: Chat, report: ChatReport, limits: Limits, anchored: Anchored
    ) -> None:
        """Fetch a range; once it is stored, it is counted whether it is enough."""
        pipeline = self.pipeline
        anchorer = Anchorer(pipeline.source, pipeline.decoder, pipeline.pool)
        stored = await pipeline.archive.count_stored(chat, anchored.ids)
        await pipeline.source.expect(max(0, int(anchored.density * anchored.ids.size) - stored))
        while True:
            report.asked = AskedRange(*anchored.ids, is_part=True, since=limits.since, until=limits.until)
            if anchored.is_whole:
                await pipeline.archive.note_whole(chat, anchored.ids.high)
            await self._fetch_range(chat, report, anchored.ids)
            self._counted[chat.id] = await pipeline.archive.count_stored(chat, anchored.ids)
            missing = (limits.last or 0) - self._counted[chat.id]
            is_whole = not anchored.is_counted or anchored.ids.low <= anchored.floor
            if missing <= 0 or is_whole or self.stop.is_set():
                return
            anchored = await anchorer.reach_further(chat, anchored, missing)

    async def _fetch_range(self, chat: Chat, report: ChatReport, asked: Range) -> None:
        async def fetch(fetcher: Fetcher) -> None:
            await fetcher.fetch_range(chat, asked, self.stop)

        writer = self.pipeline.make_writer(chat, report)
        await self.pipeline.run(fetch, writer, self.pipeline.make_throttle())
