"""What is known of files: which are wanted, what became of them, and what notes say of those that are not here."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from archive.conftest import Query
from archive.rows import ALICE, TEAM, commit, peer, row
from tobs.archive.read import ArchiveReader
from tobs.archive.store import SqliteArchive
from tobs.core.choice import MediaChoice
from tobs.core.model import Chat, Decoded, WantRow
from tobs.core.ports.files import FileKey
from tobs.core.ports.media import StoredContent, WantedFile
from tobs.core.ports.reader import FileState
from tobs.core.ports.source import RawPage
from tobs.core.ranges import Range
from tobs.core.report import MediaTally

DAY = 86_400
SHA = "a" * 64


def want(
    message_id: int, file_id: int, media_kind: str = "photo", size: int = 100, name: str = ""
) -> WantRow:
    return WantRow(
        message_id, "photo" if media_kind == "photo" else "document", file_id, media_kind, size, "", name
    )


async def add(archive: SqliteArchive, chat: Chat, *wants: WantRow) -> None:
    await commit(archive, chat, [row(each.message_id) for each in wants], wants=list(wants))


async def wanted(
    archive: SqliteArchive, *chats: Chat, choice: MediaChoice | None = None, now: float = 1.0
) -> list[WantedFile]:
    return await collect(archive.media.list_wanted(chats, choice or MediaChoice(), now=now))


async def collect(found: AsyncIterator[WantedFile]) -> list[WantedFile]:
    return [each async for each in found]


def ids(found: list[WantedFile]) -> list[int]:
    return [each.key.id for each in found]


async def clear(archive: SqliteArchive, chat: Chat) -> None:
    await archive.ledger.clear_stale(chat, await archive.ledger.stale_days(chat))


async def test_only_what_is_chosen_is_wanted_and_changing_ones_mind_asks_for_the_rest(
    archive: SqliteArchive, team: Chat
) -> None:
    await add(
        archive,
        team,
        want(1, 1),
        want(2, 2, "video", 90),
        want(3, 3, "document", 500, "a.PDF"),
        want(4, 4, "voice"),
    )
    assert ids(await wanted(archive, team)) == [4, 3, 2, 1]
    assert ids(await wanted(archive, team, choice=MediaChoice(("photo", "document")))) == [3, 1]
    assert ids(await wanted(archive, team, choice=MediaChoice(max_bytes=100))) == [4, 2, 1]
    assert ids(await wanted(archive, team, choice=MediaChoice(included=("pdf", "ogg")))) == [4, 3]
    await archive.media.note_done(FileKey("document", 3), SHA, 500, "size")
    assert ids(await wanted(archive, team)) == [4, 2, 1]


async def test_what_is_left_out_by_choice_is_said_so_as_long_as_the_choice_stands(
    archive: SqliteArchive, team: Chat, reader: ArchiveReader
) -> None:
    await add(archive, team, want(1, 1), want(20, 2, "video", 5_000_000))
    await clear(archive, team)
    assert reader.file_state(team, "document", 2) == FileState("wanted")
    await archive.media.keep_choice(MediaChoice(("video",), max_bytes=1_000_000))
    assert reader.file_state(team, "photo", 1) == FileState("skipped", "not selected")
    assert reader.file_state(team, "document", 2) == FileState(
        "skipped", "too large for your limit of 1.0 MB"
    )
    assert [day for _, day in await archive.ledger.stale_days(team)] == [0, 2]
    assert await archive.media.tally([team]) == MediaTally(not_selected=1, too_large=1)
    await clear(archive, team)
    await archive.media.keep_choice(MediaChoice(("video",), max_bytes=1_000_000))
    assert await archive.ledger.stale_days(team) == []
    await archive.media.keep_choice(MediaChoice())
    assert reader.file_state(team, "photo", 1) == FileState("wanted")


async def test_a_file_is_chosen_by_any_of_the_kinds_that_it_was_sent_as(
    archive: SqliteArchive, team: Chat, reader: ArchiveReader
) -> None:
    await add(archive, team, want(1, 2, "document"), want(2, 2, "video"))
    await archive.media.keep_choice(MediaChoice(("photo", "video")))
    assert reader.file_state(team, "document", 2) == FileState("wanted")
    await archive.media.keep_choice(MediaChoice(("photo", "voice")))
    assert reader.file_state(team, "document", 2) == FileState("skipped", "not selected")
    await archive.media.keep_choice(MediaChoice(()))
    assert reader.file_state(team, "document", 2) == FileState("skipped", "not selected")


async def test_a_file_names_the_messages_from_which_it_can_be_asked_for(
    archive: SqliteArchive, team: Chat
) -> None:
    alice = await archive.add_chat(ALICE)
    sealed = row(7, content='{"is_protected":true}')
    await commit(archive, team, [row(5), row(6)], wants=[want(5, 1), want(6, 1)])
    await commit(archive, team, [sealed], wants=[want(7, 1)])
    await commit(archive, alice, [row(9)], wants=[want(9, 1)])
    [found] = await wanted(archive, team, alice)
    assert [(each.chat.title, each.message_id) for each in found.origins] == [
        ("Alice Doe", 9), ("Team chat", 6), ("Team chat", 5)
    ]  # fmt: skip
    [found] = await wanted(archive, team)
    assert [each.message_id for each in found.origins] == [6, 5]
    page = RawPage(team, Range(6, 6), b"x", 220, 9.0)
    await archive.commit_lookup(page, Decoded([], [], [], [], None, None, None, 1, empty=[6]))
    [found] = await wanted(archive, team)
    assert [each.message_id for each in found.origins] == [5]
    await archive.commit_lookup(
        RawPage(team, Range(5, 5), b"x", 220, 9.0), Decoded([], [], [], [], None, None, None, 1, empty=[5])
    )
    await archive.commit_lookup(
        RawPage(team, Range(7, 7), b"x", 220, 9.0), Decoded([], [], [], [], None, None, None, 1, empty=[7])
    )
    [found] = await wanted(archive, team)
    assert found.origins == ()


async def test_a_file_that_only_other_chats_let_be_saved_waits_for_their_turn(
    archive: SqliteArchive, team: Chat
) -> None:
    alice = await archive.add_chat(ALICE)
    await commit(archive, alice, [row(9)], wants=[want(9, 1)])
    await commit(archive, team, [row(5)], wants=[want(5, 1)])
    await commit(archive, team, [row(8)], peers=[peer(team.id, "Team chat", is_protected=True)])
    assert await wanted(archive, team) == []
    assert await archive.media.tally([team]) == MediaTally(withheld=1)
    [found] = await wanted(archive, alice)
    assert [each.message_id for each in found.origins] == [9]
    assert await archive.media.tally([alice]) == MediaTally(wanted=1)
    assert ids(await wanted(archive, team, alice)) == [1]


async def test_a_group_that_became_a_supergroup_wants_its_files_too(archive: SqliteArchive) -> None:
    group = Chat(77, -5, "group", "Team chat")
    head = await archive.add_chat(TEAM, group=group)
    await add(archive, group, want(1, 1))
    [found] = await wanted(archive, head)
    assert found.origins[0].chat.id == -5


async def test_what_failed_is_tried_again_by_the_next_run_and_what_will_not_come_ever_more_seldom(
    archive: SqliteArchive, team: Chat, reader: ArchiveReader
) -> None:
    await add(archive, team, want(1, 1), want(2, 2))
    await clear(archive, team)
    passing, lasting = FileKey("photo", 1), FileKey("photo", 2)
    await archive.media.note_failed(passing, "the connection broke", at=10.0)
    await archive.media.note_failed(lasting, "Telegram has it no more", at=10.0, is_lasting=True)
    assert reader.file_state(team, *lasting) == FileState("failed", "Telegram has it no more")
    assert await archive.ledger.stale_days(team) == [(None, 0)]
    assert await archive.media.tally([team]) == MediaTally(
        failed={"the connection broke": 1, "Telegram has it no more": 1}
    )
    assert ids(await wanted(archive, team, now=5.0)) == []
    assert ids(await wanted(archive, team, now=11.0)) == [1]
    assert ids(await wanted(archive, team, now=11.0 + DAY)) == [2, 1]
    await clear(archive, team)
    await archive.media.note_failed(lasting, "Telegram has it no more", at=20.0 + DAY, is_lasting=True)
    assert await archive.ledger.stale_days(team) == []
    assert ids(await wanted(archive, team, now=19.0 + 3 * DAY)) == [1]
    [again, _] = await wanted(archive, team, now=20.0 + 3 * DAY)
    assert (again.key, again.tries) == (lasting, 2)
    await archive.media.note_done(lasting, SHA, 100, "hashes")
    assert await archive.media.tally([team]) == MediaTally(
        done=1, done_bytes=100, failed={"the connection broke": 1}
    )


async def test_a_file_that_telegram_does_not_let_be_saved_is_withheld_and_never_asked_for(
    archive: SqliteArchive, team: Chat, reader: ArchiveReader
) -> None:
    await add(archive, team, want(1, 1))
    await clear(archive, team)
    await archive.ledger.clear_partitions(team, await archive.ledger.stale_partitions(team))
    await archive.media.note_withheld(FileKey("photo", 1))
    assert reader.file_state(team, "photo", 1) == FileState("withheld", "withheld by Telegram")
    assert await wanted(archive, team) == []
    assert (await archive.media.tally([team])).withheld == 1
    assert (await archive.media.tally([team])).is_complete
    assert await archive.ledger.stale_partitions(team) == ["about"]


async def test_a_page_of_files_that_are_not_chosen_does_not_end_the_list(
    archive: SqliteArchive, team: Chat
) -> None:
    many = [want(number, number, "video") for number in range(1, 1101)]
    await add(archive, team, *many, want(2000, 5000))
    assert ids(await wanted(archive, team, choice=MediaChoice(("photo",)))) == [5000]
    assert len(await wanted(archive, team)) == 1101


async def test_contents_of_one_size_are_found_for_whoever_compares_hashes(
    archive: SqliteArchive, team: Chat
) -> None:
    await add(archive, team, want(1, 1), want(2, 2), want(3, 3))
    key = FileKey("photo", 2)
    await archive.media.note_done(key, SHA, 100, "size")
    assert await archive.media.find_same(100) == [StoredContent(SHA, "", (key,))]
    assert await archive.media.find_same(99) == []


async def test_partial_files_are_needed_until_their_bytes_stand_somewhere(
    archive: SqliteArchive, team: Chat, query: Query
) -> None:
    await add(archive, team, want(1, 1), want(2, 2), want(3, 3))
    keys = [FileKey("photo", number) for number in (1, 2, 3, 4)]
    await archive.media.note_done(keys[1], SHA, 100, "size")
    await archive.media.note_withheld(keys[2])
    assert await archive.media.find_needed(keys) == {keys[0], keys[1]}
    [unshelved] = await archive.shelf.list_unshelved(team, is_shared=False)
    assert unshelved.keys == [keys[1]]


@pytest.mark.parametrize("later", [1, 2])
async def test_an_album_is_drawn_anew_where_its_first_message_stands(
    archive: SqliteArchive, team: Chat, later: int
) -> None:
    rows = [row(19, album_id=7), row(21, album_id=7)]
    await commit(archive, team, rows, wants=[want(19, 1), want(21, 2)])
    await clear(archive, team)
    await archive.media.note_failed(FileKey("photo", later), "broken", at=1.0)
    assert await archive.ledger.stale_days(team) == [(None, 1), (None, 2)]
