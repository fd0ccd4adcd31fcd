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

# Machines that run tests are shared: how long one example takes says nothing about the code.
settings.register_profile("tobs", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tobs")

# No test cuts the power, so none learns anything from a disk, which would take minutes to sync thousands of archives.
MEMORY, ROOM_BYTES = Path("/dev/shm"), 2 << 30  # noqa: S108 - pytest makes a folder of this user's own in it
if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM_BYTES:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

# Tests in a browser need what only `nox -s browser` installs.
collect_ignore = [] if find_spec("playwright") else ["browser"]

BARE_NAMES = (
    "API_ID",
    "API_HASH",
    "PHONE_NUMBER",
    "EXPORT_TG_CODE",
    "EXPORT_PATH",
    "DOWNLOAD_PHOTOS",
    "DOWNLOAD_VIDEOS",
    "DOWNLOAD_AUDIO",
    "DOWNLOAD_OTHER",
    "HASH_BASED_DEDUPLICATION",
    "HASH_CACHE_MAX_SIZE",
    "HASH_API_TIMEOUT",
    "LOG_LEVEL",
    "METRICS_ENABLED",
    "METRICS_INTERVAL",
    "MAX_THREADS",
    "FORCE_CPU_TRANSCODE",
    "VAAPI_DEVICE_PATH",
    "VIDEO_PRESET",
    "VIDEO_QUALITY",
    "VIDEO_HEIGHT",
    "PARALLEL_MEDIA_PROCESSING",
    "MAX_PARALLEL_MEDIA",
    "PARALLEL_MEDIA_MEMORY_LIMIT_MB",
    "ZERO_COPY_ENABLED",
    "ZERO_COPY_MIN_SIZE_MB",
    "ZERO_COPY_VERIFY_COPY",
    "ZERO_COPY_CHUNK_SIZE_MB",
    "INPUT_PEER_CACHE_SIZE",
    "INPUT_PEER_CACHE_TTL",
)


@pytest.fixture(autouse=True)
def clean_environ(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of the person who runs the tests reaches them, and nothing of theirs is touched."""
    for name in [*os.environ]:
        if name.startswith(("TOBS_", "XDG_")) or name in BARE_NAMES:
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
