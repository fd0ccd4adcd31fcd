"""What is done with files on disk, wired."""

from __future__ import annotations

from tobs.core.ports.meter import Meter
from tobs.core.ports.services import ChildPool, Emit, KeyValue, Pool
from tobs.media.images import ImageOptions
from tobs.media.known import KnownProbes
from tobs.media.parallel import LaneOptions, MediaLanes, count_ffmpeg_threads, count_lanes
from tobs.media.process import ProcessOptions, Processor
from tobs.media.transcode import VideoOptions
from tobs.media.transfer import Transfer, TransferOptions
from tobs.media.vaapi import VAAPICapabilities, get_vaapi_capabilities
from tobs.settings import Settings

_MIB = 1 << 20


async def detect_hardware(settings: Settings) -> VAAPICapabilities:
    """Return what the graphics card of the settings can do."""
    return await get_vaapi_capabilities(settings.vaapi_device_path, settings.video_codec)


def make_transfer(settings: Settings, pool: Pool) -> Transfer:
    """Return what moves and copies files as the settings say."""
    options = TransferOptions(
        is_enabled=settings.zero_copy_enabled,
        min_size_bytes=settings.zero_copy_min_size_mb * _MIB,
        is_verified=settings.zero_copy_verify_copy,
        chunk_bytes=settings.zero_copy_chunk_size_mb * _MIB,
    )
    return Transfer(options, pool)


def make_lanes(settings: Settings, meter: Meter, threads: int) -> MediaLanes:
    """Return how many files are processed at once, for a pool of so many threads."""
    count = count_lanes(settings.max_parallel_media, threads, is_parallel=settings.parallel_media_processing)
    return MediaLanes(LaneOptions(count, settings.parallel_media_memory_limit_mb * _MIB), meter)


def make_processor(
    settings: Settings, *, probes: KeyValue, lanes: MediaLanes, pool: ChildPool, meter: Meter, emit: Emit
) -> Processor:
    """Return what processes pictures and videos as the settings say; `probes` remembers what they are."""
    video = VideoOptions(
        codec=settings.video_codec,
        preset=settings.video_preset,
        quality=settings.video_quality,
        height=settings.video_height,
        device_path=settings.vaapi_device_path,
        force_cpu=settings.force_cpu_transcode,
        threads=count_ffmpeg_threads(lanes.count),
    )
    image = ImageOptions(settings.image_format, settings.image_max_side)
    return Processor(
        ProcessOptions(image, video),
        probes=KnownProbes(probes),
        lanes=lanes,
        pool=pool,
        meter=meter,
        emit=emit,
    )
