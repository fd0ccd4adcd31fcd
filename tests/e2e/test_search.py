"""`tobs export --from` and `--only`: exactly what matches arrives, and it proves nothing about the rest of a chat."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Any

import pytest
from telethon import functions
from telethon.tl import types

from e2e.changes import Answer, chat_called, listed_names, never_migrated, refusing, serving_instead
from e2e.stage import Stage, open_stage, query, read_tree
from e2e.terminal import in_terminal
from e2e.test_ranges import between, stored
from tobs._util.clock import ManualClock
from tobs.app import verifying
from tobs.core.events import Failed, Said
from tobs.core.filters import SEARCHED_KINDS, parse_filter
from tobs.core.report import RunReport
from tobs.core.request import ExportRequest, VerifyRequest
from tobs.core.span import parse_span
from tobs.export.isolate import MOST_ASTRAY
from tobs.simulator.bends import Bend
from tobs.simulator.corpus import people
from tobs.simulator.dispatch import Context, RpcError
from tobs.simulator.faults import BentPage, Drop, Fault, FaultScript, Flood, Refusal, StrangeTypes
from tobs.simulator.kinds import FILTERS as MATCHES
from tobs.simulator.marks import marked_of
from tobs.simulator.model import Chat
from tobs.simulator.world import BENCH_CHAT, WORLDS
from tobs.telegram.search import FILTERS

SEARCH = functions.messages.SearchRequest


async def search(
    stage: Stage,
    output: Path,
    *chats: int | str,
    senders: tuple[str, ...] = (),
    only: str = "",
    stop: asyncio.Event | None = None,
    clock: ManualClock | None = None,
    **said: Any,
) -> RunReport:
    wanted = parse_filter(senders, [only] if only else [])
    request = ExportRequest(tuple(map(str, chats)), output, filter=wanted, span=parse_span(**said))
    return await stage.run(request, stop=stop, clock=clock)


def matching(stage: Stage, chat: Chat, *, kinds: tuple[str, ...] = (), sender: int = 0) -> list[int]:
    """Return the ids of the messages that the world has of these kinds and by this sender."""
    tests = [MATCHES[FILTERS[each]] for each in kinds] or [lambda _: True]
    found = []
    for number in stage.world.ids(chat.marked):
        message = stage.world.message(chat.marked, number)
        by = (
            marked_of(message.from_id)
            if message.from_id
            else stage.world.owner
            if message.out
            else chat.marked
        )
        if any(test(message) for test in tests) and sender in {0, by}:
            found.append(number)
    return found


def proofs(output: Path) -> list[Any]:
    """Return everything that a search must leave alone."""
    tables = ("covered", "asked", "deletions", "versions")
    return [query(output, f"SELECT * FROM {table} ORDER BY 1, 2, 3") for table in tables]


def test_every_kind_has_its_filter() -> None:
    assert set(FILTERS) == set(SEARCHED_KINDS)
    assert set(FILTERS.values()) <= set(MATCHES)


@pytest.mark.parametrize("kind", SEARCHED_KINDS)
async def test_a_kind_is_found_whole_in_every_chat_and_nothing_else(tmp_path: Path, kind: str) -> None:
    async with open_stage(never_migrated(WORLDS["everything"](1, 120)), tmp_path) as stage:
        names = listed_names(stage.world)
        report = await search(stage, tmp_path / "out", *names, only=kind)
        assert report.exit_code == 0
        chats = [stage.world.chat(int(name)) for name in names]
        wanted = {chat.marked: matching(stage, chat, kinds=(kind,)) for chat in chats if chat}
        assert {chat: stored(stage, tmp_path / "out", chat) for chat in wanted} == wanted
        assert sum(map(len, wanted.values()))
        assert {each.id: each.searched.found for each in report.chats if each.searched} == {
            chat: len(ids) for chat, ids in wanted.items()
        }
        assert all(each.searched and each.searched.is_whole and each.asked is None for each in report.chats)
        assert proofs(tmp_path / "out") == [[], [], [], []]


async def test_a_long_search_goes_on_from_page_to_page(tmp_path: Path) -> None:
    async with open_stage(WORLDS["bench"](1, 3_000), tmp_path) as stage:
        bulk = chat_called(stage.world, "Bench bulk")
        report = await search(stage, tmp_path / "out", BENCH_CHAT, only="photos, links,photo")
        wanted = matching(stage, bulk, kinds=("photo", "link"))
        assert len(wanted) > 200
        assert stored(stage, tmp_path / "out", bulk.marked) == wanted
        assert report.chats[0].new == len(wanted) == report.chats[0].searched.found  # type: ignore[union-attr]
        assert report.requests["messages.search"] <= len(wanted) // 100 + 5


ANNA = ("@anna_kw", "Anna Kowalska", str(people.ANNA), "+15550100011", "https://t.me/anna_kw")


@pytest.mark.parametrize("only", ["", "photo,link"])
async def test_a_person_is_taken_by_any_form_of_the_name_and_several_count_together(
    tmp_path: Path, only: str
) -> None:
    kinds = tuple(filter(None, only.split(",")))
    async with open_stage(WORLDS["everything"](1, 100), tmp_path) as stage:
        names = listed_names(stage.world)
        chats = [chat for chat in stage.world.chats if str(chat.marked) in names]
        for number, senders in enumerate([*((each,) for each in ANNA), ("me", "Anna Kowalska"), ("me",)]):
            who = {people.ANNA if each in ANNA else people.OWNER for each in senders}
            output = tmp_path / str(number)
            report = await search(stage, output, *names, senders=senders, only=only)
            assert report.exit_code == 0
            found = {chat.marked: stored(stage, output, chat.marked) for chat in chats}
            assert found == {
                chat.marked: sorted(
                    each for by in who for each in matching(stage, chat, kinds=kinds, sender=by)
                )
                for chat in chats
            }
            assert sum(map(len, found.values()))
            said = report.chats[0].searched
            assert said is not None
            assert said.senders == ["me" if each == "me" else "Anna Kowalska" for each in senders]


async def test_a_search_holds_together_with_ranges(tmp_path: Path) -> None:
    async with open_stage(WORLDS["bench"](1, 3_000), tmp_path) as stage:
        bulk = chat_called(stage.world, "Bench bulk")
        wanted = matching(stage, bulk, kinds=("photo", "link"))
        await search(stage, tmp_path / "ids", BENCH_CHAT, only="photo,link", low=500, high=1_500)
        assert stored(stage, tmp_path / "ids", bulk.marked) == [
            each for each in wanted if 500 <= each <= 1_500
        ]
        await search(stage, tmp_path / "days", BENCH_CHAT, only="photo,link", since="2024", until="2024-06")
        year = set(between(stage, bulk.marked, "2024-01-01T00:00+01:00", "2024-07-01T00:00+02:00"))
        assert stored(stage, tmp_path / "days", bulk.marked) == [each for each in wanted if each in year]
        assert year & set(wanted) < set(wanted)
        report = await search(stage, tmp_path / "never", BENCH_CHAT, only="photo", since="2030")
        assert (report.exit_code, report.chats[0].new) == (0, 0)


@pytest.mark.parametrize("only", ["photo", "photo,link", "photo,link,voice,poll"])
@pytest.mark.parametrize("last", [1, 100, 137, 10_000])
async def test_last_means_the_newest_that_match(tmp_path: Path, only: str, last: int) -> None:
    async with open_stage(WORLDS["bench"](1, 2_000), tmp_path) as stage:
        bulk = chat_called(stage.world, "Bench bulk")
        report = await search(stage, tmp_path / "out", BENCH_CHAT, only=only, last=last)
        wanted = matching(stage, bulk, kinds=tuple(only.split(",")))[-last:]
        assert stored(stage, tmp_path / "out", bulk.marked) == wanted
        assert report.chats[0].searched is not None
        assert report.chats[0].searched.found == len(wanted)


async def test_a_search_leaves_ranges_and_deletions_as_they_were(tmp_path: Path) -> None:
    async with open_stage(WORLDS["bench"](1, 1_000), tmp_path) as stage:
        bulk, output = chat_called(stage.world, "Bench bulk"), tmp_path / "out"
        await stage.export(BENCH_CHAT, output=output, span=parse_span(low=200, high=600))
        before = proofs(output)
        assert before[0]
        assert before[1]
        first = stored(stage, output, bulk.marked)
        gone = matching(stage, bulk, kinds=("photo",))[30]
        stage.world.delete_messages(bulk.marked, [gone])
        report = await search(stage, output, BENCH_CHAT, only="photo,poll")
        assert proofs(output) == before
        assert stored(stage, output, bulk.marked) == sorted(
            {*first, *matching(stage, bulk, kinds=("photo", "poll"))}
        )
        assert report.chats[0].tally.stored == len(first)
        assert report.chats[0].deleted == 0
        again = await search(stage, output, BENCH_CHAT, only="photo,poll")
        assert (again.chats[0].new, again.chats[0].pages > 0) == (0, True)


async def test_an_export_after_a_search_is_as_if_it_had_not_been(tmp_path: Path) -> None:
    async with open_stage(WORLDS["everything"](1, 1_200), tmp_path) as stage:
        names = listed_names(stage.world)
        output = tmp_path / "searched"
        await search(stage, output, *names, only="photo,link,pinned,mention", last=40)
        await search(stage, output, *names, senders=("me", "@anna_kw"))
        certificate = await verifying.run_verify(stage.settings, VerifyRequest(output), stage.events.append)
        assert certificate.exit_code == 0, certificate
        for place in (output, tmp_path / "whole"):
            assert (await stage.export(*names, output=place)).exit_code == 0
        assert read_tree(output) == read_tree(tmp_path / "whole")
        certificate = await verifying.run_verify(stage.settings, VerifyRequest(output), stage.events.append)
        assert certificate.exit_code == 0, certificate


async def test_a_search_killed_and_a_search_stopped_keep_what_they_have(tmp_path: Path) -> None:
    async with open_stage(WORLDS["bench"](1, 6_000), tmp_path) as stage:
        bulk = chat_called(stage.world, "Bench bulk")
        wanted = set(matching(stage, bulk, kinds=("link", "photo")))
        for name, number, code in (("killed", signal.SIGKILL, -9), ("stopped", signal.SIGINT, 130)):
            output = tmp_path / name
            process = await stage.start("export", BENCH_CHAT, "--only", "link,photo", "-o", str(output))
            before = stage.simulator.counts["messages.search"]

            def end(method: str, _total: int, before: int = before, number: signal.Signals = number) -> None:
                if method == "messages.search" and stage.simulator.counts[method] - before == 6:
                    process.send_signal(number)  # noqa: B023 - ended before the loop goes on

            stage.answered.append(end)
            await process.communicate()
            stage.answered.remove(end)
            assert process.returncode == code
            assert query(output, "SELECT * FROM covered UNION ALL SELECT *, 0, 0 FROM asked") == []
            kept = set(stored(stage, output, bulk.marked))
            assert kept < wanted
            assert (await stage.export(BENCH_CHAT, output=output)).exit_code == 0
        await stage.export(BENCH_CHAT, output=tmp_path / "whole")
        whole = read_tree(tmp_path / "whole")
        assert read_tree(tmp_path / "killed") == read_tree(tmp_path / "stopped") == whole


async def test_a_stopped_search_says_that_it_is_not_whole(tmp_path: Path) -> None:
    async with open_stage(WORLDS["bench"](1, 6_000), tmp_path) as stage:
        stop = asyncio.Event()
        stage.answered.append(lambda method, _: stop.set() if method == "messages.search" else None)
        report = await search(stage, tmp_path / "out", BENCH_CHAT, only="link", stop=stop)
        [chat] = report.chats
        assert report.exit_code == 130
        assert chat.searched is not None
        assert (chat.is_interrupted, chat.searched.is_whole) == (True, False)
        assert 0 < chat.searched.found == chat.new < 200


async def test_a_server_that_repeats_itself_is_left(tmp_path: Path) -> None:
    def repeat(_context: Context, request: Any, answer: Answer) -> Any:
        request.offset_id = 0
        return answer()

    async with open_stage(WORLDS["bench"](1, 3_000), tmp_path) as stage:
        with serving_instead(SEARCH, repeat):
            report = await search(stage, tmp_path / "out", BENCH_CHAT, only="link")
        assert report.exit_code == 1
        assert "which were not searched for" in report.chats[0].error
        assert report.requests["messages.search"] <= MOST_ASTRAY + 2
        assert query(tmp_path / "out", "SELECT count(*) FROM messages")[0][0] == 100


async def test_a_kind_that_the_server_refuses_costs_a_sentence_and_not_the_other_kinds(
    tmp_path: Path,
) -> None:
    def refuse(_context: Context, request: Any, answer: Answer) -> Any:
        if isinstance(request.filter, types.InputMessagesFilterPoll):
            raise RpcError(400, "INPUT_FILTER_INVALID")
        return answer()

    async with open_stage(WORLDS["bench"](1, 1_500), tmp_path) as stage:
        bulk = chat_called(stage.world, "Bench bulk")
        for last in (None, 50):
            output = tmp_path / str(last)
            with serving_instead(SEARCH, refuse):
                report = await search(stage, output, BENCH_CHAT, only="poll,photo", last=last)
            assert report.exit_code == 1
            assert report.chats[0].error.startswith(
                "Telegram refuses to search Bench bulk for poll messages:"
            )
            [failed] = [each for each in stage.events if isinstance(each, Failed)]
            assert "without --from and --only" in failed.hint
            stage.events.clear()
            wanted = matching(stage, bulk, kinds=("photo",))
            assert stored(stage, output, bulk.marked) == wanted[-(last or len(wanted)) :]


async def test_a_server_that_ignores_the_sender_is_told_of(tmp_path: Path) -> None:
    def ignore(_context: Context, request: Any, answer: Answer) -> Any:
        request.from_id = None
        return answer()

    async with open_stage(WORLDS["small"](1, 0), tmp_path) as stage:
        anna = chat_called(stage.world, "Anna Kowalska")
        with serving_instead(SEARCH, ignore):
            report = await search(stage, tmp_path / "out", people.ANNA, senders=("me",))
        mine = matching(stage, anna, sender=people.OWNER)
        assert report.chats[0].searched is not None
        assert report.chats[0].searched.found == len(mine) < anna.count
        assert stored(stage, tmp_path / "out", people.ANNA) == list(stage.world.ids(people.ANNA))
        [said] = [each.text for each in stage.events if isinstance(each, Said)]
        assert said.endswith(f"stored too ({anna.count - len(mine)}).")


async def test_an_unknown_person_ends_the_run_before_anything_is_fetched(tmp_path: Path) -> None:
    async with open_stage(WORLDS["small"](1, 0), tmp_path) as stage:
        for name in ("@nobody_at_all", "Anna Kowalski"):
            report = await search(stage, tmp_path / "out", "me", senders=("me", name))
            assert report.exit_code == 4
            assert name.removeprefix("@") in report.error
        assert query(tmp_path / "out", "SELECT * FROM chats") == []
        assert not stage.simulator.counts["messages.search"]


async def test_a_person_whose_address_is_refused_is_named(tmp_path: Path) -> None:
    async with open_stage(WORLDS["small"](1, 0), tmp_path) as stage:
        for error in ("FROM_PEER_INVALID", "CHAT_ADMIN_REQUIRED"):
            with refusing(SEARCH, RpcError(400, error)):
                report = await search(stage, tmp_path / "out", "@rowing_club_demo", senders=("@anna_kw",))
            assert "search Rowing Club for messages of Anna Kowalska" in report.chats[0].error


ASKED = ("messages.search",)
SHORT = Bend(share=0.3, overlap=2, doubles=1, returns=1, count_factor=0.2)


@pytest.mark.parametrize(
    "fault",
    [
        Flood(30, methods=ASKED, every=3),
        Refusal(500, "INTERNAL", methods=ASKED, every=2),
        Drop(methods=ASKED, every=4, is_late=True),
        BentPage(methods=ASKED, every=2, bend=SHORT),
        BentPage(methods=ASKED, every=3, bend=Bend(has_holes=True)),
    ],
    ids=["floods", "errors", "drops", "short pages", "holes"],
)
async def test_a_search_through_bad_weather_finds_everything(tmp_path: Path, fault: Fault) -> None:
    script = FaultScript([fault], seed=2)
    async with open_stage(WORLDS["bench"](2, 1_500), tmp_path, faults=script) as stage:
        bulk = chat_called(stage.world, "Bench bulk")
        report = await search(
            stage, tmp_path / "out", BENCH_CHAT, only="link,photo,document", clock=ManualClock()
        )
        assert report.exit_code == 0, report
        assert script.struck
        assert stored(stage, tmp_path / "out", bulk.marked) == matching(
            stage, bulk, kinds=("link", "photo", "document")
        )
        assert proofs(tmp_path / "out") == [[], [], [], []]


async def test_the_summary_says_that_a_search_is_not_the_chat(tmp_path: Path) -> None:
    async with open_stage(WORLDS["small"](1, 0), tmp_path) as stage:
        arguments = ("export", "Anna Kowalska", "--from", "me", "--only", "photo,link", "--from", "@anna_kw")
        async with in_terminal(stage, *arguments, "-o", "out") as terminal:
            assert await terminal.end() == 0
        text = " ".join(terminal.shown.split())
        assert (
            "Anna Kowalska: 1 new, 1 found by search (photo, link, from me, from Anna Kowalska), not a complete chat"
            in text
        )
        assert "complete, " not in text
        assert "Open out as a vault" in text


async def test_the_command_line_says_what_a_search_is(tmp_path: Path) -> None:
    async with open_stage(WORLDS["small"](1, 300), tmp_path) as stage:
        wrong = await stage.tobs("export", "me", "--only", "foto")
        assert wrong.code == 2
        assert "the nearest that it knows is 'photo'" in wrong.err
        empty = await stage.tobs("export", "me", "--only", ",")
        assert (empty.code, "--only names no kind" in empty.err) == (2, True)
        ended = await stage.tobs(
            "export", "me", "--only", "links", "--from", "me", "-o", str(tmp_path / "out")
        )
        assert ended.code == 0
        assert ended.events[-1]["messages_new"] == 1
        [about] = (tmp_path / "out").glob("Saved Messages/Saved Messages.md")
        assert "Found by search: no range of ids was asked for" in about.read_text()
        progress = [each for each in ended.events if each.get("stage") == "fetch"]
        assert {each["percentage"] for each in progress} == {100.0}


async def test_a_search_goes_past_messages_that_cannot_be_read(tmp_path: Path) -> None:
    output, strange = tmp_path / "out", set[int]()
    world = WORLDS["bench"](1, 400)
    fault = StrangeTypes(messages=strange)
    async with open_stage(world, tmp_path, faults=FaultScript([fault])) as stage:
        [chat] = [each for each in stage.world.chats if each.username == BENCH_CHAT.removeprefix("@")]
        ids = matching(stage, chat, kinds=("photo",))
        strange.update({ids[-1], ids[len(ids) // 2], ids[0]})
        report = await search(stage, output, BENCH_CHAT, only="photo")
        assert report.exit_code == 0
        assert [each for (each,) in query(output, "SELECT id FROM messages ORDER BY id")] == [
            each for each in ids if each not in strange
        ]
        assert [each for (each,) in query(output, "SELECT id FROM unreadable ORDER BY id")] == sorted(strange)
