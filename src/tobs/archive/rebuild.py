"""An archive put together anew beside a damaged one, from the rows and the answers that can still be read.

What is read stands as it was read. A message that its answer has otherwise, or that is not there, is written anew by
the functions that a page is committed with. An answer that cannot be read leaves a row without bytes, so that what
rests on it keeps its place; the ids around it are to be asked for again.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from tobs._util.atomic import PREFIX, save
from tobs.archive import mending
from tobs.archive.chats import read_chats
from tobs.archive.checks import ArchiveChecks
from tobs.archive.codec import QUARANTINED
from tobs.archive.commit import PageWork, restore_page
from tobs.archive.connect import archive_path, beside, connect_writer, transaction
from tobs.archive.damage import has_schema
from tobs.archive.faults import said_clearly
from tobs.archive.lock import PARTIAL
from tobs.archive.migrate import migrate, shipped_migrations
from tobs.archive.salvage import copy_rows, graft_head
from tobs.archive.swap import copy_aside, put_in_place
from tobs.core.model import Chat, Decoded, MessageRow
from tobs.core.ports.proof import StoredAnswer, Taken
from tobs.core.ports.source import RawPage
from tobs.core.ranges import Range
from tobs.core.repair import Quarantined, TableSalvage
from tobs.errors import Damaged

Key = tuple[int, int]

_FROM_ANSWERS = ("peers", "topics", "unreadable")
"""Tables of which the answers know more than which messages there are."""

_RECEIVED = "SELECT received_at, method FROM responses WHERE id = ?"


class ArchiveRebuild:
    """Implements core.ports.repair.Rebuild; to be closed, and only under the lock of the export folder."""

    def __init__(self, output: Path, *, library: str, aside: str) -> None:
        """`aside` ends the names of what is put aside: the damaged file, and the folder of what cannot be read."""
        self._path = archive_path(output)
        partial = self._path.parent / PARTIAL
        self._old = partial / f"{PREFIX}damaged"
        self._new = partial / f"{PREFIX}repaired"
        self._library = library
        self._aside = aside
        self.quarantine_folder = f"quarantine/{aside}"
        self.strangers = 0
        self._tables: dict[str, TableSalvage] = {}
        self._chats: dict[Key, Chat] = {}
        self._restored: list[Chat] = []
        self._wrong: defaultdict[Key, set[int]] = defaultdict(set)
        self._has_gaps = False
        self._connection: sqlite3.Connection | None = None
        self._checks: ArchiveChecks | None = None

    def close(self) -> None:
        """Close the new archive and remove what was not put in place."""
        if self._checks:
            self._checks.close()
        if self._connection:
            self._connection.close()
        self._checks = self._connection = None
        for each in (self._old, self._new):
            for path in (each, beside(each, "wal"), beside(each, "shm")):
                path.unlink(missing_ok=True)

    def salvage(self) -> list[TableSalvage]:
        """Copy what can be read, and return what came of each table."""
        copy_aside(self._path, self._old)
        migrate(self._new, shipped_migrations())
        if not has_schema(self._old):
            graft_head(self._old, self._new)
        self._connection = connect_writer(self._new)
        # A machine that fails here leaves the damaged archive as it was; the new one is synced at the end.
        self._connection.execute("PRAGMA synchronous = OFF")
        with closing(sqlite3.connect(self._old, isolation_level=None, check_same_thread=False)) as source:
            found = copy_rows(source, self._connection)
        self._tables = {each.name: each for each in found}
        if not self._tables["messages"].rows and not self._tables["responses"].rows:
            raise Damaged(
                f"Nothing in {self._path} can be read.",
                hint="Put a copy from a backup in its place, or move it away: `tobs export` then makes a new one.",
            )
        self._write(self._mend)
        self._checks = ArchiveChecks(self._new)
        return found

    def _mend(self, connection: sqlite3.Connection) -> None:
        mending.remove_illegible(connection)
        strangers = mending.take_strangers(connection) if self.is_whole("chats") else []
        if strangers:
            self._put_aside("rows.jsonl", b"".join(msgspec.json.encode(each) + b"\n" for each in strangers))
        self.strangers = len(strangers)
        self._has_gaps = mending.add_missing_answers(connection)
        self._restored = mending.restore_chats(connection)
        self._chats = {each.key: each for each in read_chats(connection)}

    def chats(self) -> dict[Key, Chat]:
        """Return all chats by their keys."""
        return self._chats

    def restored_chats(self) -> list[Chat]:
        """Return the chats of which only the messages were left."""
        return self._restored

    def last_answer(self) -> int:
        """Return the highest id of an answer, 0 when there is none."""
        return self._proofs().last_answer()

    def answers(self, *, after: int, limit: int) -> list[StoredAnswer]:
        """Return the next answers of all chats, unpacked, in the order in which they were stored."""
        return self._proofs().answers([*self._chats.values()], after=after, limit=limit)

    def quarantine(self, answer: StoredAnswer, reason: str) -> Quarantined:
        """Put an answer aside that cannot be read; what was read of it before stays."""
        found = Quarantined(answer.id, *answer.chat_key, answer.low, answer.high, reason)

        def work(connection: sqlite3.Connection) -> bytes:
            (raw,) = connection.execute("SELECT raw FROM responses WHERE id = ?", (answer.id,)).fetchone()
            connection.execute(
                "UPDATE responses SET method = ?, size_bytes = 0, raw = x'' WHERE id = ?",
                (QUARANTINED, answer.id),
            )
            return bytes(raw)

        # As it stood in the archive: compressed, and perhaps no whole frame any more.
        self._put_aside(f"answer-{answer.id}.zst", self._write(work))
        self._put_aside(f"answer-{answer.id}.json", msgspec.json.encode(found))
        return found

    def _put_aside(self, name: str, content: bytes) -> None:
        folder = self._path.parent / self.quarantine_folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        save(folder / name, content, mode=0o600)

    def taken(self, answer: StoredAnswer) -> Taken:
        """Return what stands as that answer's content."""
        return self._proofs().taken(answer)

    def find_absent(self, chat_key: Key, ids: list[int]) -> list[int]:
        """Return which of these ids have no message."""
        return self._proofs().find_absent(chat_key, ids)

    def find_unbacked(self, chat_key: Key, ids: set[int]) -> set[int]:
        """Return which of these messages rest on an answer that cannot be read."""
        return mending.find_unbacked(self._open(), chat_key, ids)

    def is_legible(self, row: MessageRow) -> bool:
        """Tell whether a message as it was read can be shown."""
        return mending.is_legible(row)

    def is_whole(self, table: str) -> bool:
        """Tell whether all rows of a table were read."""
        return self._tables[table].is_whole

    def note_wrong(self, chat_key: Key, ids: set[int]) -> None:
        """Note messages that are to be written anew."""
        self._wrong[chat_key] |= ids

    def forget(self) -> int:
        """Take away the messages noted, to be written anew; return how many there are to be."""

        def work(connection: sqlite3.Connection) -> None:
            for key, ids in self._wrong.items():
                mending.forget_messages(connection, key, ids)

        self._write(work)
        return sum(map(len, self._wrong.values()))

    @property
    def needs_replay(self) -> bool:
        """Whether answers have anything to say that is not there."""
        return any(self._wrong.values()) or not all(map(self.is_whole, _FROM_ANSWERS))

    def replay(self, answer: StoredAnswer, decoded: Decoded) -> None:
        """Write anew what an answer says of those messages, and what else only it can say."""
        wrong = self._wrong[answer.chat_key]

        def work(connection: sqlite3.Connection) -> None:
            received_at, method = connection.execute(_RECEIVED, (answer.id,)).fetchone()
            chat = self._chats[answer.chat_key]
            page = RawPage(chat, Range(1, 1), answer.raw, answer.layer, received_at, method)
            told = self._narrow(connection, decoded, wrong)
            restore_page(connection, PageWork(page, told, None, self._library), answer.id, 1)

        self._write(work)

    def _narrow(self, connection: sqlite3.Connection, decoded: Decoded, wrong: set[int]) -> Decoded:
        """Return what is to be taken of an answer: what was read of all else is no older than it."""
        known = mending.find_known_peers(connection, [each.id for each in decoded.peers])
        return replace(
            decoded,
            rows=[each for each in decoded.rows if each.id in wrong],
            wants=[each for each in decoded.wants if each.message_id in wrong],
            roots=[each for each in decoded.roots if each.message_id in wrong],
            threads=[each for each in decoded.threads if each.message_id in wrong],
            peers=[each for each in decoded.peers if each.id not in known],
            unreadable=None if self.is_whole("unreadable") else decoded.unreadable,
        )

    def complete(self) -> int:
        """Give every row what it needs in other tables; return how many messages no answer proves."""

        def work(connection: sqlite3.Connection) -> int:
            for key, ids in self._wrong.items():
                mending.renumber_versions(connection, key, ids)
            mending.join_loose_ends(connection)
            mending.blank_illegible(connection)
            if not self.is_whole("copies"):
                mending.want_files_again(connection)
            mending.redraw(connection)
            return mending.count_unbacked(connection)

        return int(self._write(work))

    def uncover(self, quarantined: list[Quarantined]) -> list[Chat]:
        """Return the chats of which something is to be asked for again."""
        has_lost = self._has_gaps or not self.is_whole("responses")

        def work(connection: sqlite3.Connection) -> set[Key]:
            if not self.is_whole("asked"):
                mending.ask_again(connection)
            if has_lost:
                return mending.uncover_everything(connection)
            for each in quarantined:
                mending.uncover_around(connection, (each.account, each.chat_id), each.low, each.high)
            found = {(each.account, each.chat_id) for each in quarantined}
            return found | {each.key for each in self._restored}

        keys = self._write(work)
        return [each for each in self._chats.values() if each.key in keys]

    def finish(self) -> str:
        """Check the new archive, and put it in the place of the damaged one; return what that is called now.

        Raises Damaged when the new one is none: then nothing has changed.
        """
        checks, self._checks = self._proofs(), None
        damage = [*checks.find_damage()]
        checks.close()
        if damage:
            raise Damaged(
                f"What could be read of {self._path} makes no archive: {damage[0]}.",
                hint="Put a copy from a backup in its place.",
            )
        connection, self._connection = self._open(), None
        with said_clearly(self._new):
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            connection.close()
        return put_in_place(self._new, self._path, self._aside).name

    def _write(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
        with said_clearly(self._new), transaction(self._open()):
            return work(self._open())

    def _open(self) -> sqlite3.Connection:
        assert self._connection is not None, "nothing was salvaged yet"
        return self._connection

    def _proofs(self) -> ArchiveChecks:
        assert self._checks is not None, "nothing was salvaged yet"
        return self._checks
