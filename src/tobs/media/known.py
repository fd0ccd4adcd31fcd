"""What is known of videos and of the graphics card since earlier runs, so that no program need say it again.

What a video is hangs on its bytes alone, so it is known by their SHA-256. Of hardware only a confirmed encoder is
remembered, for the ffmpeg that it was confirmed with, and only until it fails: what is missing may be installed.
"""

from __future__ import annotations

import logging
from dataclasses import astuple
from pathlib import Path
from typing import Any

from tobs.core.ports.processed import Failed
from tobs.core.ports.services import KeyValue
from tobs.media.ffmpeg import find_ffmpeg
from tobs.media.probe import Film, probe_film
from tobs.media.vaapi import Codec, VAAPICapabilities, VAAPIStatus, get_vaapi_capabilities

log = logging.getLogger("tobs.media")

_LISTS = ("encoders", "decoders", "low_power")


class KnownProbes:
    """Asks programs about files and hardware, each question once."""

    def __init__(self, cache: KeyValue) -> None:
        self._cache = cache

    async def probe(self, program: Path, source: Path, sha256: str) -> Film | Failed:
        """Return what a video with this hash is, or why it cannot be read."""
        if known := self._cache.get(f"film {sha256}"):
            return Film(*known)
        self._cache.note_call()
        found = await probe_film(program, source)
        if isinstance(found, Film):
            self._cache.put(f"film {sha256}", [*astuple(found)])
        else:
            self._cache.note_failure()
        return found

    async def find_hardware(self, device: Path, codec: Codec) -> VAAPICapabilities | None:
        """Return hardware that is confirmed to encode, or None."""
        key = _hardware_key(device, codec)
        if key and (known := self._cache.get(key)):
            return _recall_hardware(known, device, codec)
        found = await get_vaapi_capabilities(device, codec)
        if key:
            self._cache.note_call()
        if found.confirmed:
            lists = {each: [*getattr(found, each)] for each in _LISTS}
            self._cache.put(key, {"driver": found.driver, **lists})
            return found
        if key:
            self._cache.note_failure()
        return None

    def forget_hardware(self, device: Path, codec: Codec) -> None:
        """Forget that hardware encodes."""
        self._cache.forget(_hardware_key(device, codec))


def _hardware_key(device: Path, codec: Codec) -> str:
    """Return under what hardware is remembered; nothing without a device, of which no program need be asked."""
    if not device.exists():
        return ""
    program = find_ffmpeg()
    built = program.stat().st_mtime_ns if program else 0
    return f"vaapi {device} {codec} {program} {built}"


def _recall_hardware(known: dict[str, Any], device: Path, codec: Codec) -> VAAPICapabilities:
    log.info("VA-API available: %s (%d encoders)", known["driver"], len(known["encoders"]))
    return VAAPICapabilities(
        VAAPIStatus.AVAILABLE,
        known["driver"],
        device_path=device,
        encoder=f"{codec}_vaapi",
        confirmed=True,
        encoders=tuple(known["encoders"]),
        decoders=tuple(known["decoders"]),
        low_power=tuple(known["low_power"]),
    )
