"""Spoilt TL bytes through all that a page goes through: decoded, committed, read back and drawn in every format."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from telegram.test_reader import FILLED, raw_pages
from tobs.archive.chats import write_chat
from tobs.archive.codec import read_message
from tobs.archive.commit import PageWork, commit_page
from tobs.archive.connect import connect_writer
from tobs.archive.migrate import migrate, shipped_migrations
from tobs.core.fidelity import Omissions
from tobs.core.model import Chat, Decoded
from tobs.core.ports.source import RawPage
from tobs.core.ranges import Range
from tobs.core.request import Projection
from tobs.errors import Damaged
from tobs.export.project import list_partitions
from tobs.telegram.decode import READS_LAYER, decode_page
from tobs.telegram.parsers import VECTOR
from tobs.telegram.reader import KINDS
from tobs.writers.registry import make_writer
from writers.memory import MemoryReader

CASES, LONG_CASES = 200, 10_000
"""How many a test tries."""
CHAT = Chat(0, -1_000_000_000_005, "supergroup", "Team chat", "team")
OWNER = 77
FORMATS = ("markdown", "html", "json", "jsonl")
# Long pages hide a change in many messages that stay as they were.
PAGES = [raw for world, chat in FILLED for raw in raw_pages(world, chat) if len(raw) < 30_000]
WORDS = [*sorted(KINDS), VECTOR, 0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]


class Change(NamedTuple):
    """What happens to a page: `place` and `length` are shares of it."""

    kind: str
    place: float
    length: int
    word: int
    other: int


changes = st.builds(
    Change,
    st.sampled_from(("byte", "word", "word", "cut", "repeat", "remove", "splice", "fill")),
    st.floats(0, 1, exclude_max=True),
    st.integers(1, 64),
    st.sampled_from(WORDS) | st.integers(0, 0xFFFFFFFF),
    st.integers(0, len(PAGES) - 1),
)
spoilt_pages = st.tuples(st.integers(0, len(PAGES) - 1), st.lists(changes, min_size=1, max_size=6))


def spoil(number: int, made: list[Change]) -> bytes:
    """Return a page after all that happened to it."""
    raw = bytearray(PAGES[number])
    for each in made:
        place = int(each.place * len(raw))
        aligned = place & ~3
        if each.kind == "byte" and raw:
            raw[place] ^= each.length
        elif each.kind == "word":
            raw[aligned : aligned + 4] = struct.pack("<I", each.word)
        elif each.kind == "cut":
            del raw[place:]
        elif each.kind == "repeat":
            raw[aligned:aligned] = raw[aligned : aligned + 4 * each.length]
        elif each.kind == "remove":
            del raw[aligned : aligned + 4 * each.length]
        elif each.kind == "splice":
            other = PAGES[each.other]
            start = int(each.place * len(other)) & ~3
            raw[aligned : aligned + 4 * each.length] = other[start : start + 4 * each.length]
        else:
            raw[aligned : aligned + 4 * each.length] = bytes([each.word & 0xFF]) * 4 * each.length
    return bytes(raw)


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("fuzz") / "archive.sqlite"
    migrate(path, shipped_migrations())
    with closing(connect_writer(path)) as opened:
        opened.execute("PRAGMA foreign_keys = ON")
        opened.execute("BEGIN")
        write_chat(opened, CHAT, 1)
        yield opened


def commit(connection: sqlite3.Connection, raw: bytes, found: Decoded) -> None:
    """Put a page into the archive, read each of its messages back, and take all of it out again."""
    covers = Range(min(found.lowest or 1, 1), max(found.highest or 1, 1))
    page = RawPage(CHAT, covers, raw[: found.size_bytes], READS_LAYER, 1000.0)
    connection.execute("SAVEPOINT page")
    commit_page(connection, PageWork(page, found, covers, "telethon"), 2)
    stored = connection.execute("SELECT count(*) FROM messages").fetchone()[0]
    assert stored == len(found.rows)
    connection.execute("ROLLBACK TO page")
    connection.execute("RELEASE page")


def draw(found: Decoded, name: str) -> None:
    reader = MemoryReader(names={each.id: each.name for each in found.peers})
    reader.add(CHAT, [read_message(tuple(each)) for each in found.rows])
    writer = make_writer(name, reader, Projection("Europe/Berlin"))
    writer.list_index()
    writer.list_about(CHAT, Omissions())
    for partition in list_partitions(reader, writer, CHAT):
        if writer.traits.joins_parts:
            writer.frame(partition)
        for part in writer.list_parts(partition):
            for each in writer.render_part(part):
                each.body.decode()


def check_page(connection: sqlite3.Connection, page: tuple[int, list[Change]]) -> None:
    raw = spoil(*page)
    try:
        found = decode_page(raw, chat_id=CHAT.id, account=OWNER, is_forum=bool(page[0] % 2))
    except Damaged:
        return
    commit(connection, raw, found)
    draw(found, FORMATS[page[0] % len(FORMATS)])


def run_cases(connection: sqlite3.Connection, count: int, start: int) -> None:
    calm = settings(max_examples=count, deadline=None, database=None, suppress_health_check=[*HealthCheck])

    @seed(start)
    @calm
    @given(spoilt_pages)
    def run(page: tuple[int, list[Change]]) -> None:
        check_page(connection, page)

    run()


def test_spoilt_pages_are_damage_or_messages_that_can_be_kept_and_drawn(connection: Any) -> None:
    run_cases(connection, CASES, 0)


@pytest.mark.long
@pytest.mark.parametrize("start", range(1, 11))
def test_a_hundred_thousand_spoilt_pages_are_damage_or_messages(connection: Any, start: int) -> None:
    run_cases(connection, LONG_CASES, start)
