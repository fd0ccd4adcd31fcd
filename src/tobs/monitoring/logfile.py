"""The log of an export folder: a file of bounded size, for its owner alone."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from tobs.core.ports.services import Clock
from tobs.errors import TobsError
from tobs.monitoring.logbatch import BatchingHandler
from tobs.monitoring.secrets import SafeFormatter

LOG_NAME = "tobs.log"
MOST_BYTES = 1 << 20
"""How large a file may become before the next one begins."""

OLDER_FILES = 4
"""How many are kept beside the one that is written."""

log = logging.getLogger("tobs.run")

shown = logging.getLogger("tobs.log")
"""What a person should know of the log itself; unlike the run's lines it stands on the screen."""

_UNCOUNTED = ("tobs.run", "tobs.metrics")
"""Who says what a run did: each line of that is news."""

_FORM = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class _PrivateFile(RotatingFileHandler):
    """A file that only its owner reads. Of what cannot be written no run fails."""

    _is_lost = False

    def handle(self, record: logging.LogRecord) -> bool:
        """Write the record, as long as that works."""
        return not self._is_lost and bool(super().handle(record))

    def flush(self) -> None:
        """Hand on to the system what was written."""
        if not self._is_lost:
            super().flush()

    def close(self) -> None:
        """Close the file, whatever became of it."""
        with suppress(OSError):
            super().close()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802 - logging's name
        """Give up, and say so once: whatever else is on that disk goes on without."""
        self._is_lost = True
        shown.warning("%s cannot be written any more: %s", self.baseFilename, sys.exc_info()[1])

    def _open(self) -> TextIOWrapper:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        return os.fdopen(os.open(self.baseFilename, flags, 0o600), "a", encoding="utf-8")


@contextmanager
def log_to_folder(
    folder: Path, *, level: str, secrets: list[str], interval_seconds: float, clock: Clock
) -> Iterator[str]:
    """Write what is logged while the block runs into the folder, which is made; yield what a person should know, or nothing.

    `level` is the lowest that is written, `secrets` are values that never are.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = _PrivateFile(folder / LOG_NAME, maxBytes=MOST_BYTES, backupCount=OLDER_FILES)
    except OSError as error:
        yield f"Nothing is logged into {folder}: {error.strerror}."
        return
    file.setFormatter(SafeFormatter(_FORM, secrets))
    handler = BatchingHandler(file, interval_seconds, clock.monotonic, _UNCOUNTED)
    handler.setLevel(level)
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield ""
    except (Exception, asyncio.CancelledError, KeyboardInterrupt) as error:
        _log_ending(error)
        raise
    finally:
        root.removeHandler(handler)
        handler.close()


def _log_ending(error: BaseException) -> None:
    """Log what ended the work before its time: in words where it has some, else with where it happened."""
    if isinstance(error, TobsError):
        log.error("ended: %s %s", error, error.hint)
    elif isinstance(error, Exception):
        log.error("ended by what should not happen", exc_info=error)
    else:
        log.info("interrupted")
