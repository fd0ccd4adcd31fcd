"""What was touched between two runs is found without reading messages again, where Telegram tells it."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from telethon.tl import functions, types

from e2e.changes import Answer, chat_called, listed_names, refusing, serving_instead
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
from tobs._util.clock import ManualClock
from tobs.core.events import Said
from tobs.core.ids import is_channel
from tobs.core.report import ChangedChat, KnownFrom, RunReport
from tobs.core.span import parse_span
from tobs.simulator.changes import Changes
from tobs.simulator.corpus.people import ANNA
from tobs.simulator.corpus.small import GROUP_ID
from tobs.simulator.dispatch import Context, RpcError
from tobs.simulator.faults import FaultScript, Flood, TooLong
from tobs.simulator.model import Chat, World
from tobs.simulator.world import BENCH_CHAT, WORLDS

NO_SWEEP: dict[str, Any] = {"refresh_window": "0"}
WHOLE = KnownFrom(1)
ANNAS = "SELECT text FROM messages WHERE chat_id = ? AND id = ?"


def make_world(seed: int = 1, bulk: int = 0, name: str = "small") -> World:
    """Return a world whose server remembers what happened, as Telegram's does for 100,000 updates."""
    world = WORLDS[name](seed, bulk)
    world.forgets_after = 100_000
    return world


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


async def test_a_run_with_nothing_new_costs_two_requests_a_chat(tmp_path: Path) -> None:
    async with open_stage(make_world(bulk=2_500), tmp_path) as stage:
        output, names = tmp_path / "out", listed_names(stage.world)
        await stage.export(*names, output=output)
        for _ in range(2):
            before = stage.simulator.counts.copy()
            rows = query(output, "SELECT count(*) FROM responses")
            report = await stage.export(*names, output=output)
            channels = sum(is_channel(int(each)) for each in names)
            assert asked_since(stage, before) == {
                "messages.getHistory": len(names),
                "updates.getChannelDifference": channels,
                "updates.getDifference": 1,
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


@pytest.mark.parametrize("seed", range(1, 4))
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


@pytest.mark.parametrize("seed", range(1, 5))
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


async def test_after_a_difference_too_long_the_chain_begins_where_the_sweep_ended(tmp_path: Path) -> None:
    script = FaultScript([TooLong(methods=("updates.getChannelDifference",), at=(1,))])
    async with open_stage(make_world(bulk=1_000, name="bench"), tmp_path, faults=script) as stage:
        output = tmp_path / "out"
        first = await stage.export(BENCH_CHAT, output=output)
        chat = stage.world.chat(first.chats[0].id)
        assert chat is not None
        ids = plain_ids(stage, chat)
        stage.world.delete_messages(chat.marked, [ids[-150], ids[-350]])
        swept = await stage.export(BENCH_CHAT, output=output, refresh_window="200")
        [report] = swept.chats
        assert (report.difference, report.deleted) == ("too long", 1)
        assert report.changes_known_from is not None
        bottom = report.changes_known_from
        assert ids[-202] <= bottom.id <= ids[-198]
        assert bottom.date is not None
        stage.world.delete_message(chat.marked, ids[2])
        later = await export_one(stage, chat, output)
        assert (later.difference, later.deleted, later.changes_known_from) == ("applied", 1, bottom)
        whole = await export_one(stage, chat, output, refresh_window="all")
        assert (whole.deleted, whole.changes_known_from) == (1, WHOLE)
        assert (await export_one(stage, chat, output, **NO_SWEEP)).changes_known_from == WHOLE


async def test_an_account_difference_too_long_breaks_the_chains_of_all_its_chats(tmp_path: Path) -> None:
    def refuse(context: Context, _request: Any, _answer: Answer) -> Any:
        return types.updates.DifferenceTooLong(context.world.account_updates(context.world.owner).pts)

    async with open_stage(make_world(), tmp_path) as stage:
        output = tmp_path / "out"
        anna, group = stage.world.chat(ANNA), stage.world.chat(-GROUP_ID)
        assert anna is not None
        assert group is not None
        await stage.export(str(ANNA), str(-GROUP_ID), output=output)
        for chat in (anna, group):
            stage.world.delete_message(chat.marked, plain_ids(stage, chat)[1])
        with serving_instead(functions.updates.GetDifferenceRequest, refuse):
            report = await export_one(stage, anna, output, refresh_window="2")
        assert report.difference == "too long"
        assert report.deleted == 1  # in the page that is read anyway
        known = report.changes_known_from
        assert known is not None
        assert known.id > 1
        assert gone_ids(stage, output, group.marked) == []
        edited = plain_ids(stage, group)[0]
        stage.world.edit_message(group.marked, edited, "Told by the difference.")
        assert (await export_one(stage, anna, output)).changes_known_from == known
        assert query(output, ANNAS, group.marked, edited) == [("Told by the difference.",)]
        found = json.loads((await stage.tobs("verify", "-o", str(output), "--json")).out)
        by_chat = {each["id"]: each["changes"] for each in found["chats"]}
        assert by_chat[ANNA]["known_from"]["id"] == known.id
        # What happened after the first run is not known of the group.
        [first_run] = query(output, "SELECT min(start_time) FROM runs")[0]
        assert by_chat[group.marked]["known_at"] == first_run
        swept = await export_one(stage, group, output)
        assert (swept.deleted, swept.changes_known_from) == (1, WHOLE)
        assert_like_world(stage, output, [ANNA, group.marked])


async def kill_before(stage: Stage, output: Path, method: str, *names: str) -> None:
    """Run an export and kill it right before this method is answered for the first time."""
    process = await stage.start("export", *names, "-o", str(output), "--refresh", "0")

    def kill(answered: str, _total: int) -> None:
        if answered == method:
            process.send_signal(signal.SIGKILL)

    stage.answered.append(kill)
    await process.communicate()
    stage.answered.remove(kill)
    assert process.returncode == -signal.SIGKILL


async def make_change(stage: Stage, output: Path) -> list[Chat]:
    """Export a channel and a private chat, then touch them."""
    club, anna = chat_called(stage.world, "Rowing Club"), stage.world.chat(ANNA)
    assert anna is not None
    await stage.export(str(club.marked), str(ANNA), output=output)
    for chat in (club, anna):
        edited, gone, *_ = plain_ids(stage, chat)
        stage.world.edit_message(chat.marked, edited, "What I meant.")
        stage.world.delete_message(chat.marked, gone)
    return [club, anna]


@pytest.mark.parametrize(
    "method", ["updates.getDifference", "updates.getChannelDifference", "messages.getMessages", "channels.getMessages"]
)  # fmt: skip
async def test_a_kill_between_a_difference_and_what_it_brings_loses_nothing(
    tmp_path: Path, method: str
) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        output = tmp_path / "out"
        chats = await make_change(stage, output)
        names = [str(each.marked) for each in chats]
        await kill_before(stage, output, method, *names)
        report = await stage.export(*names, output=output, **NO_SWEEP)
        assert report.exit_code == 0
        assert all(each.changes_known_from == WHOLE for each in report.chats)
        assert_like_world(stage, output, [each.marked for each in chats])
        assert await is_proved(stage, output)


@pytest.mark.parametrize("table", ["chats", "state"])
async def test_what_was_brought_without_its_state_is_brought_again_and_changes_nothing(
    tmp_path: Path, table: str
) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        output = tmp_path / "out"
        chats = await make_change(stage, output)
        names = [str(each.marked) for each in chats]
        file = output / ".tobs" / "archive.sqlite"
        moment = {
            "chats": "UPDATE OF pts ON chats WHEN new.pts > old.pts",
            "state": "INSERT ON state WHEN new.name = 'updates'",
        }[table]
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute(
                f"CREATE TRIGGER power_cut BEFORE {moment} BEGIN SELECT RAISE(ABORT, 'power cut'); END"
            )
        with pytest.raises(sqlite3.IntegrityError, match="power cut"):
            await stage.export(*names, output=output, **NO_SWEEP)
        changed = query(output, "SELECT count(*) FROM versions")[0][0]
        assert changed
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("DROP TRIGGER power_cut")
        report = await stage.export(*names, output=output, **NO_SWEEP)
        assert report.exit_code == 0
        assert query(output, "SELECT count(*) FROM versions") == [(2,)]
        assert query(output, "SELECT count(*) FROM deletions") == [(2,)]
        assert_like_world(stage, output, [each.marked for each in chats])


@contextmanager
def refusing_differences(error: RpcError) -> Iterator[None]:
    """Refuse the next difference of the account, and the next one of a channel."""
    with (
        refusing(functions.updates.GetDifferenceRequest, error),
        refusing(functions.updates.GetChannelDifferenceRequest, error),
    ):
        yield


async def test_a_difference_that_telegram_asks_to_wait_for_is_skipped_and_said(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        output, clock = tmp_path / "out", ManualClock()
        chats = await make_change(stage, output)
        names = [str(each.marked) for each in chats]
        before = clock.now()
        with refusing_differences(RpcError(420, "FLOOD_WAIT_900")):
            report = await stage.export(*names, output=output, clock=clock)
        assert clock.now() - before < 60
        assert report.exit_code == 0
        assert [(each.difference, each.edited, each.deleted) for each in report.chats] == [
            ("skipped", 1, 1)
        ] * 2
        assert report.account is not None
        assert report.account.difference == "skipped"
        said = [each.text for each in stage.events if isinstance(each, Said) and each.level == "warning"]
        assert any("Rowing Club" in each and "900 s" in each for each in said)
        # The chain is whole: the next run takes it up where it was.
        clock.advance(1_000)
        again = await stage.export(*names, output=output, clock=clock, **NO_SWEEP)
        assert {each.difference for each in again.chats} == {"applied"}
        assert all(each.changes_known_from == WHOLE for each in again.chats)


@pytest.mark.parametrize(
    ("message", "difference"),
    [("PERSISTENT_TIMESTAMP_INVALID", "too long"), ("MSG_ID_INVALID", "failed")],
)
async def test_a_difference_that_is_refused_is_replaced_by_a_sweep(
    tmp_path: Path, message: str, difference: str
) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        output = tmp_path / "out"
        chats = await make_change(stage, output)
        names = [str(each.marked) for each in chats]
        with refusing_differences(RpcError(400, message)):
            report = await stage.export(*names, output=output)
        assert [(each.difference, each.edited, each.deleted) for each in report.chats] == [
            (difference, 1, 1)
        ] * 2
        again = await stage.export(*names, output=output, **NO_SWEEP)
        assert {each.difference for each in again.chats} == {"applied"}
        assert_like_world(stage, output, [each.marked for each in chats])


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
