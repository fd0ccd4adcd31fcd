"""Saved Messages, sorted into lists by where they came from."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from telethon import functions
from telethon.tl import types

from e2e.changes import rename, serving_instead
from e2e.stage import open_stage, query, read_tree
from e2e.test_comments import read_notes
from e2e.test_crash import kill_at_answer
from tobs.simulator.corpus import people
from tobs.simulator.corpus.tree import AUTHOR_HIDDEN
from tobs.simulator.faults import FaultScript, StrangeTypes
from tobs.simulator.marks import marked_of
from tobs.simulator.world import WORLDS, World

ME = people.OWNER
LISTS = "messages.getSavedDialogs"


@pytest.fixture
def tree() -> World:
    return WORLDS["tree"](1, 0)


def home_of(world: World, number: int) -> int:
    return marked_of(world.message(ME, number).saved_peer_id)


async def test_saved_messages_lie_in_lists_and_each_in_one_note(tree: World, tmp_path: Path) -> None:
    output = tmp_path / "out"
    async with open_stage(tree, tmp_path) as stage:
        report = await stage.export("me", output=output)
        assert report.exit_code == 0
        assert report.requests[LISTS] == 1
        stored = dict(query(output, "SELECT id, topic_id FROM messages"))
        assert stored == {each: home_of(tree, each) for each in tree.ids(ME)}
        root = output / "Saved Messages"
        assert sorted(each.name for each in root.iterdir()) == ["2026", "Saved Messages.md", "lists"]
        assert len([*(root / "lists").iterdir()]) == 5
        blocks = Counter(
            line.rpartition(" ^m")[2]
            for text in read_notes(root).values()
            for line in text.splitlines()
            if " ^m" in line
        )
        assert blocks == Counter(str(each) for each in tree.ids(ME))
        own = "".join(each.read_text() for each in (root / "2026").iterdir())
        assert all((f" ^m{each}\n" in own) == (home == ME) for each, home in stored.items())
        assert "list: Author Hidden\nlist_id: 2666000\n" in next(
            each.read_text() for each in (root / "lists" / "Author Hidden").iterdir()
        )
        done = await stage.tobs("verify", "-o", str(output))
        assert done.code == 0, done.out
        again = await stage.export("me", output=output)
        assert again.requests == {"help.getConfig": 1, "updates.getDifference": 1, "messages.getHistory": 1}
        assert not again.render.written


async def test_lists_are_paged_to_the_end(tree: World, tmp_path: Path) -> None:
    def cut(_context: Any, request: Any, answer: Any) -> Any:
        request.limit = 2
        return answer()

    async with open_stage(tree, tmp_path) as stage:
        with serving_instead(functions.messages.GetSavedDialogsRequest, cut):
            report = await stage.export("me", output=tmp_path / "out")
        assert report.requests[LISTS] == 3
        rows = query(tmp_path / "out", "SELECT id, title FROM topics WHERE as_of > 0")
        assert {number for number, _ in rows} == {home_of(tree, each) for each in tree.ids(ME)}
        assert all(title for _, title in rows)


async def test_lists_have_their_names_whatever_their_newest_messages_are(tree: World, tmp_path: Path) -> None:
    strange = StrangeTypes(parts={*tree.ids(ME)}, methods=(LISTS,))
    async with open_stage(tree, tmp_path, faults=FaultScript([strange])) as stage:
        report = await stage.export("me", output=tmp_path / "out")
        assert (report.exit_code, report.requests[LISTS]) == (0, 1)
        rows = query(tmp_path / "out", "SELECT id, title FROM topics WHERE as_of > 0")
        assert {number for number, _ in rows} == {home_of(tree, each) for each in tree.ids(ME)}
        assert all(title for _, title in rows)


async def test_a_new_name_of_the_origin_is_shown_in_its_list(tree: World, tmp_path: Path) -> None:
    output = tmp_path / "out"
    async with open_stage(tree, tmp_path) as stage:
        await stage.export("me", output=output)
        before = sorted(each.name for each in (output / "Saved Messages" / "lists").iterdir())
        rename(tree, AUTHOR_HIDDEN, "Somebody")
        tree.add_message(ME, "Kept again", sender=ME, saved_peer_id=types.PeerUser(AUTHOR_HIDDEN))
        await stage.export("me", output=output)
        assert sorted(each.name for each in (output / "Saved Messages" / "lists").iterdir()) == before
        lists = output / "Saved Messages" / "lists" / "Author Hidden"
        assert all("list: Somebody\n" in each.read_text() for each in lists.iterdir())
        assert "### Somebody\n" in (output / "Saved Messages" / "Saved Messages.md").read_text()


@pytest.mark.parametrize("answer", [2, 3, 4])
async def test_killed_saved_messages_resume_to_the_same_bytes(
    tree: World, tmp_path: Path, answer: int
) -> None:
    async with open_stage(tree, tmp_path) as stage:
        await stage.export("me", output=tmp_path / "whole")
        await kill_at_answer(stage, ["me"], tmp_path / "killed", answer)
        await stage.export("me", output=tmp_path / "killed")
        assert read_tree(tmp_path / "killed") == read_tree(tmp_path / "whole")
