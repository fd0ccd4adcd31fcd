"""Draws what changed: from committed messages to files, without the network.

The same archive always gives the same bytes, whatever the order in which it was filled. A day is
forgotten as stale only when all its files stand, so a kill costs a second drawing and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tobs.core.events import Progressed
from tobs.core.model import Chat
from tobs.core.ports.ledger import Ledger
from tobs.core.ports.reader import Reader
from tobs.core.ports.services import Emit, Pool
from tobs.core.ports.writer import ABOUT, INDEX, Partition, Rendering, Writer
from tobs.core.report import RenderReport
from tobs.export.place import Placer


class Projector:
    """Keeps the files of an export folder equal to what its archive says."""

    def __init__(
        self, root: Path, ledger: Ledger, reader: Reader, writer: Writer, pool: Pool, emit: Emit
    ) -> None:
        self._root = root
        self._ledger = ledger
        self._reader = reader
        self._writer = writer
        self._pool = pool
        self._emit = emit

    async def draw_stale(self, *, overwrite: bool = False, redraw: bool = False) -> RenderReport:
        """Draw every partition whose messages, links or names changed, or whose file is gone.

        `overwrite` replaces files that their owner changed, `redraw` draws everything. Raises DiskFull
        or ForeignFolder.
        """
        report = RenderReport()
        placer = Placer(self._root, self._ledger, self._writer, self._pool, report, overwrite=overwrite)
        everything = overwrite or redraw
        chats = await self._pool.run(self._reader.chats)
        for chat in chats:
            await placer.open_chat(chat)
            await self._draw_chat(chat, placer, everything=everything)
        await self._draw_moved_links([each for each in chats if _is_linked(each, chats)], placer)
        await self._draw_index(placer, everything=everything)
        for paths in (report.written, report.removed, report.kept, report.foreign):
            paths[:] = dict.fromkeys(paths)  # a second round of a chat meets the same files again
        return report

    async def _draw_moved_links(self, chats: list[Chat], placer: Placer) -> None:
        """Draw channels and their comments until no part moves that one links to in the other."""
        while [each for each in chats if await self._ledger.stale_days(each)]:
            for chat in chats:
                await placer.open_chat(chat)
                await self._draw_chat(chat, placer, everything=False)

    async def _draw_chat(self, chat: Chat, placer: Placer, *, everything: bool) -> None:
        await self._ledger.reserve_topics(chat)
        missing = await placer.find_missing()
        is_first = True
        # Moved parts make the days that link into them stale; the second round finds no more of those.
        while stale := await self._find_stale(chat, missing, everything=everything and is_first):
            days, keys, partitions = stale
            for number, partition in enumerate(partitions, start=1):
                await self._draw_partition(partition, placer)
                self._tell(chat, number, len(partitions))
            if everything or ABOUT in missing.union(keys):
                await placer.place(await self._pool.run(self._writer.render_about, chat))
            await self._ledger.clear_stale(chat, days)
            await self._ledger.clear_partitions(chat, keys)
            missing, is_first = set(), False

    async def _find_stale(
        self, chat: Chat, missing: set[str], *, everything: bool
    ) -> tuple[list[tuple[int | None, int]], list[str], list[Partition]] | None:
        """Return the stale days and partition keys of a chat, and what must be drawn for them."""
        days = await self._ledger.stale_days(chat)
        keys = await self._ledger.stale_partitions(chat)
        wanted = missing.union(keys)
        if not (days or wanted or everything):
            return None
        partitions = self._writer.partitions(chat, days)
        if everything or wanted - {ABOUT}:
            known = {each.key for each in partitions}
            every = await self._pool.run(list_partitions, self._reader, self._writer, chat)
            partitions += [
                each for each in every if each.key not in known and (everything or each.key in wanted)
            ]
        return days, keys, partitions

    async def _draw_partition(self, partition: Partition, placer: Placer) -> None:
        before = placer.paths_of(partition.key)
        parts = self._writer.render(partition)
        paths: set[str] = set()
        written = 0
        while rendering := await self._pool.run(next_part, parts):
            written += await placer.place(rendering)
            paths.add(rendering.path)
        await placer.remove_other(partition.key, paths)
        if before and written and max(len(before), len(paths)) > 1:
            # Messages may have moved to another part since the notes that link to them were drawn.
            await self._ledger.mark_linking(
                partition.chat, topic_id=partition.topic_id, start=partition.start, end=partition.end
            )

    async def _draw_index(self, placer: Placer, *, everything: bool) -> None:
        await placer.open_chat(None)
        keys = await self._ledger.stale_partitions(None)
        if everything or keys or INDEX in await placer.find_missing():
            await placer.place(await self._pool.run(self._writer.render_index))
            await self._ledger.clear_partitions(None, keys)

    def _tell(self, chat: Chat, done: int, total: int) -> None:
        self._emit(
            Progressed(
                entity_name=chat.title,
                messages_processed=done,
                total_messages=total,
                stage="render",
                percentage=round(100 * done / total, 1),
            )
        )


def list_partitions(reader: Reader, writer: Writer, chat: Chat) -> list[Partition]:
    """Return every partition that a chat has messages for."""
    topics: list[int | None] = list(reader.topics(chat)) if chat.main_topic else [None]
    days = [(topic, day) for topic in topics for day in reader.days(chat, topic_id=topic)]
    return writer.partitions(chat, days)


def _is_linked(chat: Chat, chats: list[Chat]) -> bool:
    """Tell whether a chat is a channel with comments, or the group of them."""
    return bool(chat.discussion_id) or any(each.discussion_id == chat.id for each in chats)


def next_part(parts: Iterator[Rendering]) -> Rendering | None:
    """Return the next file of a partition, or None at the end; to be called in a worker thread."""
    return next(parts, None)
