"""A server with floods, hiccups, broken lines and bent pages: no page is lost, and none counts twice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from e2e.stage import Stage, open_stage, query, read_tree
from seeds import often
from tobs._util.clock import ManualClock
from tobs.core.ids import is_channel
from tobs.simulator.faults import Drop, FaultScript, Flood, Stall
from tobs.simulator.limits import RateLimit
from tobs.simulator.presets import PRESETS
from tobs.simulator.world import BENCH_CHAT, WORLDS

SEEDS = range(1, 4)
ASKED = ("messages.*", "contacts.*", "channels.*")


def log_in_first(weather: str, seed: int) -> FaultScript:
    """The weather strikes what an export asks; a login that meets it is another test's matter."""
    faults = [
        replace(each, methods=each.methods or each.default_methods or ASKED) for each in PRESETS[weather]()
    ]
    return FaultScript(faults, seed=seed)


async def export_through(stage: Stage, output: Path, **settings: Any) -> list[int]:
    chats = [chat.marked for chat in stage.world.chats if chat.listed and chat.top]
    report = await stage.export(*map(str, chats), output=output, clock=ManualClock(), **settings)
    assert report.exit_code == 0, report
    return chats


def assert_same_as_world(stage: Stage, output: Path, chats: list[int]) -> None:
    account = next(iter(stage.world.accounts.values())).user_id
    for chat in chats:
        key = 0 if is_channel(chat) else account
        rows = query(
            output, "SELECT id, text FROM messages WHERE account = ? AND chat_id = ? ORDER BY id", key, chat
        )
        assert [number for number, _ in rows] == list(stage.world.ids(chat)), chat
        for number, text in rows:
            assert text == (getattr(stage.world.message(chat, number), "message", None) or ""), (chat, number)


@pytest.mark.parametrize("seed", often(SEEDS, 1))
@pytest.mark.parametrize("weather", ["floods", "flaky", "pages", "storm"])
async def test_an_export_through_bad_weather_has_every_message_once(
    tmp_path: Path, weather: str, seed: int
) -> None:
    script = log_in_first(weather, seed)
    async with open_stage(WORLDS["small"](seed, 2_500), tmp_path, faults=script) as stage:
        chats = await export_through(stage, tmp_path / "out")
        assert script.struck
        assert_same_as_world(stage, tmp_path / "out", chats)


async def test_bad_weather_leaves_no_trace_in_the_notes(tmp_path: Path) -> None:
    async with open_stage(WORLDS["small"](5, 1_000), tmp_path) as stage:
        await export_through(stage, tmp_path / "fair")
    (tmp_path / "home").rename(tmp_path / "first home")
    script = log_in_first("storm", 5)
    async with open_stage(WORLDS["small"](5, 1_000), tmp_path, faults=script) as stage:
        await export_through(stage, tmp_path / "foul")
    assert read_tree(tmp_path / "foul") == read_tree(tmp_path / "fair")


async def test_a_stalled_socket_is_noticed_and_the_request_repeated(tmp_path: Path) -> None:
    script = FaultScript([Stall(methods=("messages.getHistory",), at=(3, 9))])
    async with open_stage(WORLDS["bench"](1, 3_000), tmp_path, faults=script) as stage:
        report = await stage.export(BENCH_CHAT, output=tmp_path / "out", request_timeout=1)
        assert (report.exit_code, report.chats[0].tally.stored) == (0, 3_000)
        assert report.requests["help.getConfig"] > 1


async def test_dropped_sockets_in_mid_flight_cost_no_page(tmp_path: Path) -> None:
    script = FaultScript([Drop(methods=("messages.getHistory",), every=7, is_late=True)])
    async with open_stage(WORLDS["bench"](1, 3_000), tmp_path, faults=script) as stage:
        report = await stage.export(BENCH_CHAT, output=tmp_path / "out", clock=ManualClock())
        assert (report.exit_code, report.chats[0].tally.stored) == (0, 3_000)
        assert sum(script.struck.values()) > 0


async def test_an_hour_of_waiting_passes_on_the_shared_clock(tmp_path: Path) -> None:
    clock = ManualClock()
    script = FaultScript([Flood(3_000, methods=("messages.getHistory",), at=(2, 5))])
    async with open_stage(WORLDS["bench"](1, 1_500), tmp_path, faults=script) as stage:
        before = clock.now()
        report = await stage.export(BENCH_CHAT, output=tmp_path / "out", clock=clock)
        assert (report.exit_code, report.chats[0].tally.stored) == (0, 1_500)
        assert clock.now() - before >= 3_000


async def test_a_wait_too_long_ends_the_run_and_the_next_one_knows_it(tmp_path: Path) -> None:
    script = FaultScript([Flood(7_200, methods=("messages.getHistory",), at=(4,))])
    async with open_stage(WORLDS["bench"](1, 1_500), tmp_path, faults=script) as stage:
        clock = ManualClock()
        report = await stage.export(BENCH_CHAT, output=tmp_path / "out", clock=clock)
        assert report.exit_code == 13
        assert 0 < report.chats[0].tally.stored < 1_500
        assert list((tmp_path / "out").glob("*/2*/*.md"))
        asked = stage.simulator.counts["messages.getHistory"]
        again = await stage.export(BENCH_CHAT, output=tmp_path / "out", clock=clock)
        assert again.exit_code == 13
        assert stage.simulator.counts["messages.getHistory"] == asked
        clock.advance(7_200)
        last = await stage.export(BENCH_CHAT, output=tmp_path / "out", clock=clock)
        assert (last.exit_code, last.chats[0].tally.stored) == (0, 1_500)


async def test_many_requests_in_flight_ask_for_nothing_twice(tmp_path: Path) -> None:
    async with open_stage(WORLDS["bench"](1, 5_000), tmp_path) as stage:
        report = await stage.export(BENCH_CHAT, output=tmp_path / "out")
        top = report.chats[0].tally.stored + report.chats[0].tally.empty
        assert report.requests["messages.getHistory"] <= top / 100 + 2
        assert report.chats[0].same <= 0.1 * report.chats[0].new


async def test_under_a_limit_no_page_is_lost(tmp_path: Path) -> None:
    script = FaultScript(rate=RateLimit(2_000))
    async with open_stage(WORLDS["bench"](1, 4_000), tmp_path, faults=script) as stage:
        report = await stage.export(BENCH_CHAT, output=tmp_path / "out")
        assert (report.exit_code, report.chats[0].tally.stored) == (0, 4_000)
