"""Rows out of a damaged archive: everything that SQLite can still reach, table by table.

A page that cannot be read takes only the rows that stand on it: the search for the next row goes on behind it.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tobs.core.repair import TableSalvage

_LOWEST, _HIGHEST = -(2**63), 2**63 - 1
_BATCH = 500
_UNREADABLE = (sqlite3.DatabaseError, UnicodeDecodeError, OverflowError)

_PAGE_SIZE = struct.Struct(">H")
_NUMBER = struct.Struct(">I")
_COUNTER, _PAGES, _FREELIST, _VALID_FOR = 24, 28, 32, 92
"""Where these stand in SQLite's header (https://sqlite.org/fileformat2.html#the_database_header)."""
_FIRST_HEADER = 100
_INTERIOR = 5


_MADE_ANEW = "indexed"
"""The mark of the index of words, which is made anew from the messages like the index itself."""
_NUMBERED = ("messages", "number")
"""The column that numbers messages for it: they are numbered anew."""


class _Table(NamedTuple):
    """A table: its columns, and those of its key; `is_clustered` where it has no rowid of its own."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    is_clustered: bool

    @property
    def listed(self) -> str:
        return ", ".join(self.columns)


def graft_head(damaged: Path, fresh: Path) -> None:
    """Give a file whose header or schema is spoilt those of an empty archive of the same version.

    The tables of all archives of a version begin on the same pages, since one list of statements made them.
    """
    head = fresh.read_bytes()
    size = _PAGE_SIZE.unpack_from(head, 16)[0]
    with damaged.open("r+b") as file:
        pages = file.seek(0, 2) // size
        for number in _list_schema_pages(head):
            file.seek((number - 1) * size)
            file.write(head[(number - 1) * size : number * size])
        (counter,) = _NUMBER.unpack_from(head, _COUNTER)
        for place, value in (
            (_PAGES, pages),
            (_FREELIST, 0),
            (_FREELIST + 4, 0),
            (_VALID_FOR, counter),
        ):
            file.seek(place)
            file.write(_NUMBER.pack(value))
        # What was cut off in the middle of a page cannot be read as one.
        file.truncate(pages * size)


def _list_schema_pages(head: bytes) -> list[int]:
    """Return the pages that hold the table of all tables: the first one, and those below it."""
    if head[_FIRST_HEADER] != _INTERIOR:
        return [1]
    (count,) = _PAGE_SIZE.unpack_from(head, _FIRST_HEADER + 3)
    places = (_PAGE_SIZE.unpack_from(head, _FIRST_HEADER + 12 + 2 * each)[0] for each in range(count))
    below = [_NUMBER.unpack_from(head, each)[0] for each in places]
    return [1, *below, _NUMBER.unpack_from(head, _FIRST_HEADER + 8)[0]]


def copy_rows(source: sqlite3.Connection, target: sqlite3.Connection) -> list[TableSalvage]:
    """Copy every row that can be read into an empty archive, and return what came of each table.

    To be called in a transaction of the target, without foreign keys. Values that no archive can hold leave their row
    behind: a text that is none, a number in the place of a text.
    """
    source.text_factory = _read_text
    # Rather a page is refused than something read from it that it does not hold.
    source.execute("PRAGMA cell_size_check = ON")
    return [_copy_table(source, target, each) for each in _list_tables(target)]


def _read_text(data: bytes) -> str | bytes:
    """Return a text, or bytes that are none: the target's tables take no bytes in their place."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


def _list_tables(connection: sqlite3.Connection) -> list[_Table]:
    found = connection.execute(
        "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
        " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> ? ORDER BY name",
        (_MADE_ANEW,),
    ).fetchall()
    return [_describe(connection, name, bool(is_clustered)) for name, is_clustered in found]


def _describe(connection: sqlite3.Connection, name: str, is_clustered: bool) -> _Table:
    rows = connection.execute("SELECT name, pk FROM pragma_table_info(?) ORDER BY cid", (name,)).fetchall()
    key = sorted((place, column) for column, place in rows if place)
    columns = tuple(column for column, _ in rows if (name, column) != _NUMBERED)
    return _Table(name, columns, tuple(column for _, column in key), is_clustered)


def _copy_table(source: sqlite3.Connection, target: sqlite3.Connection, table: _Table) -> TableSalvage:
    found = TableSalvage(table.name)
    places = ", ".join("?" * len(table.columns))
    insert = f"INSERT OR IGNORE INTO {table.name} ({table.listed}) VALUES ({places})"
    walk = _walk_clustered if table.is_clustered else _walk_rows
    batch: list[Any] = []
    for row in walk(source, table, found):
        batch.append(row)
        if len(batch) == _BATCH:
            _insert(target, insert, batch, found)
            batch = []
    _insert(target, insert, batch, found)
    (found.rows,) = target.execute(f"SELECT count(*) FROM {table.name}").fetchone()
    return found


def _insert(target: sqlite3.Connection, insert: str, rows: list[Any], found: TableSalvage) -> None:
    target.execute("SAVEPOINT rows")
    try:
        target.executemany(insert, rows)
    except sqlite3.Error:
        target.execute("ROLLBACK TO rows")
        for each in rows:
            try:
                target.execute(insert, each)
            except sqlite3.IntegrityError:
                found.refused += 1
    target.execute("RELEASE rows")


def _walk_rows(source: sqlite3.Connection, table: _Table, found: TableSalvage) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a table by rowid; where one cannot be reached, from the next one on that can."""
    sql = f"SELECT rowid, {table.listed} FROM {table.name} NOT INDEXED WHERE rowid > ? ORDER BY rowid"
    last = _LOWEST
    while True:
        try:
            for number, *row in source.execute(sql, (last,)):
                if number <= last:
                    raise sqlite3.DatabaseError("rows are out of order")
                last = number
                yield tuple(row)
        except _UNREADABLE:
            found.is_torn = True
        else:
            return
        behind = _find_behind(source, sql, last)
        if behind is None:
            return
        last = behind


def _find_behind(source: sqlite3.Connection, sql: str, last: int) -> int | None:
    """Return the lowest rowid above `last` behind which a row can be read, or None when there is none."""
    step, low = 1, last
    while not _is_readable(source, sql, last + step):
        low = last + step
        if low >= _HIGHEST // 2:
            return None
        step *= 2
    high = last + step
    while high - low > 1:
        middle = (low + high) // 2
        if _is_readable(source, sql, middle):
            high = middle
        else:
            low = middle
    return high


def _is_readable(source: sqlite3.Connection, sql: str, behind: int) -> bool:
    try:
        row = source.execute(f"{sql} LIMIT 1", (behind,)).fetchone()
    except _UNREADABLE:
        return False
    return row is None or row[0] > behind


def _walk_clustered(
    source: sqlite3.Connection, table: _Table, found: TableSalvage
) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a table without rowids from its begin on, and when that ends early, from its end back."""
    for order in ("ASC", "DESC"):
        by = ", ".join(f"{each} {order}" for each in table.key)
        try:
            yield from source.execute(f"SELECT {table.listed} FROM {table.name} ORDER BY {by}")
        except _UNREADABLE:
            found.is_torn = True
        else:
            return
