"""How many files are processed at once, and how much memory they may take together (SPEC B-3)."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from tobs._util.pool import count_cores
from tobs.core.ports.meter import Meter

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LaneOptions:
    """`count` files at once, which together may take `memory_bytes`."""

    count: int = 1
    memory_bytes: int = 2048 << 20


def count_lanes(wanted: int, threads: int, *, is_parallel: bool = True) -> int:
    """Return how many files are processed at once: `wanted`, or half of the cores when that is 0.

    One thread of the pool is always left to the text.
    """
    if not is_parallel:
        return 1
    return max(1, min(wanted or count_cores() // 2, threads - 1))


def count_ffmpeg_threads(lanes: int) -> int:
    """Return how many threads each child may use, so that all lanes together use all cores."""
    return max(1, count_cores() // lanes)


class ByteBudget:
    """Bytes that several share, first come, first served."""

    def __init__(self, limit: int) -> None:
        self._limit = self._left = limit
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    def fits(self, count: int) -> bool:
        """Tell whether that many are there for the taking."""
        return not self._waiting and min(count, self._limit) <= self._left

    async def take(self, count: int) -> int:
        """Wait for `count` bytes and return how many were taken: never more than there are in all."""
        count = min(count, self._limit)
        if self.fits(count):
            self._left -= count
            return count
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append((count, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self.give_back(count)  # the turn came just before
            else:
                self._wake()
            raise
        return count

    def give_back(self, count: int) -> None:
        """Return bytes; whoever waits first goes on when there are enough."""
        self._left += count
        self._wake()

    def _wake(self) -> None:
        while self._waiting:
            count, turn = self._waiting[0]
            if not turn.cancelled():
                if count > self._left:
                    return
                self._left -= count
                turn.set_result(None)
            self._waiting.popleft()


class MediaLanes:
    """Lets work on files begin when there is a lane and memory for it."""

    def __init__(self, options: LaneOptions, meter: Meter) -> None:
        self.count = options.count
        self._free = asyncio.Semaphore(options.count)
        self._budget = ByteBudget(options.memory_bytes)
        self._meter = meter
        self._active = 0

    async def run(self, memory_bytes: int, work: Callable[[], Awaitable[T]]) -> T:
        """Return what the work returns, begun when its memory is free; more than there is in all runs alone."""
        async with self._free:
            if not self._budget.fits(memory_bytes):
                self._meter.record_media(self._active, throttled=1)
            taken = await self._budget.take(memory_bytes)
            self._note(1)
            try:
                return await work()
            finally:
                self._note(-1)
                self._budget.give_back(taken)

    def _note(self, change: int) -> None:
        self._active += change
        self._meter.record_media(self._active, processed=int(change < 0))


async def run_in_order(
    pieces: Iterable[Callable[[], Coroutine[Any, Any, T]]], width: int, take: Callable[[T], None]
) -> None:
    """Run pieces, `width` of them under way or waiting to be taken, and hand their results over in order.

    A piece is asked for only when there is room for it.
    """
    async with asyncio.TaskGroup() as group:
        under_way: deque[asyncio.Task[T]] = deque()
        for piece in pieces:
            under_way.append(group.create_task(piece()))
            if len(under_way) >= width:
                take(await under_way.popleft())
        while under_way:
            take(await under_way.popleft())
