"""Gives the bytes of files their final names, once in each chat that shows them or once in all.

A name is that of the lowest message that carries the content. As long as ids that were asked for are unknown, or a file
that is still to come may be the same content in a lower message, it is provisional: then the next run may find a
better one. So the tree is the same whatever was killed on the way.

| step | killed after it | what the next run does |
|---|---|---|
| 1. commit where a copy is about to stand (durable) | the partial file, or the copy under its old name | step 2 |
| 2. rename it there, or copy what stands elsewhere | a copy that is not known to be placed | finds it there by its hash |
| 3. fsync its folder | as after step 2, also after a power cut | finds it there by its hash |
| 4. commit that it is placed, and what shows it is stale | a partial file without use where it was copied | removes that |
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from enum import Enum
from pathlib import Path

from tobs._util.atomic import hash_file, sync_folder
from tobs._util.inside import find_inside, is_plain
from tobs.core.medianames import FOLDER, name_medium, number_path
from tobs.core.model import Chat
from tobs.core.names import fold_name
from tobs.core.ports.media import Claim, Copy, MediaStore, ShelfLedger, Transfer, Unshelved
from tobs.core.ports.services import Pool
from tobs.core.request import Projection
from tobs.export.beside import ProcessedFiles
from tobs.export.place import (
    has_size,
    holds,
    make_folder,
    remove_empty,
    remove_file,
    rename_file,
    stands,
)

log = logging.getLogger("tobs.export")


class _Outcome(Enum):
    PLACED = "it stands there"
    BLOCKED = "something else stands there"
    LOST = "there are no bytes of it any more"


class Shelf:
    """Places the media of an export folder; to be asked before its notes are drawn."""

    def __init__(
        self,
        root: Path,
        ledger: ShelfLedger,
        store: MediaStore,
        transfer: Transfer,
        pool: Pool,
        projection: Projection,
        processed: ProcessedFiles,
    ) -> None:
        self._root = root
        self._ledger = ledger
        self._store = store
        self._transfer = transfer
        self._pool = pool
        self._zone = projection.zone
        self._is_shared = projection.media_layout == "shared"
        self._processed = processed

    async def arrange(self, chats: Sequence[Chat]) -> None:
        """Give everything that is downloaded a place for these chats, which are all that have notes.

        What was made of a medium goes where that goes.

        Raises DiskFull or ForeignFolder.
        """
        await self.find_lost()
        await self._ledger.reshelve(is_shared=self._is_shared)
        before: list[Chat] = []
        for chat in chats:
            # In the shared folder an earlier chat's message may give a content its name.
            before = [*before, chat] if self._is_shared else [chat]
            await self._shelve_chat(chat, before)
        await self._remove_misplaced()
        await self._processed.follow()

    async def find_lost(self) -> None:
        """Look whether all copies are still there; a content that has none left is wanted again.

        What its owner moved or removed is placed anew, what was changed is left as it is.
        """
        after = ""
        while copies := await self._ledger.list_copies(after=after):
            gone = await self._pool.run(_list_absent, self._root, copies)
            if gone:
                await self._ledger.drop_copies(gone)
            after = copies[-1].path

    async def _shelve_chat(self, chat: Chat, naming: list[Chat]) -> None:
        after = ""
        is_whole: bool | None = None
        while page := await self._ledger.list_unshelved(chat, is_shared=self._is_shared, after=after):
            if is_whole is None:
                is_whole = await self._ledger.is_whole(naming)
            await self._mend(page, chat)
            await self._shelve_page(page, chat, is_whole=is_whole)
            after = page[-1].sha256

    async def _mend(self, page: list[Unshelved], chat: Chat) -> None:
        """Finish what a killed run was about to place, where it was about to."""
        broken = [(each, each.copy) for each in page if each.copy and not each.copy.is_placed]
        if not broken:
            return
        placed = []
        for each, copy in broken:
            if await self._put(each, copy, is_ours=True) is _Outcome.PLACED:
                placed.append(copy)
        await self._confirm(placed, chat, [])
        for copy in placed:
            copy.is_placed, copy.previous = True, ""

    async def _shelve_page(self, page: list[Unshelved], chat: Chat, *, is_whole: bool) -> None:
        settled = [each for each in page if not each.claims or _is_final(each.copy)]
        waiting = [each for each in page if each.claims and not _is_final(each.copy)]
        fixed = {each.sha256 for each in waiting if is_whole and each.is_final}
        placed, lost = await self._place_all(waiting, chat)
        for copy in placed:
            copy.is_fixed = copy.sha256 in fixed
        shelved = {copy.sha256 for copy in placed} & fixed
        await self._confirm(placed, chat, [*(each.sha256 for each in settled), *sorted(shelved)])
        if lost:
            await self._ledger.drop_copies(lost)
        there = {copy.sha256 for copy in placed} | {each.sha256 for each in settled if each.copy}
        await self._store.discard([key for each in page if each.sha256 in there for key in each.keys])

    async def _place_all(self, waiting: list[Unshelved], chat: Chat) -> tuple[list[Copy], list[Copy]]:
        """Return the copies that stand in their places now, and those that nothing is left of."""
        placed: list[Copy] = []
        lost: list[Copy] = []
        avoid: set[str] = set()
        while waiting:
            wanted = [self._plan(each, chat) for each in waiting]
            expected = await self._ledger.expect_copies(wanted, avoid)
            blocked = []
            for each, copy in zip(waiting, expected, strict=True):
                outcome = _Outcome.PLACED if copy.is_placed else await self._put(each, copy)
                if outcome is _Outcome.BLOCKED:
                    avoid.add(copy.path)
                    each.copy = copy
                    blocked.append(each)
                else:
                    (placed if outcome is _Outcome.PLACED else lost).append(copy)
            waiting = blocked
        return placed, lost

    def _plan(self, each: Unshelved, chat: Chat) -> Copy:
        """Return the copy as it should stand."""
        account, chat_id = (0, 0) if self._is_shared else chat.key
        folder = FOLDER if self._is_shared else f"{chat.folder}/{FOLDER}"
        names = [self._name(claim) for claim in each.claims]
        rank = sum(fold_name(name) == fold_name(names[-1]) for name in names)
        before = each.copy
        previous = "" if before is None else before.path if before.is_placed else before.previous
        return Copy(
            f"{folder}/{number_path(names[-1], rank)}", account, chat_id, each.sha256, previous=previous
        )

    def _name(self, claim: Claim) -> str:
        return name_medium(claim.date, self._zone, claim.place, claim.media_kind, claim.mime, claim.name)

    async def _put(self, each: Unshelved, copy: Copy, *, is_ours: bool = False) -> _Outcome:
        """Bring the bytes to a copy's place; `is_ours`: what stands there already may be a killed run's."""
        target = find_inside(self._root, copy.path)
        if await self._pool.run(stands, target):
            is_there = is_ours and await self._pool.run(holds, target, each.sha256, each.size_bytes)
            return _Outcome.PLACED if is_there else _Outcome.BLOCKED
        previous = [find_inside(self._root, copy.previous)] if copy.previous else []
        for source in (*previous, *(self._store.find_whole(key) for key in each.keys)):
            if await self._move(source, target, each.size_bytes):
                if copy.previous:
                    await self._pool.run(remove_empty, self._root, copy.previous)
                return _Outcome.PLACED
        for path in each.others:
            # A copy that its owner changed must not spread.
            source = find_inside(self._root, path)
            if await self._pool.run(holds, source, each.sha256, each.size_bytes):
                await self._pool.run(make_folder, target)
                await self._transfer.place(source, target)
                return _Outcome.PLACED
        log.warning("%s is gone and will be downloaded again", copy.path)
        return _Outcome.LOST

    async def _move(self, source: Path, target: Path, size_bytes: int) -> bool:
        """Rename a file, unless it is not there or has another size; tells whether it was done."""
        if not await self._pool.run(has_size, source, size_bytes):
            return False
        if not await self._pool.run(rename_file, source, target):
            await self._transfer.place(source, target)
            await self._pool.run(source.unlink)
        return True

    async def _confirm(self, copies: list[Copy], chat: Chat, settled: list[str]) -> None:
        if copies or settled:
            await self._pool.run(_sync_folders, self._root, copies)
            await self._ledger.confirm_copies(copies, chat, settled)

    async def _remove_misplaced(self) -> None:
        """Remove what stands as the other layout has it, once it stands as this one has it."""
        while copies := await self._ledger.list_misplaced(is_shared=self._is_shared):
            for copy in copies:
                await self._pool.run(_remove_intact, self._root, copy)
            await self._ledger.drop_copies(copies)


def _is_final(copy: Copy | None) -> bool:
    return copy is not None and copy.is_placed and copy.is_fixed


def _list_absent(root: Path, copies: Iterable[Copy]) -> list[Copy]:
    return [each for each in copies if not stands(find_inside(root, each.path))]


def _sync_folders(root: Path, copies: Iterable[Copy]) -> None:
    for folder in sorted({find_inside(root, each.path).parent for each in copies if not each.is_placed}):
        sync_folder(folder)


def _remove_intact(root: Path, copy: Copy) -> None:
    path = find_inside(root, copy.path)
    if is_plain(path) and hash_file(path) == copy.sha256:
        remove_file(root, copy.path)
