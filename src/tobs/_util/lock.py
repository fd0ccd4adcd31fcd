"""One OS lock for one folder: who holds it is written beside it, so that the other can be told."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from tobs._util.atomic import save
from tobs.errors import Busy, DiskFull


@contextmanager
def hold_lock(path: Path, what: str) -> Iterator[None]:
    """Hold the lock at `path` while the block runs.

    The operating system frees it when the process dies, however it dies. Raises Busy at once when
    another process holds it; `what` is what is busy, in words (`The export folder ./export`).
    """
    lock = FileLock(path, timeout=0, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        raise Busy(f"{what} is in use by another tobs{_describe_holder(path)}.", hint=_HINT) from None
    try:
        with suppress(DiskFull):  # a courtesy to others; what must be written meets it, too
            save(_owner_path(path), json.dumps(_describe_self()).encode(), mode=0o600)
        yield
    finally:
        _owner_path(path).unlink(missing_ok=True)
        lock.release()


_HINT = "Wait until it has finished, or end it with Ctrl+C in its terminal."


def _owner_path(path: Path) -> Path:
    return path.with_name(path.name + ".owner")


def _describe_self() -> dict[str, str | int]:
    since = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return {"pid": os.getpid(), "host": socket.gethostname(), "since": since}


def _describe_holder(path: Path) -> str:
    # The holder may be between taking the lock and saying so, or be gone by now.
    with suppress(OSError, ValueError, KeyError, TypeError):
        found = json.loads(_owner_path(path).read_text(encoding="utf-8"))
        return f" (process {found['pid']} on {found['host']}, since {found['since']})"
    return ""
