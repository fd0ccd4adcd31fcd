"""What `vainfo` prints about a driver, read."""

from __future__ import annotations

import re
from dataclasses import dataclass

_DRIVER = re.compile(r"^vainfo: Driver version:\s*(.*?)\s*$", re.MULTILINE)
# The program may be told by its path, as on Windows; profile and entry point are parted by blanks, tabs, or neither.
_ENTRY = re.compile(r"^\s*VAProfile(\w+)\s*:\s*VAEntrypoint(\w+)\s*$", re.MULTILINE)
_FAMILIES = {
    "MPEG2": "mpeg2",
    "MPEG4": "mpeg4",
    "H263": "h263",
    "H264": "h264",
    "VC1": "vc1",
    "JPEG": "mjpeg",
    "VP8": "vp8",
    "VP9": "vp9",
    "HEVC": "hevc",
    "AV1": "av1",
    "VVC": "vvc",
}
# Two films in one: of no use for a plain one.
_STEREO = ("H264Multiview", "H264Stereo")


@dataclass(frozen=True, slots=True)
class DriverReport:
    """A driver's name with its version, and the codecs that it encodes and decodes, in the order printed.

    `low_power` are those of `encodes` that only the low-power encoder knows.
    """

    driver: str
    encodes: tuple[str, ...]
    low_power: tuple[str, ...]
    decodes: tuple[str, ...]


def read_vainfo(text: str) -> DriverReport:
    """Return what the output says; words that are not known are passed over."""
    driver = _DRIVER.search(text)
    codecs: dict[str, dict[str, None]] = {"EncSlice": {}, "EncSliceLP": {}, "VLD": {}}
    for profile, entry in _ENTRY.findall(text):
        family = _find_family(profile)
        if family and entry in codecs:
            codecs[entry][family] = None
    full, low = codecs["EncSlice"], codecs["EncSliceLP"]
    return DriverReport(
        driver=driver[1] if driver else "",
        encodes=tuple(full | low),
        low_power=tuple(each for each in low if each not in full),
        decodes=tuple(codecs["VLD"]),
    )


def _find_family(profile: str) -> str | None:
    if profile.startswith(_STEREO):
        return None
    return next((codec for start, codec in _FAMILIES.items() if profile.startswith(start)), None)
