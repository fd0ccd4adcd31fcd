"""`tobs chats`: the account's list beside what an export folder has of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from e2e.changes import chat_called
from e2e.stage import Stage, open_stage
from e2e.terminal import at_terminal
from tobs.simulator.corpus.small import GROUP_ID
from tobs.simulator.model import Folder
from tobs.simulator.world import WORLDS

CLUB = "@rowing_club_demo"


async def list_json(stage: Stage, *arguments: str) -> dict[str, dict[str, Any]]:
    done = await stage.tobs("chats", "--json", *arguments)
    assert (done.code, done.err) == (0, ""), done.err
    return {each["title"]: each for each in json.loads(done.out)}


async def test_what_is_new_since_an_export_is_counted_where_ids_are_of_the_chat(tmp_path: Path) -> None:
    async with open_stage(WORLDS["small"](1, 0), tmp_path) as stage:
        world, output = stage.world, tmp_path / "export"
        club, news = chat_called(world, "Rowing Club"), chat_called(world, "Harbour News")
        world.folders.append(Folder(2, "Sport", (club.marked,)))
        before = await list_json(stage)
        assert {each["exported"] for each in before.values()} == {""}
        assert {(each["has_new"], each["new"]) for each in before.values()} == {(False, None)}
        assert [name for name, each in before.items() if each["folders"] == ["Sport"]] == [club.title]

        await stage.export(CLUB, str(news.marked), str(-GROUP_ID), output=output)
        for number in range(3):
            world.add_message(club.marked, f"News {number}", sender=world.owner)
        world.add_message(-GROUP_ID, "News", sender=world.owner)
        after = await list_json(stage)
        assert (after[club.title]["has_new"], after[club.title]["new"]) == (True, 3)
        assert after[club.title]["messages"] > 0
        group = chat_called(world, "Kitchen")
        assert (after[group.title]["has_new"], after[group.title]["new"]) == (True, None)
        assert (after[news.title]["has_new"], after[news.title]["new"]) == (False, 0)
        [run] = (output / ".tobs" / "runs").glob("*.json")
        start = json.loads(run.read_bytes())["start_time"]
        assert {each["exported"][:19] for each in after.values() if each["exported"]} == {start[:19]}
        dates = [each["last_message"] for each in after.values() if not each["is_archived"]]
        assert all(dates)

        assert {*await list_json(stage, "--exported")} == {club.title, news.title, group.title}
        rest = {*await list_json(stage, "--not-exported", "--no-archived")}
        assert rest == {name for name, each in before.items() if not each["is_archived"]} - {
            *await list_json(stage, "--exported")
        }
        assert [*await list_json(stage, "--sort", "new")][:2] == [club.title, group.title]
        assert [*await list_json(stage, "--sort", "title", "--limit", "2")] == sorted(
            before, key=str.casefold
        )[:2]
        assert [*await list_json(stage, "ROWING", "demo")] == [club.title]

        await stage.export(CLUB, output=output)
        again = await list_json(stage, "rowing")
        assert (again[club.title]["has_new"], again[club.title]["new"]) == (False, 0)
        assert again[club.title]["exported"] > after[club.title]["exported"]


async def test_what_is_shown_fits_the_terminal_and_says_when_nothing_does(tmp_path: Path) -> None:
    async with open_stage(WORLDS["small"](1, 0), tmp_path) as stage:
        plain = (await stage.tobs("chats")).out.splitlines()
        assert plain[0].split() == ["id", "kind", "username", "last", "message", "folders", "title"]
        none = await stage.tobs("chats", "nobody", "--sort", "kind")
        assert none.code == 0
        assert none.out == f"None of {len(plain) - 1} chats is such a chat.\n"
        wrong = await stage.tobs("chats", "--sort", "size")
        assert (wrong.code, wrong.err.splitlines()[0]) == (2, "--sort does not know 'size'.")
        async with at_terminal(stage, "chats", columns=40) as person:
            assert await person.terminal.end() == 0
        lines = person.terminal.shown.splitlines()
        assert lines[0].split()[0] == "id"
        assert "username" not in lines[0]
        assert any("Rowing Club" in each for each in lines)
