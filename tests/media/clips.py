"""Real files to work on, made by the real ffmpeg and Pillow."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

from PIL import Image

from tobs.media.ffmpeg import find_ffmpeg


def make_clip(
    path: Path, *, size: str = "320x240", seconds: float = 1, options: tuple[str, ...] = ()
) -> Path:
    """Write a short film with a tone, packed badly, so that encoding makes it smaller."""
    ffmpeg = find_ffmpeg()
    assert ffmpeg is not None
    sources = (
        *("-f", "lavfi", "-i", f"testsrc2=size={size}:rate=25:duration={seconds}"),
        *("-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}"),
    )
    packing = ("-c:v", "mpeg4", "-q:v", "1", "-pix_fmt", "yuv420p", "-c:a", "aac", *options)
    command = [str(ffmpeg), "-loglevel", "error", "-y", *sources, *packing, "-bitexact", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return path


def make_photo(path: Path, size: tuple[int, int] = (400, 300), **parameters: object) -> Path:
    """Write a picture whose left half is red and whose right half is blue, with a gradient below."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, *size))
    image.save(path, **parameters)  # type: ignore[arg-type]
    return path


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
