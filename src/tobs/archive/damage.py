"""Whether a failure is the file's fault: looked at only when something failed that should not have."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from tobs.archive.migrate import build_schema, newest_version

_SCHEMA = "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL"
_WHOLE = {"ok"}
_ELSEWHERE = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}
"""Errors that say nothing of what is in the file."""


def has_schema(path: Path) -> bool:
    """Tell whether the tables of an archive of this version can be found in a file, whatever its header says it is."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            return build_schema(newest_version(), _SCHEMA) <= set(connection.execute(_SCHEMA))
    except (sqlite3.Error, UnicodeDecodeError):
        return False


def is_damaged(path: Path) -> bool:
    """Tell whether the file at `path` is no whole archive of the version that it says it has.

    Reads all of it, which takes seconds for each gigabyte: for when a traceback is the other choice.
    """
    address = f"{path.absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True)) as connection:
            return _is_spoilt(connection)
    except sqlite3.Error as error:
        return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF not in _ELSEWHERE
    except UnicodeDecodeError:  # SQLite quotes the name of a table that is none in what it says
        return True


def _is_spoilt(connection: sqlite3.Connection) -> bool:
    # An empty file says that it is of version 0, and is no archive of any.
    version = connection.execute("PRAGMA user_version").fetchone()[0] or newest_version()
    # Whoever added an index or a view of their own did no harm.
    if not build_schema(version, _SCHEMA) <= set(connection.execute(_SCHEMA)):
        return True
    if {said for (said,) in connection.execute("PRAGMA integrity_check(1)")} != _WHOLE:
        return True
    return connection.execute("PRAGMA foreign_key_check").fetchone() is not None
