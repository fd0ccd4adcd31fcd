"""The keys of what is done with files that are on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from tobs.settings.fields import UserPath, setting


class ProcessingKeys(BaseModel):
    """How videos are encoded."""

    force_cpu_transcode: bool = setting(
        False, "Whether videos are encoded by the processor even where hardware could do it.", "true or false"
    )
    vaapi_device_path: UserPath = setting(
        Path("/dev/dri/renderD128"), "The graphics card that encodes videos through VA-API.", "a device"
    )
    video_codec: Literal["h264", "hevc"] = setting(
        "h264", "What videos are encoded as.", "h264 or hevc", bare=False
    )
