"""Where the bytes of files grow: partial files in `.tobs/partial`, and how much room they have."""

from __future__ import annotations

import re
import shutil
from collections.abc import Awaitable, Callable, Collection, Sequence
from io import FileIO
from pathlib import Path

from tobs._util.atomic import said_clearly
from tobs._util.inside import find_inside, is_plain
from tobs.core.ports.files import FileKey, PartHash
from tobs.core.ports.media import StoredContent
from tobs.core.ports.services import Pool
from tobs.core.words import say_size
from tobs.errors import DiskFull
from tobs.media.journal import read_boot
from tobs.media.partial import PartialFile, journal_path, matches_part

_NAME = re.compile(r"([a-z]+)-(-?\d+)(?:\.journal)?")
_ASKED_AT_ONCE = 500

FindNeeded = Callable[[Collection[FileKey]], Awaitable[set[FileKey]]]
"""Returns those of some files whose partial files are still of use."""


class DiskStore:
    """Implements core.ports.media.MediaStore below an export folder that is locked.

    `min_free_bytes` stay free on the disk. `boot` names this start of the computer.
    """

    def __init__(
        self, output: Path, pool: Pool, *, min_free_bytes: int = 1_000_000_000, boot: str | None = None
    ) -> None:
        self._output = output
        self._folder = output / ".tobs" / "partial"
        self._pool = pool
        self._min_free_bytes = min_free_bytes
        self._boot = read_boot() if boot is None else boot
        self._growing: dict[FileKey, PartialFile] = {}

    async def open(self, key: FileKey, size_bytes: int) -> PartialFile:
        """Return the partial file as a run before left it, or a new one. Raises DiskFull when it has no room."""
        partial = await self._pool.run(self._open, key, size_bytes)
        try:
            await self.ensure_space(0)
        except DiskFull:
            await partial.close()
            raise
        return partial

    def close(self) -> None:
        """Close what nobody closed, since it was cancelled just when it was opened; after the pool."""
        for each in self._growing.values():
            each.abandon()

    async def ensure_space(self, size_bytes: int) -> None:
        """Raise DiskFull unless so much more fits beside what is being downloaded and what must stay free."""
        promised = 0
        for key, each in list(self._growing.items()):
            if each.is_closed:
                del self._growing[key]
            else:
                promised += each.left_bytes
        await self._pool.run(self._watch, size_bytes + promised)

    async def matches(self, content: StoredContent, hashes: Sequence[PartHash]) -> bool:
        """Tell whether these parts of the stored bytes are what the server's hashes say of another file."""
        whole = (self.find_whole(each) for each in content.keys)
        paths = [find_inside(self._output, content.path)] if content.path else [*whole]
        return await self._pool.run(_is_any_match, paths, hashes)

    def find_whole(self, key: FileKey) -> Path:
        """Return where a file's partial file is, if there is one."""
        return self._folder / f"{key.kind}-{key.id}"

    async def discard(self, keys: Collection[FileKey]) -> None:
        """Remove partial files."""
        await self._pool.run(_remove_all, [self.find_whole(each) for each in keys])

    async def sweep(self, find_needed: FindNeeded) -> None:
        """Remove what is of no use any more; only under the lock, before anything is downloaded."""
        names = await self._pool.run(_list_names, self._folder)
        keys = {name: FileKey(found[1], int(found[2])) for name in names if (found := _NAME.fullmatch(name))}
        listed = sorted(set(keys.values()))
        needed: set[FileKey] = set()
        for start in range(0, len(listed), _ASKED_AT_ONCE):
            needed |= await find_needed(listed[start : start + _ASKED_AT_ONCE])
        gone = [
            self._folder / name
            for name in names
            if keys.get(name) not in needed or (self._folder / name).is_symlink()
        ]
        await self._pool.run(_unlink_all, gone)

    def _open(self, key: FileKey, size_bytes: int) -> PartialFile:
        path = self.find_whole(key)
        with said_clearly(path):
            # Known here and not only to the caller, which may be cancelled while this thread goes on.
            partial = PartialFile(path, size_bytes, self._pool, self._boot, self._watch)
        self._growing[key] = partial
        return partial

    def _watch(self, more_bytes: int = 0) -> None:
        free = shutil.disk_usage(self._folder).free
        if free - more_bytes < self._min_free_bytes:
            raise DiskFull(
                f"Only {say_size(free)} are free where {self._output} is, and {say_size(self._min_free_bytes)}"
                f" must stay so beside {say_size(more_bytes)} to come.",
                hint="Free some space, or set MIN_FREE_SPACE to less, and run the command again: what was downloaded"
                " is kept.",
            )


def _is_any_match(paths: list[Path], hashes: Sequence[PartHash]) -> bool:
    return any(_matches(each, hashes) for each in paths)


def _matches(path: Path, hashes: Sequence[PartHash]) -> bool:
    try:
        if not is_plain(path):
            return False
        with FileIO(path) as file:
            return all(matches_part(file, each) for each in hashes)
    except OSError:  # moved, removed or not to be read: then it is no help
        return False


def _list_names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir()) if folder.is_dir() else []


def _remove_all(paths: Collection[Path]) -> None:
    _unlink_all([each for path in paths for each in (path, journal_path(path))])


def _unlink_all(paths: Collection[Path]) -> None:
    for each in paths:
        each.unlink(missing_ok=True)
