"""Chats in which everything is an attack, exported in every format and shown on the screen: nothing leaves its place."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from attacks import ATTACKS
from e2e.hostile_world import GALLERY, build_hostile
from e2e.stage import Finished, Stage, open_stage, query
from tobs.core.choice import MediaChoice
from tobs.core.ids import mark_channel
from unharmed import DANGEROUS, check_lines, check_names, check_notes, check_pages
from writers.dialect import make_reader

DOCUMENTS = MediaChoice(kinds=("document",))


def check_log(output: Path) -> None:
    log = (output / ".tobs/logs/tobs.log").read_text()
    assert log
    for line in log.split("\n")[:-1]:
        assert re.match(r"\d{4}-\d\d-\d\dT[\d:.]+Z [A-Z]+ [a-z.]+: |    ", line), ascii(line)
        assert not DANGEROUS.search(line), ascii(line)
    assert not re.search(r"^\S+ (INFO|ERROR) tobs\.run: forged", log, re.MULTILINE)


def check_shown(done: Finished) -> None:
    assert "Traceback" not in done.err
    for text in (done.out, done.err):
        assert not DANGEROUS.search(text), ascii(text)


def read_titles(output: Path) -> list[str]:
    return [title for (title,) in query(output, "SELECT title FROM chats ORDER BY id DESC")]


async def show_everything(stage: Stage, title: str) -> None:
    """Have every command that shows titles show them, as text, as JSON, and in errors."""
    for arguments in (
        ("chats",),
        ("chats", "--json"),
        ("export", title, "-o", "out"),
        ("export", "--all", "--dry-run", "-o", "out"),
        ("verify", "-v", "--fidelity", "-o", "out"),
        ("verify", "--json", "-o", "out"),
        ("verify", "no such chat", "-o", "out"),
        ("archive", "info", "-o", "out"),
        ("archive", "info", "--json", "-o", "out"),
        ("metrics", "show", "-o", "out"),
    ):
        done = await stage.tobs(*arguments, TOBS_TTY_MODE="force-non-tty")
        check_shown(done)
        assert done.code in {0, 4}, (arguments, done.err)
        if "--json" in arguments:
            json.loads(done.out)


async def export_attacks(titles: tuple[str, ...], folder: Path) -> None:
    """Export a hostile world in every format and flavor, and look at all that comes of it."""
    world = build_hostile(titles)
    gallery = str(mark_channel(GALLERY))
    rest = [str(chat.marked) for chat in world.chats if str(chat.marked) != gallery]
    async with open_stage(world, folder) as stage:
        before = {each.name for each in folder.iterdir()}
        for output, flavor, formats in (
            ("out", "obsidian", ("markdown", "html", "json", "jsonl")),
            ("plain", "commonmark", ("markdown",)),
        ):
            path = folder / output
            report = await stage.export(*rest, output=path, media=DOCUMENTS, format=formats, flavor=flavor)
            assert (report.exit_code, report.error) == (0, "")
            assert (await stage.export(gallery, output=path)).exit_code == 0
            check_names(path)
            check_notes(path, make_reader() if flavor == "obsidian" else MarkdownIt("commonmark"))
        assert {*titles} <= {*read_titles(folder / "out")}
        check_pages(folder / "out")
        check_lines(folder / "out")
        await show_everything(stage, ATTACKS[0])
        check_log(folder / "out")
        assert {each.name for each in folder.iterdir()} == before | {"out", "plain"}


async def test_nothing_that_a_stranger_words_leaves_its_place(tmp_path: Path) -> None:
    await export_attacks(ATTACKS[::9], tmp_path)


@pytest.mark.long
async def test_no_title_that_a_stranger_words_leaves_its_place(tmp_path: Path) -> None:
    await export_attacks(ATTACKS, tmp_path)
