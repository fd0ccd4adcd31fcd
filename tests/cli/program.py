"""tobs as a person starts it: a process of its own."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Ended:
    """What a finished process left behind."""

    code: int
    out: str
    err: str


def run_tobs(*arguments: str, stdin: str = "") -> Ended:
    """Run `tobs …` without a terminal."""
    return run_python("-m", "tobs", *arguments, stdin=stdin)


def run_python(*arguments: str, stdin: str = "") -> Ended:
    """Run Python as the tests run it."""
    command = [sys.executable, *arguments]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, timeout=60)
    return Ended(done.returncode, done.stdout, done.stderr)
