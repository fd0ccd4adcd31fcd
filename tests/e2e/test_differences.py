"""What was touched between two runs is found without reading messages again, where Telegram tells it."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from telethon.tl import functions

from e2e.changes import Answer, chat_called, listed_names, never_migrated, serving_instead
from e2e.stage import Stage, open_stage, query
from e2e.test_changes import (
    change_at_random,
    export_one,
    gone_ids,
    is_proved,
    plain_ids,
    stored_rows,
    text_of,
)
from seeds import often
from tobs._util.clock import ManualClock
from tobs.core.ids import is_channel, is_group
from tobs.core.report import ChangedChat, KnownFrom, RunReport
from tobs.core.span import parse_span
from tobs.simulator.changes import Changes
from tobs.simulator.corpus.people import ANNA
from tobs.simulator.corpus.small import GROUP_ID
from tobs.simulator.dispatch import Context
from tobs.simulator.faults import FaultScript, Flood, TooLong
from tobs.simulator.model import Chat, World
from tobs.simulator.world import BENCH_CHAT, WORLDS

NO_SWEEP: dict[str, Any] = {"refresh_window": "0"}
WHOLE = KnownFrom(1)
ANNAS = "SELECT text FROM messages WHERE chat_id = ? AND id = ?"


def make_world(seed: int = 1, bulk: int = 0, name: str = "small") -> World:
    """Return a world whose server remembers what happened, as Telegram's does for 100,000 updates."""
    world = never_migrated(WORLDS[name](seed, bulk))
    world.forgets_after = 100_000
    return world


def grow(stage: Stage, chat: Chat, count: int = 120) -> None:
    """Let more messages arrive than the page holds that every run reads anyway."""
    fields: dict[str, Any] = {"post": True} if getattr(chat.entity, "broadcast", None) else {}
    for number in range(count):
        stage.world.add_message(chat.marked, f"Small talk {number}", **fields)


def asked_since(stage: Stage, before: Counter[str]) -> dict[str, int]:
    """Return how often the server was asked what, but for the connection itself."""
    return {
        name: count
        for name, count in (stage.simulator.counts - before).items()
        if name.split(".")[0] in {"messages", "channels", "updates", "contacts"}
    }


def assert_like_world(stage: Stage, output: Path, chats: list[int]) -> None:
    """Every message that is there is stored as it is there; what is not there any more has a tombstone."""
    for chat in chats:
        rows = dict(stored_rows(stage, output, chat, "SELECT id, text FROM messages"))
        gone = set(gone_ids(stage, output, chat))
        there = {number: text_of(stage, chat, number) for number in stage.world.ids(chat)}
        assert {number: text for number, text in rows.items() if number not in gone} == there, chat


@pytest.mark.parametrize(
    ("name", "title"),
    [("small", "Rowing Club"), ("small", "Harbour News"), ("small", "Anna"), ("small", "group"), ("tree", "forum")],
)  # fmt: skip
async def test_what_was_edited_and_deleted_is_found_without_a_sweep(
    tmp_path: Path, name: str, title: str
) -> None:
    async with open_stage(make_world(bulk=300, name=name), tmp_path) as stage:
        marked = {"Anna": ANNA, "group": -GROUP_ID}.get(title)
        if title == "forum":
            [chat] = [each for each in stage.world.chats if each.topics]
        else:
            found = stage.world.chat(marked) if marked else chat_called(stage.world, title)
            assert found is not None
            chat = found
        output = tmp_path / "out"
        grow(stage, chat)
        first = await export_one(stage, chat, output, **NO_SWEEP)
        assert first.changes_known_from == WHOLE
        edited, gone, *_ = plain_ids(stage, chat)
        before = text_of(stage, chat.marked, edited)
        stage.world.edit_message(chat.marked, edited, "What I meant.")
        stage.world.delete_message(chat.marked, gone)
        counts = stage.simulator.counts.copy()
        report = await export_one(stage, chat, output, **NO_SWEEP)
        assert (report.edited, report.deleted, report.difference) == (1, 1, "applied")
        assert report.changes_known_from == WHOLE
        assert asked_since(stage, counts)["messages.getHistory"] == 1
        assert gone_ids(stage, output, chat.marked) == [gone]
        assert stored_rows(stage, output, chat.marked, "SELECT id, text FROM versions") == [(edited, before)]
        assert await is_proved(stage, output)


async def test_a_run_with_nothing_new_costs_two_requests_a_chat_and_one_more_a_group(tmp_path: Path) -> None:
    async with open_stage(make_world(bulk=2_500), tmp_path) as stage:
        output, names = tmp_path / "out", listed_names(stage.world)
        await stage.export(*names, output=output)
        for _ in range(2):
            before = stage.simulator.counts.copy()
            rows = query(output, "SELECT count(*) FROM responses")
            report = await stage.export(*names, output=output)
            channels = sum(is_channel(int(each)) for each in names)
            groups = sum(is_group(int(each)) for each in names)  # each may have become a supergroup
            assert asked_since(stage, before) == {
                "messages.getHistory": len(names),
                "updates.getChannelDifference": channels,
                "updates.getDifference": 1,
                "messages.getChats": groups,
            }
            assert all(each.changes_known_from == WHOLE for each in report.chats)
            assert query(output, "SELECT count(*) FROM responses") == rows


async def test_only_channels_in_the_archive_ask_nothing_of_the_account(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        chat = chat_called(stage.world, "Rowing Club")
        before = stage.simulator.counts.copy()
        report = await stage.export(str(chat.marked), output=tmp_path / "out")
        assert report.account is None
        assert asked_since(stage, before).keys().isdisjoint({"updates.getState", "updates.getDifference"})


async def test_private_chats_that_are_not_named_are_brought_up_to_date_too(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        output, club = tmp_path / "out", chat_called(stage.world, "Rowing Club")
        anna, group = stage.world.chat(ANNA), stage.world.chat(-GROUP_ID)
        assert anna is not None
        assert group is not None
        await stage.export(str(ANNA), str(club.marked), output=output)
        edited, gone, *_ = plain_ids(stage, anna)
        stage.world.edit_message(ANNA, edited, "What I meant.")
        stage.world.delete_message(ANNA, gone)
        stage.world.delete_message(group.marked, plain_ids(stage, group)[0])  # not in the archive
        report = await stage.export(str(club.marked), output=output)
        assert report.account is not None
        assert report.account.also_changed == [ChangedChat(ANNA, anna.title, edited=1, deleted=1)]
        assert query(output, ANNAS, ANNA, edited) == [("What I meant.",)]
        assert gone_ids(stage, output, ANNA) == [gone]
        assert stage.simulator.counts["messages.getMessages"] == 1
        found = json.loads((await stage.tobs("verify", "-o", str(output), "--json")).out)
        [changes] = [each["changes"] for each in found["chats"] if each["id"] == ANNA]
        assert (changes["known_from"]["id"], changes["known_at"]) == (1, report.start_time)
        again = await stage.tobs("export", str(club.marked), "-o", str(output))
        assert again.code == 0


async def test_a_deletion_that_names_no_chat_never_hits_a_channel(tmp_path: Path) -> None:
    async with open_stage(make_world(bulk=3_000), tmp_path) as stage:
        output, world = tmp_path / "out", stage.world
        names = listed_names(world)
        await stage.export(*names, output=output)
        taken = {number for each in map(int, names) if is_channel(each) for number in world.ids(each)}
        hit = [number for number in world.ids(ANNA) if number in taken]
        assert hit
        world.delete_messages(ANNA, hit)
        await stage.export(*names, output=output, **NO_SWEEP)
        assert query(output, "SELECT DISTINCT chat_id FROM deletions") == [(ANNA,)]
        assert gone_ids(stage, output, ANNA) == hit
        assert stage.simulator.counts["channels.getMessages"] == 0


async def test_a_chat_that_is_exported_later_has_the_whole_story_from_then_on(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        output, anna = tmp_path / "out", stage.world.chat(ANNA)
        assert anna is not None
        before = stage.simulator.counts.copy()
        await stage.export(str(-GROUP_ID), output=output)
        stage.world.edit_message(ANNA, plain_ids(stage, anna)[1], "Before its first export.")
        assert (await export_one(stage, anna, output)).edited == 0
        stage.world.edit_message(ANNA, plain_ids(stage, anna)[0], "After its first export.")
        report = await export_one(stage, anna, output, **NO_SWEEP)
        assert (report.edited, report.changes_known_from) == (1, WHOLE)
        assert asked_since(stage, before)["updates.getState"] == 1
        assert_like_world(stage, output, [ANNA, -GROUP_ID])


@pytest.mark.parametrize(
    ("title", "request_class"),
    [
        ("Rowing Club", functions.updates.GetChannelDifferenceRequest),
        ("Anna", functions.updates.GetDifferenceRequest),
    ],
)
async def test_what_arrives_right_behind_a_difference_and_is_edited_later_is_known_as_edited(
    tmp_path: Path, title: str, request_class: Any
) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        chat = stage.world.chat(ANNA) if title == "Anna" else chat_called(stage.world, title)
        assert chat is not None
        output, late = tmp_path / "out", list[int]()
        await export_one(stage, chat, output)

        def arrive(_context: Context, _request: Any, answer: Answer) -> Any:
            told = answer()
            late.append(stage.world.add_message(chat.marked, "Too late for the difference."))
            return told

        with serving_instead(request_class, arrive):
            assert (await export_one(stage, chat, output)).new == 1
        stage.world.edit_message(chat.marked, late[0], "New to the next difference, and edited.")
        grow(stage, chat, 100)  # one page exactly, so that no other reads on below it
        assert (await export_one(stage, chat, output, **NO_SWEEP)).edited == 1
        assert_like_world(stage, output, [chat.marked])


async def test_many_changes_come_in_several_answers(tmp_path: Path) -> None:
    async with open_stage(make_world(bulk=600, name="bench"), tmp_path) as stage:
        output = tmp_path / "out"
        first = await stage.export(BENCH_CHAT, output=output)
        chat = stage.world.chat(first.chats[0].id)
        assert chat is not None
        ids = plain_ids(stage, chat)
        for number in ids[:130]:
            stage.world.edit_message(chat.marked, number, f"Changed {number}")
        for number in ids[200:250]:
            stage.world.delete_message(chat.marked, number)
        report = await export_one(stage, chat, output, **NO_SWEEP)
        assert (report.edited, report.deleted) == (130, 50)
        assert stage.simulator.counts["updates.getChannelDifference"] == 2
        assert stage.simulator.counts["channels.getMessages"] == 2
        assert await is_proved(stage, output)


@pytest.mark.parametrize("seed", often(range(1, 4), 1))
async def test_what_changes_while_pages_are_read_is_known_to_the_next_run(tmp_path: Path, seed: int) -> None:
    changes = Changes(seed=seed, arrivals=0.6, edits=0.6, deletions=0.6)
    async with open_stage(make_world(seed, 900), tmp_path, changes=changes) as stage:
        output, names = tmp_path / "out", listed_names(stage.world)
        await stage.export(*names, output=output, **NO_SWEEP)
        changes.total = changes.made.total()
        assert min(changes.made[each] for each in ("arrivals", "edits", "deletions")) > 3
        report = await stage.export(*names, output=output, **NO_SWEEP)
        assert report.exit_code == 0
        assert {each.difference for each in report.chats} == {"applied"}
        assert_like_world(stage, output, [*map(int, names)])
        assert await is_proved(stage, output)


@pytest.mark.parametrize("seed", often(range(1, 5), 2))
async def test_after_any_changes_in_any_runs_the_archive_is_the_world(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    script = FaultScript([TooLong(chance=0.15), Flood(60, methods=("updates.*",), chance=0.1)], seed=seed)
    async with open_stage(make_world(seed, 300), tmp_path, faults=script) as stage:
        output, world = tmp_path / "out", stage.world
        chats = [each for each in world.chats if str(each.marked) in listed_names(world) and each.count > 8]
        for run in range(6):
            # Each run names some chats; one that was never named is not in the archive.
            named = chats if run in {0, 5} else chance.sample(chats, 3)
            report = await stage.export(
                *(str(each.marked) for each in named), output=output, clock=ManualClock()
            )
            assert report.exit_code == 0
            assert_like_world(stage, output, [each.marked for each in named])
            for chat in chats:
                change_at_random(stage, chat, chance)
        assert script.struck
        assert await is_proved(stage, output)


async def test_a_range_brings_what_is_stored_up_to_date_and_claims_no_more(tmp_path: Path) -> None:
    async with open_stage(make_world(bulk=800, name="bench"), tmp_path) as stage:
        output, last = tmp_path / "out", parse_span(last=50)
        first: RunReport = await stage.export(BENCH_CHAT, output=output, span=parse_span(last=120))
        assert first.chats[0].changes_known_from == WHOLE
        chat = stage.world.chat(first.chats[0].id)
        assert chat is not None
        ids = plain_ids(stage, chat)
        stage.world.edit_message(chat.marked, ids[-110], "Edited out of the range.")
        stage.world.delete_message(chat.marked, ids[-100])
        [report] = (await stage.export(BENCH_CHAT, output=output, span=last)).chats
        assert (report.edited, report.deleted, report.changes_known_from) == (1, 1, WHOLE)
        stage.world.forgets_after = 0
        stage.world.delete_message(chat.marked, ids[-90])
        [report] = (await stage.export(BENCH_CHAT, output=output, span=last)).chats
        assert (report.difference, report.deleted, report.changes_known_from) == ("too long", 0, None)
        whole = await export_one(stage, chat, output)
        assert (whole.deleted, whole.changes_known_from) == (1, WHOLE)
        assert_like_world(stage, output, [chat.marked])
