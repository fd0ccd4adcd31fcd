"""What a message carries beside its text, as blocks of Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from tobs.core.media import FILE_KINDS, Media
from tobs.core.model import Content, Counters
from tobs.core.words import say_clock, say_size
from tobs.writers.cards import CARDS, name_rest
from tobs.writers.descriptions import describe_file, name_file, name_track
from tobs.writers.files import find_medium
from tobs.writers.markdown.addresses import quote_path
from tobs.writers.markdown.cards import render_card
from tobs.writers.markdown.escape import escape_name
from tobs.writers.markdown.flavors import flavor_of
from tobs.writers.markdown.polls import render_poll, render_tasks
from tobs.writers.scene import Scene

_UNNAMED = {"voice", "audio", "document"}
"""What is shown in a note without its name, how long it plays, or how large it is."""


def render_media(scene: Scene, content: Content, counters: Counters) -> Iterator[str]:
    """Yield the blocks of a message's medium; what is not here is named with the reason."""
    media = content.media
    if media is None:
        return
    if media.poll:
        yield render_poll(scene, media.poll, counters)
    elif media.kind == "todo":
        yield render_tasks(scene, media)
    elif media.kind in FILE_KINDS:
        yield render_file(scene, media)
        if media.kind == "photo" and media.clip and media.clip.file:  # a live photo
            yield render_file(scene, media.clip)
    else:
        yield _render_other(scene, media)
        for item in media.items:
            yield render_file(scene, item) if item.kind in FILE_KINDS else _render_other(scene, item)


def _render_other(scene: Scene, media: Media) -> str:
    card = CARDS.get(media.kind)
    return render_card(scene, card(scene, media)) if card else f"*{escape_name(name_rest(media))}*"


def render_file(scene: Scene, media: Media) -> str:
    """Return a medium that is bytes: shown or linked when it is here, else named with the reason."""
    if media.file is None:
        return f"*{escape_name(describe_file(media))} · only a preview was sent*"
    found = find_medium(scene, media, media.file)
    if found.path:
        return _link_file(scene, media, found.path)
    return f"*{escape_name(describe_file(media))} · {_escape_reason(found.reason)}*"


# The same few words again and again.
_escape_reason = lru_cache(256)(escape_name)


def _link_file(scene: Scene, media: Media, path: str) -> str:
    address = quote_path(path)
    suffix = path.rpartition(".")[2].lower()
    if suffix not in flavor_of(scene).embedded:
        size = f" · {say_size(media.file.size_bytes)}" if media.file and media.file.size_bytes else ""
        return f"[{escape_name(name_file(media, path))}]({address}){size}"
    words = describe_file(media) if media.kind in _UNNAMED else ""
    if track := name_track(media):
        words = f"{track} · {say_clock(media.duration_s)}"
    return f"![]({address})" + (f"\n\n*{escape_name(words)}*" if words else "")
