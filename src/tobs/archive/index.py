"""The index of words: brought up to date in the transaction that stores messages, by the thousand.

A message is indexed by its number, the order of storing, and `indexed` says up to which one all are. To
index each page as it comes would take three times as long, so up to `BATCH` messages wait; a search reads those
themselves (archive/search.py). Mark and index are committed together, so a crash leaves nothing to find out.
What edits change is followed by triggers.
"""

from __future__ import annotations

import sqlite3

BATCH = 5000
"""Measured with pages of 100: twice as many at once save a tenth more, and make every search for new ones slower."""

TABLES = ("message_words", "message_parts")


def index_messages(connection: sqlite3.Connection, *, at_least: int = 1) -> None:
    """Index the messages that wait, if they are so many; to be called in a transaction."""
    up_to, top = connection.execute(
        "SELECT up_to, (SELECT coalesce(max(number), 0) FROM messages) FROM indexed"
    ).fetchone()
    if top - up_to < at_least:
        return
    for table in TABLES:
        connection.execute(
            f"INSERT INTO {table} (rowid, text) SELECT number, text FROM messages WHERE number > ? ORDER BY number",  # noqa: S608 - constants
            (up_to,),
        )
    connection.execute("UPDATE indexed SET up_to = ?", (top,))


def rebuild_index(connection: sqlite3.Connection) -> int:
    """Make the index anew from the messages, and return of how many; to be called in a transaction."""
    for table in TABLES:
        connection.execute(f"INSERT INTO {table} ({table}) VALUES ('rebuild')")  # noqa: S608 - constants
    connection.execute("UPDATE indexed SET up_to = (SELECT coalesce(max(number), 0) FROM messages)")
    return int(connection.execute("SELECT count(*) FROM messages").fetchone()[0])
