"""Topics, threads and posts that are exported alone, compared with the world."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from telethon import functions

from e2e.changes import chat_called, refusing, say
from e2e.stage import open_stage, query, read_tree
from tobs.core.chatname import Spot, parse_topic
from tobs.core.events import Said
from tobs.core.ids import mark_channel
from tobs.core.report import AskedRange, Tally
from tobs.core.request import ExportRequest
from tobs.simulator.corpus import people
from tobs.simulator.corpus.tree import PAPER_ID, TALK_ID, WOODS_ID
from tobs.simulator.dispatch import RpcError
from tobs.simulator.model import Chat
from tobs.simulator.topics import thread_of, topic_of
from tobs.simulator.world import BENCH_CHAT, WORLDS, World

WOODS, TALK, PAPER = mark_channel(WOODS_ID), mark_channel(TALK_ID), mark_channel(PAPER_ID)


@pytest.fixture
def tree() -> World:
    return WORLDS["tree"](1, 0)


def chat_of(world: World, marked: int) -> Chat:
    found = world.chat(marked)
    assert found is not None
    return found


def in_topic(world: World, topic: int) -> list[int]:
    return [each for each in world.ids(WOODS) if topic_of(world.message(WOODS, each)) == topic]


def in_thread(world: World, root: int) -> list[int]:
    return [root, *(each for each in world.ids(TALK) if thread_of(world.message(TALK, each)) == root)]


def stored_ids(output: Path, marked: int) -> list[int]:
    rows = query(output, "SELECT id FROM messages WHERE chat_id = ? ORDER BY id", marked)
    return [number for (number,) in rows]


def roots(world: World) -> Iterator[tuple[int, int]]:
    """Yield each post with the message that repeats it in the group."""
    for each in world.ids(TALK):
        forward = getattr(world.message(TALK, each), "fwd_from", None)
        if forward is not None:
            yield forward.channel_post, each


def busiest(world: World) -> tuple[int, int]:
    return max(roots(world), key=lambda each: len(in_thread(world, each[1])))


def topic_called(world: World, title: str) -> int:
    topics = chat_of(world, WOODS).topics
    return next(number for number, each in topics.items() if each.title == title)


async def test_a_topic_alone_is_stored_and_a_whole_export_later_asks_for_the_rest(
    tree: World, tmp_path: Path
) -> None:
    output = tmp_path / "out"
    topic = topic_called(tree, "Tree 4")
    async with open_stage(tree, tmp_path) as stage:
        report = await stage.run(ExportRequest(("@woods_demo",), output, spots=(parse_topic("tree 4"),)))
        assert report.exit_code == 0
        assert report.chats[0].title == "Woods, topic Tree 4"
        assert stored_ids(output, WOODS) == in_topic(tree, topic)
        assert report.chats[0].tally == Tally(stored=len(in_topic(tree, topic)))
        assert [each.name for each in (output / "Woods" / "topics").iterdir()] == [f"{topic} Tree 4"]
        assert query(output, "SELECT scope, low, high FROM asked") == [
            (topic, topic, max(in_topic(tree, topic)))
        ]
        done = await stage.tobs("verify", "-o", str(output))
        assert done.code == 0, done.out
        again = await stage.run(ExportRequest(("@woods_demo",), output, spots=(Spot(thread=topic),)))
        assert again.requests == {
            "help.getConfig": 1,
            "updates.getChannelDifference": 1,
            "messages.getReplies": 1,
        }
        await stage.export("@woods_demo", output=output)
        await stage.export("@woods_demo", output=tmp_path / "whole")
        assert stored_ids(output, WOODS) == [*tree.ids(WOODS)]
        assert read_tree(output) == read_tree(tmp_path / "whole")
        for spot in (Spot(thread=topic), Spot(thread=1)):
            again = await stage.run(ExportRequest(("@woods_demo",), output, spots=(spot,)))
            assert again.requests == {
                "help.getConfig": 1,
                "updates.getChannelDifference": 1,
                "messages.getReplies": 1,
            }


async def test_general_and_a_long_thread_are_walked_to_their_beginning(tree: World, tmp_path: Path) -> None:
    output = tmp_path / "out"
    _, root = busiest(tree)
    async with open_stage(tree, tmp_path) as stage:
        report = await stage.export(
            "t.me/woods_demo/1", f"https://t.me/paper_talk_demo/{max(in_thread(tree, root))}", output=output
        )
        assert report.exit_code == 0
        assert stored_ids(output, WOODS) == in_topic(tree, 1)
        assert stored_ids(output, TALK) == in_thread(tree, root)
        assert [each.tally.unknown for each in report.chats] == [0, 0]
        done = await stage.tobs("verify", "-o", str(output))
        assert done.code == 0, done.out


async def test_a_link_to_a_message_of_a_forum_means_its_topic(tree: World, tmp_path: Path) -> None:
    topic = topic_called(tree, "Tree 4")
    async with open_stage(tree, tmp_path) as stage:
        for number, link in enumerate(
            (
                f"t.me/woods_demo/{topic + 2}",
                f"t.me/c/{WOODS_ID}/{topic}/{topic + 2}",
                f"tg://resolve?domain=woods_demo&post={topic + 2}&thread={topic}",
            )
        ):
            output = tmp_path / str(number)
            report = await stage.export(link, output=output)
            assert report.exit_code == 0
            assert stored_ids(output, WOODS) == in_topic(tree, topic)


async def test_a_post_comes_with_its_comments(tree: World, tmp_path: Path) -> None:
    output = tmp_path / "out"
    post, root = busiest(tree)
    async with open_stage(tree, tmp_path) as stage:
        report = await stage.export(f"https://t.me/paper_demo/{post}?comment=5", output=output)
        assert report.exit_code == 0
        assert [each.title for each in report.chats] == [
            f"Paper, post {post}",
            f"Paper, comments of post {post}",
        ]
        assert stored_ids(output, PAPER) == [post]
        assert stored_ids(output, TALK) == in_thread(tree, root)
        assert all(each.tally.is_complete for each in report.chats)
        say(chat_of(tree, TALK), "One more", people.ANNA, reply_to=root)
        again = await stage.run(ExportRequest(("@paper_demo",), output, spots=(Spot(message=post),)))
        assert [each.new for each in again.chats] == [0, 1]
        assert stored_ids(output, TALK) == in_thread(tree, root)


async def test_a_thread_in_which_messages_vanished_is_counted_honestly(tree: World, tmp_path: Path) -> None:
    output = tmp_path / "out"
    topic = topic_called(tree, "Tree 4")
    async with open_stage(tree, tmp_path) as stage:
        request = ExportRequest(("@woods_demo",), output, spots=(Spot(thread=topic),))
        await stage.run(request)
        tree.delete_message(WOODS, topic + 2)
        report = await stage.run(request)
        assert (report.exit_code, report.chats[0].deleted) == (0, 1)
        assert query(output, "SELECT id FROM deletions") == [(topic + 2,)]


async def test_a_killed_thread_asks_only_for_the_rest(tree: World, tmp_path: Path) -> None:
    post, root = busiest(tree)
    async with open_stage(tree, tmp_path) as stage:
        request = ExportRequest(("@paper_demo",), tmp_path / "whole", spots=(Spot(message=post),))
        await stage.run(request)
        process = await stage.start(
            "export", "@paper_demo", "--post", str(post), "-o", str(tmp_path / "killed")
        )
        replies = stage.simulator.counts["messages.getReplies"]

        def kill(method: str, _total: int) -> None:
            if method == "messages.getReplies" and stage.simulator.counts[method] == replies + 2:
                process.kill()

        stage.answered.append(kill)
        await process.communicate()
        stage.answered.clear()
        assert 0 < len(stored_ids(tmp_path / "killed", TALK)) < len(in_thread(tree, root))
        await stage.run(replace(request, output=tmp_path / "killed"))
        assert stored_ids(tmp_path / "killed", TALK) == in_thread(tree, root)
        assert read_tree(tmp_path / "killed") == read_tree(tmp_path / "whole")


@pytest.mark.parametrize(
    ("chat", "spot", "sentence"),
    [
        ("@woods_demo", Spot(title="Clearings"), "Woods has no topic 'Clearings'."),
        ("@woods_demo", Spot(thread=4711), "Woods has no topic 4711."),
        ("@paper_demo", Spot(message=4711), "Paper has no message 4711."),
        ("@paper_demo", Spot(title="News"), "Paper is a channel, which has posts and no topics."),
        ("me", Spot(message=3), "Saved Messages has no threads that could be exported alone."),
        ("@paper_talk_demo", Spot(message=4711), "Paper talk has no message 4711."),
        ("@paper_talk_demo", Spot(title="News"), "Paper talk is no forum, so it has no topics."),
    ],
)
async def test_what_is_not_there_fails_with_a_sentence(
    tree: World, tmp_path: Path, chat: str, spot: Spot, sentence: str
) -> None:
    async with open_stage(tree, tmp_path) as stage:
        report = await stage.run(ExportRequest((chat,), tmp_path / "out", spots=(spot,)))
        assert report.exit_code == 4
        assert report.chats[0].error.startswith(sentence)


async def test_who_asks_for_a_topic_that_is_not_there_is_shown_those_that_are(
    tree: World, tmp_path: Path
) -> None:
    async with open_stage(tree, tmp_path) as stage:
        done = await stage.tobs("export", "@woods_demo", "--topic", "Tree 22x", "-o", str(tmp_path / "out"))
        assert done.code == 4
        assert re.search(r"The nearest titles are: .*Tree 22 \(\d+\)", done.out)
        done = await stage.tobs("export", "@woods_demo", "--topic", "Qqq", "-o", str(tmp_path / "out"))
        assert re.search(r"Its topics are: General \(1\), Tree 1 \(\d+\), .* and \d+ more\.", done.out)
        number = re.search(r"Tree 1 \((\d+)\)", done.out)
        assert number
        done = await stage.tobs("export", "@woods_demo", "--topic", number[1], "-o", str(tmp_path / "out"))
        assert done.code == 0, done.err


async def test_a_thread_of_one_answer_is_found_from_either_end(tree: World, tmp_path: Path) -> None:
    group = chat_of(tree, TALK)
    number = say(group, "A question", people.ANNA)
    answer = say(group, "An answer", people.BEN, reply_to=number)
    async with open_stage(tree, tmp_path) as stage:
        report = await stage.export(f"t.me/paper_talk_demo/{answer}", output=tmp_path / "out")
        assert stored_ids(tmp_path / "out", TALK) == [number, answer]
        assert report.chats[0].title == f"Paper talk, thread {number} with message {answer}"
        assert report.chats[0].asked == AskedRange(number, answer, is_part=True)
        report = await stage.export(f"t.me/paper_talk_demo/{number}", output=tmp_path / "root")
        assert stored_ids(tmp_path / "root", TALK) == [number, answer]
        assert report.chats[0].asked == AskedRange(number, answer, is_part=True)


async def test_the_message_named_is_stored_though_its_thread_does_not_list_it(tmp_path: Path) -> None:
    async with open_stage(WORLDS["bench"](1, 300), tmp_path) as stage:
        bulk = chat_called(stage.world, "Bench bulk").marked
        answers = {each: thread_of(stage.world.message(bulk, each)) for each in stage.world.ids(bulk)}
        number, root = next((each, root) for each, root in answers.items() if root and not answers[root])
        report = await stage.run(
            ExportRequest((BENCH_CHAT,), tmp_path / "answer", spots=(Spot(message=number),))
        )
        assert report.exit_code == 0
        assert stored_ids(tmp_path / "answer", bulk) == [root, number]
        assert report.chats[0].title == f"Bench bulk, thread {root} with message {number}"
        assert report.chats[0].asked == AskedRange(root, number, is_part=True)
        report = await stage.run(ExportRequest((BENCH_CHAT,), tmp_path / "root", spots=(Spot(message=root),)))
        assert (report.exit_code, report.chats[0].title) == (0, f"Bench bulk, thread {root}")
        assert stored_ids(tmp_path / "root", bulk) == [root]
        assert report.chats[0].asked == AskedRange(root, root, is_part=True)
        done = await stage.tobs("verify", "-o", str(tmp_path / "answer"))
        assert done.code == 0, done.out


@pytest.mark.parametrize("has_answers", [False, True])
async def test_a_refused_thread_is_no_failure_where_nobody_answered(
    tree: World, tmp_path: Path, has_answers: bool
) -> None:
    _, root = busiest(tree)
    number = max(in_thread(tree, root)) if has_answers else say(chat_of(tree, TALK), "Hello?", people.ANNA)
    async with open_stage(tree, tmp_path) as stage:
        with refusing(functions.messages.GetRepliesRequest, RpcError(400, "MSG_ID_INVALID")):
            report = await stage.export(f"t.me/paper_talk_demo/{number}", output=tmp_path / "out")
        assert (report.exit_code, bool(report.chats[0].error)) == ((1, True) if has_answers else (0, False))
        assert stored_ids(tmp_path / "out", TALK) == ([root, number] if has_answers else [number])


async def test_an_answer_to_a_message_that_is_gone_is_exported_alone(tree: World, tmp_path: Path) -> None:
    group = chat_of(tree, TALK)
    number = say(group, "A question", people.ANNA)
    answer = say(group, "An answer", people.BEN, reply_to=number)
    tree.delete_message(TALK, number)
    async with open_stage(tree, tmp_path) as stage:
        report = await stage.export(f"t.me/paper_talk_demo/{answer}", output=tmp_path / "out")
        assert (report.exit_code, report.chats[0].title) == (0, f"Paper talk, message {answer}")
        assert stored_ids(tmp_path / "out", TALK) == [answer]
        told = next(each.text for each in stage.events if isinstance(each, Said))
        assert told == (
            f"Paper talk has no message {number} any more, which message {answer} answers:"
            f" only message {answer} is exported."
        )


async def test_topic_and_post_mean_the_same_place_where_a_chat_has_only_one_of_them(
    tree: World, tmp_path: Path
) -> None:
    post, root = busiest(tree)
    topic = topic_called(tree, "Tree 4")
    async with open_stage(tree, tmp_path) as stage:
        for chat, option, number, titles in (
            ("@paper_demo", "--topic", post, [f"Paper, post {post}", f"Paper, comments of post {post}"]),
            ("@paper_talk_demo", "--topic", root, [f"Paper talk, thread {root}"]),
            ("@woods_demo", "--post", topic + 1, ["Woods, topic Tree 4"]),
        ):
            done = await stage.tobs("export", chat, option, str(number), "-o", "out")
            assert done.code == 0, done.out
            [run] = query(tmp_path / "out", "SELECT report FROM runs ORDER BY start_time DESC LIMIT 1")
            assert [each["title"] for each in json.loads(run[0])["chats"]] == titles


async def test_a_title_of_several_topics_is_wrong_usage_and_names_them(tree: World, tmp_path: Path) -> None:
    numbers = [number for number, each in chat_of(tree, WOODS).topics.items() if each.title == "Clearing"]
    first, second, third = sorted(numbers)
    async with open_stage(tree, tmp_path) as stage:
        done = await stage.tobs("export", "@woods_demo", "--topic", "Clearing", "-o", "out")
        assert done.code == 2
        [error] = [each for each in done.events if each["type"] == "error"]
        assert error["text"] == f"3 topics of Woods are called 'Clearing': {first}, {second} and {third}."
        assert error["hint"] == "Give --topic one of these numbers."


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("@woods_demo", "@paper_demo", "--topic", "5"), "so name exactly one"),
        (("@woods_demo", "--topic", "5", "--last", "5"), "cannot be combined"),
        (("t.me/woods_demo/5", "--since", "7d"), "cannot be combined"),
        (("@woods_demo", "--topic", "5", "--only", "photo"), "cannot be combined"),
        (("t.me/woods_demo/5", "--topic", "5"), "leads to one message or topic"),
        (("@woods_demo", "--post", "0"), "--post takes a whole number from 1"),
    ],
)
async def test_contradictions_are_refused(
    tree: World, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    async with open_stage(tree, tmp_path) as stage:
        done = await stage.tobs("export", *arguments, "-o", str(tmp_path / "out"))
        assert done.code == 2
        assert words in done.err
