"""How far the archive follows Telegram's own record of changes: states, and from which message on they hold.

A channel's state is its `chats.pts`; that of private chats and basic groups is their account's. Both are written
only after what led up to them was committed, so that a kill in between repeats the difference.
"""

from __future__ import annotations

import sqlite3

import msgspec

from tobs.archive.actor import WriterThread
from tobs.archive.chats import read_chats
from tobs.archive.deletions import find_buried
from tobs.core.ids import is_channel
from tobs.core.model import Chat
from tobs.core.ports.chains import Chain
from tobs.core.ports.source import Difference, State
from tobs.core.report import KnownFrom

_STATE = "updates"
_ADVANCE = "UPDATE chats SET pts = ? WHERE account = ? AND id = ?"
_WRITE = "UPDATE chats SET pts = ?, known_from = ? WHERE account = ? AND id = ?"
_READ = (
    "SELECT pts, known_from, (SELECT date FROM messages WHERE messages.account = chats.account"
    " AND chat_id = chats.id AND messages.id = known_from) FROM chats WHERE account = ? AND id = ?"
)
_HAS_MESSAGES = "SELECT 1 FROM messages WHERE account = ? AND chat_id = ? LIMIT 1"


class ArchiveChains:
    """Implements core.ports.chains.Chains on the archive's writing thread."""

    def __init__(self, writer: WriterThread) -> None:
        self._writer = writer

    async def read(self, chat: Chat) -> Chain | None:
        """Return the chain of a chat, or None."""
        return await self._writer.run(lambda connection: read_chain(connection, chat))

    async def begin(self, chat: Chat, pts: int | None) -> bool:
        """Begin a chain in a chat without one, of which no message is stored; tell whether that was done."""
        return await self._writer.run(lambda connection: begin_chain(connection, chat, pts))

    async def advance(self, chat: Chat, pts: int) -> None:
        """Move a channel's chain to a state."""
        await self._write(_ADVANCE, (pts, *chat.key))

    async def renew(self, chat: Chat, pts: int | None, known_from: KnownFrom) -> None:
        """Begin the chain anew, unless there is one that reaches further down."""

        def work(connection: sqlite3.Connection) -> None:
            chain = read_chain(connection, chat)
            if chain is None or known_from.id <= chain.known_from.id:
                _write_chain(connection, chat, pts, known_from.id)

        await self._writer.run(work)

    async def tear(self, chat: Chat) -> None:
        """Note that Telegram does not tell any more what happened since the chain's state."""
        await self._write(_WRITE, (None, None, *chat.key))

    async def state(self, account: int) -> State | None:
        """Return the state of an account, or None."""
        return await self._writer.run(lambda connection: _read_state(connection, account))

    async def keep_state(self, account: int, state: State, *, is_torn: bool = False) -> None:
        """Move an account to a state; when that tore, the chains of its chats end."""
        value = msgspec.json.encode(state).decode()

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT OR REPLACE INTO state VALUES (?, ?, ?)", (account, _STATE, value))
            if is_torn:
                connection.execute("UPDATE chats SET known_from = NULL WHERE account = ?", (account,))

        await self._writer.run(work)

    async def chats_of(self, account: int) -> list[Chat]:
        """Return the account's private chats and basic groups."""
        chats = await self._writer.run(read_chats)
        return [each for each in chats if each.account == account]

    async def find_touched(self, chat: Chat, difference: Difference) -> list[int]:
        """Return which messages that a difference names are stored, but for those known to be gone, newest first."""
        changed = msgspec.json.encode([*difference.changed]).decode()

        def work(connection: sqlite3.Connection) -> list[int]:
            found = connection.execute(
                "SELECT id FROM messages WHERE account = ? AND chat_id = ?"
                " AND id IN (SELECT value FROM json_each(?))",
                (*chat.key, changed),
            )
            stored = {number for (number,) in found}
            return sorted(stored.union(find_buried(connection, chat, [*difference.gone])), reverse=True)

        return await self._writer.run(work)

    async def _write(self, sql: str, values: tuple[int | None, ...]) -> None:
        def work(connection: sqlite3.Connection) -> None:
            connection.execute(sql, values)

        await self._writer.run(work)


def read_chain(connection: sqlite3.Connection, chat: Chat) -> Chain | None:
    """Return the chain of a chat, or None when there is none or it is broken."""
    row = connection.execute(_READ, chat.key).fetchone()
    if row is None or row[1] is None:
        return None
    pts, low, date = row
    return Chain(pts or 0, KnownFrom(low, date if low > 1 else None))


def begin_chain(connection: sqlite3.Connection, chat: Chat, pts: int | None) -> bool:
    """Begin a chain in a chat without one, of which no message is stored; to be called in a transaction."""
    if read_chain(connection, chat) or connection.execute(_HAS_MESSAGES, chat.key).fetchone():
        return False
    return _write_chain(connection, chat, pts, 1)


def _write_chain(connection: sqlite3.Connection, chat: Chat, pts: int | None, low: int) -> bool:
    is_own = is_channel(chat.id)
    has_state = pts if is_own else _read_state(connection, chat.account)
    if has_state is None:
        return False
    connection.execute(_WRITE, (pts if is_own else None, low, *chat.key))
    return True


def _read_state(connection: sqlite3.Connection, account: int) -> State | None:
    row = connection.execute(
        "SELECT value FROM state WHERE account = ? AND name = ?", (account, _STATE)
    ).fetchone()
    return msgspec.json.decode(row[0], type=State) if row else None
