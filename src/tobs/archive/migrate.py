"""Numbered, forward-only changes of the schema, with a copy of the file before each.

`user_version` is the number of the last one applied. A migration is a file `schema/<number>.sql` whose
statements run in one transaction together with the new number, so a crash leaves either state.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

from tobs._util.atomic import save
from tobs.archive.connect import connect_writer, transaction
from tobs.archive.faults import said_clearly
from tobs.errors import ForeignFolder, NewerArchive

APPLICATION_ID = int.from_bytes(b"tobs", "big")
"""What SQLite's header says the file belongs to (https://sqlite.org/pragma.html#pragma_application_id)."""

_BLOCK_BYTES = 1 << 20


class Migration(NamedTuple):
    """One step from version `number` − 1 to `number`."""

    number: int
    sql: str


def shipped_migrations() -> list[Migration]:
    """Return the migrations of this version of tobs in order."""
    folder = resources.files("tobs.archive") / "schema"
    found = ((re.fullmatch(r"(\d+)\.sql", each.name), each) for each in folder.iterdir())
    return sorted(Migration(int(match[1]), each.read_text("utf-8")) for match, each in found if match)


@cache
def newest_version() -> int:
    """Return the schema version that this tobs writes."""
    return shipped_migrations()[-1].number


@cache
def build_schema(version: int, query: str) -> frozenset[tuple[Any, ...]]:
    """Return what a query finds in an empty archive of a version that this tobs knows."""
    with closing(sqlite3.connect(":memory:")) as connection:
        for each in shipped_migrations():
            if each.number <= version:
                _apply(connection, each)
        return frozenset(connection.execute(query))


def check_version(connection: sqlite3.Connection, path: Path, *, newest: int) -> int:
    """Return the version of the file, 0 for an empty one.

    Raises ForeignFolder when it belongs to another program and NewerArchive when it is newer than
    `newest`.
    """
    application_id = _read_number(connection, "application_id")
    version = _read_number(connection, "user_version")
    is_empty = not version and not _read_number(connection, "schema_version")
    if application_id != APPLICATION_ID and not (is_empty and not application_id):
        raise ForeignFolder(
            f"{path} is a database of another program.", hint="Choose another folder with --output."
        )
    if version > newest:
        raise NewerArchive(
            f"{path} was written by a newer version of tobs (schema {version}, this one knows {newest}).",
            hint="Update tobs, or choose another folder with --output.",
        )
    return version


def migrate(path: Path, migrations: Sequence[Migration]) -> list[Path]:
    """Bring the file to the newest version and return the copies made, `<name>.before-<number>`.

    A new file needs no copy. Raises ForeignFolder, NewerArchive, Damaged or DiskFull.
    """
    newest = max(each.number for each in migrations)
    with _opened(path) as connection:
        version = check_version(connection, path, newest=newest)
    copies = []
    for each in sorted(migrations):
        if each.number <= version:
            continue
        if version:
            copies.append(_copy_before(path, each.number))
        with _opened(path) as connection, transaction(connection):
            _apply(connection, each)
    return copies


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    # Without foreign keys, so that a migration may rebuild a table. The last connection folds the log
    # into the file when it closes.
    with closing(connect_writer(path)) as connection, said_clearly(path):
        yield connection


def _apply(connection: sqlite3.Connection, migration: Migration) -> None:
    for statement in _split_statements(migration.sql):
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {migration.number}")


def _split_statements(sql: str) -> Iterator[str]:
    statement = ""
    for line in sql.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _copy_before(path: Path, number: int) -> Path:
    # No connection of ours may be open here: closing the file we read would drop SQLite's own locks on
    # it (https://sqlite.org/howtocorrupt.html, section 2.2).
    copy = path.with_name(f"{path.name}.before-{number:03d}")
    save(copy, _read_blocks(path), mode=0o600)
    return copy


def _read_blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            yield block


def _read_number(connection: sqlite3.Connection, pragma: str) -> int:
    with closing(connection.execute(f"PRAGMA {pragma}")) as cursor:
        return int(cursor.fetchone()[0])
