"""Programs that stand in for real ones: small scripts at the front of PATH, run as child processes like any other."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from tobs._util.clock import SystemClock
from tobs.cache.store import Cache
from tobs.media.ffmpeg import find_ffmpeg

VAINFO = Path(__file__).parent / "vainfo"


class Stubs:
    """A folder at the front of PATH; each program notes the arguments that it was called with."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, *, alone: bool) -> None:
        folder.mkdir()
        self.folder = folder
        rest = "" if alone else os.pathsep + os.environ["PATH"]
        monkeypatch.setenv("PATH", f"{folder}{rest}")

    def add(self, name: str, body: str) -> None:
        """Add a program in shell; its arguments are in "$@"."""
        path = self.folder / name
        path.write_text(f'#!/bin/sh\necho "$@" >> {self.folder}/{name}.calls\n{body}\n')
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def add_driver(self, name: str) -> None:
        """Add a vainfo that prints what a real driver prints, with libva's noise on stderr."""
        text = (VAINFO / f"{name}.txt").read_text()
        self.add("vainfo", f"echo 'libva info: va_openDriver() returns 0' >&2\ncat <<'END'\n{text}END")

    def add_hardware(self, *, fails_in_films: bool = False) -> None:
        """Add an ffmpeg whose VA-API is the processor: the arguments are checked as a driver would, then run for real.

        With `fails_in_films` it passes the test encode and breaks down on a real file.
        """
        real = find_ffmpeg()
        assert real is not None
        breakdown = "1" if fails_in_films else ""
        path = self.folder / "ffmpeg"
        path.write_text(
            _HARDWARE.format(
                python=sys.executable, calls=f"{path}.calls", real=str(real), breakdown=breakdown
            )
        )
        path.chmod(0o755)

    def calls(self, name: str) -> list[str]:
        """Return the command lines with which a program was called."""
        path = self.folder / f"{name}.calls"
        return path.read_text().splitlines() if path.exists() else []


# What a driver refuses, this refuses too: frames that were not uploaded, options that the encoder does not have.
_HARDWARE = """#!{python} -IS
import os, sys
given = sys.argv[1:]
with open({calls!r}, "a") as calls:
    print(*given, file=calls)
codec = next((each for each in given if each.endswith("_vaapi")), None)
if codec:
    filters = given[given.index("-vf") + 1]
    if "-vaapi_device" not in given or not filters.endswith("format=nv12,hwupload") or "-preset" in given:
        sys.exit("Impossible to convert between the formats supported by the filter")
    if {breakdown!r} and "lavfi" not in given:
        sys.exit("Failed to end picture encode issue: 24 (internal encoding error).")
    at = given.index("-vaapi_device")
    del given[at : at + 2]
    if "-rc_mode" in given:
        at = given.index("-rc_mode")
        del given[at : at + 2]
    if "-low_power" in given:
        at = given.index("-low_power")
        del given[at : at + 2]
    given[given.index("-vf") + 1] = filters.replace("hwupload", "null")
    given[given.index(codec)] = {{"h264_vaapi": "libx264", "hevc_vaapi": "libx265"}}[codec]
os.execv({real!r}, [{real!r}, *given])
"""


def make_cache() -> Cache:
    """Return an empty cache of what programs said."""
    return Cache(Path("never saved"), clock=SystemClock(), max_entries=100, ttl_seconds=float("inf"))
