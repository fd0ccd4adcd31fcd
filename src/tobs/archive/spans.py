"""Ranges of ids in tables, kept merged: overlapping and touching ones are one row."""

from __future__ import annotations

import sqlite3

from tobs.core.model import Chat
from tobs.core.ranges import Range, merge_ranges

LISTED = "listed"
"""Proof of a range: the server listed it, so that what it left out does not exist."""

LOOKED_UP = "looked_up"
"""Proof of a range: each id was asked for by itself, and is empty."""

WHOLE_CHAT = 0
"""Scope of a range: the chat itself, not a thread in it."""


def add_asked(connection: sqlite3.Connection, chat: Chat, asked: Range) -> bool:
    """Add a range to those ever asked for; tell whether that is news."""
    touching = connection.execute(
        "SELECT low, high FROM asked WHERE account = ? AND chat_id = ? AND low <= ? AND high >= ?",
        (*chat.key, asked.high + 1, asked.low - 1),
    ).fetchall()
    if _is_held(touching, asked):
        return False
    connection.executemany(
        "DELETE FROM asked WHERE account = ? AND chat_id = ? AND low = ?",
        [(*chat.key, low) for low, _ in touching],
    )
    connection.execute("INSERT INTO asked VALUES (?, ?, ?, ?)", (*chat.key, *_join(touching, asked)))
    return True


def add_covered(
    connection: sqlite3.Connection, chat: Chat, covers: Range, at: float, *, proof: str = LISTED
) -> bool:
    """Add a range with its proof, unless all of it was covered so before; tell whether it was added."""
    touching = connection.execute(
        "SELECT low, high FROM covered WHERE account = ? AND chat_id = ? AND scope = ? AND proof = ?"
        " AND low <= ? AND high >= ?",
        (*chat.key, WHOLE_CHAT, proof, covers.high + 1, covers.low - 1),
    ).fetchall()
    if _is_held(touching, covers):
        return False
    connection.executemany(
        "DELETE FROM covered WHERE account = ? AND chat_id = ? AND scope = ? AND proof = ? AND low = ?",
        [(*chat.key, WHOLE_CHAT, proof, low) for low, _ in touching],
    )
    connection.execute(
        "INSERT INTO covered VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*chat.key, WHOLE_CHAT, proof, *_join(touching, covers), at),
    )
    return True


def read_asked(connection: sqlite3.Connection, chat: Chat) -> list[Range]:
    """Return the ranges ever asked for, merged and sorted."""
    found = connection.execute("SELECT low, high FROM asked WHERE account = ? AND chat_id = ?", chat.key)
    return merge_ranges(Range(*each) for each in found)


def read_covered(connection: sqlite3.Connection, chat: Chat, proof: str = "") -> list[Range]:
    """Return the ranges of the chat covered by this proof (none: by any), merged and sorted."""
    found = connection.execute(
        "SELECT low, high FROM covered WHERE account = ? AND chat_id = ? AND scope = ? AND ? IN ('', proof)",
        (*chat.key, WHOLE_CHAT, proof),
    )
    return merge_ranges(Range(*each) for each in found)


def _is_held(touching: list[tuple[int, int]], span: Range) -> bool:
    return any(low <= span.low and span.high <= high for low, high in touching)


def _join(touching: list[tuple[int, int]], span: Range) -> Range:
    lows, highs = zip(*touching, span, strict=True)
    return Range(min(lows), max(highs))
