"""How many messages of each chat an archive has for good; looks without leaving a trace on disk."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tobs.archive.chats import read_chats
from tobs.archive.migrate import check_version, newest_version
from tobs.archive.spans import read_covered
from tobs.archive.still import read_still
from tobs.archive.tally import count_messages

Holdings = dict[tuple[int, int], int]
"""By chat key: stored messages that are there at the server as well, and need not be fetched again."""

_DELETED = "SELECT count(*) FROM deletions WHERE account = ? AND chat_id = ?"


def read_holdings(path: Path) -> Holdings:
    """Return what the archive at `path` has, nothing when there is none.

    What a search found counts only where a range is covered: elsewhere it comes once more. Raises ForeignFolder,
    NewerArchive, Damaged or Busy.
    """
    if not path.is_file():
        return {}

    def ask(connection: sqlite3.Connection) -> Holdings:
        if not check_version(connection, path, newest=newest_version()):
            return {}
        return {
            chat.key: count_messages(connection, chat, read_covered(connection, chat))
            - int(connection.execute(_DELETED, chat.key).fetchone()[0])
            for chat in read_chats(connection)
        }

    return read_still(path, ask)
