"""The options of media, and the choice that they and the settings make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tobs.errors import UsageError

if TYPE_CHECKING:
    from tobs.core.choice import MediaChoice
    from tobs.settings import Settings

Media = Annotated[
    list[str] | None,
    typer.Option(
        "--media",
        metavar="all|none|KINDS",
        help="Which files to download: photo, video, round, animation, voice, audio, sticker, document (keys DOWNLOAD_…; all).",
    ),
]
MaxSize = Annotated[
    str | None,
    typer.Option("--max-size", metavar="SIZE", help="Leave out larger files (key MAX_SIZE; 100MB; 0: none)."),
]
IncludedExtensions = Annotated[
    list[str] | None,
    typer.Option("--include-ext", metavar="EXT", help="Only files with these extensions: pdf,epub."),
]
ExcludedExtensions = Annotated[
    list[str] | None,
    typer.Option("--exclude-ext", metavar="EXT", help="No files with these extensions."),
]
VerifyMedia = Annotated[
    str | None,
    typer.Option(
        "--verify-media",
        metavar="full|resumed",
        help="Check all files against Telegram's hashes, or only those that were interrupted (key VERIFY_MEDIA; resumed).",
    ),
]
MediaLayout = Annotated[
    str | None,
    typer.Option(
        "--media-layout",
        metavar="per-chat|shared",
        help="A copy in each chat's folder, or one folder for all, from now on (key MEDIA_LAYOUT; per-chat).",
    ),
]

Process = Annotated[
    list[str] | None,
    typer.Option(
        "--process",
        metavar="none|images|video",
        help="Beside pictures or videos, put smaller or more common versions: a list with commas (key PROCESS; none).",
    ),
]
ImageFormat = Annotated[
    str | None,
    typer.Option(
        "--image-format",
        metavar="webp|jpeg|png",
        help="What --process makes of pictures (key IMAGE_FORMAT; webp).",
    ),
]
ImageMaxSide = Annotated[
    str | None,
    typer.Option(
        "--image-max-side",
        metavar="PIXELS",
        help="How long their longer side may be (key IMAGE_MAX_SIDE; 0: as it is).",
    ),
]
VideoCodec = Annotated[
    str | None,
    typer.Option(
        "--video-codec",
        metavar="h264|hevc",
        help="What --process encodes videos as (key VIDEO_CODEC; h264).",
    ),
]


def check_process(
    settings: Settings, image_format: str | None, image_max_side: str | None, video_codec: str | None
) -> None:
    """Refuse options of what is not processed. Raises UsageError."""
    for option, value, kind, word in (
        ("--image-format", image_format, "image", "images"),
        ("--image-max-side", image_max_side, "image", "images"),
        ("--video-codec", video_codec, "video", "video"),
    ):
        if value is not None and kind not in settings.process:
            raise UsageError(f"{option} goes with --process {word}.", hint="Add that, or leave it out.")


def make_choice(
    settings: Settings, media: list[str] | None, included: list[str] | None, excluded: list[str] | None
) -> MediaChoice:
    """Return which files are downloaded; `--media` beats the keys. Raises UsageError."""
    from tobs.core.choice import MediaChoice, choose_kinds, parse_extensions, parse_kinds

    kinds = (
        parse_kinds(media)
        if media
        else choose_kinds(
            photos=settings.download_photos,
            videos=settings.download_videos,
            audio=settings.download_audio,
            other=settings.download_other,
        )
    )
    return MediaChoice(
        kinds, settings.max_size, parse_extensions(included or ()), parse_extensions(excluded or ())
    )
