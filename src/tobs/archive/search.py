"""Finds messages by their words: through the index where it goes, and by a small one of its own behind that.

| term | found by |
|---|---|
| words, words that begin so | `message_words` |
| part of a text, from three characters on | `message_parts` names the candidates, the text itself decides |
| part of one or two characters | every text is looked at |

A common term stands in so many messages that to sort all of them takes long; then the first ones of the order asked for are
looked at one by one, and most often are enough.

Messages stored since the index was last brought up to date, a few thousand at most, are indexed for the one search, in the
same two ways, in memory; so a search during an export finds what was committed when it began.
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from tobs.archive.chats import read_chats
from tobs.archive.connect import connect_reader
from tobs.archive.faults import said_clearly
from tobs.archive.index import TABLES
from tobs.archive.migrate import check_version, newest_version
from tobs.archive.newest import walk_numbers
from tobs.archive.peers import shown_name
from tobs.archive.store import read_projection
from tobs.core.model import Chat
from tobs.core.request import Projection
from tobs.core.searching import Query, Scope, Term, fold_case

_MAPPED_BYTES = 1 << 40
_TRIGRAM = 3
_MOST_TRIGRAMS = 40
"""Of a long part the text itself decides about the rest; a tree of more is refused by SQLite."""

WORDS, PARTS = TABLES
COMMON = 20_000
"""From so many messages with a term on, sorting them takes longer than to look at the newest ones first."""

_STEPS = (250, 1000, 2500)
"""At how many messages is looked, one after the other, before all that hold a common term are sorted."""

_ELSEWHERE = "content='messages', content_rowid='number',"
_KEY = "messages.account, messages.chat_id, messages.id"
_WALKED = "json_each(?) AS walked CROSS JOIN messages ON messages.number = walked.value"
_OF_NUMBERS = "number IN (SELECT value FROM json_each(?))"
_UNRANKED = "(SELECT 0 AS score) CROSS JOIN messages"
_OF_CHATS = "(messages.account, messages.chat_id) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))"
_OF_SENDERS = "coalesce(sender_id, messages.chat_id) IN (SELECT value FROM json_each(?))"
_OF_KINDS = "kind IN (SELECT value FROM json_each(?))"
_KINDS = {
    "gif": "kind = 'animation'",
    "geo": "kind IN ('geo', 'live_geo', 'venue')",
    "link": (
        '(kind = \'webpage\' OR content LIKE \'%"media":{"kind":"webpage"%\''
        ' OR content LIKE \'%"kind":"url"%\' OR content LIKE \'%"kind":"text_url"%\')'
    ),
    "pinned": "counters LIKE '%\"is_pinned\":true%'",
}
"""Where a kind is not the column of that name."""

_HIDE_DELETED = (
    "NOT EXISTS (SELECT 1 FROM deletions WHERE deletions.account = messages.account"
    " AND deletions.chat_id = messages.chat_id AND deletions.id = messages.id)"
)
_ORDERS = {
    "newest": "date DESC, account, chat_id, id DESC",
    "oldest": "date, account, chat_id, id",
    "best": "score, date DESC, account, chat_id, id DESC",
}


class FoundKey(NamedTuple):
    """The message that was found, as the archive keys it."""

    account: int
    chat_id: int
    id: int


class Finding(NamedTuple):
    """The first messages found, and how many there are, None when nobody counted; when there are none, among how many was looked."""

    keys: list[FoundKey]
    total: int | None
    searched: int = 0


class ArchiveSearch:
    """Questions about words, on one read-only connection that sees one moment; for one thread at a time."""

    def __init__(self, path: Path, *, is_still: bool = False, common: int = COMMON) -> None:
        """`is_still`: nobody writes meanwhile; `common`: in how many messages a common term stands.

        Raises ForeignFolder, NewerArchive, Damaged or Busy.
        """
        self._path = path
        self._common = common
        with said_clearly(path):
            self._connection = connect_reader(path, is_still=is_still)
            check_version(self._connection, path, newest=newest_version())
            self._connection.create_function("holds", 2, _holds, deterministic=True)
            # Messages found lie all over the file; mapped into memory, they take half the time to be reached.
            self._connection.execute(f"PRAGMA mmap_size = {_MAPPED_BYTES}")
            self._connection.execute("BEGIN")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def chats(self) -> list[Chat]:
        """Return all chats, in the order in which they were first exported."""
        with said_clearly(self._path):
            return read_chats(self._connection)

    def projection(self) -> Projection | None:
        """Return the folder's projection options, or None when nothing was ever drawn."""
        with said_clearly(self._path):
            return read_projection(self._connection)

    def list_people(self) -> list[Chat]:
        """Return everybody the archive knows by name, whether they wrote or not, as chats by marked id."""
        with said_clearly(self._path):
            rows = self._connection.execute(
                "SELECT id, kind, name, username, is_deleted FROM peers"
            ).fetchall()
        people = [
            Chat(0, number, kind, shown_name(number, name, username, is_deleted=bool(gone)), username)
            for number, kind, name, username, gone in rows
        ]
        known = {each.id for each in people}
        return [*people, *(each for each in self.chats() if each.id not in known)]

    def find(self, query: Query, scope: Scope) -> Finding:
        """Return the messages that the query means, the first ones as `scope.order` has it."""
        with said_clearly(self._path):
            indexes = self._index_newer(query)
            statement = _Statement(indexes)
            statement.ask(query, is_ranked=scope.order == "best")
            statement.limit_scope(scope)
            count = statement.sql_count()
            total = self._ask(statement, count)[0][0] if count else None
            if scope.order != "best" and self._is_common(query, indexes, total):
                early = self._find_early(query, scope, total)
                if early:
                    return early
            columns = f"{_KEY}, {'0' if count else 'count(*) OVER ()'}"
            order = f" ORDER BY {_ORDERS[scope.order]} LIMIT {scope.limit:d}"
            rows = self._ask(statement, statement.sql(columns) + order) if total != 0 else []
            if rows:
                return Finding([FoundKey(*each[:3]) for each in rows], total or rows[0][3])
            # To count takes as long as a search, and is of interest only now.
            within = _Statement({})
            within.limit_scope(scope)
            return Finding([], 0, self._ask(within, within.sql("count(*)"))[0][0])

    def _is_common(self, query: Query, indexes: _Indexes, total: int | None) -> bool:
        """Tell whether each group of terms stands in so many messages, or in nobody knows how many."""
        if total is not None:
            return total >= self._common
        words, others = _split_groups(query)
        return (not words or self._has_many(indexes, words)) and all(
            any(not _has_trigrams(term) for term in group) or self._has_many(indexes, [group])
            for group in others
        )

    def _has_many(self, indexes: _Indexes, groups: list[tuple[Term, ...]]) -> bool:
        statement = _Statement(indexes)
        hits = statement.list_hits(groups)
        (found,) = self._ask(
            statement, f"SELECT count(*) FROM (SELECT 1 FROM ({hits}) LIMIT {self._common:d})"
        )[0]
        return int(found) >= self._common

    def _find_early(self, query: Query, scope: Scope, total: int | None) -> Finding | None:
        """Look at the first messages of the order, and return what was found if that is enough."""
        walk = walk_numbers(self._connection, scope)
        if walk is None:
            return None
        keys: list[FoundKey] = []
        for step in _STEPS:
            numbers = list(islice(walk, step))
            walked = msgspec.json.encode(numbers).decode()
            # An index of these alone is made sooner than each of them is looked up in the large one.
            few: _Indexes = {
                each: (self._copy_index("walked", each, _OF_NUMBERS, walked),) for each in _needed(query)
            }
            statement = _Statement(few, walked)
            statement.ask(query)
            statement.limit_scope(scope)
            keys += [FoundKey(*each) for each in self._ask(statement, statement.sql(_KEY))]
            if len(keys) >= scope.limit:
                return Finding(keys[: scope.limit], total)
            if keys and len(numbers) < step:
                return Finding(keys, len(keys))
        return None

    def _ask(self, statement: _Statement, sql: str) -> list[Any]:
        return self._connection.execute(sql, statement.values).fetchall()

    def _index_newer(self, query: Query) -> _Indexes:
        """Index the messages that are not in the index yet; return what is to be asked."""
        needed = _needed(query)
        up_to, top = self._connection.execute(
            "SELECT up_to, (SELECT coalesce(max(number), 0) FROM messages) FROM indexed"
        ).fetchone()
        if top <= up_to:
            return {each: (each,) for each in needed}
        return {each: (each, self._copy_index("newer", each, "number > ?", up_to)) for each in needed}

    def _copy_index(self, name: str, table: str, condition: str, value: object) -> str:
        """Index some messages for this connection alone, and return the name of that index."""
        copy = f"{name}_{table}"
        (sql,) = self._connection.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
        # It cuts texts as the archive's own does, but has them itself: those stand in another database.
        options = sql.partition("(")[2].replace(_ELSEWHERE, "")
        self._connection.execute(f"CREATE VIRTUAL TABLE IF NOT EXISTS temp.{copy} USING fts5 ({options}")
        self._connection.execute(f"DELETE FROM temp.{copy}")
        self._connection.execute(
            f"INSERT INTO temp.{copy} (rowid, text) SELECT number, text FROM messages WHERE {condition}",
            (value,),
        )
        return copy


_Indexes = dict[str, tuple[str, ...]]
"""The tables to ask instead of WORDS, and of PARTS: the archive's own, and one of newer messages if there are any."""


class _Statement:
    """A statement over messages, put together from constants; whatever a person typed is a value.

    With `walked`, a JSON array of numbers, only those messages are looked at, in that order.
    """

    def __init__(self, indexes: _Indexes, walked: str = "") -> None:
        self._indexes = indexes
        self._hits = ""
        self._is_walk = bool(walked)
        self._conditions: list[str] = []
        self.values: list[object] = [walked] if walked else []

    def sql(self, columns: str) -> str:
        """Return the statement, without an order unless it has numbers."""
        where = " AND ".join(self._conditions) or "TRUE"
        if self._is_walk:
            return f"SELECT {columns} FROM {_WALKED} WHERE {where} ORDER BY walked.key"
        source = "hits CROSS JOIN messages ON messages.number = hits.number" if self._hits else _UNRANKED
        return f"{self._hits}SELECT {columns} FROM {source} WHERE {where}"

    def sql_count(self) -> str:
        """Return what counts by the index alone, in a tenth of the time, or nothing where something else limits too."""
        return f"{self._hits}SELECT count(*) FROM hits" if self._hits and not self._conditions else ""

    def ask(self, query: Query, *, is_ranked: bool = False) -> None:
        """Add what a query asks for; to be called first."""
        words, others = _split_groups(query)
        if words and self._is_walk:
            self._conditions.append(self._lookup(self._indexes[WORDS], _match_all(words)))
        elif words:
            self._hits = f"WITH hits (number, score) AS ({self.list_hits(words, is_ranked=is_ranked)}) "
        for group in others:
            self._conditions.append(f"({' OR '.join(map(self._find_term, group))})")
        for term in query.excluded:
            self._conditions.append(f"NOT {self._find_term(term)}")

    def list_hits(self, groups: list[tuple[Term, ...]], *, is_ranked: bool = False) -> str:
        """Return what selects the numbers and scores of messages that hold a term of each group."""
        has_words = groups[0][0].kind != "part"
        match = (
            _match_all(groups) if has_words else " OR ".join(f"({_match_part(each)})" for each in groups[0])
        )
        tables = self._indexes[WORDS if has_words else PARTS]
        rank = "bm25({table})" if is_ranked else "0"
        self.values += [match] * len(tables)
        return " UNION ALL ".join(
            f"SELECT rowid, {rank.format(table=each)} FROM {each} WHERE {each} MATCH ?" for each in tables
        )

    def _find_term(self, term: Term) -> str:
        if term.kind != "part":
            return self._lookup(self._indexes[WORDS], _quote_words(term))
        holds = _find_test(term.text)
        if not _has_trigrams(term):
            self.values.append(fold_case(term.text))
            return holds
        lookup = self._lookup(self._indexes[PARTS], _match_part(term))
        self.values.append(fold_case(term.text))
        return f"({lookup} AND {holds})"

    def _lookup(self, tables: tuple[str, ...], match: str) -> str:
        of_this = " AND rowid = messages.number" if self._is_walk else ""
        rows = " UNION ALL ".join(
            f"SELECT rowid FROM {each} WHERE {each} MATCH ?{of_this}" for each in tables
        )
        self.values += [match] * len(tables)
        return f"messages.number IN ({rows})"

    def limit_scope(self, scope: Scope) -> None:
        """Add where, when, by whom and of what kind."""
        for condition, given in (
            (_OF_CHATS, scope.chats),
            (_OF_SENDERS, scope.senders),
        ):
            if given is not None:
                self._conditions.append(condition)
                self.values.append(msgspec.json.encode(given).decode())
        for condition, moment in (("date >= ?", scope.start), ("date < ?", scope.end)):
            if moment is not None:
                self._conditions.append(condition)
                self.values.append(moment)
        if scope.kinds:
            plain = [each for each in scope.kinds if each not in _KINDS]
            special = [_KINDS[each] for each in scope.kinds if each in _KINDS]
            self._conditions.append(f"({' OR '.join([*special, _OF_KINDS])})")
            self.values.append(msgspec.json.encode(plain).decode())
        if scope.hides_deleted:
            self._conditions.append(_HIDE_DELETED)


def _needed(query: Query) -> list[str]:
    """Return the indexes that a query asks."""
    terms = (*query.wanted, *query.excluded)
    needed = [WORDS] * any(each.kind != "part" for each in terms)
    return needed + [PARTS] * any(_has_trigrams(each) for each in terms)


def _split_groups(query: Query) -> tuple[list[tuple[Term, ...]], list[tuple[Term, ...]]]:
    """Return the groups that the index of words answers alone, and the others."""
    words = [each for each in query.groups if all(term.kind != "part" for term in each)]
    return words, [each for each in query.groups if each not in words]


def _match_all(groups: list[tuple[Term, ...]]) -> str:
    return " AND ".join(f"({' OR '.join(map(_quote_words, group))})" for group in groups)


def _match_part(term: Term) -> str:
    threes = [term.text[at : at + _TRIGRAM] for at in range(len(term.text) - _TRIGRAM + 1)]
    return " AND ".join(map(_quote, threes[:_MOST_TRIGRAMS]))


def _has_trigrams(term: Term) -> bool:
    return term.kind == "part" and len(term.text) >= _TRIGRAM


def _find_test(part: str) -> str:
    """Return what tells whether a text holds a part without regard to case: SQLite's own, a third of the time, where that is right."""
    if part.isascii():
        return "instr(lower(text), ?)"
    return "instr(text, ?)" if part.lower() == part.upper() == fold_case(part) else "holds(text, ?)"


def _quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _quote_words(term: Term) -> str:
    return _quote(term.text) + ("*" if term.kind == "prefix" else "")


def _holds(text: str, part: str) -> bool:
    return part in fold_case(text)
