"""Proves that media in the export folder are what was downloaded or made: the size and the SHA-256 of every file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from tobs._util.atomic import hash_file
from tobs._util.inside import find_inside, is_plain
from tobs.core.certificate import Findings, MediaFound, ProcessedFound
from tobs.core.model import Chat
from tobs.core.ports.proof import Checks, StoredCopy
from tobs.core.ports.services import Pool
from tobs.export.pipeline import raising_first

_AT_ONCE = 4
"""How many files are read side by side: a disk has enough with that."""


_Ask: TypeAlias = Callable[[Chat | None, str], list[StoredCopy]]


class MediaInspector:
    """Reads every file again, in threads."""

    def __init__(self, root: Path, checks: Checks, pool: Pool) -> None:
        self._root = root
        self._checks = checks
        self._pool = pool

    async def inspect(self, chat: Chat | None, found: MediaFound, damage: Findings) -> None:
        """Look at the files of a chat, or at those that all chats share, and put down how they stand."""
        if chat:
            found.tally = await self._pool.run(self._checks.media, chat)
        await self._inspect(self._checks.copies, chat, found, damage)
        await self._inspect(self._checks.processed, chat, found.processed, found.processed.changed)

    async def _inspect(
        self, ask: _Ask, chat: Chat | None, found: MediaFound | ProcessedFound, changed: Findings
    ) -> None:
        after = ""
        while copies := await self._pool.run(ask, chat, after):
            said = await self._look_at(copies)
            for copy, sentence in zip(copies, said, strict=True):
                if sentence is None:
                    found.missing.add(copy.path)
                elif sentence:
                    changed.add(sentence)
                else:
                    found.intact += 1
                    found.size_bytes += copy.size_bytes
            after = copies[-1].path

    async def _look_at(self, copies: list[StoredCopy]) -> list[str | None]:
        """Return for each file what is wrong with it: nothing, or None when it is not there."""
        said: list[str | None] = [None] * len(copies)
        waiting = iter(enumerate(copies))

        async def work() -> None:
            for number, copy in waiting:
                said[number] = await self._pool.run(_find_damage, self._root, copy)

        async with raising_first(), asyncio.TaskGroup() as group:
            for _ in range(_AT_ONCE):
                group.create_task(work())
        return said


def _find_damage(root: Path, copy: StoredCopy) -> str | None:
    try:
        path = find_inside(root, copy.path)
        if path.is_symlink():
            return f"{copy.path} is a link, and not what was written"
        if not is_plain(path):
            return None
        if (size_bytes := path.stat().st_size) != copy.size_bytes:
            return f"{copy.path} has {size_bytes:,} bytes instead of {copy.size_bytes:,}"
        is_same = hash_file(path) == copy.sha256
    except OSError as error:
        return f"{copy.path} cannot be read: {error.strerror}"
    return "" if is_same else f"{copy.path} is not what was written: its SHA-256 is another one"
