"""A run as a terminal records it, from its first line to its summary, in a window that is resized meanwhile."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyte
import pytest
from syrupy.assertion import SnapshotAssertion

ROWS = 24
PLAY = """
import os, sys
from pathlib import Path
from tobs._util.clock import ManualClock
from tobs.cli import drawing
from tobs.cli.summary import print_run
from tobs.core.events import *
from tobs.core.metrics import RunMetrics, StageMetrics
from tobs.core.report import ChatReport, MediaTally, RunReport

go, done = int(sys.argv[1]), int(sys.argv[2])
clock = ManualClock()
drawing._REFRESHES = 1e-6  # nothing is drawn between the steps

def fetch(name, messages, share):
    screen.emit(Progressed(name, messages, 100_000, "fetch", share, 6, 8))

def download(files):
    screen.emit(Progressed("Rowing Club", files, 320, "download", files / 3.2, 4, 16, files * 300_000))

def begin():
    global screen
    screen = drawing.Drawing(clock=clock.monotonic)
    screen.emit(ExportStarted(["Rowing Club", "\u5bb6\u65cf"], "vault"))
    for second in range(8):
        fetch("Rowing Club", 1000 * second, 2.0 * second)
        download(10 * second)
        clock.advance(1)
    screen.emit(Said("info", "Settings are read from .env."))

def wait():
    screen.emit(Waiting(48.0, "messages.getHistory"))
    clock.advance(9)

def warn():
    screen.emit(Said("warning", "A page of Rowing Club came damaged and is asked for again, as often as it takes, until it is whole."))

def fail():
    clock.advance(60)
    fetch("\u5bb6\u65cf", 1200, 97.0)
    download(300)
    screen.emit(Failed("This account may not read it any more.", entity_name="\u5bb6\u65cf", exit_code=4))

def end():
    screen.close()
    chats = [
        ChatReport(1, "Rowing Club", new=51_000, media=MediaTally(done=318, done_bytes=96_000_000, failed={"expired": 2})),
        ChatReport(2, "\u5bb6\u65cf", new=1200, error="This account may not read it any more."),
    ]
    report = RunReport(1, "1", "2026-03-14T09:00:00Z", duration_s=77.0, chats=chats, exit_code=1)
    stages = {"pipeline_fetch": StageMetrics(count=522, total_duration_s=60.0), "render": StageMetrics(count=14, total_duration_s=9.0)}
    report.metrics = RunMetrics(1, report.start_time, stages=stages)
    print_run(report, Path("vault"))

for step in (begin, wait, warn, fail, end):
    os.read(go, 1)
    step()
    sys.stdout.flush()
    os.write(done, b".")
os.read(go, 1)
"""


class Recorder:
    """A terminal that shows what a program draws, a step of it at a time."""

    def __init__(self, handle: int, go: int, done: int, columns: int) -> None:
        self._handle, self._go, self._done = handle, go, done
        self._screen = pyte.Screen(columns, ROWS)
        self._stream = pyte.ByteStream(self._screen)

    def step(self) -> list[str]:
        """Let the program go on, and return what stands on the screen then."""
        os.write(self._go, b".")
        os.read(self._done, 1)
        self.look()
        return [line.rstrip() for line in self._screen.display]

    def look(self) -> None:
        """Take what was written so far."""
        os.set_blocking(self._handle, False)
        try:
            while block := os.read(self._handle, 65_536):
                self._stream.feed(block)
        except OSError:  # nothing more now, or (as Linux tells it) ever
            pass

    def resize(self, columns: int) -> None:
        """Make the window another size."""
        self.look()
        set_size(self._handle, columns)
        self._screen.resize(ROWS, columns)


def set_size(handle: int, columns: int) -> None:
    fcntl.ioctl(handle, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))


@contextmanager
def recorded(columns: int, folder: Path) -> Iterator[Recorder]:
    """Play the run in a terminal of so many columns."""
    ours, theirs = pty.openpty()
    set_size(theirs, columns)
    go_in, go = os.pipe()
    done, done_out = os.pipe()
    environment = {name: each for name, each in os.environ.items() if name not in {"COLUMNS", "LINES"}}
    environment |= {"TERM": "xterm-256color", "PYTHONUTF8": "1"}
    process = subprocess.Popen(
        [sys.executable, "-c", PLAY, str(go_in), str(done_out)],
        stdin=theirs, stdout=theirs, stderr=theirs, env=environment, cwd=folder, pass_fds=(go_in, done_out),
    )  # fmt: skip
    for each in (theirs, go_in, done_out):
        os.close(each)
    try:
        yield Recorder(ours, go, done, columns)
    finally:
        os.close(go)
        process.wait()
        os.close(ours)
        os.close(done)
    assert process.returncode == 0


def frame(screen: list[str]) -> str:
    """Return a screen with its edge, so that blanks at the end are seen; empty rows at its end are left out."""
    last = max((at for at, line in enumerate(screen) if line), default=-1)
    return "\n".join(f"|{line}" for line in screen[: last + 1])


@pytest.mark.parametrize("columns", [80, 200])
def test_a_run_from_its_first_line_to_its_summary(
    columns: int, tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    with recorded(columns, tmp_path) as recorder:
        for _ in range(5):
            assert frame(recorder.step()) == snapshot


def test_a_window_that_becomes_smaller_and_larger(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    with recorded(200, tmp_path) as recorder:
        recorder.step()
        for columns in (80, 40, 120, 100):
            recorder.resize(columns)
            assert frame(recorder.step()) == snapshot
