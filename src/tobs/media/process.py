"""One content in, one processed file out: pictures by Pillow, videos by ffmpeg, several at once."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from tobs._util.priority import TaskPriority
from tobs.core.events import Said
from tobs.core.ports.meter import Meter
from tobs.core.ports.processed import Failed, Kept, Outcome, Recipe
from tobs.core.ports.services import ChildPool, Emit
from tobs.core.processing import ProcessKind
from tobs.media import images
from tobs.media.ffmpeg import INSTALL_HINT, find_ffmpeg
from tobs.media.images import ImageOptions, Picture, convert_image, has_pillow, measure_image
from tobs.media.known import KnownProbes
from tobs.media.parallel import MediaLanes
from tobs.media.probe import Film
from tobs.media.transcode import NO_FFMPEG, Transcoder, VideoOptions

# Measured by the largest that ffmpeg took: a base, and about as many frames as encoders hold back.
_VIDEO_BASE_BYTES = 64 << 20
_VIDEO_FRAMES = 100
_IMAGE_COPIES = 3


@dataclass(frozen=True, slots=True)
class ProcessOptions:
    """What pictures and videos become."""

    image: ImageOptions
    video: VideoOptions


class Processor:
    """Implements core.ports.processed.Maker; one for a run."""

    def __init__(
        self,
        options: ProcessOptions,
        *,
        probes: KnownProbes,
        lanes: MediaLanes,
        pool: ChildPool,
        meter: Meter,
        emit: Emit,
    ) -> None:
        self._options = options
        self._lanes = lanes
        self._pool = pool
        self._meter = meter
        self._emit = emit
        self._transcoder = Transcoder(options.video, probes, pool, emit)
        self._missing = {"image": not has_pillow(), "video": find_ffmpeg() is None}
        self._said: set[ProcessKind] = set()

    def describe(self, kind: ProcessKind) -> Recipe:
        """Return what files of a kind become."""
        options = self._options.image if kind == "image" else self._options.video
        return Recipe(options.key, options.ending)

    async def process(self, source: Path, kind: ProcessKind, target: Path, *, sha256: str) -> Outcome:
        """Write what comes of the source, which has this hash, to the target, which appears whole or not at all.

        One bad file raises nothing; DiskFull and ForeignFolder are raised.
        """
        if self._missing[kind]:
            return self._tell_missing(kind)
        asked = time.monotonic()
        measured = await self._measure(source, kind, sha256)
        if isinstance(measured, Failed):
            return measured

        async def work() -> Outcome:
            begun = time.monotonic()
            result: Outcome | None = None
            try:
                result = await self._convert(source, measured, target)
            finally:
                is_error = result is None or isinstance(result, Failed)
                ended = time.monotonic()
                self._meter.record_stage("transcode", ended - begun, is_error, queue_s=begun - asked)
            return result

        return await self._lanes.run(estimate_memory(measured), work)

    def _tell_missing(self, kind: ProcessKind) -> Kept:
        """Say once that this kind stays as it is."""
        missing = images.NO_PILLOW if kind == "image" else NO_FFMPEG
        if kind not in self._said:
            self._said.add(kind)
            hint = images.INSTALL_HINT if kind == "image" else INSTALL_HINT
            what = "Pictures" if kind == "image" else "Videos"
            self._emit(Said("warning", f"{what} are not processed, originals stay: {missing.reason}. {hint}"))
        return Kept(missing.reason, is_lasting=False)

    async def _measure(self, source: Path, kind: ProcessKind, sha256: str) -> Picture | Film | Failed:
        if kind == "image":
            return await self._pool.run(measure_image, source, priority=TaskPriority.LOW)
        return await self._transcoder.probe(source, sha256)

    async def _convert(self, source: Path, measured: Picture | Film, target: Path) -> Outcome:
        if isinstance(measured, Film):
            return await self._transcoder.transcode(source, measured, target)
        options = self._options.image
        return await self._pool.run(convert_image, source, target, options, priority=TaskPriority.LOW)


def estimate_memory(measured: Picture | Film) -> int:
    """Return about how many bytes the work on a file takes at its most."""
    if isinstance(measured, Picture):
        return measured.pixels * 4 * _IMAGE_COPIES
    return _VIDEO_BASE_BYTES + measured.width * measured.height * 3 // 2 * _VIDEO_FRAMES
