from __future__ import annotations

import asyncio

from tobs._util.clock import ManualClock, SystemClock

HOUR = 3600


async def test_hours_pass_in_no_time() -> None:
    clock = ManualClock(start=1000)
    await clock.sleep(5 * HOUR)
    assert (clock.now(), clock.monotonic()) == (1000 + 5 * HOUR, 5 * HOUR)


async def test_sleepers_wake_in_the_order_of_their_deadlines() -> None:
    clock = ManualClock(start=0)
    woken: list[tuple[str, float]] = []

    async def sleep_often(name: str, seconds: float, times: int) -> None:
        for _ in range(times):
            await clock.sleep(seconds)
            woken.append((name, clock.now()))

    async with asyncio.TaskGroup() as group:
        group.create_task(sleep_often("slow", 5, 2))
        group.create_task(sleep_often("fast", 2, 4))
        group.create_task(sleep_often("same", 5, 1))

    assert woken == [
        ("fast", 2), ("fast", 4), ("slow", 5), ("same", 5), ("fast", 6), ("fast", 8), ("slow", 10),
    ]  # fmt: skip


async def test_a_cancelled_sleeper_moves_no_time() -> None:
    clock = ManualClock(start=0)
    sleeper = asyncio.create_task(clock.sleep(10 * HOUR))
    await asyncio.sleep(0)
    sleeper.cancel()
    await asyncio.wait([sleeper])
    await clock.sleep(1)
    assert clock.now() == 1


async def test_time_moved_by_hand_is_not_moved_back_by_a_sleeper() -> None:
    clock = ManualClock(start=0)
    sleeper = asyncio.create_task(clock.sleep(5))
    await asyncio.sleep(0)
    clock.advance(60)
    await sleeper
    assert clock.now() == 60


async def test_a_wait_of_no_time_still_lets_others_run() -> None:
    clock = ManualClock(start=0)
    await clock.sleep(-3)
    assert clock.now() == 0


async def test_the_computers_clock_goes_on() -> None:
    clock = SystemClock()
    before = clock.monotonic()
    await clock.sleep(-1)
    assert clock.monotonic() >= before
    assert clock.now() > 1_700_000_000
