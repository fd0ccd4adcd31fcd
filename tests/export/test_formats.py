"""Several formats in one folder: each drawn from the same archive, each with its own files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from archive.rows import commit
from e2e.stage import read_tree
from export.test_project import ABOUT_NOTE, MARCH_NOTE, TEAM, fill, said
from export.workshop import Workshop, open_workshop
from tobs.archive.read import ArchiveReader
from tobs.core.ports.writer import Part, Rendering
from tobs.core.ranges import Range
from tobs.core.request import FormatName, Projection
from tobs.errors import Damaged
from tobs.export.place import beside_path
from tobs.writers.drawing import FormatWriter
from tobs.writers.html.format import Html
from tobs.writers.jsonl.format import Jsonl

LINES = "Team chat/messages.jsonl"


class Breaking(FormatWriter):
    """Fails at the third part."""

    def render_part(self, part: Part) -> list[Rendering]:
        if part.number == 3:
            raise Damaged("Message 3 has a content that cannot be read.")
        return super().render_part(part)


class Counting(FormatWriter):
    """Remembers which partitions it was asked for."""

    def __init__(self, format_: Html, reader: ArchiveReader, projection: Projection) -> None:
        super().__init__(format_, reader, projection)
        self.drawn: list[str] = []

    def render_part(self, part: Part) -> list[Rendering]:
        self.drawn.append(part.partition.key)
        return super().render_part(part)


async def choose(workshop: Workshop, *formats: FormatName) -> None:
    """Change the folder's formats, as the next run with --format would."""
    workshop.projection = await workshop.archive.set_projection(
        Projection("Europe/Berlin", workshop.projection.part_size, formats=formats)
    )


def read_ids(path: Path) -> list[int]:
    return [json.loads(each)["id"] for each in path.read_text().splitlines()]


async def test_each_chosen_format_has_its_files(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, part_size=3) as workshop:
        await choose(workshop, "markdown", "jsonl")
        await fill(workshop, *(said(each, each) for each in range(1, 12)))
        await workshop.draw()
        assert read_ids(tmp_path / LINES) == [*range(1, 12)]
        assert (tmp_path / MARCH_NOTE).is_file()
        assert (await workshop.draw()).written == []


async def test_only_what_changed_is_drawn_in_each_format(tmp_path: Path) -> None:
    async with open_workshop(tmp_path) as workshop:
        await choose(workshop, "markdown", "jsonl")
        await fill(workshop, said(1, 0), said(2, 31))
        await workshop.draw()
        before = read_tree(tmp_path)
        await fill(workshop, said(3, 31))
        report = await workshop.draw()
        assert set(report.written) == {
            "Chats.md", ABOUT_NOTE, MARCH_NOTE.replace("03", "04"), LINES
        }  # fmt: skip
        assert before[MARCH_NOTE] == read_tree(tmp_path)[MARCH_NOTE]


async def test_a_new_month_leaves_the_pages_of_the_others_alone(tmp_path: Path) -> None:
    async with open_workshop(tmp_path) as workshop:
        await choose(workshop, "html")
        await fill(workshop, said(1, 0), said(2, 1, reply_to=1))
        await workshop.draw()
        assert (tmp_path / "Team chat/html/page.css").is_file()
        await fill(workshop, said(3, 31, reply_to=1))
        assert set((await workshop.draw()).written) == {
            "Chats.html", "Team chat/index.html", "Team chat/html/pages.js",
            "Team chat/html/2026-04.html", "Team chat/html/2026-04.js",
        }  # fmt: skip
        assert (await workshop.draw(redraw=True)).written == []


async def test_pages_that_link_into_a_month_follow_when_its_messages_move(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, part_size=2) as workshop:
        await choose(workshop, "html")
        await fill(workshop, said(2, 0), said(3, 1), said(4, 31, reply_to=3))
        await workshop.draw()
        april = tmp_path / "Team chat/html/2026-04.html"
        assert 'href="2026-03.html#m3"' in april.read_text()
        await fill(workshop, said(1, 0))
        await workshop.draw()
        assert 'href="2026-03_2.html#m3"' in april.read_text()
        assert (await workshop.draw(redraw=True)).written == []


async def test_a_month_of_one_page_has_nothing_drawn_again_that_links_to_it(tmp_path: Path) -> None:
    async with open_workshop(tmp_path) as workshop:
        await choose(workshop, "html")
        await fill(workshop, said(1, 0), said(2, 31, reply_to=1))
        await workshop.draw()
        await fill(workshop, said(3, 1))
        counting = Counting(Html(), workshop.reader, workshop.projection)
        await workshop.projector([counting]).draw_stale()
        assert counting.drawn == ["2026-03"]


async def test_a_format_that_is_not_chosen_any_more_goes_and_what_its_owner_changed_stays(
    tmp_path: Path,
) -> None:
    async with open_workshop(tmp_path) as workshop:
        await choose(workshop, "markdown", "jsonl")
        await fill(workshop, said(1, 0), said(2, 31))
        await workshop.draw()
        note = tmp_path / MARCH_NOTE
        note.write_bytes(note.read_bytes() + b"\nMine.\n")
        await choose(workshop, "jsonl")
        report = await workshop.draw()
        assert set(read_tree(tmp_path)) == {LINES, MARCH_NOTE}
        assert report.left == [MARCH_NOTE]
        await choose(workshop, "markdown")
        report = await workshop.draw()
        assert report.removed == [LINES]
        assert (tmp_path / ABOUT_NOTE).is_file()


async def test_lines_that_their_owner_changed_stay_and_new_ones_go_beside(tmp_path: Path) -> None:
    lines, beside = tmp_path / LINES, tmp_path / beside_path(LINES)
    async with open_workshop(tmp_path, part_size=2) as workshop:
        await choose(workshop, "jsonl")
        await fill(workshop, said(1, 0), said(2, 1), said(3, 2))
        await workshop.draw()
        lines.write_text("mine")
        await fill(workshop, said(4, 3))
        report = await workshop.draw()
        assert (lines.read_text(), report.kept) == ("mine", [LINES])
        assert read_ids(beside) == [1, 2, 3, 4]
        await workshop.draw(overwrite=True)
        assert read_ids(lines) == [1, 2, 3, 4]
        assert not beside.exists()


async def test_a_file_in_the_way_is_never_touched_and_is_named(tmp_path: Path) -> None:
    (tmp_path / "Team chat").mkdir()
    (tmp_path / LINES).write_text("not yours")
    async with open_workshop(tmp_path) as workshop:
        await choose(workshop, "jsonl")
        await fill(workshop, said(1, 0))
        report = await workshop.draw()
        assert report.foreign == [LINES]
        assert (tmp_path / LINES).read_text() == "not yours"


async def test_lines_that_were_deleted_come_back(tmp_path: Path) -> None:
    async with open_workshop(tmp_path) as workshop:
        await choose(workshop, "jsonl")
        await fill(workshop, said(1, 0))
        await workshop.draw()
        body = (tmp_path / LINES).read_bytes()
        (tmp_path / LINES).unlink()
        assert (await workshop.draw()).written == [LINES]
        assert (tmp_path / LINES).read_bytes() == body


async def test_nothing_half_written_stays_when_a_part_cannot_be_drawn(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, part_size=1) as workshop:
        await choose(workshop, "jsonl")
        await fill(workshop, *(said(each, each) for each in range(1, 30)))
        breaking = Breaking(Jsonl(), workshop.reader, workshop.projection)
        with pytest.raises(Damaged, match="cannot be read"):
            await workshop.projector([breaking]).draw_stale()
        assert not any((tmp_path / ".tobs" / "partial").iterdir())
        assert not (tmp_path / LINES).exists()
        await workshop.draw()
        assert read_ids(tmp_path / LINES) == [*range(1, 30)]


async def test_a_new_name_is_told_in_every_format(tmp_path: Path) -> None:
    async with open_workshop(tmp_path) as workshop:
        await choose(workshop, "markdown", "jsonl")
        await fill(workshop, said(1, 0, sender=43))
        await workshop.draw()
        report = await workshop.draw(redraw=True)
        assert report.written == []
        assert '"sender":"Bob"' in (tmp_path / LINES).read_text()


@pytest.mark.parametrize("title", ["Chats.md", "chats.html", "tobs-assets", "Chats (new).html"])
async def test_a_chat_that_is_called_like_a_file_of_ours_takes_nothing_from_it(
    tmp_path: Path, title: str
) -> None:
    async with open_workshop(tmp_path) as workshop:
        await choose(workshop, "markdown", "html")
        named = replace(TEAM, title=title)
        chat = await workshop.archive.add_chat(named)
        await commit(workshop.archive, chat, [said(1, 0)], covers=Range(1, 1), peers=[])
        report = await workshop.draw()
        assert report.foreign == []
        assert (tmp_path / "Chats.md").is_file()
        assert (tmp_path / "Chats.html").is_file()
        assert (tmp_path / chat.basename / f"{chat.basename}.md").is_file()
