"""Statements that make rows from a damaged archive an archive again; each to be called in a transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any

import msgspec

from tobs.archive.chats import write_chat
from tobs.archive.codec import QUARANTINED, read_message
from tobs.archive.spans import add_asked
from tobs.archive.stale import mark_everything
from tobs.core.ids import is_channel, is_user
from tobs.core.model import Chat, MessageRow
from tobs.core.names import name_peer
from tobs.core.ranges import Range
from tobs.errors import Damaged

Key = tuple[int, int]

_UNKNOWN_LAYER = 0
_COLUMNS = ", ".join(MessageRow._fields)

_RESTING = ("messages", "versions", "deletions", "unreadable")
_ALL_RESTING = " UNION ALL ".join(f"SELECT response, account, chat_id, id FROM {each}" for each in _RESTING)
_ADD_MISSING = (
    "INSERT INTO responses SELECT response, account, chat_id, ?, ?, min(id), max(id), 0, 0, x''"
    f" FROM ({_ALL_RESTING}) WHERE response NOT IN (SELECT id FROM responses) GROUP BY response"
)
# Rows that name an answer of another chat or of other ids, or one above the last that there is.
_STRAY = (
    "NOT EXISTS (SELECT 1 FROM responses WHERE responses.id = {table}.response AND responses.account = {table}.account"
    " AND responses.chat_id = {table}.chat_id AND {table}.id BETWEEN responses.low AND responses.high)"
    " AND (response > ? OR response < 1 OR response IN (SELECT id FROM responses))"
)
_WORDS = {
    "messages": f"account, chat_id, response, {_COLUMNS}",
    "versions": f"account, chat_id, response, {_COLUMNS}",
    "responses": "id, account, chat_id, method, layer, low, high, received_at, size_bytes, hex(raw) AS raw",
}
_MOST_ANSWERS = 2**40
"""No archive has so many: a higher number is damage, and would leave no room for those to come."""

_ILLEGIBLE = (
    "DELETE FROM state WHERE NOT json_valid(value)",
    "DELETE FROM runs WHERE NOT json_valid(report)",
    # All files are drawn again, and what they do not show is counted again.
    "DELETE FROM omissions",
)
_LOST_CHATS = " UNION ".join(
    f"SELECT account, chat_id FROM {each}" for each in ("messages", "responses", "asked", "covered", "topics")
)
_HELD = (
    "SELECT messages.id FROM messages JOIN responses ON responses.id = response WHERE method = ?"
    " AND messages.account = ? AND messages.chat_id = ? AND messages.id IN (SELECT value FROM json_each(?))"
)
_OF = "account = ? AND chat_id = ? AND {column} IN (SELECT value FROM json_each(?))"
_BELONGING = (("roots", "message_id"), ("threads", "message_id"), ("wants", "message_id"))
_PROMOTE = (
    f"INSERT INTO messages (account, chat_id, response, {_COLUMNS}) SELECT account, chat_id, response, {_COLUMNS}"
    " FROM versions AS newest WHERE (account, chat_id, id) NOT IN"
    " (SELECT account, chat_id, id FROM messages) AND number = (SELECT max(number) FROM versions WHERE"
    " versions.account = newest.account AND versions.chat_id = newest.chat_id AND versions.id = newest.id)"
    " RETURNING account, chat_id, id"
)
_LOOSE = (
    *(
        f"DELETE FROM {table} WHERE (account, chat_id, {column}) NOT IN (SELECT account, chat_id, id FROM messages)"
        for table, column in (*_BELONGING, ("deletions", "id"))
    ),
    "DELETE FROM wants WHERE (file_kind, file_id) NOT IN (SELECT kind, id FROM files)",
    "DELETE FROM shown WHERE path NOT IN (SELECT path FROM rendered)",
    "DELETE FROM processed_copies WHERE (sha256, options) NOT IN (SELECT sha256, options FROM processed)",
    (
        "INSERT OR IGNORE INTO topics (account, chat_id, id)"
        " SELECT DISTINCT account, chat_id, topic_id FROM messages WHERE topic_id IS NOT NULL"
    ),
    # Marks that a later answer has lifted, were it not for the rows that are lost.
    (
        "DELETE FROM unreadable WHERE EXISTS (SELECT 1 FROM messages JOIN responses ON responses.id = messages.response"
        " WHERE messages.account = unreadable.account AND messages.chat_id = unreadable.chat_id"
        " AND messages.id = unreadable.id AND received_at > noticed_at)"
    ),
)
_WANT_AGAIN = (
    "UPDATE files SET state = 'wanted', reason = '', sha256 = '', stored_bytes = 0, proof = '' WHERE sha256 <> ''"
    " AND sha256 NOT IN (SELECT sha256 FROM copies UNION SELECT sha256 FROM unshelved)"
)
_ASKED_SPANS = (
    "SELECT account, chat_id, scope, low, high FROM covered UNION ALL"
    " SELECT account, chat_id, 0, min(id), max(id) FROM messages GROUP BY account, chat_id"
)
_BELOW = "SELECT max(id) FROM messages WHERE account = ? AND chat_id = ? AND id < ?"
_ABOVE = "SELECT min(id) FROM messages WHERE account = ? AND chat_id = ? AND id > ?"
_TEAR = "UPDATE chats SET pts = NULL, known_from = NULL WHERE account = ? AND id = ?"


def add_missing_answers(connection: sqlite3.Connection) -> bool:
    """Give every row the answer that it names, if only as one that is lost; tell whether any answer is missing.

    Answers are numbered without gaps, and none is ever deleted.
    """
    connection.execute("DELETE FROM responses WHERE id NOT BETWEEN 1 AND ?", (_MOST_ANSWERS,))
    connection.execute(
        "INSERT OR IGNORE INTO layers SELECT DISTINCT layer, '' FROM responses UNION SELECT ?, ''",
        (_UNKNOWN_LAYER,),
    )
    count, last = connection.execute("SELECT count(*), coalesce(max(id), 0) FROM responses").fetchone()
    _part_strays(connection, last)
    connection.execute(_ADD_MISSING, (QUARANTINED, _UNKNOWN_LAYER))
    return bool(count != last)


def _part_strays(connection: sqlite3.Connection, last: int) -> None:
    """Let rows whose answer cannot be theirs name one that is lost, the same for all of a chat."""
    chats = {
        key
        for table in _RESTING
        for key in connection.execute(
            f"SELECT account, chat_id FROM {table} WHERE {_STRAY.format(table=table)}", (last,)
        )
    }
    for number, key in enumerate(sorted(chats), last + 1):
        for table in _RESTING:
            connection.execute(
                f"UPDATE {table} SET response = ? WHERE account = ? AND chat_id = ? AND {_STRAY.format(table=table)}",
                (number, *key, last),
            )


def remove_illegible(connection: sqlite3.Connection) -> None:
    """Take away values that are none, of tables that can do without them."""
    for each in _ILLEGIBLE:
        connection.execute(each)


def take_strangers(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Take away rows of chats that there are not, and return those that hold words of people.

    Only where all chats were read: then the chat's number in these rows is damaged, and nobody knows whose they are.
    """
    tables = connection.execute(
        "SELECT listed.name FROM pragma_table_list AS listed, pragma_table_info(listed.name) AS one"
        " WHERE listed.type = 'table' AND one.name = 'chat_id'"
    ).fetchall()
    taken = []
    for (table,) in tables:
        where = (
            f"FROM {table} WHERE chat_id <> 0 AND (account, chat_id) NOT IN (SELECT account, id FROM chats)"
        )
        if table in _WORDS:
            found = connection.execute(f"SELECT {_WORDS[table]} {where}")
            names = [each[0] for each in found.description]
            taken += [{"table": table, **dict(zip(names, row, strict=True))} for row in found]
        connection.execute(f"DELETE {where}")
    return taken


def restore_chats(connection: sqlite3.Connection) -> list[Chat]:
    """Make a row for each chat of which only other rows are left, with the name that its files have."""
    lost = connection.execute(f"{_LOST_CHATS} EXCEPT SELECT account, id FROM chats ORDER BY 1, 2").fetchall()
    return [write_chat(connection, _guess_chat(connection, each), 1) for each in lost]


def _guess_chat(connection: sqlite3.Connection, key: Key) -> Chat:
    account, number = key
    kind, title, username = connection.execute(
        "SELECT kind, name, username FROM peers WHERE id = ?", (number,)
    ).fetchone() or ("", "", "")
    (path,) = connection.execute(
        "SELECT min(path) FROM rendered WHERE account = ? AND chat_id = ?", key
    ).fetchone()
    folder = PurePosixPath(path).parts[0] if path else ""
    guessed = "private" if is_user(number) else "supergroup" if is_channel(number) else "group"
    basename = "" if _is_taken(connection, folder) else folder
    # What peers calls a person is no kind of chat.
    return Chat(
        account,
        number,
        guessed if is_user(number) or not kind else kind,
        title or folder or name_peer(number),
        username,
        basename,
    )


def _is_taken(connection: sqlite3.Connection, folder: str) -> bool:
    return bool(connection.execute("SELECT 1 FROM chats WHERE basename = ?", (folder,)).fetchone())


def find_known_peers(connection: sqlite3.Connection, ids: list[int]) -> set[int]:
    """Return which of these people and chats are known."""
    found = connection.execute(
        "SELECT id FROM peers WHERE id IN (SELECT value FROM json_each(?))", (_to_json(ids),)
    )
    return {number for (number,) in found}


def forget_messages(connection: sqlite3.Connection, key: Key, ids: set[int]) -> None:
    """Take away what answers that can be read say of these messages, which is to be written anew.

    One whose newest state rests on an answer that cannot be read stays: perhaps no other answer has it.
    """
    listed = _to_json(ids - find_unbacked(connection, key, ids))
    connection.execute(
        f"DELETE FROM versions WHERE {_OF.format(column='id')}"
        " AND response NOT IN (SELECT id FROM responses WHERE method = ?)",
        (*key, listed, QUARANTINED),
    )
    for table, column in (("messages", "id"), *_BELONGING):
        connection.execute(f"DELETE FROM {table} WHERE {_OF.format(column=column)}", (*key, listed))


def renumber_versions(connection: sqlite3.Connection, key: Key, ids: set[int]) -> None:
    """Number the versions of these messages anew, from the oldest on."""
    values = (*key, _to_json(ids))
    of = _OF.format(column="id")
    # In two steps, since no number may be there twice in between.
    connection.execute(f"UPDATE versions SET number = -number WHERE {of}", values)
    connection.execute(
        "UPDATE versions SET number = ranked.place FROM (SELECT rowid AS line, row_number() OVER"
        f" (PARTITION BY account, chat_id, id ORDER BY replaced_at, -number) AS place FROM versions WHERE {of}) AS ranked"
        " WHERE versions.rowid = ranked.line",
        values,
    )


def join_loose_ends(connection: sqlite3.Connection) -> None:
    """Make messages of versions that have none, and take away rows that belong to nothing."""
    promoted = connection.execute(_PROMOTE).fetchall()
    connection.executemany(
        "DELETE FROM versions WHERE account = ?1 AND chat_id = ?2 AND id = ?3 AND number = (SELECT max(number)"
        " FROM versions WHERE account = ?1 AND chat_id = ?2 AND id = ?3)",
        promoted,
    )
    for each in _LOOSE:
        connection.execute(each)


def want_files_again(connection: sqlite3.Connection) -> None:
    """Want the files anew of which nobody knows where they stand."""
    connection.execute(_WANT_AGAIN)


def redraw(connection: sqlite3.Connection) -> None:
    """Let all files be drawn again: which ones show what was lost, nobody knows."""
    (last,) = connection.execute(
        "SELECT max(coalesce((SELECT max(mark) FROM stale), 0), coalesce((SELECT max(mark) FROM stale_partitions), 0))"
    ).fetchone()
    mark_everything(connection, last + 1)


def find_unbacked(connection: sqlite3.Connection, key: Key, ids: Iterable[int]) -> set[int]:
    """Return which of these messages rest on an answer that cannot be read."""
    found = connection.execute(_HELD, (QUARANTINED, *key, _to_json(ids)))
    return {number for (number,) in found}


def blank_illegible(connection: sqlite3.Connection) -> None:
    """Leave nothing but the text of messages and versions whose other values cannot be read, and no answer backs."""
    for table in ("messages", "versions"):
        rows = connection.execute(
            f"SELECT rowid, {_COLUMNS} FROM {table} WHERE response IN (SELECT id FROM responses WHERE method = ?)",
            (QUARANTINED,),
        ).fetchall()
        spoilt = [(number,) for number, *row in rows if not is_legible(MessageRow(*row))]
        connection.executemany(
            f"UPDATE {table} SET content = '{{}}', counters = '{{}}' WHERE rowid = ?", spoilt
        )


def is_legible(row: MessageRow) -> bool:
    """Tell whether a message can be shown."""
    try:
        read_message(tuple(row))
    except Damaged:
        return False
    return True


def count_unbacked(connection: sqlite3.Connection) -> int:
    """Return how many messages rest on an answer that cannot be read."""
    (found,) = connection.execute(
        "SELECT count(*) FROM messages WHERE response IN (SELECT id FROM responses WHERE method = ?)",
        (QUARANTINED,),
    ).fetchone()
    return int(found)


def ask_again(connection: sqlite3.Connection) -> None:
    """Put together what was asked for: at least what was covered, and where there are messages."""
    for account, chat_id, scope, low, high in connection.execute(_ASKED_SPANS).fetchall():
        add_asked(connection, Chat(account, chat_id, "", ""), Range(low, high), scope)


def uncover_everything(connection: sqlite3.Connection) -> set[Key]:
    """Forget what is covered in all chats: an answer is lost, and nobody knows of which one."""
    connection.execute("DELETE FROM covered")
    found = {(account, number) for account, number in connection.execute("SELECT account, id FROM chats")}
    _tear(connection, found)
    return found


def uncover_around(connection: sqlite3.Connection, key: Key, low: int | None, high: int | None) -> None:
    """Forget that the ids of an answer are covered, and those around it that only it can have shown to be empty."""
    if low is not None and high is not None:
        below = connection.execute(_BELOW, (*key, low)).fetchone()[0] or 0
        above = connection.execute(_ABOVE, (*key, high)).fetchone()[0]
        _cut(connection, key, Range(below + 1, above - 1 if above else 2**62))
    _tear(connection, [key])


def _cut(connection: sqlite3.Connection, key: Key, gone: Range) -> None:
    values = (*key, *gone)
    parts = connection.execute(
        "DELETE FROM covered WHERE account = ?1 AND chat_id = ?2 AND low <= ?4 AND high >= ?3"
        " RETURNING scope, proof, low, high, at",
        values,
    ).fetchall()
    for scope, proof, low, high, at in parts:
        left = [(low, gone.low - 1), (gone.high + 1, high)]
        connection.executemany(
            "INSERT INTO covered VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(*key, scope, proof, *each, at) for each in left if each[0] <= each[1]],
        )


def _tear(connection: sqlite3.Connection, keys: Iterable[Key]) -> None:
    # What changed since is not in the archive any more: the next runs look at all messages again.
    connection.executemany(_TEAR, [*keys])


def _to_json(ids: Iterable[int]) -> str:
    return msgspec.json.encode([*ids]).decode()
