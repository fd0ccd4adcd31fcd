"""result.json of whole chats, exported over sockets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from e2e.changes import listed_names
from e2e.stage import open_stage, query, read_tree
from tobs.core.events import Said
from tobs.simulator.world import WORLDS
from writers.result import check_lines

SHIFT = 1_000_000_000


def read_files(output: Path) -> dict[int, list[dict[str, Any]]]:
    """Return the messages of each file by the chat's marked id."""
    found = {}
    for path in output.rglob("result.json"):
        text = path.read_text(encoding="utf-8")
        check_lines(text)
        result = json.loads(text)
        found[result["tobs_chat_id"]] = result["messages"]
    return found


async def test_each_chat_has_a_file_with_all_that_its_archive_has(tmp_path: Path) -> None:
    output = tmp_path / "out"
    async with open_stage(WORLDS["everything"](1, 0), tmp_path) as stage:
        report = await stage.export(*listed_names(stage.world), output=output, format=("json",))
        assert report.exit_code == 0
        before = read_tree(output)
        again = await stage.export(*listed_names(stage.world), output=output)
        assert (again.exit_code, read_tree(output)) == (0, before)
    assert {Path(each).name for each in before} == {"result.json"}
    files = read_files(output)
    heads = query(output, "SELECT id FROM chats WHERE migrated_to = 0")
    assert files.keys() == {each for (each,) in heads}
    for chat_id, entries in files.items():
        stored = query(
            output,
            "SELECT messages.id - (chat_id <> ?) * ?, date, text FROM messages JOIN chats ON chats.id = chat_id"
            " AND chats.account = messages.account WHERE ? IN (chats.id, migrated_to) ORDER BY 1",
            chat_id, SHIFT, chat_id,
        )  # fmt: skip
        assert [(each["id"], int(each["date_unixtime"])) for each in entries] == [each[:2] for each in stored]
        for entry, (*_, text) in zip(entries, stored, strict=True):
            said = "".join(each["text"] for each in entry["text_entities"])
            is_told_elsewhere = not text and (
                "page" in entry["tobs"]["content"] or entry["type"] == "service"
            )
            assert said == text or is_told_elsewhere
    assert any(each["id"] < 0 for entries in files.values() for each in entries)


async def test_a_folder_that_is_drawn_otherwise_says_what_goes_and_how_to_have_both(tmp_path: Path) -> None:
    async with open_stage(WORLDS["small"](1, 0), tmp_path) as stage:
        await stage.export("me", output=tmp_path / "out")
        await stage.export("me", output=tmp_path / "out", format=("markdown", "json"))
        assert not [each for each in stage.events if isinstance(each, Said) and "from now on" in each.text]
        await stage.export("me", output=tmp_path / "out", format=("json",))
    [said] = [each for each in stage.events if isinstance(each, Said) and "from now on" in each.text]
    assert said.text == (
        "The whole folder is json from now on: its files of markdown are removed, but for those that you changed."
        " `--format markdown --format json` has both."
    )
    assert not [*(tmp_path / "out").rglob("*.md")]
