"""A folder whose layout is changed: the notes of the new one are drawn, what is ours of the old one goes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from e2e.stage import read_tree
from export.test_project import ABOUT_NOTE, MARCH_NOTE, fill, said
from export.workshop import Workshop, open_workshop
from tobs.core.request import LayoutName

INDEX = "Chats.md"


async def choose(workshop: Workshop, layout: LayoutName) -> None:
    """Change the folder's layout, as the next run with --layout would."""
    wanted = replace(workshop.projection, layout=layout, formats=("markdown", "jsonl"))
    workshop.projection = await workshop.archive.set_projection(wanted)


@pytest.mark.parametrize(
    ("layout", "notes"),
    [
        ("day", {"2026/Team chat 2026-03-01.md", "2026/Team chat 2026-04-01.md"}),
        ("year", {"Team chat 2026.md"}),
        ("single", {"Team chat all.md"}),
        (
            "post",
            {
                "2026/Team chat 2026-03-01 1.md",
                "2026/Team chat 2026-03-01 2.md",
                "2026/Team chat 2026-04-01 3.md",
            },
        ),
    ],
)
async def test_another_layout_leaves_nothing_of_the_one_before(
    tmp_path: Path, layout: LayoutName, notes: set[str]
) -> None:
    async with open_workshop(tmp_path) as workshop:
        await choose(workshop, "month")
        await fill(workshop, said(1, 0), said(2, 0), said(3, 31, reply_to=2))
        await workshop.draw()
        months = read_tree(tmp_path)
        await choose(workshop, layout)
        report = await workshop.draw()
        shared = {INDEX, ABOUT_NOTE, "Team chat/messages.jsonl"}
        assert set(read_tree(tmp_path)) == shared | {f"Team chat/{each}" for each in notes}
        assert set(report.removed) == set(months) - shared
        assert (await workshop.draw()).written == []
        await choose(workshop, "month")
        await workshop.draw()
        assert read_tree(tmp_path) == months


async def test_a_note_of_the_old_layout_that_its_owner_changed_stays(tmp_path: Path) -> None:
    async with open_workshop(tmp_path) as workshop:
        await choose(workshop, "month")
        await fill(workshop, said(1, 0))
        await workshop.draw()
        note = tmp_path / MARCH_NOTE
        note.write_bytes(note.read_bytes() + b"\nMine.\n")
        await choose(workshop, "day")
        report = await workshop.draw()
        assert report.left == [MARCH_NOTE]
        assert note.read_bytes().endswith(b"\nMine.\n")


async def test_only_the_posts_that_changed_are_written_again(tmp_path: Path) -> None:
    async with open_workshop(tmp_path) as workshop:
        await choose(workshop, "post")
        await fill(workshop, said(1, 0), said(2, 0), said(4, 0, reply_to=2))
        await workshop.draw()
        await fill(workshop, said(3, 0, "between"))
        report = await workshop.draw()
        assert set(report.written) == {
            INDEX, ABOUT_NOTE, "Team chat/messages.jsonl", "Team chat/2026/Team chat 2026-03-01 3.md"
        }  # fmt: skip


async def test_a_date_of_ones_own_is_carried_over_in_every_layout_but_posts(tmp_path: Path) -> None:
    async with open_workshop(tmp_path) as workshop:
        await choose(workshop, "month")
        await fill(workshop, said(1, 0))
        await workshop.draw()
        note = tmp_path / MARCH_NOTE
        note.write_bytes(note.read_bytes().replace(b"month:", b"date: 2020-01-01\nfrom: me\nmonth:"))
        await fill(workshop, said(2, 1))
        report = await workshop.draw()
        assert MARCH_NOTE in report.written
        assert b"date: 2020-01-01\nfrom: me\n" in note.read_bytes()
