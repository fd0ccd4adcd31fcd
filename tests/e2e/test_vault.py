"""Which chats have a place in the vault: those of which something is stored, comments below their channel."""

from __future__ import annotations

from pathlib import Path

import pytest
from telethon import functions

from e2e.changes import refusing, say
from e2e.stage import open_stage, query, read_tree
from e2e.test_threads import TALK, chat_of
from tobs.core.span import Span
from tobs.simulator.corpus import people
from tobs.simulator.dispatch import RpcError
from tobs.simulator.faults import FaultScript, StrangeTypes
from tobs.simulator.world import WORLDS, World


@pytest.fixture
def tree() -> World:
    return WORLDS["tree"](1, 0)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("@woods_demo", "--topic", "nope"), 4),
        (("@woods_demo", "--topic", "Clearing"), 2),
        (("@paper_demo", "--post", "4711"), 4),
        (("@paper_talk_demo", "--post", "4711"), 4),
        (("@woods_demo", "--since", "2099-01-01"), 0),
        (("@choir_demo", "--until", "1999"), 0),
    ],
)
async def test_a_chat_of_which_nothing_is_stored_leaves_no_note(
    tree: World, tmp_path: Path, arguments: tuple[str, ...], code: int
) -> None:
    chat, output = arguments[0], tmp_path / "out"
    async with open_stage(tree, tmp_path) as stage:
        done = await stage.tobs("export", *arguments, "-o", "out")
        assert done.code == code, done.out
        assert read_tree(output) == {}
        done = await stage.tobs("render", "-o", "out")
        assert (done.code, read_tree(output)) == (0, {})
        done = await stage.tobs("verify", "-o", "out")
        assert done.code == 0, done.out
        await stage.export("me", output=output)
        assert sorted(each.name for each in output.glob("*")) == [
            ".tobs",
            "Chats.md",
            "Saved Messages",
            "export_metrics.json",
        ]
        assert "- " in (output / "Chats.md").read_text().split("---\n")[2]
        done = await stage.tobs("verify", "-o", "out")
        assert done.code == 0, done.out
        await stage.export(chat, output=output)
        names = query(output, "SELECT basename FROM chats WHERE basename IS NOT NULL ORDER BY position")
        assert [line[2 : line.index("/")] for line in listed_lines(output)] == [
            f"[[{each}" for (each,) in names
        ]


def listed_lines(output: Path) -> list[str]:
    """Return the lines of the index, without the properties."""
    return (output / "Chats.md").read_text().split("---\n")[2].splitlines()[1:]


async def test_a_channel_links_to_its_comments_once_there_are_some(tree: World, tmp_path: Path) -> None:
    output = tmp_path / "out"
    async with open_stage(tree, tmp_path) as stage:
        with refusing(functions.messages.GetHistoryRequest, None, RpcError(400, "CHANNEL_PRIVATE")):
            await stage.export("@paper_demo", output=output, comments=True)
        assert "Comments are in" not in (output / "Paper" / "Paper.md").read_text()
        assert not (output / "Paper" / "comments").exists()
        await stage.export("@paper_demo", output=output)
        assert "Comments are in [[" in (output / "Paper" / "Paper.md").read_text()
        await stage.export("@paper_demo", output=tmp_path / "new", comments=True)
        assert read_tree(output) == read_tree(tmp_path / "new")


async def test_comments_stand_below_their_channel_in_the_list_of_chats(tree: World, tmp_path: Path) -> None:
    async with open_stage(tree, tmp_path) as stage:
        await stage.export("@paper_demo", "@choir_demo", "me", output=tmp_path / "out", comments=True)
        lines = [line.partition(" · ")[0] for line in listed_lines(tmp_path / "out")]
        assert lines == [
            "- [[Paper/Paper|Paper]]",
            "  - [[Paper/comments/Paper comments|Paper talk]]",
            "- [[Choir/Choir|Choir]]",
            "- [[Saved Messages/Saved Messages|Saved Messages]]",
        ]


async def test_the_notes_of_a_message_that_turns_out_to_be_gone_are_taken_away(
    tree: World, tmp_path: Path
) -> None:
    output, group = tmp_path / "out", chat_of(tree, TALK)
    number = say(group, "In words that nobody knows", people.ANNA)
    say(group, "In plain words", people.BEN)
    strange = {number}
    span = Span(low=number, high=number)
    async with open_stage(tree, tmp_path, faults=FaultScript([StrangeTypes(parts=strange)])) as stage:
        await stage.export("@paper_talk_demo", output=output, span=span)
        assert sorted(read_tree(output)) == ["Chats.md", "Paper talk/Paper talk.md"]
        strange.clear()
        tree.delete_message(TALK, number)
        report = await stage.export("@paper_talk_demo", output=output, span=span)
        assert (report.exit_code, sorted(report.render.removed)) == (
            0,
            ["Chats.md", "Paper talk/Paper talk.md"],
        )
        assert read_tree(output) == {}
