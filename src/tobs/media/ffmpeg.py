"""Finding ffmpeg, and running it on files of strangers."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

from tobs.media.child import Ended, Limits, run_child

GIB = 1 << 30
MEMORY_BYTES = 4 * GIB
"""Address space of a child, most of which is never touched: each thread asks for more than it needs."""
HARDWARE_MEMORY_BYTES = 16 * GIB
"""The same for one that maps the memory of a graphics card."""

INSTALL_HINT = "Install ffmpeg, or tobs with its own: `pipx inject tobs imageio-ffmpeg`."

# Containers that hold one film each. Playlists and lists of parts, which name other files and addresses, are not here.
_CONTAINERS = (
    "mov,mp4,m4a,3gp,3g2,mj2",
    "matroska,webm",
    "avi",
    "mpegts",
    "mpeg",
    "mpegvideo",
    "ogg",
    "flv",
    "asf",
    "gif",
    "h264",
    "hevc",
    "mp3",
    "wav",
    "flac",
    "aac",
)


def find_ffmpeg() -> Path | None:
    """Return the ffmpeg of the system, else the one that the package imageio-ffmpeg brings, else None."""
    if found := shutil.which("ffmpeg"):
        return Path(found)
    if find_spec("imageio_ffmpeg") is None:
        return None
    import imageio_ffmpeg

    try:
        path = Path(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError:  # it has none for this computer
        return None
    return path if os.access(path, os.X_OK) else None


def hostile_input(path: Path) -> list[str]:
    """Return ffmpeg's arguments for reading a file of a stranger: this file alone, whatever it says."""
    return [
        *("-protocol_whitelist", "file,pipe"),
        *("-format_whitelist", ",".join(_CONTAINERS)),
        *("-i", f"file:{path.absolute()}"),
    ]


async def run_ffmpeg(program: Path, arguments: list[str], limits: Limits) -> Ended:
    """Run ffmpeg without a keyboard and with errors only, and say how it went."""
    return await run_child(
        [program, "-nostdin", "-hide_banner", "-loglevel", "error", "-y", *arguments], limits
    )
