"""The worker pool as the settings want it."""

from __future__ import annotations

from tobs._util.pool import Pool, count_processes
from tobs.settings import Settings
from tobs.telegram.lean import leave_client_out


def make_pool(settings: Settings) -> Pool:
    """Return a pool whose processes decode and draw, and so need no client of Telegram; close it."""
    processes = count_processes(settings.decode_processes)
    return Pool(settings.max_threads, processes=processes, prepare=leave_client_out)
