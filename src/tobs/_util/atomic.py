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


def save(
    target: Path, parts: bytes | Iterable[bytes], *, temp_dir: Path | None = None, mode: int = 0o644
) -> None:
    """Replace `target` by the parts, one behind the other; durable when this returns.

    Folders above the target are made. The temporary file lies in `temp_dir` when that is there and on
    the target's device, else beside the target. `mode` is set at creation and narrowed by the umask. A
    target that is a symbolic link is replaced itself: nothing is ever written through it.

    Raises DiskFull or ForeignFolder; whatever is raised, also by `parts`, the old file stays.
    """
    with _said_clearly(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = _temporary_path(target, temp_dir)
        try:
            _write_whole(temporary, parts, mode)
            _put_in_place(temporary, target, mode)
        except BaseException:
            # Also on Ctrl+C: what is half written must not stay.
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)


def remove_leftovers(temp_dir: Path, root: Path) -> list[Path]:
    """Remove and return what a killed run left in `temp_dir` and, by our prefix, anywhere below `root`.

    Only under the lock of the folder: another tobs may be writing. Links are not followed and hidden
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


def _write_whole(path: Path, parts: bytes | Iterable[bytes], mode: int) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    written = 0
    with os.fdopen(os.open(path, flags, mode), "wb") as file:
        for part in (parts,) if isinstance(parts, bytes) else parts:
            written += file.write(part)
        file.flush()
        on_disk = os.fstat(file.fileno()).st_size
        if on_disk != written:
            raise OSError(errno.EIO, f"{written} bytes written, but {on_disk} are on disk", str(path))
        os.fsync(file.fileno())


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


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows cannot open a folder to sync it.
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _said_clearly(target: Path) -> Iterator[None]:
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
    return sorted(each for each in folder.iterdir() if each.is_symlink() or each.is_file())


def _prefixed_below(root: Path) -> Iterator[Path]:
    for folder, inner, names in os.walk(root):
        inner[:] = [each for each in inner if not each.startswith(".")]
        yield from (Path(folder, name) for name in names if name.startswith(PREFIX))
