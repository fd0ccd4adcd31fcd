"""How many messages of each chat an archive has for good; looks without leaving a trace on disk."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

from tobs.archive.chats import read_chats
from tobs.archive.migrate import check_version, newest_version
from tobs.archive.spans import read_covered
from tobs.archive.still import read_still
from tobs.archive.store import read_projection
from tobs.archive.tally import count_messages


@dataclass(frozen=True, slots=True)
class Holdings:
    """What an export of the folder goes by.

    `messages` counts by chat key what is stored and there at the server as well, so that it need not be fetched
    again; `has_comments`: the folder keeps the option that channels come with their comments.
    """

    messages: dict[tuple[int, int], int] = field(default_factory=dict)
    has_comments: bool = False


_DELETED = "SELECT count(*) FROM deletions WHERE account = ? AND chat_id = ?"


def read_holdings(path: Path) -> Holdings:
    """Return what the archive at `path` has, nothing when there is none.

    What a search found counts only where a range is covered: elsewhere it comes once more. Raises ForeignFolder,
    NewerArchive, Damaged or Busy.
    """
    if not path.is_file():
        return Holdings()

    def ask(connection: sqlite3.Connection) -> Holdings:
        if not check_version(connection, path, newest=newest_version()):
            return Holdings()
        projection = read_projection(connection)
        messages = {
            chat.key: count_messages(connection, chat, read_covered(connection, chat))
            - int(connection.execute(_DELETED, chat.key).fetchone()[0])
            for chat in read_chats(connection)
        }
        return Holdings(messages, bool(projection and projection.comments))

    return read_still(path, ask)
