"""Which hardware encodes video here: asked by `vainfo`, proved by an encode (SPEC C-1)."""

from __future__ import annotations

import logging
import re
import shutil
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Literal

from tobs.media.child import Limits, run_child
from tobs.media.ffmpeg import HARDWARE_MEMORY_BYTES, find_ffmpeg, run_ffmpeg
from tobs.media.vainfo import read_vainfo

log = logging.getLogger("tobs.media")

Codec = Literal["h264", "hevc"]

DEFAULT_DEVICE = Path("/dev/dri/renderD128")
VAINFO_SECONDS = 5.0
ENCODE_SECONDS = 15.0

_PACKET = re.compile(r"^0, ", re.MULTILINE)


class VAAPIStatus(StrEnum):
    """What vainfo says: a driver answers, there is nothing to ask, or asking failed."""

    AVAILABLE = "available"
    UNAVAILABLE = "unavailable"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class VAAPICapabilities:
    """What the hardware can do.

    `status`, `driver`, `encoders` (ffmpeg's names) and `decoders` are vainfo's word alone. `confirmed` says that
    ffmpeg has encoded some frames with `encoder` here; if not, `reason` says why. `low_power` are the
    encoders that ffmpeg must be told to use in low-power mode.
    """

    status: VAAPIStatus
    driver: str = ""
    encoders: tuple[str, ...] = ()
    decoders: tuple[str, ...] = ()
    device_path: Path = DEFAULT_DEVICE
    encoder: str = ""
    low_power: tuple[str, ...] = ()
    confirmed: bool = False
    reason: str = ""


def encoder_options(capabilities: VAAPICapabilities) -> list[str]:
    """Return ffmpeg's options that choose the encoder which the capabilities are about."""
    low_power = ["-low_power", "1"] if capabilities.encoder in capabilities.low_power else []
    return ["-c:v", capabilities.encoder, *low_power]


class VAAPIDetector:
    """Asks one device about one codec."""

    def __init__(self, device_path: Path = DEFAULT_DEVICE, codec: Codec = "h264") -> None:
        self._device = device_path
        self._encoder = f"{codec}_vaapi"

    async def detect(self) -> VAAPICapabilities:
        """Return what is there; never raises for anything that is missing or broken."""
        asked = await self._ask()
        if asked.status is not VAAPIStatus.AVAILABLE:
            return asked
        reason = await self._try_encoder(asked)
        return replace(asked, confirmed=not reason, reason=reason)

    async def _ask(self) -> VAAPICapabilities:
        nothing = VAAPICapabilities(VAAPIStatus.UNAVAILABLE, device_path=self._device, encoder=self._encoder)
        if not self._device.exists():
            return replace(nothing, reason=f"there is no device {self._device}")
        program = shutil.which("vainfo")
        if program is None:
            return replace(nothing, reason="the program vainfo is not installed")
        command = [program, "--display", "drm", "--device", str(self._device)]
        ended = await run_child(command, Limits(VAINFO_SECONDS))
        if ended.why:
            words = f" ({ended.last_words})" if ended.err.strip() else ""
            return replace(nothing, status=VAAPIStatus.ERROR, reason=f"vainfo failed: {ended.why}{words}")
        report = read_vainfo(ended.out)
        return replace(
            nothing,
            status=VAAPIStatus.AVAILABLE,
            driver=report.driver,
            encoders=tuple(f"{each}_vaapi" for each in report.encodes),
            low_power=tuple(f"{each}_vaapi" for each in report.low_power),
            decoders=report.decodes,
        )

    async def _try_encoder(self, asked: VAAPICapabilities) -> str:
        """Return why the encoder cannot be used, or nothing when some frames came out of it."""
        if self._encoder not in asked.encoders:
            return f"the driver has no {self._encoder.removesuffix('_vaapi')} encoder"
        program = find_ffmpeg()
        if program is None:
            return "ffmpeg is not installed"
        arguments = [
            *("-vaapi_device", str(self._device)),
            *("-f", "lavfi", "-i", "testsrc2=size=320x240:rate=10:duration=0.5"),
            *("-vf", "format=nv12,hwupload", *encoder_options(asked)),
            *("-f", "framecrc", "-"),
        ]
        ended = await run_ffmpeg(program, arguments, Limits(ENCODE_SECONDS, HARDWARE_MEMORY_BYTES))
        if ended.why:
            return f"a test encode failed: {ended.last_words}"
        return "" if _PACKET.search(ended.out) else "a test encode made no picture"


_found: dict[tuple[Path, str], VAAPICapabilities] = {}


async def get_vaapi_capabilities(
    device_path: Path = DEFAULT_DEVICE, codec: Codec = "h264"
) -> VAAPICapabilities:
    """Return what a device can do; it is asked once in the life of this process, and the log says what came of it."""
    key = (device_path, codec)
    if key not in _found:
        found = _found[key] = await VAAPIDetector(device_path, codec).detect()
        if found.confirmed:
            log.info("VA-API available: %s (%d encoders)", found.driver, len(found.encoders))
        else:
            log.info("CPU transcoding mode: %s", found.reason)
    return _found[key]
