"""Questions of `tobs verify`, on one read-only connection: nothing is repaired, nothing is written.

Memory does not grow with the archive: what grows with it comes in batches or is counted by SQL.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from tobs.archive.chains import read_chain
from tobs.archive.chats import read_chats
from tobs.archive.codec import QUARANTINED, unpack_raw
from tobs.archive.connect import closed_on_error, connect_reader
from tobs.archive.coverage import read_coverage
from tobs.archive.faults import MENDING, said_clearly
from tobs.archive.hidden import read_hidden
from tobs.archive.index import TABLES
from tobs.archive.ledger import read_placed
from tobs.archive.media import READ_CHOICE, count_media
from tobs.archive.migrate import check_version, newest_version
from tobs.archive.spans import LISTED, LOOKED_UP, read_asked, read_covered, thread_spans
from tobs.archive.store import read_projection
from tobs.archive.tally import count_taken, count_tally
from tobs.archive.unbacked import count_unbacked
from tobs.archive.unreadable import list_unreadable
from tobs.core.certificate import KEPT, Account, Changes
from tobs.core.model import Chat, MessageRow
from tobs.core.ports.ledger import Placed
from tobs.core.ports.proof import StoredAnswer, StoredCopy, Taken
from tobs.core.ranges import Range, clip_ranges, find_holes, merge_ranges
from tobs.core.report import KnownFrom, MediaTally
from tobs.core.request import EVERYTHING, Projection
from tobs.core.words import say_count
from tobs.errors import Damaged, UsageError

_COLUMNS = ", ".join(MessageRow._fields)

# The statements are put together from the names of our own columns and tables, never from data.
_ANSWERS = (
    "SELECT id, account, chat_id, layer, low, high, size_bytes, raw FROM responses WHERE id > ?"
    f" AND method <> '{QUARANTINED}'"
    " AND (account, chat_id) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?)) ORDER BY id LIMIT ?"
)
_TAKEN = " FROM {table} WHERE account = ? AND chat_id = ? AND id BETWEEN ? AND ? AND response = ?"
_MESSAGES = f"SELECT {_COLUMNS}{_TAKEN.format(table='messages')}"
_VERSIONS = f"SELECT {_COLUMNS}{_TAKEN.format(table='versions')}"
_WANTS = (
    "SELECT message_id, file_kind, file_id FROM wants WHERE account = ? AND chat_id = ?"
    " AND message_id IN (SELECT value FROM json_each(?))"
)
_ABSENT = (
    "SELECT value FROM json_each(?) AS listed WHERE NOT EXISTS (SELECT 1 FROM messages"
    " WHERE account = ? AND chat_id = ? AND id = listed.value)"
)
_UNPROVED = (
    "SELECT each.id FROM {table} AS each LEFT JOIN responses ON responses.id = each.response"
    " AND responses.account = each.account AND responses.chat_id = each.chat_id"
    " AND each.id BETWEEN responses.low AND responses.high"
    " WHERE each.account = ? AND each.chat_id = ? AND responses.id IS NULL"
)
_PROVED = (
    ("messages", "message"),
    ("versions", "an earlier version of message"),
    ("deletions", "the deletion of message"),
    ("unreadable", "unreadable message"),
)
_PRESENT = (
    "SELECT id FROM messages WHERE account = ? AND chat_id = ? AND id BETWEEN ? AND ?"
    " UNION SELECT id FROM unreadable WHERE account = ? AND chat_id = ? AND id BETWEEN ? AND ? ORDER BY id DESC"
)
_LAST_SWEPT = (
    "SELECT start_time, chat.value ->> '$.changes_known_from' FROM runs, json_each(report, '$.chats') AS chat"
    " WHERE chat.value ->> '$.account' = ? AND chat.value ->> '$.id' = ?"
    " AND chat.value ->> '$.changes_known_from' IS NOT NULL ORDER BY start_time DESC LIMIT 1"
)
_LAST_FOLLOWED = (
    "SELECT coalesce(max(start_time), '') FROM runs WHERE report ->> '$.account.id' = ?"
    " AND report ->> '$.account.difference' = 'applied'"
)
_COPIES = (
    "SELECT path, sha256, (SELECT max(stored_bytes) FROM files WHERE files.sha256 = copies.sha256 AND sha256 <> '')"
    " FROM copies WHERE is_placed AND account = ? AND chat_id = ? AND path > ? ORDER BY path LIMIT 1000"
)
_PROCESSED = (
    "SELECT path, result, size_bytes FROM processed_copies JOIN processed USING (sha256, options)"
    " WHERE is_placed AND account = ? AND chat_id = ? AND path > ? ORDER BY path LIMIT 1000"
)
_STRAYS = {
    "messages of a chat that the archive does not have": (
        "SELECT count(*) FROM messages WHERE (account, chat_id) NOT IN (SELECT account, id FROM chats)"
    ),
    "wishes for files of messages that are not stored": (
        "SELECT count(*) FROM wants LEFT JOIN messages ON messages.account = wants.account"
        " AND messages.chat_id = wants.chat_id AND messages.id = wants.message_id WHERE messages.id IS NULL"
    ),
    "messages more or less in the index of words than there are (`tobs search --rebuild` makes it anew)": (
        "SELECT abs((SELECT count(*) FROM messages) - (SELECT count(*) FROM messages, indexed WHERE number > up_to)"
        " - (SELECT count(*) FROM message_words_docsize))"
    ),
}


class ArchiveChecks:
    """Implements core.ports.proof.Checks; for one thread at a time."""

    def __init__(self, path: Path, *, is_still: bool = False) -> None:
        """`is_still`: nobody writes meanwhile, and nothing is left in the folder.

        Raises Damaged, ForeignFolder, NewerArchive, Busy, or UsageError for an archive of an older version.
        """
        self._path = path
        with said_clearly(path):
            self._connection = connect_reader(path, is_still=is_still)
            with closed_on_error(self._connection):
                version = check_version(self._connection, path, newest=newest_version())
        if not version:
            self.close()
            raise Damaged(f"The archive {path} says of itself that it is empty.", hint=MENDING)
        if version < newest_version():
            self.close()
            raise UsageError(
                f"{path} was written by an older version of tobs.", hint="`tobs render` brings it up to date."
            )

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def find_damage(self) -> Iterator[str]:
        """Yield what is wrong with the file as a whole."""
        # Not the quick one: an index that has other values than its table gives wrong answers.
        for (said,) in self._walk("PRAGMA integrity_check(100)"):
            if said != "ok":
                yield f"SQLite says: {' '.join(said.split())}"
        lost = Counter((table, parent) for table, _, parent, _ in self._walk("PRAGMA foreign_key_check"))
        for (table, parent), number in sorted(lost.items()):
            yield f"{say_count(number, 'row')} of {table} without what they need in {parent}"
        # SQLite's own check leaves the index of words out; one that is damaged cannot be asked.
        for table in TABLES:
            self._one(f"SELECT rowid FROM {table} WHERE {table} MATCH ? LIMIT 1", '"aaa"')
        for what, sql in _STRAYS.items():
            if number := self._one(sql)[0]:
                yield f"{number:,} {what}"

    def chats(self) -> list[Chat]:
        """Return all chats, in the order in which they were first exported."""
        with said_clearly(self._path):
            return read_chats(self._connection)

    def account(self, chat: Chat) -> Account:
        """Return where the ids of a chat stand."""
        with said_clearly(self._path):
            asked = read_asked(self._connection, chat)
            covered = read_covered(self._connection, chat)
            looked_up = self._within(read_covered(self._connection, chat, LOOKED_UP), asked)
            threads, thread_holes = thread_spans(self._connection, chat)
            coverage = read_coverage(self._connection, chat)
            found = Account(
                merge_ranges([*asked, *threads]),
                count_tally(self._connection, chat),
                coverage.extent,
                coverage.threads,
                hidden_to=read_hidden(self._connection, chat) or 0,
                unbacked=count_unbacked(self._connection, chat),
            )
            found.unreadable = list_unreadable(self._connection, chat, found.asked, KEPT)
            found.empty_looked_up = sum(each.size for each in looked_up) - count_taken(
                self._connection, chat, looked_up
            )
        found.messages, found.first_date, found.last_date = self._one(
            "SELECT count(*), min(date), max(date) FROM messages INDEXED BY messages_by_date WHERE account = ? AND chat_id = ?",
            *chat.key,
        )
        for hole in chain(self._holes(chat, asked, covered), self._thread_gaps(chat, thread_holes)):
            found.hole_count += 1
            if len(found.holes) < KEPT:
                found.holes.append(hole)
        return found

    def changes(self, chat: Chat) -> Changes:
        """Return how many messages were edited or deleted, and down to where that is known."""
        edited = self._one(
            "SELECT count(DISTINCT id) FROM versions WHERE account = ? AND chat_id = ?", *chat.key
        )
        deleted = self._one("SELECT count(*) FROM deletions WHERE account = ? AND chat_id = ?", *chat.key)
        found = Changes(edited[0], deleted[0])
        if swept := self._one(_LAST_SWEPT, *chat.key):
            found.known_at, known_from = swept
            found.known_from = msgspec.json.decode(known_from, type=KnownFrom)
        self._note_followed(chat, found)
        return found

    def _note_followed(self, chat: Chat, found: Changes) -> None:
        """Take in what runs that did not name the chat found out about all chats of its account."""
        with said_clearly(self._path):
            chain = read_chain(self._connection, chat)
        (followed,) = self._one(_LAST_FOLLOWED, chat.account)
        if chain and followed > found.known_at:
            found.known_from, found.known_at = chain.known_from, followed

    def find_unproved(self, chat: Chat) -> Iterator[str]:
        """Yield the messages, versions, deletions and unreadable ids whose answer is not there, or cannot be the one they came in."""
        for table, noun in _PROVED:
            for (number,) in self._walk(_UNPROVED.format(table=table), *chat.key):
                yield f"{noun} {number} names no answer of Telegram that it could be from"

    def last_answer(self) -> int:
        """Return the highest id of an answer, 0 when there is none."""
        return int(self._one("SELECT coalesce(max(id), 0) FROM responses")[0])

    def answers(self, chats: list[Chat], *, after: int, limit: int) -> list[StoredAnswer]:
        """Return the next answers of these chats, unpacked, in the order in which they were stored."""
        keys = msgspec.json.encode([each.key for each in chats]).decode()
        return [_read_answer(each) for each in self._walk(_ANSWERS, after, keys, limit)]

    def taken(self, answer: StoredAnswer) -> Taken:
        """Return what the archive holds as that answer's content."""
        if answer.low is None or answer.high is None:
            return Taken([], [], set())
        values = (*answer.chat_key, answer.low, answer.high, answer.id)
        rows = [MessageRow._make(each) for each in self._walk(_MESSAGES, *values)]
        versions = [MessageRow._make(each) for each in self._walk(_VERSIONS, *values)]
        ids = _to_json(each.id for each in rows)
        return Taken(rows, versions, set(self._walk(_WANTS, *answer.chat_key, ids)))

    def find_absent(self, chat_key: tuple[int, int], ids: list[int]) -> list[int]:
        """Return which of these ids have no message in the archive."""
        return [number for (number,) in self._walk(_ABSENT, _to_json(ids), *chat_key)]

    def list_empty(self, chat: Chat) -> Iterator[int]:
        """Yield the empty ids that nobody looked up yet, newest first."""
        with said_clearly(self._path):
            asked = read_asked(self._connection, chat)
            listed = self._within(read_covered(self._connection, chat, LISTED), asked)
            looked_up = read_covered(self._connection, chat, LOOKED_UP)
        for span in reversed(listed):
            for part in reversed(find_holes(looked_up, span)):
                for gap in self._gaps(chat, part):
                    yield from range(gap.high, gap.low - 1, -1)

    def placed(self, chat: Chat | None) -> list[Placed]:
        """Return the files written for a chat, or those that belong to no chat, by path."""
        with said_clearly(self._path):
            return read_placed(self._connection, chat)

    def copies(self, chat: Chat | None, after: str) -> list[StoredCopy]:
        """Return the next files of media by path that stand in a chat's folder, or in that of all."""
        key = chat.key if chat else (0, 0)
        return [StoredCopy(*each) for each in self._walk(_COPIES, *key, after)]

    def processed(self, chat: Chat | None, after: str) -> list[StoredCopy]:
        """Return the next processed files by path that stand beside those."""
        key = chat.key if chat else (0, 0)
        return [StoredCopy(*each) for each in self._walk(_PROCESSED, *key, after)]

    def media(self, chat: Chat) -> MediaTally | None:
        """Count the files that messages of a chat, or of the group it was, carry; None when none were ever chosen."""
        if self._one(READ_CHOICE) is None:
            return None
        with said_clearly(self._path):
            return count_media(self._connection, [chat])

    def projection(self) -> Projection | None:
        """Return the folder's projection options, or None when nothing was ever drawn."""
        with said_clearly(self._path):
            return read_projection(self._connection)

    def last_run(self) -> str:
        """Return when the last run began (UTC), or an empty string."""
        return str(self._one("SELECT coalesce(max(start_time), '') FROM runs")[0])

    def library(self, layer: int) -> str:
        """Return which client library knows a layer, or an empty string."""
        row = self._one("SELECT library FROM layers WHERE layer = ?", layer)
        return row[0] if row else ""

    def _holes(self, chat: Chat, asked: list[Range], covered: list[Range]) -> Iterator[Range]:
        """Yield the unknown ids: not covered, not hidden, and no message found there by a search either."""
        for span in reversed(asked):
            holes = find_holes(clip_ranges(covered, span), span)
            for hole in reversed(clip_ranges(holes, self._visible(chat))):
                yield from self._gaps(chat, hole)

    def _thread_gaps(self, chat: Chat, holes: list[Range]) -> Iterator[Range]:
        """Yield the ids of which nobody knows whether they are in a thread that was asked for."""
        for hole in reversed(clip_ranges(holes, self._visible(chat))):
            yield from self._gaps(chat, hole)

    def _visible(self, chat: Chat) -> Range:
        return Range((read_hidden(self._connection, chat) or 0) + 1, EVERYTHING)

    def _gaps(self, chat: Chat, span: Range) -> Iterator[Range]:
        """Yield the ranges of a span without a message, stored or not to be read, newest first."""
        high = span.high
        for (number,) in self._walk(_PRESENT, *chat.key, *span, *chat.key, *span):
            if number < high:
                yield Range(number + 1, high)
            high = number - 1
        if span.low <= high:
            yield Range(span.low, high)

    def _within(self, ranges: list[Range], asked: list[Range]) -> list[Range]:
        return [part for each in asked for part in clip_ranges(ranges, each)]

    def _one(self, sql: str, *values: Any) -> Any:
        with said_clearly(self._path):
            return self._connection.execute(sql, values).fetchone()

    def _walk(self, sql: str, *values: Any) -> Iterator[Any]:
        with said_clearly(self._path):
            yield from self._connection.execute(sql, values)


def _read_answer(row: tuple[int, int, int, int, int | None, int | None, int, bytes]) -> StoredAnswer:
    number, account, chat_id, layer, low, high, size_bytes, packed = row
    answer = StoredAnswer(number, (account, chat_id), layer, low, high)
    try:
        answer.raw = unpack_raw(packed, size_bytes=size_bytes)
    except Damaged as error:
        answer.damage = str(error)
    return answer


def _to_json(ids: Iterable[int]) -> str:
    return msgspec.json.encode(list(ids)).decode()
