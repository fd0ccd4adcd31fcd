"""The one place where tobs waits for Telegram."""

from __future__ import annotations

from collections.abc import Callable

from tobs.core.events import Waiting
from tobs.core.ports.services import Clock, Emit
from tobs.errors import GaveUpWaiting, Skipped

COUNTDOWN_SECONDS = 5
"""How often a wait says how long it still takes."""

OPTIONAL_SECONDS = 10.0
"""The longest wait for a call that an export can do without: what is done instead takes about as long."""

Deadlines = dict[str, tuple[float, float]]
"""Method → (UTC seconds until which it waits, seconds that were told)."""


class FloodGate:
    """Told waits of one account: a method that was told to wait is not sent before its deadline.

    Limits of Telegram are per account and method, so one method's wait holds no other up. A wait is a
    status and not a failure; only one longer than `max_wait_seconds` ends the run, and an optional call is
    skipped when it would have to wait for long. `known` are the waits that an earlier run was told, `keep`
    is handed all of them whenever a new one is told.
    """

    def __init__(
        self,
        clock: Clock,
        emit: Emit,
        *,
        max_wait_seconds: float,
        known: Deadlines | None = None,
        keep: Callable[[Deadlines], None] | None = None,
    ) -> None:
        self._clock = clock
        self._emit = emit
        self._max_wait_seconds = max_wait_seconds
        self._keep = keep
        self._counting: set[str] = set()
        now = clock.now()
        # A deadline further off than what was told means that the computer's clock was moved.
        self._deadlines = {
            method: (until, told)
            for method, (until, told) in (known or {}).items()
            if now < until <= now + told
        }

    def note_wait(self, method: str, seconds: float, *, is_optional: bool = False) -> None:
        """Remember that Telegram told this method to wait. Raises GaveUpWaiting or Skipped when that is too long."""
        # FLOOD_WAIT_0 is seen on test servers; going on at once would ask for the next one.
        seconds = max(seconds, 1)
        until, _ = self._deadlines.get(method, (0.0, 0.0))
        self._deadlines[method] = (max(until, self._clock.now() + seconds), seconds)
        if self._keep:
            self._keep(self._deadlines)
        self._check(method, is_optional=is_optional)

    async def pass_through(self, method: str, *, is_optional: bool = False) -> None:
        """Return when the method may be sent; counts down meanwhile, once for all who wait.

        Raises GaveUpWaiting, or Skipped for an optional call, when an earlier wait that was told is too long.
        """
        self._check(method, is_optional=is_optional)
        if self._left(method) <= 0:
            return
        is_first = method not in self._counting
        self._counting.add(method)
        try:
            while (left := self._left(method)) > 0:
                if is_first:
                    self._emit(Waiting(seconds=round(left, 1), method=method))
                await self._clock.sleep(min(left, COUNTDOWN_SECONDS) if is_first else left)
        finally:
            if is_first:
                self._counting.discard(method)

    def _left(self, method: str) -> float:
        until, _ = self._deadlines.get(method, (0.0, 0.0))
        return until - self._clock.now()

    def _check(self, method: str, *, is_optional: bool) -> None:
        left = self._left(method)
        if is_optional and left > min(OPTIONAL_SECONDS, self._max_wait_seconds):
            raise Skipped(f"Telegram asks to wait {left:.0f} s before {method}.")
        if left > self._max_wait_seconds:
            raise GaveUpWaiting(
                f"Telegram asks to wait {left:.0f} s before {method}, longer than"
                f" MAX_FLOOD_WAIT ({self._max_wait_seconds:.0f} s).",
                hint="Everything fetched so far is kept. Run the command again later, or raise TOBS_MAX_FLOOD_WAIT.",
            )
