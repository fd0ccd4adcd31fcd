"""What is gone keeps its row and gets a tombstone; what is back loses it; what is old changes nothing."""

from __future__ import annotations

import pytest

from archive.conftest import Query
from archive.rows import DAY, LAYER, commit, row
from tobs.archive.store import SqliteArchive
from tobs.core.model import Chat, Decoded, MessageRow
from tobs.core.ports.archive import CommitResult
from tobs.core.ports.source import RawPage
from tobs.core.ranges import Range
from tobs.core.report import KnownFrom
from tobs.core.request import EVERYTHING, Refresh, read_refresh

TOMBSTONES = "SELECT id, noticed_at FROM deletions ORDER BY id"


async def look_up(
    archive: SqliteArchive, chat: Chat, *empty: int, found: tuple[MessageRow, ...] = (), at: float = 2000
) -> CommitResult:
    """Commit the answer of a look by id."""
    ids = [*empty, *(each.id for each in found)]
    decoded = Decoded([*found], [], [], [], min(ids), max(ids), None, 6, [*empty])
    page = RawPage(chat, Range(min(ids), max(ids)), b"answer", LAYER, at, "channels.getMessages")
    return await archive.commit_lookup(page, decoded)


async def settle(archive: SqliteArchive, chat: Chat) -> None:
    await archive.ledger.clear_stale(chat, await archive.ledger.stale_days(chat))


async def test_a_page_names_the_stored_messages_that_it_leaves_out(
    archive: SqliteArchive, team: Chat
) -> None:
    await commit(archive, team, [row(each) for each in range(1, 7)], covers=Range(1, 6))
    again = await commit(archive, team, [row(2), row(4), row(6)], covers=Range(2, 6))
    assert again == CommitResult(same=3, missing=[3, 5])


async def test_a_page_that_proves_no_range_misses_nothing(archive: SqliteArchive, team: Chat) -> None:
    await commit(archive, team, [row(1), row(2), row(3)])
    assert (await commit(archive, team, [row(1), row(3)])).missing == []


async def test_a_message_that_is_gone_keeps_its_row_and_gets_a_tombstone(
    archive: SqliteArchive, team: Chat, query: Query
) -> None:
    await commit(archive, team, [row(1), row(2), row(3)])
    result = await look_up(archive, team, 2, 99, at=2000.5)
    assert result == CommitResult(deleted=1)
    assert query(TOMBSTONES) == [(2, 2000.5)]
    assert query("SELECT id FROM messages ORDER BY id") == [(1,), (2,), (3,)]
    assert query("SELECT method FROM responses JOIN deletions ON response = responses.id") == [
        ("channels.getMessages",)
    ]


async def test_a_tombstone_is_set_once(archive: SqliteArchive, team: Chat, query: Query) -> None:
    await commit(archive, team, [row(1), row(2)], covers=Range(1, 2))
    await look_up(archive, team, 2)
    assert await look_up(archive, team, 2, at=3000) == CommitResult()
    assert (await commit(archive, team, [row(1)], covers=Range(1, 2))).missing == []
    assert query(TOMBSTONES) == [(2, 2000)]
    assert query("SELECT count(*) FROM responses") == [(2,)]


async def test_a_message_that_a_look_finds_is_no_deletion_but_may_be_an_edit(
    archive: SqliteArchive, team: Chat, query: Query
) -> None:
    await commit(archive, team, [row(1), row(2)])
    assert await look_up(archive, team, 1, found=(row(2, "edited"),)) == CommitResult(changed=1, deleted=1)
    assert query("SELECT id, text FROM messages ORDER BY id") == [(1, "hello"), (2, "edited")]
    assert query("SELECT count(*) FROM responses") == [(2,)]


async def test_a_message_that_is_listed_again_loses_its_tombstone(
    archive: SqliteArchive, team: Chat, query: Query
) -> None:
    await commit(archive, team, [row(5), row(15)])
    await look_up(archive, team, 15)
    await settle(archive, team)
    assert await commit(archive, team, [row(5), row(15)], at=3000) == CommitResult(same=2)
    assert query(TOMBSTONES) == []
    assert await archive.ledger.stale_days(team) == [(None, 1)]


async def test_a_page_from_before_leaves_the_tombstone(
    archive: SqliteArchive, team: Chat, query: Query
) -> None:
    await commit(archive, team, [row(5)])
    await look_up(archive, team, 5)
    await commit(archive, team, [row(5)], at=1999)
    assert query(TOMBSTONES) == [(5, 2000)]


async def test_a_tombstone_makes_its_day_stale_and_those_of_its_answers_and_album(
    archive: SqliteArchive, team: Chat
) -> None:
    await commit(
        archive,
        team,
        [
            row(1, date=0, album_id=7),
            row(2, date=DAY, album_id=7),
            row(3, date=2 * DAY),
            row(4, date=3 * DAY, reply_to_id=1),
        ],
    )
    await settle(archive, team)
    await look_up(archive, team, 2)
    assert await archive.ledger.stale_days(team) == [(None, 0), (None, 1), (None, 3)]


@pytest.mark.parametrize(
    ("edit_date", "at", "text"),
    [(4, 3000, "now"), (5, 900, "now"), (5, 3000, "then"), (6, 900, "then")],
    ids=["edited before", "received before", "received after", "edited after, by a clock that was set back"],
)
async def test_an_older_page_never_overwrites_a_newer_state(
    archive: SqliteArchive, team: Chat, query: Query, edit_date: int, at: float, text: str
) -> None:
    await commit(archive, team, [row(1, "now", edit_date=5)], at=1000)
    await commit(archive, team, [row(1, "then", edit_date=edit_date)], at=at)
    assert query("SELECT text FROM messages") == [(text,)]
    assert query("SELECT count(*) FROM versions") == [(int(text == "then"),)]


async def plan(
    archive: SqliteArchive, chat: Chat, refresh: Refresh, read: Range | None = None
) -> list[Range]:
    spans = await archive.covered_ranges(chat)
    return (await archive.plan_sweep(chat, spans, read, refresh, now=100 * DAY)).windows


async def test_a_sweep_asks_for_full_pages_of_the_last_messages(archive: SqliteArchive, team: Chat) -> None:
    await commit(archive, team, [row(3 * each) for each in range(1, 401)], covers=Range(1, 1200))
    read = Range(903, 1200)
    assert await plan(archive, team, Refresh(300), read) == [Range(603, 900), Range(303, 600)]
    assert await plan(archive, team, Refresh(50), read) == []
    assert await plan(archive, team, Refresh(150)) == [Range(903, 1200), Range(753, 900)]
    assert len(await plan(archive, team, Refresh(EVERYTHING))) == 4


async def test_a_sweep_of_days_ends_with_them(archive: SqliteArchive, team: Chat) -> None:
    await commit(archive, team, [row(each, date=each * DAY) for each in range(1, 100)], covers=Range(1, 99))
    assert await plan(archive, team, Refresh(EVERYTHING, 7 * DAY)) == [Range(93, 99)]


async def test_a_sweep_knows_down_to_where_it_leads(archive: SqliteArchive, team: Chat) -> None:
    await commit(archive, team, [row(each) for each in range(1, 100)], covers=Range(1, 99))

    async def known(refresh: Refresh) -> KnownFrom:
        return (await archive.plan_sweep(team, [Range(1, 99)], None, refresh, now=0)).known_from

    assert await known(Refresh(10)) == KnownFrom(90, 9 * DAY)
    assert await known(Refresh(100)) == KnownFrom(1)


async def test_what_is_gone_or_was_never_covered_is_not_swept(archive: SqliteArchive, team: Chat) -> None:
    await commit(archive, team, [row(each) for each in range(1, 21)], covers=Range(1, 10))
    await look_up(archive, team, 9, 10)
    assert await plan(archive, team, Refresh(3)) == [Range(6, 8)]


@pytest.mark.parametrize(
    ("text", "refresh"),
    [
        ("1000", Refresh()),
        ("7d", Refresh(EVERYTHING, 7 * DAY)),
        ("all", Refresh(EVERYTHING)),
        ("0", Refresh(0)),
        ("0d", Refresh(0)),
    ],
)
def test_a_window_is_a_number_of_messages_or_days(text: str, refresh: Refresh) -> None:
    assert read_refresh(text) == refresh
    assert refresh.is_on == (text[0] != "0")
