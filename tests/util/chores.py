"""Work that worker processes can import."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from pathlib import Path

from tobs.errors import Damaged


def is_apart() -> bool:
    """Tell whether this runs in a worker process."""
    return multiprocessing.parent_process() is not None


def refuse(page: int) -> None:
    """Fail as the decoder does."""
    raise Damaged(f"Page {page} cannot be read.", hint="Run `tobs verify`.")


def repeat(size: int, parts: list[str]) -> dict[str, object]:
    """Return something that must be copied from process to process."""
    return {"text": "".join(parts) * size, "where": os.getpid()}


def announce_and_hang(said: Path) -> str:
    """Say in a pipe which process this is, and hang; in a thread just answer."""
    if not is_apart():
        return "in a thread"
    said.write_text(str(os.getpid()))
    signal.pause()
    return "never"


def announce_and_wait(said: Path, told: Path) -> str:
    """Say in a pipe that it has begun, and go on when another pipe says so."""
    said.write_text("begun")
    return told.read_text()


def spend(cpu_seconds: float) -> None:
    """Compute for so long."""
    end = time.thread_time() + cpu_seconds
    while time.thread_time() < end:
        pass
