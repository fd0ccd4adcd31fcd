"""What a chat's own note tells, counted by SQL without reading a text."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence

import msgspec

from tobs.archive.coverage import read_coverage
from tobs.archive.spans import read_asked
from tobs.archive.tally import count_tally
from tobs.archive.unreadable import list_unreadable
from tobs.core.model import Chat
from tobs.core.ports.reader import ChatSummary, Extent
from tobs.core.report import SHOWN_UNREADABLE, sum_tallies

_KINDS = (
    "SELECT kind, count(*), min(date), max(date) FROM messages INDEXED BY messages_by_date"
    " WHERE account = ? AND chat_id = ? AND date >= ? AND date < ? GROUP BY kind"
)
_PEOPLE = (
    "SELECT sender_id, count(*) FROM messages INDEXED BY messages_by_date"
    " WHERE account = ? AND chat_id = ? AND date >= ? AND date < ?"
    " AND sender_id IS NOT NULL AND kind <> 'service' GROUP BY sender_id"
)
# A file that both halves want is one file.
_WITHHELD = (
    "SELECT count(*) FROM (SELECT DISTINCT file_kind, file_id FROM json_each(?) AS half CROSS JOIN wants"
    " ON wants.account = half.value ->> 0 AND wants.chat_id = half.value ->> 1{within}"
    " JOIN files ON files.kind = file_kind AND files.id = file_id AND state = 'withheld')"
)

_WITHIN = (
    " JOIN messages ON messages.account = wants.account AND messages.chat_id = wants.chat_id"
    " AND messages.id = message_id AND date >= ? AND date < ?"
)


def read_summary(connection: sqlite3.Connection, chats: Sequence[Chat], extent: Extent) -> ChatSummary:
    """Return the counts of a chat's halves; service messages are counted by kind, but nobody sent them."""
    span = (extent.start, extent.end)
    dates: list[int] = []
    kinds: Counter[str] = Counter()
    people: Counter[int] = Counter()
    tallies = []
    unreadable: list[tuple[int, int]] = []
    for chat in chats:
        for kind, number, first, last in connection.execute(_KINDS, (*chat.key, *span)):
            kinds[kind] += number
            dates += (first, last)
        people.update(dict(connection.execute(_PEOPLE, (*chat.key, *span)).fetchall()))
        tallies.append(count_tally(connection, chat))
        marked = list_unreadable(connection, chat, read_asked(connection, chat), SHOWN_UNREADABLE)
        unreadable += [(chat.id, number) for number in marked]
    halves = msgspec.json.encode([each.key for each in chats]).decode()
    statement = _WITHHELD.format(within=_WITHIN if extent.is_dated else "")
    [withheld] = connection.execute(statement, (halves, *span) if extent.is_dated else (halves,)).fetchone()
    return ChatSummary(
        first_date=min(dates, default=None),
        last_date=max(dates, default=None),
        kinds=dict(sorted(kinds.items())),
        people=sorted(people.items(), key=lambda each: (-each[1], each[0])),
        tally=sum_tallies(tallies),
        unreadable=unreadable[:SHOWN_UNREADABLE],
        withheld=kinds["withheld"] + withheld,
        coverage={each.id: read_coverage(connection, each) for each in chats},
    )
