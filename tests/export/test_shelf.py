"""What downloaded files are called, in which folders they stand, and what a kill or their owner does to that."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from archive.rows import ALICE, TEAM, commit
from e2e.stage import query, read_tree
from export.media import DyingLedger, Killed, MediaFolder, open_media, photo, sent, sha
from tobs.core.choice import MediaChoice
from tobs.core.model import Chat
from tobs.core.ports.files import FileKey
from tobs.core.ports.reader import FileState
from tobs.core.ranges import Range

NOTE = "Team chat/2026/Team chat 2026-03.md"


def key(file_id: int) -> FileKey:
    return FileKey("photo", file_id)


def at(message: str, name: str = "photo.jpg", chat: str = "Team chat/") -> str:
    """Return where a medium of the message sent that many minutes after 22:20 stands."""
    minute = 20 + int(message.removeprefix("g"))
    return f"{chat}media/2026-03/2026-03-01_22{minute:02}00_{message}_{name}"


async def test_a_medium_stands_in_its_chats_folder_and_its_note_shows_it(tmp_path: Path) -> None:
    async with open_media(tmp_path) as folder:
        wants = [photo(1, 1), photo(2, 2, name="a [1]#%.jpg", kind="document")]
        rows = [sent(1, 1), sent(2, 2)]
        rows[1] = rows[1]._replace(
            kind="document",
            content='{"media":{"kind":"document","file":{"id":2,"kind":"document","name":"a [1]#%.jpg"}}}',
        )
        await folder.commit(TEAM, rows, wants, Range(1, 2))
        await folder.draw()
        assert (tmp_path / NOTE).read_text().count("not downloaded yet") == 2
        await folder.download(key(1))
        await folder.download(FileKey("document", 2))
        await folder.draw()
        assert folder.media() == {at("1"): sha("0001"), at("2", "a 1.jpg"): sha("0002")}
        note = (tmp_path / NOTE).read_text()
        assert "![](../media/2026-03/2026-03-01_222100_1_photo.jpg)" in note
        assert "![](../media/2026-03/2026-03-01_222200_2_a%201.jpg)" in note
        assert "downloaded" not in note
        assert folder.partials() == []
        assert query(tmp_path, "SELECT DISTINCT is_fixed FROM copies") == [(1,)]
        assert query(tmp_path, "SELECT count(*) FROM unshelved") == [(0,)]
        assert (await folder.draw()).written == []


async def test_the_lowest_message_names_a_content_and_its_name_is_provisional_while_ids_are_unknown(
    tmp_path: Path,
) -> None:
    async with open_media(tmp_path) as folder:
        await folder.commit(TEAM, [sent(9, 1)], [photo(9, 1)], Range(8, 9))
        await folder.download(key(1))
        await folder.draw()
        assert list(folder.media()) == [at("9")]
        await folder.commit(TEAM, [sent(3, 1), sent(5, 1)], [photo(3, 1), photo(5, 1)], Range(1, 9))
        await folder.draw()
        assert folder.media() == {at("3"): sha("0001")}
        assert (tmp_path / NOTE).read_text().count("222300_3_photo.jpg") == 3
        assert query(tmp_path, "SELECT is_fixed, previous FROM copies") == [(1, "")]


async def test_a_name_is_fixed_once_all_that_was_asked_for_is_there(tmp_path: Path) -> None:
    async with open_media(tmp_path) as folder:
        team = await folder.workshop.archive.add_chat(TEAM)
        await folder.workshop.archive.note_asked(team, Range(8, 9))
        await commit(folder.workshop.archive, team, [sent(9, 1)], wants=[photo(9, 1)], covers=Range(8, 9))
        await folder.download(key(1))
        await folder.draw()
        await folder.commit(team, [sent(3, 1)], [photo(3, 1)], Range(1, 9))
        await folder.draw()
        assert list(folder.media()) == [at("9")]


async def test_a_file_that_is_still_to_come_may_be_the_same_content_and_keeps_the_name_provisional(
    tmp_path: Path,
) -> None:
    async with open_media(tmp_path) as folder:
        await folder.workshop.archive.media.keep_choice(MediaChoice())
        await folder.commit(
            TEAM, [sent(1, 1), sent(2, 2)], [photo(1, 1, "same"), photo(2, 2, "same")], Range(1, 2)
        )
        await folder.download(key(2), "same")
        await folder.draw()
        assert list(folder.media()) == [at("2")]
        await folder.download(key(1), "same")
        await folder.draw()
        assert folder.media() == {at("1"): sha("same")}
        assert folder.partials() == []
        assert (tmp_path / NOTE).read_text().count("222100_1_photo.jpg") == 2


async def test_a_file_that_will_not_come_does_not_keep_a_name_provisional(tmp_path: Path) -> None:
    async with open_media(tmp_path) as folder:
        await folder.workshop.archive.media.keep_choice(MediaChoice(excluded=("png",)))
        left_out = photo(1, 1, "same", name="a.png", kind="document")
        await folder.commit(TEAM, [sent(1), sent(2, 2)], [left_out, photo(2, 2, "same")], Range(1, 2))
        await folder.download(key(2), "same")
        await folder.draw()
        assert query(tmp_path, "SELECT is_fixed FROM copies") == [(1,)]


@pytest.mark.parametrize("order", list(itertools.permutations([1, 2, 3])))
async def test_files_of_one_message_have_the_same_names_in_whatever_order_they_come(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    async with open_media(tmp_path) as folder:
        wants = [photo(4, number) for number in (1, 2, 3)]
        await folder.commit(TEAM, [sent(4, 1, 2, 3)], wants, Range(1, 4))
        for number in order:
            await folder.download(key(number))
            await folder.draw()
        assert folder.media() == {
            at("4"): sha("0001"),
            at("4", "photo (2).jpg"): sha("0002"),
            at("4", "photo (3).jpg"): sha("0003"),
        }


async def test_each_chat_has_its_own_copy_and_one_that_a_person_removed_is_placed_again(
    tmp_path: Path,
) -> None:
    async with open_media(tmp_path) as folder:
        await folder.commit(TEAM, [sent(1, 1)], [photo(1, 1)], Range(1, 1))
        alice = await folder.commit(ALICE, [sent(2, 1)], [photo(2, 1)], Range(1, 2))
        await folder.download(key(1))
        await folder.draw()
        mine, hers = at("1"), at("2", chat="Alice Doe/")
        assert folder.media() == {mine: sha("0001"), hers: sha("0001")}
        assert len(folder.transfer.copied) == 1
        assert folder.workshop.reader.file_state(alice, *key(1)) == FileState("done", path=hers)
        (tmp_path / mine).unlink()
        await folder.draw()
        assert folder.media() == {mine: sha("0001"), hers: sha("0001")}


async def test_a_content_that_is_gone_everywhere_is_wanted_again_and_said_so(tmp_path: Path) -> None:
    async with open_media(tmp_path) as folder:
        team = await folder.commit(TEAM, [sent(1, 1)], [photo(1, 1)], Range(1, 1))
        await folder.download(key(1))
        await folder.draw()
        (tmp_path / at("1")).rename(tmp_path / "mine.jpg")
        await folder.draw()
        assert folder.media() == {}
        assert (tmp_path / "mine.jpg").exists()
        assert "not downloaded yet" in (tmp_path / NOTE).read_text()
        archive = folder.workshop.archive
        found = [each.key async for each in archive.media.list_wanted([team], MediaChoice(), now=1.0)]
        assert found == [key(1)]
        await folder.download(key(1))
        await folder.draw()
        assert list(folder.media()) == [at("1")]


async def test_what_its_owner_changed_stays_and_does_not_spread(tmp_path: Path) -> None:
    async with open_media(tmp_path) as folder:
        await folder.commit(TEAM, [sent(1, 1)], [photo(1, 1)], Range(1, 1))
        await folder.download(key(1))
        await folder.draw()
        (tmp_path / at("1")).write_bytes(b"cropped")
        await folder.commit(ALICE, [sent(2, 1)], [photo(2, 1)], Range(1, 2))
        await folder.draw()
        assert (tmp_path / at("1")).read_bytes() == b"cropped"
        assert list(folder.media()) == [at("1")]


@pytest.mark.parametrize("body", [b"not from tobs", b"0001" * 10])
async def test_a_file_that_is_not_ours_is_never_touched(tmp_path: Path, body: bytes) -> None:
    async with open_media(tmp_path) as folder:
        taken = tmp_path / at("1")
        taken.parent.mkdir(parents=True)
        taken.write_bytes(body)
        before = taken.stat()
        await folder.commit(TEAM, [sent(1, 1)], [photo(1, 1)], Range(1, 1))
        await folder.download(key(1))
        await folder.draw()
        assert (taken.read_bytes(), taken.stat().st_ino) == (body, before.st_ino)
        assert folder.media()[at("1", "photo (2).jpg")] == sha("0001")
        assert "222100_1_photo%20%282%29.jpg" in (tmp_path / NOTE).read_text()
        assert (await folder.draw()).written == []


async def test_media_of_a_group_are_its_supergroups_from_then_on(tmp_path: Path) -> None:
    async with open_media(tmp_path) as folder:
        old = await folder.commit(
            Chat(77, -5, "group", "Team chat"), [sent(3, 1)], [photo(3, 1)], Range(1, 3)
        )
        await folder.download(key(1))
        await folder.draw()
        head = await folder.workshop.archive.add_chat(TEAM, group=old)
        await folder.commit(head, [sent(2, 1), sent(3, 2)], [photo(2, 1), photo(3, 2)], Range(1, 3))
        await folder.download(key(2))
        await folder.draw()
        assert folder.media() == {at("3"): sha("0001"), at("3", "photo (2).jpg"): sha("0002")}
        assert (tmp_path / NOTE).read_text().count("222300_3_photo.jpg") == 2


async def test_media_of_a_group_are_named_as_its_messages_are(tmp_path: Path) -> None:
    async with open_media(tmp_path) as folder:
        group = Chat(77, -5, "group", "Team chat")
        head = await folder.workshop.archive.add_chat(TEAM, group=group)
        await folder.commit(head, [sent(2, 1), sent(3, 2)], [photo(2, 1), photo(3, 2)], Range(1, 3))
        archive = folder.workshop.archive
        await archive.note_asked(group, Range(1, 3))
        await commit(archive, group, [sent(3, 1)], wants=[photo(3, 1)], covers=Range(1, 3))
        for number in (1, 2):
            await folder.download(key(number))
        await folder.draw()
        assert folder.media() == {at("g3"): sha("0001"), at("3"): sha("0002")}
        note = (tmp_path / NOTE).read_text()
        assert note.count("222300_g3_photo.jpg") == 2


async def test_all_chats_can_share_one_folder_and_change_back(tmp_path: Path) -> None:
    async with open_media(tmp_path, layout="shared") as folder:
        await folder.commit(TEAM, [sent(2, 1)], [photo(2, 1)], Range(1, 2))
        await folder.commit(ALICE, [sent(1, 1), sent(3, 2)], [photo(1, 1), photo(3, 2)], Range(1, 3))
        for number in (1, 2):
            await folder.download(key(number))
        await folder.draw()
        shared = {at("2", chat=""): sha("0001"), at("3", chat=""): sha("0002")}
        assert folder.media() == shared
        assert folder.transfer.copied == []
        assert "![](../../media/2026-03/2026-03-01_222200_2_photo.jpg)" in (tmp_path / NOTE).read_text()
        folder.layout = "per-chat"
        await folder.draw()
        assert folder.media() == {
            at("2"): sha("0001"),
            at("1", chat="Alice Doe/"): sha("0001"),
            at("3", chat="Alice Doe/"): sha("0002"),
        }
        assert not (tmp_path / "media").exists()
        assert "![](../media/2026-03/2026-03-01_222200_2_photo.jpg)" in (tmp_path / NOTE).read_text()
        folder.layout = "shared"
        await folder.draw()
        assert folder.media() == shared
        assert (await folder.draw()).written == []


async def fill(folder: MediaFolder, part: int) -> None:
    """Bring in messages and files in two runs' worth; the second one makes names of the first better."""
    if part == 0:
        wants = [photo(7, 1), photo(8, 2), photo(8, 3)]
        await folder.commit(TEAM, [sent(7, 1), sent(8, 2, 3)], wants, Range(6, 8))
        await folder.commit(ALICE, [sent(4, 2)], [photo(4, 2)], Range(1, 4))
        numbers = [1, 2, 3]
    else:
        await folder.commit(TEAM, [sent(2, 1), sent(3, 4)], [photo(2, 1), photo(3, 4)], Range(1, 8))
        numbers = [4]
    for number in numbers:
        await folder.download(key(number))


@pytest.mark.parametrize("layout", ["per-chat", "shared"])
async def test_the_tree_is_the_same_wherever_placing_was_killed(tmp_path: Path, layout: str) -> None:
    trees = []
    for after in [*range(14), 10**6]:
        output = tmp_path / str(after)
        for part in (0, 1):
            for is_killed in (True, False):
                async with open_media(output, layout=layout) as folder:  # type: ignore[arg-type]
                    if is_killed:
                        await fill(folder, part)
                    shelf = folder.shelf()
                    if is_killed:
                        shelf._ledger = DyingLedger(shelf._ledger, after)  # type: ignore[assignment]
                    try:
                        await folder.draw(shelf)
                    except Killed:
                        continue
        trees.append(read_tree(output))
        assert not list((output / ".tobs" / "partial").iterdir()), after
    assert len(trees[0]) > 6
    assert all(each == trees[-1] for each in trees)


async def test_a_name_that_differs_only_in_case_is_taken(tmp_path: Path) -> None:
    async with open_media(tmp_path) as folder:
        names = ["A.jpg", "a.JPG"]
        wants = [photo(1, 1 + place, name=name, kind="document") for place, name in enumerate(names)]
        await folder.commit(TEAM, [sent(1)], wants, Range(1, 1))
        for each in wants:
            await folder.download(FileKey("document", each.file_id))
        await folder.draw()
        assert sorted(folder.media()) == [at("1", "A.jpg"), at("1", "a (2).jpg")]
