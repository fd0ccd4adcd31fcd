"""How a measured process says what its work took, without its own start: for arms with `is_telling`."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

from tobs.bench.measuring import Measured


def tell_work(work: Callable[[], int]) -> None:
    """Do the work, and print what it took; it returns how many pieces it did. Those a second are of processor time."""
    start, cpu_start = time.perf_counter(), time.process_time()
    pieces = work()
    cpu_seconds = time.process_time() - cpu_start
    seconds = time.perf_counter() - start
    told = Measured(round(seconds, 4), round(cpu_seconds, 4), 0, round(pieces / cpu_seconds, 1))
    print(msgspec.json.encode(told).decode())  # noqa: T201  # the runner reads it
