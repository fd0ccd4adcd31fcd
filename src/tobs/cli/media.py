"""The options of media, and the choice that they and the settings make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

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
