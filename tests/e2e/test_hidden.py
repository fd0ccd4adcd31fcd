"""A history that is hidden from some: what an account cannot see is neither empty nor deleted, nor missing for ever."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from telethon.tl import functions

from e2e.changes import chat_called, never_migrated, refusing
from e2e.stage import Stage, open_stage, query, read_tree
from e2e.test_crash import kill_at_answer
from seeds import often
from tobs.core.events import Said
from tobs.core.report import AskedRange, ChatReport, KnownFrom
from tobs.core.span import parse_span
from tobs.simulator.dispatch import RpcError
from tobs.simulator.model import Chat
from tobs.simulator.world import BENCH_CHAT, WORLDS

CLUB = "@rowing_club_demo"


@asynccontextmanager
async def two_accounts(
    folder: Path, hidden: int, name: str = "small", title: str = "Rowing Club", bulk: int = 0
) -> AsyncIterator[tuple[Stage, Stage, Chat]]:
    """Serve a world in which the newcomer sees nothing of a supergroup up to an id."""
    world = never_migrated(WORLDS[name](1, bulk))
    world.forgets_after = 100_000
    chat = chat_called(world, title)
    newcomer = list(world.accounts.values())[1].user_id
    chat.hidden_to[newcomer] = hidden
    async with open_stage(world, folder) as stage:
        other = Stage(stage.simulator, folder / "second", stage.answered, account=1)
        other.folder.mkdir()
        shutil.copy(folder / "server.pem", other.folder)
        await other.login()
        yield stage, other, chat


async def export(stage: Stage, output: Path, chat: str = CLUB, **settings: Any) -> ChatReport:
    report = await stage.export(chat, output=output, **settings)
    assert report.exit_code == 0, report
    return report.chats[-1]


async def verify(stage: Stage, output: Path) -> tuple[dict[str, Any], str]:
    said = await stage.tobs("verify", "-o", str(output))
    found = json.loads((await stage.tobs("verify", "-o", str(output), "--json")).out)
    assert (said.code, found["exit_code"]) == (0, 0), said.out
    return found, said.out


def stored_ids(output: Path) -> list[int]:
    return [number for (number,) in query(output, "SELECT id FROM messages ORDER BY id")]


def ids_of(chat: Chat, above: int = 0) -> list[int]:
    ids = (chat.log.id_at(rank) for rank in range(len(chat.log)))
    return [each for each in ids if each > above]


async def test_what_is_hidden_is_counted_as_such_and_is_no_failure(tmp_path: Path) -> None:
    output = tmp_path / "out"
    async with two_accounts(tmp_path, hidden=60) as (_, newcomer, chat):
        report = await export(newcomer, output)
        assert stored_ids(output) == ids_of(chat, above=60)
        assert (report.tally.hidden, report.tally.unknown) == (60, 0)
        assert report.tally.stored + report.tally.empty + 60 == chat.top
        found, text = await verify(newcomer, output)
        account = found["chats"][0]["account"]
        assert (found["verdict"], account["extent"], account["hidden_to"], account["holes"]) == (
            "part",
            "whole",
            60,
            [],
        )
        assert "  hidden    60 ids up to 60, not visible to the account that was used last\n" in text
        assert not text.startswith("COMPLETE")
        note = (output / "Rowing Club" / "Rowing Club.md").read_text()
        assert "ids_hidden: 60\n" in note
        assert "60 not visible to the account that was used last" in note
        assert " · not all is visible to you\n" in (output / "Chats.md").read_text()
        before = read_tree(output)
        asked = newcomer.simulator.counts["messages.getHistory"]
        again = await export(newcomer, output)
        assert (again.tally, again.deleted, read_tree(output)) == (report.tally, 0, before)
        assert newcomer.simulator.counts["messages.getHistory"] == asked + 1


async def test_whoever_sees_it_fetches_what_was_hidden_from_another(tmp_path: Path) -> None:
    async with two_accounts(tmp_path, hidden=60) as (stage, newcomer, chat):
        await export(newcomer, tmp_path / "out")
        report = await export(stage, tmp_path / "out")
        assert stored_ids(tmp_path / "out") == ids_of(chat)
        assert (report.tally.hidden, report.deleted) == (0, 0)
        assert (await verify(stage, tmp_path / "out"))[0]["verdict"] == "complete"
        await export(stage, tmp_path / "whole")
        assert read_tree(tmp_path / "out") == read_tree(tmp_path / "whole")


@pytest.mark.parametrize("settings", [{}, {"refresh_window": "all"}, {"refresh_window": "0"}])
async def test_what_another_account_stored_is_not_deleted_by_one_that_cannot_see_it(
    tmp_path: Path, settings: dict[str, str]
) -> None:
    output = tmp_path / "out"
    async with two_accounts(tmp_path, hidden=60) as (stage, newcomer, chat):
        await export(stage, output)
        before = read_tree(output)
        report = await export(newcomer, output, **settings)
        assert (report.deleted, report.tally.hidden, report.tally.unknown) == (0, 0, 0)
        assert query(output, "SELECT count(*) FROM deletions") == [(0,)]
        assert read_tree(output) == before
        # Nobody tells the newcomer what becomes of them.
        assert report.changes_known_from
        assert report.changes_known_from.id == 61
        assert (await verify(newcomer, output))[0]["verdict"] == "complete"
        gone = ids_of(chat)[3]
        stage.world.delete_message(chat.marked, gone)
        whole = await export(stage, output, refresh_window="all")
        assert (whole.deleted, whole.changes_known_from) == (1, KnownFrom(1))


async def test_a_history_that_its_reader_cleared_is_not_deleted_in_the_archive(tmp_path: Path) -> None:
    output = tmp_path / "out"
    async with two_accounts(tmp_path, 0, "bench", "Bench bulk", 600) as (_, newcomer, chat):
        await export(newcomer, output, BENCH_CHAT)
        ids = ids_of(chat)
        chat.hidden_to = dict.fromkeys(chat.hidden_to, ids[-300])
        newcomer.world.edit_message(chat.marked, ids[-400], "Nobody tells.")
        newcomer.world.delete_message(chat.marked, ids[-1])
        report = await export(newcomer, output, BENCH_CHAT, refresh_window="all")
        assert (report.deleted, stored_ids(output)) == (1, ids)
        assert report.changes_known_from
        assert report.changes_known_from.id > ids[-300]
        await verify(newcomer, output)


async def test_holes_that_only_another_account_can_fill_are_no_failure_either(tmp_path: Path) -> None:
    output = tmp_path / "out"
    async with two_accounts(tmp_path, hidden=60) as (stage, newcomer, chat):
        for low, high in ((100, 110), (10, 30), (50, 70)):
            report = await stage.export(CLUB, output=output, span=parse_span(low=low, high=high))
            assert report.exit_code == 0
        found = await export(newcomer, output)
        stored = [each for each in ids_of(chat) if each > 49 or 10 <= each <= 30]
        assert stored_ids(output) == stored
        assert (found.tally.hidden, found.tally.unknown, found.deleted) == (9 + 19, 0, 0)
        part = await newcomer.export(CLUB, output=output, span=parse_span(low=5, high=80))
        assert (part.exit_code, part.chats[0].tally) == (0, found.tally)
        whole = await export(stage, output)
        assert (stored_ids(output), whole.tally.hidden) == (ids_of(chat), 0)


async def test_empty_ids_are_probed_only_where_they_can_be_seen(tmp_path: Path) -> None:
    output = tmp_path / "out"
    async with two_accounts(tmp_path, hidden=60) as (stage, newcomer, _):
        await export(stage, output)
        done = await newcomer.tobs("verify", CLUB, "--probe", "-o", str(output), "--json")
        [chat] = json.loads(done.out)["chats"]
        assert (done.code, chat["asked_server"]["unprobed"], chat["asked_server"]["found"]) == (0, 0, [])
        low = query(output, "SELECT min(low) FROM covered WHERE proof = 'looked_up'")[0][0]
        assert low is None or low > 60


async def test_a_first_date_before_all_that_is_visible_reaches_into_what_is_hidden(tmp_path: Path) -> None:
    async with two_accounts(tmp_path, hidden=60) as (_, newcomer, chat):
        early = await newcomer.export(CLUB, output=tmp_path / "out", span=parse_span(since="2000"))
        assert (early.exit_code, early.chats[0].tally.hidden) == (0, 60)
        assert early.chats[0].asked == AskedRange(1, chat.top, is_part=True, since="2000-01-01")
        until = await newcomer.export(CLUB, output=tmp_path / "until", span=parse_span(until="2000"))
        assert until.chats[0].tally.hidden == 60
        assert not stored_ids(tmp_path / "until")


async def test_a_server_that_does_not_say_what_is_hidden_makes_nothing_empty_or_deleted(
    tmp_path: Path,
) -> None:
    output = tmp_path / "out"
    async with two_accounts(tmp_path, hidden=60) as (stage, newcomer, chat):
        with refusing(functions.channels.GetFullChannelRequest, *[RpcError(400, "MSG_ID_INVALID")] * 9):
            report = await newcomer.export(CLUB, output=output)
        assert report.exit_code != 0
        assert stored_ids(output) == ids_of(chat, above=60)
        assert report.chats[0].tally.unknown >= 60
        await export(stage, output)
        with refusing(functions.channels.GetFullChannelRequest, *[RpcError(400, "MSG_ID_INVALID")] * 9):
            report = await newcomer.export(CLUB, output=output, refresh_window="all")
        assert report.exit_code != 0
        assert query(output, "SELECT count(*) FROM deletions") == [(0,)]
        warnings = [each.text for each in newcomer.events if isinstance(each, Said)]
        assert any("may read all of Rowing Club is not known" in each for each in warnings)
        assert (await export(newcomer, output)).deleted == 0


@pytest.mark.parametrize("answer", often(range(1, 8), 2, 6))
async def test_a_kill_changes_nothing_of_what_is_said_to_be_hidden(tmp_path: Path, answer: int) -> None:
    async with two_accounts(tmp_path, hidden=20) as (_, newcomer, _chat):
        await export(newcomer, tmp_path / "whole")
        await kill_at_answer(newcomer, [CLUB], tmp_path / "killed", answer)
        await export(newcomer, tmp_path / "killed")
        assert read_tree(tmp_path / "killed") == read_tree(tmp_path / "whole")
