"""The keys of media: which files are downloaded, and what is done with them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field

from tobs.core.request import MediaLayoutName
from tobs.core.words import parse_size
from tobs.settings.fields import setting

Size = Annotated[int, BeforeValidator(parse_size), Field(ge=0, le=10**18)]


class MediaKeys(BaseModel):
    """Which files, how large, where they stand, and how they are checked."""

    download_photos: bool = setting(True, "Whether photos are downloaded; `--media` wins.", "true or false")
    download_videos: bool = setting(
        True, "Whether videos and round video messages are downloaded; `--media` wins.", "true or false"
    )
    download_audio: bool = setting(
        True, "Whether voice messages and music are downloaded; `--media` wins.", "true or false"
    )
    download_other: bool = setting(
        True, "Whether all other files are downloaded; `--media` wins.", "true or false"
    )
    max_size: Size = setting(
        100_000_000,
        "The largest file that is downloaded; larger ones are named in the notes. 0 means any.",
        "a size like 100MB or 1.5GB, or 0",
        bare=False,
        shown_default="100MB",
    )
    min_free_space: Size = setting(
        1_000_000_000,
        "How much of the disk stays free: downloads end before.",
        "a size like 1GB, or 0",
        bare=False,
        shown_default="1GB",
    )
    media_layout: MediaLayoutName | None = setting(
        None,
        "Whether each chat's folder has its own copy of a medium, or one folder has all. The folder keeps it.",
        "per-chat or shared",
        bare=False,
        shown_default="per-chat",
    )
    verify_media: Literal["full", "resumed"] = setting(
        "resumed",
        "Which files are checked against Telegram's own hashes: all, or those whose download was interrupted.",
        "full or resumed",
        bare=False,
    )
    hash_based_deduplication: bool = setting(
        True,
        "Whether a file of the size of a stored one is compared by Telegram's hashes before it is downloaded.",
        "true or false",
    )
    hash_cache_max_size: int = setting(
        10_000,
        "Of how many files Telegram's hashes are remembered.",
        "a whole number, 0 or more",
        unit="files",
        ge=0,
    )
    hash_api_timeout: float = setting(
        5,
        "How long to wait for Telegram's hashes of a file before going on without.",
        "a number of seconds, more than 0",
        unit="seconds",
        gt=0,
        allow_inf_nan=False,
    )
