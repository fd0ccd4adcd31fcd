"""One content in, one processed file beside the original out; the same content is never processed twice."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from weakref import WeakValueDictionary

from tobs._util.priority import TaskPriority
from tobs.core.events import Said
from tobs.core.names import MAX_BYTES, cut_bytes
from tobs.core.ports.meter import Meter
from tobs.core.ports.processed import Processed, ProcessedMemory
from tobs.core.ports.services import ChildPool, Emit
from tobs.media import images
from tobs.media.ffmpeg import INSTALL_HINT, find_ffmpeg
from tobs.media.images import ImageOptions, Picture, convert_image, has_pillow, measure_image
from tobs.media.outcome import Failed, Kept, Made
from tobs.media.parallel import MediaLanes
from tobs.media.probe import Film
from tobs.media.transcode import NO_FFMPEG, Transcoder, VideoOptions
from tobs.media.transfer import Transfer

MediaKind = Literal["image", "video"]

# Measured by the largest that ffmpeg took: a base, and about as many frames as encoders hold back.
_VIDEO_BASE_BYTES = 64 << 20
_VIDEO_FRAMES = 100
_IMAGE_COPIES = 3


@dataclass(frozen=True, slots=True)
class Content:
    """A file to process: its SHA-256 (hex), where it lies, and the folder of the result, if another."""

    sha256: str
    path: Path
    kind: MediaKind
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class ProcessOptions:
    """What pictures and videos become."""

    image: ImageOptions
    video: VideoOptions

    def choose(self, kind: MediaKind) -> ImageOptions | VideoOptions:
        """Return the options of a kind."""
        return self.image if kind == "image" else self.video


@dataclass(frozen=True, slots=True)
class Outcome:
    """What there is now: `path` has the processed file; without one `reason` says why.

    `is_new`: work was done for it in this call.
    """

    path: Path | None
    reason: str = ""
    is_new: bool = False


class Processor:
    """Processes contents of one export folder; one for a run."""

    def __init__(
        self,
        root: Path,
        options: ProcessOptions,
        *,
        transfer: Transfer,
        lanes: MediaLanes,
        memory: ProcessedMemory,
        pool: ChildPool,
        meter: Meter,
        emit: Emit,
    ) -> None:
        self._root = root
        self._options = options
        self._transfer = transfer
        self._lanes = lanes
        self._memory = memory
        self._pool = pool
        self._meter = meter
        self._emit = emit
        self._transcoder = Transcoder(options.video, pool, emit)
        self._locks: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()
        self._missing = {"image": not has_pillow(), "video": find_ffmpeg() is None}
        self._said: set[MediaKind] = set()

    async def process(self, content: Content) -> Outcome:
        """Return the processed file of a content, made now, or earlier and found again or given a second place.

        One bad file raises nothing; DiskFull and ForeignFolder are raised.
        """
        if self._missing[content.kind]:
            return self._tell_missing(content.kind)
        key = (content.sha256, self._options.choose(content.kind).key)
        async with self._locks.setdefault(key, asyncio.Lock()):
            known = await self._memory.find_processed(*key)
            target = self._name_target(content)
            if known is not None:
                outcome = await self._reuse(known, target)
                if outcome:
                    return outcome
            return await self._remember(key, target, await self._make(content, target))

    def _tell_missing(self, kind: MediaKind) -> Outcome:
        """Say once that this kind stays as it is."""
        missing = images.NO_PILLOW if kind == "image" else NO_FFMPEG
        if kind not in self._said:
            self._said.add(kind)
            hint = images.INSTALL_HINT if kind == "image" else INSTALL_HINT
            what = "Pictures" if kind == "image" else "Videos"
            self._emit(Said("warning", f"{what} are not processed, originals stay: {missing.reason}. {hint}"))
        return Outcome(None, missing.reason)

    def _name_target(self, content: Content) -> Path:
        ending = self._options.choose(content.kind).ending
        # The whole name: there may be a photo.png beside the photo.jpg.
        start = cut_bytes(content.path.name, MAX_BYTES - len(ending))
        return (content.folder or content.path.parent) / (start + ending)

    async def _reuse(self, known: Processed, target: Path) -> Outcome | None:
        """Return what was made earlier, at the target; None when its file is gone or changed."""
        if known.state != "made":
            return Outcome(None, known.reason)
        path = self._root / known.path
        if not _has_size(path, known.size_bytes):
            return None
        # An earlier run may have given it this second place.
        if path != target and not _has_size(target, known.size_bytes):
            await self._transfer.place(path, target)
        return Outcome(target)

    async def _remember(self, key: tuple[str, str], target: Path, result: Made | Kept | Failed) -> Outcome:
        if isinstance(result, Made):
            path = target.relative_to(self._root).as_posix()
            await self._memory.note_processed(*key, Processed("made", path, result.size_bytes))
            return Outcome(target, is_new=True)
        if isinstance(result, Kept):
            await self._memory.note_processed(*key, Processed("kept", reason=result.reason))
        elif result.is_lasting:
            await self._memory.note_processed(*key, Processed("failed", reason=result.reason))
        return Outcome(None, result.reason, is_new=True)

    async def _make(self, content: Content, target: Path) -> Made | Kept | Failed:
        asked = time.monotonic()
        measured = await self._measure(content)
        if isinstance(measured, Failed):
            return measured

        async def work() -> Made | Kept | Failed:
            begun = time.monotonic()
            result: Made | Kept | Failed | None = None
            try:
                result = await self._convert(content, measured, target)
            finally:
                is_error = result is None or isinstance(result, Failed)
                ended = time.monotonic()
                self._meter.record_stage("transcode", ended - begun, is_error, queue_s=begun - asked)
            return result

        return await self._lanes.run(estimate_memory(measured), work)

    async def _measure(self, content: Content) -> Picture | Film | Failed:
        if content.kind == "image":
            return await self._pool.run(measure_image, content.path, priority=TaskPriority.LOW)
        return await self._transcoder.probe(content.path)

    async def _convert(
        self, content: Content, measured: Picture | Film, target: Path
    ) -> Made | Kept | Failed:
        if isinstance(measured, Film):
            return await self._transcoder.transcode(content.path, measured, target)
        options = self._options.image
        return await self._pool.run(convert_image, content.path, target, options, priority=TaskPriority.LOW)


def _has_size(path: Path, size_bytes: int) -> bool:
    return path.is_file() and path.stat().st_size == size_bytes


def estimate_memory(measured: Picture | Film) -> int:
    """Return about how many bytes the work on a file takes at its most."""
    if isinstance(measured, Picture):
        return measured.pixels * 4 * _IMAGE_COPIES
    return _VIDEO_BASE_BYTES + measured.width * measured.height * 3 // 2 * _VIDEO_FRAMES
