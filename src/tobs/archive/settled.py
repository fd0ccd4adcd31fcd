"""What of a chat is whole while the rest of it is still being fetched, the newest pages first."""

from __future__ import annotations

import sqlite3

from tobs.archive import dates
from tobs.archive.spans import LISTED, WHOLE_CHAT
from tobs.core.model import Chat
from tobs.core.ports.reader import Reach

_LOWEST = (
    "SELECT low, date FROM (SELECT max(high), low FROM covered JOIN chats"
    "  ON chats.account = covered.account AND chats.id = chat_id"
    "  WHERE covered.account = ? AND chat_id = ? AND scope = ? AND proof = ? AND high >= whole_to)"
    " JOIN messages ON account = ? AND chat_id = ? AND messages.id >= low ORDER BY messages.id LIMIT 1"
)
_REACH = (
    f"{dates.WITH_IDS} SELECT answered, answered_date,"
    " EXISTS (SELECT 1 FROM wants WHERE wants.account = :account AND wants.chat_id = :chat_id"
    "  AND message_id BETWEEN low AND high)"
    " FROM (SELECT min(one.reply_to_id) AS answered, min(target.date) AS answered_date,"
    "  min(one.id) AS low, max(one.id) AS high"
    "  FROM ids CROSS JOIN messages AS one"
    "   ON one.account = :account AND one.chat_id = :chat_id AND one.id = ids.id"
    "  LEFT JOIN messages AS target ON target.account = :account AND target.chat_id = :chat_id"
    "   AND target.id = one.reply_to_id)"
)


def find_lowest(connection: sqlite3.Connection, chat: Chat) -> tuple[int, int] | None:
    """Return down to which id all is stored from the chat's top on, and the date of the lowest such message, if any."""
    found: tuple[int, int] | None = connection.execute(
        _LOWEST, (*chat.key, WHOLE_CHAT, LISTED, *chat.key)
    ).fetchone()
    return found


def read_reach(connection: sqlite3.Connection, chat: Chat, start: int, end: int) -> Reach:
    """Return what the messages of a chat with `start` ≤ date < `end` (UTC seconds) point at."""
    answered, date, has_files = connection.execute(_REACH, dates.values(chat, None, start, end)).fetchone()
    return Reach(answered, date, bool(has_files))
