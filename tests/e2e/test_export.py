"""`tobs export` against a real server: what arrives is what the world has."""

from __future__ import annotations

import json
from pathlib import Path

from e2e.stage import Stage, open_stage, query, read_tree
from tobs.archive.codec import unpack_raw
from tobs.core.ids import is_channel
from tobs.core.model import MessageRow
from tobs.simulator.world import WORLDS
from tobs.telegram.decode import decode_page


async def export_everything(stage: Stage, output: Path) -> list[str]:
    chats = [str(chat.marked) for chat in stage.world.chats if chat.listed and chat.top]
    report = await stage.export(*chats, output=output)
    assert report.exit_code == 0, report
    return chats


async def test_every_message_of_every_chat_is_stored_once(tmp_path: Path) -> None:
    async with open_stage(WORLDS["everything"](1, 500), tmp_path) as stage:
        chats = await export_everything(stage, tmp_path / "out")
        account = next(iter(stage.world.accounts.values())).user_id
        for chat in map(int, chats):
            key = 0 if is_channel(chat) else account
            stored = query(
                tmp_path / "out",
                "SELECT id FROM messages WHERE account = ? AND chat_id = ? ORDER BY id",
                key,
                chat,
            )
            assert [each for (each,) in stored] == list(stage.world.ids(chat)), chat


async def test_every_id_up_to_the_top_is_accounted_for(tmp_path: Path) -> None:
    async with open_stage(WORLDS["everything"](2, 500), tmp_path) as stage:
        chats = [str(chat.marked) for chat in stage.world.chats if chat.listed and chat.top]
        report = await stage.export(*chats, output=tmp_path / "out")
        for each in report.chats:
            top = max(stage.world.ids(each.id))
            assert (each.tally.stored, each.tally.unknown) == (len(list(stage.world.ids(each.id))), 0)
            assert each.tally.stored + each.tally.empty == top


async def test_two_exports_of_the_same_world_are_byte_identical(tmp_path: Path) -> None:
    async with open_stage(WORLDS["everything"](1, 500), tmp_path) as stage:
        await export_everything(stage, tmp_path / "one")
        await export_everything(stage, tmp_path / "two")
        one = read_tree(tmp_path / "one")
        assert len(one) > 10
        assert one == read_tree(tmp_path / "two")


async def test_a_second_run_asks_once_per_chat_and_changes_nothing(tmp_path: Path) -> None:
    async with open_stage(WORLDS["everything"](1, 500), tmp_path) as stage:
        output = tmp_path / "out"
        chats = await export_everything(stage, output)
        tree, stamps = read_tree(output), _stamps(output)
        rows = query(output, "SELECT (SELECT count(*) FROM messages), (SELECT count(*) FROM responses)")
        before = stage.simulator.counts.copy()
        report = await stage.export(*chats, output=output, refresh_window="0")
        asked = stage.simulator.counts - before
        assert asked["messages.getHistory"] <= len(report.chats)
        assert asked["channels.getFullChannel"] == 0
        assert asked["contacts.resolveUsername"] == asked["messages.getDialogs"] == 0
        assert (
            query(output, "SELECT (SELECT count(*) FROM messages), (SELECT count(*) FROM responses)") == rows
        )
        assert read_tree(output) == tree
        assert _stamps(output) == stamps
        assert report.render.written == []


async def test_the_run_file_has_the_report(tmp_path: Path) -> None:
    async with open_stage(WORLDS["small"](1, 300), tmp_path) as stage:
        await export_everything(stage, tmp_path / "out")
        [path] = (tmp_path / "out" / ".tobs" / "runs").glob("*.json")
        report = json.loads(path.read_bytes())
        assert report["exit_code"] == 0
        assert sum(chat["new"] for chat in report["chats"]) == sum(
            len(list(stage.world.ids(chat["id"]))) for chat in report["chats"]
        )
        assert report["requests"]["messages.getHistory"] == stage.simulator.counts["messages.getHistory"]


async def test_the_stored_answers_decode_to_exactly_the_rows_stored(tmp_path: Path) -> None:
    async with open_stage(WORLDS["everything"](1, 0), tmp_path) as stage:
        output = tmp_path / "out"
        await export_everything(stage, output)
        owner = stage.world.owner
        kinds = {chat.marked: str(chat.kind) for chat in stage.world.chats}
        decoded = set()
        for chat_id, raw, size in query(output, "SELECT chat_id, raw, size_bytes FROM responses"):
            page = unpack_raw(raw, size_bytes=size)
            is_forum = kinds[chat_id] == "forum"
            found = decode_page(page, chat_id=chat_id, account=owner, is_forum=is_forum)
            assert found.size_bytes == size
            decoded |= {(chat_id, *row) for row in found.rows}
        columns = ", ".join(MessageRow._fields)
        assert decoded == set(query(output, f"SELECT chat_id, {columns} FROM messages"))


async def test_a_piped_run_writes_valid_event_lines_and_nothing_else(tmp_path: Path) -> None:
    async with open_stage(WORLDS["small"](1, 300), tmp_path) as stage:
        chat = next(str(chat.marked) for chat in stage.world.chats if chat.listed and chat.top)
        done = await stage.tobs("export", chat, "-o", "out")
        kinds = [event["type"] for event in done.events]
        assert done.code == 0, done.err
        assert kinds[0] == "export_start"
        assert kinds[-1] == "export_finish"
        assert "progress" in kinds
        assert done.events[-1]["success"] is True
        assert "\x1b" not in done.out + done.err


def _stamps(output: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in output.rglob("*.md")}
