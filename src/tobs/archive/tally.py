"""Counts the ids ever asked for: which are stored, empty or unknown."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from tobs.archive.spans import read_asked, read_covered, thread_spans
from tobs.core.model import Chat
from tobs.core.ranges import Range, clip_ranges, count_ids
from tobs.core.report import Tally


def count_tally(connection: sqlite3.Connection, chat: Chat) -> Tally:
    """Return the tally of a chat; the index counts, so a million ids take no memory here.

    An id that was asked for is stored when its message is here, else empty when it is covered, else
    unknown. A stored message need not be covered: a search finds messages and proves no range.

    Of a thread that was asked for by itself only what is stored and what is unknown counts: an id that is not
    in it may belong to another thread, which nobody asked for.
    """
    asked = read_asked(connection, chat)
    covered = read_covered(connection, chat)
    proved = [part for each in asked for part in clip_ranges(covered, each)]
    stored = count_messages(connection, chat, asked)
    proved_empty = count_ids(proved) - count_messages(connection, chat, proved)
    unknown = count_ids(asked) - stored - proved_empty
    spans, holes = thread_spans(connection, chat)
    stored += count_messages(connection, chat, spans)
    unknown += count_ids(holes) - count_messages(connection, chat, holes)
    return Tally(stored=stored, empty=proved_empty, unknown=unknown)


def count_messages(connection: sqlite3.Connection, chat: Chat, ranges: Iterable[Range]) -> int:
    """Return how many messages of the chat have an id in one of the ranges."""
    return sum(
        connection.execute(
            "SELECT count(*) FROM messages WHERE account = ? AND chat_id = ? AND id BETWEEN ? AND ?",
            (*chat.key, each.low, each.high),
        ).fetchone()[0]
        for each in ranges
    )
