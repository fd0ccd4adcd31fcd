"""What a video is, asked of ffmpeg alone: the one that comes as a package has no ffprobe beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tobs.core.ports.processed import Failed
from tobs.media.child import Ended, Limits
from tobs.media.ffmpeg import MEMORY_BYTES, hostile_input, run_ffmpeg

PROBE_SECONDS = 60.0

_DURATION = re.compile(r"^  Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)", re.MULTILINE)
_CODEC = re.compile(r"^#codec_id (\d+): (\w+)$", re.MULTILINE)
_KIND = re.compile(r"^#media_type (\d+): (\w+)$", re.MULTILINE)
_SIZE = re.compile(r"^#dimensions \d+: (\d+)x(\d+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Film:
    """A file with pictures that move; `audio_codec` is empty for a silent one, `duration_s` 0 when it does not say."""

    duration_s: float
    width: int
    height: int
    video_codec: str
    audio_codec: str


async def probe_film(program: Path, path: Path) -> Film | Failed:
    """Return what a file holds; its first packets are read, none is decoded."""
    arguments = [
        *("-loglevel", "info", *hostile_input(path)),
        *("-map", "0:v:0", "-map", "0:a:0?", "-c", "copy", "-frames:v", "1", "-frames:a", "1"),
        *("-f", "framecrc", "-"),
    ]
    ended = await run_ffmpeg(program, arguments, Limits(PROBE_SECONDS, MEMORY_BYTES))
    if ended.why:
        return blame(ended, "it cannot be read")
    kinds = dict(_KIND.findall(ended.out))
    codecs = {kinds.get(stream, ""): codec for stream, codec in _CODEC.findall(ended.out)}
    size = _SIZE.search(ended.out)
    if size is None or "video" not in codecs:
        return Failed("there is no picture in it")
    return Film(
        _read_duration(ended.err), int(size[1]), int(size[2]), codecs["video"], codecs.get("audio", "")
    )


def blame(ended: Ended, what: str) -> Failed:
    """Return why a child failed, and whether the file is to blame or this computer."""
    is_ours = any(each in ended.err for each in ("Unknown encoder", "Permission denied", "cannot allocate"))
    return Failed(f"{what}: {ended.last_words}", is_lasting=not is_ours and "cannot be" not in ended.why)


def _read_duration(text: str) -> float:
    found = _DURATION.search(text)
    return int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3]) if found else 0.0
