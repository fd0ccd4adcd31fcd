"""Questions that prove an archive, asked of pages that a test commits."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.rows import FORUM, LAYER, LIBRARY, TEAM, commit, row
from tobs.archive.checks import ArchiveChecks
from tobs.archive.codec import pack_raw, unpack_raw
from tobs.archive.store import SqliteArchive, open_archive
from tobs.core.certificate import KEPT
from tobs.core.model import Chat, WantRow
from tobs.core.ranges import Range
from tobs.core.report import Tally
from tobs.errors import Damaged, UsageError


@pytest.fixture
def checks(archive: SqliteArchive) -> Iterator[ArchiveChecks]:
    with closing(ArchiveChecks(archive.path)) as opened:
        yield opened


def change(archive: SqliteArchive, sql: str, *values: object) -> None:
    """Change the archive behind its back."""
    with closing(sqlite3.connect(archive.path)) as connection, connection:
        connection.execute(sql, values)


async def test_an_answer_comes_back_with_all_that_was_taken_from_it(
    archive: SqliteArchive, team: Chat, checks: ArchiveChecks
) -> None:
    await commit(archive, team, [row(1), row(2)], raw=b"first answer", size_bytes=12)
    want = WantRow(2, "photo", 9, "photo", 1, "image/jpeg", "")
    await commit(archive, team, [row(2, "edited"), row(3)], raw=b"second", wants=[want])
    first, second = checks.answers([team], after=0, limit=10)
    assert (first.raw, first.low, first.high, first.layer) == (b"first answer", 1, 2, LAYER)
    assert checks.taken(first).rows == [row(1)]
    assert checks.taken(first).versions == [row(2)]
    assert checks.taken(second).rows == [row(2, "edited"), row(3)]
    assert checks.taken(second).wants == {(2, "photo", 9)}
    assert checks.library(LAYER) == LIBRARY
    assert checks.library(LAYER + 1) == ""


async def test_answers_come_in_batches_and_only_of_the_chats_asked_for(
    archive: SqliteArchive, team: Chat, checks: ArchiveChecks
) -> None:
    forum = await archive.add_chat(FORUM)
    for number in range(1, 6):
        await commit(archive, forum if number == 3 else team, [row(number)])
    found, after = [], 0
    while batch := checks.answers([team], after=after, limit=2):
        found += [each.low for each in batch]
        after = batch[-1].id
    assert found == [1, 2, 4, 5]
    assert [each.low for each in checks.answers([forum, team], after=2, limit=2)] == [3, 4]
    assert checks.answers([], after=0, limit=2) == []


async def test_an_answer_that_cannot_be_unpacked_says_so(
    archive: SqliteArchive, team: Chat, checks: ArchiveChecks
) -> None:
    await commit(archive, team, [row(1)])
    change(archive, "UPDATE responses SET raw = x'00'")
    [answer] = checks.answers([team], after=0, limit=1)
    assert answer.raw == b""
    assert "cannot be unpacked" in answer.damage


@given(st.binary(min_size=40, max_size=300), st.data())
def test_a_flipped_bit_never_makes_another_answer(raw: bytes, data: st.DataObject) -> None:
    packed = bytearray(pack_raw(raw))
    place = data.draw(st.integers(0, len(packed) * 8 - 1))
    packed[place // 8] ^= 1 << place % 8
    with suppress(Damaged):
        assert unpack_raw(bytes(packed), size_bytes=len(raw)) == raw


async def test_messages_without_their_answer_are_named(
    archive: SqliteArchive, team: Chat, checks: ArchiveChecks
) -> None:
    await commit(archive, team, [row(1), row(2)])
    await commit(archive, team, [row(2, "edited"), row(9)])
    assert list(checks.find_unproved(team)) == []
    change(archive, "UPDATE messages SET response = 1 WHERE id = 9")
    change(archive, "UPDATE versions SET response = 77")
    assert list(checks.find_unproved(team)) == [
        "message 9 names no answer of Telegram that it could be from",
        "an earlier version of message 2 names no answer of Telegram that it could be from",
    ]
    assert list(checks.find_damage()) == ["1 row of versions without what they need in responses"]


async def test_what_belongs_to_nothing_is_counted(
    archive: SqliteArchive, team: Chat, checks: ArchiveChecks
) -> None:
    await commit(
        archive, team, [row(1), row(2)], wants=[WantRow(2, "photo", 9, "photo", 1, "image/jpeg", "")]
    )
    assert list(checks.find_damage()) == []
    change(archive, "UPDATE messages SET chat_id = 5 WHERE id = 2")
    assert list(checks.find_damage()) == [
        "1 messages of a chat that the archive does not have",
        "1 wishes for files of messages that are not stored",
    ]


async def test_an_index_that_lacks_a_message_is_named_with_what_mends_it(
    archive: SqliteArchive, team: Chat, checks: ArchiveChecks
) -> None:
    await commit(archive, team, [row(1), row(3)])
    assert list(checks.find_damage()) == []
    await archive.rebuild_index()
    assert list(checks.find_damage()) == []
    change(archive, "DELETE FROM message_words_docsize WHERE id = 1")
    [said] = checks.find_damage()
    assert said.startswith("1 messages more or less in the index of words")


async def test_ids_that_lack_a_message_are_named_among_those_listed(
    archive: SqliteArchive, team: Chat, checks: ArchiveChecks
) -> None:
    await commit(archive, team, [row(1), row(3)])
    assert checks.find_absent(team.key, [1, 2, 3, 4]) == [2, 4]


async def test_empty_ids_are_split_by_their_proof(
    archive: SqliteArchive, team: Chat, checks: ArchiveChecks
) -> None:
    await archive.note_asked(team, Range(1, 20))
    await commit(archive, team, [row(20), row(15), row(11)], covers=Range(11, 20))
    assert list(checks.list_empty(team)) == [19, 18, 17, 16, 14, 13, 12]
    await archive.note_looked_up(team, Range(16, 18), 5.0)
    await archive.note_looked_up(team, Range(14, 14), 6.0)
    assert list(checks.list_empty(team)) == [19, 13, 12]
    account = checks.account(team)
    assert (account.tally, account.empty_looked_up) == (Tally(stored=3, empty=7, unknown=10), 4)
    assert (account.holes, account.hole_count) == ([Range(1, 10)], 1)
    assert (account.first_date, account.last_date) == (row(11).date, row(20).date)


async def test_many_holes_are_counted_and_the_newest_named(
    archive: SqliteArchive, team: Chat, checks: ArchiveChecks
) -> None:
    await archive.note_asked(team, Range(1, 100))
    await commit(archive, team, [row(number) for number in range(2, 101, 2)])
    account = checks.account(team)
    assert (account.hole_count, account.tally.unknown) == (50, 50)
    assert account.holes == [Range(number, number) for number, _ in zip(count(99, -2), range(KEPT))]


_SPANS = st.builds(lambda low, size: Range(low, low + size), st.integers(1, 60), st.integers(0, 15))
_STEPS = st.lists(st.tuples(st.sampled_from(["ask", "list", "look"]), _SPANS), max_size=10)


async def test_an_index_of_words_that_cannot_be_read_is_damage(archive: SqliteArchive, team: Chat) -> None:
    await commit(archive, team, [row(1)])
    await archive.close()
    with closing(sqlite3.connect(archive.path)) as connection, connection:
        connection.execute("UPDATE message_words_config SET v = 0 WHERE k = 'version'")
    with closing(ArchiveChecks(archive.path)) as checks, pytest.raises(Damaged, match="fts5"):
        list(checks.find_damage())


@settings(max_examples=25, deadline=None)
@given(_STEPS, st.sets(st.integers(1, 75), max_size=40))
def test_holes_and_empty_ids_agree_with_sets(steps: list[tuple[str, Range]], existing: set[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_compare_with_sets(Path(folder), steps, existing))


async def _compare_with_sets(folder: Path, steps: list[tuple[str, Range]], existing: set[int]) -> None:
    sets: dict[str, set[int]] = {"ask": set(), "list": set(), "look": set()}
    archive = await open_archive(folder, library=LIBRARY)
    team = await archive.add_chat(TEAM)
    await commit(archive, team, [row(each) for each in sorted(existing)])
    for what, span in steps:
        sets[what] |= set(range(span.low, span.high + 1))
        if what == "ask":
            await archive.note_asked(team, span)
        elif what == "list":
            await commit(archive, team, [], covers=span)
        else:
            await archive.note_looked_up(team, span, 1.0)
    with closing(ArchiveChecks(archive.path)) as checks:
        account, empty = checks.account(team), list(checks.list_empty(team))
    await archive.close()
    asked, listed, looked_up = sets["ask"], sets["list"], sets["look"]
    holes = {number for hole in account.holes for number in range(hole.low, hole.high + 1)}
    assert holes == asked - listed - looked_up - existing or account.hole_count > KEPT
    assert account.tally.unknown == len(asked - listed - looked_up - existing)
    assert account.empty_looked_up == len((asked & looked_up) - existing)
    assert empty == sorted((asked & listed) - looked_up - existing, reverse=True)


async def test_looking_an_id_up_covers_it_by_another_proof(archive: SqliteArchive, team: Chat) -> None:
    await archive.note_looked_up(team, Range(5, 6), 1.0)
    await archive.note_looked_up(team, Range(7, 7), 2.0)
    assert await archive.covered_ranges(team) == [Range(5, 7)]
    with closing(sqlite3.connect(archive.path)) as connection:
        assert connection.execute("SELECT proof, low, high FROM covered").fetchall() == [("looked_up", 5, 7)]


def test_an_empty_file_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite"
    path.touch()
    with pytest.raises(Damaged, match="empty"):
        ArchiveChecks(path)


async def test_an_archive_of_an_older_version_is_not_judged(archive: SqliteArchive) -> None:
    change(archive, "PRAGMA user_version = 0")
    with pytest.raises((Damaged, UsageError)):
        ArchiveChecks(archive.path)
