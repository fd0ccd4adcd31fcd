from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest

from tobs._util.pool import Pool, count_threads
from tobs._util.priority import TaskPriority


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    async with Pool(max_threads=2) as opened:
        yield opened


class _Jam:
    """Keeps every thread of a pool busy until it is resolved."""

    def __init__(self, pool: Pool) -> None:
        self._go_on = threading.Event()
        self._begun = threading.Barrier(pool.threads + 1)
        self.tasks = [asyncio.create_task(pool.run(self._block)) for _ in range(pool.threads)]

    async def is_complete(self) -> None:
        # Waited for in a thread of its own, since all of the pool's are taken.
        begun = asyncio.get_running_loop().create_future()
        loop = asyncio.get_running_loop()

        def wait() -> None:
            self._begun.wait(10)
            loop.call_soon_threadsafe(begun.set_result, None)

        threading.Thread(target=wait).start()
        await begun

    async def resolve(self) -> None:
        self._go_on.set()
        await asyncio.gather(*self.tasks)

    def let_go(self) -> None:
        self._go_on.set()

    def _block(self) -> None:
        self._begun.wait(10)
        self._go_on.wait(10)


async def test_urgent_work_overtakes_a_hundred_that_wait_while_all_threads_are_busy(pool: Pool) -> None:
    order: list[str] = []
    jam = _Jam(pool)
    await jam.is_complete()
    waiting = [
        asyncio.create_task(pool.run(order.append, "low", priority=TaskPriority.LOW)) for _ in range(100)
    ]
    waiting.append(asyncio.create_task(pool.run(order.append, "normal")))
    waiting.append(asyncio.create_task(pool.run(order.append, "high", priority=TaskPriority.HIGH)))
    await asyncio.sleep(0)
    assert (pool.counters.active, pool.counters.queued) == (2, 102)
    await jam.resolve()
    await asyncio.gather(*waiting)

    # Two threads take from the heap side by side, so the first two may swap.
    assert set(order[:2]) == {"high", "normal"}
    assert order[2:] == ["low"] * 100


async def test_the_counters_tell_what_was_done(pool: Pool) -> None:
    assert pool.counters.average_latency_s == 0
    assert await pool.run(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        await pool.run(divmod, 1, 0)

    found = pool.counters
    assert (found.active, found.queued, found.completed, found.failed) == (0, 0, 1, 1)
    assert found.average_latency_s > 0


async def test_work_cancelled_while_it_waits_never_runs(pool: Pool) -> None:
    ran: list[int] = []
    jam = _Jam(pool)
    await jam.is_complete()
    waiting = asyncio.create_task(pool.run(ran.append, 1))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    await jam.resolve()
    await pool.run(ran.append, 2)
    assert (ran, waiting.cancelled(), pool.counters.queued) == ([2], True, 0)


async def test_work_cancelled_while_it_runs_harms_nobody(pool: Pool) -> None:
    jam = _Jam(pool)
    await jam.is_complete()
    jam.tasks[0].cancel()
    await asyncio.wait([jam.tasks[0]])
    jam.let_go()
    await jam.tasks[1]
    assert await pool.run(abs, -1) == 1


async def test_closing_waits_for_what_runs_and_drops_what_waits() -> None:
    pool = Pool(max_threads=1)
    done: list[str] = []
    loop = asyncio.get_running_loop()
    running, release = asyncio.Event(), threading.Event()

    def work() -> None:
        loop.call_soon_threadsafe(running.set)
        release.wait(10)
        done.append("ran to its end")

    first = asyncio.create_task(pool.run(work))
    second = asyncio.create_task(pool.run(done.append, "never"))
    await running.wait()
    closing = asyncio.create_task(pool.close())
    await asyncio.wait([second])
    release.set()
    await asyncio.gather(closing, first)

    assert done == ["ran to its end"]
    assert second.cancelled()
    with pytest.raises(RuntimeError):
        await pool.run(abs, 1)
    await pool.close()


async def test_what_libraries_send_to_threads_goes_through_the_pool(pool: Pool) -> None:
    name = await asyncio.to_thread(lambda: threading.current_thread().name)
    assert name.startswith("tobs")
    assert pool.counters.completed == 1


def test_the_pool_is_half_as_big_again_as_the_cores_unless_told() -> None:
    assert count_threads(7) == 7
    assert count_threads() >= 2
