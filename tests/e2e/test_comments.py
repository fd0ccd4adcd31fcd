"""Channels with the comments of their posts, compared with the world."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from telethon import functions

from archive.rows import LIBRARY
from e2e.changes import refusing, say
from e2e.stage import open_stage, query, read_tree
from e2e.takeouts import flags_of
from e2e.test_crash import kill_at_answer
from e2e.test_threads import PAPER, TALK, busiest, chat_of, in_thread, roots, stored_ids
from tobs.archive.store import open_archive
from tobs.core.chatname import Spot
from tobs.core.request import ExportRequest, Projection
from tobs.core.span import Span
from tobs.simulator.corpus import people
from tobs.simulator.dispatch import RpcError
from tobs.simulator.world import WORLDS, World


@pytest.fixture
def tree() -> World:
    return WORLDS["tree"](1, 0)


def read_notes(output: Path) -> dict[str, str]:
    return {each.stem: each.read_text() for each in output.rglob("*.md")}


def has_top(world: World, number: int) -> bool:
    """Tell whether a message answers another than the first of its thread."""
    return bool(getattr(world.message(TALK, number).reply_to, "reply_to_top_id", None))


def find_dangling(output: Path) -> list[str]:
    """Return the links to blocks that no note has."""
    notes = read_notes(output)
    links = [each for text in notes.values() for each in re.findall(r"\[\[([^\]|#]+)#\^(\w+)\|", text)]
    return [f"{note}#{block}" for note, block in links if f" ^{block}\n" not in notes[note]]


async def test_a_channel_comes_with_all_comments_below_it_in_one_pass(tree: World, tmp_path: Path) -> None:
    output = tmp_path / "out"
    async with open_stage(tree, tmp_path) as stage:
        report = await stage.export("@paper_demo", output=output, comments=True)
        assert report.exit_code == 0
        assert [each.title for each in report.chats] == ["Paper", "Comments of Paper"]
        assert stored_ids(output, PAPER) == [*tree.ids(PAPER)]
        assert stored_ids(output, TALK) == [*tree.ids(TALK)]
        assert report.requests["channels.getFullChannel"] == 1
        assert "messages.getReplies" not in report.requests
        assert dict(query(output, "SELECT post_id, message_id FROM roots")) == dict(roots(tree))
        assert sorted(each.name for each in (output / "Paper").iterdir()) == ["2026", "Paper.md", "comments"]
        notes = read_notes(output)
        for post, root in roots(tree):
            count = len(in_thread(tree, root)) - 1
            comment = f"|{count} comment{'s' * (count != 1)}]]"
            [note] = [
                text
                for name, text in notes.items()
                if name.startswith("Paper 2026") and f" ^m{post}\n" in text
            ]
            block = note.split(f" ^m{post}\n")[1].split("\n## ")[0]
            assert (comment in block) == bool(count)
        first = notes[min(name for name in notes if name.startswith("Paper comments 2026"))]
        assert "> [[Paper 2026-02#^m2|Paper]]: Number 1 The news of week 1.\n" in first
        nested = [each for each in tree.ids(TALK) if has_top(tree, each)]
        assert len(nested) == 29
        for each in nested:
            block = next(
                text for text in notes.values() if f" ^m{each}\n" in text and "Paper comments" in text
            )
            assert "\n\n*On* [[Paper 2026-" in block.split(f" ^m{each}\n")[1].split("\n**")[0]
        assert find_dangling(output) == []
        done = await stage.tobs("verify", "-o", str(output))
        assert done.code == 0, done.out
        again = await stage.export("@paper_demo", output=output, refresh_window="0")
        assert again.requests == {
            "help.getConfig": 1,
            "updates.getChannelDifference": 2,
            "messages.getHistory": 2,
        }
        assert not again.render.written


async def test_links_follow_when_parts_move(tree: World, tmp_path: Path) -> None:
    outputs = tmp_path / "grown", tmp_path / "whole"
    async with open_stage(tree, tmp_path) as stage:
        for each in outputs:
            archive = await open_archive(each, library=LIBRARY)
            await archive.keep_projection(Projection("Europe/Berlin", 20, comments=True))
            await archive.close()
        for last in (40, 165):
            await stage.export("@paper_demo", output=outputs[0], span=Span(last=last))
        assert len([*(outputs[0] / "Paper" / "comments").glob("* 2026-02 *.md")]) > 3
        assert find_dangling(outputs[0]) == []
        for each in outputs:
            await stage.export("@paper_demo", output=each)
        assert find_dangling(outputs[0]) == []
        assert read_tree(outputs[0]) == read_tree(outputs[1])


async def test_comments_follow_a_post_that_changed(tree: World, tmp_path: Path) -> None:
    output = tmp_path / "out"
    post, root = busiest(tree)
    async with open_stage(tree, tmp_path) as stage:
        await stage.export("@paper_demo", output=output, comments=True)
        last = say(chat_of(tree, TALK), "Late", people.ANNA, reply_to=root)
        later = chat_of(tree, TALK).top_date + 60 * 86_400
        tree.add_message(TALK, "Much later", sender=people.BEN, reply_to=last, topic=root, date=later)
        await stage.export("@paper_demo", output=output)
        tree.edit_message(PAPER, post, "Other words")
        await stage.export("@paper_demo", output=output)
        await stage.export("@paper_demo", output=tmp_path / "new", comments=True)
        assert read_tree(output) == read_tree(tmp_path / "new")
        comments = [text for name, text in read_notes(output).items() if name.startswith("Paper comments")]
        assert any(": Other words\n" in text for text in comments)
        assert any("|Other words]]\n\nComment 5\n" in text for text in comments)
        assert any("|Other words]]\n\nMuch later\n" in text for text in comments)
        assert find_dangling(output) == []


@pytest.mark.parametrize("names", [("@paper_talk_demo", "@paper_demo"), ("@paper_demo", "@paper_talk_demo")])
async def test_a_group_that_is_exported_by_name_keeps_its_own_folder(
    tree: World, tmp_path: Path, names: tuple[str, str]
) -> None:
    output = tmp_path / "out"
    async with open_stage(tree, tmp_path) as stage:
        report = await stage.export(*names, output=output, comments=True)
        assert sorted(each.title for each in report.chats) == ["Paper", "Paper talk"]
        assert not (output / "Paper" / "comments").exists()
        assert "> [[Paper 2026-02#^m2|Paper]]: Number 1" in read_notes(output)["Paper talk 2026-02"]
        assert "[[Paper talk 2026-02#^m" in read_notes(output)["Paper 2026-02"]
        assert find_dangling(output) == []
        done = await stage.tobs("verify", "-o", str(output))
        assert done.code == 0, done.out


async def test_a_group_exported_by_name_first_is_linked_once_comments_are_asked_for(
    tree: World, tmp_path: Path
) -> None:
    output = tmp_path / "out"
    async with open_stage(tree, tmp_path) as stage:
        await stage.export("@paper_demo", "@paper_talk_demo", output=output)
        assert "[[Paper talk 2026-02#^m" not in read_notes(output)["Paper 2026-02"]
        await stage.export("@paper_demo", output=output, comments=True)
        await stage.export("@paper_demo", "@paper_talk_demo", output=tmp_path / "new", comments=True)
        assert read_tree(output) == read_tree(tmp_path / "new")


async def test_comments_that_may_not_be_read_leave_the_channel_whole(tree: World, tmp_path: Path) -> None:
    output = tmp_path / "out"
    chat_of(tree, TALK).readers = frozenset()
    tree._views.clear()
    async with open_stage(tree, tmp_path) as stage:
        report = await stage.export("@paper_demo", output=output, comments=True)
        assert report.exit_code == 3
        assert stored_ids(output, PAPER) == [*tree.ids(PAPER)]
        channel, comments = report.chats
        assert (channel.error, comments.exit_code) == ("", 4)
        assert comments.error == "This account may not read Paper talk."


async def test_a_group_that_closes_meanwhile_fails_alone(tree: World, tmp_path: Path) -> None:
    output = tmp_path / "out"
    async with open_stage(tree, tmp_path) as stage:
        with refusing(functions.messages.GetHistoryRequest, None, RpcError(400, "CHANNEL_PRIVATE")):
            report = await stage.export("@paper_demo", output=output, comments=True)
        assert report.exit_code == 3
        assert stored_ids(output, PAPER) == [*tree.ids(PAPER)]
        assert report.chats[1].error.startswith("This account may not read")
        assert "comments]]" not in read_notes(output)["Paper 2026-02"]
        await stage.export("@paper_demo", output=output)
        assert stored_ids(output, TALK) == [*tree.ids(TALK)]
        assert "|140 comments]]" in read_notes(output)["Paper 2026-02"]


async def test_dates_limit_comments_too_and_ids_leave_them_out(tree: World, tmp_path: Path) -> None:
    async with open_stage(tree, tmp_path) as stage:
        some = await stage.export("@paper_demo", output=tmp_path / "some", span=Span(last=5), comments=True)
        assert [each.tally.stored for each in some.chats] == [5, 5]
        none = await stage.export(
            "@paper_demo", output=tmp_path / "none", span=Span(low=4, high=6), comments=True
        )
        assert [each.title for each in none.chats] == ["Paper"]


async def test_one_post_alone_has_its_comments_in_the_same_place(tree: World, tmp_path: Path) -> None:
    output = tmp_path / "out"
    post, _ = busiest(tree)
    async with open_stage(tree, tmp_path) as stage:
        await stage.run(ExportRequest(("@paper_demo",), output, spots=(Spot(message=post),)))
        assert sorted(each.name for each in (output / "Paper").iterdir()) == ["2026", "Paper.md", "comments"]
        assert find_dangling(output) == []
        await stage.export("@paper_demo", output=output, comments=True)
        await stage.export("@paper_demo", output=tmp_path / "new", comments=True)
        assert read_tree(output) == read_tree(tmp_path / "new")


@pytest.mark.parametrize("answer", [3, 4, 5, 6, 8])
async def test_killed_comments_resume_to_the_same_bytes(tree: World, tmp_path: Path, answer: int) -> None:
    async with open_stage(tree, tmp_path) as stage:
        await stage.export("@paper_demo", output=tmp_path / "whole", comments=True)
        await kill_at_answer(stage, ["@paper_demo", "--comments"], tmp_path / "killed", answer)
        await stage.export("@paper_demo", output=tmp_path / "killed", comments=True)
        assert read_tree(tmp_path / "killed") == read_tree(tmp_path / "whole")


async def test_a_takeout_is_begun_for_the_group_of_the_comments_too(tree: World, tmp_path: Path) -> None:
    async with open_stage(tree, tmp_path) as stage:
        report = await stage.export("@paper_demo", output=tmp_path / "out", comments=True, takeout="always")
        assert (report.exit_code, report.takeout) == (0, "used")
        assert flags_of(stage) == [{"message_channels", "message_megagroups"}]
        assert stored_ids(tmp_path / "out", TALK) == [*tree.ids(TALK)]
