"""`tobs render`, `archive info` and `config show` on a folder that an export has filled."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import unquote

from telethon import functions

from e2e.changes import chat_called, listed_names, serving_instead
from e2e.stage import open_stage, query, read_tree
from tobs.simulator.world import WORLDS, World

CLUB = "@rowing_club_demo"


def make_world() -> World:
    return WORLDS["small"](1, 0)


async def test_notes_that_were_all_deleted_come_back_without_the_network(tmp_path: Path) -> None:
    output = tmp_path / "out"
    async with open_stage(make_world(), tmp_path) as stage:
        await stage.export(*listed_names(stage.world), output=output)
        before = read_tree(output)
    for note in output.rglob("*.md"):
        note.unlink()
    done = await stage.tobs("render", "-o", str(output))
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{len(before)} files written, 0 unchanged, 0 removed")
    assert read_tree(output) == before


async def test_another_timezone_redraws_everything_and_stays(tmp_path: Path) -> None:
    output = tmp_path / "out"
    async with open_stage(make_world(), tmp_path) as stage:
        await stage.export(CLUB, output=output)
        berlin = read_tree(output)
        assert (await stage.tobs("render", "-o", "out", "--timezone", "Asia/Tokyo")).code == 0
        tokyo = read_tree(output)
        assert tokyo != berlin
        assert (await stage.export(CLUB, output=output, timezone=None)).exit_code == 0
        assert read_tree(output) == tokyo
        assert (await stage.export(CLUB, output=tmp_path / "fresh", timezone="Asia/Tokyo")).exit_code == 0
        assert read_tree(tmp_path / "fresh") == tokyo


async def test_in_every_layout_all_links_lead_to_a_message_and_nothing_of_another_one_is_left(
    tmp_path: Path,
) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        names = listed_names(stage.world)
        first = await stage.export(*names, output=tmp_path / "out")
        assert first.exit_code == 0
        months = read_tree(tmp_path / "out")
        for layout in ("day", "year", "single", "post", "month"):
            await stage.export(*names, output=tmp_path / "out", layout=layout)
            assert find_dangling(tmp_path / "out") == set()
        assert read_tree(tmp_path / "out") == months
        await stage.export(*names, output=tmp_path / "posts", layout="post")
        done = await stage.tobs("render", "-o", "out", "--layout", "post")
        assert done.code == 0
        assert read_tree(tmp_path / "out") == read_tree(tmp_path / "posts")
        refused = await stage.tobs("render", "-o", "out", "--layout", "week")
        assert (refused.code, "month, day, year, post or single" in refused.err) == (2, True)


async def test_in_commonmark_every_link_is_a_path_to_an_anchor_and_obsidian_comes_back(
    tmp_path: Path,
) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        names = listed_names(stage.world)
        await stage.export(*names, output=tmp_path / "out")
        wikilinks = read_tree(tmp_path / "out")
        await stage.export(*names, output=tmp_path / "out", flavor="commonmark")
        bodies = {each: each.read_text() for each in (tmp_path / "out").rglob("*.md")}
        assert len(bodies) == len(wikilinks)
        assert not any(re.search(r"#\^[gm]\d| \^[gm]\d+$", body, re.MULTILINE) for body in bodies.values())
        links = [
            (note.parent / unquote(path), anchor)
            for note, body in bodies.items()
            for path, anchor in re.findall(r"\]\(([^:)#]+\.md)(?:#(\w+))?\)", body)
        ]
        assert any(anchor for _, anchor in links)
        for path, anchor in links:
            assert f'<a id="{anchor}"></a>' in bodies[path.resolve()] or not anchor
        assert (await stage.tobs("render", "-o", "out", "--flavor", "obsidian")).code == 0
        assert read_tree(tmp_path / "out") == wikilinks


def find_dangling(output: Path) -> set[str]:
    """Return the links to messages that no note shows."""
    notes = {each.stem: each.read_text() for each in output.rglob("*.md")}
    there = {
        f"{name}#^{anchor}"
        for name, body in notes.items()
        for anchor in re.findall(r" \^([gm]\d+)$", body, re.MULTILINE)
    }
    linked = {each for body in notes.values() for each in re.findall(r"\[\[([^\]|]+#\^\w+)\|", body)}
    assert linked
    return linked - there


async def test_overwrite_replaces_what_the_owner_changed(tmp_path: Path) -> None:
    output = tmp_path / "out"
    async with open_stage(make_world(), tmp_path) as stage:
        await stage.export(CLUB, output=output)
        before = read_tree(output)
        note = min(output.glob("*/2*/*.md"))
        note.write_text(note.read_text() + "\nMy own words.\n")
        kept = await stage.tobs("render", "-o", "out")
        assert note.name in kept.out
        assert "My own words." in note.read_text()
        replaced = json.loads((await stage.tobs("render", "-o", "out", "--overwrite", "--json")).out)
        assert str(note.relative_to(output)) in replaced["written"]
        assert read_tree(output) == before


async def test_an_archive_tells_what_it_holds_while_an_export_writes_it(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        club = chat_called(stage.world, "Rowing Club")
        await stage.export(CLUB, output=tmp_path / "out")
        assert "format 1, 1 run\n" in (await stage.tobs("archive", "info", "-o", "out")).out
        seen = []

        async def look(_context: object, _request: object, answer: object) -> object:
            seen.append(await stage.tobs("archive", "info", "-o", "out", "--json"))
            return answer()  # type: ignore[operator]

        with serving_instead(functions.messages.GetHistoryRequest, look, is_async=True):
            assert (await stage.export("me", output=tmp_path / "out")).exit_code == 0
        info = json.loads(seen[0].out)
        [chat] = [each for each in info["chats"] if each["chat"]["id"] == club.marked]
        assert chat["messages"] == club.count
        assert chat["covered"] == [[1, club.top]]
        shown = await stage.tobs("archive", "info", "-o", "out")
        assert shown.code == 0
        assert "Rowing Club" in shown.out
        assert "format 1, 2 runs" in shown.out


async def test_a_render_leaves_archive_and_account_as_they_are(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        await stage.export(CLUB, output=tmp_path / "out")
        before = (
            query(tmp_path / "out", "SELECT count(*), max(start_time) FROM runs"),
            stage.simulator.total_answers,
        )
        assert (await stage.tobs("render", "-o", "out")).code == 0
        assert before == (
            query(tmp_path / "out", "SELECT count(*), max(start_time) FROM runs"),
            stage.simulator.total_answers,
        )


async def test_the_settings_of_a_run_are_shown_without_their_secrets(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path, login=False) as stage:
        done = await stage.tobs("config", "show", "--json", EXPORT_TG_CODE="54321")
        settings = json.loads(done.out)
        assert settings["TOBS_SERVER"]["value"] == stage.simulator.address
        assert settings["TOBS_SERVER"]["origin"] == "environment"
        assert settings["TOBS_API_HASH"]["value"] == "(hidden)"
        assert "54321" not in done.out
        assert "0" * 32 not in done.out
