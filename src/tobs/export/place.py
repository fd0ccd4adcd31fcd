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

import errno
import logging
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from tobs._util.atomic import Draft, hash_file, said_clearly, save
from tobs._util.inside import find_inside, is_plain
from tobs.core.model import Chat
from tobs.core.ports.ledger import Ledger, Placed
from tobs.core.ports.meter import NO_METER, Meter
from tobs.core.ports.services import Pool
from tobs.core.ports.writer import Rendering, Writer
from tobs.core.report import RenderReport
from tobs.errors import TobsError

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


class Seen(NamedTuple):
    """What stands somewhere: whose it is, the fingerprint, and the bytes where the format looks into them."""

    standing: Standing
    fingerprint: str = ""
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Scroll:
    """A file that was never in memory as a whole: what a Rendering says of one, with its bytes in a draft."""

    path: str
    partition: str
    peers: frozenset[int]
    draft: Draft

    @property
    def fingerprint(self) -> str:
        """The hash of its bytes."""
        return self.draft.sha256


def look_at(path: Path, placed: Placed | None, writer: Writer) -> Seen:
    """Return what stands at `path`, by what was `placed` there: a link in its place is as good as nothing, and not read."""
    try:
        if placed is None:
            path.lstat()
            return Seen(Standing.FOREIGN)
        if path.is_symlink():
            return Seen(Standing.ABSENT)
        fingerprint, body = _read_file(path, writer)
    except FileNotFoundError:
        return Seen(Standing.ABSENT)
    except (IsADirectoryError, NotADirectoryError):  # the file, or a folder above it, is something of theirs
        return Seen(Standing.FOREIGN)
    is_ours = fingerprint in {placed.on_disk, placed.pending}
    return Seen(Standing.OURS if is_ours else Standing.OWNED, fingerprint, body)


def _read_file(path: Path, writer: Writer) -> tuple[str, bytes]:
    if writer.traits.joins_parts:
        return hash_file(path), b""
    body = path.read_bytes()
    return writer.fingerprint(body), body


def stands(path: Path) -> bool:
    """Tell whether anything is there, be it a link that leads nowhere."""
    return path.is_symlink() or path.exists()


def has_size(path: Path, size_bytes: int) -> bool:
    """Tell whether a file of that size is there; a link is none."""
    try:
        return is_plain(path) and path.lstat().st_size == size_bytes
    except OSError:
        return False


def holds(path: Path, sha256: str, size_bytes: int) -> bool:
    """Tell whether a file with these bytes is there; no link is read."""
    return has_size(path, size_bytes) and hash_file(path) == sha256


def make_folder(target: Path) -> None:
    """Make the folder of a file. Raises DiskFull or ForeignFolder."""
    with said_clearly(target):
        target.parent.mkdir(parents=True, exist_ok=True)


def rename_file(source: Path, target: Path) -> bool:
    """Rename a file into a folder that is made if need be; tells whether both are on one filesystem."""
    make_folder(target)
    with said_clearly(target):
        try:
            source.rename(target)
        except OSError as error:
            if error.errno == errno.EXDEV:
                return False
            raise
    return True


def remove_file(root: Path, path: str) -> None:
    """Remove a file, and the folders below `root` that it leaves empty."""
    find_inside(root, path).unlink()
    remove_empty(root, path)


def remove_empty(root: Path, path: str) -> None:
    """Remove the folders below `root` that a file which is gone leaves empty."""
    target = root / path
    with suppress(OSError):  # a folder that is not empty, or is being looked into
        for folder in target.relative_to(root).parents[:-1]:
            (root / folder).rmdir()


class Placer:
    """Writes the files of one chat (None: of no chat) in one format, and remembers what it wrote."""

    def __init__(
        self,
        root: Path,
        ledger: Ledger,
        pool: Pool,
        report: RenderReport,
        *,
        overwrite: bool,
        meter: Meter = NO_METER,
    ) -> None:
        self.root = root
        self.meter = meter
        self._ledger = ledger
        self._pool = pool
        self._report = report
        self._overwrite = overwrite
        self._placed: dict[str, Placed] = {}
        self._paths: defaultdict[str, set[str]] = defaultdict(set)
        self._chat: Chat | None = None
        self._writer: Writer

    async def turn_to(self, chat: Chat | None, writer: Writer) -> None:
        """Turn to a chat and a format: what was written for it before is read from the ledger."""
        self._chat, self._writer = chat, writer
        self._placed.clear()
        self._paths.clear()
        for each in await self._ledger.placed(chat):
            if each.format == writer.name:
                self._remember(each)

    async def find_missing(self) -> set[str]:
        """Return the partitions of which a file was written and is gone."""
        return {each.partition for each in await self._pool.run(self._absent)}

    def _absent(self) -> list[Placed]:
        return [each for path, each in self._placed.items() if not is_plain(find_inside(self.root, path))]

    def paths_of(self, partition: str) -> set[str]:
        """Return the files written for a partition so far."""
        return set(self._paths[partition])

    async def place(self, file: Rendering | Scroll) -> bool:
        """Write a file, or beside it when its owner changed it, or nothing when it stands already.

        Tells whether anything was written.
        """
        begun = time.monotonic()
        try:
            is_written = await self._place(file)
        except TobsError:
            self.meter.record_stage("place", time.monotonic() - begun, error=True)
            raise
        self.meter.record_stage("place", time.monotonic() - begun)
        return is_written

    async def _place(self, file: Rendering | Scroll) -> bool:
        seen = await self._pool.run(self._look, file.path)
        if self._overwrite and seen.standing is Standing.OWNED:
            seen = seen._replace(standing=Standing.OURS)
        if seen.standing is Standing.FOREIGN:
            self._report.foreign.append(file.path)
            return False
        if seen.standing is Standing.OWNED and seen.fingerprint != file.fingerprint:
            self._report.kept.append(file.path)
            return await self._place(replace(file, path=beside_path(file.path)))
        is_written = await self._write(file, seen)
        for each in self._list_beside(file.path):
            await self._remove_ours(each)
        return is_written

    async def remove_other(self, partition: str, keep: set[str]) -> None:
        """Remove the partition's files that no longer exist; those that their owner changed stay."""
        beside = (each for path in keep for each in self._list_beside(path))
        for path in self.paths_of(partition) - keep.union(beside):
            await self._remove_ours(path)

    async def remove_all(self) -> None:
        """Remove all of the chat's files in this format; those that their owner changed stay."""
        if self._placed and self._chat:
            await self._ledger.forget_omissions(self._chat, self._writer.name)
        for path in sorted(self._placed):
            await self._remove_ours(path)

    def _list_beside(self, path: str) -> list[str]:
        """Return what was written beside a file, and beside that when its owner changed that too."""
        found: list[str] = []
        while (path := beside_path(path)) in self._placed:
            found.append(path)
        return found

    def _look(self, path: str) -> Seen:
        return look_at(find_inside(self.root, path), self._placed.get(path), self._writer)

    async def _write(self, file: Rendering | Scroll, seen: Seen) -> bool:
        body = self._merge(file, seen)
        is_merged = isinstance(file, Rendering) and body is not file.body
        hash_ = self._writer.fingerprint(body) if is_merged and body else file.fingerprint
        is_same = seen.standing is not Standing.ABSENT and (
            hash_ == seen.fingerprint if body is None else body == seen.body
        )
        placed, before = self._record(file, hash_), self._placed.get(file.path)
        if is_same and before == placed:
            self._report.unchanged += 1
            return False
        if before:
            placed.on_disk = before.on_disk
        await self._ledger.expect_file(placed)
        if not is_same:
            await self._pool.run(self._put, file, body)
            self._report.written.append(file.path)
            log.debug("wrote %s", file.path)
        placed.on_disk = hash_
        await self._ledger.confirm_file(placed)
        self._remember(placed)
        return not is_same

    def _merge(self, file: Rendering | Scroll, seen: Seen) -> bytes | None:
        """Return the bytes to write, with what the owner added to those that stand there; None for a scroll."""
        if isinstance(file, Scroll):
            return None
        return self._writer.carry_over(file.body, seen.body) if seen.body else file.body

    def _put(self, file: Rendering | Scroll, body: bytes | None) -> None:
        target = find_inside(self.root, file.path)
        if isinstance(file, Scroll):
            file.draft.put(target)
        elif body is not None:
            save(target, body, temp_dir=partial_folder(self.root))

    def _record(self, file: Rendering | Scroll, hash_: str) -> Placed:
        account, chat_id = self._chat.key if self._chat else (0, 0)
        return Placed(
            file.path,
            self._writer.name,
            account,
            chat_id,
            file.partition,
            on_disk=hash_,
            pending=hash_,
            peers=file.peers,
        )

    async def _remove_ours(self, path: str) -> None:
        if path not in self._placed:
            return
        seen = await self._pool.run(self._look, path)
        if seen.standing is Standing.OWNED or self._writer.holds_words(seen.body):
            self._report.left.append(path)
            return
        if seen.standing is Standing.OURS:
            await self._pool.run(remove_file, self.root, path)
            self._report.removed.append(path)
        await self._ledger.forget_file(path)
        self._paths[self._placed.pop(path).partition].discard(path)

    def _remember(self, placed: Placed) -> None:
        if before := self._placed.get(placed.path):
            self._paths[before.partition].discard(placed.path)
        self._placed[placed.path] = placed
        self._paths[placed.partition].add(placed.path)


def partial_folder(root: Path) -> Path:
    """Return where files grow before they are put in place."""
    return root / ".tobs" / "partial"
