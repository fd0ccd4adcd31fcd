"""One process measured from its start to its exit, with all that it starts, and the machine it ran on."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Self

import psutil

import tobs
from tobs.errors import TobsError

if TYPE_CHECKING:
    from tobs.settings import Settings

_LOOK_SECONDS = 0.05
"""How often the memory of a process is looked at: that takes a few dozen microseconds."""

_LOOKS_AT_TREE = 5
"""How many looks there are between two at its workers: those take a millisecond."""


@dataclass(slots=True)
class Measured:
    """One process: wall seconds, CPU seconds with its workers', the most memory it held, and messages (or bytes) a second.

    `tree_rss_mb` and `worker_rss_mb` are the most that it and its workers held together, and the largest of these
    alone, as looked at four times a second; memory that processes share counts for each of them. The peak of the
    process itself is the system's own, asked for twenty times a second: what it says at the exit would include us.
    """

    seconds: float
    cpu_seconds: float
    peak_rss_mb: float
    per_second: float
    tree_rss_mb: float = 0
    worker_rss_mb: float = 0


def measure(
    command: Sequence[object], environment: Mapping[str, str], pieces: float, **variables: str
) -> Measured:
    """Run a command from start to exit, with more environment variables. Raises TobsError when it fails."""
    return run_measured(command, {**environment, **variables}, pieces)[0]


def run_measured(
    command: Sequence[object], environment: Mapping[str, str], pieces: float
) -> tuple[Measured, bytes]:
    """Run a command from start to exit, and return what it printed as well. Raises TobsError when it fails."""
    start = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603  # our own interpreter and modules
        [str(part) for part in command], stdout=subprocess.PIPE, env=dict(environment)
    )
    assert process.stdout is not None
    with _Watch(process.pid) as watch:
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    if process.returncode:
        said = output.decode(errors="replace")[-300:]
        raise TobsError(f"{command[2]} ended with exit code {process.returncode}: {said}")
    peak = watch.peak_mb or usage.ru_maxrss / 1024
    measured = Measured(
        round(seconds, 3),
        round(usage.ru_utime + usage.ru_stime, 3),
        round(peak, 1),
        round(pieces / seconds, 1),
        round(max(peak, watch.tree_mb), 1),
        round(watch.worker_mb, 1),
    )
    return measured, output


class _Watch:
    """Looks at a process and its children, in a thread, as long as the block runs; MiB."""

    def __init__(self, pid: int) -> None:
        self.peak_mb = self.tree_mb = self.worker_mb = 0.0
        self._pid = pid
        self._ended = Event()
        self._thread = Thread(target=self._look_on, name="tobs-bench-watch")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look_on(self) -> None:
        for number in count():
            self.peak_mb = max(self.peak_mb, _read_peak(self._pid))
            if number % _LOOKS_AT_TREE == 0:
                self._look_at_tree()
            if self._ended.wait(_LOOK_SECONDS):
                return

    def _look_at_tree(self) -> None:
        try:
            own = psutil.Process(self._pid)
            workers = [_read_rss(each) for each in own.children(recursive=True)]
            self.tree_mb = max(self.tree_mb, _read_rss(own) + sum(workers))
            self.worker_mb = max(self.worker_mb, *workers, 0)
        except psutil.Error:  # it has just ended
            pass


def _read_peak(pid: int) -> float:
    """Return the most memory (MiB) that a process has held so far; 0 where the system does not say."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0


def _read_rss(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss) / (1 << 20)
    except psutil.Error:
        return 0


def make_environment(settings: Settings) -> dict[str, str]:
    """Return what all processes see: without a takeout, which has a limit of its own and no place in the floor."""
    return {
        **make_bare_environment(settings.home),
        "TOBS_SERVER": str(settings.server),
        "TOBS_SERVER_KEY": str(settings.server_key),
        "TOBS_API_ID": "1",
        "TOBS_API_HASH": "0" * 32,
        "TOBS_TIMEZONE": "UTC",
        "TOBS_TAKEOUT": "never",
    }


def make_bare_environment(home: Path) -> dict[str, str]:
    """Return what a process sees that talks to nobody."""
    return {"PATH": os.defpath, "TOBS_HOME": str(home)}


def describe_machine() -> dict[str, Any]:
    """Return what a reader needs to know about where this was measured."""
    from tobs.telegram.client import LIBRARY  # half a second that measured processes need not take

    return {
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "client": LIBRARY,
        "tobs": tobs.__version__,
    }
