"""What SQLite's errors mean to the person at the screen."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import disk_usage

import msgspec

from tobs.errors import Busy, Damaged, DiskFull, ForeignFolder, TobsError

_KINDS: dict[int, type[TobsError]] = {
    sqlite3.SQLITE_FULL: DiskFull,
    sqlite3.SQLITE_CORRUPT: Damaged,
    sqlite3.SQLITE_NOTADB: Damaged,
    sqlite3.SQLITE_IOERR: Damaged,
    sqlite3.SQLITE_READONLY: ForeignFolder,
    sqlite3.SQLITE_CANTOPEN: ForeignFolder,
    sqlite3.SQLITE_PERM: ForeignFolder,
    sqlite3.SQLITE_BUSY: Busy,
    sqlite3.SQLITE_LOCKED: Busy,
}

MENDING = (
    "`tobs archive repair` saves what can be read of it; notes and media already exported are not affected."
)
"""What to do about a damaged archive."""

_SAYING: dict[type[TobsError], tuple[str, str]] = {
    DiskFull: ("No space is left for the archive {path}", "Free some space and run the command again."),
    Damaged: (
        "The archive {path} cannot be read",
        MENDING,
    ),
    ForeignFolder: (
        "The archive {path} cannot be opened",
        "Look at the owner and the permissions of the folder, or choose another one with --output.",
    ),
    Busy: ("The archive {path} is in use by another program", "Close what has it open and try again."),
}


_LEAST_FREE = 1 << 20
"""Bytes: SQLite takes more at once than may be left."""

_NOT_OURS = ("Could not decode to UTF-8", "malformed JSON", "invalid fts5 file format")
"""Of values that nobody ever wrote: the file's structure may be whole all the same."""


@contextmanager
def said_clearly(path: Path) -> Iterator[None]:
    """Turn what the file makes happen into the error that says what to do.

    What fails in a file that is whole passes as it is: that is a bug, and must look like one.
    """
    try:
        yield
    except (TobsError, OSError):
        raise
    except Exception as error:
        if (kind := _find_kind(error, path)) is None:
            raise
        message, hint = _SAYING[kind]
        raise kind(f"{message.format(path=path)}: {error}.", hint=hint) from error


def _is_full(path: Path) -> bool:
    """Tell whether an error of reading or writing comes of a disk without room: for the log's index SQLite says no more."""
    try:
        return disk_usage(path.parent).free < _LEAST_FREE
    except OSError:
        return False


def _find_kind(error: Exception, path: Path) -> type[TobsError] | None:
    # Extended codes carry the primary one in their lowest byte (https://sqlite.org/rescode.html).
    code = getattr(error, "sqlite_errorcode", None) or 0
    if code & 0xFF == sqlite3.SQLITE_IOERR and _is_full(path):
        return DiskFull
    if found := _KINDS.get(code & 0xFF):
        return found
    if isinstance(error, msgspec.MsgspecError):
        return Damaged
    if isinstance(error, sqlite3.OperationalError) and str(error).startswith(_NOT_OURS):
        return Damaged
    from tobs.archive.damage import is_damaged  # which opens the file as all others do

    return Damaged if is_damaged(path) else None
