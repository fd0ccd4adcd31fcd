"""What is edited, deleted and counted between two runs is found by the next one; what is not there is not."""

from __future__ import annotations

import json
import random
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from telethon.tl import types

from e2e.changes import chat_called, listed_names
from e2e.stage import Stage, open_stage, query, read_tree
from e2e.test_weather import log_in_first
from seeds import often
from tobs.core.ids import is_channel
from tobs.core.report import ChatReport, KnownFrom, RunReport
from tobs.simulator.changes import Changes
from tobs.simulator.model import Chat
from tobs.simulator.world import BENCH_CHAT, WORLDS

STORED = "SELECT (SELECT count(*) FROM messages), (SELECT count(*) FROM responses), (SELECT count(*) FROM versions)"


def stored_rows(stage: Stage, output: Path, chat: int, sql: str) -> list[Any]:
    account = 0 if is_channel(chat) else next(iter(stage.world.accounts.values())).user_id
    return query(output, f"{sql} WHERE account = ? AND chat_id = ? ORDER BY id", account, chat)


def gone_ids(stage: Stage, output: Path, chat: int) -> list[int]:
    return [number for (number,) in stored_rows(stage, output, chat, "SELECT id FROM deletions")]


def text_of(stage: Stage, chat: int, number: int) -> str:
    return getattr(stage.world.message(chat, number), "message", None) or ""


async def export_one(stage: Stage, chat: Chat, output: Path, **settings: Any) -> ChatReport:
    report = await stage.export(str(chat.marked), output=output, **settings)
    assert report.exit_code == 0, report
    return report.chats[-1]


def plain_ids(stage: Stage, chat: Chat) -> list[int]:
    """Return the ids of messages that are none of the service's, oldest first."""
    ids = list(stage.world.ids(chat.marked))
    return [each for each in ids if isinstance(stage.world.message(chat.marked, each), types.Message)]


@pytest.mark.parametrize("title", ["Rowing Club", "Harbour News"])
async def test_an_edit_makes_a_version_and_a_deletion_a_tombstone(tmp_path: Path, title: str) -> None:
    async with open_stage(WORLDS["small"](1, 0), tmp_path) as stage:
        chat, output = chat_called(stage.world, title), tmp_path / "out"
        await export_one(stage, chat, output)
        first, second, *_, last = plain_ids(stage, chat)
        before = text_of(stage, chat.marked, first)
        stage.world.edit_message(chat.marked, first, "What I meant.")
        stage.world.delete_messages(chat.marked, [second, last])
        report = await export_one(stage, chat, output)
        assert (report.new, report.edited, report.deleted) == (0, 1, 2)
        assert gone_ids(stage, output, chat.marked) == [second, last]
        assert stored_rows(stage, output, chat.marked, "SELECT id, text FROM versions") == [(first, before)]
        assert len(stored_rows(stage, output, chat.marked, "SELECT id FROM messages")) == report.tally.stored
        assert await is_proved(stage, output)


async def is_proved(stage: Stage, output: Path) -> bool:
    done = await stage.tobs("verify", "-o", str(output), "--json")
    return done.code == 0


async def test_private_chats_and_basic_groups_are_looked_up_in_the_account(tmp_path: Path) -> None:
    async with open_stage(WORLDS["small"](1, 0), tmp_path) as stage:
        output = tmp_path / "out"
        chats = [
            each
            for each in stage.world.chats
            if each.listed and each.count > 5 and not is_channel(each.marked)
        ]
        assert chats
        for chat in chats:
            await export_one(stage, chat, output)
            number = plain_ids(stage, chat)[2]
            stage.world.delete_message(chat.marked, number)
            assert (await export_one(stage, chat, output)).deleted == 1
            assert gone_ids(stage, output, chat.marked) == [number]
        assert stage.simulator.counts["messages.getMessages"] == len(chats)


async def test_counters_move_without_a_version(tmp_path: Path) -> None:
    async with open_stage(WORLDS["small"](1, 0), tmp_path) as stage:
        chat, output = chat_called(stage.world, "Harbour News"), tmp_path / "out"
        await export_one(stage, chat, output)
        rows = query(output, STORED)
        stage.world.set_counters(chat.marked, plain_ids(stage, chat)[0], views=987_654, forwards=2)
        report = await export_one(stage, chat, output)
        assert (report.edited, query(output, STORED)) == (0, rows)
        [note] = [each for each in output.rglob("*.md") if "987,654 views" in each.read_text()]
        assert note.parent.name.isdecimal()


async def test_a_sweep_that_finds_nothing_costs_its_pages_and_changes_nothing(tmp_path: Path) -> None:
    async with open_stage(WORLDS["bench"](1, 2_500), tmp_path) as stage:
        output = tmp_path / "out"
        await stage.export(BENCH_CHAT, output=output)
        tree, rows = read_tree(output), query(output, STORED)
        for window, most in (("0", 1), ("10", 1), ("1000", 10), ("1050", 11), ("all", 26)):
            before = stage.simulator.counts.copy()
            report = await stage.export(BENCH_CHAT, output=output, refresh_window=window)
            asked = stage.simulator.counts - before
            assert asked["messages.getHistory"] <= most + 1, window
            assert asked["channels.getMessages"] == 0
            assert report.render.written == []
            assert (read_tree(output), query(output, STORED)) == (tree, rows)


async def test_only_the_window_is_swept_and_the_report_says_down_to_where(tmp_path: Path) -> None:
    async with open_stage(WORLDS["bench"](1, 1_000), tmp_path) as stage:
        output = tmp_path / "out"
        first = await stage.export(BENCH_CHAT, output=output)
        assert first.chats[0].changes_known_from == KnownFrom(1)
        [chat] = [each for each in stage.world.chats if each.marked == first.chats[0].id]
        ids = list(stage.world.ids(chat.marked))
        stage.world.forgets_after = 0
        stage.world.delete_messages(chat.marked, [ids[-150], ids[-350]])
        report = await export_one(stage, chat, output, refresh_window="200")
        assert gone_ids(stage, output, chat.marked) == [ids[-150]]
        assert report.changes_known_from is not None
        assert report.changes_known_from.id == ids[-200]
        off = await export_one(stage, chat, output, refresh_window="0")
        assert (off.deleted, off.changes_known_from) == (0, report.changes_known_from)
        whole = await export_one(stage, chat, output, refresh_window="all")
        assert (whole.deleted, whole.changes_known_from) == (1, KnownFrom(1))


async def test_a_chat_that_was_emptied_is_kept_with_tombstones(tmp_path: Path) -> None:
    async with open_stage(WORLDS["small"](1, 0), tmp_path) as stage:
        chat, output = chat_called(stage.world, "Rowing Club"), tmp_path / "out"
        await export_one(stage, chat, output)
        ids = list(stage.world.ids(chat.marked))
        stage.world.delete_messages(chat.marked, ids)
        report = await export_one(stage, chat, output)
        assert (report.deleted, gone_ids(stage, output, chat.marked)) == (len(ids), ids)
        tree = read_tree(output)
        again = await export_one(stage, chat, output)
        assert (again.deleted, read_tree(output)) == (0, tree)


def change_at_random(stage: Stage, chat: Chat, chance: random.Random) -> None:
    """Let a handful of messages arrive, change or vanish."""
    for _ in range(chance.randrange(1, 12)):
        ids = plain_ids(stage, chat)
        kind = chance.choice(["arrive", "edit", "edit", "delete", "count"])
        if kind == "arrive" or len(ids) < 5:
            stage.world.add_message(chat.marked, f"New {chance.random()}", sender=stage.world.owner)
        elif kind == "edit":
            stage.world.edit_message(chat.marked, chance.choice(ids), f"Edited {chance.random()}")
        elif kind == "delete":
            stage.world.delete_message(chat.marked, chance.choice(ids))
        else:
            stage.world.set_counters(
                chat.marked, chance.choice(ids), views=chance.randrange(10**6), forwards=2
            )


@pytest.mark.parametrize("seed", often(range(1, 5), 1))
async def test_after_any_changes_the_archive_is_the_world_with_its_past(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    async with open_stage(WORLDS["small"](seed, 300), tmp_path) as stage:
        output, world = tmp_path / "out", stage.world
        chats = [each for each in world.chats if str(each.marked) in listed_names(world) and each.count > 8]
        seen: dict[tuple[int, int], list[str]] = {}
        for _ in range(4):
            names = [str(each.marked) for each in chats]
            report: RunReport = await stage.export(*names, output=output, refresh_window="all")
            assert report.exit_code == 0
            for chat in chats:
                for number in world.ids(chat.marked):
                    states = seen.setdefault((chat.marked, number), [])
                    text = text_of(stage, chat.marked, number)
                    if not states or states[-1] != text:
                        states.append(text)
                assert_is_world(stage, output, chat, seen)
            for chat in chats:
                change_at_random(stage, chat, chance)


def assert_is_world(stage: Stage, output: Path, chat: Chat, seen: dict[tuple[int, int], list[str]]) -> None:
    there = set(stage.world.ids(chat.marked))
    expected = {number: states for (marked, number), states in seen.items() if marked == chat.marked}
    rows = dict(stored_rows(stage, output, chat.marked, "SELECT id, text FROM messages"))
    assert rows == {number: states[-1] for number, states in expected.items()}
    versions: dict[int, list[str]] = {}
    for number, text in stored_rows(stage, output, chat.marked, "SELECT id, text FROM versions"):
        versions.setdefault(number, []).append(text)
    assert versions == {number: states[:-1] for number, states in expected.items() if states[1:]}
    assert gone_ids(stage, output, chat.marked) == sorted(expected.keys() - there)


def read_notes(output: Path) -> str:
    return "\n".join(each.read_text() for each in sorted(output.rglob("*/2*/*.md")))


async def test_a_deleted_message_is_struck_through_and_what_answers_it_still_links(tmp_path: Path) -> None:
    async with open_stage(WORLDS["small"](1, 0), tmp_path) as stage:
        chat, output = chat_called(stage.world, "Rowing Club"), tmp_path / "out"
        target = stage.world.add_message(chat.marked, "Nobody saw this", sender=stage.world.owner)
        stage.world.add_message(chat.marked, "I did", sender=stage.world.owner, reply_to=target)
        await export_one(stage, chat, output)
        stage.world.delete_message(chat.marked, target)
        await export_one(stage, chat, output)
        notes = read_notes(output)
        assert "~~Nobody saw this~~" in notes
        assert "deleted, noticed 20" in notes
        assert f"#^m{target}|" in notes
        await export_one(stage, chat, output, keep_deleted="hide")
        assert "Nobody saw this" not in read_notes(output)
        assert "> *A deleted message*" in read_notes(output)
        await export_one(stage, chat, output)
        assert "Nobody saw this" not in read_notes(output)
        done = await stage.tobs("render", "-o", str(output), "--keep-deleted", "mark", "--json")
        assert done.code == 0, done.err
        assert read_notes(output) == notes


async def test_earlier_versions_are_shown_when_the_folder_is_told_so(tmp_path: Path) -> None:
    async with open_stage(WORLDS["small"](1, 0), tmp_path) as stage:
        chat, output = chat_called(stage.world, "Rowing Club"), tmp_path / "out"
        number = stage.world.add_message(chat.marked, "First thought", sender=stage.world.owner)
        await export_one(stage, chat, output)
        stage.world.edit_message(chat.marked, number, "Second thought")
        await export_one(stage, chat, output)
        assert "First thought" not in read_notes(output)
        report = await stage.tobs("export", str(chat.marked), "-o", str(output), "--show-edits")
        assert report.code == 0, report.err
        assert "> [!note]- Earlier versions" in read_notes(output)
        assert "> First thought" in read_notes(output)
        assert await is_proved(stage, output)


async def test_what_is_told_again_draws_nothing_again(tmp_path: Path) -> None:
    async with open_stage(WORLDS["small"](1, 0), tmp_path) as stage:
        chat, output = chat_called(stage.world, "Rowing Club"), tmp_path / "out"
        await export_one(stage, chat, output, keep_deleted="hide")
        tree = read_tree(output)
        report = await stage.export(str(chat.marked), output=output, keep_deleted="hide", show_edits=False)
        assert (report.render.written, report.render.unchanged, read_tree(output)) == ([], 0, tree)


async def test_parts_count_what_is_deleted(tmp_path: Path) -> None:
    async with open_stage(WORLDS["bench"](1, 9_000), tmp_path) as stage:
        output = tmp_path / "out"
        first = await stage.export(BENCH_CHAT, output=output)
        chat = stage.world.chat(first.chats[0].id)
        assert chat is not None
        names = {each.name for each in output.rglob("*.md")}
        stage.world.delete_messages(chat.marked, plain_ids(stage, chat)[-700:-100])
        report = await export_one(stage, chat, output, keep_deleted="hide")
        assert report.deleted == 600
        assert {each.name for each in output.rglob("*.md")} == names


async def test_a_certificate_says_what_changed_and_down_to_where_that_is_known(tmp_path: Path) -> None:
    async with open_stage(WORLDS["small"](1, 0), tmp_path) as stage:
        chat, output = chat_called(stage.world, "Rowing Club"), tmp_path / "out"
        await export_one(stage, chat, output)
        first, second, *_ = ids = plain_ids(stage, chat)
        stage.world.edit_message(chat.marked, first, "Edited.")
        stage.world.delete_message(chat.marked, second)
        await export_one(stage, chat, output)
        await export_one(stage, chat, output, refresh_window="0")
        done = await stage.tobs("verify", "-v", "-o", str(output))
        assert done.code == 0, done.out
        assert "  changes   1 edited, 1 deleted; known for all that is stored as of 20" in done.out
        newest = ids[-1]
        stage.world.forgets_after = 0
        stage.world.edit_message(chat.marked, ids[2], "Nobody tells.")
        await stage.tobs("export", str(chat.marked), "-o", str(output), "--refresh", "1")
        *_, found = json.loads((await stage.tobs("verify", "-o", str(output), "--json")).out)["chats"]
        assert found["changes"]["known_from"]["id"] >= newest
        assert (found["changes"]["edited"], found["changes"]["deleted"]) == (1, 1)


async def test_a_tombstone_that_no_answer_proves_is_damage(tmp_path: Path) -> None:
    async with open_stage(WORLDS["small"](1, 0), tmp_path) as stage:
        chat, output = chat_called(stage.world, "Rowing Club"), tmp_path / "out"
        await export_one(stage, chat, output)
        number = plain_ids(stage, chat)[3]
        stage.world.delete_message(chat.marked, number)
        await export_one(stage, chat, output)
        assert await is_proved(stage, output)
        with closing(sqlite3.connect(output / ".tobs" / "archive.sqlite")) as connection, connection:
            connection.execute(
                "UPDATE responses SET low = 1, high = 1 WHERE id = (SELECT response FROM deletions)"
            )
        done = await stage.tobs("verify", "-v", "-o", str(output))
        assert done.code == 12
        assert f"the deletion of message {number} names no answer" in done.out


@pytest.mark.parametrize("seed", often(range(1, 4), 1))
async def test_a_world_that_moves_while_it_is_swept_is_caught_up_with_when_it_rests(
    tmp_path: Path, seed: int
) -> None:
    changes = Changes(seed=seed, arrivals=0.6, edits=0.6, deletions=0.6)
    script = log_in_first("pages", seed)
    async with open_stage(WORLDS["small"](seed, 900), tmp_path, changes=changes, faults=script) as stage:
        output, world = tmp_path / "out", stage.world
        names = listed_names(world)
        for _ in range(3):
            await stage.export(*names, output=output, refresh_window="all")
        changes.total = changes.made.total()
        assert min(changes.made[each] for each in ("arrivals", "edits", "deletions")) > 3
        report = await stage.export(*names, output=output, refresh_window="all")
        assert report.exit_code == 0
        for chat in map(int, names):
            rows = dict(stored_rows(stage, output, chat, "SELECT id, text FROM messages"))
            gone = gone_ids(stage, output, chat)
            there = {number: text_of(stage, chat, number) for number in world.ids(chat)}
            assert {number: text for number, text in rows.items() if number not in gone} == there
        assert await is_proved(stage, output)
