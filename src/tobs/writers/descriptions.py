"""Media that are bytes, in words: for one that is not here, and for what stands beside one that is."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from tobs.core.media import Media
from tobs.core.names import has_visible
from tobs.core.words import say_clock, say_period, say_size
from tobs.writers.kinds import KIND_WORDS

_LABELS = {kind: word[:1].upper() + word[1:] for kind, word in KIND_WORDS.items()}


def describe_file(media: Media) -> str:
    """Return `Photo · 1280 × 960 · 245 kB`; names are as typed."""
    return " · ".join([f"{_LABELS[media.kind]} {_call_file(media)}".rstrip(), *_list_details(media)])


def name_file(media: Media, path: str) -> str:
    """Return what a file is called: as its sender had it, else as it is called here."""
    name = media.file.name if media.file else ""
    return name if has_visible(name) else posixpath.basename(path)


def name_track(media: Media) -> str:
    """Return performer and title of music, empty for anything else."""
    if media.kind != "audio":
        return ""
    return " – ".join(each for each in (media.performer, media.title) if has_visible(each))


def _call_file(media: Media) -> str:
    if media.kind == "sticker":
        return media.emoji
    name = name_track(media) or (media.file.name if media.file and has_visible(media.file.name) else "")
    return f"“{name}”" if name else ""


def _list_details(media: Media) -> Iterator[str]:
    if media.width and media.height and media.kind != "sticker":
        yield f"{media.width} × {media.height}"
    if media.duration_s:
        yield say_clock(media.duration_s)
    if media.file and media.file.size_bytes:
        yield say_size(media.file.size_bytes)
    if media.is_spoiler:
        yield "under a spoiler"
    if media.ttl_seconds:
        yield _say_lifetime(media.ttl_seconds)


def _say_lifetime(seconds: int) -> str:
    # The highest number that fits stands for "view once" (https://core.telegram.org/api/self-destruct).
    return (
        "to be seen once" if seconds == 0x7FFFFFFF else f"disappears {say_period(seconds)} after it was seen"
    )
