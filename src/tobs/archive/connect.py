"""Connections to the archive's file, and who may read it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tobs._util.inside import refuse_link
from tobs._util.modes import tighten
from tobs.archive.faults import said_clearly
from tobs.errors import Damaged, ForeignFolder, UsageError

FOLDER = ".tobs"
FILE = "archive.sqlite"

_BUSY_SECONDS = 30
"""How long to wait for another program's lock: a copy being made, somebody's query in datasette."""


def archive_path(output: Path) -> Path:
    """Return where the archive of an export folder lies."""
    return output / FOLDER / FILE


def find_archive(output: Path) -> Path:
    """Return where an archive is. Raises UsageError when the folder holds none, or ForeignFolder when it is not ours."""
    path = archive_path(output)
    try:
        refuse_links(output)
        refuse_unfinished(path)
        if path.is_file():
            return path
    except OSError as error:
        raise ForeignFolder(
            f"The export folder {output} cannot be read: {error.strerror}.",
            hint="Look at the owner and the permissions of the folder, or choose another one with --output.",
        ) from error
    raise UsageError(f"{output} holds no archive.", hint="`tobs export <chat>` makes one.")


def refuse_links(output: Path) -> None:
    """Raise ForeignFolder when our folder of an export folder, or anything in it, is a link. Raises OSError."""
    inner = output / FOLDER
    refuse_link(inner)
    for each in sorted(inner.iterdir()) if inner.is_dir() else ():
        refuse_link(each)


def repaired_path(path: Path) -> Path:
    """Return where a repaired archive lies until it is in the place of the damaged one."""
    return path.with_name(f"{path.name}.repaired")


def refuse_unfinished(path: Path) -> None:
    """Raise Damaged when a repair of this archive was interrupted at its last step."""
    if repaired_path(path).exists():
        raise Damaged(
            f"A repair of the archive {path} was interrupted.", hint="`tobs archive repair` finishes it."
        )


def beside(path: Path, suffix: str) -> Path:
    """Return the file that SQLite keeps beside an archive: its log (`wal`) or the index of that (`shm`)."""
    return path.with_name(f"{path.name}-{suffix}")


def secure_files(path: Path) -> list[str]:
    """Make the folder (0700) and the empty file (0600) where missing; return what was too open.

    SQLite gives its log the mode of the file, so nothing is ever readable by others, not even shortly.
    Modes that were loosened since are repaired, and a sentence for each is returned.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    return tighten((path.parent, path, beside(path, "wal"), beside(path, "shm")))


def connect_writer(path: Path) -> sqlite3.Connection:
    """Return the writing connection: autocommit, write-ahead log, foreign keys not yet on.

    Raises Damaged, ForeignFolder or Busy.
    """
    with said_clearly(path):
        connection = sqlite3.connect(
            path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        with closed_on_error(connection):
            # Measured with rows of 500 bytes: a tenth faster than pages of 4 KiB, a third faster than 16.
            connection.execute("PRAGMA page_size = 8192")
            connection.execute("PRAGMA journal_mode = WAL").fetchall()
            connection.execute("PRAGMA synchronous = NORMAL")
            # One transaction dirties a few hundred pages of indexes, 8 MiB keep them in memory. With more, a
            # chat of 200,000 messages would take a third more memory than one of 20,000, which never fills it.
            connection.execute("PRAGMA cache_size = -8192")
        return connection


@contextmanager
def closed_on_error(connection: sqlite3.Connection) -> Iterator[None]:
    """Leave no connection open to a file that cannot be used: closing one later removes files of a log that is another's then."""
    try:
        yield
    except BaseException:
        connection.close()
        raise


def connect_reader(path: Path, *, is_still: bool = False) -> sqlite3.Connection:
    """Return a read-only connection, usable from any one thread at a time.

    `is_still`: nobody writes as long as it is open; then it leaves no trace beside the file. Raises Damaged,
    ForeignFolder or Busy.
    """
    with said_clearly(path):
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro{_stillness(path) if is_still else ''}",
            uri=True,
            timeout=_BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        with closed_on_error(connection):
            # Sorting a million ids must not take memory for a million ids.
            connection.execute("PRAGMA temp_store = FILE")
        return connection


def _stillness(path: Path) -> str:
    """Return what to add to the address of an archive into which nobody writes.

    A reader of a file in WAL mode makes the two files of the log and cannot remove them, unless it is told that the
    file does not change (https://sqlite.org/wal.html#read_only_databases). A log with something in it, which a killed
    run left, must be read; its index is not touched when it counts as one that may not be written.
    """
    if not _has_log(path):
        return "&immutable=1"
    return "" if lacks_index(path) else "&readonly_shm=1"


def lacks_index(path: Path) -> bool:
    """Tell whether there is a log to be read whose index is not there, as after a copy: a reader makes one."""
    return _has_log(path) and not beside(path, "shm").exists()


def _has_log(path: Path) -> bool:
    log = beside(path, "wal")
    return log.exists() and log.stat().st_size > 0


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit what the block does as one, or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        # SQLite may have rolled back by itself already, on a full disk for example.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
