"""What is done with files on disk, wired."""

from __future__ import annotations

from tobs.media.vaapi import VAAPICapabilities, get_vaapi_capabilities
from tobs.settings import Settings


async def detect_hardware(settings: Settings) -> VAAPICapabilities:
    """Return what the graphics card of the settings can do."""
    return await get_vaapi_capabilities(settings.vaapi_device_path, settings.video_codec)
