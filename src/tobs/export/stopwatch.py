"""Times the pieces of stages for the meter: work, and the waiting before it, apart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tobs.core.metrics import StageName
from tobs.core.ports.meter import Meter
from tobs.core.ports.services import Clock
from tobs.errors import TobsError


class Stopwatch:
    """The clock of a run and the meter that hears what it says."""

    def __init__(self, clock: Clock, meter: Meter) -> None:
        self._clock = clock
        self.meter = meter

    def now(self) -> float:
        """Return the time from which a piece waits, on the monotonic clock."""
        return self._clock.monotonic()

    def record(self, stage: StageName, since: float, worked_s: float) -> None:
        """Note a piece that waits or is worked on `since` and has just ended; all but `worked_s` was waiting."""
        waited_s = max(0.0, self.now() - since - worked_s)
        self.meter.record_stage(stage, worked_s, queue_s=waited_s)

    @contextmanager
    def time(self, stage: StageName, *since: float) -> Iterator[None]:
        """Time pieces each of which has waited `since`; a cancelled block does not count, one that fails is an error."""
        begun = self.now()
        waited_s = sum(max(0.0, begun - each) for each in since)
        try:
            yield
        except (TobsError, ExceptionGroup):
            self.meter.record_stage(stage, self.now() - begun, error=True, queue_s=waited_s)
            raise
        self.meter.record_stage(stage, self.now() - begun, count=len(since), queue_s=waited_s)
