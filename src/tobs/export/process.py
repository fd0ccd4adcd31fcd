"""Turns raw pages into rows on the worker pool, which knows where CPU time is free."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial

from tobs.core.model import Decoded
from tobs.core.ports.services import Pool
from tobs.core.ports.source import Decoder, RawPage
from tobs.core.ranges import Range
from tobs.errors import Damaged
from tobs.export.fetch import Fetched
from tobs.export.isolate import name_unreadable
from tobs.export.plan import cover_page, lacks_media


@dataclass(slots=True)
class Processed:
    """A page as rows, and the ids that it accounts for."""

    page: RawPage
    decoded: Decoded
    covers: Range | None
    is_lookup: bool = False


class PageProcessor:
    """Decodes pages from one queue into another, several at once when there are processes for it."""

    def __init__(self, decoder: Decoder, pool: Pool, account_id: int) -> None:
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
                await rows.put(Processed(page, decoded, covers, fetched.is_lookup))
            if not fetched.decoded.done():  # a walker that was cancelled waits no more
                fetched.decoded.set_result(decoded)
        await pages.put(None)  # for the next lane; there is room, this was the last

    async def _decode(self, page: RawPage) -> Decoded:
        is_forum = page.chat.kind == "forum"
        decode = partial(self._decoder, chat_id=page.chat.id, account=self._account_id, is_forum=is_forum)
        return await self._pool.run_apart(decode, page.raw)
