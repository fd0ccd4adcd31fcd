"""Turns raw pages into rows on the worker pool."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial

from tobs.core.model import Decoded
from tobs.core.ports import Decoder, Pool, RawPage, TaskPriority
from tobs.core.ranges import Range
from tobs.export.fetch import Fetched
from tobs.export.plan import cover_page


@dataclass(slots=True)
class Processed:
    """A page as rows, and the ids that it accounts for."""

    page: RawPage
    decoded: Decoded
    covers: Range | None


async def process_pages(
    pages: asyncio.Queue[Fetched | None],
    rows: asyncio.Queue[Processed | None],
    *,
    decoder: Decoder,
    pool: Pool,
    account_id: int,
) -> None:
    """Decode pages until None comes, and pass them on in the same order."""
    while (fetched := await pages.get()) is not None:
        page = fetched.page
        decode = partial(
            decoder, chat_id=page.chat.id, account=account_id, is_forum=page.chat.kind == "forum"
        )
        decoded = await pool.run(decode, page.raw, priority=TaskPriority.HIGH)
        # Handed on before the walker hears of it: whatever it asks next, this page is in line.
        await rows.put(Processed(page, decoded, cover_page(page.asked, decoded)))
        fetched.decoded.set_result(decoded)
    await rows.put(None)
