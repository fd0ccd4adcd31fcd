"""How much of a chat was ever asked for, read from the archive."""

from __future__ import annotations

import sqlite3

from tobs.archive.spans import list_beyond, read_asked, read_threads
from tobs.core.coverage import Coverage, Extent
from tobs.core.model import Chat
from tobs.core.ranges import Range

_WHOLE_TO = "SELECT whole_to FROM chats WHERE account = ? AND id = ?"
_NOTE_WHOLE = (
    "UPDATE chats SET whole_to = max(coalesce(whole_to, 0), ?) WHERE account = ? AND id = ?"
    " AND coalesce(whole_to, -1) < ?"
)
_HAS_MESSAGE = "SELECT 1 FROM messages WHERE account = ? AND chat_id = ? LIMIT 1"


def note_whole(connection: sqlite3.Connection, chat: Chat, top: int) -> bool:
    """Note that all of a chat was asked for when this was its top; tell whether that is news."""
    return connection.execute(_NOTE_WHOLE, (top, *chat.key, top)).rowcount > 0


def read_coverage(connection: sqlite3.Connection, chat: Chat) -> Coverage:
    """Return how much of a chat was ever asked for."""
    asked = read_asked(connection, chat)
    threads = [each for each in read_threads(connection, chat) if list_beyond(connection, chat, each)]
    return Coverage(_find_extent(connection, chat, asked, threads), asked, threads)


def _find_extent(
    connection: sqlite3.Connection, chat: Chat, asked: list[Range], threads: list[int]
) -> Extent:
    (whole_to,) = connection.execute(_WHOLE_TO, chat.key).fetchone() or (None,)
    # What was asked for in part later, above what was the top, is one range with it or the chat is not whole.
    is_joined = not asked or (len(asked) == 1 and asked[0].low == 1)
    if whole_to is not None and is_joined and not threads:
        return "whole"
    if asked or threads:
        return "part"
    return "search" if connection.execute(_HAS_MESSAGE, chat.key).fetchone() else "none"
