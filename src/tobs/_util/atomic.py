"""The one save routine: a file is there whole or not at all, whatever happens meanwhile.

The order is restic's: write a temporary file on the same filesystem, compare the length, fsync,
close, rename over the target, fsync the folder.

| killed | what is left |
|---|---|
| before the rename | the old file, and a temporary one that `remove_leftovers` takes away |
| after the rename | the new file; before the folder's fsync a power cut may bring the old one back |
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tobs.errors import DiskFull, ForeignFolder

PREFIX = ".tobs-tmp-"
"""How the name of every temporary file starts."""

_BLOCK_BYTES = 1 << 20
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_REFUSED = frozenset(
    {errno.EACCES, errno.EPERM, errno.EROFS, errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.ELOOP}
)


class Draft:
    """A file while it grows, block by block; made by `open_draft`. Nothing stands at its target until `put`."""

    def __init__(self, target: Path, temporary: Path, mode: int) -> None:
        self._target = target
        self._temporary = temporary
        self._mode = mode
        self._hash = hashlib.sha256()
        self._written = 0
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        self._file = os.fdopen(os.open(temporary, flags, mode), "wb")

    @property
    def sha256(self) -> str:
        """The SHA-256 (hex) of what was written so far."""
        return self._hash.hexdigest()

    def write(self, block: bytes) -> None:
        """Add a block. Raises OSError; `open_draft` says it clearly."""
        self._written += self._file.write(block)
        self._hash.update(block)

    def put(self, target: Path | None = None) -> None:
        """Replace the target, or another file of its folder, by what was written; durable when this returns."""
        target = target or self._target
        self._file.flush()
        on_disk = os.fstat(self._file.fileno()).st_size
        if on_disk != self._written:
            raise OSError(
                errno.EIO, f"{self._written} bytes written, but {on_disk} are on disk", str(self._temporary)
            )
        os.fsync(self._file.fileno())
        self._file.close()
        _put_in_place(self._temporary, target, self._mode)
        sync_folder(target.parent)

    def discard(self) -> None:
        """Take away what was not put anywhere."""
        with suppress(OSError):  # what could not be written cannot be flushed either
            self._file.close()
        self._temporary.unlink(missing_ok=True)


@contextmanager
def open_draft(target: Path, *, temp_dir: Path | None = None, mode: int = 0o644) -> Iterator[Draft]:
    """Give a draft of `target`; it is gone behind the block if it was not put in place.

    Folders above the target are made. The temporary file lies in `temp_dir` when that is there and on
    the target's device, else beside the target. `mode` is set at creation and narrowed by the umask. A
    target that is a symbolic link is replaced itself: nothing is ever written through it.

    Raises DiskFull or ForeignFolder; whatever is raised, also inside of the block, the old file stays.
    """
    with said_clearly(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = Draft(target, _temporary_path(target, temp_dir), mode)
        try:
            yield draft
        finally:
            # Also on Ctrl+C: what is half written must not stay.
            draft.discard()


class Room:
    """A path that something else fills, a program or a system call; made by `open_room`."""

    def __init__(self, target: Path, path: Path) -> None:
        self.path = path
        self._target = target

    def put(
        self, size_bytes: int | None = None, *, target: Path | None = None, is_durable: bool = True
    ) -> None:
        """Replace the target, or another file of its folder, by what stands at the path; `size_bytes` is what its length must be.

        Raises DiskFull, ForeignFolder, or OSError when there is no such file. Not durable, it is not synced:
        only for what can be made again.
        """
        target = target or self._target
        with said_clearly(target):
            on_disk = self.path.stat().st_size
            if size_bytes not in {None, on_disk}:
                text = f"{size_bytes} bytes expected, but {on_disk} are on disk"
                raise OSError(errno.EIO, text, str(self.path))
            if is_durable:
                sync_file(self.path)
            _put_in_place(self.path, target, 0o644)
            if is_durable:
                sync_folder(target.parent)


@contextmanager
def open_room(target: Path, *, temp_dir: Path | None = None) -> Iterator[Room]:
    """Give a path where nothing is yet, as `open_draft` chooses it; what is left there behind the block is removed."""
    with said_clearly(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        path = _temporary_path(target, temp_dir)
    try:
        yield Room(target, path)
    finally:
        path.unlink(missing_ok=True)


def save(
    target: Path, parts: bytes | Iterable[bytes], *, temp_dir: Path | None = None, mode: int = 0o644
) -> None:
    """Replace `target` by the parts, one behind the other, as `open_draft` does it."""
    with open_draft(target, temp_dir=temp_dir, mode=mode) as draft:
        for part in (parts,) if isinstance(parts, bytes) else parts:
            draft.write(part)
        draft.put()


def hash_file(path: Path) -> str:
    """Return the SHA-256 (hex) of a file's bytes. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remove_leftovers(temp_dir: Path, root: Path) -> list[Path]:
    """Remove and return what a killed run left, by our prefix, in `temp_dir` and anywhere below `root`.

    Partial downloads, which have other names, are gone on with. Only under the lock of the folder: another tobs may be writing. Links are not followed and hidden
    folders, which tobs never writes to, not entered.
    """
    removed = []
    for path in (*_files_in(temp_dir), *_prefixed_below(root)):
        with suppress(FileNotFoundError):
            path.unlink()
            removed.append(path)
    return removed


def _temporary_path(target: Path, temp_dir: Path | None) -> Path:
    name = PREFIX + secrets.token_hex(8)
    if temp_dir is not None and temp_dir.is_dir() and _share_device(temp_dir, target.parent):
        return temp_dir / name
    return target.parent / name


def _share_device(one: Path, other: Path) -> bool:
    return one.stat().st_dev == other.stat().st_dev


def _put_in_place(temporary: Path, target: Path, mode: int) -> None:
    try:
        temporary.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV or temporary.parent == target.parent:
            raise
        # Two mounts of one device look alike to stat, yet nothing can be renamed between them.
        save(target, _read_blocks(temporary), mode=mode)
        temporary.unlink()


def _read_blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            yield block


def sync_file(path: Path) -> None:
    """Make durable what a file holds. Raises OSError."""
    # Windows syncs only what is open for writing.
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Make durable which names a folder has. Raises OSError."""
    if os.name == "nt":  # Windows cannot open a folder to sync it.
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def said_clearly(target: Path) -> Iterator[None]:
    """Say what the operating system refuses in the block as DiskFull or ForeignFolder, which name the target."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull(
                f"No space is left to write {target}.", hint="Free some space and run the command again."
            ) from error
        if error.errno in _REFUSED:
            raise ForeignFolder(
                f"{target} cannot be written: {error.strerror}.",
                hint="Look at the owner and the permissions of its folder, or choose another one.",
            ) from error
        raise


def _files_in(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(each for each in folder.iterdir() if each.name.startswith(PREFIX))


def _prefixed_below(root: Path) -> Iterator[Path]:
    for folder, inner, names in os.walk(root):
        inner[:] = [each for each in inner if not each.startswith(".")]
        yield from (Path(folder, name) for name in names if name.startswith(PREFIX))
