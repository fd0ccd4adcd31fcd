"""Topics of forums: what Telegram's list says about them, and what it is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from telethon import functions

from e2e.changes import refusing, say
from e2e.stage import open_stage, query, read_tree
from e2e.test_crash import kill_at_answer
from tobs.core.events import Said
from tobs.core.ids import mark_channel
from tobs.core.span import Span
from tobs.simulator.corpus import people
from tobs.simulator.corpus.tree import WOODS_ID
from tobs.simulator.dispatch import RpcError
from tobs.simulator.model import Chat
from tobs.simulator.topics import topic_of
from tobs.simulator.world import WORLDS, World

WOODS = mark_channel(WOODS_ID)
LIST, SOME = "messages.getForumTopics", "messages.getForumTopicsByID"


@pytest.fixture
def tree() -> World:
    return WORLDS["tree"](1, 0)


def forum_of(world: World) -> Chat:
    found = world.chat(WOODS)
    assert found is not None
    return found


def said_topics(output: Path) -> list[Any]:
    return query(output, "SELECT id, title, is_closed, is_hidden FROM topics ORDER BY id")


async def test_a_forum_is_archived_with_every_topic_as_telegram_lists_it(tree: World, tmp_path: Path) -> None:
    async with open_stage(tree, tmp_path) as stage:
        report = await stage.export("@woods_demo", output=tmp_path / "out")
        forum = forum_of(tree)
        assert report.exit_code == 0
        assert report.requests[LIST] == 2
        assert SOME not in report.requests
        assert said_topics(tmp_path / "out") == [
            (each.id, each.title, bool(each.closed), bool(each.hidden))
            for each in sorted(forum.topics.values(), key=lambda topic: topic.id)
        ]
        stored = dict(query(tmp_path / "out", "SELECT id, topic_id FROM messages"))
        assert stored == {each: topic_of(tree.message(WOODS, each)) for each in tree.ids(WOODS)}
        folders = [each.name for each in (tmp_path / "out" / "Woods" / "topics").iterdir()]
        clearings = [each.id for each in forum.topics.values() if each.title == "Clearing"]
        assert len(folders) == 131
        assert {each for each in folders if each.endswith(("Clearing", ")"))} == {
            f"{clearings[0]} Clearing",
            *(f"{each} Clearing ({each})" for each in clearings[1:]),
        }
        about = (tmp_path / "out" / "Woods" / "Woods.md").read_text()
        assert "### General (hidden)\n" in about
        assert about.count(" (closed)\n") == 5
        done = await stage.tobs("verify", "-o", str(tmp_path / "out"))
        assert done.code == 0, done.out


async def test_a_second_run_does_not_ask_for_topics_again_and_messages_bring_what_is_new(
    tree: World, tmp_path: Path
) -> None:
    async with open_stage(tree, tmp_path) as stage:
        await stage.export("@woods_demo", output=tmp_path / "out")
        say(forum_of(tree), "Good morning", people.IDA)
        second = await stage.export("@woods_demo", output=tmp_path / "out", refresh_window="0")
        assert second.requests == {
            "help.getConfig": 1,
            "updates.getChannelDifference": 1,
            "messages.getHistory": 1,
        }
        assert second.chats[0].new == 1


async def test_topics_that_the_list_lacks_are_asked_for_by_id_once(tree: World, tmp_path: Path) -> None:
    forum = forum_of(tree)
    newest = max(each for each in forum.topics if each != 1)
    del forum.topics[newest]
    async with open_stage(tree, tmp_path) as stage:
        span = Span(last=3)
        first = await stage.export("@woods_demo", output=tmp_path / "out", span=span)
        again = await stage.export("@woods_demo", output=tmp_path / "out", span=span)
        assert (first.exit_code, first.requests[SOME]) == (0, 1)
        assert SOME not in again.requests
        assert LIST not in again.requests
        rows = query(tmp_path / "out", "SELECT id, title FROM topics WHERE is_missing")
        assert rows == [(newest, "")]
        about = (tmp_path / "out" / "Woods" / "Woods.md").read_text()
        assert f"### Topic {newest}\n" in about
        assert "Topics of which no message is in the archive: Tree 1, Tree 2, " in about


async def test_a_forum_whose_topics_are_not_listed_is_exported_all_the_same(
    tree: World, tmp_path: Path
) -> None:
    async with open_stage(tree, tmp_path) as stage:
        with refusing(functions.messages.GetForumTopicsRequest, RpcError(400, "CHANNEL_FORUM_MISSING")):
            first = await stage.export("@woods_demo", output=tmp_path / "out")
        assert first.exit_code == 0
        assert first.chats[0].tally.stored == tree.count(WOODS)
        [warning] = [each.text for each in stage.events if isinstance(each, Said) and each.level == "warning"]
        assert warning.startswith("The topics of Woods could not be listed:")
        second = await stage.export("@woods_demo", output=tmp_path / "out")
        assert second.requests[LIST] == 2


@pytest.mark.parametrize("answer", [3, 4, 5, 8])
async def test_a_killed_forum_resumes_to_the_same_names(tree: World, tmp_path: Path, answer: int) -> None:
    async with open_stage(tree, tmp_path) as stage:
        await stage.export("@woods_demo", output=tmp_path / "whole")
        await kill_at_answer(stage, ["@woods_demo"], tmp_path / "killed", answer)
        await stage.export("@woods_demo", output=tmp_path / "killed")
        assert read_tree(tmp_path / "killed") == read_tree(tmp_path / "whole")
        assert said_topics(tmp_path / "killed") == said_topics(tmp_path / "whole")
