"""Videos in a common codec: by hardware where that is confirmed, else by the processor."""

from __future__ import annotations

import asyncio
import errno
import os
import time
from dataclasses import dataclass
from pathlib import Path

from tobs._util.atomic import Room, open_room, said_clearly
from tobs.core.events import Said
from tobs.core.ports.processed import Failed, Kept, Made, Outcome
from tobs.core.ports.services import ChildPool, Emit
from tobs.media.child import Limits
from tobs.media.ffmpeg import HARDWARE_MEMORY_BYTES, MEMORY_BYTES, find_ffmpeg, hostile_input, run_ffmpeg
from tobs.media.known import KnownProbes
from tobs.media.probe import Film, blame
from tobs.media.vaapi import DEFAULT_DEVICE, Codec, VAAPICapabilities, encoder_options

NO_FFMPEG = Failed("ffmpeg is not installed", is_lasting=False)

_SOFTWARE = {"h264": "libx264", "hevc": "libx265"}
_LONGEST_SECONDS = 12 * 3600.0
_BASE_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class VideoOptions:
    """What videos become. `height` 0 keeps it; it is never enlarged. `threads` is for each video."""

    codec: Codec = "h264"
    preset: str = "fast"
    quality: int = 23
    height: int = 0
    device_path: Path = DEFAULT_DEVICE
    force_cpu: bool = False
    threads: int = 1

    @property
    def key(self) -> str:
        """What the result depends on, in one form; hardware and processor count as equal."""
        return f"video {self.codec} {self.preset} {self.quality} {self.height}"

    @property
    def ending(self) -> str:
        """How names of results end."""
        return f".{self.codec}-{self.height}p.mp4" if self.height else f".{self.codec}.mp4"


class Transcoder:
    """Encodes one video after the other, or several at once; one for a run."""

    def __init__(self, options: VideoOptions, probes: KnownProbes, pool: ChildPool, emit: Emit) -> None:
        self._options = options
        self._probes = probes
        self._hardware: VAAPICapabilities | None = None
        self._asking = asyncio.Lock()
        self._was_asked = False
        self._pool = pool
        self._emit = emit
        self._program = find_ffmpeg()
        self._is_hardware_lost = options.force_cpu

    async def probe(self, source: Path, sha256: str) -> Film | Failed:
        """Return what a video with this hash is, or why it cannot be read."""
        if self._program is None:
            return NO_FFMPEG
        async with self._pool.hold_slot():
            return await self._probes.probe(self._program, source, sha256)

    async def transcode(self, source: Path, film: Film, target: Path) -> Outcome:
        """Write the video to the target, which appears whole or not at all; the source stays as it is."""
        if self._program is None:
            return NO_FFMPEG
        hardware = await self._find_hardware()
        async with self._pool.hold_slot():
            with open_room(target) as room:
                start = time.monotonic()
                failed = await self._encode(self._program, source, film, room, hardware)
                if failed and hardware:
                    seconds = time.monotonic() - start
                    failed = await self._encode(self._program, source, film, room, None)
                    self._tell_fallback(source, hardware, seconds, is_file_bad=failed is not None)
                    hardware = None
                if failed:
                    return failed
                return await self._finish(source, film, room, "vaapi" if hardware else "cpu")

    async def _find_hardware(self) -> VAAPICapabilities | None:
        if self._is_hardware_lost:
            return None
        async with self._asking:
            if not self._was_asked:
                self._hardware = await self._probes.find_hardware(
                    self._options.device_path, self._options.codec
                )
                self._was_asked = True
        return self._hardware

    async def _encode(
        self, program: Path, source: Path, film: Film, room: Room, hardware: VAAPICapabilities | None
    ) -> Failed | None:
        # What it writes may be larger than the source, which may be packed better, but not without end.
        limits = Limits(
            seconds=min(_LONGEST_SECONDS, 600 + 30 * film.duration_s),
            memory_bytes=HARDWARE_MEMORY_BYTES if hardware else MEMORY_BYTES,
            file_bytes=_BASE_BYTES + 8 * _size_of(source),
        )
        arguments = encode_arguments(self._options, source, room.path, hardware)
        ended = await run_ffmpeg(program, arguments, limits)
        if ended.why and "No space left" in ended.err:
            with said_clearly(room.path):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return blame(ended, "it cannot be encoded") if ended.why else None

    def _tell_fallback(
        self, source: Path, hardware: VAAPICapabilities, seconds: float, *, is_file_bad: bool
    ) -> None:
        """Give the hardware up for this run, unless the processor cannot do it either."""
        if is_file_bad or self._is_hardware_lost:
            return
        self._is_hardware_lost = True
        self._probes.forget_hardware(self._options.device_path, self._options.codec)
        self._emit(
            Said(
                "warning",
                f"The graphics card ({hardware.driver}) failed after {seconds:.1f} s on {source.name}; "
                "this video and those that follow are encoded by the processor.",
            )
        )

    async def _finish(self, source: Path, film: Film, room: Room, way: str) -> Made | Kept:
        size_bytes = _size_of(room.path)
        is_same = film.video_codec == self._options.codec
        is_scaled = 0 < self._options.height < film.height
        if is_same and not is_scaled and size_bytes >= _size_of(source):
            return Kept(f"it is {self._options.codec} already and would not get smaller")
        await self._pool.run(room.put)
        return Made(size_bytes, way)


def encode_arguments(
    options: VideoOptions, source: Path, target: Path, hardware: VAAPICapabilities | None
) -> list[str]:
    """Return ffmpeg's arguments for one video, first film and first sound of it, as MP4."""
    return [
        *(("-vaapi_device", str(hardware.device_path)) if hardware else ()),
        *("-filter_threads", str(options.threads), "-threads", str(options.threads), *hostile_input(source)),
        *("-map", "0:v:0", "-map", "0:a:0?", "-sn", "-dn", "-bitexact"),
        *("-vf", f"{_scale(options.height)},format={'nv12,hwupload' if hardware else 'yuv420p'}"),
        *("-threads", str(options.threads), *_choose_encoder(options, hardware)),
        *(("-tag:v", "hvc1") if options.codec == "hevc" else ()),
        *("-c:a", "aac", "-b:a", "128k", "-movflags", "+faststart", "-f", "mp4", f"file:{target.absolute()}"),
    ]


def _size_of(path: Path) -> int:
    return path.stat().st_size


def _choose_encoder(options: VideoOptions, hardware: VAAPICapabilities | None) -> list[str]:
    if hardware:  # its encoders know no presets
        return [*encoder_options(hardware), "-rc_mode", "CQP", "-qp", str(options.quality)]
    software = ["-c:v", _SOFTWARE[options.codec], "-preset", options.preset, "-crf", str(options.quality)]
    # x265 has threads of its own, which -threads does not reach, and talks without being asked.
    extra = ["-x265-params", f"pools={options.threads}:frame-threads=1:log-level=error"]
    return software + (extra if options.codec == "hevc" else [])


def _scale(height: int) -> str:
    """Return the filter for a height that is never enlarged; both sides must be even."""
    if height:
        return f"scale=w=-2:h='trunc(min({height},ih)/2)*2'"
    return "scale=w='trunc(iw/2)*2':h='trunc(ih/2)*2'"
