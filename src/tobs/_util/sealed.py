"""Files that only a passphrase opens: Fernet (https://github.com/fernet/spec) with a key made by scrypt (RFC 7914).

A sealed file is msgpack: `["tobs sealed", salt (16 bytes), n, r, p, token]`. The costs stand in it, so that they can be
raised later; whoever may write the file could lower them, but learns nothing by that.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import msgpack
import msgspec

from tobs.errors import WrongPassphrase

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

_MARK = "tobs sealed"
_SALT_BYTES = 16
_COSTS = (2**15, 8, 3)
"""n, r, p: 32 MiB and a third of a second for each guess (OWASP's Password Storage Cheat Sheet)."""

_LARGEST_COSTS = (2**17, 8, 8)
"""Beyond these a file is damaged, and would only take memory and time."""


class _Sealed(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    mark: str
    salt: bytes
    n: int
    r: int
    p: int
    token: bytes


@dataclass(frozen=True, slots=True)
class Seal:
    """What closes files in the same way as the one that it came from; no file tells the passphrase."""

    passphrase: str
    salt: bytes
    costs: tuple[int, int, int] = _COSTS

    def close(self, body: bytes) -> bytes:
        """Return the body sealed."""
        return bytes(msgpack.packb([_MARK, self.salt, *self.costs, self._fernet().encrypt(body)]))

    def open(self, body: bytes) -> bytes:
        """Return what a file holds that this seal closed. Raises WrongPassphrase."""
        from cryptography.fernet import InvalidToken

        sealed = _read(body)
        if sealed is None or (sealed.salt, (sealed.n, sealed.r, sealed.p)) != (self.salt, self.costs):
            raise WrongPassphrase("This file was closed with another passphrase.")
        try:
            return self._fernet().decrypt(sealed.token)
        except InvalidToken as error:
            raise WrongPassphrase(
                "The passphrase does not open the session.",
                hint="If it is lost, `tobs login` makes a new session; what was exported is not encrypted.",
            ) from error

    def _fernet(self) -> Fernet:
        return _make_fernet(self.passphrase, self.salt, *self.costs)


def make_seal(passphrase: str) -> Seal:
    """Return a new seal."""
    return Seal(passphrase, secrets.token_bytes(_SALT_BYTES))


def find_seal(body: bytes, passphrase: str) -> Seal:
    """Return the seal that a sealed file was closed with, if this is its passphrase. Raises WrongPassphrase."""
    sealed = _read(body)
    assert sealed is not None, "the file is not sealed"
    seal = Seal(passphrase, sealed.salt, (sealed.n, sealed.r, sealed.p))
    seal.open(body)
    return seal


def is_sealed(body: bytes) -> bool:
    """Tell whether a file is one that needs a passphrase."""
    return _read(body) is not None


def _read(body: bytes) -> _Sealed | None:
    try:
        sealed = msgspec.msgpack.decode(body, type=_Sealed)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    costs = zip((sealed.n, sealed.r, sealed.p), _LARGEST_COSTS, strict=True)
    is_sane = (
        all(1 <= cost <= most for cost, most in costs) and sealed.n > 1 and not sealed.n & (sealed.n - 1)
    )
    return sealed if sealed.mark == _MARK and is_sane else None


@lru_cache(maxsize=4)
def _make_fernet(passphrase: str, salt: bytes, n: int, r: int, p: int) -> Fernet:
    # Imported here: most sessions are not sealed, and it takes 50 ms.
    from base64 import urlsafe_b64encode
    from unicodedata import normalize

    from cryptography.fernet import Fernet
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    # One person types é as one character, the next keyboard as two.
    typed = normalize("NFC", passphrase).encode()
    return Fernet(urlsafe_b64encode(Scrypt(salt=salt, length=32, n=n, r=r, p=p).derive(typed)))
