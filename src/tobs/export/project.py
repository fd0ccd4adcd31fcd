"""Draws what changed: from committed messages to files, without the network.

The same archive always gives the same bytes, whatever the order in which it was filled. A day is
forgotten as stale only when all its files stand, so a kill costs a second drawing and nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

from tobs.core.events import Progressed
from tobs.core.fidelity import ChatFidelity, Omissions
from tobs.core.model import Chat
from tobs.core.ports.ledger import Ledger
from tobs.core.ports.meter import NO_METER, Meter
from tobs.core.ports.reader import FillingReader, Reader
from tobs.core.ports.services import Emit, Pool
from tobs.core.ports.writer import ABOUT, INDEX, Partition, Writer
from tobs.core.report import RenderReport
from tobs.core.request import DAY_SECONDS
from tobs.export.files import FileDrawer
from tobs.export.place import Placer
from tobs.export.settled import Day, SettledDrawer
from tobs.export.shelf import Shelf

_Half = tuple[Chat, list[Day], list[str]]


@dataclass(slots=True)
class _Stale:
    """What of a chat is out of date: by half as the ledger says it, and over all halves."""

    halves: list[_Half]
    days: list[Day]
    marks: dict[Day, int]
    keys: set[str]


class Projector:
    """Keeps the files of an export folder equal to what its archive says, in all its formats.

    `retired` are the other formats: a folder may have files of them from before. `shelf` gives media their places
    first; there is none for a folder that has no media of its own.
    """

    def __init__(
        self,
        root: Path,
        ledger: Ledger,
        reader: FillingReader,
        writers: list[Writer],
        retired: list[Writer],
        pool: Pool,
        emit: Emit,
        shelf: Shelf | None = None,
        meter: Meter = NO_METER,
    ) -> None:
        self._shelf = shelf
        self._meter = meter
        self._root = root
        self._ledger = ledger
        self._reader = reader
        self._writers = writers
        self._retired = retired
        self._pool = pool
        self._emit = emit
        self._settled = SettledDrawer(root, ledger, reader, writers, pool, meter)

    async def draw_stale(
        self,
        *,
        overwrite: bool = False,
        redraw: bool = False,
        only: Collection[Chat] = (),
        places_media: bool = True,
    ) -> RenderReport:
        """Draw every partition whose messages, links or names changed, or whose file is gone.

        Media get their places before, but not as long as some are coming, which are compared with them.

        `overwrite` replaces files that their owner changed, `redraw` draws everything, in both cases of the chats
        in `only` if there are any. Files of formats that are not chosen any more are removed. Raises DiskFull or
        ForeignFolder.
        """
        report = self._settled.take_report()
        placer = Placer(self._root, self._ledger, self._pool, report, overwrite=overwrite, meter=self._meter)
        everything = overwrite or redraw
        drawn = await self._pool.run(self._reader.drawn_chats)
        if self._shelf and places_media:
            await self._shelf.arrange(drawn)
        chats = [each for each in drawn if not only or each in only]
        for chat in chats:
            await self._draw_chat(chat, placer, everything=everything)
        await self._draw_moved_links([each for each in chats if _is_linked(each, chats)], placer)
        await self._draw_index(drawn, placer, everything=everything and not only)
        await self._remove_undrawn(drawn, placer)
        for paths in (report.written, report.removed, report.kept, report.left, report.foreign):
            paths[:] = dict.fromkeys(paths)  # a second round of a chat meets the same files again
        return report

    def following(
        self, chat: Chat, committed: asyncio.Event, *, awaits_files: bool
    ) -> AbstractAsyncContextManager[None]:
        """Draw what is settled of a chat while the block fetches it; see `SettledDrawer.following`."""
        return self._settled.following(chat, committed, awaits_files=awaits_files)

    async def find_lost(self) -> None:
        """Look whether all media are still where they were placed; what is nowhere any more is wanted again."""
        if self._shelf:
            await self._shelf.find_lost()

    async def list_fidelity(self, keys: Collection[tuple[int, int]]) -> list[ChatFidelity]:
        """Return what the files of these chats do not show; a group's messages stand in those of its supergroup."""
        found = []
        for chat in await self._pool.run(self._reader.drawn_chats):
            halves = await self._pool.run(self._reader.halves, chat)
            if any(each.key in keys for each in halves):
                fidelity = await self._pool.run(begin_fidelity, self._reader, chat)
                for writer in self._writers:
                    fidelity.formats[writer.name] = await self._ledger.omissions(chat, writer.name)
                found.append(fidelity)
        return found

    async def _draw_moved_links(self, chats: list[Chat], placer: Placer) -> None:
        """Draw channels and their comments until no part moves that one links to in the other."""
        while [each for each in chats if await self._ledger.stale_days(each)]:
            for chat in chats:
                await self._draw_chat(chat, placer, everything=False)

    async def _draw_chat(self, chat: Chat, placer: Placer, *, everything: bool) -> None:
        await self._ledger.reserve_topics(chat)
        is_first = True
        # Moved parts make the days that link into them stale; the second round finds no more of those.
        while True:
            stale = await self._find_stale(chat)
            is_done = True
            for writer in self._writers:
                if is_first or writer.traits.has_links:
                    await placer.turn_to(chat, writer)
                    missing = await placer.find_missing() if is_first else set()
                    keys = stale.keys | missing
                    if stale.days or keys or (everything and is_first):
                        await self._draw_format(
                            chat, writer, stale, keys, placer, everything=everything and is_first
                        )
                        is_done = False
            if is_done:
                return
            for half, days, marked in stale.halves:
                await self._ledger.clear_stale(half, days)
                await self._ledger.clear_partitions(half, marked)
            self._settled.forget(chat)
            is_first = False

    async def _draw_format(
        self, chat: Chat, writer: Writer, stale: _Stale, keys: set[str], placer: Placer, *, everything: bool
    ) -> None:
        """Draw what is stale of a chat in one format, and what these partition keys say."""
        drawer = FileDrawer(writer, placer, self._reader, self._ledger, self._pool)
        partitions, gone = await self._choose(chat, writer, stale, keys, everything=everything)
        await drawer.draw_partitions(partitions, lambda done: self._tell(chat, done, len(partitions)))
        for key in sorted(gone):
            await placer.remove_other(key, set())
            await self._ledger.keep_omissions(chat, writer.name, key, Omissions())
        # What a partition does not show is summed up there.
        await drawer.draw_about(chat)

    async def _find_stale(self, chat: Chat) -> _Stale:
        """Return what of a chat is stale, in all its halves."""
        halves = [each async for each in self._ask_halves(chat)]
        marks = await self._ledger.stale_marks(chat)
        days = [day for _, found, _ in halves for day in found]
        days += await self._pool.run(find_moves, self._reader, chat, days)
        return _Stale(halves, days, marks, {key for _, _, found in halves for key in found})

    async def _choose(
        self, chat: Chat, writer: Writer, stale: _Stale, keys: set[str], *, everything: bool
    ) -> tuple[list[Partition], set[str]]:
        """Return the partitions that have to be drawn, and the keys of those that are no more."""
        partitions = writer.partitions(chat, stale.days)
        if not everything:
            fresh = self._settled.list_fresh(chat, writer, partitions, stale.marks)
            partitions = [each for each in partitions if each.key in keys or each not in fresh]
        if not (everything or keys - {ABOUT}):
            return partitions, set()
        known = {each.key for each in partitions}
        every = await self._pool.run(list_partitions, self._reader, writer, chat)
        partitions += [each for each in every if each.key not in known and (everything or each.key in keys)]
        return partitions, keys - {ABOUT} - {each.key for each in partitions}

    async def _ask_halves(self, chat: Chat) -> AsyncIterator[_Half]:
        """Yield each half with its stale days and partition keys.

        When messages of the group changed or moved, what the supergroup says of them has to follow.
        """
        for half in await self._pool.run(self._reader.halves, chat):
            days = await self._ledger.stale_days(half)
            if days and half.migrated_to:
                await self._ledger.mark_crossing(chat, half)
            yield half, days, await self._ledger.stale_partitions(half)

    async def _draw_index(self, chats: list[Chat], placer: Placer, *, everything: bool) -> None:
        if not chats:
            return
        keys = await self._ledger.stale_partitions(None)
        for writer in self._writers:
            await placer.turn_to(None, writer)
            if everything or keys or INDEX in await placer.find_missing():
                await FileDrawer(writer, placer, self._reader, self._ledger, self._pool).draw_index()
        await self._ledger.clear_partitions(None, keys)

    async def _remove_undrawn(self, chats: list[Chat], placer: Placer) -> None:
        """Remove what was written of chats that have no files any more, and in formats that are not chosen."""
        others = [each for each in await self._pool.run(self._reader.chats) if each not in chats]
        drawn: list[Chat | None] = [*chats, None] if chats else []
        undrawn: list[Chat | None] = [*others] if chats else [*others, None]
        for writer in (*self._writers, *self._retired):
            left = undrawn if writer in self._writers else [*drawn, *undrawn]
            for chat in left:
                await placer.turn_to(chat, writer)
                await placer.remove_all()

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


def begin_fidelity(reader: Reader, chat: Chat) -> ChatFidelity:
    """Return what no format shows of a chat, to be filled in with what single ones do not show."""
    summary = reader.summary(chat)
    return ChatFidelity(*chat.key, chat.title, summary.kinds.get("unsupported", 0), summary.withheld)


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
