"""The one place where tobs waits for Telegram."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, NamedTuple, TypeAlias, TypeVar

from tobs.core.events import Waiting
from tobs.core.ports.meter import NO_METER, Meter
from tobs.core.ports.services import Clock, Emit
from tobs.errors import GaveUpWaiting, Skipped, Stopped

T = TypeVar("T")

COUNTDOWN_SECONDS = 5
"""How often a wait says how long it still takes."""

OPTIONAL_SECONDS = 10.0
"""The longest wait for a call that an export can do without: what is done instead takes about as long."""

_NO_TIME = 0.001
"""Seconds that are none: of UTC seconds a float keeps a quarter of a microsecond at best."""

Gated: TypeAlias = tuple[str, bool]
"""A method, and whether it is asked under takeout: Telegram limits the two apart."""

Deadlines: TypeAlias = dict[Gated, tuple[float, float]]
"""What waits → (UTC seconds until which it does, seconds that were told)."""


class _Wait(NamedTuple):
    """A wait that is over when either clock says so.

    The computer's clock may be set back, and the one that never goes back stands still while a computer sleeps.
    """

    until: float
    monotonic: float
    told: float


class FloodGate:
    """Told waits of one account: a method that was told to wait is not sent before its deadline.

    Limits of Telegram are per account and method, and others under takeout, so one method's wait holds no
    other up, nor the same method on the other side. A wait is a status and not a failure; only one longer
    than `max_wait_seconds` ends the run, and an optional call is skipped when it would have to wait for
    long. `known` are the waits that an earlier run was told, `keep` is handed all of them whenever
    a new one is told. Once `stop` is set nobody waits here any more, and nothing passes.
    """

    def __init__(
        self,
        clock: Clock,
        emit: Emit,
        *,
        max_wait_seconds: float,
        known: Deadlines | None = None,
        keep: Callable[[Deadlines], None] | None = None,
        stop: asyncio.Event | None = None,
        meter: Meter = NO_METER,
    ) -> None:
        self._meter = meter
        self._clock = clock
        self._emit = emit
        self._max_wait_seconds = max_wait_seconds
        self._keep = keep
        self._stop = stop or asyncio.Event()
        self._counting: set[Gated] = set()
        now, monotonic = clock.now(), clock.monotonic()
        # A deadline further off than what was told means that the computer's clock was moved.
        self._waits = {
            gated: _Wait(until, monotonic + until - now, told)
            for gated, (until, told) in (known or {}).items()
            if now < until <= now + told
        }

    def note_wait(self, gated: Gated, seconds: float, *, is_optional: bool = False) -> None:
        """Remember that Telegram told this method to wait. Raises GaveUpWaiting or Skipped when that is too long, or Stopped."""
        self.remember_wait(gated, seconds)
        self._check(gated, is_optional=is_optional)

    def remember_wait(self, gated: Gated, seconds: float) -> None:
        """Remember a wait that nobody has to sit out: the run goes on without that method."""
        # FLOOD_WAIT_0 is seen on test servers; going on at once would ask for the next one.
        seconds = max(seconds, 1)
        # One that goes on longer than what is told now is told anew all the same: `find_wait` says since when.
        left = max(seconds, self._left(gated))
        self._waits[gated] = _Wait(self._clock.now() + left, self._clock.monotonic() + left, seconds)
        self._store()

    def forget_wait(self, gated: Gated) -> None:
        """Drop a wait that is over before its time."""
        if self._waits.pop(gated, None):
            self._store()

    def find_wait(self, gated: Gated) -> tuple[float, float] | None:
        """Return since when and until when (UTC seconds) the method waits, or None when it need not."""
        left = self._left(gated)
        if left <= 0:
            return None
        until = self._clock.now() + left
        return until - self._waits[gated].told, until

    async def pass_through(
        self, gated: Gated, *, at_most: float = float("inf"), is_optional: bool = False
    ) -> None:
        """Return when the method may be sent, or after `at_most` seconds.

        Counts down meanwhile, once for all who wait. Raises GaveUpWaiting, or Skipped for an optional
        call, when an earlier wait that was told is too long, and Stopped.
        """
        self._check(gated, is_optional=is_optional)
        if self._left(gated) <= 0:
            return
        begun = self._clock.monotonic()
        end = begun + at_most
        is_first = gated not in self._counting
        self._counting.add(gated)
        try:
            while (left := self._left(gated)) > 0 and (rest := end - self._clock.monotonic()) > 0:
                if is_first:
                    self._emit(Waiting(seconds=round(left, 1), method=gated[0]))
                await self.pause(min(left, rest, COUNTDOWN_SECONDS if is_first else left))
        finally:
            if is_first:
                self._counting.discard(gated)
                self._meter.record_wait(gated[0], self._clock.monotonic() - begun)

    def check_stop(self) -> None:
        """Raise Stopped once the run has been told to stop: nothing more is asked then."""
        if self._stop.is_set():
            raise Stopped("Stopped before Telegram was asked for all.", hint="Run it again to go on.")

    async def pause(self, seconds: float) -> None:
        """Wait so long. Raises Stopped as soon as the run is told to stop."""
        await self.until_stopped(partial(self._clock.sleep, seconds))

    async def until_stopped(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return what the work returns. Raises what it raises; drops it and raises Stopped when told to stop."""
        self.check_stop()
        try:
            async with asyncio.TaskGroup() as group:
                working, stopping = group.create_task(work()), group.create_task(self._stop.wait())
                await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
                working.cancel()
                stopping.cancel()
        except ExceptionGroup as failed:  # of one: nothing but the work can fail
            [error] = failed.exceptions
            raise error from error.__cause__
        if working.cancelled():
            self.check_stop()
        return working.result()

    def _store(self) -> None:
        if self._keep:
            self._keep({gated: (each.until, each.told) for gated, each in self._waits.items()})

    def _left(self, gated: Gated) -> float:
        wait = self._waits.get(gated)
        if wait is None:
            return 0
        left = min(wait.until - self._clock.now(), wait.monotonic - self._clock.monotonic())
        return left if left > _NO_TIME else 0

    def _check(self, gated: Gated, *, is_optional: bool) -> None:
        self.check_stop()
        left = self._left(gated)
        if is_optional and left > min(OPTIONAL_SECONDS, self._max_wait_seconds):
            raise Skipped(f"Telegram asks to wait {left:.0f} s before {gated[0]}.")
        if left > self._max_wait_seconds:
            method, is_inside = gated
            raise GaveUpWaiting(
                f"Telegram asks to wait {left:.0f} s before {method}{' under takeout' * is_inside}, longer than"
                f" MAX_FLOOD_WAIT ({self._max_wait_seconds:.0f} s).",
                hint="Everything fetched so far is kept. Run the command again later, or raise TOBS_MAX_FLOOD_WAIT.",
            )
