"""How many requests are in flight follows from what the server does."""

from __future__ import annotations

import asyncio

from tobs._util.clock import ManualClock
from tobs.core.model import Chat
from tobs.core.ports.source import RawPage
from tobs.core.ranges import Range
from tobs.export.throttle import Throttle

CHAT = Chat(0, -1001, "supergroup", "Team")


def page(clock: ManualClock, latency: float, *, waits: int = 0, sent_at: float | None = None) -> RawPage:
    sent = clock.monotonic() if sent_at is None else sent_at
    return RawPage(CHAT, Range(1, 1), b"", 1, 0, sent_at=sent, latency_seconds=latency, told_waits=waits)


def grown(clock: ManualClock, *, answers: int = 40) -> Throttle:
    throttle = Throttle(clock, most=32)
    for _ in range(answers):
        throttle.note(page(clock, 0.08), is_backlogged=False)
    return throttle


async def test_it_grows_to_the_most_while_latency_holds() -> None:
    assert grown(ManualClock()).limit == 32


async def test_a_told_wait_halves_it_once_for_all_that_were_in_flight() -> None:
    clock = ManualClock()
    throttle = grown(clock)
    sent_at = clock.monotonic()
    clock.advance(1)
    for _ in range(8):
        throttle.note(page(clock, 0.08, waits=1, sent_at=sent_at + 0.5), is_backlogged=False)
    assert throttle.limit == 16
    clock.advance(1)
    throttle.note(page(clock, 0.08, waits=1), is_backlogged=False)
    assert throttle.limit == 8


async def test_it_grows_slowly_after_the_first_trouble() -> None:
    clock = ManualClock()
    throttle = grown(clock)
    clock.advance(1)
    throttle.note(page(clock, 0.08, waits=1), is_backlogged=False)
    for _ in range(16):
        throttle.note(page(clock, 0.08), is_backlogged=False)
    assert throttle.limit == 16
    throttle.note(page(clock, 0.08), is_backlogged=False)
    assert throttle.limit == 17


async def test_a_slower_answer_stops_the_growth() -> None:
    clock = ManualClock()
    throttle = grown(clock, answers=6)
    before = throttle.limit
    for _ in range(20):
        throttle.note(page(clock, 0.5), is_backlogged=False)
    assert throttle.limit == before


async def test_the_lowest_latency_is_forgotten_after_a_minute() -> None:
    clock = ManualClock()
    throttle = grown(clock, answers=6)
    before = throttle.limit
    for _ in range(70):
        clock.advance(1)
        throttle.note(page(clock, 0.5), is_backlogged=False)
    assert throttle.limit > before


async def test_it_does_not_grow_while_pages_wait_to_be_decoded() -> None:
    clock = ManualClock()
    throttle = Throttle(clock, most=32)
    for _ in range(40):
        throttle.note(page(clock, 0.08), is_backlogged=True)
    assert throttle.limit == 2


async def test_no_more_than_the_limit_are_through_at_once() -> None:
    throttle = Throttle(ManualClock(), most=32, start=3)
    inside = most = 0

    async def pass_through() -> None:
        nonlocal inside, most
        async with throttle.slot():
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    async with asyncio.TaskGroup() as group:
        for _ in range(20):
            group.create_task(pass_through())
    assert most == 3


async def test_who_is_cancelled_just_when_it_is_let_in_leaves_the_place_to_the_next() -> None:
    throttle = Throttle(ManualClock(), most=1)
    passed: list[str] = []

    async def work(name: str) -> None:
        async with throttle.slot():
            passed.append(name)

    async with throttle.slot():
        tasks = [asyncio.create_task(work(name)) for name in ("first", "second", "third")]
        await asyncio.sleep(0)
        tasks[1].cancel()
    tasks[0].cancel()
    await asyncio.wait(tasks, timeout=10)
    assert passed == ["third"]
    assert [each.cancelled() for each in tasks] == [True, True, False]
