"""Draws the files of one chat in one format: parts in order, each where it belongs."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain

from tobs._util.atomic import Draft, open_draft
from tobs._util.inside import find_inside
from tobs.core.fidelity import Omissions
from tobs.core.model import Chat
from tobs.core.ports.ledger import Ledger
from tobs.core.ports.reader import Reader
from tobs.core.ports.services import Pool
from tobs.core.ports.writer import ABOUT, INDEX, Frame, Partition, Rendering, Writer
from tobs.export.draw import Take, count_taken, draw_ahead
from tobs.export.place import Placer, Scroll, partial_folder


class FileDrawer:
    """What draws for a placer that has been turned to the chat and the format; `is_aside` as for draw_ahead."""

    def __init__(
        self,
        writer: Writer,
        placer: Placer,
        reader: Reader,
        ledger: Ledger,
        pool: Pool,
        *,
        is_aside: bool = False,
    ) -> None:
        self._writer = writer
        self._placer = placer
        self._reader = reader
        self._ledger = ledger
        self._pool = pool
        self._is_aside = is_aside

    async def draw_partitions(self, partitions: list[Partition], tell: Callable[[int], None]) -> None:
        """Draw the files of these partitions; `tell` is called with the number of those done."""
        parts = [await self._pool.run(self._writer.list_parts, each) for each in partitions]
        meter = self._placer.meter
        async with draw_ahead(
            self._pool, self._writer, chain(*parts), meter, is_aside=self._is_aside
        ) as take:
            for number, partition in enumerate(partitions, start=1):
                await self._place_partition(partition, len(parts[number - 1]), take)
                tell(number)

    async def draw_about(self, chat: Chat) -> None:
        """Draw the files about the chat beside those of its messages."""
        omissions = await self._ledger.omissions(chat, self._writer.name)
        await self._place_all(ABOUT, await self._pool.run(self._writer.list_about, chat, omissions))

    async def draw_index(self) -> None:
        """Draw the files that belong to no chat."""
        await self._place_all(INDEX, await self._pool.run(self._writer.list_index))

    async def _place_all(self, key: str, renderings: list[Rendering]) -> None:
        for each in renderings:
            await self._placer.place(each)
        await self._placer.remove_other(key, {each.path for each in renderings})

    async def _place_partition(self, partition: Partition, parts: int, take: Take) -> None:
        before = self._placer.paths_of(partition.key)
        place = self._place_joined if self._writer.traits.joins_parts else self._place_parts
        omissions = Omissions()
        paths, is_written = await place(partition, parts, count_taken(take, omissions))
        await self._ledger.keep_omissions(partition.chat, self._writer.name, partition.key, omissions)
        await self._placer.remove_other(partition.key, paths)
        one = max(1, len(paths) // max(1, parts))  # how many files a part has
        if before and is_written and max(len(before), len(paths)) > one and self._writer.traits.has_links:
            await self._mark_linking(partition)

    async def _place_parts(self, _partition: Partition, parts: int, take: Take) -> tuple[set[str], bool]:
        """Place the files of each part; returns their paths, and whether any was written."""
        paths: set[str] = set()
        is_written = False
        for _ in range(parts):
            for rendering in await take():
                is_written = await self._placer.place(rendering) or is_written
                paths.add(rendering.path)
        return paths, is_written

    async def _place_joined(self, partition: Partition, parts: int, take: Take) -> tuple[set[str], bool]:
        """Place all parts as one file, one behind the other."""
        if not parts:
            return set(), False
        frame = await self._pool.run(self._writer.frame, partition)
        root = self._placer.root
        with open_draft(find_inside(root, frame.path), temp_dir=partial_folder(root)) as draft:
            peers = await self._join_parts(draft, frame, parts, take)
            is_written = await self._placer.place(Scroll(frame.path, partition.key, peers, draft))
        return {frame.path}, is_written

    async def _join_parts(self, draft: Draft, frame: Frame, parts: int, take: Take) -> frozenset[int]:
        """Write a file's parts into its draft; returns whose names it shows."""
        peers: set[int] = set()
        before = b""
        await self._pool.run(draft.write, frame.head)
        for _ in range(parts):
            for rendering in await take():
                if rendering.body:
                    await self._pool.run(draft.write, before + rendering.body)
                    before = self._writer.traits.between
                    peers |= rendering.peers
        await self._pool.run(draft.write, frame.tail)
        return frozenset(peers)

    async def _mark_linking(self, partition: Partition) -> None:
        """Have drawn again what links to a partition whose messages may have moved to another part."""
        for half in await self._pool.run(self._reader.halves, partition.chat):
            topic_id = None if half.migrated_to else partition.topic_id
            await self._ledger.mark_linking(half, topic_id=topic_id, start=partition.start, end=partition.end)
