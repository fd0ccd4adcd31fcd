"""One message of each constructor goes the whole way: over a socket, into the archive, into a note, and is proved."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from e2e.stage import open_stage, query
from tobs.cli import main
from tobs.core.certificate import Certificate
from tobs.core.ids import mark_channel
from tobs.simulator.corpus.every import EVERY_ID, list_constructors
from tobs.simulator.world import WORLDS

EVERY = mark_channel(EVERY_ID)


async def export_twice(folder: Path) -> None:
    """Export all of it; the second run finds nothing new and no edit."""
    async with open_stage(WORLDS["every"](1, 0), folder) as stage:
        first = await stage.export("@gallery_every", output=folder / "out")
        again = await stage.export("@gallery_every", output=folder / "out")
    assert (first.exit_code, again.exit_code) == (0, 0)


def test_every_constructor_is_exported_and_equals_the_answer_it_came_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(export_twice(tmp_path))
    output = tmp_path / "out"
    count = len(list_constructors())
    assert query(output, "SELECT count(*) FROM messages WHERE chat_id = ?", EVERY) == [(count,)]
    assert query(output, "SELECT count(*) FROM versions") == [(0,)]
    capsys.readouterr()
    assert main(["verify", "-o", str(output), "--json"]) == 0
    found = msgspec.json.decode(capsys.readouterr().out, type=Certificate)
    assert found.chats[0].checked.messages == count
    notes = "".join(each.read_text() for each in output.rglob("*.md"))
    assert all(f"^m{number}\n" in notes for number in range(1, count + 1))
