"""What a chat's own note tells, counted by SQL without reading a text."""

from __future__ import annotations

import sqlite3

from tobs.archive.tally import count_tally
from tobs.core.model import Chat
from tobs.core.ports.reader import ChatSummary


def read_summary(connection: sqlite3.Connection, chat: Chat) -> ChatSummary:
    """Return the counts of a chat; service messages are counted by kind, but nobody sent them."""
    kinds = connection.execute(
        "SELECT kind, count(*), min(date), max(date) FROM messages INDEXED BY messages_by_date"
        " WHERE account = ? AND chat_id = ? GROUP BY kind ORDER BY kind",
        chat.key,
    ).fetchall()
    people = connection.execute(
        "SELECT sender_id, count(*) FROM messages INDEXED BY messages_by_date"
        " WHERE account = ? AND chat_id = ? AND sender_id IS NOT NULL AND kind <> 'service'"
        " GROUP BY sender_id ORDER BY count(*) DESC, sender_id",
        chat.key,
    ).fetchall()
    files = connection.execute(
        "SELECT media_kind, count(*) FROM (SELECT DISTINCT media_kind, file_kind, file_id FROM wants"
        " JOIN files ON files.kind = file_kind AND files.id = file_id"
        " WHERE account = ? AND chat_id = ? AND state <> 'withheld') GROUP BY media_kind ORDER BY media_kind",
        chat.key,
    ).fetchall()
    return ChatSummary(
        first_date=min((first for _, _, first, _ in kinds), default=None),
        last_date=max((last for _, _, _, last in kinds), default=None),
        kinds={kind: number for kind, number, _, _ in kinds},
        people=people,
        files=dict(files),
        tally=count_tally(connection, chat),
    )
