"""One page into the archive: rows, raw answer, covered range and wishes, all or nothing.

| message | its row | its earlier state |
|---|---|---|
| new | inserted, with this answer as its `response` | |
| content changed | replaced, with this answer as its `response` | becomes a version |
| only counters moved (or the topic, when a group became a forum) | updated in place, `response` stays | |
| as it was | not touched | |
| as it was, where a repair left no answer that proves it | replaced, with this answer as its `response` | |
| in an older state than the row's | not touched | |
| without its file, which Telegram withheld (archive/withheld.py) | not touched | |
| with the file that was withheld from the row | replaced, with this answer as its `response` | none: it was never without |
| listed, and has a tombstone | loses it | |
| not listed, where the page covers its id | not touched: it is named in `CommitResult.missing` | |
| empty, says a look by id | gets a tombstone; the row stays | |
| not to be read here | not touched: its id is marked, with this answer | |
| marked so, and now listed or empty | as above; loses the mark | |

An answer in which no message is new or changed stores no row, however often it is read; it is kept as well
when it is what a tombstone or a mark rests on.

Pages may be committed in another order than they were received in. A state is older than the row's when
its edit date is, or when that is the same and its answer was received before the row's `response`: the
server's word comes first, since the clock of this computer may be set back between two runs. Counters have
no date; of two pages of one run, which are seconds apart, the last one committed wins.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from tobs.archive.chains import begin_chain
from tobs.archive.codec import pack_raw
from tobs.archive.deletions import add_tombstones, find_buried, find_missing, lift_tombstones
from tobs.archive.media import unshelve_again
from tobs.archive.peers import write_peers
from tobs.archive.spans import add_covered
from tobs.archive.stale import (
    DAY_SECONDS,
    mark_about,
    mark_across,
    mark_albums,
    mark_days,
    mark_partner,
    mark_replies,
)
from tobs.archive.topics import name_topics, write_topics
from tobs.archive.unbacked import find_unbacked
from tobs.archive.unreadable import add_mark, find_marked, lift_marks, needs_mark
from tobs.archive.withheld import add_files, completes, is_stripped, list_protected
from tobs.core.model import Chat, Decoded, MessageRow
from tobs.core.ports.archive import CommitResult
from tobs.core.ports.source import RawPage
from tobs.core.ranges import Range

_COLUMNS = ", ".join(MessageRow._fields)
_KEY = "account = ? AND chat_id = ? AND id = ?"

# The statements are put together from the names of our own columns, never from data.
_READ = f"SELECT {_COLUMNS} FROM messages WHERE account = ? AND chat_id = ? AND id IN (SELECT value FROM json_each(?))"
_HAS_ANY = "SELECT 1 FROM messages WHERE account = ? AND chat_id = ? LIMIT 1"
_ANY_STORED = "SELECT 1 FROM messages WHERE account = ? AND chat_id = ? AND id BETWEEN ? AND ? LIMIT 1"
_INSERT = f"INSERT INTO messages (account, chat_id, response, {_COLUMNS}) VALUES (?, ?, ?{', ?' * len(MessageRow._fields)})"
_UPDATE = f"UPDATE messages SET response = ?, {' = ?, '.join(MessageRow._fields)} = ? WHERE {_KEY}"
_COUNT = f"UPDATE messages SET topic_id = ?, counters = ? WHERE {_KEY}"
_KEEP_VERSION = (
    f"INSERT INTO versions (account, chat_id, number, response, replaced_at, {_COLUMNS})"
    " SELECT account, chat_id, (SELECT count(*) + 1 FROM versions AS earlier"
    "  WHERE earlier.account = messages.account AND earlier.chat_id = messages.chat_id"
    f"  AND earlier.id = messages.id), response, ?, {_COLUMNS} FROM messages WHERE {_KEY}"
)
_RECEIVED = (
    "SELECT received_at FROM responses WHERE id ="
    " (SELECT response FROM messages WHERE account = ? AND chat_id = ? AND id = ?)"
)
_STORE_RESPONSE = (
    "INSERT INTO responses (account, chat_id, method, layer, low, high, received_at, size_bytes, raw)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


class PageWork(NamedTuple):
    """A page and what it proves: `library` names the client that knew its layer."""

    page: RawPage
    decoded: Decoded
    covers: Range | None
    library: str


@dataclass(slots=True)
class _Difference:
    """What a page's rows are to the rows stored; `before` are the stored states of those that differ."""

    new: list[MessageRow] = field(default_factory=list)
    changed: list[MessageRow] = field(default_factory=list)
    completed: list[MessageRow] = field(default_factory=list)
    counted: list[MessageRow] = field(default_factory=list)
    before: list[MessageRow] = field(default_factory=list)
    same: int = 0

    def touched_days(self) -> set[tuple[int, int]]:
        rows = (*self.new, *self.changed, *self.completed, *self.counted, *self.before)
        return {(each.topic_id or 0, each.date // DAY_SECONDS) for each in rows}


def commit_page(connection: sqlite3.Connection, work: PageWork, mark: int) -> CommitResult:
    """Write what the page brings; to be called in a transaction. `mark` is for what becomes stale.

    The first answer of a run is asked before all others: in a new chat its state is no newer than any message.
    """
    if work.covers and not work.page.asked.high:
        begin_chain(connection, work.page.chat, work.decoded.pts)
    return _write_page(connection, work, mark)[0]


def commit_lookup(connection: sqlite3.Connection, work: PageWork, mark: int) -> CommitResult:
    """Write what a look by id brings: messages as from a page, and tombstones for the ids that are empty."""
    chat = work.page.chat
    result, response = _write_page(connection, work, mark)
    if lift_marks(connection, work.page, work.decoded.empty):
        mark_about(connection, chat, mark)
        mark_partner(connection, chat, mark)
    buried = find_buried(connection, chat, work.decoded.empty)
    if buried:
        response = response or _store_response(connection, work)
        add_tombstones(connection, chat, buried, work.page.received_at, response, mark)
    result.deleted = len(buried)
    return result


def restore_page(connection: sqlite3.Connection, work: PageWork, response: int, mark: int) -> CommitResult:
    """Write once more what an answer brings that is stored already; for a repair, in the order of the answers."""
    return _write_page(connection, work, mark, response)[0]


def _write_page(
    connection: sqlite3.Connection, work: PageWork, mark: int, stored: int = 0
) -> tuple[CommitResult, int]:
    """Return what changed, and the number of the answer if it is `stored` or was now, else 0."""
    page, decoded = work.page, work.decoded
    chat = page.chat
    found = _compare(connection, page, decoded.rows)
    listed = [each.id for each in decoded.rows]
    seen = listed if decoded.unreadable is None else [*listed, decoded.unreadable]
    # Asked before anything is written: in a first export nothing lies in the range yet.
    missing = find_missing(connection, chat, work.covers, seen, page.scope)
    written = found.new + found.changed + found.completed
    has_marked = needs_mark(connection, page, decoded)
    response = stored or (_store_response(connection, work) if written or has_marked else 0)
    if response and not connection.execute(_HAS_ANY, chat.key).fetchone():
        mark_partner(connection, chat, mark)  # from now on there is a note to link to
    if decoded.unreadable is not None and has_marked:
        add_mark(connection, page, decoded.unreadable, response)
    marked = find_marked(connection, chat, _span_of([*listed, *(work.covers or ())]))
    has_lifted = bool(marked) and lift_marks(connection, page, listed)
    if work.covers and not page.scope:  # which thread an unreadable message is in is not known
        missing = sorted(
            {*missing, *(each for each in marked if work.covers.holds(each) and each not in seen)}
        )
    if written:
        _write_rows(connection, chat, found, response, page.received_at)
        _write_wants(connection, chat, found, decoded, mark)
        _write_threads(connection, chat, found, decoded)
    _update_counters(connection, chat, found.counted)
    name_topics(connection, chat, {each.topic_id for each in written + found.counted if each.topic_id})
    write_peers(connection, decoded.peers, mark)
    write_topics(connection, chat, decoded.topics, mark)
    mark_days(connection, chat, found.touched_days(), mark)
    if written:
        mark_replies(connection, chat, [each.id for each in written], mark)
        mark_across(connection, chat, [each.id for each in written], mark)
        mark_albums(connection, chat, {each.album_id for each in written if each.album_id}, mark)
    has_covered = work.covers is not None and add_covered(
        connection, chat, work.covers, page.received_at, scope=page.scope
    )
    if written or has_covered or has_marked or has_lifted:
        mark_about(connection, chat, mark)
    if len(found.new) < len(listed):
        lift_tombstones(connection, chat, listed, page.received_at, mark)
    counts = (len(found.new), len(found.changed), found.same, len(found.counted) + len(found.completed))
    return CommitResult(*counts, missing=missing), response


def _compare(connection: sqlite3.Connection, page: RawPage, rows: list[MessageRow]) -> _Difference:
    by_id = {each.id: each for each in rows}
    stored = _read_stored(connection, page.chat, list(by_id))
    unbacked = find_unbacked(connection, page.chat, list(by_id)) if stored else set()
    found = _Difference()
    if not stored:
        found.new = [*by_id.values()]
        return found
    for row in by_id.values():
        before = stored.get(row.id)
        if before is None:
            found.new.append(row)
        elif completes(row, before) or (row.id in unbacked and row.settled() == before.settled()):
            found.completed.append(row)
            found.before.append(before)
        elif before == row or is_stripped(row, before) or _is_older(connection, page, row, before):
            found.same += 1
        else:
            is_edit = before.settled() != row.settled()
            (found.changed if is_edit else found.counted).append(row)
            found.before.append(before)
    return found


def _is_older(connection: sqlite3.Connection, page: RawPage, row: MessageRow, before: MessageRow) -> bool:
    """Tell whether a message is listed in an older state than the one that is stored."""
    said, known = row.edit_date or 0, before.edit_date or 0
    if said != known:
        return said < known
    (received_at,) = connection.execute(_RECEIVED, (*page.chat.key, row.id)).fetchone()
    return bool(page.received_at < received_at)


def _read_stored(connection: sqlite3.Connection, chat: Chat, ids: list[int]) -> dict[int, MessageRow]:
    # In a first export nothing of the page is there, and one look tells.
    if connection.execute(_ANY_STORED, (*chat.key, *_span_of(ids))).fetchone() is None:
        return {}
    found = connection.execute(_READ, (*chat.key, msgspec.json.encode(ids).decode()))
    return {each[0]: MessageRow._make(each) for each in found}


def _span_of(ids: list[int]) -> Range:
    """Return the range that a page's messages lie in."""
    return Range(min(ids, default=0), max(ids, default=0))


def _store_response(connection: sqlite3.Connection, work: PageWork) -> int:
    page, decoded = work.page, work.decoded
    raw = page.raw[: decoded.size_bytes]
    connection.execute("INSERT OR IGNORE INTO layers VALUES (?, ?)", (page.layer, work.library))
    ids = (decoded.lowest, decoded.highest)
    cursor = connection.execute(
        _STORE_RESPONSE,
        (*page.chat.key, page.method, page.layer, *ids, page.received_at, len(raw), pack_raw(raw)),
    )
    return cursor.lastrowid or 0


def _write_rows(
    connection: sqlite3.Connection, chat: Chat, found: _Difference, response: int, received_at: float
) -> None:
    key = (*chat.key, response)
    connection.executemany(_INSERT, [(*key, *each) for each in found.new])
    connection.executemany(_KEEP_VERSION, [(received_at, *chat.key, each.id) for each in found.changed])
    replaced = found.changed + found.completed
    connection.executemany(_UPDATE, [(response, *each, *chat.key, each.id) for each in replaced])


def _update_counters(connection: sqlite3.Connection, chat: Chat, rows: list[MessageRow]) -> None:
    connection.executemany(_COUNT, [(each.topic_id, each.counters, *chat.key, each.id) for each in rows])


def _write_wants(
    connection: sqlite3.Connection, chat: Chat, found: _Difference, decoded: Decoded, mark: int
) -> None:
    written = {each.id for each in (*found.new, *found.changed, *found.completed)}
    fresh = [each for each in decoded.wants if each.message_id in written]
    connection.executemany(
        "DELETE FROM wants WHERE account = ? AND chat_id = ? AND message_id = ?",
        [(*chat.key, each.id) for each in found.changed + found.completed],
    )
    if not fresh:
        return
    has_known = add_files(connection, fresh, list_protected(chat, decoded, fresh), mark)
    connection.executemany(
        "INSERT OR IGNORE INTO wants VALUES (?, ?, ?, ?, ?, ?)",
        [(*chat.key, each.message_id, each.file_kind, each.file_id, each.media_kind) for each in fresh],
    )
    if has_known:
        unshelve_again(connection, chat, [(each.file_kind, each.file_id) for each in fresh])


def _write_threads(connection: sqlite3.Connection, chat: Chat, found: _Difference, decoded: Decoded) -> None:
    written = {each.id for each in (*found.new, *found.changed)}
    connection.executemany(
        "INSERT OR REPLACE INTO roots VALUES (?, ?, ?, ?, ?)",
        [(*chat.key, *each) for each in decoded.roots if each.message_id in written],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO threads VALUES (?, ?, ?, ?)",
        [(*chat.key, *each) for each in decoded.threads if each.message_id in written],
    )
