"""A record of changes that Telegram does not give, and a tobs that is killed over it: nothing is lost or claimed."""

from __future__ import annotations

import json
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from telethon.tl import functions, types

from e2e.changes import Answer, chat_called, refusing, serving_instead
from e2e.stage import Stage, open_stage, query
from e2e.test_changes import export_one, gone_ids, is_proved, plain_ids
from e2e.test_differences import ANNAS, NO_SWEEP, WHOLE, assert_like_world, grow, make_world
from tobs._util.clock import ManualClock
from tobs.core.events import Said
from tobs.simulator.corpus.people import ANNA
from tobs.simulator.corpus.small import GROUP_ID
from tobs.simulator.dispatch import Context, RpcError
from tobs.simulator.faults import DIFFERENCES, FaultScript, StrangeTypes, TooLong
from tobs.simulator.model import Chat
from tobs.simulator.world import BENCH_CHAT


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
    for chat in (club, anna):
        grow(stage, chat)
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


async def test_an_unknown_type_in_a_difference_is_passed_over_once_and_said(tmp_path: Path) -> None:
    strange: set[int] = set()
    fault = StrangeTypes(parts=strange, methods=DIFFERENCES)
    async with open_stage(make_world(), tmp_path, faults=FaultScript([fault])) as stage:
        output = tmp_path / "out"
        chats = await make_change(stage, output)
        names = [str(each.marked) for each in chats]
        strange.update(plain_ids(stage, each)[0] for each in chats)
        report = await stage.export(*names, output=output)
        assert report.exit_code == 0
        assert [(each.difference, each.edited, each.deleted) for each in report.chats] == [
            ("unreadable", 1, 1)
        ] * 2
        assert report.account is not None
        assert report.account.difference == "unreadable"
        said = [each.text for each in stage.events if isinstance(each, Said) and each.level == "warning"]
        for whose in ("Rowing Club", "your private chats and groups"):
            assert sum(f"changes in {whose} has something in it" in each for each in said) == 1
        # The same words would be there again from the old state; from the new one there is nothing to tell.
        again = await stage.export(*names, output=output, **NO_SWEEP)
        assert {each.difference for each in again.chats} == {"applied"}
        assert all(each.changes_known_from == WHOLE for each in again.chats)
        assert_like_world(stage, output, [each.marked for each in chats])


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
