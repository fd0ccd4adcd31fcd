"""Ranges of ids in tables, kept merged: overlapping and touching ones are one row."""

from __future__ import annotations

import sqlite3

from tobs.core.model import Chat
from tobs.core.ranges import Range, find_holes, merge_ranges

LISTED = "listed"
"""Proof of a range: the server listed it, so that what it left out does not exist."""

LOOKED_UP = "looked_up"
"""Proof of a range: each id was asked for by itself, and is empty."""

WHOLE_CHAT = 0
"""Scope of a range: the chat itself, not a thread in it."""


def add_asked(connection: sqlite3.Connection, chat: Chat, asked: Range, scope: int = WHOLE_CHAT) -> bool:
    """Add a range to those ever asked for; tell whether that is news."""
    touching = connection.execute(
        "SELECT low, high FROM asked WHERE account = ? AND chat_id = ? AND scope = ?"
        " AND low <= ? AND high >= ?",
        (*chat.key, scope, asked.high + 1, asked.low - 1),
    ).fetchall()
    if _is_held(touching, asked):
        return False
    connection.executemany(
        "DELETE FROM asked WHERE account = ? AND chat_id = ? AND scope = ? AND low = ?",
        [(*chat.key, scope, low) for low, _ in touching],
    )
    connection.execute(
        "INSERT INTO asked VALUES (?, ?, ?, ?, ?)", (*chat.key, scope, *_join(touching, asked))
    )
    return True


def add_covered(
    connection: sqlite3.Connection,
    chat: Chat,
    covers: Range,
    at: float,
    *,
    proof: str = LISTED,
    scope: int = WHOLE_CHAT,
) -> bool:
    """Add a range with its proof, unless all of it was covered so before; tell whether it was added."""
    touching = connection.execute(
        "SELECT low, high FROM covered WHERE account = ? AND chat_id = ? AND scope = ? AND proof = ?"
        " AND low <= ? AND high >= ?",
        (*chat.key, scope, proof, covers.high + 1, covers.low - 1),
    ).fetchall()
    if _is_held(touching, covers):
        return False
    connection.executemany(
        "DELETE FROM covered WHERE account = ? AND chat_id = ? AND scope = ? AND proof = ? AND low = ?",
        [(*chat.key, scope, proof, low) for low, _ in touching],
    )
    connection.execute(
        "INSERT INTO covered VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*chat.key, scope, proof, *_join(touching, covers), at),
    )
    return True


def read_asked(connection: sqlite3.Connection, chat: Chat, scope: int = WHOLE_CHAT) -> list[Range]:
    """Return the ranges ever asked for, merged and sorted."""
    found = connection.execute(
        "SELECT low, high FROM asked WHERE account = ? AND chat_id = ? AND scope = ?", (*chat.key, scope)
    )
    return merge_ranges(Range(*each) for each in found)


def read_covered(
    connection: sqlite3.Connection, chat: Chat, proof: str = "", scope: int = WHOLE_CHAT
) -> list[Range]:
    """Return the ranges covered by this proof (none: by any), merged and sorted.

    What is known of the chat is known of its threads too, but not the other way round.
    """
    found = connection.execute(
        "SELECT low, high FROM covered WHERE account = ? AND chat_id = ? AND scope IN (?, ?)"
        " AND ? IN ('', proof)",
        (*chat.key, WHOLE_CHAT, scope, proof),
    )
    return merge_ranges(Range(*each) for each in found)


def read_threads(connection: sqlite3.Connection, chat: Chat) -> list[int]:
    """Return the threads that were asked for by themselves."""
    found = connection.execute(
        "SELECT DISTINCT scope FROM asked WHERE account = ? AND chat_id = ? AND scope <> ? ORDER BY scope",
        (*chat.key, WHOLE_CHAT),
    )
    return [scope for (scope,) in found]


def thread_spans(connection: sqlite3.Connection, chat: Chat) -> tuple[list[Range], list[Range]]:
    """Return the ranges asked for of threads only, and what of them is not covered."""
    spans: list[Range] = []
    holes: list[Range] = []
    for scope in read_threads(connection, chat):
        wanted = list_beyond(connection, chat, scope)
        covered = read_covered(connection, chat, scope=scope)
        spans += wanted
        holes += [part for each in wanted for part in find_holes(covered, each)]
    return merge_ranges(spans), merge_ranges(holes)


def list_beyond(connection: sqlite3.Connection, chat: Chat, thread: int) -> list[Range]:
    """Return the ranges asked for of a thread that were not asked for of the chat as well."""
    asked = read_asked(connection, chat)
    return [part for each in read_asked(connection, chat, thread) for part in find_holes(asked, each)]


def _is_held(touching: list[tuple[int, int]], span: Range) -> bool:
    return any(low <= span.low and span.high <= high for low, high in touching)


def _join(touching: list[tuple[int, int]], span: Range) -> Range:
    lows, highs = zip(*touching, span, strict=True)
    return Range(min(lows), max(highs))
