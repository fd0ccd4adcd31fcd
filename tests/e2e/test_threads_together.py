"""Threads with what a run does beside fetching: following changes, and setting unreadable messages aside."""

from __future__ import annotations

from pathlib import Path

import pytest

from e2e.changes import say
from e2e.stage import open_stage, query
from e2e.test_threads import TALK, WOODS, busiest, chat_of, in_thread, in_topic, stored_ids, topic_called
from tobs.core.chatname import Spot
from tobs.core.report import KnownFrom
from tobs.core.request import ExportRequest, Refresh
from tobs.simulator.corpus import people
from tobs.simulator.faults import FaultScript, StrangeTypes
from tobs.simulator.world import WORLDS, World


@pytest.fixture
def tree() -> World:
    return WORLDS["tree"](1, 0)


async def test_the_record_of_changes_tells_of_a_thread_however_long_ago(tree: World, tmp_path: Path) -> None:
    output = tmp_path / "out"
    _, root = busiest(tree)
    async with open_stage(tree, tmp_path) as stage:
        request = ExportRequest(("@paper_talk_demo",), output, spots=(Spot(thread=root),), refresh=Refresh(0))
        first = await stage.run(request)
        assert first.exit_code == 0, first.chats
        assert (first.chats[0].difference, first.chats[0].changes_known_from) == ("begun", KnownFrom(1))
        _, edited, gone, *_ = in_thread(tree, root)
        tree.edit_message(TALK, edited, "What I meant.")
        tree.delete_message(TALK, gone)
        again = await stage.run(request)
        report = again.chats[0]
        assert (report.difference, report.edited, report.deleted) == ("applied", 1, 1)
        assert report.changes_known_from == KnownFrom(1)
        assert again.requests == {
            "help.getConfig": 1,
            "updates.getChannelDifference": 1,
            "channels.getMessages": 1,
            "channels.getFullChannel": 1,  # the one that is gone might only be hidden from this account
            "messages.getHistory": 1,
            "messages.getReplies": 1,
        }
        assert query(output, "SELECT id FROM deletions") == [(gone,)]


async def test_a_second_topic_goes_on_from_the_record_that_the_first_began(
    tree: World, tmp_path: Path
) -> None:
    output = tmp_path / "out"
    topic, other = (topic_called(tree, title) for title in ("Tree 4", "Tree 5"))
    wanted = in_topic(tree, topic)
    async with open_stage(tree, tmp_path) as stage:
        await stage.run(ExportRequest(("@woods_demo",), output, spots=(Spot(thread=topic),)))
        tree.delete_message(WOODS, topic + 2)
        report = await stage.run(ExportRequest(("@woods_demo",), output, spots=(Spot(thread=other),)))
        assert stored_ids(output, WOODS) == sorted([*wanted, *in_topic(tree, other)])
        assert (report.chats[0].difference, report.chats[0].deleted) == ("applied", 1)
        assert report.chats[0].changes_known_from == KnownFrom(1)


@pytest.mark.parametrize("is_whole", [False, True], ids=["a part", "the message"])
async def test_an_unreadable_message_of_a_thread_costs_only_itself(
    tree: World, tmp_path: Path, is_whole: bool
) -> None:
    output, strange = tmp_path / "out", set[int]()
    topic = topic_called(tree, "Tree 4")
    fault = StrangeTypes(messages=strange) if is_whole else StrangeTypes(parts=strange)
    async with open_stage(tree, tmp_path, faults=FaultScript([fault])) as stage:
        wanted = in_topic(tree, topic)
        strange.add(wanted[2])
        request = ExportRequest(("@woods_demo",), output, spots=(Spot(thread=topic),))
        report = await stage.run(request)
        tally = report.chats[0].tally
        assert (report.exit_code, report.chats[0].error) == (3, "")
        assert (tally.stored, tally.unreadable, tally.unknown) == (len(wanted) - 1, 1, 0)
        done = await stage.tobs("verify", "-o", str(output))
        assert done.code == 3
        assert "1 unreadable" in done.out
        strange.clear()
        assert (await stage.run(request)).exit_code == 0
        assert stored_ids(output, WOODS) == wanted


async def test_a_message_that_cannot_be_read_can_still_be_the_first_of_a_thread(
    tree: World, tmp_path: Path
) -> None:
    output, strange = tmp_path / "out", set[int]()
    fault = StrangeTypes(parts=strange)
    async with open_stage(tree, tmp_path, faults=FaultScript([fault])) as stage:
        root = say(chat_of(tree, TALK), "A question", people.ANNA)
        answer = say(chat_of(tree, TALK), "An answer", people.BEN, reply_to=root)
        strange.add(root)
        request = ExportRequest(("@paper_talk_demo",), output, spots=(Spot(thread=root),))
        report = await stage.run(request)
        assert (report.exit_code, report.chats[0].error) == (3, "")
        assert stored_ids(output, TALK) == [answer]
