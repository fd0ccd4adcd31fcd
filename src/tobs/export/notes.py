"""Compares the files of an export folder with what its archive would render now; writes nothing."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

from tobs.core.certificate import NotesFound
from tobs.core.model import Chat
from tobs.core.ports.ledger import Placed
from tobs.core.ports.reader import Reader
from tobs.core.ports.services import Pool
from tobs.core.ports.writer import Rendering, Writer
from tobs.export.draw import draw_ahead
from tobs.export.place import Standing, beside_path, look_at
from tobs.export.project import list_partitions


class Inspector:
    """Renders as project does, and looks at files as place does."""

    def __init__(self, root: Path, reader: Reader, writer: Writer, pool: Pool) -> None:
        self._root = root
        self._reader = reader
        self._writer = writer
        self._pool = pool

    async def inspect_chat(self, chat: Chat, placed: list[Placed]) -> NotesFound:
        """Return how the notes of a chat stand; `placed` is what was written for it."""
        look = _Look(self._root, self._writer, placed)
        if chat not in await self._pool.run(self._reader.drawn_chats):
            return await self._pool.run(look.finish)
        partitions = await self._pool.run(list_partitions, self._reader, self._writer, chat)
        listed = [await self._pool.run(self._writer.list_parts, each) for each in partitions]
        parts = list(chain(*listed))
        async with draw_ahead(self._pool, self._writer, parts) as take:
            for _ in parts:
                if rendering := await take():
                    await self._pool.run(look.compare, rendering)
        about = await self._pool.run(self._writer.render_about, chat)
        await self._pool.run(look.compare, about)
        return await self._pool.run(look.finish)

    async def inspect_index(self, placed: list[Placed]) -> NotesFound:
        """Return how the notes of no chat stand."""
        look = _Look(self._root, self._writer, placed)
        if await self._pool.run(self._reader.drawn_chats):
            await self._pool.run(look.compare, await self._pool.run(self._writer.render_index))
        return await self._pool.run(look.finish)


class _Look:
    """One chat's files: those that were written and are not rendered any more are left over at the end."""

    def __init__(self, root: Path, writer: Writer, placed: list[Placed]) -> None:
        self._root = root
        self._writer = writer
        self._placed = {each.path: each for each in placed}
        self._left = set(self._placed)
        self._found = NotesFound()

    def compare(self, rendering: Rendering) -> None:
        """Look at the place where a file belongs, and beside it when its owner changed it."""
        wanted = rendering.fingerprint
        self._compare_file(rendering.path, wanted)
        beside = beside_path(rendering.path)
        if beside in self._left:
            self._compare_file(beside, wanted)

    def finish(self) -> NotesFound:
        """Name what the archive has no message for any more, and return everything found."""
        for path in sorted(self._left):
            standing, _ = look_at(self._root / path, self._placed[path], self._writer)
            if standing is Standing.OURS:
                self._found.outdated.append(path)
            elif standing is Standing.OWNED:
                self._found.changed.append(path)
        return self._found

    def _compare_file(self, path: str, wanted: str) -> None:
        self._left.discard(path)
        standing, body = look_at(self._root / path, self._placed.get(path), self._writer)
        if standing is Standing.ABSENT:
            self._found.missing.append(path)
        elif standing is Standing.FOREIGN:
            self._found.foreign.append(path)
        elif self._writer.fingerprint(body) == wanted:
            self._found.intact += 1
        else:
            (self._found.outdated if standing is Standing.OURS else self._found.changed).append(path)
