from __future__ import annotations

import asyncio

import pytest

from archive.conftest import Query
from archive.rows import ALICE, DAY, LAYER, LIBRARY, TEAM, commit, row
from tobs.archive.codec import unpack_raw
from tobs.archive.read import ArchiveReader
from tobs.archive.store import SqliteArchive, open_archive
from tobs.core.media import Media
from tobs.core.model import Chat, Content, Counters, Reaction, Reply, WantRow
from tobs.core.ports.archive import CommitResult
from tobs.core.ranges import Range
from tobs.errors import Damaged


async def test_a_page_comes_back_as_it_was_committed(
    archive: SqliteArchive, team: Chat, reader: ArchiveReader
) -> None:
    result = await commit(
        archive,
        team,
        [
            row(
                5,
                "words",
                edit_date=7,
                reply_to_id=4,
                album_id=9,
                kind="photo",
                content='{"media":{"kind":"photo","width":3},"reply":{"to_id":4,"quote":"q"}}',
                counters='{"views":12,"reactions":[{"emoji":"👍","count":3}]}',
            )
        ],
    )
    found = reader.message(team, 5)

    assert result == CommitResult(new=1)
    assert found is not None
    assert (found.id, found.date, found.edit_date, found.sender_id) == (5, DAY // 2, 7, 42)
    assert (found.reply_to_id, found.album_id, found.kind, found.text) == (4, 9, "photo", "words")
    assert found.content == Content(media=Media("photo", width=3), reply=Reply(to_id=4, quote="q"))
    assert found.counters == Counters(views=12, reactions=[Reaction("👍", 3)])


async def test_the_raw_answer_is_kept_without_its_padding(
    archive: SqliteArchive, team: Chat, query: Query
) -> None:
    await commit(archive, team, [row(3), row(1)], raw=b"answer\0\0\0", at=1234.5)

    ((packed, size_bytes, layer, low, high, at),) = query(
        "SELECT raw, size_bytes, layer, low, high, received_at FROM responses"
    )
    assert unpack_raw(packed, size_bytes=size_bytes) == b"answer"
    assert (layer, low, high, at) == (LAYER, 1, 3, 1234.5)
    assert query("SELECT layer, library FROM layers") == [(LAYER, LIBRARY)]


async def test_a_page_read_again_stores_nothing(archive: SqliteArchive, team: Chat, query: Query) -> None:
    await commit(archive, team, [row(1), row(2)], covers=Range(1, 2))
    before = query("SELECT * FROM messages, responses, covered")
    await archive.ledger.stale_days(team)
    await archive.ledger.clear_stale(team, [(None, 0)])

    result = await commit(archive, team, [row(1), row(2)], covers=Range(1, 2), at=2000)

    assert result == CommitResult(same=2)
    assert query("SELECT * FROM messages, responses, covered") == before
    assert await archive.ledger.stale_days(team) == []


async def test_a_page_without_news_still_covers_what_it_proves(
    archive: SqliteArchive, team: Chat, query: Query
) -> None:
    await commit(archive, team, [row(5)], covers=Range(5, 9))
    await commit(archive, team, [row(5)], covers=Range(1, 5))

    assert await archive.covered_ranges(team) == [Range(1, 9)]
    assert query("SELECT count(*) FROM responses") == [(1,)]


async def test_a_changed_text_makes_a_version_and_keeps_the_older_one(
    archive: SqliteArchive, team: Chat, query: Query
) -> None:
    await commit(archive, team, [row(1, "first"), row(2)])
    await commit(archive, team, [row(1, "second", edit_date=5), row(2)], at=2000)
    result = await commit(archive, team, [row(1, "third", edit_date=6)], at=3000)

    assert result == CommitResult(changed=1)
    assert query("SELECT text, response FROM messages WHERE id = 1") == [("third", 3)]
    assert query("SELECT number, text, edit_date, response, replaced_at FROM versions ORDER BY number") == [
        (1, "first", None, 1, 2000.0),
        (2, "second", 5, 2, 3000.0),
    ]


async def test_equal_content_keeps_the_answer_it_came_with(
    archive: SqliteArchive, team: Chat, query: Query
) -> None:
    await commit(archive, team, [row(1), row(2)])
    await commit(archive, team, [row(1), row(2, "changed")])

    assert query("SELECT id, response FROM messages ORDER BY id") == [(1, 1), (2, 2)]


async def test_counters_move_without_a_version_or_an_answer_of_their_own(
    archive: SqliteArchive, team: Chat, query: Query
) -> None:
    await commit(archive, team, [row(1, counters='{"views":1}')])
    result = await commit(archive, team, [row(1, counters='{"views":2}')])

    assert result == CommitResult(counted=1)
    assert query("SELECT counters, response FROM messages") == [('{"views":2}', 1)]
    assert query("SELECT count(*) FROM versions") == query("SELECT count(*) - 1 FROM responses") == [(0,)]


async def test_a_message_listed_twice_in_a_page_is_one(archive: SqliteArchive, team: Chat) -> None:
    assert await commit(archive, team, [row(1, "older"), row(1, "newer")]) == CommitResult(new=1)


async def test_an_empty_page_covers_and_stores_no_answer(
    archive: SqliteArchive, team: Chat, query: Query
) -> None:
    assert await commit(archive, team, [], covers=Range(1, 50)) == CommitResult()
    assert query("SELECT count(*) FROM responses") == [(0,)]
    assert await archive.covered_ranges(team) == [Range(1, 50)]


async def test_wishes_follow_the_content_of_their_message(
    archive: SqliteArchive, team: Chat, query: Query
) -> None:
    def want(file_id: int) -> WantRow:
        return WantRow(1, "document", file_id, "video", 10, "video/mp4", "a.mp4")

    await commit(archive, team, [row(1, "one")], wants=[want(8)])
    await commit(archive, team, [row(1, "one")], wants=[want(8)])
    await commit(archive, team, [row(1, "two")], wants=[want(9)])

    assert query("SELECT message_id, file_kind, file_id, media_kind FROM wants") == [
        (1, "document", 9, "video")
    ]
    assert query("SELECT id, size_bytes, state FROM files ORDER BY id") == [
        (8, 10, "wanted"),
        (9, 10, "wanted"),
    ]


async def test_private_chats_of_two_accounts_do_not_mix(
    archive: SqliteArchive, reader: ArchiveReader
) -> None:
    mine = await archive.add_chat(ALICE)
    other = await archive.add_chat(Chat(78, 42, "private", "Alice Doe"))
    await commit(archive, mine, [row(1, "to me")])
    await commit(archive, other, [row(1, "to the other")])

    found = reader.message(mine, 1)
    assert found is not None
    assert found.text == "to me"
    assert (mine.basename, other.basename) == ("Alice Doe", "Alice Doe (42)")


async def test_many_pages_at_once_are_all_committed(
    archive: SqliteArchive, team: Chat, reader: ArchiveReader
) -> None:
    pages = [[row(top - each) for each in range(10)] for top in range(10, 1001, 10)]
    results = await asyncio.gather(
        *(commit(archive, team, each, covers=Range(each[-1].id, each[0].id)) for each in pages)
    )

    assert all(each.new == 10 for each in results)
    assert await archive.covered_ranges(team) == [Range(1, 1000)]
    assert [each.id for each in reader.messages(team, topic_id=None, start=0, end=1000 * DAY)] == [
        *range(1, 1001)
    ]


async def test_a_page_that_fails_takes_no_other_with_it(
    archive: SqliteArchive, team: Chat, query: Query
) -> None:
    results = await asyncio.gather(
        commit(archive, team, [row(1)]),
        commit(archive, team, [row(2), row(3, kind=None)], covers=Range(2, 3)),
        commit(archive, team, [row(4)]),
        return_exceptions=True,
    )

    assert [type(each).__name__ for each in results] == ["CommitResult", "IntegrityError", "CommitResult"]
    assert query("SELECT id FROM messages ORDER BY id") == [(1,), (4,)]
    assert await archive.covered_ranges(team) == []


async def test_a_cancelled_commit_is_there_whole_or_not_at_all(
    archive: SqliteArchive, team: Chat, query: Query
) -> None:
    tasks = [asyncio.create_task(commit(archive, team, [row(2 * n), row(2 * n + 1)])) for n in range(1, 41)]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for each in tasks:
        each.cancel()
    await asyncio.wait(tasks)
    await archive.close()

    assert {number for (number,) in query("SELECT count(*) FROM messages GROUP BY id / 2")} == {2}


async def test_a_raw_answer_of_another_length_is_damage() -> None:
    with pytest.raises(Damaged, match="cannot be unpacked"):
        unpack_raw(b"no zstd at all", size_bytes=4)


async def test_what_was_committed_is_there_after_opening_again(archive: SqliteArchive, team: Chat) -> None:
    await commit(archive, team, [row(1)], covers=Range(1, 1))
    await archive.close()
    again = await open_archive(archive.path.parent.parent, library=LIBRARY)
    try:
        assert await again.add_chat(TEAM) == team
        assert await again.covered_ranges(team) == [Range(1, 1)]
    finally:
        await again.close()
