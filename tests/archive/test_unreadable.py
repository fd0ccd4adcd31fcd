"""A message that cannot be read is marked with the answer that holds it, until an answer says more of it."""

from __future__ import annotations

from contextlib import closing

from archive.conftest import Query
from archive.rows import LAYER, commit, row
from archive.test_deletions import look_up
from tobs.archive.checks import ArchiveChecks
from tobs.archive.read import ArchiveReader
from tobs.archive.store import SqliteArchive
from tobs.core.model import Chat
from tobs.core.ports.archive import CommitResult
from tobs.core.ports.writer import ABOUT
from tobs.core.ranges import Range
from tobs.core.report import Tally

MARKS = "SELECT id, noticed_at, response FROM unreadable ORDER BY id"
ANSWERS = "SELECT low, high, layer FROM responses ORDER BY id"


async def test_the_answer_that_holds_it_is_kept_though_it_brings_no_message(
    archive: SqliteArchive, team: Chat, query: Query
) -> None:
    result = await commit(archive, team, [], unreadable=7, covers=Range(7, 9))
    assert result == CommitResult()
    assert query(MARKS) == [(7, 1000.0, 1)]
    assert query(ANSWERS) == [(7, 7, LAYER)]
    assert await archive.covered_ranges(team) == [Range(7, 9)]
    assert await archive.unreadable_layers(team) == {7: LAYER}


async def test_it_is_kept_once_for_each_layer(archive: SqliteArchive, team: Chat, query: Query) -> None:
    for at, layer in ((1000, LAYER), (2000, LAYER), (3000, LAYER + 1)):
        await commit(archive, team, [], unreadable=7, at=at, layer=layer)
    assert query(MARKS) == [(7, 3000.0, 2)]
    assert query(ANSWERS) == [(7, 7, LAYER), (7, 7, LAYER + 1)]


async def test_a_message_that_can_be_read_loses_its_mark(
    archive: SqliteArchive, team: Chat, query: Query
) -> None:
    await archive.note_asked(team, Range(1, 9))
    await commit(archive, team, [row(9)], unreadable=7, covers=Range(1, 9))
    assert await archive.tally(team) == Tally(stored=1, empty=7, unreadable=1)
    await commit(archive, team, [row(7)], covers=Range(8, 9), at=2000.0)
    assert query(MARKS) == []
    assert await archive.tally(team) == Tally(stored=2, empty=7)


async def test_an_answer_that_is_older_than_the_mark_does_not_lift_it(
    archive: SqliteArchive, team: Chat, query: Query
) -> None:
    await commit(archive, team, [], unreadable=7, at=2000.0)
    await commit(archive, team, [row(7)], at=1000.0)
    assert query(MARKS) == [(7, 2000.0, 1)]


async def test_an_answer_that_is_older_than_the_message_does_not_mark_it(
    archive: SqliteArchive, team: Chat, query: Query
) -> None:
    await commit(archive, team, [row(7)], at=2000.0)
    await commit(archive, team, [], unreadable=7, at=1000.0)
    assert query(MARKS) == []


async def test_an_earlier_state_stays_stored_but_counts_as_unreadable(
    archive: SqliteArchive, team: Chat, query: Query
) -> None:
    await archive.note_asked(team, Range(7, 9))
    await commit(archive, team, [row(9), row(7)], covers=Range(7, 9))
    result = await commit(archive, team, [row(9)], unreadable=7, covers=Range(7, 9), at=2000.0)
    assert result == CommitResult(same=1)
    assert query("SELECT id FROM messages ORDER BY id") == [(7,), (9,)]
    assert await archive.tally(team) == Tally(stored=1, empty=1, unreadable=1)


async def test_one_that_is_not_listed_any_more_is_looked_up_and_found_empty(
    archive: SqliteArchive, team: Chat, query: Query
) -> None:
    await archive.note_asked(team, Range(1, 9))
    await commit(archive, team, [row(9)], unreadable=7, covers=Range(1, 9))
    assert (await commit(archive, team, [row(9)], covers=Range(8, 9), at=2000)).missing == []
    assert (await commit(archive, team, [row(9)], covers=Range(1, 9), at=2000)).missing == [7]
    assert await look_up(archive, team, 7, at=3000.0) == CommitResult()
    assert query(MARKS) == []
    assert await archive.tally(team) == Tally(stored=1, empty=8)


async def test_it_is_neither_a_hole_nor_empty_for_the_certificate(archive: SqliteArchive, team: Chat) -> None:
    await archive.note_asked(team, Range(1, 9))
    await commit(archive, team, [row(9)], unreadable=7, covers=Range(6, 9))
    await commit(archive, team, [], unreadable=3)
    with closing(ArchiveChecks(archive.path)) as checks:
        account = checks.account(team)
        assert account.unreadable == [3, 7]
        assert account.tally == Tally(stored=1, empty=2, unknown=4, unreadable=2)
        assert account.holes == [Range(4, 5), Range(1, 2)]
        assert list(checks.list_empty(team)) == [8, 6]
        assert list(checks.find_unproved(team)) == []


async def test_the_note_of_the_chat_is_drawn_again_when_marks_come_and_go(
    archive: SqliteArchive, team: Chat, reader: ArchiveReader
) -> None:
    await archive.note_asked(team, Range(1, 9))
    await commit(archive, team, [row(9)], covers=Range(1, 9))
    await archive.ledger.stale_partitions(team)
    await archive.ledger.clear_partitions(team, [ABOUT])
    await commit(archive, team, [row(9)], unreadable=7, at=2000.0)
    assert await archive.ledger.stale_partitions(team) == [ABOUT]
    assert reader.summary(team).unreadable == [(team.id, 7)]
    await archive.ledger.clear_partitions(team, [ABOUT])
    await look_up(archive, team, 7, at=3000.0)
    assert await archive.ledger.stale_partitions(team) == [ABOUT]
