"""What SQLite's errors mean to the person at the screen."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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

_SAYING: dict[type[TobsError], tuple[str, str]] = {
    DiskFull: ("No space is left for the archive {path}", "Free some space and run the command again."),
    Damaged: (
        "The archive {path} cannot be read",
        "Put a copy from a backup in its place; notes and media already exported are not affected.",
    ),
    ForeignFolder: (
        "The archive {path} cannot be opened",
        "Look at the owner and the permissions of the folder, or choose another one with --output.",
    ),
    Busy: ("The archive {path} is in use by another program", "Close what has it open and try again."),
}


@contextmanager
def said_clearly(path: Path) -> Iterator[None]:
    """Turn what SQLite raises about the file into the error that says what to do.

    An error in a statement of ours passes as it is: that is a bug, and must look like one.
    """
    try:
        yield
    except sqlite3.Error as error:
        # Extended codes carry the primary one in their lowest byte (https://sqlite.org/rescode.html).
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if (kind := _KINDS.get(code)) is None:
            raise
        message, hint = _SAYING[kind]
        raise kind(f"{message.format(path=path)}: {error}.", hint=hint) from error
