"""Compares the files of an export folder with what its archive would render now; writes nothing."""

from __future__ import annotations

import hashlib
from itertools import chain
from pathlib import Path

from tobs._util.inside import find_inside
from tobs.core.certificate import NotesFound
from tobs.core.fidelity import ChatFidelity, Omissions
from tobs.core.model import Chat
from tobs.core.ports.ledger import Placed
from tobs.core.ports.reader import Reader
from tobs.core.ports.services import Pool
from tobs.core.ports.writer import Partition, Rendering, Writer
from tobs.export.draw import Take, count_taken, draw_ahead
from tobs.export.place import Standing, beside_path, look_at
from tobs.export.project import begin_fidelity, list_partitions


class Inspector:
    """Renders as project does, and looks at files as place does."""

    def __init__(self, root: Path, reader: Reader, writers: list[Writer], pool: Pool) -> None:
        self._root = root
        self._reader = reader
        self._writers = writers
        self._pool = pool

    async def inspect_chat(
        self, chat: Chat, placed: list[Placed], omissions: dict[str, Omissions]
    ) -> NotesFound:
        """Return how the files of a chat stand; `placed` is what was written for it.

        What they do not show is put into `omissions` by format.
        """
        found = NotesFound()
        is_drawn = chat in await self._pool.run(self._reader.drawn_chats)
        for writer in self._writers:
            look = _Look(self._root, writer, placed, found)
            if is_drawn:
                omissions[writer.name] = await self._compare_chat(chat, look)
            await self._pool.run(look.finish)
        return found

    async def describe_fidelity(self, chat: Chat) -> ChatFidelity:
        """Return what no format shows of a chat."""
        return await self._pool.run(begin_fidelity, self._reader, chat)

    async def inspect_index(self, placed: list[Placed]) -> NotesFound:
        """Return how the files of no chat stand."""
        found = NotesFound()
        is_drawn = bool(await self._pool.run(self._reader.drawn_chats))
        for writer in self._writers:
            look = _Look(self._root, writer, placed, found)
            if is_drawn:
                await self._compare_all(look, await self._pool.run(writer.list_index))
            await self._pool.run(look.finish)
        return found

    async def _compare_chat(self, chat: Chat, look: _Look) -> Omissions:
        writer, omissions = look.writer, Omissions()
        partitions = await self._pool.run(list_partitions, self._reader, writer, chat)
        listed = [await self._pool.run(writer.list_parts, each) for each in partitions]
        async with draw_ahead(self._pool, writer, chain(*listed)) as take:
            counted = count_taken(take, omissions)
            for partition, parts in zip(partitions, listed, strict=True):
                await self._compare_partition(partition, len(parts), counted, look)
        await self._compare_all(look, await self._pool.run(writer.list_about, chat, omissions))
        return omissions

    async def _compare_partition(self, partition: Partition, parts: int, take: Take, look: _Look) -> None:
        writer = look.writer
        if not (writer.traits.joins_parts and parts):
            for _ in range(parts):
                for rendering in await take():
                    await self._pool.run(look.compare, rendering.path, rendering.fingerprint)
            return
        frame = await self._pool.run(writer.frame, partition)
        hashed = hashlib.sha256(frame.head)
        before = b""
        for _ in range(parts):
            for rendering in await take():
                if rendering.body:
                    await self._pool.run(hashed.update, before + rendering.body)
                    before = writer.traits.between
        hashed.update(frame.tail)
        await self._pool.run(look.compare, frame.path, hashed.hexdigest())

    async def _compare_all(self, look: _Look, renderings: list[Rendering]) -> None:
        for each in renderings:
            await self._pool.run(look.compare, each.path, each.fingerprint)


class _Look:
    """One chat's files of one format: what was written and is not rendered any more is left over at the end."""

    def __init__(self, root: Path, writer: Writer, placed: list[Placed], found: NotesFound) -> None:
        self.writer = writer
        self._root = root
        self._placed = {each.path: each for each in placed if each.format == writer.name}
        self._left = set(self._placed)
        self._found = found

    def compare(self, path: str, wanted: str) -> None:
        """Look at the place where a file belongs, and beside it when its owner changed it."""
        self._compare_file(path, wanted)
        beside = beside_path(path)
        if beside in self._left:
            self._compare_file(beside, wanted)

    def finish(self) -> None:
        """Name what the archive has no message for any more."""
        for path in sorted(self._left):
            standing = look_at(find_inside(self._root, path), self._placed[path], self.writer).standing
            if standing is Standing.OURS:
                self._found.outdated.append(path)
            elif standing is Standing.OWNED:
                self._found.changed.append(path)

    def _compare_file(self, path: str, wanted: str) -> None:
        self._left.discard(path)
        seen = look_at(find_inside(self._root, path), self._placed.get(path), self.writer)
        if seen.standing is Standing.ABSENT:
            self._found.missing.append(path)
        elif seen.standing is Standing.FOREIGN:
            self._found.foreign.append(path)
        elif seen.fingerprint == wanted:
            self._found.intact += 1
        else:
            (self._found.outdated if seen.standing is Standing.OURS else self._found.changed).append(path)
