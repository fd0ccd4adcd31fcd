"""Messages in the order of their dates, all chats together, without reading the others.

The index of dates is by chat and topic; as many cursors as there are of these, merged, give what an index over all dates
would, which every stored message would have to pay for.
"""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Iterator

from tobs.core.searching import Scope

MOST_LISTS = 500
"""Opening a cursor for each chat and topic takes longer than it saves where there are more."""

_List = tuple[int, int, int | None]
_Key = tuple[int, int, int, int, int]


def walk_numbers(connection: sqlite3.Connection, scope: Scope) -> Iterator[int] | None:
    """Return the numbers of the messages in the chats and dates of a scope, the newest or the oldest first.

    None when there are too many chats and topics for that.
    """
    lists = []
    for each in _find_lists(connection, scope):
        lists.append(each)
        if len(lists) > MOST_LISTS:
            return None
    return (key[-1] for key in heapq.merge(*(_walk(connection, scope, each) for each in lists)))


def _find_lists(connection: sqlite3.Connection, scope: Scope) -> Iterator[_List]:
    """Yield account, chat and topic of all messages."""
    for account in _skip(connection, "account", ()):
        for chat_id in _skip(connection, "chat_id", (account,)):
            if scope.chats is None or (account, chat_id) in scope.chats:
                yield account, chat_id, None
                for topic in _skip(connection, "topic_id", (account, chat_id)):
                    yield account, chat_id, topic


def _skip(connection: sqlite3.Connection, column: str, within: tuple[int, ...]) -> Iterator[int]:
    """Yield the values of a column, from each to the next one by the index; `within`: those of the columns before it."""
    before = "".join(f"{name} = ? AND " for name in ("account", "chat_id")[: len(within)])
    after = f"SELECT min({column}) FROM messages WHERE {before}{column} > ?"
    value = -(1 << 63)
    while (row := connection.execute(after, (*within, value)).fetchone()) and row[0] is not None:
        value = row[0]
        yield value


def _walk(connection: sqlite3.Connection, scope: Scope, which: _List) -> Iterator[_Key]:
    """Yield what sorts a message as a search does, and its number."""
    account, chat_id, _topic = which
    sign, direction = (-1, "DESC") if scope.order == "newest" else (1, "ASC")
    conditions, values = "", list[object](which)
    for condition, moment in (("date >= ?", scope.start), ("date < ?", scope.end)):
        if moment is not None:
            conditions += f" AND {condition}"
            values.append(moment)
    rows = connection.execute(
        "SELECT date, id, number FROM messages WHERE account = ? AND chat_id = ? AND topic_id IS ?"
        f"{conditions} ORDER BY date {direction}, id {direction}",
        values,
    )
    for date, number_in_chat, number in rows:
        yield sign * date, account, chat_id, sign * number_in_chat, number
