"""The log of an export folder: a file of bounded size, for its owner alone."""

from __future__ import annotations

import logging
import os
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
        """Give up: a full disk is met by what must be written, and said there."""
        self._is_lost = True

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
    except Exception as error:
        if not isinstance(error, TobsError):  # those are told in words
            log.exception("ended by what should not happen")
        raise
    finally:
        root.removeHandler(handler)
        handler.close()
