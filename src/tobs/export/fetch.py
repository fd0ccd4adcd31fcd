"""Walks a chat's windows page by page, from the newest message down."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from tobs.core.model import Chat, Decoded
from tobs.core.ports import Archive, RawPage, Source
from tobs.core.ranges import Range
from tobs.errors import ServerError
from tobs.export.plan import cover_page, plan_windows


@dataclass(slots=True)
class Fetched:
    """A page on its way, and the place where process says what it holds."""

    page: RawPage
    decoded: asyncio.Future[Decoded]


class Fetcher:
    """Asks for what the archive lacks of one chat and puts each answer into a bounded queue.

    One request is in flight; the next one needs the lowest id of the page before, which process
    hands back as soon as it has decoded it.
    """

    def __init__(self, source: Source, archive: Archive, pages: asyncio.Queue[Fetched | None]) -> None:
        self._source = source
        self._archive = archive
        self._pages = pages

    async def fetch_chat(self, chat: Chat, stop: asyncio.Event) -> None:
        """Fetch every id from 1 to the chat's top that is not covered; ends early when `stop` is set."""
        newest = await self._ask(chat, top=0, low=1)
        if newest.highest is None or newest.lowest is None:
            return
        asked = Range(1, newest.highest)
        await self._archive.note_asked(chat, asked)
        covered = [*await self._archive.covered_ranges(chat), Range(newest.lowest, newest.highest)]
        for window in plan_windows(covered, asked):
            await self._walk(chat, window, stop)

    async def _walk(self, chat: Chat, window: Range, stop: asyncio.Event) -> None:
        top = window.high
        while top >= window.low and not stop.is_set():
            decoded = await self._ask(chat, top=top, low=window.low)
            covers = cover_page(Range(window.low, top), decoded)
            if covers is None:
                # Without progress the walk would go on for ever.
                raise ServerError(
                    f"Telegram listed messages of {chat.title} above {top}, which were not asked for."
                )
            top = covers.low - 1

    async def _ask(self, chat: Chat, *, top: int, low: int) -> Decoded:
        page = await self._source.fetch_history(chat, top=top, low=low)
        decoded: asyncio.Future[Decoded] = asyncio.get_running_loop().create_future()
        await self._pages.put(Fetched(page, decoded))
        return await decoded
