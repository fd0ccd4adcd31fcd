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


def index_messages(connection: sqlite3.Connection, *, at_least: int = 1) -> int:
    """Index the next batch of the messages that wait, if they are so many; to be called in a transaction.

    Returns how many were indexed, 0 for none.
    """
    up_to, top = connection.execute(
        "SELECT up_to, (SELECT coalesce(max(number), 0) FROM messages) FROM indexed"
    ).fetchone()
    if top - up_to < at_least:
        return 0
    span = (up_to, min(top, up_to + BATCH))
    for table in TABLES:
        connection.execute(
            f"INSERT INTO {table} (rowid, text) SELECT number, text FROM messages"
            " WHERE number > ? AND number <= ? ORDER BY number",
            span,
        )
    connection.execute("UPDATE indexed SET up_to = ?", span[1:])
    return int(span[1] - up_to)


def clear_index(connection: sqlite3.Connection) -> None:
    """Empty the index, whatever is in it, so that all messages wait; to be called in a transaction."""
    for table in TABLES:
        connection.execute(f"INSERT INTO {table} ({table}) VALUES ('delete-all')")
    connection.execute("UPDATE indexed SET up_to = 0")
