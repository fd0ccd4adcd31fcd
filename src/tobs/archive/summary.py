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
from tobs.core.ports.reader import ChatSummary
from tobs.core.report import SHOWN_UNREADABLE, sum_tallies

_KINDS = (
    "SELECT kind, count(*), min(date), max(date) FROM messages INDEXED BY messages_by_date"
    " WHERE account = ? AND chat_id = ? GROUP BY kind"
)
_PEOPLE = (
    "SELECT sender_id, count(*) FROM messages INDEXED BY messages_by_date"
    " WHERE account = ? AND chat_id = ? AND sender_id IS NOT NULL AND kind <> 'service' GROUP BY sender_id"
)
# A file that both halves want is one file.
_FILES = (
    "SELECT media_kind, count(*) FROM (SELECT DISTINCT media_kind, file_kind, file_id"
    " FROM json_each(?) AS half CROSS JOIN wants"
    " ON wants.account = half.value ->> 0 AND wants.chat_id = half.value ->> 1"
    " JOIN files ON files.kind = file_kind AND files.id = file_id WHERE state <> 'withheld')"
    " GROUP BY media_kind ORDER BY media_kind"
)


def read_summary(connection: sqlite3.Connection, chats: Sequence[Chat]) -> ChatSummary:
    """Return the counts of a chat's halves; service messages are counted by kind, but nobody sent them."""
    dates: list[int] = []
    kinds: Counter[str] = Counter()
    people: Counter[int] = Counter()
    tallies = []
    unreadable: list[tuple[int, int]] = []
    for chat in chats:
        for kind, number, first, last in connection.execute(_KINDS, chat.key):
            kinds[kind] += number
            dates += (first, last)
        people.update(dict(connection.execute(_PEOPLE, chat.key).fetchall()))
        tallies.append(count_tally(connection, chat))
        marked = list_unreadable(connection, chat, read_asked(connection, chat), SHOWN_UNREADABLE)
        unreadable += [(chat.id, number) for number in marked]
    files = connection.execute(_FILES, (msgspec.json.encode([each.key for each in chats]).decode(),))
    return ChatSummary(
        first_date=min(dates, default=None),
        last_date=max(dates, default=None),
        kinds=dict(sorted(kinds.items())),
        people=sorted(people.items(), key=lambda each: (-each[1], each[0])),
        files=dict(files.fetchall()),
        tally=sum_tallies(tallies),
        unreadable=unreadable[:SHOWN_UNREADABLE],
        coverage={each.id: read_coverage(connection, each) for each in chats},
    )
