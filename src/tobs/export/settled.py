"""Draws the notes of what is settled of a chat, beside the fetching of the rest.

Pages come newest first, so a month is whole long before its chat is. It is drawn as soon as its messages will not
change by what is still to come: all that they answer stand in partitions that are whole too, so that links to these
are final, and no file of theirs is still to be downloaded. What is drawn here stays stale in the ledger until the chat
is drawn as a whole: a kill costs a second drawing, and what changed meanwhile is drawn again.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left, bisect_right
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from tobs.core.model import Chat
from tobs.core.ports.ledger import Ledger
from tobs.core.ports.meter import Meter
from tobs.core.ports.reader import FillingReader, Reach
from tobs.core.ports.services import Pool
from tobs.core.ports.writer import Partition, Writer
from tobs.core.report import RenderReport
from tobs.core.request import DAY_SECONDS
from tobs.errors import TobsError
from tobs.export.files import FileDrawer
from tobs.export.place import Placer

_PAGES = 20
"""After how many committed pages it is worth looking for what is settled."""

_AT_ONCE = 4
"""How many partitions are drawn before looking whether the fetching has ended: who stops a run does not wait for more."""

Day = tuple[int | None, int]
"""A topic or None, and a UTC day."""

Key = tuple[tuple[int, int], str, str]
"""A chat's key, a format and a partition's key."""


class SettledDrawer:
    """Draws partitions early, and tells which of them need not be drawn again."""

    def __init__(
        self,
        root: Path,
        ledger: Ledger,
        reader: FillingReader,
        writers: list[Writer],
        pool: Pool,
        meter: Meter,
    ) -> None:
        self._root = root
        self._ledger = ledger
        self._reader = reader
        self._writers = writers
        self._pool = pool
        self._meter = meter
        self._drawn: dict[Key, int] = {}
        self._reaches: dict[Key, tuple[int, Reach]] = {}
        self._report = RenderReport()

    @asynccontextmanager
    async def following(
        self, chat: Chat, committed: asyncio.Event, *, awaits_files: bool
    ) -> AsyncIterator[None]:
        """Draw what is settled of a chat while the block fetches it; `committed` is set with each of its pages.

        `awaits_files`: messages with files are left until these are here.
        """
        is_over = asyncio.Event()
        failure: Exception | None = None
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow(chat, committed, is_over, awaits_files=awaits_files))
            try:
                yield
            except Exception as error:  # noqa: BLE001 - a group would cancel the drawing in the middle of a file
                failure = error
            finally:
                is_over.set()
                committed.set()
        if failure:
            raise failure

    async def _follow(
        self, chat: Chat, committed: asyncio.Event, is_over: asyncio.Event, *, awaits_files: bool
    ) -> None:
        pages = 0
        with suppress(TobsError):  # the drawing of the whole meets it again, and says so
            while not is_over.is_set():
                await committed.wait()
                committed.clear()
                pages += 1
                if pages % _PAGES == 0:
                    await self._draw_ready(chat, awaits_files=awaits_files)

    async def _draw_ready(self, chat: Chat, *, awaits_files: bool) -> None:
        """Draw some of what is settled by now."""
        stored = await self._pool.run(self._find_plain, chat)
        lowest = await self._pool.run(self._reader.settled_from, chat) if stored else None
        if not stored or not lowest:
            return
        mark = await self._ledger.give_mark()
        days = [*await self._ledger.stale_marks(chat)]
        for writer in self._writers:
            placer = Placer(
                self._root, self._ledger, self._pool, self._report, overwrite=False, meter=self._meter
            )
            await placer.turn_to(stored, writer)
            ready = [
                each
                for each in await self._pool.run(self._list_ready, stored, writer, days, lowest, awaits_files)
                if not placer.paths_of(each.key)
            ][-_AT_ONCE:]  # the newest, since it is these that wait for nothing
            drawer = FileDrawer(writer, placer, self._reader, self._ledger, self._pool, is_aside=True)
            await drawer.draw_partitions(ready, lambda _done: None)
            self._drawn.update({_name(each, writer): mark for each in ready})

    def _find_plain(self, chat: Chat) -> Chat | None:
        """Return the chat as it is stored if its notes depend on nothing but its own messages, in one order."""
        drawn = self._reader.drawn_chats()
        stored = next((each for each in drawn if each.key == chat.key), None)
        is_plain = (
            stored is not None
            and not (stored.main_topic or stored.discussion_id or stored.parent)
            and not any(each.discussion_id == chat.id for each in drawn)
            and len(self._reader.halves(stored)) == 1
        )
        return stored if is_plain else None

    def _list_ready(
        self, chat: Chat, writer: Writer, days: list[Day], lowest: tuple[int, int], awaits_files: bool
    ) -> list[Partition]:
        """Return the partitions, not drawn here before, that nothing still to come is expected to change.

        What is stale is known by the UTC day, of which two partitions may each have a part.
        """
        low_id, low_date = lowest
        whole = [
            each for each in writer.partitions(chat, days) if each.start - each.start % DAY_SECONDS > low_date
        ]
        found = []
        for each in whole:
            if _name(each, writer) in self._drawn:
                continue
            reach = self._read_reach(each, writer, low_id)
            is_closed = reach.answered is None or reach.answered >= low_id
            is_final = reach.answered_date is None or reach.answered_date >= whole[0].start
            if is_closed and is_final and not (reach.has_files and awaits_files):
                found.append(each)
        return found

    def _read_reach(self, partition: Partition, writer: Writer, low_id: int) -> Reach:
        """Return what a partition points at; it is read once more when all that it answers is there."""
        name = _name(partition, writer)
        known_from, reach = self._reaches.get(name, (None, Reach(None, None, has_files=False)))
        if known_from is None or (reach.answered and low_id <= reach.answered < known_from):
            reach = self._reader.reach(partition.chat, start=partition.start, end=partition.end)
            self._reaches[name] = (low_id, reach)
        return reach

    def list_fresh(
        self, chat: Chat, writer: Writer, partitions: list[Partition], marks: dict[Day, int]
    ) -> list[Partition]:
        """Return those of the partitions that were drawn here and are as they were; `marks` are of stale days."""
        if not any(key == chat.key for key, *_ in self._drawn):
            return []
        days = sorted(day for _, day in marks)
        return [each for each in partitions if self._is_fresh(each, writer, days, marks)]

    def _is_fresh(self, partition: Partition, writer: Writer, days: list[int], marks: dict[Day, int]) -> bool:
        drawn_at = self._drawn.get(_name(partition, writer))
        if drawn_at is None:
            return False
        first = bisect_left(days, partition.start // DAY_SECONDS)
        last = bisect_right(days, (partition.end - 1) // DAY_SECONDS)
        return all(marks[None, day] < drawn_at for day in days[first:last])

    def forget(self, chat: Chat) -> None:
        """Forget what was drawn of a chat: nothing of it is stale any more."""
        for each in [name for name in self._drawn if name[0] == chat.key]:
            del self._drawn[each]
        self._reaches = {name: each for name, each in self._reaches.items() if name[0] != chat.key}

    def take_report(self) -> RenderReport:
        """Return what was written since this was last asked."""
        report, self._report = self._report, RenderReport()
        return report


def _name(partition: Partition, writer: Writer) -> Key:
    return (partition.chat.key, writer.name, partition.key)
