"""What a folder's files do not show is counted: in the run file, in each chat's note, and by `tobs verify --fidelity`."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import msgspec
import pytest

from e2e.stage import open_stage, query
from tobs.cli import main
from tobs.core.certificate import Certificate
from tobs.core.fidelity import ChatFidelity, Omissions
from tobs.core.ids import mark_channel
from tobs.simulator.corpus.every import EVERY_ID
from tobs.simulator.corpus.everything import MEDIA_ID
from tobs.simulator.world import WORLDS

EVERY, MEDIA = mark_channel(EVERY_ID), mark_channel(MEDIA_ID)
VOTERS = "1 poll whose voters are not shown"


def read_run(output: Path) -> list[ChatFidelity]:
    """Return what the newest run file says of fidelity."""
    document = json.loads(max((output / ".tobs" / "runs").iterdir()).read_text())
    return msgspec.convert(document["fidelity"], list[ChatFidelity])


def read_about(output: Path, title: str) -> str:
    return (output / title / f"{title}.md").read_text()


def list_not_shown(output: Path, title: str) -> list[str]:
    """Return what a chat's note names as not shown."""
    section = read_about(output, title).partition("## Not shown here\n")[2]
    return [each[2:] for each in section.splitlines() if each.startswith("- ")]


async def export_gallery(folder: Path) -> list[tuple[ChatFidelity, str]]:
    """Export one message of each constructor twice; return what each run says, and the note after it."""
    found = []
    async with open_stage(WORLDS["every"](1, 0), folder) as stage:
        for _ in range(2):
            await stage.export("@gallery_every", output=folder / "out", format=("markdown", "html", "jsonl"))
            [said] = read_run(folder / "out")
            found.append((said, read_about(folder / "out", "Gallery of constructors")))
    return found


def test_an_export_counts_what_its_files_do_not_show(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, again = asyncio.run(export_gallery(tmp_path))
    assert first == again
    said, _ = first
    assert (said.id, said.unsupported, said.withheld) == (EVERY, 1, 2)
    assert said.formats["jsonl"] == Omissions()
    assert said.formats["markdown"].paths["counters.poll.recent"] == 1
    assert said.formats["markdown"].groups["voters"] == 1
    assert VOTERS in list_not_shown(tmp_path / "out", "Gallery of constructors")
    assert "2 media withheld by Telegram" in list_not_shown(tmp_path / "out", "Gallery of constructors")
    page = (tmp_path / "out" / "Gallery of constructors" / "index.html").read_text()
    assert f"<li>{VOTERS}</li>" in page
    capsys.readouterr()
    assert main(["verify", "-o", str(tmp_path / "out"), "--fidelity"]) == 0
    lines = [each.strip() for each in capsys.readouterr().out.splitlines()]
    assert {VOTERS, "markdown:", "jsonl: nothing is left out"} <= set(lines)
    assert "all formats: 2 media withheld by Telegram" in lines
    assert main(["verify", "-o", str(tmp_path / "out"), "--json"]) == 0
    certificate = msgspec.json.decode(capsys.readouterr().out, type=Certificate)
    assert certificate.chats[0].fidelity == said


def read_kept(output: Path) -> dict[str, str]:
    """Return what the archive remembers of each month's notes."""
    return dict(query(output, "SELECT partition, counts FROM omissions WHERE format = 'markdown'"))


async def test_a_change_in_one_month_changes_the_sums_of_the_chat(tmp_path: Path) -> None:
    output, title = tmp_path / "out", "Gallery of media"
    effect = "1 message without its animated effect"
    async with open_stage(WORLDS["everything"](1, 0), tmp_path) as stage:
        await stage.export("@gallery_media", output=output)
        [before], lines, kept = read_run(output), list_not_shown(output, title), read_kept(output)
        stage.world.edit_message(MEDIA, 1, "Words that came with fireworks", effect=5)
        await stage.export("@gallery_media", output=output)
        [after], changed = read_run(output), read_kept(output)
    before.formats["markdown"].add(Omissions({"effect_id": 1}, {"effects": 1}))
    assert after == before
    assert set(list_not_shown(output, title)) == {*lines, effect}
    assert {each for each in kept if kept[each] != changed[each]} == {"2026-02"}


async def test_a_format_that_is_not_chosen_any_more_is_forgotten(tmp_path: Path) -> None:
    async with open_stage(WORLDS["everything"](1, 0), tmp_path) as stage:
        await stage.export("@gallery_media", output=tmp_path / "out", format=("markdown", "html"))
        await stage.export("@gallery_media", output=tmp_path / "out", format=("html",))
    assert query(tmp_path / "out", "SELECT DISTINCT format FROM omissions") == [("html",)]
    assert list(read_run(tmp_path / "out")[0].formats) == ["html"]
