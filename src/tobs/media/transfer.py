"""Other places for files, with as little copying as the filesystem allows (SPEC B-2).

The target is never removed first: it is replaced by a whole file, or stays as it was.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tobs._util.atomic import Room, open_room, sync_folder
from tobs._util.priority import TaskPriority
from tobs.core.ports.services import Pool

Way = Literal["rename", "reflink", "hardlink", "copy_file_range", "sendfile", "blocks"]

BLOCK_BYTES = 256 << 10
"""Of the copy in blocks: larger ones take fresh memory from the system each time."""

_FICLONE = 0x40049409
# What a filesystem or a kernel says that cannot do it; anything else is a real failure.
_CANNOT = frozenset(
    {errno.EOPNOTSUPP, errno.ENOTSUP, errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.ENOTTY, errno.EPERM}
    | {errno.EMLINK, errno.EACCES, errno.ETXTBSY, errno.EBADF}
)


@dataclass(frozen=True, slots=True)
class TransferOptions:
    """`is_enabled` False, and files under `min_size_bytes`: copied in blocks. `is_verified`: the length is compared."""

    is_enabled: bool = True
    min_size_bytes: int = 10 << 20
    is_verified: bool = True
    chunk_bytes: int = 64 << 20


class Transfer:
    """Moves files, and gives the same bytes a second place."""

    def __init__(self, options: TransferOptions, pool: Pool) -> None:
        self._options = options
        self._pool = pool

    async def move(self, source: Path, target: Path) -> Way:
        """Give a file another name: at once within a filesystem, else by a copy. Raises OSError or what `put` raises."""
        try:
            await self._pool.run(_rename, source, target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            way = await self.place(source, target)
            await self._pool.run(source.unlink)
            return way
        return "rename"

    async def place(
        self, source: Path, target: Path, *, may_link: bool = False, is_durable: bool = True
    ) -> Way:
        """Let the target have the bytes of the source and return how that was done.

        `may_link`: both may be one file with two names, so that whoever changes one changes the other. Raises
        OSError, DiskFull or ForeignFolder; the old target stays then.
        """
        with open_room(target) as room:
            size_bytes = (await self._pool.run(source.stat)).st_size
            way = await self._fill(source, room, size_bytes, may_link=may_link)
            checked = size_bytes if self._options.is_verified else None
            if is_durable:
                await self._pool.run(room.put, checked)
            else:
                room.put(checked, is_durable=False)
            return way

    async def _fill(self, source: Path, room: Room, size_bytes: int, *, may_link: bool) -> Way:
        if self._options.is_enabled and await self._try(_clone, source, room):
            return "reflink"
        if may_link and await self._try(_link, source, room):
            return "hardlink"
        if self._options.is_enabled and size_bytes >= max(1, self._options.min_size_bytes):
            if await self._copy_chunks(_copy_range, source, room, size_bytes):
                return "copy_file_range"
            if await self._copy_chunks(_send, source, room, size_bytes):
                return "sendfile"
        await copy_blocks(source, room.path, BLOCK_BYTES)
        return "blocks"

    async def _try(self, work: Callable[[Path, Path], None], source: Path, room: Room) -> bool:
        try:
            await self._pool.run(work, source, room.path, priority=TaskPriority.LOW)
        except (OSError, NotImplementedError) as error:
            room.path.unlink(missing_ok=True)
            if getattr(error, "errno", errno.ENOSYS) not in _CANNOT:
                raise
            return False
        return True

    async def _copy_chunks(
        self, work: Callable[[Path, Path, int, int], int], source: Path, room: Room, size_bytes: int
    ) -> bool:
        """Copy chunk by chunk, so that a thread is free again soon; tell whether that can be done here."""
        done = 0
        while done < size_bytes:
            count = min(self._options.chunk_bytes, size_bytes - done)
            try:
                moved = await self._pool.run(work, source, room.path, done, count, priority=TaskPriority.LOW)
            except (OSError, AttributeError) as error:  # AttributeError: not on this system
                if getattr(error, "errno", errno.ENOSYS) not in _CANNOT:
                    raise
                return False
            if not moved:
                return bool(
                    done
                )  # some filesystems say nothing and do nothing; a shrunk source is found by length
            done += moved
        return True


async def copy_blocks(source: Path, target: Path, block_bytes: int) -> None:
    """Copy a file block by block, which works everywhere."""
    import aiofiles

    async with aiofiles.open(source, "rb") as reader, aiofiles.open(target, "wb") as writer:
        while block := await reader.read(block_bytes):
            await writer.write(block)


def _rename(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    source.replace(target)
    sync_folder(target.parent)


def _clone(source: Path, target: Path) -> None:
    if sys.platform != "linux":
        raise NotImplementedError
    import fcntl

    with source.open("rb") as reader, target.open("xb") as writer:
        fcntl.ioctl(writer.fileno(), _FICLONE, reader.fileno())


def _link(source: Path, target: Path) -> None:
    target.hardlink_to(source)


# Each opens the files itself: a thread goes on when its caller is cancelled, and must not meet closed descriptors.
def _copy_range(source: Path, target: Path, start: int, count: int) -> int:
    with (
        source.open("rb", buffering=0) as reader,
        target.open("r+b" if start else "wb", buffering=0) as writer,
    ):
        return os.copy_file_range(reader.fileno(), writer.fileno(), count, start, start)


def _send(source: Path, target: Path, start: int, count: int) -> int:
    with (
        source.open("rb", buffering=0) as reader,
        target.open("r+b" if start else "wb", buffering=0) as writer,
    ):
        writer.seek(start)
        return os.sendfile(writer.fileno(), reader.fileno(), start, count)
