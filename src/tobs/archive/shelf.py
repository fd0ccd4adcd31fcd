"""Where the bytes of files stand in the export folder, and which contents still have no final place."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable
from typing import Any

from tobs.archive import stale
from tobs.archive.actor import WriterThread
from tobs.archive.chats import CHAT_COLUMNS, HEAD, read_chats, read_halves
from tobs.archive.media import IN_CHATS, READ_CHOICE, as_json, list_halves, read_choice
from tobs.archive.tally import count_tally
from tobs.core.choice import judge_file
from tobs.core.medianames import number_path
from tobs.core.model import Chat
from tobs.core.names import fold_name
from tobs.core.ports.files import FileKey
from tobs.core.ports.media import Claim, Copy, Unshelved

_PAGE = 100
_COPIES_PAGE = 1000
_LOOKED_AT = 100
_SHARED = (0, 0)

# Put together from constants, never from data. Chats come in the order in which they were first exported, a group
# before the supergroup that it became.
_ORDER = (
    "coalesce((SELECT head.position FROM chats AS head WHERE head.account = 0 AND head.id = nullif(chats.migrated_to, 0)),"
    " chats.position), chats.migrated_to = 0, message_id, file_kind, file_id"
)
_CARRYING = (
    " CROSS JOIN wants INDEXED BY wants_by_file ON file_kind = files.kind AND file_id = files.id"
    " CROSS JOIN chats ON chats.account = wants.account AND chats.id = wants.chat_id"
)
_FIRST = (
    f"SELECT {CHAT_COLUMNS}, {_ORDER} FROM files INDEXED BY files_by_content{_CARRYING}"
    f" WHERE sha256 = ? AND sha256 <> '' AND {IN_CHATS} ORDER BY {_ORDER} LIMIT 1"
)
_CLAIMS = (
    "SELECT date, media_kind, mime, name, sha256 FROM wants"
    " JOIN files ON files.kind = file_kind AND files.id = file_id"
    " JOIN messages ON messages.account = wants.account AND messages.chat_id = wants.chat_id"
    " AND messages.id = message_id"
    " WHERE wants.account = ? AND wants.chat_id = ? AND message_id = ? ORDER BY file_kind, file_id"
)
_RIVALS = (
    "SELECT media_kind, size_bytes, mime, name FROM files INDEXED BY files_by_size"
    f"{_CARRYING} WHERE state IN ('wanted', 'failed') AND size_bytes = ? AND {IN_CHATS}"
    f" AND ({_ORDER}) < (?, ?, ?, ?, ?)"
)
_MANY_RIVALS = (
    "SELECT count(*) FROM (SELECT 1 FROM files INDEXED BY files_by_size WHERE state IN ('wanted', 'failed')"
    f" AND size_bytes = ? LIMIT {_LOOKED_AT + 1})"
)
_UNSHELVED = (
    "SELECT sha256 FROM unshelved WHERE account = ? AND chat_id = ? AND sha256 > ? ORDER BY sha256 LIMIT ?"
)
_COPY = "SELECT path, account, chat_id, sha256, is_placed, is_fixed, previous FROM copies"
_HOLDER = "SELECT sha256, account, chat_id FROM copies WHERE folded = ?"
_IS_PROCESSED = "SELECT 1 FROM processed_copies WHERE folded = ?"
_WRONG = f"{_COPY} WHERE is_placed AND (chat_id <> 0) = ?"
_UNSHELVE_ALL = (
    f"INSERT OR IGNORE INTO unshelved SELECT DISTINCT {HEAD}, files.sha256 FROM copies"
    " CROSS JOIN files ON files.sha256 = copies.sha256"
    f"{_CARRYING} WHERE copies.is_placed AND (copies.chat_id <> 0) = ?"
)
_UNSHELVE = (
    f"INSERT OR IGNORE INTO unshelved SELECT DISTINCT {HEAD}, sha256 FROM files INDEXED BY files_by_content"
    f"{_CARRYING} WHERE sha256 = ? AND sha256 <> ''"
)


class ArchiveShelf:
    """Implements core.ports.media.ShelfLedger on the archive's writing thread."""

    def __init__(self, writer: WriterThread, marks: stale.Marks) -> None:
        self._writer = writer
        self._marks = marks

    async def list_copies(self, *, after: str = "") -> list[Copy]:
        """Return the next placed copies by path; none when there are no more."""
        return await self._writer.run(lambda connection: read_copies(connection, after))

    async def is_whole(self, chats: Collection[Chat]) -> bool:
        """Tell whether every id that was asked for of these chats, and of the groups they were, is known."""

        def work(connection: sqlite3.Connection) -> bool:
            halves = (half for each in chats for half in read_halves(connection, each))
            return not any(count_tally(connection, half).unknown for half in halves)

        return await self._writer.run(work)

    async def list_unshelved(self, chat: Chat, *, is_shared: bool, after: str = "") -> list[Unshelved]:
        """Return the next contents of a chat by SHA-256 that have no final place yet; none when there are no more."""

        def work(connection: sqlite3.Connection) -> list[Unshelved]:
            found = connection.execute(_UNSHELVED, (*chat.key, after, _PAGE)).fetchall()
            chats = read_chats(connection) if is_shared else [chat]
            scope = _Scope(_SHARED if is_shared else chat.key, as_json(list_halves(connection, chats)))
            return [scope.read_unshelved(connection, sha256) for (sha256,) in found]

        return await self._writer.run(work)

    async def expect_copies(self, copies: list[Copy], avoid: Collection[str]) -> list[Copy]:
        """Commit where copies are about to stand, each under the next free name (durable when this returns)."""
        folded = {fold_name(each) for each in avoid}
        return await self._writer.run(
            lambda connection: [_expect_copy(connection, each, folded) for each in copies], is_durable=True
        )

    async def confirm_copies(self, copies: list[Copy], chat: Chat, settled: list[str]) -> None:
        """Commit that copies stand in their places, and which contents are settled for good in the chat."""

        def work(connection: sqlite3.Connection) -> None:
            for each in copies:
                has_moved = not each.is_placed
                connection.execute(
                    "UPDATE copies SET is_placed = 1, is_fixed = ?, previous = '' WHERE path = ?",
                    (each.is_fixed, each.path),
                )
                if has_moved:
                    self._mark(connection, each.sha256)
            connection.executemany(
                "DELETE FROM unshelved WHERE account = ? AND chat_id = ? AND sha256 = ?",
                [(*chat.key, each) for each in settled],
            )

        await self._writer.run(work)

    async def drop_copies(self, copies: Collection[Copy]) -> None:
        """Forget copies that are gone; a content that has none left is wanted again."""

        def work(connection: sqlite3.Connection) -> None:
            for each in copies:
                connection.execute("DELETE FROM copies WHERE path = ?", (each.path,))
                self._mark(connection, each.sha256)
                if connection.execute(
                    "SELECT 1 FROM copies WHERE sha256 = ? AND is_placed", (each.sha256,)
                ).fetchone():
                    connection.execute(_UNSHELVE, (each.sha256,))
                else:
                    _want_again(connection, each.sha256)

        await self._writer.run(work)

    async def reshelve(self, *, is_shared: bool) -> None:
        """Have the contents placed anew that stand as the other layout has it."""
        await self._writer.run(lambda connection: connection.execute(_UNSHELVE_ALL, (is_shared,)))

    async def list_misplaced(self, *, is_shared: bool) -> list[Copy]:
        """Return some of the copies that stand as the other layout has it, of contents that have a right one, too."""

        def work(connection: sqlite3.Connection) -> list[Copy]:
            rows = connection.execute(
                f"{_WRONG} AND EXISTS (SELECT 1 FROM copies AS proper WHERE proper.sha256 = copies.sha256"
                " AND proper.is_placed AND (proper.chat_id <> 0) <> ?) ORDER BY path LIMIT ?",
                (is_shared, is_shared, _COPIES_PAGE),
            )
            return [_read_copy(each) for each in rows]

        return await self._writer.run(work)

    def _mark(self, connection: sqlite3.Connection, sha256: str) -> None:
        stale.mark_wanting(connection, _list_keys(connection, sha256), self._marks.next())


class _Scope:
    """Whose folder is looked at: the key under which its copies stand, and the chats whose messages count (as JSON)."""

    def __init__(self, key: tuple[int, int], halves: str) -> None:
        self._key = key
        self._halves = halves

    def read_unshelved(self, connection: sqlite3.Connection, sha256: str) -> Unshelved:
        keys = _list_keys(connection, sha256)
        (size_bytes,) = connection.execute(
            "SELECT max(stored_bytes) FROM files WHERE sha256 = ? AND sha256 <> ''", (sha256,)
        ).fetchone()
        copies = [
            _read_copy(each)
            for each in connection.execute(f"{_COPY} WHERE sha256 = ? ORDER BY path", (sha256,))
        ]
        own = next((each for each in copies if (each.account, each.chat_id) == self._key), None)
        others = [each.path for each in copies if each is not own and each.is_placed]
        row = connection.execute(_FIRST, (sha256, self._halves)).fetchone()
        claims: list[Claim] = []
        is_final = True
        if row:
            chat, order = Chat(*row[:-5]), row[-5:]
            claims = _read_claims(connection, chat, order[2], sha256)
            is_final = not self._has_rivals(connection, size_bytes, order)
        return Unshelved(sha256, size_bytes or 0, claims, is_final, own, others, keys)

    def _has_rivals(self, connection: sqlite3.Connection, size_bytes: int, order: tuple[Any, ...]) -> bool:
        """Tell whether a lower message carries a file that may turn out to be the same content.

        Where very many have this size that is taken for granted: looking at each for each would take for ever.
        """
        (many,) = connection.execute(_MANY_RIVALS, (size_bytes,)).fetchone()
        if many > _LOOKED_AT:
            return True
        rows = connection.execute(_RIVALS, (size_bytes, self._halves, *order))
        (text,) = connection.execute(READ_CHOICE).fetchone() or (None,)
        choice = read_choice(text)
        return any(choice is None or not judge_file(choice, [kind], *more) for kind, *more in rows)


def read_copies(connection: sqlite3.Connection, after: str, limit: int = _COPIES_PAGE) -> list[Copy]:
    """Return the next placed copies by path."""
    rows = connection.execute(f"{_COPY} WHERE is_placed AND path > ? ORDER BY path LIMIT ?", (after, limit))
    return [_read_copy(each) for each in rows]


def _read_copy(row: tuple[Any, ...]) -> Copy:
    path, account, chat_id, sha256, is_placed, is_fixed, previous = row
    return Copy(path, account, chat_id, sha256, bool(is_placed), bool(is_fixed), previous)


def _list_keys(connection: sqlite3.Connection, sha256: str) -> list[FileKey]:
    found = connection.execute(
        "SELECT kind, id FROM files WHERE sha256 = ? AND sha256 <> '' ORDER BY kind, id", (sha256,)
    )
    return [FileKey(*each) for each in found]


def _read_claims(connection: sqlite3.Connection, chat: Chat, message_id: int, sha256: str) -> list[Claim]:
    place = f"g{message_id}" if chat.migrated_to else str(message_id)
    found: list[Claim] = []
    for date, media_kind, mime, name, turned_out in connection.execute(_CLAIMS, (*chat.key, message_id)):
        found.append(Claim(chat, place, date, media_kind, mime, name))
        if turned_out == sha256:
            break
    return found


def _expect_copy(connection: sqlite3.Connection, wanted: Copy, avoid: set[str]) -> Copy:
    key = (wanted.sha256, wanted.account, wanted.chat_id)
    path, holder = find_name(connection, wanted.path, avoid, key)
    if holder == key and path == wanted.previous:  # it stands there already, under the next best name
        return Copy(path, wanted.account, wanted.chat_id, wanted.sha256, is_placed=True)
    _forget(connection, [key])
    connection.execute(
        "INSERT INTO copies VALUES (?, ?, ?, ?, ?, 0, 0, ?)",
        (path, fold_name(path), wanted.account, wanted.chat_id, wanted.sha256, wanted.previous),
    )
    return Copy(path, wanted.account, wanted.chat_id, wanted.sha256, previous=wanted.previous)


def find_name(
    connection: sqlite3.Connection, wanted: str, avoid: set[str], key: tuple[str, int, int] | None = None
) -> tuple[str, tuple[str, int, int] | None]:
    """Return the next free path, and the key of the copy that has it, which can only be the one given."""
    number = 1
    while True:
        path = number_path(wanted, number)
        folded = fold_name(path)
        holder = connection.execute(_HOLDER, (folded,)).fetchone()
        is_ours = holder in {None, key} and not connection.execute(_IS_PROCESSED, (folded,)).fetchone()
        if folded not in avoid and is_ours:
            return path, holder
        number += 1


def _forget(connection: sqlite3.Connection, keys: Iterable[tuple[str, int, int]]) -> None:
    connection.executemany("DELETE FROM copies WHERE sha256 = ? AND account = ? AND chat_id = ?", keys)


def _want_again(connection: sqlite3.Connection, sha256: str) -> None:
    for table in ("copies", "unshelved"):
        connection.execute(f"DELETE FROM {table} WHERE sha256 = ?", (sha256,))
    connection.execute(
        "UPDATE files SET state = 'wanted', sha256 = '', stored_bytes = 0, proof = '' WHERE sha256 = ? AND sha256 <> ''",
        (sha256,),
    )
