"""How a command's body begins: settings read, logs set up, a loop that Ctrl+C ends gracefully."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from tobs.cli.logs import flush_logs, set_up_logs
from tobs.cli.options import current_manner
from tobs.errors import EXIT_INTERRUPTED
from tobs.settings import Reading, Settings, read_settings

T = TypeVar("T")

GRACE_SECONDS = 1.0
"""How long a second Ctrl+C waits for tasks to end by themselves."""


def open_settings(**flags: object) -> Settings:
    """Return the settings; a `.env` in use is named on the screen, and logs are set up."""
    return open_reading(**flags).settings


def open_reading(**flags: object) -> Reading:
    """Return the settings with their origins, after the same steps."""
    manner = current_manner()
    reading = read_settings(**flags, **({"log_level": "DEBUG"} if manner.verbose else {}))
    set_up_logs(reading.settings, manner)
    if not manner.quiet:
        for note in reading.notes:
            print(note, file=sys.stderr)
    return reading


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that the first Ctrl+C or SIGTERM ends."""
    stop = asyncio.Event()
    stop.set()
    return asyncio.run(_run_until_told(work, stop))


def run_gracefully(work: Callable[[asyncio.Event], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine that finishes what it holds when the event given to it is set.

    The first Ctrl+C or SIGTERM sets the event, the second ends at once.
    """

    async def run() -> T:
        stop = asyncio.Event()
        return await _run_until_told(work(stop), stop)

    return asyncio.run(run())


async def _run_until_told(work: Coroutine[Any, Any, T], stop: asyncio.Event) -> T:
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    assert task is not None

    def tell() -> None:
        if stop.is_set():
            _end_at_once(task)
        else:
            stop.set()
            print("Stopping: what is under way is finished; Ctrl+C again ends at once.", file=sys.stderr)

    def hear(_number: int, _frame: object) -> None:
        if loop.is_closed():
            raise KeyboardInterrupt
        loop.call_soon_threadsafe(tell)

    for number in (signal.SIGINT, signal.SIGTERM):
        # Not the loop's own handlers: with the loop they would go, and SIGTERM would end the process unheard
        # while it still says how the run went.
        signal.signal(number, hear)
    try:
        return await work
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


def _end_at_once(task: asyncio.Task[Any]) -> None:
    """Cancel, and leave the process without further ado when that takes longer than the grace."""
    task.cancel()
    flush_logs()
    last = threading.Timer(GRACE_SECONDS, os._exit, (EXIT_INTERRUPTED,))
    last.daemon = True
    last.start()
