"""Which notes are drawn while a chat is still being fetched, and which of them once more."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from archive.rows import commit, peer
from e2e.stage import read_tree
from export.test_project import MARCH, TEAM, said
from export.workshop import Workshop, open_workshop
from tobs.core.model import Chat, MessageRow, WantRow
from tobs.core.ports.writer import Part, Rendering
from tobs.core.ranges import Range
from tobs.errors import DiskFull
from tobs.export.project import Projector
from tobs.writers.drawing import FormatWriter
from tobs.writers.markdown.format import Markdown

TOP = 90
PHOTO = WantRow(90, "photo", 9, "photo", 1, "image/jpeg", "")


class Watched(FormatWriter):
    """Counts how often each partition is drawn, and finds the disk full for as long as `is_full`."""

    is_full = False

    def __init__(self, workshop: Workshop) -> None:
        super().__init__(Markdown(), workshop.reader, workshop.projection)
        self.drawn: Counter[str] = Counter()

    def render_part(self, part: Part) -> list[Rendering]:
        if self.is_full:
            raise DiskFull("The disk is full.")
        self.drawn[part.partition.key] += 1
        return super().render_part(part)


class Fetching:
    """A chat that comes page by page, the newest first."""

    def __init__(self, workshop: Workshop, chat: Chat) -> None:
        self.writer = Watched(workshop)
        self.projector: Projector = workshop.projector([self.writer])
        self.committed = asyncio.Event()
        self._workshop = workshop
        self._chat = chat

    @property
    def drawn(self) -> dict[str, int]:
        """How often each note was drawn."""
        return dict(self.writer.drawn)

    async def store(self, *rows: MessageRow, low: int, wants: tuple[WantRow, ...] = ()) -> None:
        """Store what a page listed from `low` up to the top."""
        people = [peer(42, "Alice Doe"), peer(43, "Bob")]
        await commit(
            self._workshop.archive, self._chat, rows, covers=Range(low, TOP), peers=people, wants=[*wants]
        )

    @asynccontextmanager
    async def fetching(self, *, awaits_files: bool = False) -> AsyncIterator[None]:
        """Draw what is settled by the end of the block, as after its twentieth page."""
        async with self.projector.following(self._chat, self.committed, awaits_files=awaits_files):
            yield
            for _ in range(20):
                self.committed.set()
                await asyncio.sleep(0)

    async def draw(self) -> list[str]:
        """Draw the whole chat, and return all that was written."""
        return (await self.projector.draw_stale()).written


@asynccontextmanager
async def fetched(output: Path, chat: Chat = TEAM, zone: str = "Europe/Berlin") -> AsyncIterator[Fetching]:
    """Open a folder to which a chat comes."""
    async with open_workshop(output, zone=zone) as workshop:
        stored = await workshop.archive.add_chat(chat)
        await workshop.archive.note_whole(stored, TOP)
        yield Fetching(workshop, stored)


async def test_a_month_is_drawn_once_and_as_soon_as_the_month_before_has_begun_to_come(
    tmp_path: Path,
) -> None:
    async with fetched(tmp_path / "beside") as chat:
        async with chat.fetching():
            await chat.store(said(90, 80), said(80, 40), said(70, 20), low=70)
        assert chat.drawn == {"2026-05": 1, "2026-04": 1}
        await chat.store(said(60, 1), low=1)
        assert len(await chat.draw()) == 5
        assert chat.drawn == {"2026-05": 1, "2026-04": 1, "2026-03": 1}
    async with fetched(tmp_path / "at-once") as chat:
        await chat.store(said(90, 80), said(80, 40), said(70, 20), said(60, 1), low=1)
        await chat.draw()
    assert read_tree(tmp_path / "beside") == read_tree(tmp_path / "at-once")


async def test_nothing_is_drawn_below_a_page_that_is_missing(tmp_path: Path) -> None:
    async with fetched(tmp_path) as chat:
        async with chat.fetching():
            await chat.store(said(90, 80), low=90)
            await commit(chat._workshop.archive, chat._chat, [said(70, 40), said(60, 1)], covers=Range(1, 70))
        assert chat.drawn == {}


async def test_a_month_waits_until_the_months_that_it_answers_are_whole(tmp_path: Path) -> None:
    answer = said(90, 80, reply_to=70)
    async with fetched(tmp_path) as chat:
        async with chat.fetching():
            await chat.store(answer, said(80, 40), low=75)
        assert chat.drawn == {}  # April has but begun, and what May answers has not come
        async with chat.fetching():
            await chat.store(said(70, 35), low=65)
        assert chat.drawn == {}  # April is not whole: the link into it may still name another part
        async with chat.fetching():
            await chat.store(said(60, 1), low=60)
        assert chat.drawn == {"2026-05": 1, "2026-04": 1}
        await chat.draw()
        assert chat.drawn == {"2026-05": 1, "2026-04": 1, "2026-03": 1}


async def test_an_answer_to_what_is_gone_waits_for_nothing_but_its_place(tmp_path: Path) -> None:
    async with fetched(tmp_path) as chat:
        async with chat.fetching():
            await chat.store(said(90, 80, reply_to=76), said(80, 40), low=75)
        assert chat.drawn == {"2026-05": 1}


@pytest.mark.parametrize(("awaits_files", "drawn"), [(True, {}), (False, {"2026-05": 1})])
async def test_a_month_with_files_waits_for_them_if_they_are_to_come(
    awaits_files: bool, drawn: dict[str, int], tmp_path: Path
) -> None:
    async with fetched(tmp_path) as chat:
        async with chat.fetching(awaits_files=awaits_files):
            await chat.store(said(90, 80), said(80, 40), low=75, wants=(PHOTO,))
        assert chat.drawn == drawn


async def test_what_changes_behind_the_drawing_is_drawn_again_and_nothing_else(tmp_path: Path) -> None:
    async with fetched(tmp_path) as chat:
        async with chat.fetching():
            await chat.store(said(90, 80), said(80, 40), said(70, 1), low=70)
        await chat.store(said(80, 40)._replace(text="edited", edit_date=MARCH), low=70)
        written = await chat.draw()
        assert chat.drawn == {"2026-05": 1, "2026-04": 2, "2026-03": 1}
        assert "edited" in (tmp_path / "Team chat/2026/Team chat 2026-04.md").read_text()
        assert len(written) == len(set(written)) == 5


async def test_a_name_that_changes_behind_the_drawing_is_drawn_again(tmp_path: Path) -> None:
    async with fetched(tmp_path) as chat:
        async with chat.fetching():
            await chat.store(said(90, 80), said(80, 40, sender=43), low=75)
        renamed = [peer(42, "Alice Miller")]
        await commit(chat._workshop.archive, chat._chat, [said(70, 1)], covers=Range(1, 74), peers=renamed)
        await chat.draw()
        assert chat.drawn == {"2026-05": 2, "2026-04": 1, "2026-03": 1}
        assert "Alice Miller" in (tmp_path / "Team chat/2026/Team chat 2026-05.md").read_text()


async def test_a_day_that_two_months_share_draws_neither_of_them_twice(tmp_path: Path) -> None:
    eve = said(80, 30)._replace(date=MARCH + 30 * 86_400 + 11 * 3_600)  # 23 h in UTC, past midnight in Berlin
    async with fetched(tmp_path) as chat:
        async with chat.fetching():
            await chat.store(said(90, 60), eve, said(79, 30), low=79)
        async with chat.fetching():
            await chat.store(said(70, 30)._replace(date=MARCH + 30 * 86_400 - 7_200), said(60, 28), low=60)
        await chat.draw()
        assert chat.drawn == {"2026-04": 1, "2026-03": 1}


@pytest.mark.parametrize(
    "chat", [replace(TEAM, kind="forum"), replace(TEAM, kind="channel", discussion_id=-1000000000009)]
)
async def test_a_chat_whose_notes_depend_on_more_than_its_messages_is_drawn_as_a_whole(
    chat: Chat, tmp_path: Path
) -> None:
    async with fetched(tmp_path, chat) as fetching:
        async with fetching.fetching():
            await fetching.store(said(90, 80), said(80, 40), low=75)
        assert fetching.drawn == {}


async def test_a_note_that_was_deleted_meanwhile_is_drawn_again(tmp_path: Path) -> None:
    note = tmp_path / "Team chat/2026/Team chat 2026-05.md"
    async with fetched(tmp_path) as chat:
        async with chat.fetching():
            await chat.store(said(90, 80), said(80, 40), low=75)
        note.unlink()
        await chat.draw()
        assert chat.drawn == {"2026-05": 2, "2026-04": 1}
        assert note.exists()


async def test_a_full_disk_is_told_by_the_drawing_of_the_whole(tmp_path: Path) -> None:
    async with fetched(tmp_path) as chat:
        chat.writer.is_full = True
        async with chat.fetching():
            await chat.store(said(90, 80), said(80, 40), low=75)
        with pytest.raises(DiskFull):
            await chat.draw()
        chat.writer.is_full = False
        await chat.draw()
        assert chat.drawn == {"2026-05": 1, "2026-04": 1}


async def test_an_error_of_the_fetching_comes_out_as_it_is_behind_what_was_begun(tmp_path: Path) -> None:
    async def fail(chat: Fetching) -> None:
        async with chat.fetching():
            await chat.store(said(90, 80), said(80, 40), low=75)
            for _ in range(20):
                chat.committed.set()
                await asyncio.sleep(0)
            raise DiskFull("The disk is full while fetching.")

    async with fetched(tmp_path) as chat:
        with pytest.raises(DiskFull, match="while fetching"):
            await fail(chat)
        assert chat.drawn == {"2026-05": 1}
        assert len(asyncio.all_tasks()) == 1
