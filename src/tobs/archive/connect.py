"""Connections to the archive's file, and who may read it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tobs.archive.faults import said_clearly

FOLDER = ".tobs"
FILE = "archive.sqlite"

_BUSY_SECONDS = 30
"""How long to wait for another program's lock: a copy being made, somebody's query in datasette."""

_SUFFIXES = ("", "-wal", "-shm")


def archive_path(output: Path) -> Path:
    """Return where the archive of an export folder lies."""
    return output / FOLDER / FILE


def secure_files(path: Path) -> list[str]:
    """Make the folder (0700) and the empty file (0600) where missing; return what was too open.

    SQLite gives its log the mode of the file, so nothing is ever readable by others, not even shortly.
    Modes that were loosened since are repaired, and a sentence for each is returned.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    if os.name == "nt":  # Windows has no such modes.
        return []
    files = (path.with_name(path.name + suffix) for suffix in _SUFFIXES)
    wanted = [(path.parent, 0o700), *((each, 0o600) for each in files if each.exists())]
    return [said for each, mode in wanted if (said := _tighten(each, mode))]


def _tighten(path: Path, mode: int) -> str:
    found = path.stat().st_mode & 0o777
    if not found & ~mode:
        return ""
    path.chmod(mode)
    return f"{path} could be read by others ({found:o}); it is private again ({mode:o})."


def connect_writer(path: Path) -> sqlite3.Connection:
    """Return the writing connection: autocommit, write-ahead log, foreign keys not yet on.

    Raises Damaged, ForeignFolder or Busy.
    """
    with said_clearly(path):
        connection = sqlite3.connect(
            path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        # Measured with rows of 500 bytes: a tenth faster than pages of 4 KiB, a third faster than 16.
        connection.execute("PRAGMA page_size = 8192")
        connection.execute("PRAGMA journal_mode = WAL").fetchall()
        connection.execute("PRAGMA synchronous = NORMAL")
        # One transaction dirties a few hundred pages of indexes, 8 MiB keep them in memory. With more, a
        # chat of 200,000 messages would take a third more memory than one of 20,000, which never fills it.
        connection.execute("PRAGMA cache_size = -8192")
        return connection


def connect_reader(path: Path) -> sqlite3.Connection:
    """Return a read-only connection, usable from any one thread at a time.

    Raises Damaged, ForeignFolder or Busy.
    """
    with said_clearly(path):
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro",
            uri=True,
            timeout=_BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        # Sorting a million ids must not take memory for a million ids.
        connection.execute("PRAGMA temp_store = FILE")
        return connection


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
