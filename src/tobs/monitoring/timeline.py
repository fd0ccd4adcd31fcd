"""The course of a run, in at most so many stretches of equal length however long it takes."""

from __future__ import annotations

from dataclasses import dataclass, field

from tobs.core.metrics import Moment

MOST_MOMENTS = 600
"""When there are more, each two become one, and from then on a stretch is twice as long."""

MIB = 1 << 20


@dataclass(slots=True)
class Stretch:
    """What happened between two samples, and what held at the end; `cpu_s` is processor seconds."""

    end_s: float
    span_s: float
    messages: int
    received_bytes: int
    cpu_s: float
    memory_mb: float
    gauges: dict[str, float] = field(default_factory=dict)
    samples: int = 1

    def extend(self, later: Stretch) -> None:
        """Take in the stretch behind it."""
        self.end_s = later.end_s
        self.span_s += later.span_s
        self.messages += later.messages
        self.received_bytes += later.received_bytes
        self.cpu_s += later.cpu_s
        self.memory_mb = max(self.memory_mb, later.memory_mb)
        self.gauges = later.gauges
        self.samples += later.samples

    def describe(self) -> Moment:
        """Return it with rates in place of sums."""
        span_s = self.span_s or float("inf")
        return Moment(
            at_s=round(self.end_s, 3),
            span_s=round(self.span_s, 3),
            messages_per_s=round(self.messages / span_s, 1),
            received_mb_per_s=round(self.received_bytes / MIB / span_s, 3),
            cpu_percent=round(100 * self.cpu_s / span_s, 1),
            memory_mb=round(self.memory_mb, 1),
            gauges={**self.gauges},
        )


class Timeline:
    """Takes the stretch behind each sample."""

    def __init__(self, most: int = MOST_MOMENTS) -> None:
        self._most = most
        self._width = 1
        self._stretches: list[Stretch] = []

    def add(self, stretch: Stretch) -> None:
        """Add what happened since the last sample."""
        last = self._stretches[-1] if self._stretches else None
        if last and last.samples < self._width:
            last.extend(stretch)
            return
        if len(self._stretches) < self._most:
            self._stretches.append(stretch)
            return
        self._thin_out()
        self.add(stretch)

    def _thin_out(self) -> None:
        """Make one of each two stretches; of an odd number the last one grows on."""
        self._width *= 2
        for first, second in zip(self._stretches[::2], self._stretches[1::2], strict=False):
            first.extend(second)
        self._stretches = self._stretches[::2]

    def list_moments(self) -> list[Moment]:
        """Return the course of the run so far."""
        return [each.describe() for each in self._stretches]
