"""What a message carries beside its text, as blocks of Markdown."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from tobs.core.media import FILE_KINDS, File, Media
from tobs.core.model import Content, Counters
from tobs.core.names import has_visible
from tobs.core.words import say_clock, say_period, say_size
from tobs.writers.files import find_file
from tobs.writers.kinds import KIND_WORDS
from tobs.writers.markdown.addresses import quote_path
from tobs.writers.markdown.cards import CARDS
from tobs.writers.markdown.escape import escape_name
from tobs.writers.markdown.polls import render_poll, render_tasks
from tobs.writers.scene import Scene

_EMBEDDED = frozenset({
    "avif", "bmp", "gif", "jpeg", "jpg", "png", "svg", "webp",
    "flac", "m4a", "mp3", "ogg", "wav", "webm", "3gp",
    "mkv", "mov", "mp4", "ogv", "pdf",
})  # fmt: skip
"""What Obsidian shows inside a note (https://help.obsidian.md/file-formats)."""


def render_media(scene: Scene, content: Content, counters: Counters) -> Iterator[str]:
    """Yield the blocks of a message's medium; what is not here is named with the reason."""
    media = content.media
    if media is None:
        return
    if media.poll:
        yield render_poll(media.poll, counters)
    elif media.kind == "todo":
        yield render_tasks(scene, media)
    elif media.kind in FILE_KINDS:
        yield render_file(scene, media)
        if media.kind == "photo" and media.clip and media.clip.file:  # a live photo
            yield render_file(scene, media.clip)
    else:
        yield CARDS.get(media.kind, _name_unknown)(scene, media)
        for item in media.items:
            yield render_file(scene, item) if item.kind in FILE_KINDS else _render_item(scene, item)


def _render_item(scene: Scene, media: Media) -> str:
    return CARDS.get(media.kind, _name_unknown)(scene, media)


def render_file(scene: Scene, media: Media) -> str:
    """Return a medium that is bytes: shown or linked when it is here, else named with the reason."""
    if media.file is None:
        return f"*{_describe(media)} · only a preview was sent*"
    found = find_file(scene, media.file)
    return (
        _link_file(media, found.path) if found.path else f"*{_describe(media)} · {escape_name(found.reason)}*"
    )


def _link_file(media: Media, path: str) -> str:
    address = quote_path(path)
    suffix = path.rpartition(".")[2].lower()
    if suffix not in _EMBEDDED:
        size = f" · {say_size(media.file.size_bytes)}" if media.file and media.file.size_bytes else ""
        return f"[{escape_name(_name_file(media, path))}]({address}){size}"
    track = _name_track(media)
    return f"![]({address})" + (f"\n\n*{track} · {say_clock(media.duration_s)}*" if track else "")


def _name_file(media: Media, path: str) -> str:
    name = media.file.name if media.file else ""
    return name if has_visible(name) else posixpath.basename(path)


def _name_track(media: Media) -> str:
    if media.kind != "audio":
        return ""
    return " – ".join(escape_name(each) for each in (media.performer, media.title) if has_visible(each))


def _describe(media: Media) -> str:
    word = KIND_WORDS[media.kind]
    label = word if word[0].isupper() else word.capitalize()
    return " · ".join([f"{label} {_call_file(media)}".rstrip(), *_list_details(media, media.file)])


def _call_file(media: Media) -> str:
    if media.kind == "sticker":
        return escape_name(media.emoji)
    name = _name_track(media) or (
        escape_name(media.file.name) if media.file and has_visible(media.file.name) else ""
    )
    return f"“{name}”" if name else ""


def _list_details(media: Media, file: File | None) -> Iterator[str]:
    if media.width and media.height and media.kind != "sticker":
        yield f"{media.width} × {media.height}"
    if media.duration_s:
        yield say_clock(media.duration_s)
    if file and file.size_bytes:
        yield say_size(file.size_bytes)
    if media.is_spoiler:
        yield "under a spoiler"
    if media.ttl_seconds:
        yield _say_lifetime(media.ttl_seconds)


def _say_lifetime(seconds: int) -> str:
    # The highest number that fits stands for "view once" (https://core.telegram.org/api/self-destruct).
    return (
        "to be seen once" if seconds == 0x7FFFFFFF else f"disappears {say_period(seconds)} after it was seen"
    )


def _name_unknown(_scene: Scene, media: Media) -> str:
    return f"*Not understood by this version of tobs: {escape_name(media.title or media.kind)}*"
