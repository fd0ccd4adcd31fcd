"""Up to which id the account that looked last sees nothing of a supergroup."""

from __future__ import annotations

import sqlite3

from tobs.core.model import Chat

_READ = "SELECT hidden_to, seen_by FROM chats WHERE account = ? AND id = ?"
# What happens to the hidden messages the account will not be told: from now on the chain does not reach them.
_NOTE = (
    "UPDATE chats SET hidden_to = ?1, seen_by = ?2, known_from = max(known_from, ?1 + 1)"
    " WHERE account = ?3 AND id = ?4"
)


def read_hidden(connection: sqlite3.Connection, chat: Chat, account: int | None = None) -> int | None:
    """Return up to which id a chat is hidden from whoever looked last; None unless that was `account`, if one is given."""
    hidden, seen_by = connection.execute(_READ, chat.key).fetchone() or (0, None)
    return int(hidden) if account in {None, seen_by} else None


def note_hidden(connection: sqlite3.Connection, chat: Chat, account: int, hidden: int) -> bool:
    """Note up to which id an account sees nothing of a chat; tell whether that is shown otherwise now."""
    before = read_hidden(connection, chat)
    connection.execute(_NOTE, (hidden, account, *chat.key))
    return hidden != before
