"""What to install or to set so that hardware encodes video."""

from __future__ import annotations

import os

from tobs.media.ffmpeg import INSTALL_HINT, find_ffmpeg
from tobs.media.vaapi import VAAPICapabilities, VAAPIStatus

_DRIVERS = (
    "Intel since 2014: intel-media-va-driver-non-free (Debian, Ubuntu) or intel-media-driver (Fedora, Arch); "
    "older Intel: i965-va-driver-shaders or libva-intel-driver; AMD: mesa-va-drivers, on Fedora mesa-va-drivers-freeworld"
)


def advise(found: VAAPICapabilities) -> str:
    """Return one sentence about what to do next, empty when hardware is used."""
    if found.confirmed:
        return ""
    if found.status is VAAPIStatus.UNAVAILABLE:
        return _advise_missing(found)
    if found.status is VAAPIStatus.ERROR and not os.access(found.device_path, os.R_OK | os.W_OK):
        return f"You may not use {found.device_path}: add yourself to the groups render and video, and log in again."
    if found.encoder not in found.encoders:
        return f"Install the full driver of your graphics card. {_DRIVERS}."
    if find_ffmpeg() is None:
        return INSTALL_HINT
    return "Update the driver or ffmpeg; until then videos are encoded by the processor."


def _advise_missing(found: VAAPICapabilities) -> str:
    if not found.device_path.exists():
        others = sorted(found.device_path.parent.glob("renderD*"))
        if others:
            return f"There is {', '.join(map(str, others))}: set VAAPI_DEVICE_PATH."
        return "Without a graphics card there is nothing to do; in a container, pass it on with `--device /dev/dri`."
    return "Install vainfo (Debian, Ubuntu) or libva-utils (Fedora, Arch)."
