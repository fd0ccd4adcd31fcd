"""How many requests may be in flight: as many as do not make the server slower.

Additive increase, multiplicative decrease, as TCP does it. The latency of a request (sent until its
answer's bytes are off the socket) is held against the lowest of the last minute: while it stays near,
one more request is allowed with every answer (after the first sign of trouble: with every round); a told
wait halves the number. It never grows while pages wait to be decoded, since then we are the slow ones.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from tobs.core.ports.meter import NO_METER, Meter
from tobs.core.ports.services import Clock

MEMORY_SECONDS = 60
NEAR_FACTOR = 1.5
NEAR_SECONDS = 0.02
"""What a latency may exceed the lowest by and still count as near: half of it, and 20 ms of noise."""


class Answered(Protocol):
    """How an answer came, as a page or a part of a file tells it."""

    sent_at: float
    latency_seconds: float
    told_waits: int


class Throttle:
    """Lets at most `limit` requests through at once; `limit` moves between 1 and `most`.

    An answer that takes up to `near` times as long as the quickest one still counts as unhurried: large ones wait for
    each other on the line, which says nothing of the server. `meter` hears how many of `what` are in flight.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        most: int,
        start: int = 2,
        near: float = NEAR_FACTOR,
        meter: Meter = NO_METER,
        what: str = "requests",
    ) -> None:
        self._clock = clock
        self._most = most
        self._factor = near
        self._limit = float(min(start, most))
        self._in_flight = 0
        self._meter = meter
        self._limit_name, self._flight_name = f"{what}_limit", f"{what}_in_flight"
        meter.record_gauge(self._limit_name, self.limit)
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._is_careful = False
        self._cut_at = float("-inf")
        self._lowest: deque[tuple[float, float]] = deque()

    @property
    def most(self) -> int:
        """How many requests may ever be in flight."""
        return self._most

    @property
    def in_flight(self) -> int:
        """How many requests are in flight now."""
        return self._in_flight

    @property
    def limit(self) -> int:
        """How many requests may be in flight now."""
        return int(self._limit)

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Wait for a free place, and hold it while the block runs."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        self._admit()
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # let in just then
                self._leave()
            raise
        try:
            yield
        finally:
            self._leave()

    def _leave(self) -> None:
        self._in_flight -= 1
        self._admit()
        self._meter.record_gauge(self._flight_name, self._in_flight)

    def _admit(self) -> None:
        # Of hundreds that wait only those are woken whose turn it is.
        while self._waiting and self._in_flight < self.limit:
            turn = self._waiting.popleft()
            if not turn.done():
                self._in_flight += 1
                self._meter.record_gauge(self._flight_name, self._in_flight)
                turn.set_result(None)

    def note(self, answer: Answered, *, is_backlogged: bool = False) -> None:
        """Learn from an answer; `is_backlogged`: pages wait to be decoded."""
        now = self._clock.monotonic()
        if answer.told_waits:
            self._halve(now, answer.sent_at)
        elif not is_backlogged and answer.latency_seconds <= self._near(now, answer.latency_seconds):
            self._limit = min(self._most, self._limit + (1 / self._limit if self._is_careful else 1))
            self._admit()
        elif not is_backlogged:
            self._is_careful = True
        self._meter.record_gauge(self._limit_name, self.limit)

    def _halve(self, now: float, sent_at: float) -> None:
        # Requests that were in flight together are told together: that is one sign, not many.
        self._is_careful = True
        if sent_at > self._cut_at:
            self._limit = max(1.0, self._limit / 2)
            self._cut_at = now

    def _near(self, now: float, latency: float) -> float:
        """Return the latency up to which the server counts as unhurried."""
        while self._lowest and self._lowest[-1][1] >= latency:
            self._lowest.pop()
        self._lowest.append((now, latency))
        while self._lowest[0][0] < now - MEMORY_SECONDS:
            self._lowest.popleft()
        return self._lowest[0][1] * self._factor + NEAR_SECONDS
