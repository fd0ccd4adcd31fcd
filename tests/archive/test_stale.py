from __future__ import annotations

from archive.rows import DAY, FORUM, commit, peer, row
from tobs.archive.read import ArchiveReader
from tobs.archive.store import SqliteArchive
from tobs.core.model import Chat, TopicRow
from tobs.core.ports.ledger import Placed
from tobs.core.ports.writer import ABOUT, INDEX
from tobs.core.ranges import Range


async def _settle(archive: SqliteArchive, chat: Chat) -> None:
    """Render everything: nothing is stale any more."""
    await archive.ledger.clear_stale(chat, await archive.ledger.stale_days(chat))
    for each in (chat, None):
        await archive.ledger.clear_partitions(each, await archive.ledger.stale_partitions(each))


def _note(chat: Chat, partition: str, *peers: int) -> Placed:
    path = f"{chat.basename}/{partition}.md"
    return Placed(path, "markdown", chat.account, chat.id, partition, "old", "new", frozenset(peers))


async def test_new_and_changed_messages_make_their_days_stale(archive: SqliteArchive, team: Chat) -> None:
    await commit(archive, team, [row(1, date=0), row(2, date=DAY), row(3, date=2 * DAY)])
    assert await archive.ledger.stale_days(team) == [(None, 0), (None, 1), (None, 2)]
    await _settle(archive, team)

    await commit(
        archive,
        team,
        [row(1, date=0), row(2, "edited", date=DAY), row(3, date=2 * DAY, counters='{"views":1}')],
    )
    assert await archive.ledger.stale_days(team) == [(None, 1), (None, 2)]


async def test_a_changed_date_makes_both_days_stale(archive: SqliteArchive, team: Chat) -> None:
    await commit(archive, team, [row(1, date=0)])
    await _settle(archive, team)
    await commit(archive, team, [row(1, date=5 * DAY)])
    assert await archive.ledger.stale_days(team) == [(None, 0), (None, 5)]


async def test_a_reply_is_stale_when_what_it_answers_arrives_or_changes(
    archive: SqliteArchive, team: Chat
) -> None:
    await commit(archive, team, [row(9, date=9 * DAY, reply_to_id=2), row(8, date=8 * DAY)])
    await _settle(archive, team)
    await commit(archive, team, [row(2, date=2 * DAY)])
    assert await archive.ledger.stale_days(team) == [(None, 2), (None, 9)]
    await _settle(archive, team)
    await commit(archive, team, [row(2, "edited", date=2 * DAY)])
    assert await archive.ledger.stale_days(team) == [(None, 2), (None, 9)]


async def test_a_reply_to_an_album_is_stale_when_a_lower_member_arrives(
    archive: SqliteArchive, team: Chat
) -> None:
    await commit(archive, team, [row(9, date=9 * DAY, reply_to_id=5), row(5, date=DAY, album_id=1)])
    await _settle(archive, team)
    await commit(archive, team, [row(4, date=DAY, album_id=1)])
    assert await archive.ledger.stale_days(team) == [(None, 1), (None, 9)]


async def test_a_day_that_changes_while_it_is_rendered_stays_stale(
    archive: SqliteArchive, team: Chat
) -> None:
    await commit(archive, team, [row(1, date=0), row(2, date=DAY)])
    days = await archive.ledger.stale_days(team)
    await commit(archive, team, [row(1, "edited", date=0)])
    await archive.ledger.clear_stale(team, days)
    assert await archive.ledger.stale_days(team) == [(None, 0)]


async def test_a_changed_name_makes_the_partitions_that_show_it_stale(
    archive: SqliteArchive, team: Chat
) -> None:
    await commit(archive, team, [row(1)], peers=[peer(42, "Alice"), peer(43, "Bob")])
    await _settle(archive, team)
    for each in (_note(team, "2026-03", 42), _note(team, "2026-04", 43), _note(team, ABOUT, 42, 43)):
        await archive.ledger.confirm_file(each)
    await archive.ledger.confirm_file(Placed("Chats.md", "markdown", 0, 0, INDEX, "a", "a", frozenset({42})))
    assert await archive.ledger.stale_partitions(team) == []

    await commit(archive, team, [row(1)], peers=[peer(42, "Alice Doe"), peer(43, "Bob", is_bot=True)])
    assert await archive.ledger.stale_partitions(team) == ["2026-03", ABOUT]
    assert await archive.ledger.stale_partitions(None) == [INDEX]

    await archive.ledger.clear_partitions(team, ["2026-03"])
    await archive.ledger.clear_partitions(None, [INDEX])
    assert await archive.ledger.stale_partitions(team) == [ABOUT]
    assert await archive.ledger.stale_partitions(None) == []


async def test_a_name_seen_for_the_first_time_redraws_what_showed_the_id(
    archive: SqliteArchive, team: Chat
) -> None:
    await _settle(archive, team)
    await archive.ledger.confirm_file(_note(team, "2026-03", 42))
    await commit(archive, team, [], peers=[peer(42, "Alice")])
    assert await archive.ledger.stale_partitions(team) == ["2026-03"]


async def test_a_renamed_chat_redraws_what_shows_its_name(archive: SqliteArchive, team: Chat) -> None:
    await _settle(archive, team)
    await archive.ledger.confirm_file(_note(team, "2026-03", team.id))
    renamed = await archive.add_chat(Chat(*team.key, "supergroup", "Crew", "team"))
    assert renamed.basename == "Team chat"
    assert await archive.ledger.stale_partitions(team) == ["2026-03", ABOUT]
    assert await archive.ledger.stale_partitions(None) == [INDEX]


async def test_a_new_topic_title_makes_the_whole_topic_stale(archive: SqliteArchive) -> None:
    forum = await archive.add_chat(FORUM)
    rows = [row(5, date=0, topic_id=5), row(6, date=DAY, topic_id=5), row(7, date=0, topic_id=1)]
    await commit(archive, forum, rows, topics=[TopicRow(5, "News", 5)])
    await _settle(archive, forum)
    await commit(archive, forum, rows, topics=[TopicRow(5, "Old news", 4)])
    assert await archive.ledger.stale_days(forum) == []
    await commit(archive, forum, rows, topics=[TopicRow(5, "Fresh news", 9)])
    assert await archive.ledger.stale_days(forum) == [(5, 0), (5, 1)]


async def test_a_group_that_becomes_a_forum_has_its_past_in_general(
    archive: SqliteArchive, team: Chat
) -> None:
    await commit(archive, team, [row(1, date=0), row(2, date=DAY)])
    await _settle(archive, team)
    forum = await archive.add_chat(Chat(*team.key, "forum", team.title, team.username))
    assert await archive.ledger.stale_days(forum) == [(None, 0), (None, 1), (1, 0), (1, 1)]
    assert (await commit(archive, forum, [row(1, date=0, topic_id=1)])).same == 1


async def test_what_links_into_a_moved_part_can_be_marked(archive: SqliteArchive, team: Chat) -> None:
    rows = [
        row(1, date=0),
        row(2, date=DAY),
        row(8, date=8 * DAY, reply_to_id=1),
        row(9, date=9 * DAY, reply_to_id=2),
    ]
    await commit(archive, team, rows)
    await _settle(archive, team)
    await archive.ledger.mark_linking(team, topic_id=None, start=DAY, end=2 * DAY)
    assert await archive.ledger.stale_days(team) == [(None, 9)]


async def test_a_min_object_never_overwrites_a_full_one(archive: SqliteArchive, team: Chat) -> None:
    await commit(archive, team, [], peers=[peer(42, "Alice Doe"), peer(42, "A", is_min=True)])
    await _settle(archive, team)
    await archive.ledger.confirm_file(_note(team, "2026-03", 42, 43))
    await commit(archive, team, [], peers=[peer(42, "A", is_min=True)])
    assert await archive.ledger.stale_partitions(team) == []
    await commit(archive, team, [], peers=[peer(43, "B", is_min=True)])
    assert await archive.ledger.stale_partitions(team) == ["2026-03"]


async def test_counts_redraw_the_chats_own_note_and_the_index(archive: SqliteArchive, team: Chat) -> None:
    async def redrawn() -> list[list[str]]:
        found = [await archive.ledger.stale_partitions(each) for each in (team, None)]
        await _settle(archive, team)
        return found

    await commit(archive, team, [row(1)], covers=Range(1, 5))
    assert await redrawn() == [[ABOUT], [INDEX]]
    await commit(archive, team, [row(1)], covers=Range(2, 5))
    assert await redrawn() == [[], []]
    await commit(archive, team, [], covers=Range(2, 6))
    assert await redrawn() == [[ABOUT], [INDEX]]
    await archive.note_asked(team, Range(1, 9))
    assert await redrawn() == [[ABOUT], [INDEX]]
    await archive.note_asked(team, Range(1, 9))
    assert await redrawn() == [[], []]


async def test_a_message_that_moves_to_a_topic_is_found_there(
    archive: SqliteArchive, reader: ArchiveReader
) -> None:
    forum = await archive.add_chat(FORUM)
    await commit(archive, forum, [row(1, date=0)])
    await _settle(archive, forum)
    result = await commit(archive, forum, [row(1, date=0, topic_id=4)])

    assert result.counted == 1
    assert reader.days(forum, topic_id=4) == reader.days(forum, topic_id=None) == {0: 1}
    assert await archive.ledger.stale_days(forum) == [(None, 0), (4, 0)]
