"""Messages that a repair kept as it read them: the answer that they came in is lost."""

from __future__ import annotations

import sqlite3

import msgspec

from tobs.archive.codec import QUARANTINED
from tobs.core.model import Chat

# The constant stands in the text, since only so the index of such answers is used.
_ANY = f"SELECT 1 FROM responses WHERE method = '{QUARANTINED}' LIMIT 1"
_OF = (
    "SELECT messages.id FROM messages WHERE account = ? AND chat_id = ?"
    f" AND response IN (SELECT id FROM responses WHERE method = '{QUARANTINED}')"
)


def find_unbacked(connection: sqlite3.Connection, chat: Chat, ids: list[int]) -> set[int]:
    """Return which of these messages of a chat no answer backs."""
    if connection.execute(_ANY).fetchone() is None:
        return set()
    listed = msgspec.json.encode(ids).decode()
    found = connection.execute(f"{_OF} AND id IN (SELECT value FROM json_each(?))", (*chat.key, listed))
    return {number for (number,) in found}


def count_unbacked(connection: sqlite3.Connection, chat: Chat) -> int:
    """Return how many messages of a chat no answer backs."""
    (found,) = connection.execute(f"SELECT count(*) FROM ({_OF})", chat.key).fetchone()
    return int(found)
