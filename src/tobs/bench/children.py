"""Processes of our own that are measured: started together, awaited, and heard."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass

from tobs.errors import TobsError


@dataclass(slots=True)
class Together:
    """Processes that ran side by side: seconds from the first start to the last end, and what each printed."""

    seconds: float
    printed: list[bytes]


def run_modules(commands: Iterable[list[str]], environment: dict[str, str] | None = None) -> Together:
    """Run `python -m …` for each command at once. Raises TobsError when one fails."""
    start = time.perf_counter()
    children = [
        subprocess.Popen([sys.executable, "-m", *each], stdout=subprocess.PIPE, env=environment)  # noqa: S603  # ours
        for each in commands
    ]
    printed = [each.communicate()[0] for each in children]
    seconds = time.perf_counter() - start
    for child in children:
        if child.returncode:
            raise TobsError(f"A measured process ended with exit code {child.returncode}.")
    return Together(seconds, printed)
