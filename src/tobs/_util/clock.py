"""Time: the computer's own, and one that a test moves by hand."""

from __future__ import annotations

import asyncio
import heapq
import time
from itertools import count


class SystemClock:
    """The computer's clock."""

    def now(self) -> float:
        """Return UTC seconds since 1970."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(max(0.0, seconds))


class ManualClock:
    """A clock that stands still, except that sleeping makes the time pass at once.

    When every task has had its turns and somebody sleeps, the time jumps to the earliest deadline and
    that sleeper alone goes on; two with the same deadline go in the order in which they lay down.
    """

    # A task that wakes up may need a few turns of the loop until it sleeps again; jumping earlier
    # would let a longer sleeper overtake it.
    _TURNS_TO_SETTLE = 20

    def __init__(self, start: float = 1_767_225_600.0) -> None:
        self._start = start
        self._now = start
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = count()
        self._is_settling = False

    def now(self) -> float:
        """Return UTC seconds since 1970."""
        return self._now

    def monotonic(self) -> float:
        """Return the seconds since the clock was made."""
        return self._now - self._start

    def advance(self, seconds: float) -> None:
        """Let time pass without a sleep; sleepers whose time has come wake up at the next settling."""
        self._now += seconds

    async def sleep(self, seconds: float) -> None:
        """Wait until the time has come, in no time."""
        loop = asyncio.get_running_loop()
        woken = loop.create_future()
        heapq.heappush(self._sleepers, (self._now + max(0.0, seconds), next(self._order), woken))
        if not self._is_settling:
            self._is_settling = True
            loop.call_soon(self._settle, loop, self._TURNS_TO_SETTLE)
        await woken

    def _settle(self, loop: asyncio.AbstractEventLoop, turns: int) -> None:
        if turns:
            loop.call_soon(self._settle, loop, turns - 1)
            return
        self._wake_earliest()
        self._is_settling = bool(self._sleepers)
        if self._is_settling:
            loop.call_soon(self._settle, loop, self._TURNS_TO_SETTLE)

    def _wake_earliest(self) -> None:
        while self._sleepers:
            deadline, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():  # a cancelled sleeper moves no time
                self._now = max(self._now, deadline)
                woken.set_result(None)
                return
