"""What came of pictures and videos that were processed, and where the results stand beside their originals."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from tobs.archive.actor import WriterThread
from tobs.archive.media import IN_CHATS, as_json, list_halves
from tobs.archive.shelf import find_name
from tobs.core.model import Chat
from tobs.core.names import fold_name
from tobs.core.ports.processed import ContentKey, Failed, Kept, Known, Original, ProcessedCopy, Stray

_PAGE = 1000
_STRAYS_PAGE = 100
_SHARED = (0, 0)

# Put together from constants, never from data.
_WHERE = (
    "is_placed AND (account, chat_id) IN (SELECT key.value ->> 0, key.value ->> 1 FROM json_each(?) AS key)"
)
_COUNT = f"SELECT count(*) FROM copies WHERE {_WHERE}"
_ORIGINALS = (
    "SELECT path, account, chat_id, sha256,"
    " coalesce((SELECT max(stored_bytes) FROM files WHERE files.sha256 = copies.sha256 AND sha256 <> ''), 0),"
    " (SELECT json_group_array(DISTINCT json_array(media_kind, mime)) FROM files INDEXED BY files_by_content"
    "  CROSS JOIN wants INDEXED BY wants_by_file ON file_kind = files.kind AND file_id = files.id"
    f"  WHERE files.sha256 = copies.sha256 AND files.sha256 <> '' AND {IN_CHATS})"
    f" FROM copies WHERE {_WHERE} AND path > ? ORDER BY path LIMIT ?"
)
_KNOWN = (
    "SELECT sha256, options, state, reason FROM json_each(?) AS key"
    " CROSS JOIN processed ON sha256 = key.value ->> 0 AND options = key.value ->> 1"
)
_COPIES = (
    "SELECT each.path, each.original, each.account, each.chat_id, each.sha256, each.options, each.ending, result,"
    " size_bytes, is_placed, previous FROM json_each(?) AS key CROSS JOIN processed_copies AS each"
    " ON each.sha256 = key.value ->> 0 AND each.options = key.value ->> 1"
    " CROSS JOIN processed USING (sha256, options) ORDER BY each.path"
)
_HOLDER = "SELECT path FROM processed_copies WHERE sha256 = ? AND options = ? AND account = ? AND chat_id = ?"
_MADE = "INSERT OR REPLACE INTO processed VALUES (?, ?, 'made', '', ?, ?)"
_REFUSED = "INSERT OR IGNORE INTO processed (sha256, options, state, reason) VALUES (?, ?, ?, ?)"
_NONE_LEFT = (
    "DELETE FROM processed WHERE sha256 = ? AND options = ? AND state = 'made' AND NOT EXISTS"
    " (SELECT 1 FROM processed_copies AS each WHERE each.sha256 = processed.sha256 AND each.options = processed.options)"
)
# A result whose original is gone from its folder may go to a copy that has none, as when the layout of media changes.
_STRAYS = (
    "SELECT each.path, each.original, each.account, each.chat_id, each.sha256, each.options, each.ending, result, size_bytes,"
    " each.is_placed, each.previous, own.path, (SELECT json_array(min(copies.path), copies.account, copies.chat_id) FROM copies WHERE"
    "  copies.sha256 = each.sha256 AND copies.is_placed AND NOT EXISTS (SELECT 1 FROM processed_copies AS other WHERE"
    "  other.sha256 = each.sha256 AND other.options = each.options"
    "  AND other.account = copies.account AND other.chat_id = copies.chat_id))"
    " FROM processed_copies AS each JOIN processed USING (sha256, options)"
    " LEFT JOIN copies AS own ON own.sha256 = each.sha256 AND own.account = each.account AND own.chat_id = each.chat_id"
    "  AND own.is_placed"
    " WHERE NOT each.is_placed OR own.path IS NULL OR own.path <> each.original ORDER BY each.path LIMIT ?"
)


class ArchiveProcessed:
    """Implements core.ports.processed.ProcessedLedger on the archive's writing thread."""

    def __init__(self, writer: WriterThread) -> None:
        self._writer = writer

    async def count_originals(self, chats: Sequence[Chat], *, is_shared: bool) -> int:
        """Count the media in the folders of these chats, or in the shared one."""
        places = _list_places(chats, is_shared=is_shared)
        return await self._writer.run(
            lambda connection: int(connection.execute(_COUNT, (places,)).fetchone()[0])
        )

    async def list_originals(
        self, chats: Sequence[Chat], *, is_shared: bool, after: str = ""
    ) -> list[Original]:
        """Return the next media by path in the folders of these chats, or in the shared one."""
        places = _list_places(chats, is_shared=is_shared)

        def work(connection: sqlite3.Connection) -> list[Original]:
            halves = as_json(list_halves(connection, chats))
            rows = connection.execute(_ORIGINALS, (halves, places, after, _PAGE))
            return [_read_original(each) for each in rows]

        return await self._writer.run(work)

    async def find_known(self, keys: Collection[ContentKey]) -> dict[ContentKey, Known]:
        """Return what is known of those contents of which anything is."""
        listed = as_json(list(keys))

        def work(connection: sqlite3.Connection) -> dict[ContentKey, Known]:
            found = {
                (sha256, options): Known(state, reason)
                for sha256, options, state, reason in connection.execute(_KNOWN, (listed,))
            }
            for each in map(_read_copy, connection.execute(_COPIES, (listed,))):
                found[each.sha256, each.options].copies.append(each)
            return found

        return await self._writer.run(work)

    async def note_refused(self, key: ContentKey, outcome: Kept | Failed) -> None:
        """Remember why there is no result, unless there is one."""
        state = "kept" if isinstance(outcome, Kept) else "failed"
        await self._writer.run(lambda connection: connection.execute(_REFUSED, (*key, state, outcome.reason)))

    async def expect_copy(self, wanted: ProcessedCopy, avoid: Collection[str]) -> ProcessedCopy | None:
        """Commit where a result is about to stand, under the next free name (durable when this returns)."""
        return await self._writer.run(
            lambda connection: _expect_copy(connection, wanted, set(avoid)), is_durable=True
        )

    async def confirm_copy(self, copy: ProcessedCopy) -> None:
        """Commit that a result stands in its place."""
        await self._writer.run(
            lambda connection: connection.execute(
                "UPDATE processed_copies SET is_placed = 1, previous = '' WHERE path = ?", (copy.path,)
            )
        )

    async def drop_copy(self, copy: ProcessedCopy) -> None:
        """Forget a result that is gone; a content of which none is left may be processed again."""

        def work(connection: sqlite3.Connection) -> None:
            _delete(connection, [copy.path])
            connection.execute(_NONE_LEFT, (copy.sha256, copy.options))

        await self._writer.run(work)

    async def list_strays(self) -> list[Stray]:
        """Return some results that are not settled beside their originals; none when all are."""
        return await self._writer.run(
            lambda connection: [_read_stray(each) for each in connection.execute(_STRAYS, (_STRAYS_PAGE,))]
        )


def _list_places(chats: Sequence[Chat], *, is_shared: bool) -> str:
    return as_json([_SHARED] if is_shared else [each.key for each in chats])


def _expect_copy(
    connection: sqlite3.Connection, wanted: ProcessedCopy, avoid: set[str]
) -> ProcessedCopy | None:
    ours = {wanted.previous, *avoid}
    place = (wanted.sha256, wanted.options, wanted.account, wanted.chat_id)
    holder = connection.execute(_HOLDER, place).fetchone()
    if holder and holder[0] not in ours:
        return None
    _delete(connection, ours)
    path, _ = find_name(connection, wanted.path, {fold_name(each) for each in avoid})
    # It may stand there already, under the next best name.
    found = replace(wanted, path=path, is_placed=path == wanted.previous)
    connection.execute(_MADE, (found.sha256, found.options, found.result, found.size_bytes))
    connection.execute(
        "INSERT INTO processed_copies VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            path,
            fold_name(path),
            found.original,
            found.account,
            found.chat_id,
            found.sha256,
            found.options,
            found.ending,
            found.is_placed,
            found.previous,
        ),
    )
    return found


def _delete(connection: sqlite3.Connection, paths: Iterable[str]) -> None:
    connection.executemany("DELETE FROM processed_copies WHERE path = ?", [(each,) for each in paths])


def _read_original(row: tuple[Any, ...]) -> Original:
    *fields, sent_as = row
    return Original._make((*fields, tuple(map(tuple, msgspec.json.decode(sent_as)))))


def _read_copy(row: tuple[Any, ...]) -> ProcessedCopy:
    copy = ProcessedCopy(*row)
    copy.is_placed = bool(copy.is_placed)
    return copy


def _read_stray(row: tuple[Any, ...]) -> Stray:
    *fields, own, other = row
    copy = _read_copy(tuple(fields))
    if own is not None:
        return Stray(copy, (own, copy.account, copy.chat_id))
    path, account, chat_id = msgspec.json.decode(other)
    return Stray(copy, (path, account, chat_id) if path is not None else None)
