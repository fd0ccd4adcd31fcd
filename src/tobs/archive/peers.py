"""People and chats as answers showed them; a changed name redraws what shows it."""

from __future__ import annotations

import sqlite3
from typing import Any

import msgspec

from tobs.archive.chats import read_halves
from tobs.archive.stale import mark_shown
from tobs.core.model import Chat, PeerRow
from tobs.core.names import has_visible, name_peer
from tobs.core.ports.source import Sighting

_WRITERS = (
    "SELECT DISTINCT sender_id FROM messages INDEXED BY messages_by_date"
    " WHERE account = ? AND chat_id = ? AND sender_id IS NOT NULL"
)
# Several: the newest may have been deleted at Telegram meanwhile.
_SIGHTINGS = (
    "SELECT id FROM messages WHERE account = ? AND chat_id = ? AND sender_id = ? AND NOT EXISTS (SELECT 1 FROM"
    " deletions WHERE deletions.account = messages.account AND deletions.chat_id = messages.chat_id"
    " AND deletions.id = messages.id) ORDER BY id DESC LIMIT 5"
)
_UPSERT = "INSERT OR REPLACE INTO peers VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


def shown_name(peer_id: int, name: str, username: str, *, is_deleted: bool) -> str:
    """Return what is shown for a peer; never empty."""
    for each in (name, username):
        if has_visible(each):
            return each
    return "Deleted account" if is_deleted else name_peer(peer_id)


def write_peers(connection: sqlite3.Connection, peers: list[PeerRow], mark: int) -> None:
    """Store peers as they are now, and mark what shows a name that is another one now.

    A min object is stored only where no full one is known: it leaves out what it was not asked for
    (https://core.telegram.org/api/min).
    """
    found = _read_peers(connection, [each.id for each in peers])
    newest = _merge(peers)
    differing = [each for each in newest if each != found.get(each.id)]
    known = {each.id: PeerRow._make(found[each.id]) for each in differing if each.id in found}
    fresh = [
        each for each in differing if not (each.is_min and each.id in known and not known[each.id].is_min)
    ]
    if not fresh:
        return
    connection.executemany(_UPSERT, fresh)
    renamed = [each.id for each in fresh if _shows(each) != _shows(known.get(each.id))]
    if renamed:
        mark_shown(connection, renamed, mark)


def list_people(connection: sqlite3.Connection, chats: list[Chat]) -> list[PeerRow]:
    """Return who wrote in these chats, and in the groups that they were."""
    ids = [
        sender
        for chat in chats
        for half in read_halves(connection, chat)
        for (sender,) in connection.execute(_WRITERS, half.key)
    ]
    return [PeerRow._make(each) for each in _read_peers(connection, ids).values()]


def list_sightings(connection: sqlite3.Connection, chats: list[Chat], sender_id: int) -> list[Sighting]:
    """Return the newest messages of a sender in these chats, or in the groups that they were."""
    return [
        Sighting(half, number)
        for chat in chats
        for half in reversed(read_halves(connection, chat))
        for (number,) in connection.execute(_SIGHTINGS, (*half.key, sender_id))
    ]


def _read_peers(connection: sqlite3.Connection, ids: list[int]) -> dict[int, tuple[Any, ...]]:
    """Return the rows of peers as they are stored: to compare them they need no names."""
    found = connection.execute(
        f"SELECT {', '.join(PeerRow._fields)} FROM peers WHERE id IN (SELECT value FROM json_each(?))",
        (msgspec.json.encode(ids).decode(),),
    )
    return {each[0]: each for each in found}


def _merge(peers: list[PeerRow]) -> list[PeerRow]:
    # One answer may name a peer twice; the full object wins, then the later one.
    newest: dict[int, PeerRow] = {}
    for each in peers:
        if each.id not in newest or not each.is_min or newest[each.id].is_min:
            newest[each.id] = each
    return list(newest.values())


def _shows(peer: PeerRow | None) -> tuple[str, str] | None:
    if peer is None:
        return None
    name = shown_name(peer.id, peer.name, peer.username, is_deleted=bool(peer.is_deleted))
    return (name, peer.username)
