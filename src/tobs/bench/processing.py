"""Processing files in a process of its own: `python -m tobs.bench.processing HOW KIND TARGET FILE…`.

HOW is `tobs`, several at once as in an export, or `loop`, one after the other without any of that. Both keep to two
cores, so that the same number of threads makes the same bytes.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any, cast

import msgspec

from tobs._util.atomic import hash_file
from tobs._util.clock import SystemClock
from tobs._util.pool import Pool
from tobs.app.processing import make_lanes, make_processor
from tobs.cache.store import Cache
from tobs.core.ports.processed import Made, Outcome
from tobs.core.processing import ProcessKind
from tobs.errors import TobsError
from tobs.media.ffmpeg import find_ffmpeg
from tobs.media.images import ImageOptions, convert_image
from tobs.media.parallel import run_in_order
from tobs.media.transcode import VideoOptions, encode_arguments
from tobs.monitoring.collector import MetricsCollector
from tobs.settings import Settings

CORES = 2
SETTINGS: dict[str, Any] = {"force_cpu_transcode": True, "max_parallel_media": CORES, "image_max_side": 1280}


def keep_to_cores() -> None:
    """Use two cores and no more, where the system lets one choose."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])


async def process_together(kind: ProcessKind, target: Path, files: list[Path]) -> MetricsCollector:
    """Process files as an export does and return what was counted. Raises TobsError when one fails."""
    meter = MetricsCollector(SystemClock())
    settings = Settings(**SETTINGS)
    async with Pool() as pool:
        lanes = make_lanes(settings, meter, pool.threads)
        nothing = Cache(Path(), clock=SystemClock(), max_entries=0, ttl_seconds=0)
        processor = make_processor(
            settings, probes=nothing, lanes=lanes, pool=pool, meter=meter, emit=lambda _: None
        )
        ending = processor.describe(kind).ending

        async def do(path: Path) -> Outcome:
            return await processor.process(path, kind, target / (path.name + ending), sha256="")

        await run_in_order((partial(do, each) for each in files), 2 * lanes.count, _check)
        meter.record_pool(pool.counters)
    return meter


def _check(outcome: Outcome) -> None:
    if not isinstance(outcome, Made):
        raise TobsError(f"A file was not processed: {outcome.reason}.")


def process_in_loop(kind: ProcessKind, target: Path, files: list[Path]) -> None:
    """Process files one after the other: no pool, no limits, no probing."""
    settings = Settings(**SETTINGS)
    for path in files:
        if kind == "image":
            options = ImageOptions(settings.image_format, settings.image_max_side)
            made = convert_image(path, target / (path.name + options.ending), options)
            assert isinstance(made, Made)
        else:
            video = VideoOptions(
                settings.video_codec, settings.video_preset, settings.video_quality, threads=1
            )
            arguments = encode_arguments(video, path, target / (path.name + video.ending), None)
            program = str(find_ffmpeg())
            subprocess.run([program, "-nostdin", "-loglevel", "error", *arguments], check=True)  # noqa: S603  # ours


def fingerprint(folder: Path) -> str:
    """Return one hash of the names and bytes of all files in a folder."""
    lines = [f"{each.name} {hash_file(each)}" for each in sorted(folder.iterdir())]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def main() -> None:
    """Process the files named, and print what was counted."""
    how, kind, target = sys.argv[1], cast("ProcessKind", sys.argv[2]), Path(sys.argv[3])
    files = [Path(each) for each in sys.argv[4:]]
    keep_to_cores()
    if how == "loop":
        process_in_loop(kind, target, files)
        return
    meter = asyncio.run(process_together(kind, target, files))
    print(msgspec.json.encode(meter.media).decode())  # noqa: T201  # the runner reads it


if __name__ == "__main__":
    main()
