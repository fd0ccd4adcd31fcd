"""Whether a medium's bytes are here, as all formats say it."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from tobs.core.media import File, Media
from tobs.writers.scene import Scene

_UNOPENED = "left alone, since it disappears when opened"


@dataclass(frozen=True, slots=True)
class Found:
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
        return Found(posixpath.relpath(state.path, scene.folder or "."))
    return Found(reason=state.reason or ("not downloaded yet" if state.state == "wanted" else state.state))
