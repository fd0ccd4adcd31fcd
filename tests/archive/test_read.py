from __future__ import annotations

import asyncio
from contextlib import closing
from typing import Any

import pytest

from archive.conftest import Query
from archive.rows import ALICE, DAY, FORUM, commit, peer, row
from tobs.archive.info import archive_info
from tobs.archive.read import ArchiveReader
from tobs.archive.store import SqliteArchive
from tobs.core.model import Chat, WantRow
from tobs.core.ports.reader import ALL_TIME, FileState
from tobs.core.ranges import Range
from tobs.errors import Damaged

ALWAYS: Any = {"start": 0, "end": 1 << 40}


async def test_messages_come_in_id_order_within_the_dates(
    archive: SqliteArchive, team: Chat, reader: ArchiveReader
) -> None:
    await commit(archive, team, [row(3, date=5), row(2, date=20), row(1, date=10)])
    await commit(archive, team, [row(9, date=10), row(8, date=9)])

    found = reader.messages(team, topic_id=None, start=9, end=20)
    assert [each.id for each in found] == [1, 8, 9]


async def test_a_topic_has_its_own_messages_and_the_chat_all(
    archive: SqliteArchive, reader: ArchiveReader
) -> None:
    forum = await archive.add_chat(FORUM)
    rows = [
        row(1, topic_id=1, date=0),
        row(2, topic_id=5, date=0),
        row(3, topic_id=5, date=DAY),
        row(4, date=DAY),
    ]
    await commit(archive, forum, rows)

    assert [each.id for each in reader.messages(forum, topic_id=5, **ALWAYS)] == [2, 3]
    assert [each.id for each in reader.messages(forum, topic_id=None, **ALWAYS)] == [1, 2, 3, 4]
    assert reader.days(forum, topic_id=5) == {0: 1, 1: 1}
    assert reader.days(forum, topic_id=None) == {0: 2, 1: 2}


async def test_parts_begin_at_every_size_th_message(
    archive: SqliteArchive, team: Chat, reader: ArchiveReader
) -> None:
    await commit(archive, team, [row(each * 10, date=1) for each in range(1, 8)])
    assert reader.part_starts(team, topic_id=None, size=3, **ALWAYS) == [10, 40, 70]
    assert reader.part_starts(team, topic_id=None, size=3, start=5, end=9) == []


async def test_an_album_never_crosses_a_part(
    archive: SqliteArchive, team: Chat, reader: ArchiveReader
) -> None:
    rows = [row(1), row(2, album_id=7), row(3, album_id=7), row(4, album_id=7), row(5), row(6)]
    await commit(archive, team, [each._replace(date=1) for each in rows])
    assert reader.part_starts(team, topic_id=None, size=3, **ALWAYS) == [1, 2]
    assert reader.album_first(team, 7) == 2
    assert reader.album_first(team, 8) == 0


async def test_names_are_never_empty(archive: SqliteArchive, team: Chat, reader: ArchiveReader) -> None:
    peers = [
        peer(1, "Alice", username="alice"),
        peer(2, "", username="bob"),
        peer(3, "", is_deleted=True),
        peer(4, ""),
    ]
    await commit(archive, team, [], peers=peers)

    assert [reader.peer_name(each) for each in (1, 2, 3, 4, 5)] == [
        "Alice",
        "bob",
        "Deleted account",
        "User 4",
        "User 5",
    ]
    assert (reader.peer_name(team.id), reader.peer_name(-7)) == ("Team chat", "Chat -7")
    assert [reader.peer_username(each) for each in (1, 4, 5, team.id)] == ["alice", "", "", "team"]


async def test_a_summary_counts_what_is_stored(
    archive: SqliteArchive, team: Chat, reader: ArchiveReader
) -> None:
    assert reader.summary(team).first_date is None
    rows = [
        row(1, date=50),
        row(2, date=40, kind="photo"),
        row(3, date=60, sender_id=7),
        row(4, date=70, kind="service", sender_id=9),
        row(5, date=65, sender_id=None),
    ]
    wants = [WantRow(each, "photo", 11, "photo", 1, "", "") for each in (2, 3)]
    await commit(archive, team, rows, wants=wants, covers=Range(1, 9))
    await archive.note_asked(team, Range(1, 10))

    found = reader.summary(team)
    assert (found.first_date, found.last_date) == (40, 70)
    assert found.kinds == {"photo": 1, "service": 1, "text": 3}
    assert found.people == [(42, 2), (7, 1)]
    assert found.withheld == 0
    assert (found.tally.stored, found.tally.empty, found.tally.unknown) == (5, 4, 1)


async def test_a_file_is_wanted_until_its_bytes_are_here(
    archive: SqliteArchive, team: Chat, reader: ArchiveReader
) -> None:
    await commit(archive, team, [row(1)], wants=[WantRow(1, "photo", 11, "photo", 1, "", "")])
    assert reader.file_state(team, "photo", 11) == reader.file_state(team, "photo", 12) == FileState("wanted")
    assert reader.message(team, 99) is None


async def test_reading_sees_one_moment_while_pages_are_committed(
    archive: SqliteArchive, team: Chat, reader: ArchiveReader
) -> None:
    await commit(archive, team, [row(each, date=1) for each in range(1, 1001)])
    found = reader.messages(team, topic_id=None, **ALWAYS)
    first = next(found)
    await commit(archive, team, [row(each, "edited", date=1) for each in range(990, 1011)])

    rest = list(found)
    assert (first.id, len(rest)) == (1, 999)
    assert {each.text for each in rest} == {"hello"}
    assert reader.days(team, topic_id=None) == {0: 1010}


async def test_threads_read_side_by_side(archive: SqliteArchive, team: Chat, reader: ArchiveReader) -> None:
    await commit(archive, team, [row(each, date=1) for each in range(1, 101)])

    def count() -> int:
        return sum(1 for _ in reader.messages(team, topic_id=None, **ALWAYS))

    assert await asyncio.gather(*(asyncio.to_thread(count) for _ in range(8))) == [100] * 8


async def test_content_that_is_no_content_is_damage(
    archive: SqliteArchive, team: Chat, reader: ArchiveReader
) -> None:
    await commit(archive, team, [row(1, content='{"media": 7}')])
    with pytest.raises(Damaged, match="Message 1"):
        reader.message(team, 1)


async def test_people_can_open_the_file_themselves(archive: SqliteArchive, team: Chat, query: Query) -> None:
    channel = await archive.add_chat(Chat(0, -1000000000009, "channel", "Quiet"))
    private = await archive.add_chat(ALICE)
    counters = '{"views":7,"reactions":[{"emoji":"👍","count":3},{"emoji":"❤","count":1}]}'
    await commit(
        archive, team, [row(5, "hi", date=0, counters=counters, reply_to_id=4)], peers=[peer(42, "Alice")]
    )
    await commit(archive, channel, [row(6, sender_id=None)])
    await commit(archive, private, [row(7)])

    assert query(
        "SELECT chat, date_utc, sender, text, reply_to, views, reactions, link FROM message_list WHERE message_id = 5"
    ) == [("Team chat", "1970-01-01 00:00:00", "Alice", "hi", 4, 7, "👍 3, ❤ 1", "https://t.me/team/5")]
    assert query("SELECT message_id, link FROM message_list WHERE message_id > 5 ORDER BY 1") == [
        (6, "https://t.me/c/9/6"),
        (7, None),
    ]
    assert query("SELECT title, messages FROM chat_list") == [
        ("Team chat", 1),
        ("Quiet", 1),
        ("Alice Doe", 1),
    ]
    assert query("SELECT person_id, name FROM people") == [(42, "Alice")]


async def test_info_tells_what_is_there_while_another_tobs_writes(archive: SqliteArchive, team: Chat) -> None:
    await archive.note_asked(team, Range(1, 10))
    await commit(
        archive, team, [row(1)], covers=Range(1, 2), wants=[WantRow(1, "photo", 1, "photo", 1, "", "")]
    )
    await commit(archive, team, [row(1, "edited")])

    found = archive_info(archive.path)
    assert (found.schema_version, found.responses, found.raw_bytes, found.runs) == (1, 2, 12, 0)
    assert (found.files, list(found.layers)) == ({"wanted": 1}, [220])
    assert found.size_bytes > 0
    (chat,) = found.chats
    assert (chat.chat, chat.messages, chat.versions) == (team, 1, 1)
    assert (chat.asked, chat.covered) == ([Range(1, 10)], [Range(1, 2)])
    assert (chat.tally.stored, chat.tally.empty, chat.tally.unknown) == (1, 1, 8)


async def test_a_reader_of_a_closed_archive_needs_no_writer(archive: SqliteArchive, team: Chat) -> None:
    await commit(archive, team, [row(1)])
    await archive.close()
    with closing(ArchiveReader(archive.path)) as reader:
        assert reader.message(team, 1) is not None


@pytest.mark.parametrize(("span", "ids"), [((11, 31), (15, 1 << 62)), (ALL_TIME, (15, 30))])
async def test_a_part_reads_its_ids_and_no_other_month(
    archive: SqliteArchive, team: Chat, reader: ArchiveReader, span: tuple[int, int], ids: tuple[int, int]
) -> None:
    await commit(archive, team, [row(each, date=each) for each in range(1, 3001)])
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    reader._connection().set_progress_handler(count, 10)
    found = reader.messages(team, topic_id=None, start=span[0], end=span[1], ids=ids)
    assert [each.id for each in found] == [*range(15, 31)]
    assert steps < 1000  # thousands, when it looks at what comes before or after
