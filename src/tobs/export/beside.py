"""Keeps processed pictures and videos beside their originals: placed, moved with them, and gone when they are.

A result is named after the copy of the original that it stands beside. What is not from tobs, or was changed by its
owner, is never touched: a result goes under the next free name, and a changed one is forgotten where it is.

| step | killed after it | what the next run does |
|---|---|---|
| 1. commit what was made, and where it is about to stand (durable) | nothing, or the file under its old name | makes it again, or step 2 |
| 2. put or rename it there, fsync the folder | a file that is not known to be placed | finds it there by its hash |
| 3. commit that it is placed | done | |
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from functools import partial
from pathlib import Path

from tobs._util.atomic import Room, sync_folder
from tobs._util.inside import find_inside
from tobs.core.medianames import name_processed
from tobs.core.ports.media import Transfer
from tobs.core.ports.processed import Original, ProcessedCopy, ProcessedLedger, Recipe, Stray
from tobs.core.ports.services import Pool
from tobs.export.place import holds, remove_empty, remove_file, rename_file, stands

Bring = Callable[[Path], Awaitable[None]]
"""Brings the bytes of a result to the path given, where nothing stands."""


class ProcessedFiles:
    """Where the results in an export folder stand."""

    def __init__(self, root: Path, ledger: ProcessedLedger, transfer: Transfer, pool: Pool) -> None:
        self._root = root
        self._ledger = ledger
        self._transfer = transfer
        self._pool = pool

    async def follow(self) -> None:
        """Settle every result beside its original, wherever that stands now; remove those that have none any more.

        To be called when originals have their places. Raises DiskFull or ForeignFolder.
        """
        while strays := await self._ledger.list_strays():
            for each in strays:
                await self._settle(each)

    async def put(self, room: Room, made: ProcessedCopy) -> None:
        """Give the result that is in the room its place."""

        async def bring(target: Path) -> None:
            await self._pool.run(partial(room.put, target=target))

        await self._place(made, bring)

    async def copy(self, source: ProcessedCopy, original: Original) -> bool:
        """Give a result that stands elsewhere a second place, unless it is not there or was changed; tells whether it was done."""
        path = find_inside(self._root, source.path)
        if not await self._pool.run(holds, path, source.result, source.size_bytes):
            return False

        async def bring(target: Path) -> None:
            await self._transfer.place(path, target)

        recipe = Recipe(source.options, source.ending)
        await self._place(plan_copy(original, recipe, source.result, source.size_bytes), bring)
        return True

    async def _settle(self, stray: Stray) -> None:
        copy, home = stray
        at = await self._pool.run(self._find_bytes, copy)
        is_home = home == (copy.original, copy.account, copy.chat_id)
        if not at or home is None:
            await self._remove(copy, at)
        elif is_home and at == copy.path:
            await self._ledger.confirm_copy(copy)
        elif is_home and not await self._pool.run(stands, find_inside(self._root, copy.path)):
            await self._bring_from(at, find_inside(self._root, copy.path))
            await self._ledger.confirm_copy(copy)
        else:
            await self._move(copy, home, at)

    def _find_bytes(self, copy: ProcessedCopy) -> str:
        """Return where the result is, as it was made: in its place, or where it was before; empty when nowhere."""
        paths = [copy.path, *([copy.previous] if copy.previous else [])]
        for each in paths:
            if holds(find_inside(self._root, each), copy.result, copy.size_bytes):
                return each
        return ""

    async def _move(self, copy: ProcessedCopy, home: tuple[str, int, int], at: str) -> None:
        """Bring a result from where its bytes are to the copy of the original that is its home."""
        original, account, chat_id = home
        moved = replace(
            copy,
            path=name_processed(original, copy.ending),
            original=original,
            account=account,
            chat_id=chat_id,
            previous=at,
            is_placed=False,
        )
        refused = set() if at == copy.path else {copy.path}
        if not await self._place(moved, partial(self._bring_from, at), refused):
            await self._remove(copy, at)

    async def _bring_from(self, at: str, target: Path) -> None:
        source = find_inside(self._root, at)
        if not await self._pool.run(rename_file, source, target):
            await self._transfer.place(source, target)
            await self._pool.run(source.unlink)
        await self._pool.run(remove_empty, self._root, at)
        await self._pool.run(sync_folder, target.parent)

    async def _place(self, wanted: ProcessedCopy, bring: Bring, refused: Collection[str] = ()) -> bool:
        """Bring a result to the next free name, none of those refused; False when that original has another one."""
        avoid = set(refused)
        while copy := await self._ledger.expect_copy(wanted, avoid):
            target = find_inside(self._root, copy.path)
            if not copy.is_placed:
                if await self._pool.run(stands, target):
                    avoid.add(copy.path)
                    continue
                await bring(target)
            await self._ledger.confirm_copy(copy)
            return True
        return False

    async def _remove(self, copy: ProcessedCopy, at: str) -> None:
        if at:
            await self._pool.run(remove_file, self._root, at)
        await self._ledger.drop_copy(copy)


def plan_copy(original: Original, recipe: Recipe, result: str, size_bytes: int) -> ProcessedCopy:
    """Return the result as it should stand beside its original."""
    return ProcessedCopy(
        name_processed(original.path, recipe.ending),
        original.path,
        original.account,
        original.chat_id,
        original.sha256,
        recipe.options,
        recipe.ending,
        result,
        size_bytes,
    )
