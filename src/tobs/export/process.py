"""Turns raw pages into rows on the worker pool, which knows where CPU time is free."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial

from tobs._util.timing import time_work
from tobs.core.model import Decoded
from tobs.core.ports.services import Pool
from tobs.core.ports.source import Decoder, RawPage
from tobs.core.ranges import Range
from tobs.errors import Damaged
from tobs.export.fetch import Fetched
from tobs.export.isolate import name_unreadable
from tobs.export.plan import cover_page, lacks_media
from tobs.export.stopwatch import Stopwatch


@dataclass(slots=True)
class Processed:
    """A page as rows, and the ids that it accounts for; `ready_at` (monotonic) is since when it waits to be committed."""

    page: RawPage
    decoded: Decoded
    covers: Range | None
    is_lookup: bool = False
    ready_at: float = 0


def refuse_foreign(decoded: Decoded) -> None:
    """Raise Damaged when an answer lists messages of another chat: stored, they would stand where they were not said."""
    if decoded.is_foreign:
        raise Damaged("An answer of Telegram cannot be used: it lists messages of another chat.")


class PageProcessor:
    """Decodes pages from one queue into another, several at once when there are processes for it."""

    def __init__(self, decoder: Decoder, pool: Pool, account_id: int, stopwatch: Stopwatch) -> None:
        self._stopwatch = stopwatch
        self._decoder = decoder
        self._pool = pool
        self._account_id = account_id

    async def process_pages(
        self, pages: asyncio.Queue[Fetched | None], rows: asyncio.Queue[Processed | None]
    ) -> None:
        """Decode pages until None comes, and pass that on. Who asked for bytes that are no page gets Damaged."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._pool.lanes):
                group.create_task(self._process_lane(pages, rows))
        await rows.put(None)

    async def _process_lane(
        self, pages: asyncio.Queue[Fetched | None], rows: asyncio.Queue[Processed | None]
    ) -> None:
        while (fetched := await pages.get()) is not None:
            page = fetched.page
            try:
                decoded = await self._decode(page)
            except Damaged as error:
                if not fetched.decoded.done():
                    fetched.decoded.set_exception(error)
                continue
            if fetched.unreadable:
                name_unreadable(decoded, fetched.unreadable)
            if not fetched.is_probe and not lacks_media(page, decoded):
                # Handed on before the walker hears of it: whatever it asks next, this page is in line.
                proves = page.proves and not fetched.is_lookup
                covers = cover_page(page.asked, decoded) if proves else None
                ready_at = self._stopwatch.now()
                await rows.put(Processed(page, decoded, covers, fetched.is_lookup, ready_at))
            if not fetched.decoded.done():  # a walker that was cancelled waits no more
                fetched.decoded.set_result(decoded)
        await pages.put(None)  # for the next lane; there is room, this was the last

    async def _decode(self, page: RawPage) -> Decoded:
        is_forum = page.chat.kind == "forum"
        decode = partial(self._decoder, chat_id=page.chat.id, account=self._account_id, is_forum=is_forum)
        arrived_at = page.sent_at + page.latency_seconds
        try:
            decoded, worked_s = await self._pool.run_apart(partial(time_work, decode), page.raw)
            refuse_foreign(decoded)
        except Damaged:
            self._stopwatch.meter.record_stage("pipeline_process", 0, error=True)
            raise
        self._stopwatch.record("pipeline_process", arrived_at, worked_s)
        return decoded
