"""File references that grow old, and the fresh ones that every answer brings (core.telegram.org/api/file-references).

A reference holds for one period of the lifetime, counted from when the server began; what is served in the first one
is as the world was made. Only references of the form that `tobs.simulator.corpus.files` gives are ever renewed.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable

from tobs.simulator.shelf import Shelf, StoredFile

_LENGTH = 21
_PREFIX = b"\x01"
# In TL: its length, itself, two bytes of padding. Looked for ahead, since a chance hit must not hide a true one.
_PATTERN = re.compile(rb"(?=\x15(\x01.{20})\x00\x00)", re.DOTALL)


class References:
    """Which reference of a file is the one that counts.

    `refusal` is the message for an old one; FILE_REFERENCE_0_EXPIRED is another that the service uses.
    """

    def __init__(self, shelf: Shelf, now: Callable[[], float], lifetime_seconds: float) -> None:
        self.refusal = "FILE_REFERENCE_EXPIRED"
        self._shelf = shelf
        self._now = now
        self._begin = now()
        self._lifetime_seconds = lifetime_seconds
        self._expired: Counter[int] = Counter()

    def expire(self, *file_ids: int) -> None:
        """Let the references of these files be old from now on; of all, when none is named."""
        self._expired.update(file_ids or (0,))

    def object_to(self, stored: StoredFile, reference: bytes) -> str:
        """Return the error that a reference deserves: missing, old or not of this file; empty when it is good."""
        if not reference:
            return "FILE_REFERENCE_EMPTY"
        if reference == self._current(stored):
            return ""
        is_old = reference in (stored.reference, _renewed(stored, _generation_in(reference)))
        return self.refusal if is_old else "FILE_REFERENCE_INVALID"

    def freshen(self, answer: bytes) -> bytes:
        """Return an answer with the references that count now in place of the first ones."""
        if not self._expired and not self._periods():
            return answer
        fresh: bytearray | None = None
        for match in _PATTERN.finditer(answer):
            stored = self._shelf.of_reference(match[1])
            if stored is not None:
                fresh = bytearray(answer) if fresh is None else fresh
                fresh[match.start(1) : match.end(1)] = self._current(stored)
        return answer if fresh is None else bytes(fresh)

    def _periods(self) -> int:
        return max(0, int((self._now() - self._begin) // self._lifetime_seconds))

    def _current(self, stored: StoredFile) -> bytes:
        if len(stored.reference) != _LENGTH or not stored.reference.startswith(_PREFIX):
            return stored.reference
        return _renewed(stored, self._periods() + self._expired[stored.id] + self._expired[0])


def _renewed(stored: StoredFile, generation: int) -> bytes:
    if not generation:
        return stored.reference
    number = generation.to_bytes(4, "big")
    return _PREFIX + number + hashlib.blake2b(stored.reference + number, digest_size=16).digest()


def _generation_in(reference: bytes) -> int:
    return int.from_bytes(reference[1:5], "big")
