"""Several files at once: as many as there are lanes, within a budget of memory, results in order."""

from __future__ import annotations

import asyncio
import threading
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tobs._util.clock import SystemClock
from tobs._util.pool import Pool
from tobs._util.priority import TaskPriority
from tobs.media.parallel import ByteBudget, LaneOptions, MediaLanes, count_lanes, run_in_order
from tobs.monitoring.collector import MetricsCollector


class Stage:
    """Work that ends when it is told to, and the lanes that it goes through."""

    def __init__(self, lanes: int, memory_bytes: int) -> None:
        self.meter = MetricsCollector(SystemClock())
        self.lanes = MediaLanes(LaneOptions(lanes, memory_bytes), self.meter)
        self.begun: list[str] = []
        self._ends: dict[str, asyncio.Event] = {}

    async def do(self, name: str, memory_bytes: int) -> str:
        return await self.lanes.run(memory_bytes, partial(self._work, name))

    async def _work(self, name: str) -> str:
        self.begun.append(name)
        await self._ends.setdefault(name, asyncio.Event()).wait()
        return name

    def end(self, name: str) -> None:
        self._ends.setdefault(name, asyncio.Event()).set()


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_no_more_run_at_once_than_there_are_lanes() -> None:
    stage = Stage(lanes=2, memory_bytes=1000)
    async with asyncio.TaskGroup() as group:
        for name in "abc":
            group.create_task(stage.do(name, 1))
        await settle()
        assert stage.begun == ["a", "b"]
        for name in "abc":
            stage.end(name)
    assert stage.begun == ["a", "b", "c"]
    assert stage.meter.media.concurrent_peak == 2
    assert stage.meter.media.total_media_processed == 3
    assert stage.meter.media.memory_throttles == 0


async def test_what_does_not_fit_waits_until_memory_is_free_and_is_not_overtaken() -> None:
    stage = Stage(lanes=4, memory_bytes=100)
    async with asyncio.TaskGroup() as group:
        for name, memory_bytes in (("a", 60), ("b", 30), ("large", 80), ("small", 10)):
            group.create_task(stage.do(name, memory_bytes))
        await settle()
        assert stage.begun == ["a", "b"]
        stage.end("a")
        await settle()
        assert stage.begun == ["a", "b"]
        stage.end("b")
        await settle()
        assert stage.begun == ["a", "b", "large", "small"]
        stage.end("large")
        stage.end("small")
    assert stage.meter.media.memory_throttles == 2
    assert stage.meter.media.concurrent_peak == 2
    assert 1 <= stage.meter.media.avg_concurrency <= 2


async def test_what_is_larger_than_all_memory_runs_alone() -> None:
    stage = Stage(lanes=3, memory_bytes=100)
    async with asyncio.TaskGroup() as group:
        group.create_task(stage.do("huge", 10_000))
        group.create_task(stage.do("tiny", 1))
        await settle()
        assert stage.begun == ["huge"]
        stage.end("huge")
        stage.end("tiny")
    assert stage.begun == ["huge", "tiny"]


async def test_work_that_fails_gives_everything_back() -> None:
    meter = MetricsCollector(SystemClock())
    lanes = MediaLanes(LaneOptions(1, 100), meter)

    async def fail() -> None:
        raise ValueError

    for _ in range(3):
        with pytest.raises(ValueError):  # noqa: PT011
            await lanes.run(100, fail)
    assert meter.media.total_media_processed == 3
    assert meter.media.memory_throttles == 0


@given(st.lists(st.tuples(st.integers(0, 150), st.booleans()), max_size=12))
def test_a_budget_is_never_exceeded_and_ends_whole_however_waiting_ends(
    takers: list[tuple[int, bool]],
) -> None:
    async def run() -> None:
        budget = ByteBudget(100)
        held = 0

        async def take(count: int) -> None:
            nonlocal held
            taken = await budget.take(count)
            held += taken
            assert held <= 100
            try:
                await asyncio.sleep(0)
            finally:
                held -= taken
                budget.give_back(taken)

        tasks = [asyncio.create_task(take(count)) for count, _ in takers]
        await asyncio.sleep(0)
        for task, (_, is_cancelled) in zip(tasks, takers, strict=True):
            if is_cancelled:
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert budget.fits(100)

    asyncio.run(run())


async def test_results_come_in_order_and_pieces_are_asked_for_only_when_there_is_room() -> None:
    stage = Stage(lanes=2, memory_bytes=1000)
    asked: list[str] = []
    taken: list[str] = []

    def pieces() -> object:
        for name in "abcdef":
            asked.append(name)
            yield partial(stage.do, name, 1)

    async with asyncio.TaskGroup() as group:
        group.create_task(run_in_order(pieces(), 3, taken.append))  # type: ignore[arg-type]
        await settle()
        stage.end("b")
        await settle()
        assert (asked, taken) == ([*"abc"], [])
        stage.end("a")
        await settle()
        assert (asked, taken) == ([*"abcde"], [*"ab"])
        for name in "fedc":
            stage.end(name)
    assert taken == [*"abcdef"]


@pytest.mark.parametrize(
    ("wanted", "threads", "is_parallel", "count"),
    [(4, 8, True, 4), (4, 3, True, 2), (4, 8, False, 1), (9, 1, True, 1)],
)
def test_a_thread_is_always_left_to_the_text(
    wanted: int, threads: int, is_parallel: bool, count: int
) -> None:
    assert count_lanes(wanted, threads, is_parallel=is_parallel) == count


async def test_a_child_takes_a_threads_place_and_one_is_left(pool: Pool) -> None:
    held: list[int] = []
    full, end = asyncio.Event(), asyncio.Event()

    async def hold(number: int) -> None:
        async with pool.hold_slot():
            held.append(number)
            if len(held) == 3:
                full.set()
            await end.wait()

    async with asyncio.TaskGroup() as group:
        for number in range(5):
            group.create_task(hold(number))
        await full.wait()
        assert await pool.run(len, "text") == 4
        assert sorted(held) == [0, 1, 2]
        assert pool.counters.active == 3
        end.set()
    assert sorted(held) == [0, 1, 2, 3, 4]
    assert (await pool.run(len, "x", priority=TaskPriority.LOW)) == 1
    await pool.close()
    assert pool.counters.active == 0


async def test_with_one_thread_a_child_stops_nothing() -> None:
    async with Pool(max_threads=1) as single, single.hold_slot():
        assert await single.run(len, "text") == 4


async def test_who_waits_for_a_slot_is_told_when_the_pool_closes() -> None:
    pool = Pool(max_threads=2)
    end = asyncio.Event()

    async def hold() -> None:
        async with pool.hold_slot():
            await end.wait()

    blocked = asyncio.Event()
    loop = asyncio.get_running_loop()
    release = threading.Event()

    def block() -> None:
        loop.call_soon_threadsafe(blocked.set)
        release.wait(10)

    busy = [asyncio.create_task(pool.run(block)) for _ in range(2)]
    await blocked.wait()
    waiting = asyncio.create_task(hold())
    await settle()
    closing = asyncio.create_task(pool.close())
    with pytest.raises(asyncio.CancelledError):
        await waiting
    release.set()
    await closing
    await asyncio.gather(*busy, return_exceptions=True)
