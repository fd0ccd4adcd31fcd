"""Draws what changed: from committed messages to files, without the network.

The same archive always gives the same bytes, whatever the order in which it was filled. A day is
forgotten as stale only when all its files stand, so a kill costs a second drawing and nothing else.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from tobs.core.events import Progressed
from tobs.core.model import Chat
from tobs.core.ports.ledger import Ledger
from tobs.core.ports.reader import Reader
from tobs.core.ports.services import Emit, Pool
from tobs.core.ports.writer import ABOUT, INDEX, Partition, Writer
from tobs.core.report import RenderReport
from tobs.core.request import DAY_SECONDS
from tobs.export.draw import Take, draw_ahead
from tobs.export.place import Placer

Day = tuple[int | None, int]
"""A topic or None, and a UTC day."""

_Half = tuple[Chat, list[Day], list[str]]


@dataclass(slots=True)
class _Stale:
    """What of a chat is out of date: by half as the ledger says it, and as partitions; `gone` are no more."""

    halves: list[_Half]
    wanted: set[str]
    partitions: list[Partition]
    gone: list[str]


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
        chats = await self._pool.run(self._reader.drawn_chats)
        for chat in chats:
            await placer.open_chat(chat)
            await self._draw_chat(chat, placer, everything=everything)
        await self._draw_moved_links([each for each in chats if _is_linked(each, chats)], placer)
        for chat in await self._pool.run(self._reader.chats):
            if chat not in chats:
                await placer.open_chat(chat)
                await placer.remove_all()
        await placer.open_chat(None)
        if chats:
            await self._draw_index(placer, everything=everything)
        else:
            await placer.remove_all()
        for paths in (report.written, report.removed, report.kept, report.left, report.foreign):
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
            await self._draw_partitions(chat, stale.partitions, placer)
            if everything or ABOUT in stale.wanted:
                about = await self._pool.run(self._writer.render_about, chat)
                await placer.place(about)
                await placer.remove_other(ABOUT, {about.path})
            for key in stale.gone:
                await placer.remove_other(key, set())
            for half, days, keys in stale.halves:
                await self._ledger.clear_stale(half, days)
                await self._ledger.clear_partitions(half, keys)
            missing, is_first = set(), False

    async def _find_stale(self, chat: Chat, missing: set[str], *, everything: bool) -> _Stale | None:
        """Return what of a chat is stale, in all its halves, and what must be drawn for it."""
        halves = [each async for each in self._ask_halves(chat)]
        days = [day for _, found, _ in halves for day in found]
        wanted = missing.union(*(keys for _, _, keys in halves))
        if not (days or wanted or everything):
            return None
        days += await self._pool.run(find_moves, self._reader, chat, days)
        partitions = self._writer.partitions(chat, days)
        gone: set[str] = set()
        if everything or wanted - {ABOUT}:
            known = {each.key for each in partitions}
            every = await self._pool.run(list_partitions, self._reader, self._writer, chat)
            partitions += [
                each for each in every if each.key not in known and (everything or each.key in wanted)
            ]
            gone = wanted - {ABOUT} - {each.key for each in partitions}
        return _Stale(halves, wanted, partitions, sorted(gone))

    async def _ask_halves(self, chat: Chat) -> AsyncIterator[_Half]:
        """Yield each half with its stale days and partition keys.

        When messages of the group changed or moved, what the supergroup says of them has to follow.
        """
        for half in await self._pool.run(self._reader.halves, chat):
            days = await self._ledger.stale_days(half)
            if days and half.migrated_to:
                await self._ledger.mark_crossing(chat, half)
            yield half, days, await self._ledger.stale_partitions(half)

    async def _draw_partitions(self, chat: Chat, partitions: list[Partition], placer: Placer) -> None:
        parts = [await self._pool.run(self._writer.list_parts, each) for each in partitions]
        async with draw_ahead(self._pool, self._writer, chain(*parts)) as take:
            for number, partition in enumerate(partitions, start=1):
                await self._place_partition(partition, len(parts[number - 1]), take, placer)
                self._tell(chat, number, len(partitions))

    async def _place_partition(self, partition: Partition, parts: int, take: Take, placer: Placer) -> None:
        before = placer.paths_of(partition.key)
        paths: set[str] = set()
        written = 0
        for _ in range(parts):
            if rendering := await take():
                written += await placer.place(rendering)
                paths.add(rendering.path)
        await placer.remove_other(partition.key, paths)
        if before and written and max(len(before), len(paths)) > 1:
            # Messages may have moved to another part since the notes that link to them were drawn.
            for half in await self._pool.run(self._reader.halves, partition.chat):
                topic_id = None if half.migrated_to else partition.topic_id
                await self._ledger.mark_linking(
                    half, topic_id=topic_id, start=partition.start, end=partition.end
                )

    async def _draw_index(self, placer: Placer, *, everything: bool) -> None:
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
    days += [(None, day) for group in reader.halves(chat)[:-1] for day in reader.days(group, topic_id=None)]
    return writer.partitions(chat, days)


def find_moves(reader: Reader, chat: Chat, days: list[Day]) -> list[Day]:
    """Return the day on which a group ended, when that on which its supergroup began is among `days`.

    The last message of the group links to the first one of the supergroup.
    """
    *groups, head = reader.halves(chat)
    begun = reader.find_move(head) if groups else None
    if begun is None or (begun.topic_id, begun.date // DAY_SECONDS) not in days:
        return []
    ends = (reader.find_move(each) for each in groups)
    return [(None, each.date // DAY_SECONDS) for each in ends if each]


def _is_linked(chat: Chat, chats: list[Chat]) -> bool:
    """Tell whether a chat is a channel with comments, or the group of them."""
    return bool(chat.discussion_id) or any(each.discussion_id == chat.id for each in chats)
