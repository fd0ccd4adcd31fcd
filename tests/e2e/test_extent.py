"""Parts of chats, search results and chats of which nothing was asked for are never taken for whole chats."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from e2e.changes import chat_called, never_migrated
from e2e.stage import Stage, open_stage, read_tree
from e2e.test_crash import kill_at_answer
from seeds import often
from tobs.core.chatname import parse_topic
from tobs.core.filters import parse_filter
from tobs.core.request import ExportRequest
from tobs.core.span import parse_span
from tobs.simulator.world import WORLDS, World

CLUB, NEWS = "@rowing_club_demo", "@harbour_news_demo"
ABOUT = Path("Rowing Club") / "Rowing Club.md"


def make_world(name: str = "small") -> World:
    return never_migrated(WORLDS[name](1, 0))


async def verify(stage: Stage, output: Path, *arguments: str) -> tuple[dict[str, Any], str]:
    """Return the certificate as JSON, and its first line as text; nothing is missing in it."""
    said = await stage.tobs("verify", "-o", str(output), *arguments)
    found = json.loads((await stage.tobs("verify", "-o", str(output), "--json", *arguments)).out)
    assert (said.code, found["exit_code"]) == (0, 0), said.out
    return found, said.out.splitlines()[0]


def read_note(output: Path, name: Path = ABOUT) -> tuple[dict[str, Any], str]:
    """Return the properties and the text of a chat's own note."""
    _, head, body = (output / name).read_text().split("---\n", 2)
    return yaml.safe_load(head), body


def index_line(output: Path, title: str) -> str:
    [found] = [each for each in (output / "Chats.md").read_text().splitlines() if f"|{title}]]" in each]
    return found


async def search(stage: Stage, output: Path, *names: str) -> None:
    wanted = parse_filter(("me",), [])
    report = await stage.run(ExportRequest(names, output, filter=wanted))
    assert report.exit_code == 0


async def test_a_folder_of_search_results_is_not_complete(tmp_path: Path) -> None:
    output = tmp_path / "out"
    async with open_stage(make_world(), tmp_path) as stage:
        await search(stage, output, CLUB, "me")
        found, verdict = await verify(stage, output)
        number = sum(each["account"]["messages"] for each in found["chats"])
        assert number > 0
        assert found["verdict"] == "search"
        assert [each["account"]["extent"] for each in found["chats"]] == ["search", "search"]
        assert verdict.startswith(f"ONLY SEARCH RESULTS ({number} messages): nothing was asked for in full")
        properties, text = read_note(output)
        assert properties["coverage"] == "search"
        assert "Found by search: no range of ids was asked for\n" in text
        assert index_line(output, "Rowing Club").endswith(" · only search results")


async def test_a_range_is_named_wherever_its_chat_is_told_of(tmp_path: Path) -> None:
    output = tmp_path / "out"
    async with open_stage(make_world(), tmp_path) as stage:
        await stage.export(CLUB, output=output, span=parse_span(low=20, high=60))
        found, verdict = await verify(stage, output)
        assert (found["verdict"], found["chats"][0]["account"]["asked"]) == ("part", [[20, 60]])
        assert verdict == "IN PART: complete from id 20 to 60; the rest of the chat was not asked for."
        await stage.export(CLUB, output=output, span=parse_span(low=80, high=90))
        properties, text = read_note(output)
        assert (properties["coverage"], properties["asked"]) == ("part", "20–60, 80–90")
        assert "Only a part of this chat was asked for: ids 20 to 60, 80 to 90  \nOf the ids" in text
        assert index_line(output, "Rowing Club").endswith(" · only a part")


async def test_a_chat_that_is_exported_whole_later_looks_as_if_it_had_been_at_once(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        await search(stage, tmp_path / "out", CLUB)
        await stage.export(CLUB, output=tmp_path / "out", span=parse_span(last=30))
        await stage.export(CLUB, output=tmp_path / "out")
        await stage.export(CLUB, output=tmp_path / "whole")
        assert read_tree(tmp_path / "out") == read_tree(tmp_path / "whole")
        properties, _ = read_note(tmp_path / "out")
        assert properties.keys().isdisjoint({"coverage", "asked"})
        found, verdict = await verify(stage, tmp_path / "out")
        assert (found["verdict"], found["chats"][0]["account"]["extent"]) == ("complete", "whole")
        assert verdict.startswith("COMPLETE: ")


async def test_the_newest_of_fewer_messages_are_all_of_them(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        await stage.export(CLUB, output=tmp_path / "out", span=parse_span(last=10_000))
        assert (await verify(stage, tmp_path / "out"))[0]["verdict"] == "complete"


async def test_what_was_asked_for_above_a_whole_chat_makes_it_a_part(tmp_path: Path) -> None:
    world = make_world()
    async with open_stage(world, tmp_path) as stage:
        await stage.export(CLUB, output=tmp_path / "out")
        chat = chat_called(world, "Rowing Club")
        top = chat.top
        for number in range(20):
            world.add_message(chat.marked, f"Later {number}", sender=world.owner)
        await stage.export(CLUB, output=tmp_path / "out", span=parse_span(last=5))
        found, _ = await verify(stage, tmp_path / "out")
        assert found["chats"][0]["account"]["asked"] == [[1, top], [top + 16, top + 20]]
        assert found["verdict"] == "part"
        await stage.export(CLUB, output=tmp_path / "out")
        assert (await verify(stage, tmp_path / "out"))[0]["verdict"] == "complete"


async def test_a_topic_is_a_part_of_its_forum_and_is_named(tmp_path: Path) -> None:
    output = tmp_path / "out"
    async with open_stage(make_world("tree"), tmp_path) as stage:
        await stage.run(ExportRequest(("@woods_demo",), output, spots=(parse_topic("tree 4"),)))
        found, verdict = await verify(stage, output)
        [topic] = found["chats"][0]["account"]["threads"]
        assert found["verdict"] == "part"
        assert verdict.startswith(f"IN PART: complete in topic {topic} and all else that was asked for;")
        properties, text = read_note(output, Path("Woods") / "Woods.md")
        assert properties["asked"] == f"topic {topic}"
        assert f"Only a part of this chat was asked for: topic Tree 4 ({topic})  \n" in text
        await stage.export("@woods_demo", output=output)
        await stage.export("@woods_demo", output=tmp_path / "whole")
        assert read_tree(output) == read_tree(tmp_path / "whole")


async def test_a_chat_without_messages_is_whole_and_one_that_cannot_be_read_is_not(tmp_path: Path) -> None:
    world = make_world()
    for chat in (chat_called(world, "Rowing Club"), chat_called(world, "Harbour News")):
        world.delete_messages(chat.marked, [*world.ids(chat.marked)])
    async with open_stage(world, tmp_path) as stage:
        await stage.export(CLUB, output=tmp_path / "out")
        found, _ = await verify(stage, tmp_path / "out")
        assert (found["verdict"], found["chats"][0]["account"]["extent"]) == ("complete", "whole")
        await stage.export(NEWS, output=tmp_path / "none", span=parse_span(last=5))
        found, verdict = await verify(stage, tmp_path / "none")
        assert (found["verdict"], found["chats"][0]["account"]["extent"]) == ("none", "none")
        assert verdict.startswith("NOTHING ASKED FOR: ")
        assert not (tmp_path / "none" / "Chats.md").exists()


async def test_a_folder_of_whole_chats_and_others_says_how_many_are_not(tmp_path: Path) -> None:
    output = tmp_path / "out"
    async with open_stage(make_world(), tmp_path) as stage:
        await stage.export(NEWS, output=output)
        await stage.export(CLUB, output=output, span=parse_span(last=5))
        await search(stage, output, "me")
        found, verdict = await verify(stage, output)
        assert found["verdict"] == "part"
        assert verdict.endswith("but of 3 chats 1 was asked for only in part and 1 was only searched.")
        assert (await verify(stage, output, NEWS))[0]["verdict"] == "complete"


@pytest.mark.parametrize("answer", often(range(1, 8), 2, 6))
async def test_a_part_killed_anywhere_says_the_same_of_itself(tmp_path: Path, answer: int) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        last = ["--last", "70"]
        for output, killed in ((tmp_path / "whole", False), (tmp_path / "killed", True)):
            if killed:
                await kill_at_answer(stage, [CLUB, *last], output, answer)
            await stage.export(CLUB, output=output, span=parse_span(last=70))
        assert read_tree(tmp_path / "killed") == read_tree(tmp_path / "whole")
        assert read_note(tmp_path / "killed")[0]["coverage"] == "part"
