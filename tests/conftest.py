"""What every test stands on: an environment of its own."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tobs.settings.keys import PREFIX, list_keys

# Machines that run tests are shared: how long one example takes says nothing about the code.
settings.register_profile("tobs", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tobs")

# No test cuts the power, so none learns anything from a disk, which would take minutes to sync thousands of archives.
MEMORY, ROOM_BYTES = Path("/dev/shm"), 2 << 30  # noqa: S108 - pytest makes a folder of this user's own in it
if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM_BYTES:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

# Tests in a browser need what only `nox -s browser` installs.
collect_ignore = [] if find_spec("playwright") else ["browser"]

# What the machine that runs the tests says of its terminal, and the names of settings without prefix.
FOREIGN_NAMES = frozenset(
    (
        *("CI", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "LINES"),
        *(each.name.removeprefix(PREFIX) for each in list_keys() if each.is_bare),
    )
)


@pytest.fixture(autouse=True)
def clean_environ(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of the person who runs the tests reaches them, and nothing of theirs is touched."""
    for name in [*os.environ]:
        if name.startswith(("TOBS_", "XDG_")) or name in FOREIGN_NAMES:
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.setenv("TOBS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "100")


@pytest.fixture(autouse=True)
def own_logging() -> Iterator[None]:
    """What a test does to logging ends with it."""
    root = logging.getLogger()
    before = [*root.handlers], root.level
    yield
    root.handlers[:], root.level = before
    for name in ("tobs", "telethon"):
        logging.getLogger(name).setLevel(logging.NOTSET)
