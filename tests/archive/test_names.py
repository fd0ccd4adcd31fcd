from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from archive.rows import FORUM, LIBRARY, commit, row
from tobs.archive.read import ArchiveReader
from tobs.archive.store import SqliteArchive, open_archive
from tobs.core.model import Chat, TopicRow
from tobs.core.names import MAX_BYTES


def _chat(chat_id: int, title: str) -> Chat:
    return Chat(0, -1000000000000 - chat_id, "channel", title)


@pytest.mark.parametrize(
    ("titles", "names"),
    [
        (["News", "news"], ["News", "news (-1000000000002)"]),
        (["Café", "Cafe\u0301"], ["Café", "Café (-1000000000002)"]),
        (["Chats"], ["Chats (-1000000000001)"]),
        (["chats.md"], ["chats.md (-1000000000001)"]),
        (["Chats.html"], ["Chats.html (-1000000000001)"]),
        (["Chats (new).md"], ["Chats (new).md (-1000000000001)"]),
        (["tobs-assets"], ["tobs-assets (-1000000000001)"]),
        (["Export_Metrics.json"], ["Export_Metrics.json (-1000000000001)"]),
        (["Team 2026-03"], ["Team 2026-03 (-1000000000001)"]),
        (["a/b: c", ""], ["a b c", "Chat -1000000000002"]),
        (
            ["News (-1000000000002)", "News", "News"],
            ["News (-1000000000002)", "News", "News (-1000000000003)"],
        ),
        (
            ["News", "x", "News (-1000000000004)", "news"],
            ["News", "x", "News (-1000000000004)", "news (-1000000000004) (-1000000000004)"],
        ),
    ],
)
async def test_no_two_chats_share_a_name_on_any_filesystem(
    archive: SqliteArchive, titles: list[str], names: list[str]
) -> None:
    found = [await archive.add_chat(_chat(number, title)) for number, title in enumerate(titles, 1)]
    assert [each.basename for each in found] == names


async def test_a_chat_keeps_its_name_when_its_title_changes(
    archive: SqliteArchive, reader: ArchiveReader
) -> None:
    await archive.add_chat(_chat(2, "Second of the alphabet"))
    await archive.add_chat(_chat(1, "News"))
    latest = await archive.add_chat(_chat(1, "Old news"))
    assert (latest.title, latest.basename) == ("Old news", "News")
    assert reader.chats() == [await archive.add_chat(_chat(2, "Second of the alphabet")), latest]


async def test_topics_are_named_in_the_order_of_their_ids_however_they_came(tmp_path: Path) -> None:
    found = set()
    for number, order in enumerate(permutations([5, 9, 12])):
        archive = await open_archive(tmp_path / str(number), library=LIBRARY)
        forum = await archive.add_chat(FORUM)
        for topic in order:
            await commit(
                archive, forum, [row(topic, topic_id=topic)], topics=[TopicRow(topic, "News", topic)]
            )
        await archive.ledger.reserve_topics(forum)
        reader = ArchiveReader(archive.path)
        found.add(tuple((each.id, each.basename) for each in reader.topics(forum).values()))
        reader.close()
        await archive.close()

    assert found == {((5, "Forum News"), (9, "Forum News (9)"), (12, "Forum News (12)"))}


async def test_a_topic_keeps_its_name_and_shows_its_latest_title(
    archive: SqliteArchive, reader: ArchiveReader
) -> None:
    forum = await archive.add_chat(FORUM)
    await commit(archive, forum, [row(1, topic_id=1), row(7, topic_id=7), row(8, topic_id=8)])
    await commit(archive, forum, [], topics=[TopicRow(8, "Plans", 8)])
    assert reader.topics(forum)[8].basename == ""
    await archive.ledger.reserve_topics(forum)
    await commit(archive, forum, [], topics=[TopicRow(8, "Done", 20)])
    await archive.ledger.reserve_topics(forum)

    assert [(each.title, each.basename) for each in reader.topics(forum).values()] == [
        ("General", "Forum General"),
        ("Topic 7", "Forum Topic 7"),
        ("Done", "Forum Plans"),
    ]


async def test_the_longest_names_leave_room_for_date_part_and_ending(
    archive: SqliteArchive, reader: ArchiveReader
) -> None:
    forum = await archive.add_chat(Chat(0, -1001234567890, "forum", "ш" * 200))
    topics = [TopicRow(each, "ж" * 200, each) for each in (2147483646, 2147483647)]
    await commit(archive, forum, [], topics=topics)
    await archive.ledger.reserve_topics(forum)

    for each in reader.topics(forum).values():
        assert len(f"{each.basename} 2026-03-14 g2147483647 (new).md".encode()) <= MAX_BYTES


async def test_of_what_is_said_about_a_topic_the_latest_word_counts_in_whatever_order_it_comes(
    tmp_path: Path,
) -> None:
    said = [
        TopicRow(5, "Plans", 5),
        TopicRow(5, "Done", 9),
        TopicRow(5, "Plans", 20),
        TopicRow(5, "", 12, is_closed=True),
        TopicRow(5, "", 15, is_closed=False),
    ]
    found = set()
    for number, order in enumerate(permutations(said)):
        archive = await open_archive(tmp_path / str(number), library=LIBRARY)
        forum = await archive.add_chat(FORUM)
        await archive.note_topics(forum, list(order), listed_at=None)
        reader = ArchiveReader(archive.path)
        found.add((reader.topics(forum)[5].title, reader.topics(forum)[5].is_closed))
        reader.close()
        await archive.close()
    assert found == {("Plans", False)}


async def test_what_telegram_says_of_a_topic_now_counts_before_its_newest_message(tmp_path: Path) -> None:
    # The message that renamed it was deleted: what created it is the newest one again.
    said = [TopicRow(5, "Plans", 5, is_closed=False), TopicRow(5, "Done", 5, is_closed=True, is_told=True)]
    found = set()
    for number, order in enumerate(permutations(said)):
        archive = await open_archive(tmp_path / str(number), library=LIBRARY)
        forum = await archive.add_chat(FORUM)
        for each in order:
            await archive.note_topics(forum, [each], listed_at=None)
        reader = ArchiveReader(archive.path)
        found.add((reader.topics(forum)[5].title, reader.topics(forum)[5].is_closed))
        reader.close()
        await archive.close()
    assert found == {("Done", True)}
