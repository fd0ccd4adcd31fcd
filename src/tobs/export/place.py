"""Puts one rendered file where it belongs, unless its owner changed what stands there.

The order of a write, and what a kill leaves behind:

| step | killed after it |
|---|---|
| 1. commit the pending hash (durable) | the old file is ours by its on-disk hash |
| 2. replace the file | the new file is ours by its pending hash |
| 3. commit the on-disk hash | done |

In every case the next run finds a file that equals one of the two hashes, knows it for its own, and
draws it again, since the days it shows are forgotten only after step 3.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import replace
from enum import Enum
from pathlib import Path, PurePosixPath

from tobs._util.atomic import save
from tobs.core.model import Chat
from tobs.core.ports.ledger import Ledger, Placed
from tobs.core.ports.services import Pool
from tobs.core.ports.writer import Rendering, Writer
from tobs.core.report import RenderReport

log = logging.getLogger("tobs.export")


class Standing(Enum):
    """Whose the file is that stands where a rendering goes."""

    ABSENT = "absent"
    OURS = "ours"
    OWNED = "changed by its owner"
    FOREIGN = "not written by tobs"


def beside_path(path: str) -> str:
    """Return where the new rendering of a file goes that its owner changed."""
    pure = PurePosixPath(path)
    return str(pure.with_name(f"{pure.stem} (new){pure.suffix}"))


def look_at(path: Path, placed: Placed | None, writer: Writer) -> tuple[Standing, bytes]:
    """Return whose the file at `path` is, by what was `placed` there, and its bytes."""
    try:
        old = path.read_bytes()
    except FileNotFoundError:
        return Standing.ABSENT, b""
    except (IsADirectoryError, NotADirectoryError):  # the note, or a folder above it, is something of theirs
        return Standing.FOREIGN, b""
    if placed is None:
        return Standing.FOREIGN, old
    is_ours = writer.fingerprint(old) in {placed.on_disk, placed.pending}
    return (Standing.OURS if is_ours else Standing.OWNED), old


def remove_file(root: Path, path: str) -> None:
    """Remove a file, and the folders below `root` that it leaves empty."""
    target = root / path
    target.unlink()
    with suppress(OSError):  # a folder that is not empty, or is being looked into
        for folder in target.relative_to(root).parents[:-1]:
            (root / folder).rmdir()


class Placer:
    """Writes the renderings of one chat (None: of no chat) and remembers what it wrote."""

    def __init__(
        self,
        root: Path,
        ledger: Ledger,
        writer: Writer,
        pool: Pool,
        report: RenderReport,
        *,
        overwrite: bool,
    ) -> None:
        self._root = root
        self._ledger = ledger
        self._writer = writer
        self._pool = pool
        self._report = report
        self._overwrite = overwrite
        self._placed: dict[str, Placed] = {}
        self._chat: Chat | None = None

    async def open_chat(self, chat: Chat | None) -> None:
        """Turn to a chat: what was written for it before is read from the ledger."""
        self._chat = chat
        self._placed = {each.path: each for each in await self._ledger.placed(chat)}

    async def find_missing(self) -> set[str]:
        """Return the partitions of which a file was written and is gone."""
        return {each.partition for each in await self._pool.run(self._absent)}

    def _absent(self) -> list[Placed]:
        return [each for path, each in self._placed.items() if not (self._root / path).is_file()]

    def paths_of(self, partition: str) -> set[str]:
        """Return the files written for a partition so far."""
        return {path for path, each in self._placed.items() if each.partition == partition}

    async def place(self, rendering: Rendering) -> bool:
        """Write a file, or beside it when its owner changed it, or nothing when it stands already.

        Tells whether anything was written.
        """
        standing, old = await self._pool.run(self._look, rendering.path)
        if self._overwrite and standing is Standing.OWNED:
            standing = Standing.OURS
        beside = beside_path(rendering.path)
        if standing is Standing.FOREIGN:
            self._report.foreign.append(rendering.path)
            return False
        if standing is Standing.OWNED and not self._equals_owned(rendering, old):
            self._report.kept.append(rendering.path)
            return await self.place(replace(rendering, path=beside))
        is_written = await self._write(rendering, old)
        for each in self._list_beside(rendering.path):
            await self._remove_ours(each)
        return is_written

    async def remove_other(self, partition: str, keep: set[str]) -> None:
        """Remove the partition's files that no longer exist; those that their owner changed stay."""
        beside = (each for path in keep for each in self._list_beside(path))
        for path in self.paths_of(partition) - keep.union(beside):
            await self._remove_ours(path)

    async def remove_all(self) -> None:
        """Remove every file of a chat that has no notes any more; those that their owner changed stay."""
        for path in sorted(self._placed):
            await self._remove_ours(path)

    def _list_beside(self, path: str) -> list[str]:
        """Return what was written beside a file, and beside that when its owner changed that too."""
        found: list[str] = []
        while (path := beside_path(path)) in self._placed:
            found.append(path)
        return found

    def _equals_owned(self, rendering: Rendering, old: bytes) -> bool:
        """Tell whether the owner's file says just what the new rendering says."""
        return self._writer.fingerprint(old) == rendering.fingerprint

    def _look(self, path: str) -> tuple[Standing, bytes]:
        return look_at(self._root / path, self._placed.get(path), self._writer)

    async def _write(self, rendering: Rendering, old: bytes) -> bool:
        body = self._writer.carry_over(rendering.body, old) if old else rendering.body
        hash_ = rendering.fingerprint if body is rendering.body else self._writer.fingerprint(body)
        placed = self._record(rendering, hash_)
        before = self._placed.get(rendering.path)
        if body == old and before == placed:
            self._report.unchanged += 1
            return False
        if before:
            placed.on_disk = before.on_disk
        await self._ledger.expect_file(placed)
        if body != old:
            target = self._root / rendering.path
            await self._pool.run(lambda: save(target, body, temp_dir=self._root / ".tobs" / "partial"))
            self._report.written.append(rendering.path)
            log.debug("wrote %s (%d bytes)", rendering.path, len(body))
        placed.on_disk = hash_
        await self._ledger.confirm_file(placed)
        self._placed[rendering.path] = placed
        return body != old

    def _record(self, rendering: Rendering, hash_: str) -> Placed:
        account, chat_id = self._chat.key if self._chat else (0, 0)
        return Placed(
            rendering.path,
            account,
            chat_id,
            rendering.partition,
            on_disk=hash_,
            pending=hash_,
            peers=rendering.peers,
        )

    async def _remove_ours(self, path: str) -> None:
        if path not in self._placed:
            return
        standing, _ = await self._pool.run(self._look, path)
        if standing is Standing.OWNED:
            self._report.left.append(path)
            return
        if standing is Standing.OURS:
            await self._pool.run(remove_file, self._root, path)
            self._report.removed.append(path)
        await self._ledger.forget_file(path)
        del self._placed[path]
