"""Messages that Telegram listed and tobs could not read: their ids, and the answers whose bytes hold them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from tobs.core.model import Chat, Decoded
from tobs.core.ports.source import RawPage
from tobs.core.ranges import Range

_MARKED = "SELECT id FROM unreadable WHERE account = ? AND chat_id = ? AND id BETWEEN ? AND ? ORDER BY id"
_NEWER = (
    "SELECT 1 FROM messages JOIN responses ON responses.id = messages.response"
    " WHERE messages.account = ? AND messages.chat_id = ? AND messages.id = ? AND received_at > ?"
)
_LAYER = (
    "SELECT layer FROM unreadable JOIN responses ON responses.id = unreadable.response"
    " WHERE unreadable.account = ? AND unreadable.chat_id = ? AND unreadable.id = ?"
)


def find_marked(connection: sqlite3.Connection, chat: Chat, span: Range) -> list[int]:
    """Return the ids in a range that are marked as unreadable, lowest first."""
    return [number for (number,) in connection.execute(_MARKED, (*chat.key, *span))]


def needs_mark(connection: sqlite3.Connection, page: RawPage, decoded: Decoded) -> bool:
    """Tell whether an answer is to be kept for the message that it breaks off at.

    The first answer of each layer is, unless a later one said what can be read.
    """
    key = (*page.chat.key, decoded.unreadable)
    if decoded.unreadable is None or connection.execute(_NEWER, (*key, page.received_at)).fetchone():
        return False
    known = connection.execute(_LAYER, key).fetchone()
    return known is None or known[0] != page.layer


def add_mark(connection: sqlite3.Connection, page: RawPage, message_id: int, response: int) -> None:
    """Note that a message cannot be read, and which answer holds it."""
    row = (*page.chat.key, message_id, page.received_at, response)
    connection.execute("INSERT OR REPLACE INTO unreadable VALUES (?, ?, ?, ?, ?)", row)


def lift_marks(connection: sqlite3.Connection, page: RawPage, ids: Iterable[int]) -> bool:
    """Take the marks away from messages that an answer shows readable, or gone; tell whether there were any."""
    rows = [(*page.chat.key, each, page.received_at) for each in ids]
    statement = "DELETE FROM unreadable WHERE account = ? AND chat_id = ? AND id = ? AND noticed_at <= ?"
    return connection.executemany(statement, rows).rowcount > 0


def read_layers(connection: sqlite3.Connection, chat: Chat) -> dict[int, int]:
    """Return the ids that could not be read, each with the layer of its answer."""
    found = connection.execute(
        "SELECT unreadable.id, layer FROM unreadable JOIN responses ON responses.id = unreadable.response"
        " WHERE unreadable.account = ? AND unreadable.chat_id = ? ORDER BY unreadable.id",
        chat.key,
    )
    return dict(found.fetchall())


def list_unreadable(
    connection: sqlite3.Connection, chat: Chat, ranges: Iterable[Range], limit: int
) -> list[int]:
    """Return the first ids in these ranges that could not be read."""
    found: list[int] = []
    for each in ranges:
        found += find_marked(connection, chat, each)
    return found[:limit]
