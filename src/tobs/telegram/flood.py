"""The one place where tobs waits for Telegram."""

from __future__ import annotations

from tobs.core.events import Waiting
from tobs.core.ports import Clock, Emit
from tobs.errors import GaveUpWaiting


class FloodGate:
    """Told waits of one account: a method that was told to wait is not sent before its deadline.

    Limits of Telegram are per account and method, so one method's wait holds no other up. A wait is a
    status and not a failure; only one longer than `max_wait_seconds` ends the run.
    """

    def __init__(self, clock: Clock, emit: Emit, *, max_wait_seconds: float) -> None:
        self._clock = clock
        self._emit = emit
        self._max_wait_seconds = max_wait_seconds
        self._deadlines: dict[str, float] = {}

    def note_wait(self, method: str, seconds: float) -> None:
        """Remember that Telegram told this method to wait. Raises GaveUpWaiting when that is too long."""
        # FLOOD_WAIT_0 is seen on test servers; going on at once would ask for the next one.
        seconds = max(seconds, 1)
        if seconds > self._max_wait_seconds:
            raise GaveUpWaiting(
                f"Telegram asks to wait {seconds:.0f} s before {method}, longer than"
                f" MAX_FLOOD_WAIT ({self._max_wait_seconds:.0f} s).",
                hint="Everything fetched so far is kept. Run the command again later, or raise TOBS_MAX_FLOOD_WAIT.",
            )
        self._deadlines[method] = self._clock.monotonic() + seconds

    async def pass_through(self, method: str) -> None:
        """Return when the method may be sent; says so while it waits."""
        while (left := self._deadlines.get(method, 0) - self._clock.monotonic()) > 0:
            self._emit(Waiting(seconds=round(left, 1), method=method))
            await self._clock.sleep(left)
        self._deadlines.pop(method, None)
