"""Whether a medium's bytes are here, as all formats say it."""

from __future__ import annotations

import posixpath
from functools import lru_cache
from typing import NamedTuple

from tobs.core.media import File, Media
from tobs.writers.scene import Scene

_UNOPENED = "left alone, since it disappears when opened"


class Found(NamedTuple):
    """A file as one can get at it: its path relative to the file being written, or else why it is not there."""

    path: str = ""
    reason: str = ""


def find_medium(scene: Scene, media: Media, file: File) -> Found:
    """Return where the bytes of a medium are; one that disappears once it is opened is never opened by tobs."""
    return Found(reason=_UNOPENED) if media.ttl_seconds else find_file(scene, file)


def find_file(scene: Scene, file: File) -> Found:
    """Return where a medium's bytes are."""
    state = scene.file_state(file.kind, file.id)
    if state.state == "done" and state.path:
        folder, name = posixpath.split(state.path)
        return Found(posixpath.join(_find_way(folder, scene.folder), name))
    return Found(reason=state.reason or ("not downloaded yet" if state.state == "wanted" else state.state))


@lru_cache(256)
def _find_way(folder: str, start: str) -> str:
    """Return the way from one folder to another; empty for the same one. Many files lie in one folder."""
    way = posixpath.relpath(folder or ".", start or ".")
    return "" if way == "." else way
