"""The keys of what is done with files that are on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from tobs.settings.fields import ProcessKinds, UserPath, setting


class ProcessingKeys(BaseModel):
    """What pictures and videos become, how many at once, and how files are copied."""

    process: ProcessKinds = setting(
        (),
        "What an export makes smaller or more common versions of, beside the originals.",
        "none, images, video, or images,video",
        bare=False,
        shown_default="none",
    )
    force_cpu_transcode: bool = setting(
        False, "Whether videos are encoded by the processor even where hardware could do it.", "true or false"
    )
    vaapi_device_path: UserPath = setting(
        Path("/dev/dri/renderD128"), "The graphics card that encodes videos through VA-API.", "a device"
    )
    video_codec: Literal["h264", "hevc"] = setting(
        "h264", "What videos are encoded as.", "h264 or hevc", bare=False
    )
    video_preset: Literal[
        "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"
    ] = setting(
        "fast",
        "How much time the processor spends on a video to make it smaller; hardware has no such choice.",
        "ultrafast, superfast, veryfast, faster, fast, medium, slow, slower or veryslow",
    )
    video_quality: int = setting(
        23,
        "How much of a video's quality may be lost: 18 is hardly seen, 28 is.",
        "a whole number from 0 to 51",
        ge=0,
        le=51,
    )
    video_height: int = setting(
        0,
        "The height above which videos are made smaller; 0 keeps it.",
        "0, or a whole number from 16 to 8192",
        unit="pixels",
        ge=0,
        le=8192,
    )
    image_format: Literal["webp", "jpeg", "png"] = setting(
        "webp", "What pictures are converted to.", "webp, jpeg or png", bare=False
    )
    image_max_side: int = setting(
        0,
        "The length above which the longer side of a picture is made smaller; 0 keeps it.",
        "a whole number from 0 to 16383",
        unit="pixels",
        bare=False,
        ge=0,
        le=16383,
    )
    parallel_media_processing: bool = setting(
        True, "Whether several pictures and videos are processed at once.", "true or false"
    )
    max_parallel_media: int = setting(
        0,
        "How many pictures and videos are processed at once, at most one less than the worker pool has threads; "
        "0 means one for two processor cores.",
        "a whole number from 0 to 64",
        unit="files",
        ge=0,
        le=64,
    )
    parallel_media_memory_limit_mb: int = setting(
        2048,
        "How much memory pictures and videos that are processed at once may take together; a larger one is "
        "processed alone.",
        "a whole number, 64 or more",
        unit="MB",
        ge=64,
    )
    zero_copy_enabled: bool = setting(
        True,
        "Whether the system copies files where it can; otherwise tobs does, block by block.",
        "true or false",
    )
    zero_copy_min_size_mb: int = setting(
        10,
        "The size below which files are copied block by block.",
        "a whole number, 0 or more",
        unit="MB",
        ge=0,
    )
    zero_copy_verify_copy: bool = setting(
        True, "Whether the length of every copy is compared with the original's.", "true or false"
    )
    zero_copy_chunk_size_mb: int = setting(
        64,
        "How much the system copies at one go.",
        "a whole number from 1 to 1024",
        unit="MB",
        ge=1,
        le=1024,
    )
