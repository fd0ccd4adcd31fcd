"""What is known of files: which are wanted, what became of them, and which bytes they turned out to be."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

import msgspec

from tobs.archive import stale
from tobs.archive.actor import WriterThread
from tobs.archive.chats import CHAT_COLUMNS, HEAD
from tobs.archive.withheld import WITHHELD
from tobs.core.choice import NOT_SELECTED, MediaChoice, find_retry, judge_file
from tobs.core.model import Chat
from tobs.core.ports.files import FileKey, Origin
from tobs.core.ports.media import Proof, StoredContent, WantedFile
from tobs.core.report import MediaTally

_PAGE = 1000
_ORIGINS = 3
_FOLDER_ACCOUNT = 0

_Half: TypeAlias = tuple[int, int]
"""The key of a chat: account and marked id."""

_Mark: TypeAlias = tuple[int, str, int]
"""A place in what a chat's messages want: message, kind and id of the file."""

_NEWEST: _Mark = (1 << 62, "", 0)

READ_CHOICE = f"SELECT value FROM state WHERE account = {_FOLDER_ACCOUNT} AND name = 'media'"

# Put together from constants, never from data.
IN_CHATS = (
    "(wants.account, wants.chat_id) IN (SELECT half.value ->> 0, half.value ->> 1 FROM json_each(?) AS half)"
)
"""The wants of chats, whose keys are given as JSON (`as_json`)."""

# By what the chat's messages want and not by what is open: in a folder of many chats most of that is of others. Each file
# comes once, with its newest message. As what it was sent is asked in the same statement: a question of its own for
# each file takes three times as long.
_IS_ANY_OPEN = "SELECT 1 FROM files INDEXED BY files_to_get WHERE state IN ('wanted', 'failed') LIMIT 1"
_OPEN = (
    "SELECT files.kind, files.id, size_bytes, mime, name, tries,"
    " (SELECT group_concat(DISTINCT media_kind) FROM wants INDEXED BY wants_by_file"
    f"  WHERE file_kind = files.kind AND file_id = files.id AND {IN_CHATS}), own.message_id"
    " FROM wants AS own CROSS JOIN files ON files.kind = own.file_kind AND files.id = own.file_id"
    " WHERE own.account = ? AND own.chat_id = ? AND (own.message_id, own.file_kind, own.file_id) < (?, ?, ?)"
    " AND state IN ('wanted', 'failed') AND (state = 'wanted' OR retry_at <= ?)"
    " AND NOT EXISTS (SELECT 1 FROM wants INDEXED BY wants_by_file"
    "  WHERE file_kind = own.file_kind AND file_id = own.file_id"
    "  AND ((wants.account = own.account AND wants.chat_id = own.chat_id AND wants.message_id > own.message_id)"
    f"  OR {IN_CHATS}))"
    " ORDER BY own.message_id DESC, own.file_kind DESC, own.file_id DESC LIMIT ?"
)
_OF_FILE = (
    "FROM wants INDEXED BY wants_by_file"
    " JOIN chats ON chats.account = wants.account AND chats.id = wants.chat_id"
    " JOIN messages ON messages.account = wants.account AND messages.chat_id = wants.chat_id"
    " AND messages.id = message_id"
    f" WHERE file_kind = ? AND file_id = ? AND {IN_CHATS}"
    " AND NOT EXISTS (SELECT 1 FROM deletions WHERE deletions.account = wants.account"
    "  AND deletions.chat_id = wants.chat_id AND deletions.id = message_id)"
)
_IS_OPEN = (
    "NOT EXISTS (SELECT 1 FROM peers WHERE peers.id = wants.chat_id AND is_protected)"
    " AND coalesce(messages.content ->> '$.is_protected', 0) = 0"
)
_FIND_ORIGINS = (
    f"SELECT {CHAT_COLUMNS}, message_id {_OF_FILE} AND {_IS_OPEN}"
    f" ORDER BY messages.date DESC, wants.chat_id, message_id DESC LIMIT {_ORIGINS}"
)
_IS_SEALED = f"SELECT max({_IS_OPEN}) = 0 {_OF_FILE}"
_UNSHELVE = (
    f"INSERT OR IGNORE INTO unshelved SELECT DISTINCT {HEAD}, sha256 FROM files"
    " JOIN wants INDEXED BY wants_by_file ON file_kind = files.kind AND file_id = files.id"
    " JOIN chats ON chats.account = wants.account AND chats.id = wants.chat_id"
    " WHERE files.kind = ? AND files.id = ? AND state = 'done'"
)
_UNSHELVE_AGAIN = (
    f"INSERT OR IGNORE INTO unshelved SELECT {HEAD}, sha256 FROM files"
    " JOIN chats ON chats.account = ? AND chats.id = ? WHERE files.kind = ? AND files.id = ? AND state = 'done'"
)
_DONE = (
    "UPDATE files SET state = 'done', reason = '', sha256 = ?, stored_bytes = ?, proof = ?, tries = 0, retry_at = 0"
    " WHERE kind = ? AND id = ?"
)
_FAILED = (
    "UPDATE files SET state = 'failed', reason = ?, tries = tries + 1, tried_at = ?, retry_at = ?"
    " WHERE kind = ? AND id = ?"
)
_NEEDED = (
    "SELECT kind, files.id FROM json_each(?) AS key CROSS JOIN files"
    " ON kind = key.value ->> 0 AND files.id = key.value ->> 1"
    " WHERE state IN ('wanted', 'failed') OR (state = 'done'"
    "  AND EXISTS (SELECT 1 FROM wants INDEXED BY wants_by_file WHERE file_kind = kind AND file_id = files.id)"
    "  AND NOT EXISTS (SELECT 1 FROM copies WHERE copies.sha256 = files.sha256 AND is_placed))"
)
_SAME = (
    "SELECT sha256, coalesce((SELECT min(path) FROM copies WHERE copies.sha256 = files.sha256 AND is_placed), ''),"
    " json_group_array(json_array(kind, id)) FROM files INDEXED BY files_by_length WHERE stored_bytes = ? AND sha256 <> ''"
    " GROUP BY sha256 ORDER BY sha256"
)
_TALLY = (
    "SELECT files.kind, files.id, state, reason, size_bytes, mime, name, stored_bytes, kinds FROM (SELECT file_kind, file_id,"
    f" group_concat(DISTINCT media_kind) AS kinds FROM wants WHERE {IN_CHATS} GROUP BY file_kind, file_id)"
    " JOIN files ON files.kind = file_kind AND files.id = file_id"
)
_NOT_HERE = "SELECT kind, id FROM files WHERE state IN ('wanted', 'failed') AND (kind, id) > (?, ?) ORDER BY kind, id LIMIT ?"


class ArchiveMedia:
    """Implements core.ports.media.MediaLedger on the archive's writing thread."""

    def __init__(self, writer: WriterThread, marks: stale.Marks) -> None:
        self._writer = writer
        self._marks = marks

    async def keep_choice(self, choice: MediaChoice) -> None:
        """Remember what is chosen now; another choice than before redraws what names a file that is not here."""
        text = msgspec.json.encode(choice).decode()

        def work(connection: sqlite3.Connection) -> None:
            (before,) = connection.execute(READ_CHOICE).fetchone() or ("",)
            if before == text:
                return
            connection.execute("INSERT OR REPLACE INTO state VALUES (?, 'media', ?)", (_FOLDER_ACCOUNT, text))
            for keys in _walk_keys(connection):
                stale.mark_wanting(connection, keys, self._marks.next())

        await self._writer.run(work)

    async def list_wanted(
        self, chats: Sequence[Chat], choice: MediaChoice, *, now: float
    ) -> AsyncIterator[WantedFile]:
        """Yield the files that messages of these chats, and of the groups they were, want and the choice takes."""
        halves = await self._writer.run(lambda connection: _find_open(connection, chats))
        for turn, half in enumerate(halves):
            before: _Mark | None = _NEWEST
            while before is not None:
                page, before = await self._read_page(half, halves[:turn], halves, choice, now, before)
                for each in page:
                    yield each

    async def note_done(self, key: FileKey, sha256: str, size_bytes: int, proof: Proof) -> None:
        """Remember what a file's bytes are: its partial file is whole, or the same bytes are stored already."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(_DONE, (sha256, size_bytes, proof, *key))
            connection.execute(_UNSHELVE, key)
            stale.mark_wanting(connection, [key], self._marks.next())

        await self._writer.run(work)

    async def note_failed(self, key: FileKey, reason: str, *, at: float, is_lasting: bool = False) -> None:
        """Remember why a file could not be had; `is_lasting`: it is of no use to try again soon."""

        def work(connection: sqlite3.Connection) -> None:
            state, before, tries = _read_state(connection, key)
            retry_at = find_retry(tries + 1, at, is_lasting=is_lasting)
            connection.execute(_FAILED, (reason, at, retry_at, *key))
            if (state, before) != ("failed", reason):
                stale.mark_wanting(connection, [key], self._marks.next())

        await self._writer.run(work)

    async def note_withheld(self, key: FileKey) -> None:
        """Remember that Telegram does not let this file be saved."""

        def work(connection: sqlite3.Connection) -> None:
            if _read_state(connection, key)[:2] != WITHHELD:
                connection.execute(
                    "UPDATE files SET state = ?, reason = ? WHERE kind = ? AND id = ?", (*WITHHELD, *key)
                )
                stale.mark_wanting(connection, [key], self._marks.next(), is_counted=True)

        await self._writer.run(work)

    async def find_same(self, size_bytes: int) -> list[StoredContent]:
        """Return the contents of this size that are stored."""

        def work(connection: sqlite3.Connection) -> list[StoredContent]:
            found = connection.execute(_SAME, (size_bytes,))
            return [
                StoredContent(sha256, path, tuple(FileKey(*each) for each in msgspec.json.decode(keys)))
                for sha256, path, keys in found
            ]

        return await self._writer.run(work)

    async def find_needed(self, keys: Collection[FileKey]) -> set[FileKey]:
        """Return those whose partial files are still of use: wanted, or whole and not yet placed anywhere."""
        listed = msgspec.json.encode(list(keys)).decode()
        return await self._writer.run(
            lambda connection: {FileKey(*each) for each in connection.execute(_NEEDED, (listed,))}
        )

    async def tally(self, chats: Sequence[Chat]) -> MediaTally:
        """Count the files of these chats, and of the groups they were, under the choice kept."""
        return await self._writer.run(lambda connection: count_media(connection, chats))

    async def _read_page(
        self,
        half: _Half,
        earlier: list[_Half],
        halves: list[_Half],
        choice: MediaChoice,
        now: float,
        before: _Mark,
    ) -> tuple[list[WantedFile], _Mark | None]:
        """Return the wanted ones of the next files of a half that are not here, and where to go on; None at the end."""

        def work(connection: sqlite3.Connection) -> tuple[list[WantedFile], _Mark | None]:
            every, done = as_json(halves), as_json(earlier)
            rows = connection.execute(_OPEN, (every, *half, *before, now, done, _PAGE)).fetchall()
            found = [_read_wanted(connection, each[:-1], choice, every) for each in rows]
            last = (rows[-1][-1], *rows[-1][:2]) if len(rows) == _PAGE else None
            return [each for each in found if each], last

        return await self._writer.run(work)


def unshelve_again(connection: sqlite3.Connection, chat: Chat, files: Collection[tuple[str, int]]) -> None:
    """Have the place of files looked at that new messages of a chat carry, where they are here already."""
    connection.executemany(_UNSHELVE_AGAIN, [(*chat.key, *each) for each in files])


def read_choice(text: str | None) -> MediaChoice | None:
    """Return the choice that is kept, None when none ever was. Raises Damaged."""
    return _decode_choice(text) if text else None


@lru_cache(maxsize=8)
def _decode_choice(text: str) -> MediaChoice:
    return msgspec.json.decode(text, type=MediaChoice)


def list_halves(connection: sqlite3.Connection, chats: Sequence[Chat]) -> list[_Half]:
    """Return the keys of chats, and of the groups that they were."""
    keys = [each.key for each in chats]
    groups = connection.execute(
        "SELECT account, id FROM chats WHERE migrated_to IN (SELECT value FROM json_each(?))",
        (as_json([each.id for each in chats]),),
    )
    return list(dict.fromkeys([*keys, *groups.fetchall()]))


def _find_open(connection: sqlite3.Connection, chats: Sequence[Chat]) -> list[_Half]:
    """Return the halves of these chats, none where no file at all is open."""
    return list_halves(connection, chats) if connection.execute(_IS_ANY_OPEN).fetchone() else []


def as_json(values: Sequence[object]) -> str:
    """Return values as a statement can take them all at once."""
    return msgspec.json.encode(values).decode()


def count_media(connection: sqlite3.Connection, chats: Sequence[Chat]) -> MediaTally:
    """Count the files of chats by what became of them; rows are read one by one."""
    (text,) = connection.execute(READ_CHOICE).fetchone() or (None,)
    choice = read_choice(text) or MediaChoice()
    found = MediaTally()
    halves = as_json(list_halves(connection, chats))
    for kind, number, state, reason, size_bytes, mime, name, stored_bytes, kinds in connection.execute(
        _TALLY, (halves,)
    ):
        if state == "done":
            found.done += 1
            found.done_bytes += stored_bytes
        elif state == "withheld":
            found.withheld += 1
        elif left_out := judge_file(choice, kinds.split(","), size_bytes, mime, name):
            if left_out == NOT_SELECTED:
                found.not_selected += 1
            else:
                found.too_large += 1
        elif _is_sealed(connection, FileKey(kind, number), halves):
            found.withheld += 1
        elif state == "failed":
            found.failed[reason] = found.failed.get(reason, 0) + 1
        else:
            found.wanted += 1
    return found


def _read_wanted(
    connection: sqlite3.Connection, row: tuple[Any, ...], choice: MediaChoice, halves: str
) -> WantedFile | None:
    kind, number, size_bytes, mime, name, tries, sent_as = row
    kinds = tuple(sorted(sent_as.split(","))) if sent_as else ()
    if not kinds or judge_file(choice, kinds, size_bytes, mime, name):
        return None
    key = FileKey(kind, number)
    origins = tuple(
        Origin(Chat(*each[:-1]), each[-1]) for each in connection.execute(_FIND_ORIGINS, (*key, halves))
    )
    if not origins and _is_sealed(connection, key, halves):
        return None
    return WantedFile(key, kinds, size_bytes, mime, name, origins, tries)


def _is_sealed(connection: sqlite3.Connection, key: FileKey, halves: str) -> bool:
    """Tell whether all messages of these chats that carry a file may not be saved; others may show it, or did."""
    return bool(connection.execute(_IS_SEALED, (*key, halves)).fetchone()[0])


def _read_state(connection: sqlite3.Connection, key: FileKey) -> tuple[str, str, int]:
    row: tuple[str, str, int] = connection.execute(
        "SELECT state, reason, tries FROM files WHERE kind = ? AND id = ?", key
    ).fetchone()
    return row


def _walk_keys(connection: sqlite3.Connection) -> Iterator[list[tuple[str, int]]]:
    """Yield the files that are not here, some at a time."""
    after: tuple[str, int] = ("", 0)
    while rows := connection.execute(_NOT_HERE, (*after, _PAGE)).fetchall():
        yield rows
        after = rows[-1]
