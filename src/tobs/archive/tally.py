"""Counts the ids ever asked for: which are stored, empty, unreadable or unknown."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from tobs.archive.hidden import read_hidden
from tobs.archive.spans import read_asked, read_covered, thread_spans
from tobs.core.model import Chat
from tobs.core.ranges import Range, clip_ranges, count_ids, find_holes
from tobs.core.report import Tally

# Put together from constants, never from data.
_STORED = "SELECT count(*) FROM messages WHERE account = ? AND chat_id = ? AND id BETWEEN ? AND ?"
_MARKED = "SELECT count(*) FROM unreadable WHERE account = ? AND chat_id = ? AND id BETWEEN ? AND ?"
_HAS_MESSAGE = (
    "EXISTS (SELECT 1 FROM messages WHERE messages.account = unreadable.account"
    " AND messages.chat_id = unreadable.chat_id AND messages.id = unreadable.id)"
)


def count_tally(connection: sqlite3.Connection, chat: Chat) -> Tally:
    """Return the tally of a chat; the index counts, so a million ids take no memory here.

    An id that was asked for is unreadable when it is marked so, else stored when its message is here, else
    empty when it is covered, else hidden when the account that looked last cannot see it, else unknown. A stored message need not be covered: a search finds messages and
    proves no range.

    Of a thread that was asked for by itself only what is stored, unreadable or unknown counts: an id that is not
    in it may belong to another thread, which nobody asked for.
    """
    asked = read_asked(connection, chat)
    covered = read_covered(connection, chat)
    proved = [part for each in asked for part in clip_ranges(covered, each)]
    empty = count_ids(proved) - count_taken(connection, chat, proved)
    spans, thread_holes = thread_spans(connection, chat)
    holes = [*(part for each in asked for part in find_holes(covered, each)), *thread_holes]
    unknown = count_ids(holes) - count_taken(connection, chat, holes)
    veiled = clip_ranges(holes, Range(1, read_hidden(connection, chat) or 0))
    hidden = count_ids(veiled) - count_taken(connection, chat, veiled)
    wanted = [*asked, *spans]
    unreadable = _count(connection, chat, wanted, _MARKED)
    stored = count_taken(connection, chat, wanted) - unreadable
    return Tally(stored, empty, unknown - hidden, unreadable, hidden)


def count_taken(connection: sqlite3.Connection, chat: Chat, ranges: Sequence[Range]) -> int:
    """Return how many ids in the ranges have a message, which is stored or cannot be read."""
    stored = count_messages(connection, chat, ranges)
    return stored + _count(connection, chat, ranges, f"{_MARKED} AND NOT {_HAS_MESSAGE}")


def count_messages(connection: sqlite3.Connection, chat: Chat, ranges: Iterable[Range]) -> int:
    """Return how many messages of the chat have an id in one of the ranges."""
    return _count(connection, chat, ranges, _STORED)


def _count(connection: sqlite3.Connection, chat: Chat, ranges: Iterable[Range], sql: str) -> int:
    return sum(connection.execute(sql, (*chat.key, *each)).fetchone()[0] for each in ranges)
