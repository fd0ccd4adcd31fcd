"""Exports the world of everything as result.json, and says beside it what the archive has: for `nox -s readers`."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from e2e.changes import listed_names
from e2e.stage import open_stage
from tobs.archive.connect import archive_path
from tobs.archive.read import ArchiveReader
from tobs.core.model import Chat, Message
from tobs.core.names import has_visible, name_peer
from tobs.simulator.world import WORLDS
from tobs.writers.clean import clean_line


async def export(folder: Path) -> None:
    async with open_stage(WORLDS["everything"](1, 0), folder) as stage:
        report = await stage.export(*listed_names(stage.world), output=folder / "out", format=("json",))
        assert report.exit_code == 0, report


def describe(reader: ArchiveReader, half: Chat, message: Message) -> dict[str, Any]:
    action, page = message.content.action, message.content.page
    blocks = page.list_blocks() if page else ()
    sender_id = half.id if message.sender_id is None else message.sender_id
    if action and action.kind == "geo_proximity_reached":
        sender_id = action.values["from_id"]
    name = clean_line(reader.peer_name(sender_id))
    return {
        "id": message.id,
        "date": message.date,
        "author": name if has_visible(name) else name_peer(sender_id),
        "text": message.text or "\n".join(each.text for each in blocks if each.text),
        "kind": action.kind if action and action.kind != "empty" else "",
    }


def list_chat(reader: ArchiveReader, chat: Chat) -> dict[str, Any]:
    halves = reader.halves(chat)
    found = [
        describe(reader, half, each)
        for half in halves
        for each in reader.messages(half, topic_id=None, start=-(2**40), end=2**40)
    ]
    return {"path": f"out/{chat.folder}/result.json", "is_merged": len(halves) > 1, "messages": found}


def main() -> None:
    folder = Path(sys.argv[1])
    asyncio.run(export(folder))
    with closing(ArchiveReader(archive_path(folder / "out"))) as reader:
        told = [list_chat(reader, each) for each in reader.chats() if not each.migrated_to]
    (folder / "archive.json").write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main()
