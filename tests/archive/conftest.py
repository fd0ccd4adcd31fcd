from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from archive.rows import LIBRARY, TEAM
from tobs.archive.read import ArchiveReader
from tobs.archive.store import SqliteArchive, open_archive
from tobs.core.model import Chat

Query = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
async def archive(tmp_path: Path) -> AsyncIterator[SqliteArchive]:
    opened = await open_archive(tmp_path / "export", library=LIBRARY)
    yield opened
    await opened.close()


@pytest.fixture
async def team(archive: SqliteArchive) -> Chat:
    return await archive.add_chat(TEAM)


@pytest.fixture
def reader(archive: SqliteArchive) -> Iterator[ArchiveReader]:
    opened = ArchiveReader(archive.path)
    yield opened
    opened.close()


@pytest.fixture
def query(archive: SqliteArchive) -> Query:
    """Asks the file itself, as anybody may with sqlite3."""

    def ask(sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(archive.path)) as connection:
            return connection.execute(sql, values).fetchall()

    return ask
