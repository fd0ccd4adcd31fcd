"""Told to stop while it waits for Telegram: it ends at once, says so truly, and the next run completes it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from e2e.changes import listed_names
from e2e.stage import Stage, open_stage, query, read_tree
from e2e.takeouts import FINISH, GREETING, HISTORY, INIT, Watch, endings
from seeds import often
from tobs._util.clock import ManualClock
from tobs.app import forecasting
from tobs.cli.summary import print_run
from tobs.core.events import Event, ExportFinished, Failed, Waiting
from tobs.core.report import RunReport
from tobs.core.request import ExportRequest, Selection
from tobs.simulator.dispatch import Call
from tobs.simulator.faults import Drop, Fault, Flood, Plan, Refusal
from tobs.simulator.server import Simulator
from tobs.simulator.world import BENCH_CHAT, WORLDS, World

HOUR = 3_600
CLUB, NEWS = "@rowing_club_demo", "@harbour_news_demo"
WAITS: dict[str, Fault] = {
    "flood": Flood(HOUR, methods=(HISTORY,), at=(7,)),
    "short floods": Flood(30, methods=(HISTORY,), every=2),
    "hiccups": Refusal(500, "INTERNAL", methods=(HISTORY,), every=3),
    "overload": Refusal(-503, "Timeout", methods=(HISTORY,), every=3),
}


class Told(ManualClock):
    """A clock on which the run is told to stop when somebody lies down to wait for the nth time."""

    def __init__(self, *, at: int = 1) -> None:
        super().__init__()
        self.stop = asyncio.Event()
        self.stopped_at: float | None = None
        self._left = at

    async def sleep(self, seconds: float) -> None:
        self._left -= seconds > 0
        if not (self._left or self.stop.is_set()):
            self.stop.set()
            self.stopped_at = self.now()
        await super().sleep(seconds)


class Strikes(Watch):
    """A watch that tells when a fault has struck."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(*faults)
        self.has_struck = asyncio.Event()

    def plan(self, call: Call, now: float) -> Plan:
        plan = super().plan(call, now)
        if self.struck:
            self.has_struck.set()
        return plan


def make_world() -> World:
    return WORLDS["bench"](1, 1_500)


def count_stored(output: Path) -> int:
    return int(query(output, "SELECT count(*) FROM messages")[0][0])


def assert_stopped(stage: Stage, report: RunReport, clock: Told) -> None:
    """It ended when it was told, which is no failure."""
    assert (report.exit_code, report.error) == (130, "")
    assert clock.now() == clock.stopped_at
    assert [each for each in stage.events if isinstance(each, Failed)] == []
    assert not any(each.error for each in report.chats)
    [end] = [each for each in stage.events if isinstance(each, ExportFinished)]
    assert (end.success, end.exit_code) == (False, 130)


async def assert_completes(stage: Stage, output: Path, *chats: str) -> None:
    """The next run ends like one that nothing had interrupted."""
    clock = ManualClock()
    clock.advance(2 * HOUR)
    assert (await stage.export(*chats, output=output, clock=clock)).exit_code == 0
    assert (await stage.export(*chats, output=output.with_name("whole"), clock=clock)).exit_code == 0
    assert read_tree(output) == read_tree(output.with_name("whole"))


@pytest.mark.parametrize("at", [1, 6])
@pytest.mark.parametrize("wait", often(WAITS, "flood", "hiccups"))
async def test_no_wait_outlasts_being_told_to_stop(tmp_path: Path, wait: str, at: int) -> None:
    world, output, clock = WORLDS["small"](1, 600), tmp_path / "out", Told(at=at)
    chats, watch = listed_names(world), Watch(WAITS[wait])
    async with open_stage(world, tmp_path, faults=watch) as stage:
        report = await stage.export(*chats, output=output, stop=clock.stop, clock=clock)
        assert_stopped(stage, report, clock)
        assert sum(each.tally.stored for each in report.chats) == count_stored(output)
        assert any(each.is_interrupted for each in report.chats)
        await assert_completes(stage, output, *chats)


async def test_an_hour_of_flood_wait_ends_with_what_is_committed_and_the_summary_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output, clock = tmp_path / "out", Told()
    watch = Watch(Flood(HOUR, methods=(HISTORY,), at=(7,)))
    async with open_stage(WORLDS["bench"](1, 3_000), tmp_path, faults=watch) as stage:
        report = await stage.export(BENCH_CHAT, output=output, stop=clock.stop, clock=clock)
        assert_stopped(stage, report, clock)
        stored = count_stored(output)
        assert 0 < stored < 3_000
        assert (report.chats[0].new, report.chats[0].tally.stored) == (stored, stored)
        assert [each.seconds for each in stage.events if isinstance(each, Waiting)] == [HOUR]
        assert list(output.glob("*/2*/*.md"))
        assert query(output, "SELECT report ->> 'exit_code' FROM runs") == [(130,)]
        print_run(report, output)
        said = capsys.readouterr().out
        assert said.startswith("Stopped after ")
        assert f"{stored:,} new, {stored:,} stored" in said
        assert "stopped, the next run goes on from there" in said
        assert "Run the same command again to go on." in said
        await assert_completes(stage, output, BENCH_CHAT)


async def test_a_request_that_fails_after_the_stop_is_not_sent_again(tmp_path: Path) -> None:
    stop = asyncio.Event()

    class Late(Watch):
        """Tells the run to stop while a page is under way, whose answer is then a wait that is too long."""

        def plan(self, call: Call, now: float) -> Plan:
            plan = super().plan(call, now)
            if plan.error:
                stop.set()
            return plan

    watch = Late(Flood(99_000, methods=(HISTORY,), at=(5,)))
    async with open_stage(WORLDS["bench"](1, 3_000), tmp_path, faults=watch) as stage:
        report = await stage.export(
            BENCH_CHAT, output=tmp_path / "out", stop=stop, clock=ManualClock(), max_requests_in_flight=1
        )
        assert (report.exit_code, report.error) == (130, "")
        assert len(watch.asked(HISTORY)) == 5
        assert count_stored(tmp_path / "out") > 0


async def test_later_chats_are_untouched_and_named_with_what_they_hold(tmp_path: Path) -> None:
    output, clock = tmp_path / "out", Told()
    async with open_stage(make_world(), tmp_path) as stage:
        [earlier] = (await stage.export("me", output=output)).chats
    (tmp_path / "home").rename(tmp_path / "old home")
    watch = Watch(Flood(HOUR, methods=(HISTORY,), at=(3,)))
    async with open_stage(make_world(), tmp_path, faults=watch) as stage:
        report = await stage.export(BENCH_CHAT, "me", output=output, stop=clock.stop, clock=clock)
        assert_stopped(stage, report, clock)
        assert {type(each.request.peer).__name__ for each in watch.asked(HISTORY)} == {"InputPeerChannel"}
        assert [each.is_interrupted for each in report.chats] == [True, True]
        assert (report.chats[1].new, report.chats[1].tally) == (0, earlier.tally)
        assert earlier.tally.stored > 0


async def test_a_wait_for_what_changed_leaves_the_chat_to_the_next_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output, clock = tmp_path / "out", Told()
    watch = Watch(Flood(9, methods=("updates.getChannelDifference",), at=(1,)))
    async with open_stage(make_world(), tmp_path, faults=watch) as stage:
        await stage.export(BENCH_CHAT, output=output)
        stage.events.clear()
        report = await stage.export(BENCH_CHAT, output=output, stop=clock.stop, clock=clock)
        assert_stopped(stage, report, clock)
        print_run(report, output)
        said = capsys.readouterr().out
        assert "0 new, 1,500 stored, 173 files not selected, stopped, the next run goes on from there" in said
        assert "complete" not in said
        await assert_completes(stage, output, BENCH_CHAT)


@pytest.mark.parametrize(
    "method", ["messages.getDialogs", "contacts.resolveUsername", "channels.getFullChannel"]
)
async def test_a_wait_while_chats_are_looked_up_ends_at_once(
    tmp_path: Path, method: str, capsys: pytest.CaptureFixture[str]
) -> None:
    output, clock = tmp_path / "out", Told()
    request = ExportRequest((CLUB, NEWS), output, selection=Selection(is_all=method.endswith("Dialogs")))
    watch = Watch(Flood(HOUR, methods=(method,), at=(1,)))
    async with open_stage(WORLDS["small"](1, 0), tmp_path, faults=watch) as stage:
        report = await stage.run(request, stop=clock.stop, clock=clock)
        assert_stopped(stage, report, clock)
        assert watch.asked(HISTORY) == []
        print_run(report, output)
        said = capsys.readouterr().out.splitlines()
        assert said[0].startswith("Stopped after ")
        assert said[-1] == "Run the same command again to go on."
        assert not any(each.rstrip().endswith(":") for each in said)
        await assert_completes(stage, output, CLUB, NEWS)


@pytest.mark.parametrize(
    ("chat", "method"),
    [("@paper_demo", "channels.getFullChannel"), ("@woods_demo", "messages.getForumTopics")],
    ids=["comments", "topics"],
)
async def test_a_wait_for_what_belongs_to_a_chat_leaves_it_to_the_next_run(
    tmp_path: Path, chat: str, method: str
) -> None:
    output, clock = tmp_path / "out", Told()
    watch = Watch(Flood(HOUR, methods=(method,), at=(1,)))
    async with open_stage(WORLDS["tree"](1, 0), tmp_path, faults=watch) as stage:
        report = await stage.export(chat, output=output, stop=clock.stop, clock=clock, comments=True)
        assert_stopped(stage, report, clock)
        assert len(watch.asked(method)) == 1
        later = ManualClock()
        later.advance(HOUR)
        for folder in (output, tmp_path / "whole"):
            assert (await stage.export(chat, output=folder, clock=later, comments=True)).exit_code == 0
        assert read_tree(output) == read_tree(tmp_path / "whole")


@pytest.mark.parametrize("kind", ["delay", "flood"])
async def test_a_wait_for_a_takeout_ends_at_once_and_begins_none(tmp_path: Path, kind: str) -> None:
    output, clock = tmp_path / "out", Told(at=5)
    watch = Watch(*[Flood(HOUR, methods=(INIT,))] * (kind == "flood"))
    async with open_stage(WORLDS["bench"](1, 500), tmp_path, faults=watch, clock=clock) as stage:
        stage.simulator.takeouts.delay_seconds = HOUR
        report = await stage.export(BENCH_CHAT, output=output, stop=clock.stop, clock=clock, takeout="always")
        assert_stopped(stage, report, clock)
        assert (len(watch.asked(INIT)), watch.asked(HISTORY)) == (1, [])
        assert [each.is_interrupted for each in report.chats] == [True]


async def test_a_wait_inside_a_takeout_leaves_it_open_for_the_next_run(tmp_path: Path) -> None:
    output, clock = tmp_path / "out", Told()
    watch = Watch(Flood(HOUR, methods=(HISTORY,), at=(4,)))
    async with open_stage(make_world(), tmp_path, faults=watch) as stage:
        report = await stage.export(BENCH_CHAT, output=output, stop=clock.stop, clock=clock, takeout="always")
        assert_stopped(stage, report, clock)
        assert (watch.asked(FINISH), endings(stage)) == ([], [""])
        clock = Told(at=10**6)
        clock.advance(2 * HOUR)
        report = await stage.export(BENCH_CHAT, output=output, clock=clock, takeout="always")
        assert (report.exit_code, report.chats[0].tally.stored, endings(stage)) == (0, 1_500, ["finished"])


async def test_a_broken_line_is_not_mended_any_more(tmp_path: Path) -> None:
    stop = asyncio.Event()

    class Breaking(Watch):
        """Tells the run to stop when its connection is cut."""

        def plan(self, call: Call, now: float) -> Plan:
            plan = super().plan(call, now)
            if plan.drops:
                stop.set()
            return plan

    watch = Breaking(Drop(methods=(HISTORY,), at=(6,)))
    async with open_stage(WORLDS["bench"](1, 3_000), tmp_path, faults=watch) as stage:
        report = await stage.export(BENCH_CHAT, output=tmp_path / "out", stop=stop, clock=ManualClock())
        assert (report.exit_code, report.error) == (130, "")
        assert count_stored(tmp_path / "out") > 0
        assert len(watch.asked(GREETING)) == 2  # the login and the export
        await assert_completes(stage, tmp_path / "out", BENCH_CHAT)


@asynccontextmanager
async def silent_server(simulator: Simulator) -> AsyncIterator[asyncio.Event]:
    """Listen where the simulator did and say nothing; yield what tells that somebody came."""
    has_come = asyncio.Event()
    lines: list[asyncio.StreamWriter] = []

    def accept(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.append(writer)
        has_come.set()

    server = await asyncio.start_server(accept, simulator.host, simulator.port)
    try:
        yield has_come
    finally:
        server.close()
        for each in lines:
            each.transport.abort()


@pytest.mark.parametrize("is_listening", [True, False])
async def test_a_server_that_cannot_be_reached_is_not_waited_for(tmp_path: Path, is_listening: bool) -> None:
    clock = Told()
    async with open_stage(WORLDS["small"](1, 0), tmp_path) as stage:
        pass
    if not is_listening:
        report = await stage.export(CLUB, output=tmp_path / "out", stop=clock.stop, clock=clock)
        assert_stopped(stage, report, clock)
        return
    async with silent_server(stage.simulator) as has_come, asyncio.TaskGroup() as group:
        run = group.create_task(stage.export(CLUB, output=tmp_path / "out", stop=clock.stop, clock=clock))
        await has_come.wait()
        clock.stop.set()
        clock.stopped_at = clock.now()
        assert_stopped(stage, await run, clock)


async def test_a_forecast_says_that_it_was_stopped_and_what_it_knows_by_then(tmp_path: Path) -> None:
    stop, events = asyncio.Event(), list[Event]()

    def emit(event: Event) -> None:
        events.append(event)
        if isinstance(event, Waiting):
            stop.set()

    watch = Watch(Flood(HOUR, methods=(HISTORY,), at=(2,)))
    async with open_stage(WORLDS["small"](1, 0), tmp_path, faults=watch) as stage:
        request = ExportRequest((CLUB, NEWS), tmp_path / "out")
        found = await forecasting.run_forecast(stage.settings, request, emit, stop)
        assert (found.exit_code, found.error) == (130, "")
        assert len(found.chats) == 1
        assert "It was stopped: not all chats were looked at." in found.notes
        assert [each for each in events if isinstance(each, Failed)] == []
        assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_real_signal_ends_a_real_hour_of_waiting(tmp_path: Path, number: signal.Signals) -> None:
    strikes = Strikes(Flood(HOUR - 1, methods=(HISTORY,), at=(6,)))
    async with open_stage(make_world(), tmp_path, faults=strikes) as stage:
        process = await stage.start("export", BENCH_CHAT, "-o", "out")
        async for line in process.stdout:
            if b'"type": "waiting"' in line:
                break
        process.send_signal(number)
        out, err = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == 130
        assert err.decode().splitlines()[0].startswith("Stopping: ")
        assert b'"exit_code": 130' in out.splitlines()[-1]
        assert b'"type": "error"' not in out
        assert count_stored(tmp_path / "out") > 0
        await assert_completes(stage, tmp_path / "out", BENCH_CHAT)


@pytest.mark.parametrize(
    ("command", "method"),
    [
        (("chats",), "messages.getDialogs"),
        (("verify", "-o", "out", "--online"), "messages.getHistory"),
        (("export", BENCH_CHAT, "-o", "new", "--dry-run"), "messages.getHistory"),
    ],
    ids=["chats", "verify", "dry-run"],
)
async def test_other_commands_that_wait_end_at_a_signal_too(
    tmp_path: Path, command: tuple[str, ...], method: str
) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        await stage.export("me", BENCH_CHAT, output=tmp_path / "out")
    (tmp_path / "home").rename(tmp_path / "old home")
    strikes = Strikes(Flood(HOUR - 1, methods=(method,)))
    async with open_stage(make_world(), tmp_path, faults=strikes) as stage:
        process = await stage.start(*command)
        await strikes.has_struck.wait()
        process.send_signal(signal.SIGINT)
        _, err = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == 130
        assert b"Traceback" not in err
        assert b"never" not in err
