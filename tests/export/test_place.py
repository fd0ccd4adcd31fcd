"""Whose a file is, what stands beside it, and what an owner may put in the way."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from archive.rows import commit, peer, row
from e2e.stage import read_tree
from export.workshop import Workshop, open_workshop
from tobs.core.model import Chat, MessageRow
from tobs.core.ports.ledger import Placed
from tobs.core.ranges import Range
from tobs.export.place import Seen, Standing, beside_path, look_at
from tobs.writers.registry import make_writer

DAY = 86_400
MARCH = 1_772_400_000  # 2026-03-01, about noon in Berlin
TEAM = Chat(0, -1000000000005, "supergroup", "Team chat", "team")
YEAR = "Team chat/2026"
NOTE = f"{YEAR}/Team chat 2026-03.md"
BESIDE = f"{YEAR}/Team chat 2026-03 (new).md"
TWICE_BESIDE = f"{YEAR}/Team chat 2026-03 (new) (new).md"
SECOND = f"{YEAR}/Team chat 2026-03 (2).md"


def said(number: int, text: str = "hello") -> MessageRow:
    """Return a message of March, one a minute."""
    return row(number, text, date=MARCH + number * 60, sender_id=42)


async def fill(workshop: Workshop, *rows: MessageRow) -> None:
    chat = await workshop.archive.add_chat(TEAM)
    ids = [each.id for each in rows]
    await commit(
        workshop.archive, chat, rows, covers=Range(min(ids), max(ids)), peers=[peer(42, "Alice Doe")]
    )


def scribble(path: Path, text: str = "My own words.") -> bytes:
    """Let the owner write something below a note, and return what it is then."""
    path.write_bytes(path.read_bytes() + f"\n{text}\n".encode())
    return path.read_bytes()


@pytest.mark.parametrize(
    ("path", "beside"),
    [
        ("a.md", "a (new).md"),
        ("Team chat/2026/Team chat 2026-03.md", "Team chat/2026/Team chat 2026-03 (new).md"),
        ("v1.2/v1.2 2026.md", "v1.2/v1.2 2026 (new).md"),
        ("no ending", "no ending (new)"),
    ],
)
def test_the_name_beside_is_the_name_and_a_word(path: str, beside: str) -> None:
    assert beside_path(path) == beside


async def test_a_file_is_ours_by_either_of_its_two_hashes(tmp_path: Path) -> None:
    async with open_workshop(tmp_path / "out") as workshop:
        writer = make_writer("markdown", workshop.reader, workshop.projection)
    path = tmp_path / "note.md"
    hash_ = writer.fingerprint(b"drawn")
    placed = [
        Placed("note.md", "markdown", 0, 5, "p", on_disk=one, pending=other, peers=frozenset())
        for one, other in ((hash_, ""), ("", hash_), (hash_, hash_), ("", ""))
    ]
    assert look_at(path, placed[0], writer) == Seen(Standing.ABSENT)
    path.write_bytes(b"drawn")
    found = [look_at(path, each, writer)[0] for each in (*placed, None)]
    assert found == [Standing.OURS, Standing.OURS, Standing.OURS, Standing.OWNED, Standing.FOREIGN]


async def test_an_owner_who_changed_the_note_and_the_one_beside_loses_neither_nor_the_news(
    tmp_path: Path,
) -> None:
    async with open_workshop(tmp_path) as workshop:
        await fill(workshop, said(1))
        await workshop.draw()
        mine = scribble(tmp_path / NOTE)
        await fill(workshop, said(2, "news"))
        await workshop.draw()
        mine_too = scribble(tmp_path / BESIDE, "More of my own.")
        await fill(workshop, said(3, "the latest"))
        report = await workshop.draw()
        assert (tmp_path / NOTE).read_bytes() == mine
        assert (tmp_path / BESIDE).read_bytes() == mine_too
        assert report.kept == [NOTE, BESIDE]
        assert report.removed == []
        assert b"the latest" in (tmp_path / TWICE_BESIDE).read_bytes()
        await fill(workshop, said(4, "even later"))
        await workshop.draw()
        assert b"even later" in (tmp_path / TWICE_BESIDE).read_bytes()


async def test_all_that_stands_beside_goes_when_the_owner_gives_the_note_back(tmp_path: Path) -> None:
    async with open_workshop(tmp_path) as workshop:
        await fill(workshop, said(1))
        await workshop.draw()
        scribble(tmp_path / NOTE)
        await fill(workshop, said(2))
        await workshop.draw()
        scribble(tmp_path / BESIDE)
        await fill(workshop, said(3))
        await workshop.draw()
        (tmp_path / NOTE).unlink()
        report = await workshop.draw()
        # What the owner changed beside stays, what is ours beside is of no more use.
        assert report.removed == [TWICE_BESIDE]
        assert (report.kept, report.left) == ([], [BESIDE])
        assert (tmp_path / NOTE).is_file()


async def test_a_file_where_a_folder_of_notes_goes_is_named_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "Team chat").mkdir()
    (tmp_path / YEAR).write_text("mine: not a folder")
    async with open_workshop(tmp_path) as workshop:
        await fill(workshop, said(1))
        for _ in range(2):
            report = await workshop.draw(redraw=True)
            assert report.foreign == [NOTE]
        assert (tmp_path / YEAR).read_text() == "mine: not a folder"
        assert (tmp_path / "Team chat" / "Team chat.md").is_file()
        (tmp_path / YEAR).unlink()
        assert NOTE in (await workshop.draw(redraw=True)).written


async def test_a_folder_of_notes_that_became_a_file_is_named_and_left_alone(tmp_path: Path) -> None:
    async with open_workshop(tmp_path) as workshop:
        await fill(workshop, said(1))
        await workshop.draw()
        (tmp_path / NOTE).unlink()
        (tmp_path / YEAR).rmdir()
        (tmp_path / YEAR).write_text("mine now")
        await fill(workshop, said(2))
        assert (await workshop.draw()).foreign == [NOTE]
        assert (tmp_path / YEAR).read_text() == "mine now"


async def test_a_link_that_stands_for_a_note_is_never_written_through(tmp_path: Path) -> None:
    vault, elsewhere = tmp_path / "vault", tmp_path / "elsewhere.md"
    async with open_workshop(vault) as workshop:
        await fill(workshop, said(1))
        await workshop.draw()
        (vault / NOTE).rename(elsewhere)
        before = elsewhere.read_bytes()
        (vault / NOTE).symlink_to(elsewhere)
        await fill(workshop, said(2, "news"))
        await workshop.draw()
        assert elsewhere.read_bytes() == before
        assert b"news" in (vault / NOTE).read_bytes()


async def test_a_link_to_nowhere_is_a_missing_note(tmp_path: Path) -> None:
    async with open_workshop(tmp_path) as workshop:
        await fill(workshop, said(1))
        await workshop.draw()
        drawn = (tmp_path / NOTE).read_bytes()
        (tmp_path / NOTE).unlink()
        (tmp_path / NOTE).symlink_to("nowhere")
        assert (await workshop.draw()).written == [NOTE]
        assert (tmp_path / NOTE).read_bytes() == drawn


async def test_a_part_that_is_no_longer_needed_goes_unless_its_owner_wrote_into_it(tmp_path: Path) -> None:
    for name, touch in (("plain", False), ("owned", True)):
        root = tmp_path / name
        async with open_workshop(root, part_size=2) as workshop:
            await fill(workshop, said(1), said(2), said(3))
            await workshop.draw()
            assert (root / SECOND).is_file()
            if touch:
                scribble(root / SECOND)
        # A reader of the same folder with larger parts needs one note only.
        async with open_workshop(root) as workshop:
            workshop.projection = type(workshop.projection)(workshop.projection.zone, 4000)
            report = await workshop.draw(redraw=True)
            assert (root / SECOND).is_file() is touch
            assert (report.removed, report.left) == (([], [SECOND]) if touch else ([SECOND], []))


async def test_a_note_with_the_same_bytes_is_not_written_again(tmp_path: Path) -> None:
    async with open_workshop(tmp_path) as workshop:
        await fill(workshop, said(1))
        await workshop.draw()
        before = (tmp_path / NOTE).stat()
        await workshop.draw(redraw=True)
        after = (tmp_path / NOTE).stat()
        assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


async def test_two_folders_filled_in_another_order_have_the_same_bytes(tmp_path: Path) -> None:
    rows = [said(number, f"message {number}") for number in range(1, 7)]
    for name, order in (("up", rows), ("down", rows[::-1])):
        async with open_workshop(tmp_path / name, part_size=2) as workshop:
            for each in order:
                await fill(workshop, each)
                await workshop.draw()
    assert read_tree(tmp_path / "up") == read_tree(tmp_path / "down")


async def test_a_drawing_that_is_cancelled_anywhere_is_finished_by_the_next(tmp_path: Path) -> None:
    rows = [said(number) for number in range(1, 6)]
    async with open_workshop(tmp_path / "whole", part_size=2) as workshop:
        await fill(workshop, *rows)
        await workshop.draw()
    async with open_workshop(tmp_path / "cut", part_size=2) as workshop:
        await fill(workshop, *rows)
        for turns in (1, 3, 8, 20):
            drawing = asyncio.ensure_future(workshop.draw())
            for _ in range(turns):
                await asyncio.sleep(0)
            drawing.cancel()
            await asyncio.wait([drawing])
        await workshop.draw()
    assert read_tree(tmp_path / "cut") == read_tree(tmp_path / "whole")
    assert list((tmp_path / "cut" / ".tobs" / "partial").iterdir()) == []
