"""The bytes of files: they follow from a key and a place, so any slice of any file costs no more than itself."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from tobs.simulator.pictures import draw_picture

BLOCK_BYTES = 64 << 10
"""Every block of this size begins with a stamp that stands nowhere else; the noise after it is always the same."""
HASHED_BYTES = 128 << 10
"""Of so many bytes the server knows each SHA-256 (core.telegram.org/api/files)."""

_STAMP_BYTES = 32
_NOISE = hashlib.shake_128(b"what files are filled with").digest(BLOCK_BYTES - _STAMP_BYTES)


@dataclass(frozen=True, slots=True)
class Content:
    """What one file holds: `head`, then noise that follows from `key`, `size` bytes together."""

    key: str
    size: int
    head: bytes = b""

    def read(self, start: int, stop: int) -> bytes:
        """Return the bytes from start to stop (excluded), fewer at the end of the file."""
        stop = min(stop, self.size)
        if start >= stop:
            return b""
        if stop <= len(self.head):
            return self.head[start:stop]
        first = start // BLOCK_BYTES
        pieces: list[bytes] = []
        for block in range(first, -(-stop // BLOCK_BYTES)):
            pieces += self._stamp(block), _NOISE
        data = b"".join(pieces)[start - first * BLOCK_BYTES : stop - first * BLOCK_BYTES]
        return data if start >= len(self.head) else self.head[start:] + data[len(self.head) - start :]

    def _stamp(self, block: int) -> bytes:
        return hashlib.blake2b(f"{self.key}/{block}".encode(), digest_size=_STAMP_BYTES).digest()


@lru_cache(maxsize=4096)
def hash_piece(content: Content, start: int) -> bytes:
    """Return the SHA-256 of the piece of HASHED_BYTES that begins there."""
    return hashlib.sha256(content.read(start, start + HASHED_BYTES)).digest()


@dataclass(frozen=True, slots=True)
class Blueprint:
    """What is announced of a file: its size, and for pictures their pixels.

    `is_main` tells a document and the largest size of a photo from their smaller pictures.
    """

    size: int
    mime: str = ""
    width: int = 0
    height: int = 0
    is_main: bool = True


class Contents:
    """What the files of a world hold: made from their ids, unless something else is said here.

    Files are named by their TL ids. What is said of a photo is said of its largest size, of a document not of its
    thumbnails. `redirected` are the files for which a client that knows CDNs is sent to one.
    """

    def __init__(self, seed: int) -> None:
        self.redirected: set[int] = set()
        self._seed = seed
        self._given: dict[int, bytes] = {}
        self._sizes: dict[int, int] = {}
        self._originals: dict[int, int] = {}

    def give(self, file_id: int, data: bytes) -> None:
        """Let a file hold exactly these bytes."""
        self._given[file_id] = data

    def share(self, file_id: int, original_id: int) -> None:
        """Let a file hold the same bytes as another one of the same kind and size, thumbnails included."""
        self._originals[file_id] = self._originals.get(original_id, original_id)

    def resize(self, file_id: int, size_bytes: int) -> None:
        """Let a file be longer or shorter than its message announces."""
        self._sizes[file_id] = size_bytes

    def open(self, file_id: int, part: str, blueprint: Blueprint) -> Content:
        """Return what a file holds; `part` is the type of a photo's size or of a thumbnail, empty for a document."""
        original = self._originals.get(file_id, file_id)
        key = f"{self._seed}/{original}/{part}"
        head = self._given.get(original) if blueprint.is_main else None
        size = blueprint.size if head is None else len(head)
        if head is None:
            mark = hashlib.blake2b(key.encode(), digest_size=16).digest()
            head = draw_picture(blueprint.mime, blueprint.width, blueprint.height, mark)
            head = head if len(head) <= size else b""
        return Content(key, self._sizes.get(file_id, size) if blueprint.is_main else size, head)
