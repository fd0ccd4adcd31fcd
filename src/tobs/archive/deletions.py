"""Tombstones: which archived messages are gone, and what has to be read again to notice it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

import msgspec

from tobs.archive.stale import DAY_SECONDS, mark_across, mark_albums, mark_days, mark_replies
from tobs.core.model import Chat
from tobs.core.ports.archive import SweepPlan
from tobs.core.ranges import Range
from tobs.core.report import KnownFrom
from tobs.core.request import EVERYTHING, Refresh

PAGE = 100
"""How many messages one answer of getHistory lists at most."""

_IS_GONE = (
    "EXISTS (SELECT 1 FROM deletions WHERE deletions.account = messages.account"
    " AND deletions.chat_id = messages.chat_id AND deletions.id = messages.id)"
)
_OF_TOPIC = " AND (? IS NULL OR topic_id = ?)"
# Put together from constants, never from data.
_MISSING = (
    "SELECT id FROM messages WHERE account = ? AND chat_id = ? AND id BETWEEN ? AND ?"
    f" AND id NOT IN (SELECT value FROM json_each(?)) AND NOT {_IS_GONE}{_OF_TOPIC} ORDER BY id"
)
_BURIED = (
    "SELECT id FROM messages WHERE account = ? AND chat_id = ?"
    f" AND id IN (SELECT value FROM json_each(?)) AND NOT {_IS_GONE} ORDER BY id"
)
_NEWEST = (
    "SELECT id, date FROM messages WHERE account = ? AND chat_id = ? AND id BETWEEN ? AND ?"
    f" AND date >= ? AND NOT {_IS_GONE}{_OF_TOPIC} ORDER BY id DESC LIMIT ?"
)


def find_missing(
    connection: sqlite3.Connection, chat: Chat, covers: Range | None, listed: Iterable[int], scope: int = 0
) -> list[int]:
    """Return the messages stored in a range that a page of it does not list, and that have no tombstone.

    Only a forum's messages say which thread (`scope`) they are in; outside of one a thread's page tells nothing.
    """
    if covers is None or (scope and chat.kind != "forum"):
        return []
    topic = scope or None
    found = connection.execute(_MISSING, (*chat.key, *covers, _to_json(listed), topic, topic))
    return [number for (number,) in found]


def find_buried(connection: sqlite3.Connection, chat: Chat, empty: list[int]) -> list[int]:
    """Return which of the ids that a look by id found empty are stored and have no tombstone yet."""
    return [number for (number,) in connection.execute(_BURIED, (*chat.key, _to_json(empty)))]


def add_tombstones(
    connection: sqlite3.Connection, chat: Chat, ids: list[int], at: float, response: int, mark: int
) -> None:
    """Note that these messages are gone; their rows stay."""
    connection.executemany(
        "INSERT INTO deletions VALUES (?, ?, ?, ?, ?)", [(*chat.key, each, at, response) for each in ids]
    )
    _mark_messages(connection, chat, ids, mark)


def lift_tombstones(
    connection: sqlite3.Connection, chat: Chat, listed: list[int], at: float, mark: int
) -> None:
    """Take the tombstones away from messages that an answer received at that moment lists again."""
    rows = connection.execute(
        "DELETE FROM deletions WHERE account = ? AND chat_id = ? AND noticed_at <= ?"
        " AND id IN (SELECT value FROM json_each(?)) RETURNING id",
        (*chat.key, at, _to_json(listed)),
    ).fetchall()
    if rows:
        _mark_messages(connection, chat, [number for (number,) in rows], mark)


def plan_sweep(
    connection: sqlite3.Connection,
    chat: Chat,
    spans: list[Range],
    read: Range | None,
    refresh: Refresh,
    *,
    now: float,
    topic: int | None = None,
) -> SweepPlan:
    """Return the windows that hold the last messages of `spans` (and `topic`), but for those in `read`.

    Where nothing was covered before, all is read for the first time.
    """
    if not spans:
        return SweepPlan([], KnownFrom(1))
    since = int(now) - refresh.seconds if refresh.seconds else -EVERYTHING
    left = refresh.messages
    cutter = _Cutter(read)
    for span in reversed(spans):
        for number, date in connection.execute(_NEWEST, (*chat.key, *span, since, topic, topic, left)):
            cutter.add(number, date)
            left -= 1
        cutter.cut()
    is_whole = left > 0 and not refresh.seconds
    unread = read.low if read else spans[-1].high + 1
    known_from = KnownFrom(1) if is_whole else cutter.oldest or KnownFrom(unread)
    return SweepPlan(cutter.windows, known_from)


class _Cutter:
    """Cuts a descending list of messages into windows of one page each."""

    def __init__(self, read: Range | None) -> None:
        self.windows: list[Range] = []
        self.oldest: KnownFrom | None = None
        self._read = read
        self._window: Range | None = None
        self._messages = 0

    def add(self, message_id: int, date: int) -> None:
        """Take the next message; one that was read by now ends the window above it."""
        self.oldest = KnownFrom(message_id, date)
        if self._read and self._read.holds(message_id):
            self.cut()
            return
        self._window = Range(message_id, self._window.high if self._window else message_id)
        self._messages += 1
        if self._messages == PAGE:
            self.cut()

    def cut(self) -> None:
        """End the window."""
        if self._window:
            self.windows.append(self._window)
        self._window, self._messages = None, 0


def _mark_messages(connection: sqlite3.Connection, chat: Chat, ids: list[int], mark: int) -> None:
    """Mark what shows these messages: their days, their albums, and what answers them."""
    rows = connection.execute(
        "SELECT coalesce(topic_id, 0), date / ?, album_id FROM messages"
        " WHERE account = ? AND chat_id = ? AND id IN (SELECT value FROM json_each(?))",
        (DAY_SECONDS, *chat.key, _to_json(ids)),
    ).fetchall()
    mark_days(connection, chat, {(topic, day) for topic, day, _ in rows}, mark)
    mark_replies(connection, chat, ids, mark)
    mark_across(connection, chat, ids, mark)
    mark_albums(connection, chat, {album for _, _, album in rows if album}, mark)


def _to_json(ids: Iterable[int]) -> str:
    return msgspec.json.encode(list(ids)).decode()
