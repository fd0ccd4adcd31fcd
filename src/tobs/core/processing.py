"""Which media are processed: what counts as a picture or a video that can be made smaller."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal, TypeAlias

ProcessKind: TypeAlias = Literal["image", "video"]

# Of what is sent as a plain file, only what can be read is looked at: the rest would only fail.
_PICTURES = frozenset({"jpeg", "jpg", "png", "webp", "gif", "bmp", "tiff", "avif"})
_FILMS = frozenset({"video", "round", "animation"})


def judge_kind(sent_as: Iterable[tuple[str, str]], wanted: Collection[ProcessKind]) -> ProcessKind | None:
    """Return as what a medium is processed that is sent as these kinds of media and MIME types; None: it is left alone.

    Stickers are left alone: they are small, and what they show beside their edges would be lost.
    """
    kinds = {_find_kind(media_kind, mime) for media_kind, mime in sent_as}
    found: list[ProcessKind] = [kind for kind in ("image", "video") if kind in kinds and kind in wanted]
    return found[0] if found else None


def _find_kind(media_kind: str, mime: str) -> ProcessKind | None:
    if media_kind == "photo":
        return "image"
    if media_kind in _FILMS:
        return "video"
    if media_kind != "document":
        return None
    general, _, special = mime.partition(";")[0].strip().casefold().partition("/")
    if general == "video":
        return "video"
    return "image" if general == "image" and special in _PICTURES else None
